/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-process-button.h"
#include "ms-display-name.h"
#include "ms-document.h"
#include "ms-figures.h"

#include <glib/gi18n-lib.h>

#define INDENT_PX 16
#define MAX_DEPTH 8
/* A build of thousands of short compilers: the command line lists them all, a menu need not. */
#define MAX_ROWS 400

struct _MsProcessButton {
  AdwBin parent_instance;

  GtkWidget *button, *label, *popover, *list;
  GtkWidget *chosen; /* the row of the process shown, or NULL */
};

G_DEFINE_FINAL_TYPE (MsProcessButton, ms_process_button, ADW_TYPE_BIN)

static guint process_chosen_signal;

/* How many ancestors of @process are in the recording. */
static guint
get_depth (MsRecording *recording, const MsProcess *process)
{
  guint depth = 0;

  for (gboolean found = TRUE; found && depth < MAX_DEPTH;)
    {
      gint parent_pid = process->parent_pid;

      found = FALSE;
      for (guint i = 0; i < ms_recording_get_n_processes (recording) && !found; i++)
        {
          const MsProcess *other = ms_recording_get_process (recording, i);

          if (other->pid == parent_pid && other != process && other->pid != process->pid)
            {
              process = other;
              found = TRUE;
              depth++;
            }
        }
    }
  return depth;
}

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
  g_autofree char *end = ms_describe_process_end (process->state, process->exit_status);
  g_autofree char *duration = ms_figure_duration (process->duration_ns);
  return g_strdup_printf ("%d · %s · %s", process->pid, duration, end);
}

static GtkWidget *
new_row (MsRecording *recording, guint index, gboolean chosen)
{
  const MsProcess *process = ms_recording_get_process (recording, index);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);
  GtkWidget *text = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  g_autofree char *program = ms_display_name (process->program);
  g_autofree char *life = describe_life (process);
  g_autofree char *peak =
      process->has_totals ? ms_figure_bytes (process->peak_bytes) : g_strdup (MS_NOT_MEASURED);
  GtkWidget *peak_label = gtk_label_new (peak);

  gtk_box_append (GTK_BOX (text), new_line (program, chosen ? "heading" : NULL));
  gtk_box_append (GTK_BOX (text), new_line (life, "process-life"));
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_set_margin_start (text, (int) get_depth (recording, process) * INDENT_PX);
  gtk_widget_add_css_class (peak_label, "numeric");
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), peak_label);
  if (chosen)
    gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("object-select-symbolic"));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_sensitive (row, process->not_followed == NULL);
  if (process->command != NULL)
    {
      g_autofree char *command = ms_display_name (process->command);

      gtk_widget_set_tooltip_text (row, command);
    }
  return row;
}

static void
row_activated_cb (MsProcessButton *self, GtkListBoxRow *row)
{
  gtk_popover_popdown (GTK_POPOVER (self->popover));
  g_signal_emit (self, process_chosen_signal, 0, (guint) gtk_list_box_row_get_index (row));
}

/* The list opens where one is. */
static void
popover_mapped_cb (MsProcessButton *self)
{
  if (self->chosen != NULL)
    gtk_widget_grab_focus (self->chosen);
}

static void
ms_process_button_class_init (MsProcessButtonClass *klass)
{
  process_chosen_signal = g_signal_new ("process-chosen", MS_TYPE_PROCESS_BUTTON, G_SIGNAL_RUN_LAST,
                                        0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
ms_process_button_init (MsProcessButton *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

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
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->button), self->label);
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
ms_process_button_set_recording (MsProcessButton *self, MsRecording *recording, guint process)
{
  g_return_if_fail (MS_IS_PROCESS_BUTTON (self));

  for (GtkWidget *row; (row = gtk_widget_get_first_child (self->list)) != NULL;)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), row);
  self->chosen = NULL;

  guint n_processes = recording != NULL ? ms_recording_get_n_processes (recording) : 0;
  gtk_widget_set_visible (GTK_WIDGET (self), n_processes > 1);
  if (n_processes <= 1)
    return;

  const MsProcess *chosen = ms_recording_get_process (recording, process);
  g_autofree char *program = ms_display_name (chosen->program);
  g_autofree char *label = g_strdup_printf ("%s %d", program, chosen->pid);
  /* Translators: accessible name of a menu button; a program's name and its process number. */
  g_autofree char *name = g_strdup_printf (_ ("Process: %s"), label);

  gtk_label_set_text (GTK_LABEL (self->label), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
  for (guint i = 0; i < MIN (n_processes, MAX_ROWS); i++)
    {
      GtkWidget *row = new_row (recording, i, i == process);

      gtk_list_box_append (GTK_LIST_BOX (self->list), row);
      if (i == process)
        self->chosen = row;
    }
}
