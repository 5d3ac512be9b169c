/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A source file beside what its lines hold, the line that was asked for selected:
 *
 *     117                             size = batch->size * 2;
 *   ▌ 118   12.4 MB  ███▌   31.0 %    batch->bytes = malloc (size);
 *     119                             if (batch->bytes == NULL)
 */
#pragma once

#include <adwaita.h>
#include "ms-memory-figures.h"

G_BEGIN_DECLS

#define MS_TYPE_SOURCE_WINDOW (ms_source_window_get_type ())
G_DECLARE_FINAL_TYPE (MsSourceWindow, ms_source_window, MS, SOURCE_WINDOW, AdwWindow)

/* @file: as frames have it, found by ms_source_find(); @content: what is in it, any bytes. */
GtkWindow *ms_source_window_new (GtkWindow *parent,
                                 MsMemoryFigures *figures,
                                 const char *file,
                                 const char *content,
                                 guint line);

/* 1, …: the selected line. */
guint ms_source_window_get_line (MsSourceWindow *self);
guint ms_source_window_get_n_lines (MsSourceWindow *self);
/* What line @line holds by the measure. */
guint64 ms_source_window_get_total (MsSourceWindow *self, guint line);

G_END_DECLS
