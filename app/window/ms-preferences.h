/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a person can set, kept in GSettings: each threshold of the analysis under its own name with “-” for
 * “_”, the units of memory, how the editor is called, and where debug information lies.  The window applies a change at once.
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"

G_BEGIN_DECLS

#define MS_PREFERENCES_SYMBOL_PATHS "symbol-paths"
#define MS_PREFERENCES_UNITS "units"

/* Figures of memory are shown in the units that @settings say, from now on. */
void ms_preferences_follow_units (GSettings *settings);

/* @settings NULL: the defaults, which it also is where the thresholds contradict each other; then *@problem, if
 * not NULL, gets a sentence. */
void ms_preferences_read (GSettings *settings, MsAnalysisSettings *analysis, char **problem);
/* A lens with the thresholds and the folders of debug information that are set. (transfer full) */
MsLens *ms_preferences_new_lens (GSettings *settings, MsDocument *document, MsFocus *focus);
/* The key @key changed: tells @lens, if it is a threshold. */
void ms_preferences_apply (GSettings *settings, const char *key, MsLens *lens);

/* The window that shows and changes them. */
GtkWindow *ms_preferences_window_new (GtkWindow *parent, GSettings *settings);

G_END_DECLS
