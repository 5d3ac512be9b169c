/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Small files that a person saves out of a page: a picture, a table.  A dialog asks where to; a toast says what
 * came of it, and opens it.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A dialog for a new file that stands in the window of @near.  @suffixes: NULL-terminated; the first is that of the
 * proposed name. (transfer full) */
GtkFileChooserNative *ms_saving_new_dialog (GtkWidget *near,
                                            const char *title,
                                            const char *name,
                                            const char *filter,
                                            const char *const *suffixes);

/* Asks for a file, and writes the table there. @name: of the file, without an ending.  Takes @csv. */
void ms_saving_ask_for_table (GtkWidget *near, const char *name, char *csv);

/* Writes a table; says what came of it. */
void ms_saving_write_table (GtkWidget *near, GFile *file, const char *csv);

/* The toasts; they are shown by the overlay that @near is in. */
void ms_saving_say_done (GtkWidget *near, GFile *file);
void ms_saving_say_failed (GtkWidget *near, const char *message);

G_END_DECLS
