/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A window beside the plot that it puts into figures.  Its button copies or saves them as CSV. */
#pragma once

#include <adwaita.h>
#include "ms-text-table.h"

G_BEGIN_DECLS

/* What @page shows, as a table; @note (transfer full) (nullable) is a sentence above it, @csv (transfer full) what is
 * copied and saved.  NULL: nothing is shown. */
typedef GtkWidget *(*MsTableMaker) (GtkWidget *page, char **note, char **csv);

/* @name: of the file that is saved.  Made anew by @make when the user wants other units.  NULL: there is nothing. */
GtkWindow *ms_table_window_new (GtkWidget *page,
                                const char *title,
                                const char *name,
                                MsTableMaker make);

G_END_DECLS
