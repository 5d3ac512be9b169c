/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-growth-list.h"
#include "ms-display-name.h"
#include "ms-figures.h"
#include "ms-growth.h"
#include "ms-request.h"

#include <glib/gi18n-lib.h>

#define N_ROWS 10
#define N_CALLERS 3

struct _MsGrowthList {
  AdwBin parent_instance;

  GtkWidget *box, *heading, *note, *list;
  MsLens *lens;
  GCancellable *cancellable;
  guint n_rows;
};

G_DEFINE_FINAL_TYPE (MsGrowthList, ms_growth_list, ADW_TYPE_BIN)

/* "+ 32.8 MB", "− 1.2 kB". */
static char *
format_change (gint64 bytes)
{
  g_autofree char *text = ms_figure_bytes ((guint64) ABS (bytes));

  return g_strdup_printf ("%s" MS_THIN_SPACE "%s", bytes < 0 ? "−" : "+", text);
}

static void
remove_rows (MsGrowthList *self)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), row);
  self->n_rows = 0;
  gtk_widget_set_visible (self->list, FALSE);
}

/* Who called the place that the row names, nearest first: several stacks grow at one place.  NULL: nobody. */
static char *
dup_callers (MsGrowthList *self, guint stack)
{
  MsFrameNames *names = ms_lens_get_frame_names (self->lens);
  g_autoptr (GString) text = g_string_new (NULL);
  const guint *frames;
  guint n = 0, site, n_shown = 0;

  if (names == NULL || stack >= ms_frame_names_get_n_stacks (names)
      || !ms_frame_names_find_site (names, stack, &site))
    return NULL;
  frames = ms_frame_names_get_stack (names, stack, &n, NULL);
  for (guint i = 0; i < n; i++)
    if (frames[i] == site)
      {
        for (guint caller = i + 1; caller < n && n_shown < N_CALLERS; caller++, n_shown++)
          g_string_append_printf (text, "%s%s", n_shown > 0 ? " ← " : "",
                                  ms_frame_names_get_label (names, frames[caller]));
        break;
      }
  return n_shown > 0 ? ms_display_text (text->str, MS_DISPLAY_NAME_MAX) : NULL;
}

static GtkWidget *
new_row (MsGrowthList *self, const MsGrownStack *stack)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *site = ms_lens_dup_site (self->lens, stack->stack);
  g_autofree char *title = g_markup_escape_text (site, -1);
  g_autofree char *bytes = format_change (stack->bytes);
  g_autofree char *count = ms_figure_count ((guint64) ABS (stack->blocks));
  g_autofree char *blocks =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s%s block", "%s%s blocks",
                                    (gulong) MIN (ABS (stack->blocks), G_MAXINT32)),
                       stack->blocks < 0 ? "− " : "+ ", count);
  g_autofree char *callers = dup_callers (self, stack->stack);
  g_autofree char *below =
      callers != NULL ? g_markup_printf_escaped ("%s · ← %s", blocks, callers) : g_strdup (blocks);
  GtkWidget *figure = gtk_label_new (bytes);

  gtk_widget_add_css_class (figure, "numeric");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), below);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 2);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), figure);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_widget_set_tooltip_text (row, _ ("Show only this call stack"));
  g_object_set_data (G_OBJECT (row), "stack", GUINT_TO_POINTER (stack->stack));
  return row;
}

static void
show_growth (MsGrowthList *self, const MsGrowth *growth)
{
  g_autofree char *start = ms_figure_bytes (growth->start_bytes);
  g_autofree char *end = ms_figure_bytes (growth->end_bytes);
  g_autofree char *change = format_change ((gint64) (growth->end_bytes - growth->start_bytes));
  g_autofree char *shrunk = format_change (growth->shrunk_bytes);
  /* Translators: live bytes at the start and at the end of a range, and the difference. */
  g_autofree char *heading = g_strdup_printf (_ ("%s → %s (%s)"), start, end, change);
  g_autofree char *note = NULL;

  remove_rows (self);
  if (growth->n_grown == 0)
    note = g_strdup (_ ("No call stack has more live bytes at the end than at the start."));
  else if (growth->n_shrunk > 0)
    note =
        g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u call stack grew; those that shrank: %s.",
                                      "%u call stacks grew; those that shrank: %s.",
                                      growth->n_grown),
                         growth->n_grown, shrunk);
  else
    note = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u call stack grew, none shrank.",
                                         "%u call stacks grew, none shrank.", growth->n_grown),
                            growth->n_grown);
  gtk_label_set_text (GTK_LABEL (self->heading), heading);
  gtk_label_set_text (GTK_LABEL (self->note), note);
  for (guint i = 0; i < MIN (growth->n_grown, N_ROWS); i++)
    {
      const MsGrownStack *stack = &g_array_index (growth->stacks, MsGrownStack, i);

      gtk_list_box_append (GTK_LIST_BOX (self->list), new_row (self, stack));
      self->n_rows++;
    }
  gtk_widget_set_visible (self->list, self->n_rows > 0);
}

