/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-system-page.h"
#include "ms-request.h"
#include "ms-side-layout.h"
#include "ms-status-words.h"
#include "ms-system-cards.h"
#include "ms-system-rows.h"

#include <glib/gi18n-lib.h>

#define SIDE_PX 400
#define WIDE_PX 960
#define SPACING_PX 24

struct _MsSystemPage {
  AdwBin parent_instance;

  GtkWidget *stack, *nothing, *cards, *body, *main, *side;
  MsLens *lens;
  GCancellable *cancellable; /* while it looks */
  gboolean is_stale;         /* what changed while nobody saw the page */
};

G_DEFINE_FINAL_TYPE (MsSystemPage, ms_system_page, ADW_TYPE_BIN)

static void
clear_box (GtkWidget *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (box)) != NULL)
    gtk_box_remove (GTK_BOX (box), child);
}

static void
fill (MsSystemPage *self, const MsSystemFigures *figures)
{
  MsFocus *focus = ms_lens_get_focus (self->lens);

  ms_system_cards_show (MS_SYSTEM_CARDS (self->cards), self->lens, figures);
  clear_box (self->main);
  clear_box (self->side);
  gtk_box_append (GTK_BOX (self->main), ms_system_verdicts_new (figures));
  gtk_box_append (GTK_BOX (self->main), ms_system_anomalies_new (figures, focus));
  gtk_box_append (GTK_BOX (self->main), ms_system_scores_new (self->lens));
  gtk_box_append (GTK_BOX (self->side), ms_system_memory_new (figures));
  gtk_box_append (GTK_BOX (self->side), ms_system_sampling_new (figures, focus));
  gtk_box_append (GTK_BOX (self->side), ms_system_notes_new (ms_lens_get_document (self->lens)));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "figures");
}

/* --- what somebody opened stays open --- */

/* Titles of groups of rows, and whether each is open. */
static void
note_open (GtkWidget *widget, GHashTable *open)
{
  if (ADW_IS_EXPANDER_ROW (widget))
    {
      char *title = g_strdup (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)));
      gboolean is_open = adw_expander_row_get_expanded (ADW_EXPANDER_ROW (widget));

      g_hash_table_insert (open, title, GINT_TO_POINTER (is_open));
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    note_open (child, open);
}

static void
open_again (GtkWidget *widget, GHashTable *open)
{
  gpointer is_open;

  if (ADW_IS_EXPANDER_ROW (widget))
    {
      if (g_hash_table_lookup_extended (open,
                                        adw_preferences_row_get_title (
                                            ADW_PREFERENCES_ROW (widget)),
                                        NULL, &is_open))
        adw_expander_row_set_expanded (ADW_EXPANDER_ROW (widget), GPOINTER_TO_INT (is_open));
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    open_again (child, open);
}

static void
show_figures (MsSystemPage *self, const MsSystemFigures *figures)
{
  g_autoptr (GHashTable) open = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  note_open (self->body, open);
  fill (self, figures);
  open_again (self->body, open);
}

static void
show_problem (MsSystemPage *self, const char *problem)
{
  ms_status_words_set (self->nothing, problem);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "nothing");
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsSystemPage) self = ms_request_ticket_redeem (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsSystemFigures) figures = ms_system_figures_load_finish (result, &error);

  if (self == NULL || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  g_clear_object (&self->cancellable);
  if (figures != NULL)
    show_figures (self, figures);
  else
    show_problem (self, error->message);
}

/* What is shown stays until the answer is there. */
static void
lens_changed_cb (MsSystemPage *self)
{
  ms_request_cancel (&self->cancellable);
  self->is_stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (self->is_stale)
    return;
  if (ms_lens_get_view (self->lens) == NULL)
    {
      show_problem (self, ms_lens_get_problem (self->lens));
      return;
    }
  self->cancellable = g_cancellable_new ();
  ms_system_figures_load_async (self->lens, self->cancellable, loaded_cb,
                                ms_request_ticket_new (self));
}

/* --- the page --- */

static void
ms_system_page_map (GtkWidget *widget)
{
  MsSystemPage *self = MS_SYSTEM_PAGE (widget);

  GTK_WIDGET_CLASS (ms_system_page_parent_class)->map (widget);
  if (self->is_stale && self->lens != NULL)
    lens_changed_cb (self);
}

static void
ms_system_page_dispose (GObject *object)
{
  MsSystemPage *self = MS_SYSTEM_PAGE (object);

  if (self->stack != NULL)
    ms_system_page_set_lens (self, NULL);
  G_OBJECT_CLASS (ms_system_page_parent_class)->dispose (object);
}

static void
ms_system_page_class_init (MsSystemPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ms_system_page_dispose;
  widget_class->map = ms_system_page_map;
  g_type_ensure (MS_TYPE_SYSTEM_CARDS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/memscope/Memscope/ui/ms-system-page.ui");
  gtk_widget_class_bind_template_child (widget_class, MsSystemPage, stack);
  gtk_widget_class_bind_template_child (widget_class, MsSystemPage, nothing);
  gtk_widget_class_bind_template_child (widget_class, MsSystemPage, cards);
  gtk_widget_class_bind_template_child (widget_class, MsSystemPage, body);
  gtk_widget_class_bind_template_child (widget_class, MsSystemPage, main);
  gtk_widget_class_bind_template_child (widget_class, MsSystemPage, side);
}

static void
ms_system_page_init (MsSystemPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (self->body, ms_side_layout_new (SIDE_PX, WIDE_PX, SPACING_PX));
}

GtkWidget *
ms_system_page_new (void)
{
  return g_object_new (MS_TYPE_SYSTEM_PAGE, NULL);
}

void
ms_system_page_set_lens (MsSystemPage *self, MsLens *lens)
{
  g_return_if_fail (MS_IS_SYSTEM_PAGE (self));

  if (self->lens == lens)
    return;
  ms_request_cancel (&self->cancellable);
  if (self->lens != NULL)
    g_signal_handlers_disconnect_by_data (self->lens, self);
  g_set_object (&self->lens, lens);
  ms_system_cards_wait (MS_SYSTEM_CARDS (self->cards));
  clear_box (self->main);
  clear_box (self->side);
  if (lens == NULL)
    return;
  g_signal_connect_swapped (lens, "changed", G_CALLBACK (lens_changed_cb), self);
  lens_changed_cb (self);
}

gboolean
ms_system_page_is_busy (MsSystemPage *self)
{
  g_return_val_if_fail (MS_IS_SYSTEM_PAGE (self), FALSE);

  return self->cancellable != NULL;
}
