/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Small files that a person saves out of a page: a picture, a table.  A dialog asks where to, a worker makes and
 * writes the file, a toast says what came of it, and opens it.  What is saved is what was there when the person asked;
 * the widget may be gone by then.  A file that cannot be written whole is not touched.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What is saved; static. */
typedef struct {
  const char *title, *filter;  /* of the dialog, marked for translation */
  const char *const *suffixes; /* NULL-terminated; the first is that of the proposed name */
  /* In a worker: the content of a file of this name. */
  GBytes *(*encode) (gpointer content, const char *name, GError **error);
  GDestroyNotify free_content;
} MsSavingKind;

/* Asks for a file, and writes @content there; takes it.  @name: of the file, without an ending. */
void ms_saving_ask (GtkWidget *near, const MsSavingKind *kind, const char *name, gpointer content);
/* What the dialog does with the answer. */
void ms_saving_write (GtkWidget *near, const MsSavingKind *kind, GFile *file, gpointer content);
/* That dialog. (transfer full) */
GtkFileChooserNative *ms_saving_new_dialog (GtkWidget *near,
                                            const MsSavingKind *kind,
                                            const char *name);

/* The same for a table; takes @csv. */
extern const MsSavingKind MS_SAVING_TABLE;
void ms_saving_ask_for_table (GtkWidget *near, const char *name, char *csv);

/* A toast for what did not work; it is shown by the overlay that @near is in. */
void ms_saving_say_failed (GtkWidget *near, const char *message);

G_END_DECLS
