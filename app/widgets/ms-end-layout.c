/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-end-layout.h"

struct _MsEndLayout {
  GtkLayoutManager parent_instance;

  int spacing_px;
};

G_DEFINE_FINAL_TYPE (MsEndLayout, ms_end_layout, GTK_TYPE_LAYOUT_MANAGER)

/* Where the children lie in a given width. */
typedef struct {
  GtkWidget *first, *end, *rest; /* NULL: not shown */
  gboolean is_beside;            /* the end: of the first */
  gboolean is_between;           /* the rest: in the same line */
  int first_width, end_width, rest_width;
} Places;

static GtkWidget *
if_laid_out (GtkWidget *child)
{
  return child != NULL && gtk_widget_should_layout (child) ? child : NULL;
}

static void
measure_width (GtkWidget *child, int *minimum, int *natural)
{
  *minimum = *natural = 0;
  if (child != NULL)
    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, minimum, natural, NULL, NULL);
}

static int
measure_height (GtkWidget *child, int width)
{
  int natural = 0;

  if (child != NULL)
    gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL, NULL);
  return natural;
}

static void
find_children (GtkWidget *widget, Places *places)
{
  GtkWidget *first = gtk_widget_get_first_child (widget);
  GtkWidget *end = first != NULL ? gtk_widget_get_next_sibling (first) : NULL;
  GtkWidget *rest = end != NULL ? gtk_widget_get_next_sibling (end) : NULL;

  *places = (Places) { if_laid_out (first), if_laid_out (end), if_laid_out (rest) };
}

static void
find_places (MsEndLayout *self, GtkWidget *widget, int width, Places *places)
{
  int least_first, first, least_end, end, least_rest, rest;

  find_children (widget, places);
  measure_width (places->first, &least_first, &first);
  measure_width (places->end, &least_end, &end);
  measure_width (places->rest, &least_rest, &rest);
  int end_room = places->end != NULL ? self->spacing_px + end : 0;
  places->is_beside = least_first + end_room <= width;
  places->is_between = places->rest != NULL && first + self->spacing_px + rest + end_room <= width;
  places->end_width = MIN (end, MAX (width, least_end));
  if (places->is_between)
    places->first_width = first;
  else
    places->first_width = places->is_beside ? width - end_room : width;
  places->rest_width = places->is_between ? width - first - self->spacing_px - end_room : width;
}

/* One below the other, or side by side: the height of both. */
static int
add_height (MsEndLayout *self, int height, int more, gboolean is_side_by_side)
{
  if (is_side_by_side || height == 0 || more == 0)
    return MAX (height, more);
  return height + self->spacing_px / 2 + more;
}

static void
ms_end_layout_measure (GtkLayoutManager *manager,
                       GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  MsEndLayout *self = MS_END_LAYOUT (manager);
  int least, size, all = -self->spacing_px, widest = 0;
  Places places;

  find_children (widget, &places);
  GtkWidget *children[] = { places.first, places.end, places.rest };
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    if (children[i] != NULL)
      {
        measure_width (children[i], &least, &size);
        widest = MAX (widest, least);
        all += self->spacing_px + size;
      }
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = widest;
      *natural = MAX (all, widest);
      return;
    }
  find_places (self, widget, for_size >= 0 ? for_size : MAX (all, widest), &places);
  int height = add_height (self, measure_height (places.first, places.first_width),
                           measure_height (places.end, places.end_width), places.is_beside);
  *minimum = *natural =
      add_height (self, height, measure_height (places.rest, places.rest_width), places.is_between);
}

/* From @x on in the direction of reading. */
static void
place (GtkWidget *widget, GtkWidget *child, int x, int y, int width, int height)
{
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;

  if (child != NULL)
    gtk_widget_size_allocate (child,
                              &(GtkAllocation) { rtl ? gtk_widget_get_width (widget) - x - width
                                                     : x,
                                                 y, width, height },
                              -1);
}

static void
ms_end_layout_allocate (GtkLayoutManager *manager,
                        GtkWidget *widget,
                        int width,
                        int height,
                        int baseline)
{
  MsEndLayout *self = MS_END_LAYOUT (manager);
  int line_px, y = 0;
  Places places;

  find_places (self, widget, width, &places);
  int first_px = measure_height (places.first, places.first_width);
  int end_px = measure_height (places.end, places.end_width);
  int rest_px = measure_height (places.rest, places.rest_width);
  line_px = places.is_beside ? MAX (first_px, end_px) : first_px;
  /* All of one line are as high as it is, which may be more than they ask for. */
  if (places.is_between)
    line_px = MAX (line_px, rest_px);
  if (places.is_beside && (places.is_between || places.rest == NULL))
    line_px = MAX (line_px, height);
  place (widget, places.first, 0, 0, places.first_width, line_px);
  if (places.is_between)
    place (widget, places.rest, places.first_width + self->spacing_px, 0, places.rest_width,
           line_px);
  if (!places.is_beside)
    {
      y = line_px + self->spacing_px / 2;
      line_px = end_px;
    }
  place (widget, places.end, width - places.end_width, y, places.end_width, line_px);
  if (!places.is_between)
    place (widget, places.rest, 0, y + line_px + self->spacing_px / 2, width, rest_px);
}

static GtkSizeRequestMode
ms_end_layout_get_request_mode (GtkLayoutManager *manager, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
ms_end_layout_class_init (MsEndLayoutClass *klass)
{
  GtkLayoutManagerClass *manager_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  manager_class->measure = ms_end_layout_measure;
  manager_class->allocate = ms_end_layout_allocate;
  manager_class->get_request_mode = ms_end_layout_get_request_mode;
}

static void
ms_end_layout_init (MsEndLayout *self)
{
}

GtkLayoutManager *
ms_end_layout_new (int spacing_px)
{
  MsEndLayout *self = g_object_new (MS_TYPE_END_LAYOUT, NULL);

  self->spacing_px = spacing_px;
  return GTK_LAYOUT_MANAGER (self);
}

static void
shrink (GtkWidget *widget, gboolean is_in_button)
{
  is_in_button = is_in_button || GTK_IS_BUTTON (widget);
  if (is_in_button && GTK_IS_LABEL (widget))
    gtk_label_set_ellipsize (GTK_LABEL (widget), PANGO_ELLIPSIZE_END);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    /* What a button opens has its own room. */
    if (!GTK_IS_NATIVE (child))
      shrink (child, is_in_button);
}

void
ms_end_layout_let_labels_shrink (GtkWidget *widget)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));

  shrink (widget, FALSE);
}
