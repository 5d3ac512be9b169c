/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-wrap-layout.h"

struct _MsWrapLayout {
  GtkLayoutManager parent_instance;

  int spacing_px;
  gboolean even;
};

enum { PROP_0, PROP_SPACING, PROP_EVEN, N_PROPS };
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (MsWrapLayout, ms_wrap_layout, GTK_TYPE_LAYOUT_MANAGER)

static GtkWidget *
next_laid_out (GtkWidget *child)
{
  while (child != NULL && !gtk_widget_should_layout (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

/* How wide a child of a row of @width is: even ones share it, others are as wide as they like while it
 * lasts.  Heights are measured for this width too, or what wraps inside would lie over what follows. */
static int
get_child_width (MsWrapLayout *self, GtkWidget *child, int width, int n_columns)
{
  int minimum, natural;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  if (self->even)
    natural = (width - (n_columns - 1) * self->spacing_px) / n_columns;
  return MAX (minimum, MIN (natural, width));
}

/* Where the children go when the row is @width wide.  Even rows all have as many columns as the
 * widest child allows.  @allocate FALSE: only the height is wanted. */
static int
place_children (MsWrapLayout *self, GtkWidget *widget, int width, gboolean allocate)
{
  int widest = 1, n_children = 0;

  for (GtkWidget *child = next_laid_out (gtk_widget_get_first_child (widget)); child != NULL;
       child = next_laid_out (gtk_widget_get_next_sibling (child)))
    {
      int natural;

      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
      widest = MAX (widest, natural);
      n_children++;
    }
  if (n_children == 0)
    return 0;

  int n_columns = CLAMP ((width + self->spacing_px) / (widest + self->spacing_px), 1, n_children);
  /* Five cards in rows of four would leave one alone: three and two look better. */
  int n_rows = (n_children + n_columns - 1) / n_columns;
  n_columns = MAX ((n_children + n_rows - 1) / n_rows, 1);

  GtkWidget *child = next_laid_out (gtk_widget_get_first_child (widget));
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int y = 0;
  while (child != NULL)
    {
      GtkWidget *first = child;
      int row_width = 0, row_height = 0, n_in_row = 0;

      /* Which children this row takes, and how tall it is. */
      for (; child != NULL; child = next_laid_out (gtk_widget_get_next_sibling (child)))
        {
          int child_width = get_child_width (self, child, width, n_columns), height;

          if (self->even ? n_in_row == n_columns
                         : n_in_row > 0 && row_width + self->spacing_px + child_width > width)
            break;
          gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, child_width, NULL, &height, NULL,
                              NULL);
          row_width += child_width + (n_in_row > 0 ? self->spacing_px : 0);
          row_height = MAX (row_height, height);
          n_in_row++;
        }

      /* What the columns leave over goes to the first of them, a pixel each: the last ends with the row. */
      int n_wider = self->even ? (width - (n_columns - 1) * self->spacing_px) % n_columns : 0;
      int x = 0, spare = MAX (width - row_width, 0);
      for (GtkWidget *member = first; allocate && member != child;
           member = next_laid_out (gtk_widget_get_next_sibling (member)))
        {
          int child_width = get_child_width (self, member, width, n_columns);

          if (!self->even && gtk_widget_compute_expand (member, GTK_ORIENTATION_HORIZONTAL))
            child_width += spare, spare = 0;
          if (n_wider-- > 0)
            child_width++;
          gtk_widget_size_allocate (member,
                                    &(GtkAllocation) { rtl ? width - x - child_width : x, y,
                                                       child_width, row_height },
                                    -1);
          x += child_width + self->spacing_px;
        }
      y += row_height + (child != NULL ? self->spacing_px : 0);
    }
  return y;
}

static void
ms_wrap_layout_measure (GtkLayoutManager *manager,
                        GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  MsWrapLayout *self = MS_WRAP_LAYOUT (manager);
  int widest = 0, total = 0;

  for (GtkWidget *child = next_laid_out (gtk_widget_get_first_child (widget)); child != NULL;
       child = next_laid_out (gtk_widget_get_next_sibling (child)))
    {
      int child_minimum, child_natural;

      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, &child_natural,
                          NULL, NULL);
      widest = MAX (widest, child_minimum);
      total += child_natural + (total > 0 ? self->spacing_px : 0);
    }
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = widest, *natural = MAX (total, widest);
  else
    *minimum = *natural = place_children (self, widget, for_size >= 0 ? for_size : total, FALSE);
}

static void
ms_wrap_layout_allocate (GtkLayoutManager *manager,
                         GtkWidget *widget,
                         int width,
                         int height,
                         int baseline)
{
  place_children (MS_WRAP_LAYOUT (manager), widget, width, TRUE);
}

static GtkSizeRequestMode
ms_wrap_layout_get_request_mode (GtkLayoutManager *manager, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
ms_wrap_layout_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MsWrapLayout *self = MS_WRAP_LAYOUT (object);

  switch (id)
    {
    case PROP_SPACING:
      g_value_set_int (value, self->spacing_px);
      break;
    case PROP_EVEN:
      g_value_set_boolean (value, self->even);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ms_wrap_layout_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MsWrapLayout *self = MS_WRAP_LAYOUT (object);

  switch (id)
    {
    case PROP_SPACING:
      self->spacing_px = g_value_get_int (value);
      break;
    case PROP_EVEN:
      self->even = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ms_wrap_layout_class_init (MsWrapLayoutClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkLayoutManagerClass *manager_class = GTK_LAYOUT_MANAGER_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ms_wrap_layout_get_property;
  object_class->set_property = ms_wrap_layout_set_property;
  manager_class->measure = ms_wrap_layout_measure;
  manager_class->allocate = ms_wrap_layout_allocate;
  manager_class->get_request_mode = ms_wrap_layout_get_request_mode;

  props[PROP_SPACING] = g_param_spec_int ("spacing", NULL, NULL, 0, 1000, 0, flags);
  props[PROP_EVEN] = g_param_spec_boolean ("even", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ms_wrap_layout_init (MsWrapLayout *self)
{
}

GtkLayoutManager *
ms_wrap_layout_new (int spacing_px, gboolean even)
{
  return g_object_new (MS_TYPE_WRAP_LAYOUT, "spacing", spacing_px, "even", even, NULL);
}
