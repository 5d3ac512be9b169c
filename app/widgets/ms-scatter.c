/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-scatter.h"
#include "ms-plot-description.h"
#include "ms-plot-menu.h"
#include "ms-scatter-paint.h"
#include "ms-widget-palette.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#define REACH_PX 14.0
#define DRAG_THRESHOLD_PX 4.0

struct _MsScatter {
  GtkWidget parent_instance;

  MsScatterData data;
  MsScatterPoint *points; /* what data borrows */
  GStringChunk *names;
  guint *orders[2]; /* points by x and by y: how the keys walk */
  MsScatterLayout layout;
  GskRenderNode *picture; /* the still part, or NULL */

  MsScatterMarks marks;
  GArray *chosen; /* of guint */
  double drag_x, drag_y;
  gboolean has_moved;
};

G_DEFINE_FINAL_TYPE (MsScatter, ms_scatter, GTK_TYPE_WIDGET)

static guint point_activated_signal, chosen_changed_signal;

/* --- what is drawn --- */

static void
invalidate (MsScatter *self)
{
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
paint_picture (MsScatter *self, const MsPalette *palette, int width, int height)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
  double line_px, label_px;

  ms_scatter_measure (context, &self->data, &line_px, &label_px);
  ms_scatter_layout_clear (&self->layout);
  ms_scatter_layout (&self->layout, &self->data, width, height, line_px, label_px);
  self->picture = gsk_cairo_node_new (&bounds);
  cairo_t *cr = gsk_cairo_node_get_draw_context (self->picture);
  ms_scatter_paint (cr, context, &self->layout, &self->data, palette);
  cairo_destroy (cr);
}

static void
ms_scatter_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MsScatter *self = MS_SCATTER (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
  MsPalette palette;

  if (width <= 0 || height <= 0)
    return;
  ms_widget_get_palette (widget, &palette);
  if (self->picture == NULL)
    paint_picture (self, &palette, width, height);
  gtk_snapshot_append_node (snapshot, self->picture);

  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  self->marks.chosen = (const guint *) (gpointer) self->chosen->data;
  self->marks.n_chosen = self->chosen->len;
  ms_scatter_paint_marks (cr, gtk_widget_get_pango_context (widget), &self->layout, &self->data,
                          &self->marks, &palette);
  cairo_destroy (cr);
}

static void
ms_scatter_measure_widget (GtkWidget *widget,
                           GtkOrientation orientation,
                           int for_size,
                           int *minimum,
                           int *natural,
                           int *minimum_baseline,
                           int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 240 : 300;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 900 : 480;
}

static void
ms_scatter_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  invalidate (MS_SCATTER (widget));
}

static void
ms_scatter_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (ms_scatter_parent_class)->css_changed (widget, change);
  invalidate (MS_SCATTER (widget));
}

static void
update_description (MsScatter *self)
{
  g_autofree char *picture = ms_scatter_describe (&self->data);
  g_autofree char *point = self->marks.point < self->data.n_points
                               ? ms_scatter_describe_point (&self->points[self->marks.point])
                               : NULL;

  ms_plot_describe (GTK_WIDGET (self), point, picture);
}

static void
read_point (MsScatter *self, guint point)
{
  if (self->marks.point == point)
    return;
  self->marks.point = point;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
choose (MsScatter *self, GArray *chosen)
{
  g_array_unref (self->chosen);
  self->chosen = chosen;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, chosen_changed_signal, 0);
}

/* --- as a file --- */

/* As large as on the screen, in colours for paper. */
static void
paint_for_file (GtkWidget *widget, cairo_t *cr, const MsPalette *palette)
{
  MsScatter *self = MS_SCATTER (widget);
  PangoContext *context = gtk_widget_get_pango_context (widget);
  MsScatterLayout layout = { 0 };
  double line_px, label_px;

  ms_color_set_source (cr, palette->surface);
  cairo_paint (cr);
  ms_scatter_measure (context, &self->data, &line_px, &label_px);
  ms_scatter_layout (&layout, &self->data, gtk_widget_get_width (widget),
                     gtk_widget_get_height (widget), line_px, label_px);
  ms_scatter_paint (cr, context, &layout, &self->data, palette);
  ms_scatter_layout_clear (&layout);
}

