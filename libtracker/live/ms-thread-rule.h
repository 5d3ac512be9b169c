/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is wrong with a rule for threads, in words that help whoever typed it.
 *
 *   "every:0"   "every:0": every: needs a number above 0, as in every:4
 *   "evry:4"    "evry:4" is no rule (all, none, main, …)
 *
 * The recorder itself (recorder/trk-rule.h) says only that it refuses a rule, and takes what can never match for a
 * thread's name.  Both `memscope record` and what changes the rule of a program that runs ask here first.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* FALSE, with G_IO_ERROR_INVALID_ARGUMENT, for a rule that the recorder would not understand, or that could never
 * match (a name of more than 15 bytes).  @rule: valid UTF-8. */
gboolean ms_thread_rule_check (const char *rule, GError **error);

G_END_DECLS
