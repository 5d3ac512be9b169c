/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-display-name.h"
#include "ms-flame-graph-private.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n-lib.h>

/* Of a tooltip: names of templates go on and on. */
#define NAME_CHARS 400
/* In a narrower window a tooltip's figures stand below each other: on one line they would stick out. */
#define ONE_LINE_PX 560

/* --- reading --- */

static gint
get_read_cell (MsFlameGraph *self)
{
  if (self->hover != NONE)
    return self->hover;
  return self->cursor != NONE ? ms_flame_plot_find_node (&self->plot, self->cursor) : NONE;
}

static char *
dup_cell_name (MsFlameGraph *self, guint cell, gboolean whole)
{
  MsFlameLook look = ms_flame_graph_get_look (self);
  gint node = self->plot.cells[cell].node;

  if (!whole || node <= 0)
    return ms_flame_dup_label (&self->plot, &look, cell);
  return ms_display_text (ms_call_tree_get_label (self->tree, (guint) node), NAME_CHARS);
}

char *
ms_flame_graph_dup_reading (MsFlameGraph *self)
{
  MsFlameLook look = ms_flame_graph_get_look (self);
  gint cell;

  g_return_val_if_fail (MS_IS_FLAME_GRAPH (self), NULL);

  if (self->tree == NULL)
    return g_strdup ("");
  cell = get_read_cell (self);
  if (cell == NONE)
    return ms_flame_describe (&look);

  g_autofree char *name = dup_cell_name (self, (guint) cell, FALSE);
  g_autofree char *figures = ms_flame_describe_cell (&self->plot, &look, (guint) cell);
  return g_strdup_printf ("%s — %s", name, figures);
}

static void
update_description (MsFlameGraph *self)
{
  g_autofree char *reading = ms_flame_graph_dup_reading (self);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  reading, -1);
}

void
ms_flame_graph_say_reading (MsFlameGraph *self)
{
  update_description (self);
  ms_flame_graph_emit (self, MS_FLAME_GRAPH_READING, NONE);
}

static void
set_hover (MsFlameGraph *self, gint cell)
{
  if (self->hover == cell)
    return;
  self->hover = cell;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  ms_flame_graph_emit (self, MS_FLAME_GRAPH_READING, NONE);
}

/* Keeps what the keyboard is on in sight. */
static void
scroll_to_cursor (MsFlameGraph *self, const MsFlameCell *cell)
{
  GtkWidget *scrolled = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_SCROLLED_WINDOW);
  double top = ms_flame_graph_get_top_px (self) + cell->rect.y;

  if (scrolled != NULL)
    gtk_adjustment_clamp_page (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled)),
                               top, top + cell->rect.height);
}

static void
set_cursor (MsFlameGraph *self, gint node)
{
  gint cell = node != NONE ? ms_flame_plot_find_node (&self->plot, node) : NONE;

  self->cursor = node;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (cell != NONE)
    scroll_to_cursor (self, &self->plot.cells[cell]);
  ms_flame_graph_say_reading (self);
}

static char *
dup_cell_figures (MsFlameGraph *self, guint cell)
{
  MsFlameLook look = ms_flame_graph_get_look (self);
  g_autofree char *figures = ms_flame_describe_cell (&self->plot, &look, cell);

  if (gtk_widget_get_width (GTK_WIDGET (self)) >= ONE_LINE_PX)
    return g_steal_pointer (&figures);

  g_auto (GStrv) parts = g_strsplit (figures, " · ", -1);
  return g_strjoinv ("\n", parts);
}

