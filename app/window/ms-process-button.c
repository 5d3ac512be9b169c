/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-process-button.h"
#include "ms-display-name.h"
#include "ms-document.h"
#include "ms-figures.h"
#include "ms-process-tree.h"
#include "ms-request.h"
#include "ms-sparkline.h"

#include <glib/gi18n-lib.h>

#define INDENT_PX 16
#define MAX_DEPTH 8
/* A build of thousands of short compilers: the command line lists them all, a menu need not. */
#define MAX_ROWS 400

#define CURVE_BINS 90
#define PROCESS_KEY "process"
#define CURVE_KEY "curve"

struct _MsProcessButton {
  AdwBin parent_instance;

  GtkWidget *button, *icon, *label, *popover, *list;
  GtkWidget *chosen; /* the row of the process shown, or NULL */
  MsRecording *recording;
  GCancellable *cancellable; /* of the curve that is being loaded, or NULL */
  guint n_curves;            /* rows whose curves were asked for */
};

G_DEFINE_FINAL_TYPE (MsProcessButton, ms_process_button, ADW_TYPE_BIN)

static guint process_chosen_signal;

static GtkWidget *
new_line (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 46);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static char *
describe_life (const MsProcess *process)
{
  g_autofree char *reason = NULL;

  if (process->not_followed != NULL)
    {
      reason = ms_display_name (process->not_followed);
      return g_strdup_printf (_ ("not followed: %s"), reason);
    }
  g_autofree char *end = ms_describe_recording_end (process->state, process->exit_status,
                                                    process->is_cut, process->duration_ns);
  g_autofree char *duration = ms_figure_duration (process->duration_ns);
  if (process->mapped_peak_bytes > process->peak_bytes)
    {
      g_autofree char *mapped = ms_figure_bytes (process->mapped_peak_bytes);

      /* Translators: of a process: its number, how long it lived, how it ended, and what it mapped beside its heap. */
      return g_strdup_printf (_ ("%d · %s · %s · %s mapped"), process->pid, duration, end, mapped);
    }
  return g_strdup_printf ("%d · %s · %s", process->pid, duration, end);
}

static GtkWidget *
new_row (MsRecording *recording, const MsProcessNode *node, gboolean chosen)
{
  const MsProcess *process = ms_recording_get_process (recording, node->process);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);
  GtkWidget *text = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  g_autofree char *program = ms_display_name (process->program);
  g_autofree char *life = describe_life (process);
  g_autofree char *peak =
      process->has_totals && process->has_peak
          ? ms_figure_bytes_with_error (process->peak_bytes, process->peak_standard_error)
          : g_strdup (MS_NOT_MEASURED);
  GtkWidget *peak_label = gtk_label_new (peak), *curve = ms_sparkline_new ();

  gtk_box_append (GTK_BOX (text), new_line (program, chosen ? "heading" : NULL));
  gtk_box_append (GTK_BOX (text), new_line (life, "process-life"));
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_set_margin_start (text, (int) MIN (node->depth, MAX_DEPTH) * INDENT_PX);
  gtk_widget_add_css_class (peak_label, "numeric");
  gtk_label_set_width_chars (GTK_LABEL (peak_label), 8);
  gtk_label_set_xalign (GTK_LABEL (peak_label), 1);
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), curve);
  gtk_box_append (GTK_BOX (box), peak_label);
  g_object_set_data (G_OBJECT (row), PROCESS_KEY, GUINT_TO_POINTER (node->process));
  g_object_set_data (G_OBJECT (row), CURVE_KEY, curve);
  GtkWidget *mark = gtk_image_new_from_icon_name ("object-select-symbolic");
  gtk_widget_set_opacity (mark, chosen ? 1 : 0);
  gtk_box_append (GTK_BOX (box), mark);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_sensitive (row, process->not_followed == NULL);
  if (process->command != NULL)
    {
      g_autofree char *command = ms_display_name (process->command);

      gtk_widget_set_tooltip_text (row, command);
    }
  return row;
}

