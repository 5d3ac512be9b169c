/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-chooser.h"

#include <glib/gi18n-lib.h>

typedef struct {
  GtkFileChooserNative *chooser; /* owned */
  GWeakRef asker;
  GtkWindow *window; /* not owned: the question ends with it */
  gulong window_gone;
  MsChooserAnswer answer;
  gpointer user_data;
  GDestroyNotify destroy;
} Question;

GtkFileChooserNative *
ms_chooser_new (GtkWidget *near, GtkFileChooserAction action, const char *title, const char *accept)
{
  GtkRoot *root = gtk_widget_get_root (near);
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (title, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, action,
                                   accept, _ ("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  return chooser;
}

static void
forget_window (Question *self)
{
  if (self->window != NULL)
    g_clear_signal_handler (&self->window_gone, self->window);
  self->window = NULL;
}

static void
question_end (Question *self)
{
  forget_window (self);
  gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_object_unref (self->chooser);
  g_weak_ref_clear (&self->asker);
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self);
}

static void
response_cb (GtkNativeDialog *chooser, int response, gpointer user_data)
{
  Question *self = user_data;
  g_autoptr (GtkWidget) asker = g_weak_ref_get (&self->asker);
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser))
                               : NULL;

  /* The answer may close it. */
  forget_window (self);
  if (asker != NULL && file != NULL)
    self->answer (asker, file, GTK_FILE_CHOOSER (chooser), self->user_data);
  question_end (self);
}

void
ms_chooser_ask (GtkFileChooserNative *chooser,
                GtkWidget *asker,
                MsChooserAnswer answer,
                gpointer user_data,
                GDestroyNotify destroy)
{
  Question *self = g_new0 (Question, 1);

  self->chooser = chooser;
  g_weak_ref_init (&self->asker, asker);
  self->answer = answer;
  self->user_data = user_data;
  self->destroy = destroy;
  self->window = gtk_native_dialog_get_transient_for (GTK_NATIVE_DIALOG (chooser));
  if (self->window != NULL)
    self->window_gone =
        g_signal_connect_swapped (self->window, "destroy", G_CALLBACK (question_end), self);
  g_signal_connect (chooser, "response", G_CALLBACK (response_cb), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}
