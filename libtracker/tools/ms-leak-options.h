/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which of the blocks that were never freed are to be called leaks: --suppressions,
 * --no-default-suppressions and --tail. */
#pragma once

#include "ms-leaks.h"

G_BEGIN_DECLS

typedef struct {
  char *file, *tail;
  gboolean no_defaults;
  MsSuppressions *suppressions; /* of @file, after ms_leak_options_check() */
  MsAnalysisSettings settings;  /* the defaults, with @tail */
} MsLeakOptions;

/* Adds them to @context, for ms_command_line_parse() to fill @self, which must stay where it is. */
void ms_leak_options_add (MsLeakOptions *self, GOptionContext *context);

void ms_leak_options_clear (MsLeakOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MsLeakOptions, ms_leak_options_clear)

/* FALSE after complaining: the file cannot be read, or is none of suppressions; or the tail is no time. */
gboolean ms_leak_options_check (MsLeakOptions *self);

/* Whether a file or a tail was given. */
gboolean ms_leak_options_is_set (const MsLeakOptions *self);

G_END_DECLS
