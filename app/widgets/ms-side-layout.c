/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-side-layout.h"
#include "ms-text-scale.h"

struct _MsSideLayout {
  GtkLayoutManager parent_instance;

  int side_px, wide_px, spacing_px;
};

G_DEFINE_FINAL_TYPE (MsSideLayout, ms_side_layout, GTK_TYPE_LAYOUT_MANAGER)

/* The side holds words: twice as large they need twice the room. */
static int
get_side_px (MsSideLayout *self, GtkWidget *widget)
{
  return (int) (self->side_px * ms_text_scale_get (widget));
}

static int
get_wide_px (MsSideLayout *self, GtkWidget *widget)
{
  return (int) (self->wide_px * ms_text_scale_get (widget));
}

static GtkWidget *
get_side (GtkWidget *widget)
{
  GtkWidget *side = gtk_widget_get_next_sibling (gtk_widget_get_first_child (widget));

  return side != NULL && gtk_widget_should_layout (side) ? side : NULL;
}

static int
measure (GtkWidget *child, GtkOrientation orientation, int for_size, int *minimum)
{
  int natural, least;

  gtk_widget_measure (child, orientation, for_size, &least, &natural, NULL, NULL);
  if (minimum != NULL)
    *minimum = least;
  return natural;
}

static void
ms_side_layout_measure (GtkLayoutManager *manager,
                        GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  MsSideLayout *self = MS_SIDE_LAYOUT (manager);
  int side_px = get_side_px (self, widget), wide_px = get_wide_px (self, widget);
  GtkWidget *main = gtk_widget_get_first_child (widget), *side = get_side (widget);
  int least, side_least = 0, size, side_size = 0;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      size = measure (main, orientation, -1, &least);
      if (side != NULL)
        side_size = measure (side, orientation, -1, &side_least);
      *minimum = MAX (least, side_least);
      *natural = MAX (*minimum, size + self->spacing_px + side_size);
      return;
    }

  int width = for_size >= 0 ? for_size : wide_px;
  gboolean wide = side != NULL && width >= wide_px;
  int main_width = wide ? width - side_px - self->spacing_px : width;
  size = measure (main, orientation, main_width, &least);
  if (side != NULL)
    side_size = measure (side, orientation, wide ? side_px : width, NULL);
  if (wide)
    {
      *minimum = *natural = MAX (least, side_size);
      return;
    }
  /* The side has no use for less than what it wants: it is cards, one below the other. */
  *minimum = least + (side != NULL ? self->spacing_px + side_size : 0);
  *natural = size + (side != NULL ? self->spacing_px + side_size : 0);
}

static void
ms_side_layout_allocate (GtkLayoutManager *manager,
                         GtkWidget *widget,
                         int width,
                         int height,
                         int baseline)
{
  MsSideLayout *self = MS_SIDE_LAYOUT (manager);
  int side_px = get_side_px (self, widget), wide_px = get_wide_px (self, widget);
  GtkWidget *main = gtk_widget_get_first_child (widget), *side = get_side (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;

  if (side == NULL)
    {
      gtk_widget_size_allocate (main, &(GtkAllocation) { 0, 0, width, height }, -1);
      return;
    }
  if (width >= wide_px)
    {
      int main_width = width - side_px - self->spacing_px;
      int side_height = MIN (measure (side, GTK_ORIENTATION_VERTICAL, side_px, NULL), height);

      gtk_widget_size_allocate (main,
                                &(GtkAllocation) { rtl ? side_px + self->spacing_px : 0, 0,
                                                   main_width, height },
                                -1);
      gtk_widget_size_allocate (side,
                                &(GtkAllocation) { rtl ? 0 : main_width + self->spacing_px, 0,
                                                   side_px, side_height },
                                -1);
      return;
    }
  int side_height = measure (side, GTK_ORIENTATION_VERTICAL, width, NULL);
  int main_height = MAX (height - side_height - self->spacing_px, 0);
  gtk_widget_size_allocate (main, &(GtkAllocation) { 0, 0, width, main_height }, -1);
  gtk_widget_size_allocate (side,
                            &(GtkAllocation) { 0, main_height + self->spacing_px, width,
                                               side_height },
                            -1);
}

static GtkSizeRequestMode
ms_side_layout_get_request_mode (GtkLayoutManager *manager, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
ms_side_layout_class_init (MsSideLayoutClass *klass)
{
  GtkLayoutManagerClass *manager_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  manager_class->measure = ms_side_layout_measure;
  manager_class->allocate = ms_side_layout_allocate;
  manager_class->get_request_mode = ms_side_layout_get_request_mode;
}

static void
ms_side_layout_init (MsSideLayout *self)
{
}

GtkLayoutManager *
ms_side_layout_new (int side_px, int wide_px, int spacing_px)
{
  MsSideLayout *self = g_object_new (MS_TYPE_SIDE_LAYOUT, NULL);

  self->side_px = side_px;
  self->wide_px = wide_px;
  self->spacing_px = spacing_px;
  return GTK_LAYOUT_MANAGER (self);
}
