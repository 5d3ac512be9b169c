/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A window beside the plot that it puts into figures. */
#pragma once

#include <adwaita.h>
#include "ms-text-table.h"

G_BEGIN_DECLS

/* @note: what the figures are, or NULL. */
GtkWindow *ms_table_window_new (GtkWindow *parent,
                                const char *title,
                                const char *note,
                                MsTextTable *table);

G_END_DECLS
