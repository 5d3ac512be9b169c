/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-summary-card.h"

#include <glib/gi18n-lib.h>

struct _MsSummaryCard {
  GtkWidget parent_instance;

  GtkWidget *title, *figure, *note;
};

G_DEFINE_FINAL_TYPE (MsSummaryCard, ms_summary_card, GTK_TYPE_WIDGET)

static void
ms_summary_card_dispose (GObject *object)
{
  for (GtkWidget *child; (child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL;)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (ms_summary_card_parent_class)->dispose (object);
}

static void
ms_summary_card_class_init (MsSummaryCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ms_summary_card_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "summarycard");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
add_line (MsSummaryCard *self, const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, css_class);
  gtk_widget_set_parent (label, GTK_WIDGET (self));
  return label;
}

static void
ms_summary_card_init (MsSummaryCard *self)
{
  GtkLayoutManager *manager = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (manager), GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (GTK_WIDGET (self), "card");
  self->title = add_line (self, "summary-title");
  self->figure = add_line (self, "summary-figure");
  self->note = add_line (self, "summary-note");
  gtk_label_set_width_chars (GTK_LABEL (self->note), 17);
}

GtkWidget *
ms_summary_card_new (const char *title)
{
  MsSummaryCard *self = g_object_new (MS_TYPE_SUMMARY_CARD, NULL);

  gtk_label_set_text (GTK_LABEL (self->title), title);
  return GTK_WIDGET (self);
}

void
ms_summary_card_set_title (MsSummaryCard *self, const char *title)
{
  g_return_if_fail (MS_IS_SUMMARY_CARD (self));

  gtk_label_set_text (GTK_LABEL (self->title), title);
}

void
ms_summary_card_wait (MsSummaryCard *self)
{
  g_return_if_fail (MS_IS_SUMMARY_CARD (self));

  ms_summary_card_set (self, "…", NULL);
}

void
ms_summary_card_set (MsSummaryCard *self, const char *figure, const char *note)
{
  g_return_if_fail (MS_IS_SUMMARY_CARD (self));

  const char *shown = figure != NULL ? figure : _ ("Not available");
  g_autofree char *label =
      g_strdup_printf ("%s: %s, %s", gtk_label_get_text (GTK_LABEL (self->title)), shown,
                       note != NULL ? note : "");

  gtk_label_set_text (GTK_LABEL (self->figure), shown);
  gtk_label_set_text (GTK_LABEL (self->note), note != NULL ? note : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), note);
  if (figure == NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), "unavailable");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "unavailable");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}