static const MsPlotMenu menu = { "correlation", paint_for_file, NULL };

/* --- pointer --- */

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, gpointer user_data)
{
  MsScatter *self = user_data;
  guint point;

  if (self->marks.has_brush)
    return;
  read_point (self,
              ms_scatter_layout_find (&self->layout, x, y, REACH_PX, &point) ? point : MS_NO_POINT);
}

static void
leave_cb (GtkEventControllerMotion *controller, gpointer user_data)
{
  read_point (user_data, MS_NO_POINT);
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, gpointer user_data)
{
  MsScatter *self = user_data;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_x = x;
  self->drag_y = y;
  self->has_moved = FALSE;
}

static void
drag_update_cb (GtkGestureDrag *gesture, double offset_x, double offset_y, gpointer user_data)
{
  MsScatter *self = user_data;

  if (!self->has_moved && hypot (offset_x, offset_y) < DRAG_THRESHOLD_PX)
    return;
  self->has_moved = TRUE;
  self->marks.has_brush = TRUE;
  self->marks.point = MS_NO_POINT;
  self->marks.brush = (MsRect) { self->drag_x, self->drag_y, offset_x, offset_y };
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_end_cb (GtkGestureDrag *gesture, double offset_x, double offset_y, gpointer user_data)
{
  MsScatter *self = user_data;
  guint point;

  if (self->marks.has_brush)
    {
      self->marks.has_brush = FALSE;
      choose (self, ms_scatter_layout_find_in (&self->layout, self->marks.brush));
    }
  else if (ms_scatter_layout_find (&self->layout, self->drag_x, self->drag_y, REACH_PX, &point))
    g_signal_emit (self, point_activated_signal, 0, point);
  else
    ms_scatter_clear_chosen (self);
}

static void
drag_cancel_cb (GtkGesture *gesture, GdkEventSequence *sequence, gpointer user_data)
{
  MsScatter *self = user_data;

  self->marks.has_brush = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- keys --- */

static void
step (MsScatter *self, guint order, int by)
{
  guint n = self->data.n_points, place = 0;

  while (place < n && self->orders[order][place] != self->marks.point)
    place++;
  if (place >= n)
    place = by > 0 ? 0 : n - 1;
  else
    place = (guint) CLAMP ((int) place + by, 0, (int) n - 1);
  read_point (self, self->orders[order][place]);
  update_description (self);
}

/* Chooses the point that is read, or no longer. */
static void
toggle_point (MsScatter *self)
{
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (guint));
  gboolean was_chosen = FALSE;

  for (guint i = 0; i < self->chosen->len; i++)
    {
      guint point = g_array_index (self->chosen, guint, i);

      if (point == self->marks.point)
        was_chosen = TRUE;
      else
        g_array_append_val (chosen, point);
    }
  if (!was_chosen)
    g_array_append_val (chosen, self->marks.point);
  choose (self, chosen);
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                gpointer user_data)
{
  MsScatter *self = user_data;
  gboolean has_point = self->marks.point < self->data.n_points;

  if (self->data.n_points == 0 || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      step (self, 0, -1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      step (self, 0, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      step (self, 1, -1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      step (self, 1, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Home:
      read_point (self, self->orders[0][0]);
      update_description (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_End:
      read_point (self, self->orders[0][self->data.n_points - 1]);
      update_description (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_space:
      if (has_point)
        toggle_point (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (!has_point)
        return GDK_EVENT_PROPAGATE;
      g_signal_emit (self, point_activated_signal, 0, self->marks.point);
      return GDK_EVENT_STOP;
    case GDK_KEY_Delete:
    case GDK_KEY_BackSpace:
      ms_scatter_clear_chosen (self);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* --- the widget --- */

static void
clear_data (MsScatter *self)
{
  g_clear_pointer (&self->points, g_free);
  g_clear_pointer (&self->names, g_string_chunk_free);
  g_clear_pointer (&self->orders[0], g_free);
  g_clear_pointer (&self->orders[1], g_free);
  ms_scatter_layout_clear (&self->layout);
  self->data = (MsScatterData) { .x_default = 40, .y_default = 50e6 };
  self->marks = (MsScatterMarks) { .point = MS_NO_POINT };
}

static void
ms_scatter_finalize (GObject *object)
{
  MsScatter *self = MS_SCATTER (object);

  clear_data (self);
  g_array_unref (self->chosen);
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  G_OBJECT_CLASS (ms_scatter_parent_class)->finalize (object);
}

static void
ms_scatter_class_init (MsScatterClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ms_scatter_finalize;
  widget_class->snapshot = ms_scatter_snapshot;
  widget_class->measure = ms_scatter_measure_widget;
  widget_class->size_allocate = ms_scatter_size_allocate;
  widget_class->css_changed = ms_scatter_css_changed;
  gtk_widget_class_set_css_name (widget_class, "scatterplot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  point_activated_signal = g_signal_new ("point-activated", MS_TYPE_SCATTER, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  chosen_changed_signal = g_signal_new ("chosen-changed", MS_TYPE_SCATTER, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ms_scatter_init (MsScatter *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *controller = gtk_event_controller_motion_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->chosen = g_array_new (FALSE, FALSE, sizeof (guint));
  clear_data (self);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Allocation rate against processor time"), -1);

  ms_plot_menu_add (widget, &menu);

  g_signal_connect (controller, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (controller, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (widget, controller);
  controller = gtk_event_controller_key_new ();
  g_signal_connect (controller, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (widget, controller);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (drag, "cancel", G_CALLBACK (drag_cancel_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
}

GtkWidget *
ms_scatter_new (void)
{
  return g_object_new (MS_TYPE_SCATTER, NULL);
}

static int
compare_x (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const MsScatterPoint *points = user_data;
  double x = points[*(const guint *) a].x, other = points[*(const guint *) b].x;

  return (x > other) - (x < other);
}

static int
compare_y (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const MsScatterPoint *points = user_data;
  double y = points[*(const guint *) a].y, other = points[*(const guint *) b].y;

  return (y > other) - (y < other);
}

static guint *
new_order (MsScatter *self, GCompareDataFunc compare)
{
  guint *order = g_new (guint, self->data.n_points + 1);

  for (guint i = 0; i < self->data.n_points; i++)
    order[i] = i;
  g_qsort_with_data (order, (gint) self->data.n_points, sizeof *order, compare, self->points);
  return order;
}

void
ms_scatter_set_data (MsScatter *self, const MsScatterData *data)
{
  g_return_if_fail (MS_IS_SCATTER (self));

  clear_data (self);
  if (data != NULL)
    {
      self->data = *data;
      self->names = g_string_chunk_new (1024);
      self->data.points = self->points =
          g_memdup2 (data->points, data->n_points * sizeof *data->points);
      for (guint i = 0; i < data->n_points; i++)
        if (self->points[i].name != NULL)
          self->points[i].name = g_string_chunk_insert_const (self->names, self->points[i].name);
      self->orders[0] = new_order (self, compare_x);
      self->orders[1] = new_order (self, compare_y);
    }
  if (self->chosen->len > 0)
    choose (self, g_array_new (FALSE, FALSE, sizeof (guint)));
  update_description (self);
  invalidate (self);
}

const MsScatterData *
ms_scatter_get_data (MsScatter *self)
{
  g_return_val_if_fail (MS_IS_SCATTER (self), NULL);

  return &self->data;
}

const guint *
ms_scatter_get_chosen (MsScatter *self, guint *n)
{
  g_return_val_if_fail (MS_IS_SCATTER (self), NULL);

  *n = self->chosen->len;
  return (const guint *) (gpointer) self->chosen->data;
}

void
ms_scatter_clear_chosen (MsScatter *self)
{
  g_return_if_fail (MS_IS_SCATTER (self));

  if (self->chosen->len > 0)
    choose (self, g_array_new (FALSE, FALSE, sizeof (guint)));
}