static guint
get_process (GtkListBoxRow *row)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), PROCESS_KEY));
}

static void
row_activated_cb (MsProcessButton *self, GtkListBoxRow *row)
{
  gtk_popover_popdown (GTK_POPOVER (self->popover));
  g_signal_emit (self, process_chosen_signal, 0, get_process (row));
}

/* --- curves: one after the other, from the list's top, while it is open --- */

typedef struct {
  MsRecording *recording;
  guint process;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->recording);
  g_free (job);
}

static void
curve_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Job *job = task_data;
  guint64 *bins = g_new0 (guint64, CURVE_BINS);

  if (ms_process_load_curve (ms_recording_get_process (job->recording, job->process), CURVE_BINS,
                             bins, cancellable))
    g_task_return_pointer (task, bins, g_free);
  else
    {
      g_free (bins);
      g_task_return_pointer (task, NULL, NULL);
    }
}

static void load_next_curve (MsProcessButton *self);

/* Of a task that was cancelled, by another recording or with the widget, @user_data is not touched. */
static void
curve_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  MsProcessButton *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree guint64 *bins = g_task_propagate_pointer (G_TASK (result), &error);

  if (error != NULL)
    return;

  GtkListBoxRow *row =
      gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), (int) self->n_curves - 1);
  if (bins != NULL && row != NULL)
    ms_sparkline_set_bins (g_object_get_data (G_OBJECT (row), CURVE_KEY), bins, CURVE_BINS);
  g_clear_object (&self->cancellable);
  load_next_curve (self);
}

static void
load_next_curve (MsProcessButton *self)
{
  GtkListBoxRow *row =
      gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), (int) self->n_curves);
  g_autoptr (GTask) task = NULL;
  Job *job;

  if (row == NULL || self->cancellable != NULL || !gtk_widget_get_mapped (self->popover)
      || g_object_get_data (G_OBJECT (row), CURVE_KEY) == NULL)
    return;
  self->n_curves++;
  job = g_new0 (Job, 1);
  job->recording = g_object_ref (self->recording);
  job->process = get_process (row);
  self->cancellable = g_cancellable_new ();
  task = g_task_new (NULL, self->cancellable, curve_loaded_cb, self);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, curve_worker);
}

/* The list opens where one is. */
/* The row of the process that is shown, in the middle, as soon as rows have places. */
static gboolean
show_chosen_cb (GtkWidget *list, GdkFrameClock *clock, gpointer user_data)
{
  MsProcessButton *self = user_data;
  GtkWidget *scrolled = gtk_widget_get_ancestor (list, GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *adjustment;
  graphene_rect_t bounds;

  if (self->chosen == NULL || scrolled == NULL)
    return G_SOURCE_REMOVE;
  if (gtk_widget_get_height (list) == 0 || !gtk_widget_compute_bounds (self->chosen, list, &bounds)
      || bounds.size.height < 1)
    return G_SOURCE_CONTINUE;
  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  gtk_adjustment_set_value (adjustment, bounds.origin.y + bounds.size.height / 2
                                            - gtk_adjustment_get_page_size (adjustment) / 2);
  return G_SOURCE_REMOVE;
}

static void
popover_mapped_cb (MsProcessButton *self)
{
  /* Its rows have no places yet: what has the focus now would not be scrolled to. */
  if (self->chosen != NULL)
    {
      gtk_widget_grab_focus (self->chosen);
      gtk_widget_add_tick_callback (self->list, show_chosen_cb, self, NULL);
    }
  load_next_curve (self);
}

/* --- the widget --- */

static void
ms_process_button_dispose (GObject *object)
{
  MsProcessButton *self = MS_PROCESS_BUTTON (object);

  ms_request_cancel (&self->cancellable);
  g_clear_object (&self->recording);
  G_OBJECT_CLASS (ms_process_button_parent_class)->dispose (object);
}

static void
ms_process_button_class_init (MsProcessButtonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_process_button_dispose;
  process_chosen_signal = g_signal_new ("process-chosen", MS_TYPE_PROCESS_BUTTON, G_SIGNAL_RUN_LAST,
                                        0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
ms_process_button_init (MsProcessButton *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *face = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (row_activated_cb), self);

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 480);

  self->popover = gtk_popover_new ();
  gtk_widget_add_css_class (self->popover, "menu");
  gtk_popover_set_child (GTK_POPOVER (self->popover), scrolled);

  g_signal_connect_object (self->popover, "map", G_CALLBACK (popover_mapped_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);

  self->button = gtk_menu_button_new ();
  self->label = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (self->label), 20);
  /* A header that is short of room would leave an ellipsis alone. */
  gtk_label_set_width_chars (GTK_LABEL (self->label), 6);
  self->icon = gtk_image_new_from_icon_name ("application-x-executable-symbolic");
  gtk_box_append (GTK_BOX (face), self->icon);
  gtk_box_append (GTK_BOX (face), self->label);
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->button), face);
  ms_process_button_set_compact (self, TRUE);
  gtk_menu_button_set_always_show_arrow (GTK_MENU_BUTTON (self->button), TRUE);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), self->popover);
  gtk_widget_set_tooltip_text (self->button, _ ("Process of the recording"));
  adw_bin_set_child (ADW_BIN (self), self->button);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
