/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-saving.h"
#include "ms-chooser.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define OPEN_SECONDS 10

/* --- what came of it --- */

static GtkWidget *
find_overlay (GtkWidget *near)
{
  return gtk_widget_get_ancestor (near, ADW_TYPE_TOAST_OVERLAY);
}

static void
open_cb (AdwToast *toast, GtkWidget *overlay)
{
  GtkRoot *root = gtk_widget_get_root (overlay);

  gtk_show_uri (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                g_object_get_data (G_OBJECT (toast), "uri"), GDK_CURRENT_TIME);
}

static void
say_done (GtkWidget *overlay, GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *shown = g_filename_display_name (name);
  /* Translators: a file's name. */
  g_autofree char *text = g_strdup_printf (_ ("%s is written"), shown);
  g_autofree char *title = g_markup_escape_text (text, -1);
  AdwToast *toast = adw_toast_new (title);

  g_object_set_data_full (G_OBJECT (toast), "uri", g_file_get_uri (file), g_free);
  adw_toast_set_button_label (toast, _ ("Open"));
  adw_toast_set_timeout (toast, OPEN_SECONDS);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (open_cb), overlay, 0);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

void
ms_saving_say_failed (GtkWidget *near, const char *message)
{
  GtkWidget *overlay = find_overlay (near);
  g_autofree char *title = g_markup_escape_text (message, -1);

  if (overlay == NULL)
    return;

  AdwToast *toast = adw_toast_new (title);
  adw_toast_set_timeout (toast, 0);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

/* --- writing --- */

typedef struct {
  const MsSavingKind *kind;
  gpointer content;
  GFile *file;
  GWeakRef overlay;
} Saving;

static void
saving_free (gpointer data)
{
  Saving *self = data;

  self->kind->free_content (self->content);
  g_clear_object (&self->file);
  g_weak_ref_clear (&self->overlay);
  g_free (self);
}

static Saving *
saving_new (GtkWidget *near, const MsSavingKind *kind, GFile *file, gpointer content)
{
  Saving *self = g_new0 (Saving, 1);

  self->kind = kind;
  self->content = content;
  g_set_object (&self->file, file);
  g_weak_ref_init (&self->overlay, find_overlay (near));
  return self;
}

/* g_file_replace_contents () puts what it could write in the file's place, also on a full disk. */
static gboolean
write_whole (GFile *file, GBytes *bytes, GError **error)
{
  gsize n_bytes;
  const void *data = g_bytes_get_data (bytes, &n_bytes);
  g_autoptr (GFileOutputStream) stream =
      g_file_replace (file, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, error);

  if (stream == NULL)
    return FALSE;
  if (g_output_stream_write_all (G_OUTPUT_STREAM (stream), data, n_bytes, NULL, NULL, error))
    return g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, error);

  g_autoptr (GCancellable) not_in_its_place = g_cancellable_new ();
  g_cancellable_cancel (not_in_its_place);
  g_output_stream_close (G_OUTPUT_STREAM (stream), not_in_its_place, NULL);
  return FALSE;
}

static void
saving_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Saving *self = task_data;
  g_autofree char *name = g_file_get_basename (self->file);
  g_autofree char *shown = g_filename_display_name (name);
  GError *error = NULL;
  g_autoptr (GBytes) bytes = self->kind->encode (self->content, shown, &error);

  if (bytes == NULL)
    g_task_return_error (task, error);
  else if (write_whole (self->file, bytes, &error))
    g_task_return_boolean (task, TRUE);
  else
    {
      g_prefix_error (&error, "%s: ", shown);
      g_task_return_error (task, error);
    }
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer application)
{
  Saving *self = g_task_get_task_data (G_TASK (result));
  g_autoptr (GtkWidget) overlay = g_weak_ref_get (&self->overlay);
  g_autoptr (GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);

  if (application != NULL)
    g_application_release (application);
  if (overlay != NULL && done)
    say_done (overlay, self->file);
  else if (overlay != NULL)
    ms_saving_say_failed (overlay, error->message);
}

/* Takes @self. */
static void
write_in_worker (Saving *self)
{
  GApplication *application = g_application_get_default ();
  g_autoptr (GTask) task = g_task_new (NULL, NULL, written_cb, application);

  /* Whoever closes the last window now has asked for the file all the same. */
  if (application != NULL)
    g_application_hold (application);
  g_task_set_task_data (task, self, saving_free);
  g_task_run_in_thread (task, saving_worker);
}

void
ms_saving_write (GtkWidget *near, const MsSavingKind *kind, GFile *file, gpointer content)
{
  write_in_worker (saving_new (near, kind, file, content));
}

/* --- the dialog --- */

GtkFileChooserNative *
ms_saving_new_dialog (GtkWidget *near, const MsSavingKind *kind, const char *name)
{
  GtkFileChooserNative *chooser =
      ms_chooser_new (near, GTK_FILE_CHOOSER_ACTION_SAVE, _ (kind->title), _ ("_Save"));
  g_autofree char *file_name = g_strdup_printf ("%s.%s", name, kind->suffixes[0]);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  /* A thread may be called "a/b". */
  g_strdelimit (file_name, "/", '_');
  gtk_file_filter_set_name (filter, _ (kind->filter));
  for (const char *const *suffix = kind->suffixes; *suffix != NULL; suffix++)
    gtk_file_filter_add_suffix (filter, *suffix);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), file_name);
  return chooser;
}

static void
chosen_cb (GtkWidget *asker, GFile *file, GtkFileChooser *chooser, gpointer user_data)
{
  Saving **self = user_data;

  g_set_object (&(*self)->file, file);
  write_in_worker (g_steal_pointer (self));
}

static void
question_free (gpointer data)
{
  Saving **self = data;

  g_clear_pointer (self, saving_free);
  g_free (self);
}

void
ms_saving_ask (GtkWidget *near, const MsSavingKind *kind, const char *name, gpointer content)
{
  GtkWidget *overlay = find_overlay (near);
  Saving **self = g_new0 (Saving *, 1);

  *self = saving_new (near, kind, NULL, content);
  ms_chooser_ask (ms_saving_new_dialog (near, kind, name), overlay != NULL ? overlay : near,
                  chosen_cb, self, question_free);
}

/* --- tables --- */

static GBytes *
encode_table (gpointer csv, const char *name, GError **error)
{
  return g_bytes_new (csv, strlen (csv));
}

static const char *const TABLE_SUFFIXES[] = { "csv", NULL };

const MsSavingKind MS_SAVING_TABLE = { N_ ("Save Table"), N_ ("Tables (CSV)"), TABLE_SUFFIXES,
                                       encode_table, g_free };

void
ms_saving_ask_for_table (GtkWidget *near, const char *name, char *csv)
{
  ms_saving_ask (near, &MS_SAVING_TABLE, name, csv);
}
