/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-attach-dialog.h"
#include "ms-display-name.h"
#include "ms-display-units.h"
#include "ms-figures.h"
#include "ms-live-bytes.h"

#include <glib/gi18n-lib.h>

struct _MsAttachDialog {
  AdwWindow parent_instance;

  GtkWidget *stack, *list;
  MsRunningPrograms *programs;
};

G_DEFINE_FINAL_TYPE (MsAttachDialog, ms_attach_dialog, ADW_TYPE_WINDOW)

static guint chosen_signal;

/* --- rows ----------------------------------------------------------------------------------------------- */

/* Of a row. */
#define LIVE_BYTES "ms-live-bytes"
#define PROGRAM "ms-running-program"

/* "4711 · suspended · 16 threads · 12.4 MB live · recording"; what is resident where that is not known. */
static char *
describe (MsRunningProgram *program, MsLiveBytes *live)
{
  guint64 live_bytes;
  guint n_threads = ms_running_program_get_n_threads (program);
  guint64 resident = ms_running_program_get_resident_bytes (program);
  const char *state = ms_running_program_get_state (program);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%u", ms_running_program_get_pid (program));
  if (ms_running_program_is_suspended (program)) /* first, as the end may be cut */
    g_string_append_printf (text, " · %s", _ ("suspended"));
  if (n_threads > 0)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text,
                              g_dngettext (GETTEXT_PACKAGE, "%u thread", "%u threads", n_threads),
                              n_threads);
    }
  if (ms_live_bytes_get (live, &live_bytes))
    {
      g_autofree char *bytes = ms_figure_bytes (live_bytes);

      g_string_append (text, " · ");
      /* Translators: what a program has allocated and not freed, as "12 MB live". */
      g_string_append_printf (text, _ ("%s live"), bytes);
    }
  else if (resident > 0)
    {
      g_autofree char *bytes = ms_figure_bytes (resident);

      g_string_append (text, " · ");
      /* Translators: memory of a process, as "120 MB resident". */
      g_string_append_printf (text, _ ("%s resident"), bytes);
    }
  if (g_str_equal (state, "recording"))
    g_string_append_printf (text, " · %s", _ ("recording"));
  else if (g_str_equal (state, "dormant"))
    g_string_append_printf (text, " · %s", _ ("not recording now"));
  return g_string_free (text, FALSE);
}

static void
update_row (MsRunningProgram *program, GParamSpec *pspec, AdwActionRow *row)
{
  g_autofree char *name = ms_display_name (ms_running_program_get_program (program));
  g_autofree char *title = g_markup_escape_text (name, -1);
  g_autofree char *figures = describe (program, g_object_get_data (G_OBJECT (row), LIVE_BYTES));
  g_autofree char *command =
      ms_display_text (ms_running_program_get_command (program), MS_DISPLAY_NAME_MAX);
  /* Of three interpreters that run it says which is which.  Two paragraphs, each cut to one line. */
  g_autofree char *subtitle = g_markup_printf_escaped ("%s\n%s", command, figures);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (row, subtitle);
  gtk_widget_set_tooltip_text (GTK_WIDGET (row), command);
}

static void
live_changed_cb (AdwActionRow *row)
{
  update_row (g_object_get_data (G_OBJECT (row), PROGRAM), NULL, row);
}

/* A process that begins another program (exec) has another folder. */
static void
read_folder (MsRunningProgram *program, GParamSpec *pspec, AdwActionRow *row)
{
  MsLiveBytes *live = ms_live_bytes_new (ms_running_program_get_folder (program));

  g_object_set_data_full (G_OBJECT (row), LIVE_BYTES, live, g_object_unref);
  g_signal_connect_object (live, "changed", G_CALLBACK (live_changed_cb), row, G_CONNECT_SWAPPED);
}

static GtkWidget *
new_row_cb (gpointer item, gpointer user_data)
{
  GtkWidget *row = adw_action_row_new ();

  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  read_folder (item, NULL, ADW_ACTION_ROW (row));
  g_signal_connect_object (item, "notify::folder", G_CALLBACK (read_folder), row, 0);
  g_signal_connect_object (item, "notify", G_CALLBACK (update_row), row, 0);
  g_object_set_data_full (G_OBJECT (row), PROGRAM, g_object_ref (item), g_object_unref);
  ms_display_units_watch (row, G_CALLBACK (live_changed_cb));
  update_row (item, NULL, ADW_ACTION_ROW (row));
  return row;
}

static void
update_stack (MsAttachDialog *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->programs));

  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), n > 0 ? "list" : "nothing");
}

static void
row_activated_cb (MsAttachDialog *self, GtkListBoxRow *row)
{
  g_autoptr (MsRunningProgram) program =
      g_list_model_get_item (G_LIST_MODEL (self->programs),
                             (guint) gtk_list_box_row_get_index (row));

  if (program == NULL)
    return;
  g_signal_emit (self, chosen_signal, 0, program);
  gtk_window_close (GTK_WINDOW (self));
}

/* --- the dialog ----------------------------------------------------------------------------------------- */

static void
ms_attach_dialog_dispose (GObject *object)
{
  MsAttachDialog *self = MS_ATTACH_DIALOG (object);

  if (self->programs != NULL)
    g_signal_handlers_disconnect_by_data (self->programs, self);
  g_clear_object (&self->programs);
  G_OBJECT_CLASS (ms_attach_dialog_parent_class)->dispose (object);
}

static void
ms_attach_dialog_class_init (MsAttachDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ms_attach_dialog_dispose;
  chosen_signal = g_signal_new ("chosen", MS_TYPE_ATTACH_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, MS_TYPE_RUNNING_PROGRAM);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static GtkWidget *
new_list (MsAttachDialog *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "boxed-list");
  gtk_widget_set_valign (self->list, GTK_ALIGN_START);
  gtk_widget_set_margin_top (self->list, 12);
  gtk_widget_set_margin_bottom (self->list, 12);
  gtk_widget_set_margin_start (self->list, 12);
  gtk_widget_set_margin_end (self->list, 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Programs that are being recorded"), -1);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (row_activated_cb), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->list);
  return scrolled;
}

static void
ms_attach_dialog_init (MsAttachDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *nothing = adw_status_page_new ();

  adw_status_page_set_title (ADW_STATUS_PAGE (nothing), _ ("Nothing Is Being Recorded"));
  adw_status_page_set_description (
      ADW_STATUS_PAGE (nothing),
      _ ("Programs that are started with “memscope record” appear here while they run."));
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), new_list (self), "list");
  gtk_stack_add_named (GTK_STACK (self->stack), nothing, "nothing");
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), self->stack);
  adw_window_set_content (ADW_WINDOW (self), box);

  self->programs = ms_running_programs_new ();
  gtk_list_box_bind_model (GTK_LIST_BOX (self->list), G_LIST_MODEL (self->programs), new_row_cb,
                           NULL, NULL);
  g_signal_connect_swapped (self->programs, "items-changed", G_CALLBACK (update_stack), self);
  update_stack (self);
}

GtkWindow *
ms_attach_dialog_new (GtkWindow *parent)
{
  return g_object_new (MS_TYPE_ATTACH_DIALOG, "title", _ ("Attach to a Running Program"),
                       "transient-for", parent, "modal", TRUE, "default-width", 460,
                       "default-height", 420, NULL);
}
