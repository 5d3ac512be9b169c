/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-plot-card.h"
#include "ms-picture-dialog.h"
#include "ms-saving.h"

#include <glib/gi18n-lib.h>

#define PICTURE_MARGIN_PX 12

struct _MsPlotCard {
  AdwBin parent_instance;

  char *name;
  MsPlotArea *area;
  MsFigureTable *table;
  GtkWidget *stack, *reading, *toggle;
};

G_DEFINE_FINAL_TYPE (MsPlotCard, ms_plot_card, ADW_TYPE_BIN)

/* --- what it does --- */

static void
reading_cb (MsPlotCard *self)
{
  g_autofree char *reading = ms_plot_area_dup_reading (self->area);

  gtk_label_set_text (GTK_LABEL (self->reading), reading);
}

static void
toggled_cb (MsPlotCard *self)
{
  gboolean wants_table = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->toggle));

  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), wants_table ? "table" : "plot");
}

static void
copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *csv = ms_figure_table_to_csv (MS_PLOT_CARD (widget)->table);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), csv);
}

static void
save_csv_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsPlotCard *self = MS_PLOT_CARD (widget);

  ms_saving_ask_for_table (widget, self->name, ms_figure_table_to_csv (self->table));
}

static void
paint_picture (GtkWidget *plot, cairo_t *cr, const MsPalette *palette)
{
  ms_color_set_source (cr, palette->surface);
  cairo_paint (cr);
  cairo_translate (cr, PICTURE_MARGIN_PX, PICTURE_MARGIN_PX);
  ms_plot_area_paint (MS_PLOT_AREA (plot), cr, palette);
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsPlotCard *self = MS_PLOT_CARD (widget);
  GtkWidget *area = GTK_WIDGET (self->area);

  ms_picture_dialog_show (area, self->name, gtk_widget_get_width (area) + 2 * PICTURE_MARGIN_PX,
                          gtk_widget_get_height (area) + 2 * PICTURE_MARGIN_PX, paint_picture);
}

/* --- the widget --- */

static GtkWidget *
new_header (MsPlotCard *self, const char *title)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2), *label = gtk_label_new (title);
  GtkWidget *menu = gtk_menu_button_new ();
  g_autoptr (GMenu) model = g_menu_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, "plot-title");
  gtk_box_append (GTK_BOX (box), label);

  self->toggle = gtk_toggle_button_new ();
  gtk_button_set_icon_name (GTK_BUTTON (self->toggle), "view-list-symbolic");
  gtk_widget_add_css_class (self->toggle, "flat");
  gtk_widget_set_tooltip_text (self->toggle, _ ("Show as a Table"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->toggle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Show as a Table"), -1);
  g_signal_connect_swapped (self->toggle, "toggled", G_CALLBACK (toggled_cb), self);
  gtk_box_append (GTK_BOX (box), self->toggle);

  g_menu_append (model, _ ("_Copy as CSV"), "card.copy-csv");
  g_menu_append (model, _ ("_Save as CSV…"), "card.save-csv");
  g_menu_append (model, _ ("Save _Picture…"), "card.save-picture");
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (menu), "view-more-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (menu), G_MENU_MODEL (model));
  gtk_widget_add_css_class (menu, "flat");
  gtk_widget_set_tooltip_text (menu, _ ("Copy or Save"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (menu), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Copy or Save"), -1);
  gtk_box_append (GTK_BOX (box), menu);
  return box;
}

static void
ms_plot_card_finalize (GObject *object)
{
  g_free (MS_PLOT_CARD (object)->name);
  G_OBJECT_CLASS (ms_plot_card_parent_class)->finalize (object);
}

static void
ms_plot_card_class_init (MsPlotCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ms_plot_card_finalize;
  gtk_widget_class_set_css_name (widget_class, "plotcard");
  gtk_widget_class_install_action (widget_class, "card.copy-csv", NULL, copy_action);
  gtk_widget_class_install_action (widget_class, "card.save-csv", NULL, save_csv_action);
  gtk_widget_class_install_action (widget_class, "card.save-picture", NULL, save_action);
}

static void
ms_plot_card_init (MsPlotCard *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "card");
}

GtkWidget *
ms_plot_card_new (const char *title, const char *name, MsPlotArea *area, MsFigureTable *table)
{
  MsPlotCard *self = g_object_new (MS_TYPE_PLOT_CARD, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->name = g_strdup (name);
  self->area = area;
  self->table = table;
  self->stack = gtk_stack_new ();
  /* The table may be larger than the plot: the card grows only while it is shown. */
  gtk_stack_set_vhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_stack_add_named (GTK_STACK (self->stack), GTK_WIDGET (area), "plot");
  gtk_stack_add_named (GTK_STACK (self->stack), GTK_WIDGET (table), "table");

  self->reading = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->reading), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->reading), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->reading, "plot-reading");
  g_signal_connect_swapped (area, "reading", G_CALLBACK (reading_cb), self);

  gtk_box_append (GTK_BOX (box), new_header (self, title));
  gtk_box_append (GTK_BOX (box), self->stack);
  gtk_box_append (GTK_BOX (box), self->reading);
  adw_bin_set_child (ADW_BIN (self), box);
  reading_cb (self);
  return GTK_WIDGET (self);
}