static void
growth_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  MsView *view = task_data;

  g_task_return_pointer (task,
                         ms_growth_new (view, ms_trace_get_main_domain (ms_view_get_trace (view))),
                         (GDestroyNotify) ms_growth_free);
}

static void
growth_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsGrowthList) self = MS_GROWTH_LIST (user_data);
  g_autoptr (MsGrowth) growth = g_task_propagate_pointer (G_TASK (result), NULL);

  /* NULL: cancelled, another range is looked at by now. */
  if (growth != NULL && self->lens != NULL)
    show_growth (self, growth);
}

static void
update (MsGrowthList *self)
{
  ms_request_cancel (&self->cancellable);
  if (self->lens == NULL || !ms_focus_get_range (ms_lens_get_focus (self->lens), NULL, NULL))
    return;

  MsView *view = ms_lens_get_view (self->lens);
  if (view == NULL)
    {
      remove_rows (self);
      gtk_label_set_text (GTK_LABEL (self->heading), _ ("Not available"));
      gtk_label_set_text (GTK_LABEL (self->note), ms_lens_get_problem (self->lens));
      return;
    }
  if (ms_lens_get_busy (self->lens))
    return;
  self->cancellable = g_cancellable_new ();
  g_autoptr (GTask) task =
      g_task_new (NULL, self->cancellable, growth_found_cb, g_object_ref (self));
  g_task_set_task_data (task, g_object_ref (view), g_object_unref);
  g_task_run_in_thread (task, growth_worker);
}

static void
row_activated_cb (MsGrowthList *self, GtkListBoxRow *row)
{
  GtkWidget *popover = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_POPOVER);
  guint stack = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "stack"));

  if (self->lens == NULL)
    return;

  /* Closing takes the lens away. */
  g_autoptr (MsFocus) focus = g_object_ref (ms_lens_get_focus (self->lens));
  if (popover != NULL)
    gtk_popover_popdown (GTK_POPOVER (popover));
  ms_focus_set_stack (focus, stack);
}

static void
ms_growth_list_dispose (GObject *object)
{
  MsGrowthList *self = MS_GROWTH_LIST (object);

  ms_growth_list_set_lens (self, NULL);
  G_OBJECT_CLASS (ms_growth_list_parent_class)->dispose (object);
}

static void
ms_growth_list_class_init (MsGrowthListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_growth_list_dispose;
}

static GtkWidget *
add_label (MsGrowthList *self, const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 44);
  gtk_widget_add_css_class (label, css_class);
  gtk_widget_add_css_class (label, "numeric");
  gtk_box_append (GTK_BOX (self->box), label);
  return label;
}

static void
ms_growth_list_init (MsGrowthList *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  adw_bin_set_child (ADW_BIN (self), self->box);
  self->heading = add_label (self, "heading");
  self->note = add_label (self, "dim-label");
  gtk_label_set_text (GTK_LABEL (self->heading), _ ("Computing…"));
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "boxed-list");
  gtk_widget_set_margin_top (self->list, 6);
  gtk_widget_set_visible (self->list, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Call stacks that grew"), -1);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (row_activated_cb), self);
  gtk_box_append (GTK_BOX (self->box), self->list);
}

void
ms_growth_list_set_lens (MsGrowthList *self, MsLens *lens)
{
  g_return_if_fail (MS_IS_GROWTH_LIST (self));

  ms_request_cancel (&self->cancellable);
  if (self->lens != NULL)
    g_signal_handlers_disconnect_by_data (self->lens, self);
  g_set_object (&self->lens, lens);
  if (lens != NULL)
    {
      g_signal_connect_swapped (lens, "changed", G_CALLBACK (update), self);
      g_signal_connect_swapped (lens, "notify::busy", G_CALLBACK (update), self);
      g_signal_connect_swapped (lens, "names-changed", G_CALLBACK (update), self);
      update (self);
    }
}

guint
ms_growth_list_get_n_rows (MsGrowthList *self)
{
  g_return_val_if_fail (MS_IS_GROWTH_LIST (self), 0);

  return self->n_rows;
}
