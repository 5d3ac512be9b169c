/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an export says of somebody's machine when it may not say whose: the words of `memscope trim --redact`
 * (docs/FORMAT.md, "Trimmed traces").  Frames are redacted where their names are made
 * (ms_frame_names_new_redacted()), the rest here.
 *
 *   program, argument-1, …       the program and its arguments
 *   disk-1, interface-1, …       devices
 *   (path)                       in sentences
 */
#pragma once

#include "ms-resource-join.h"

G_BEGIN_DECLS

#define MS_REDACTED_PROGRAM "program"

/* As many as there are.  (transfer full) */
GStrv ms_redaction_dup_arguments (MsTrace *trace, gboolean redact);

/* The names of disks and interfaces of @join. */
void ms_redaction_apply_to_devices (MsResourceJoin *join);

/* @text, which was said of @trace, without its paths and anything else that looks like one.  (transfer full) */
char *ms_redaction_dup_sentence (MsTrace *trace, const char *text);

G_END_DECLS
