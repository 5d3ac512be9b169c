/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-role-glyph.h"
#include "ms-role-look.h"
#include "ms-text-scale.h"
#include "ms-widget-palette.h"

#define SIZE_PX 16

struct _MsRoleGlyph {
  GtkWidget parent_instance;

  MsRole role;
};

G_DEFINE_FINAL_TYPE (MsRoleGlyph, ms_role_glyph, GTK_TYPE_WIDGET)

/* As large as the word beside it. */
static int
get_size_px (GtkWidget *widget)
{
  return (int) (SIZE_PX * ms_text_scale_get (widget) + 0.5);
}

static void
ms_role_glyph_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MsRoleGlyph *self = MS_ROLE_GLYPH (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  int size = get_size_px (widget);
  MsPalette palette;

  ms_widget_get_palette (widget, &palette);
  ms_color_set_source (cr, palette.role[self->role]);
  ms_role_paint_glyph (cr, self->role, (width - size) / 2.0, (height - size) / 2.0, size);
  cairo_destroy (cr);
}

static void
ms_role_glyph_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  *minimum = *natural = get_size_px (widget);
}

static void
ms_role_glyph_class_init (MsRoleGlyphClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = ms_role_glyph_snapshot;
  widget_class->measure = ms_role_glyph_measure;
  /* The word stands beside it. */
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
ms_role_glyph_init (MsRoleGlyph *self)
{
}

GtkWidget *
ms_role_glyph_new (MsRole role)
{
  MsRoleGlyph *self = g_object_new (MS_TYPE_ROLE_GLYPH, NULL);

  self->role = role;
  return GTK_WIDGET (self);
}

void
ms_role_glyph_set_role (MsRoleGlyph *self, MsRole role)
{
  g_return_if_fail (MS_IS_ROLE_GLYPH (self));

  if (self->role == role)
    return;
  self->role = role;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
