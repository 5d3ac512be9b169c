/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What part of a recording a command is about, as options say it, and as people read it:
 *
 *   --range A..B          1.20 s to 3.40 s
 *   --thread ingest-*     threads ingest-* (3)         by name, glob or id; any of several
 *   --function decode     function decode              any of several; see ms-stack-filter.h
 *   --file, --module
 */
#pragma once

#include "ms-frame-names.h"
#include "ms-time-range.h"
#include "ms-view.h"

G_BEGIN_DECLS

typedef struct {
  char *range;
  const char *range_option; /* what errors call the option of @range; NULL: --range */
  GStrv threads, functions, files, modules;
  MsTimeRange range_ns; /* what @range says, after ms_filter_options_check() */
} MsFilterOptions;

/* Adds them to @context, for ms_command_line_parse() to fill @self, which must stay where it is. */
void ms_filter_options_add (MsFilterOptions *self, GOptionContext *context);

/* The same without letters, where the command has those for something else. */
void ms_filter_options_add_words (MsFilterOptions *self, GOptionContext *context);

void ms_filter_options_clear (MsFilterOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MsFilterOptions, ms_filter_options_clear)

/* Before anything is read: FALSE after complaining of what no recording could satisfy. */
gboolean ms_filter_options_check (MsFilterOptions *self);

/* Whether they leave nothing out. */
gboolean ms_filter_options_is_empty (const MsFilterOptions *self);
/* Whether they need the names of frames. */
gboolean ms_filter_options_has_names (const MsFilterOptions *self);

/* What they choose in @trace.  NULL with one line if that has no such thread or function, or ends before the
 * range begins.  @names: (nullable) unless ms_filter_options_has_names().  @text: (out): what a heading says
 * of it.  (transfer full) */
MsFilter *ms_filter_options_apply (const MsFilterOptions *self,
                                   MsTrace *trace,
                                   MsFrameNames *names,
                                   char **text,
                                   GError **error);

G_END_DECLS
