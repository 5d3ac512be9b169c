/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-export-actions.h"
#include "ms-chooser.h"
#include "ms-export.h"
#include "ms-focus-words.h"
#include "ms-lens-view.h"
#include "ms-window.h"

#include <glib/gi18n-lib.h>

#define CANCELLABLE_KEY "ms-export-cancellable"

/* What is asked in the dialog, besides the folder. */
#define PART_CHOICE "part"
#define IN_FOCUS "in-focus"
#define EVERYTHING "everything"
#define REDACT_CHOICE "redact"

typedef struct {
  GWeakRef window;
  MsTrace *trace;
  MsNameResolver *resolver;
  MsAnalysisSettings settings;
  MsExportFiles files;
  MsFilter *filter; /* NULL: everything */
  char *part;       /* what that is called, or NULL */
  gboolean redact;
  char *folder;
  GPtrArray *written; /* filled by the worker */
  AdwToast *toast;    /* that it goes on */
} Export;

static void
export_free (gpointer data)
{
  Export *self = data;

  g_weak_ref_clear (&self->window);
  g_clear_object (&self->trace);
  g_clear_object (&self->resolver);
  g_clear_object (&self->toast);
  g_clear_pointer (&self->written, g_ptr_array_unref);
  g_clear_pointer (&self->filter, ms_filter_unref);
  g_free (self->part);
  g_free (self->folder);
  g_free (self);
}

static MsExportFiles
parse_formats (const char *text)
{
  g_auto (GStrv) names = g_strsplit (text, ",", -1);
  MsExportFiles files = 0;

  for (char **name = names; *name != NULL; name++)
    files |= ms_export_files_from_name (*name);
  return files;
}

/* --- the worker --- */

static void
export_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Export *self = task_data;
  MsExportOptions options;
  GError *error = NULL;

  ms_export_options_init (&options);
  options.output_folder = self->folder;
  options.files = self->files;
  options.resolver = self->resolver;
  options.settings = &self->settings;
  options.filter = self->filter;
  options.part = self->part;
  options.redact = self->redact;
  if (ms_export_trace (self->trace, &options, cancellable, &self->written, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* The page of the dashboard if there is one, the file if it is the only one, else the folder. */
static char *
choose_to_open (const Export *self)
{
  const char *path = self->written->len == 1 ? g_ptr_array_index (self->written, 0) : self->folder;

  for (guint i = 0; i < self->written->len; i++)
    if (g_str_has_suffix (g_ptr_array_index (self->written, i), ".html"))
      path = g_ptr_array_index (self->written, i);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  return g_file_get_uri (file);
}

static void
say_done (MsWindow *window, const Export *self)
{
  guint n = self->written->len;
  g_autofree char *uri = choose_to_open (self);
  g_autofree char *text = NULL;

  if (n == 1)
    {
      g_autofree char *name = g_path_get_basename (g_ptr_array_index (self->written, 0));
      g_autofree char *shown = g_filename_display_name (name);

      /* Translators: a file's name. */
      text = g_strdup_printf (_ ("%s is written"), shown);
    }
  else
    text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u file is written",
                                         "%u files are written", n),
                            n);

  g_autofree char *title = g_markup_escape_text (text, -1);
  AdwToast *toast = adw_toast_new (title);
  adw_toast_set_button_label (toast, _ ("Open"));
  adw_toast_set_action_name (toast, "win.open-uri");
  adw_toast_set_action_target (toast, "s", uri);
  adw_toast_set_timeout (toast, 10);
  ms_window_add_toast (window, toast);
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Export *self = g_task_get_task_data (G_TASK (result));
  g_autoptr (MsWindow) window = g_weak_ref_get (&self->window);
  g_autoptr (GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);

  if (window == NULL)
    return;
  /* One that took this one's place goes on. */
  if (g_object_get_data (G_OBJECT (window), CANCELLABLE_KEY)
      == g_task_get_cancellable (G_TASK (result)))
    g_object_set_data (G_OBJECT (window), CANCELLABLE_KEY, NULL);
  adw_toast_dismiss (self->toast);
  if (done)
    say_done (window, self);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_autofree char *title = g_markup_escape_text (error->message, -1);
      AdwToast *toast = adw_toast_new (title);

      adw_toast_set_timeout (toast, 0);
      ms_window_add_toast (window, toast);
    }
}

/* The window's end is the export's. */
static void
cancel_and_unref (gpointer data)
{
  g_cancellable_cancel (data);
  g_object_unref (data);
}

