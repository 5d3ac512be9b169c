/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A window beside the plot that it puts into figures.  Its button copies or saves them as CSV. */
#pragma once

#include <adwaita.h>
#include "ms-text-table.h"

G_BEGIN_DECLS

/* @note: what the figures are, or NULL.  @name: of a file, without an ending.  Takes @csv, which has them exactly. */
GtkWindow *ms_table_window_new (GtkWindow *parent,
                                const char *title,
                                const char *note,
                                MsTextTable *table,
                                const char *name,
                                char *csv);

G_END_DECLS
