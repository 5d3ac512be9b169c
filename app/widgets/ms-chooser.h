/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Asks a person for a file or a folder.  The desktop's dialog lives by itself: it must not keep who asked, or a
 * window that is closed meanwhile would stay with its trace, and must not outlive that window.  So it goes with
 * the window, and the answer comes only while who asked is there.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef void (*MsChooserAnswer) (GtkWidget *asker,
                                 GFile *file,
                                 GtkFileChooser *chooser,
                                 gpointer user_data);

/* Modal, for the window that @near is in. (transfer full) */
GtkFileChooserNative *ms_chooser_new (GtkWidget *near,
                                      GtkFileChooserAction action,
                                      const char *title,
                                      const char *accept);

/* Shows it; takes @chooser.  @answer: called at most once; @destroy of @user_data: always, in the end. */
void ms_chooser_ask (GtkFileChooserNative *chooser,
                     GtkWidget *asker,
                     MsChooserAnswer answer,
                     gpointer user_data,
                     GDestroyNotify destroy);

G_END_DECLS