/* @of_focus: only what is in focus, if anything is. */
static void
begin_export (MsWindow *window,
              MsExportFiles files,
              const char *folder,
              gboolean of_focus,
              gboolean redact)
{
  MsLens *lens = ms_window_get_lens (window);
  GCancellable *cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, exported_cb, NULL);
  Export *self = g_new0 (Export, 1);

  g_weak_ref_init (&self->window, window);
  self->trace = g_object_ref (ms_lens_get_trace (lens));
  self->resolver = g_object_ref (ms_lens_get_resolver (lens));
  self->settings = *ms_lens_get_settings (lens);
  self->files = files;
  if (of_focus)
    {
      self->filter = ms_lens_view_new_filter (ms_lens_get_focus (lens), FALSE);
      self->part = ms_focus_dup_words (lens);
    }
  self->redact = redact;
  self->folder = g_strdup (folder);
  self->toast = adw_toast_new (_ ("Exporting…"));
  adw_toast_set_timeout (self->toast, 0);
  adw_toast_set_button_label (self->toast, _ ("_Cancel"));
  adw_toast_set_action_name (self->toast, "win.cancel-export");
  ms_window_add_toast (window, g_object_ref (self->toast));

  g_object_set_data_full (G_OBJECT (window), CANCELLABLE_KEY, cancellable, cancel_and_unref);
  g_task_set_return_on_cancel (task, FALSE);
  g_task_set_task_data (task, self, export_free);
  g_task_run_in_thread (task, export_worker);
}

/* --- actions --- */

typedef struct {
  MsExportFiles files;
  gboolean offers_part; /* the dialog asks whether only what is in focus */
} Choice;

static void
folder_chosen_cb (GtkWidget *widget, GFile *folder, GtkFileChooser *chooser, gpointer user_data)
{
  const Choice *choice = user_data;
  g_autofree char *path = g_file_get_path (folder);
  /* GTK warns where there is no such choice. */
  const char *part =
      choice->offers_part ? gtk_file_chooser_get_choice (chooser, PART_CHOICE) : EVERYTHING;
  const char *redact = gtk_file_chooser_get_choice (chooser, REDACT_CHOICE);

  if (path != NULL && ms_window_get_lens (MS_WINDOW (widget)) != NULL)
    begin_export (MS_WINDOW (widget), choice->files, path, g_strcmp0 (part, EVERYTHING) != 0,
                  g_strcmp0 (redact, "true") == 0);
}

/* Whether there is a part to offer. */
static gboolean
add_choices (GtkFileChooser *chooser, MsLens *lens)
{
  g_autofree char *part = ms_focus_dup_words (lens);

  if (part != NULL)
    {
      const char *choices[] = { IN_FOCUS, EVERYTHING, NULL };
      const char *labels[] = { part, _ ("The whole recording"), NULL };

      /* Translators: before a choice: only what is in focus, or everything. */
      gtk_file_chooser_add_choice (chooser, PART_CHOICE, _ ("Export of:"), choices, labels);
      gtk_file_chooser_set_choice (chooser, PART_CHOICE, IN_FOCUS);
    }
  gtk_file_chooser_add_choice (chooser, REDACT_CHOICE,
                               _ ("Leave out paths, arguments and the machine’s name"), NULL, NULL);
  gtk_file_chooser_set_choice (chooser, REDACT_CHOICE, "false");
  return part != NULL;
}

/* "html", or "html:/folder" to write there without asking, as tests do. */
static void
export_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_auto (GStrv) parts = g_strsplit (g_variant_get_string (parameter, NULL), ":", 2);
  MsExportFiles files = parse_formats (parts[0]);

  if (files == 0 || ms_window_get_lens (MS_WINDOW (widget)) == NULL)
    return;
  if (parts[1] != NULL)
    {
      begin_export (MS_WINDOW (widget), files, parts[1], TRUE, FALSE);
      return;
    }

  Choice *choice = g_new0 (Choice, 1);
  GtkFileChooserNative *chooser = ms_chooser_new (widget, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                                  _ ("Export to Folder"), _ ("_Export"));
  choice->files = files;
  choice->offers_part =
      add_choices (GTK_FILE_CHOOSER (chooser), ms_window_get_lens (MS_WINDOW (widget)));
  ms_chooser_ask (chooser, widget, folder_chosen_cb, choice, g_free);
}

static void
cancel_export_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GCancellable *cancellable = g_object_get_data (G_OBJECT (widget), CANCELLABLE_KEY);

  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
}

static void
open_uri_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_show_uri (GTK_WINDOW (widget), g_variant_get_string (parameter, NULL), GDK_CURRENT_TIME);
}

void
ms_export_actions_install (GtkWidgetClass *window_class)
{
  gtk_widget_class_install_action (window_class, "win.export", "s", export_action);
  gtk_widget_class_install_action (window_class, "win.cancel-export", NULL, cancel_export_action);
  gtk_widget_class_install_action (window_class, "win.open-uri", "s", open_uri_action);
}
