/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-recent-traces.h"
#include "ms-display-name.h"
#include "ms-document.h"
#include "ms-request.h"

#include <glib/gi18n-lib.h>

#define KEY "recent-traces"
#define MOST_TRACES 10
#define MOST_SHOWN 5

struct _MsRecentTraces {
  AdwBin parent_instance;

  GtkWidget *group, *list;
  GSettings *settings;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (MsRecentTraces, ms_recent_traces, ADW_TYPE_BIN)

/* What a worker found of one. */
typedef struct {
  char *path, *program, *state;
} Trace;

static void
trace_free (gpointer data)
{
  Trace *trace = data;

  g_free (trace->path);
  g_free (trace->program);
  g_free (trace->state);
  g_free (trace);
}

static Trace *
trace_new (const char *path, GCancellable *cancellable)
{
  Trace *trace = g_new0 (Trace, 1);
  g_autoptr (MsRecording) recording = ms_recording_open (path, cancellable, NULL);
  g_autofree char *base = g_path_get_basename (path);

  trace->path = g_strdup (path);
  if (recording == NULL || ms_recording_get_n_processes (recording) == 0)
    {
      trace->program = ms_display_name (base);
      trace->state = g_strdup (g_file_test (path, G_FILE_TEST_EXISTS) ? _ ("cannot be read")
                                                                      : _ ("no longer there"));
      return trace;
    }

  const MsProcess *process =
      ms_recording_get_process (recording, ms_recording_get_main_process (recording));
  trace->program = ms_display_name (process->program);
  trace->state = ms_describe_recording_end (process->state, process->exit_status, process->is_cut,
                                            process->duration_ns);
  return trace;
}

static void
states_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  char **paths = task_data;
  GPtrArray *traces = g_ptr_array_new_with_free_func (trace_free);

  for (guint i = 0; paths[i] != NULL && i < MOST_SHOWN; i++)
    g_ptr_array_add (traces, trace_new (paths[i], cancellable));
  g_task_return_pointer (task, traces, (GDestroyNotify) g_ptr_array_unref);
}

static GtkWidget *
new_row (const Trace *trace)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *state = gtk_label_new (trace->state);
  g_autofree char *shown = g_filename_display_name (trace->path);
  g_autofree char *title = g_markup_escape_text (trace->program, -1);
  g_autofree char *subtitle = g_markup_escape_text (shown, -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1);
  gtk_widget_set_tooltip_text (row, shown);
  gtk_widget_add_css_class (state, "dim-label");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), state);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "win.open-path");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", trace->path);
  return row;
}

/* Of a task that was cancelled, @user_data is not touched. */
static void
states_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  MsRecentTraces *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) traces = g_task_propagate_pointer (G_TASK (result), &error);
  GtkWidget *row;

  if (traces == NULL)
    return;
  while ((row = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), row);
  for (guint i = 0; i < traces->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->list), new_row (g_ptr_array_index (traces, i)));
  gtk_widget_set_visible (GTK_WIDGET (self), traces->len > 0);
}

static void
update (MsRecentTraces *self)
{
  g_autoptr (GTask) task = NULL;

  ms_request_cancel (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  task = g_task_new (NULL, self->cancellable, states_found_cb, self);
  g_task_set_task_data (task, g_settings_get_strv (self->settings, KEY),
                        (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, states_worker);
}

static void
ms_recent_traces_dispose (GObject *object)
{
  MsRecentTraces *self = MS_RECENT_TRACES (object);

  ms_request_cancel (&self->cancellable);
  if (self->settings != NULL)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (ms_recent_traces_parent_class)->dispose (object);
}

static void
ms_recent_traces_class_init (MsRecentTracesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_recent_traces_dispose;
}

static void
ms_recent_traces_init (MsRecentTraces *self)
{
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *title = gtk_label_new (_ ("Opened Lately"));

  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Traces opened lately"), -1);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "heading");
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), self->list);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 560);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  adw_bin_set_child (ADW_BIN (self), clamp);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
ms_recent_traces_set_settings (MsRecentTraces *self, GSettings *settings)
{
  g_return_if_fail (MS_IS_RECENT_TRACES (self));

  if (settings == NULL || self->settings != NULL)
    return;
  self->settings = g_object_ref (settings);
  g_signal_connect_swapped (settings, "changed::" KEY, G_CALLBACK (update), self);
  update (self);
}

void
ms_recent_traces_add (GSettings *settings, const char *path)
{
  g_auto (GStrv) before = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  guint n = 1;

  /* A setting is text; a folder with another name cannot be kept. */
  if (settings == NULL || !g_utf8_validate (absolute, -1, NULL))
    return;
  before = g_settings_get_strv (settings, KEY);
  g_strv_builder_add (builder, absolute);
  for (char **at = before; *at != NULL && n < MOST_TRACES; at++)
    if (g_strcmp0 (*at, absolute) != 0)
      {
        g_strv_builder_add (builder, *at);
        n++;
      }

  g_auto (GStrv) after = g_strv_builder_end (builder);
  g_settings_set_strv (settings, KEY, (const char *const *) after);
}