static gboolean
query_tooltip_cb (MsFlameGraph *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  gint cell = keyboard ? get_read_cell (self)
                       : ms_flame_plot_find (&self->plot, x, y - ms_flame_graph_get_top_px (self));

  if (cell == NONE)
    return FALSE;

  g_autofree char *name = dup_cell_name (self, (guint) cell, TRUE);
  g_autofree char *figures = dup_cell_figures (self, (guint) cell);
  gint node = self->plot.cells[cell].node;
  guint function =
      node > 0 ? ms_call_tree_get_node (self->tree, (guint) node)->function : MS_FUNCTION_NONE;
  const char *module =
      function < MS_FUNCTION_OTHERS
          ? ms_frame_names_get_function (ms_call_tree_get_names (self->tree), function)->module
          : NULL;
  g_autofree char *shown_module = module != NULL ? ms_display_name (module) : NULL;
  g_autofree char *text =
      g_strdup_printf ("%s\n%s%s%s", name, figures, shown_module != NULL ? "\n" : "",
                       shown_module != NULL ? shown_module : "");
  const MsRect *rect = &self->plot.cells[cell].rect;

  gtk_tooltip_set_text (tooltip, text);
  gtk_tooltip_set_tip_area (tooltip,
                            &(GdkRectangle) { (int) rect->x,
                                              (int) (rect->y + ms_flame_graph_get_top_px (self)),
                                              (int) rect->width, (int) rect->height });
  return TRUE;
}

/* --- input --- */

static gint
find_cell (MsFlameGraph *self, double x, double y)
{
  return ms_flame_plot_find (&self->plot, x, y - ms_flame_graph_get_top_px (self));
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, gpointer user_data)
{
  set_hover (user_data, find_cell (user_data, x, y));
}

static void
leave_cb (GtkEventControllerMotion *controller, gpointer user_data)
{
  set_hover (user_data, NONE);
}

static void
popup_menu (MsFlameGraph *self, double x, double y)
{
  if (self->menu == NULL || self->cursor == NONE)
    return;
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu),
                               &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* The node of the frame there, which gets the cursor and the keyboard; NONE: there is none. */
static gint
take_frame (MsFlameGraph *self, double x, double y)
{
  gint cell = find_cell (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (cell == NONE || self->plot.cells[cell].node < 0)
    return NONE;
  set_cursor (self, self->plot.cells[cell].node);
  return self->cursor;
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, gpointer user_data)
{
  MsFlameGraph *self = user_data;
  gint node = take_frame (self, x, y);

  if (node == NONE || n_press != 2)
    return;
  /* The first of the two clicks chose it: back to what was before. */
  ms_flame_graph_emit (self, MS_FLAME_GRAPH_CHOSEN, node);
  ms_flame_graph_emit (self, MS_FLAME_GRAPH_OPENED, node);
}

static void
released_cb (GtkGestureClick *gesture, int n_press, double x, double y, gpointer user_data)
{
  MsFlameGraph *self = user_data;
  gint cell = find_cell (self, x, y);

  if (n_press == 1 && cell != NONE && self->plot.cells[cell].node >= 0)
    ms_flame_graph_emit (self, MS_FLAME_GRAPH_CHOSEN, self->plot.cells[cell].node);
}

static void
menu_pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, gpointer user_data)
{
  if (take_frame (user_data, x, y) != NONE)
    popup_menu (user_data, x, y);
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, gpointer user_data)
{
  MsFlameGraph *self = user_data;
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));

  if ((state & GDK_CONTROL_MASK) == 0)
    return GDK_EVENT_PROPAGATE;
  if (dy < 0 && self->hover != NONE && self->plot.cells[self->hover].node >= 0)
    ms_flame_graph_zoom (self, (guint) self->plot.cells[self->hover].node);
  else if (dy > 0)
    ms_flame_graph_zoom_out (self);
  return GDK_EVENT_STOP;
}

/* The cell that a key leads to; there is one under the cursor. */
static guint
walk (MsFlameGraph *self, guint cell, guint keyval)
{
  gboolean up_is_callee = self->orientation == MS_FLAME_ROOT_BELOW;

  switch (keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      return ms_flame_plot_walk (&self->plot, cell,
                                 up_is_callee ? MS_FLAME_CALLEE : MS_FLAME_CALLER);
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      return ms_flame_plot_walk (&self->plot, cell,
                                 up_is_callee ? MS_FLAME_CALLER : MS_FLAME_CALLEE);
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      return ms_flame_plot_walk (&self->plot, cell, MS_FLAME_LEFT);
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      return ms_flame_plot_walk (&self->plot, cell, MS_FLAME_RIGHT);
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      return ms_flame_plot_walk (&self->plot, cell, MS_FLAME_ROW_START);
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
    default:
      return ms_flame_plot_walk (&self->plot, cell, MS_FLAME_ROW_END);
    }
}

