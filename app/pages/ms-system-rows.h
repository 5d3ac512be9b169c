/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The groups of the page System, each a titled list of rows:
 *
 *   verdicts    what holds the program up, with the figures it rests on and what to do
 *   anomalies   what is out of the ordinary; a row focuses the thread or the stretch of time
 *   scores      threads that use worst what they take; the formula behind a button
 *   memory      where the process's memory is
 *   sampling    missed ticks, and what could not be measured
 *   notes       what the trace says of itself
 *
 * Texts of the analysis hold names from the traced program; none of them is markup.
 */
#pragma once

#include <adwaita.h>
#include "ms-system-source.h"

G_BEGIN_DECLS

GtkWidget *ms_system_verdicts_new (const MsSystemFigures *figures);
GtkWidget *ms_system_anomalies_new (const MsSystemFigures *figures, MsFocus *focus);
/* Of the lens's rows. */
GtkWidget *ms_system_scores_new (MsLens *lens);
GtkWidget *ms_system_memory_new (const MsSystemFigures *figures);
GtkWidget *ms_system_sampling_new (const MsSystemFigures *figures, MsFocus *focus);
GtkWidget *ms_system_notes_new (MsDocument *document);

/* What they are made of. */
GtkWidget *ms_system_group_new (const char *title, const char *description);
/* @title and @subtitle (or NULL) are plain text; so that it is not lost, all of it is shown. */
GtkWidget *ms_system_row_new (const char *title, const char *subtitle, const char *icon);
/* With a figure at its end. */
GtkWidget *ms_system_figure_row_new (const char *title, const char *subtitle, const char *figure);
GtkWidget *ms_system_expander_new (const char *title, const char *subtitle, const char *icon);
/* A click focuses the thread (−1: none) and the range (@end_ns ≤ @start_ns: none). */
void ms_system_row_set_target (GtkWidget *row,
                               MsFocus *focus,
                               gint thread,
                               gint64 start_ns,
                               gint64 end_ns);

G_END_DECLS