ms_process_button_new (void)
{
  return g_object_new (MS_TYPE_PROCESS_BUTTON, NULL);
}

void
ms_process_button_set_compact (MsProcessButton *self, gboolean compact)
{
  g_return_if_fail (MS_IS_PROCESS_BUTTON (self));

  gtk_widget_set_visible (self->icon, compact);
  gtk_widget_set_visible (self->label, !compact);
}

/* The tree as far as anybody reads, and the one that is shown in any case. */
static void
fill (MsProcessButton *self, guint process)
{
  g_autoptr (GArray) nodes = ms_process_tree_new (self->recording);
  guint n_shown = 0;

  for (guint i = 0; i < nodes->len; i++)
    {
      const MsProcessNode *node = &g_array_index (nodes, MsProcessNode, i);
      GtkWidget *row;

      if (i >= MAX_ROWS && node->process != process)
        continue;
      row = new_row (self->recording, node, node->process == process);
      gtk_list_box_append (GTK_LIST_BOX (self->list), row);
      n_shown++;
      if (node->process == process)
        self->chosen = row;
    }
  if (nodes->len > n_shown)
    {
      guint n_more = nodes->len - n_shown;
      g_autofree char *more =
          g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "and %u more", "and %u more", n_more),
                           n_more);
      GtkWidget *row = gtk_list_box_row_new ();

      gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), new_line (more, "process-life"));
      gtk_widget_set_sensitive (row, FALSE);
      gtk_list_box_append (GTK_LIST_BOX (self->list), row);
    }
}

static void
name_button (MsProcessButton *self, const MsProcess *chosen)
{
  g_autofree char *program = ms_display_name (chosen->program);
  g_autofree char *label = g_strdup_printf ("%s %d", program, chosen->pid);
  /* Translators: accessible name of a menu button; a program's name and its process number. */
  g_autofree char *name = g_strdup_printf (_ ("Process: %s"), label);

  gtk_label_set_text (GTK_LABEL (self->label), program);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
}

void
ms_process_button_set_recording (MsProcessButton *self, MsRecording *recording, guint process)
{
  guint n_processes = recording != NULL ? ms_recording_get_n_processes (recording) : 0;

  g_return_if_fail (MS_IS_PROCESS_BUTTON (self));

  ms_request_cancel (&self->cancellable);
  self->n_curves = 0;
  self->chosen = NULL;
  for (GtkWidget *row; (row = gtk_widget_get_first_child (self->list)) != NULL;)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), row);
  g_set_object (&self->recording, recording);
  gtk_widget_set_visible (GTK_WIDGET (self), n_processes > 1);
  if (n_processes <= 1)
    return;
  name_button (self, ms_recording_get_process (recording, process));
  fill (self, process);
  if (gtk_widget_get_mapped (self->popover))
    load_next_curve (self);
}