/* Merged boxes have no node to be on: on to the next that is one, else back. */
static void
move_cursor (MsFlameGraph *self, guint keyval)
{
  gint from = self->cursor != NONE ? ms_flame_plot_find_node (&self->plot, self->cursor) : NONE;
  guint cell;

  if (from == NONE)
    {
      set_cursor (self, self->plot.cells[self->plot.n_ancestors].node);
      return;
    }
  cell = walk (self, (guint) from, keyval);
  while (self->plot.cells[cell].node < 0)
    {
      guint next = walk (self, cell, keyval == GDK_KEY_End ? GDK_KEY_Left : keyval);

      if (next == cell)
        return;
      cell = next;
    }
  set_cursor (self, self->plot.cells[cell].node);
}

static gboolean
key_on_cursor (MsFlameGraph *self, guint keyval, GdkModifierType state)
{
  gint cell = ms_flame_plot_find_node (&self->plot, self->cursor);

  if (cell == NONE)
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
      if ((state & GDK_CONTROL_MASK) != 0)
        ms_flame_graph_emit (self, MS_FLAME_GRAPH_OPENED, self->cursor);
      else
        ms_flame_graph_zoom (self, (guint) self->cursor);
      return GDK_EVENT_STOP;
    case GDK_KEY_space:
    case GDK_KEY_KP_Space:
      ms_flame_graph_emit (self, MS_FLAME_GRAPH_CHOSEN, self->cursor);
      return GDK_EVENT_STOP;
    case GDK_KEY_Menu:
    case GDK_KEY_F10:
      if (keyval == GDK_KEY_F10 && (state & GDK_SHIFT_MASK) == 0)
        return GDK_EVENT_PROPAGATE;
      popup_menu (self, self->plot.cells[cell].rect.x + 8,
                  ms_flame_graph_get_top_px (self) + self->plot.cells[cell].rect.y
                      + self->plot.row_px);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                gpointer user_data)
{
  MsFlameGraph *self = user_data;

  if (self->plot.n_cells == 0 || (state & GDK_ALT_MASK) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_Down:
    case GDK_KEY_Left:
    case GDK_KEY_Right:
    case GDK_KEY_Home:
    case GDK_KEY_End:
    case GDK_KEY_KP_Up:
    case GDK_KEY_KP_Down:
    case GDK_KEY_KP_Left:
    case GDK_KEY_KP_Right:
    case GDK_KEY_KP_Home:
    case GDK_KEY_KP_End:
      if ((state & GDK_CONTROL_MASK) != 0)
        return GDK_EVENT_PROPAGATE;
      move_cursor (self, keyval);
      return GDK_EVENT_STOP;
    case GDK_KEY_BackSpace:
      ms_flame_graph_zoom_out (self);
      return GDK_EVENT_STOP;
    default:
      return key_on_cursor (self, keyval, state);
    }
}

static void
focus_entered_cb (GtkEventControllerFocus *controller, gpointer user_data)
{
  MsFlameGraph *self = user_data;

  if (self->cursor == NONE && self->plot.n_cells > 0)
    set_cursor (self, self->plot.cells[self->plot.n_ancestors].node);
}

void
ms_flame_graph_add_controllers (MsFlameGraph *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *controller = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
  g_signal_connect (controller, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (controller, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (widget, controller);

  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));

  click = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect (click, "pressed", G_CALLBACK (menu_pressed_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));

  controller = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL
                                                | GTK_EVENT_CONTROLLER_SCROLL_DISCRETE);
  g_signal_connect (controller, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_key_new ();
  g_signal_connect (controller, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_focus_new ();
  g_signal_connect (controller, "enter", G_CALLBACK (focus_entered_cb), self);
  gtk_widget_add_controller (widget, controller);
}
