/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every page by the keyboard alone: Tab goes round and comes back, by way of each button, entry and plot that the
 * page shows, and where it stands can be seen.
 *
 * What Tab does not reach by itself stands in something that it does reach and that arrows walk: a row of a list, one of
 * a group of choices.
 */
#include "ms-card-board.h"
#include "ms-flame-graph.h"
#include "ms-plot-area.h"
#include "ms-scatter.h"
#include "ms-strip.h"
#include "ms-thread-card.h"
#include "ms-timeline.h"
#include "ms-window.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#define MAX_STEPS 600
/* A ring lies at most so far outside of what it is around. */
#define RING_PX 4

static const char *const PAGES[] = { "overview", "threads", "timeline", "correlation",
                                     "memory",   "system",  "compare" };

typedef struct {
  GtkWidget *window;
  GHashTable *reached;
  cairo_surface_t *before; /* the window, as it was drawn when the focus stood elsewhere */
} Walk;

static const char *
get_name (GtkWidget *widget)
{
  const char *words = gtk_widget_get_tooltip_text (widget);

  if (words == NULL && GTK_IS_BUTTON (widget))
    words = gtk_button_get_label (GTK_BUTTON (widget));
  return words != NULL ? words : gtk_widget_get_name (widget);
}

/* --- where the focus stands can be seen ------------------------------------------------------------------ */

/* Whether anything differs in the place of @widget. */
static gboolean
looks_different (Walk *self, cairo_surface_t *now, GtkWidget *widget)
{
  graphene_rect_t bounds;
  int width_px = cairo_image_surface_get_width (now),
      height_px = cairo_image_surface_get_height (now);
  int stride = cairo_image_surface_get_stride (now);
  const guint8 *old_pixels = cairo_image_surface_get_data (self->before);
  const guint8 *pixels = cairo_image_surface_get_data (now);

  g_assert_cmpint (cairo_image_surface_get_width (self->before), ==, width_px);
  g_assert_cmpint (cairo_image_surface_get_height (self->before), ==, height_px);
  g_assert_true (gtk_widget_compute_bounds (widget, self->window, &bounds));
  graphene_rect_inset (&bounds, -RING_PX, -RING_PX);

  int x = CLAMP ((int) bounds.origin.x, 0, width_px);
  int end_x = CLAMP ((int) (bounds.origin.x + bounds.size.width), 0, width_px);
  int end_y = CLAMP ((int) (bounds.origin.y + bounds.size.height), 0, height_px);
  for (int y = CLAMP ((int) bounds.origin.y, 0, height_px); y < end_y; y++)
    if (memcmp (old_pixels + y * stride + 4 * x, pixels + y * stride + 4 * x,
                4 * (gsize) (end_x - x))
        != 0)
      return TRUE;
  return FALSE;
}

static void
check_ring (Walk *self, GtkWidget *widget, const char *page)
{
  widget_test_wait_frames (self->window, 2);
  cairo_surface_t *now = widget_test_picture (self->window);

  if (!looks_different (self, now, widget))
    {
      g_test_message ("%s: nobody sees that %s “%s” has the focus", page,
                      G_OBJECT_TYPE_NAME (widget), get_name (widget));
      g_test_fail ();
    }
  cairo_surface_destroy (self->before);
  self->before = now;
}

/* --- round by Tab ------------------------------------------------------------------------------------------ */

static void
walk_round (Walk *self, const char *page)
{
  GtkWidget *first = NULL, *last = NULL;

  gtk_window_set_focus (GTK_WINDOW (self->window), NULL);
  widget_test_wait_frames (self->window, 3);
  self->before = widget_test_picture (self->window);
  for (guint n_steps = 0;; n_steps++)
    {
      GtkWidget *focus;

      g_assert_cmpuint (n_steps, <, MAX_STEPS);
      gtk_widget_child_focus (self->window, GTK_DIR_TAB_FORWARD);
      gtk_window_set_focus_visible (GTK_WINDOW (self->window), TRUE);
      focus = gtk_window_get_focus (GTK_WINDOW (self->window));
      g_assert_nonnull (focus);
      if (focus == last)
        g_error ("%s: Tab does not leave %s “%s”", page, G_OBJECT_TYPE_NAME (focus),
                 get_name (focus));
      if (focus == first)
        break;
      if (first == NULL)
        first = focus;
      last = focus;
      if (!g_hash_table_add (self->reached, focus))
        g_error ("%s: Tab comes back to %s “%s” before it has been everywhere", page,
                 G_OBJECT_TYPE_NAME (focus), get_name (focus));
      check_ring (self, focus, page);
    }
  cairo_surface_destroy (self->before);
}

/* --- what is there to be reached ------------------------------------------------------------------------- */

static gboolean
is_for_hands (GtkWidget *widget)
{
  return GTK_IS_BUTTON (widget) || GTK_IS_CHECK_BUTTON (widget) || GTK_IS_TEXT (widget)
         || GTK_IS_DROP_DOWN (widget) || GTK_IS_SWITCH (widget) || MS_IS_THREAD_CARD (widget)
         || MS_IS_TIMELINE (widget) || MS_IS_FLAME_GRAPH (widget) || MS_IS_SCATTER (widget)
         || MS_IS_STRIP (widget) || MS_IS_PLOT_AREA (widget);
}

/* Itself, what it is part of, or what is part of it. */
static gboolean
is_reached (Walk *self, GtkWidget *widget)
{
  GHashTableIter iter;
  gpointer reached;

  for (GtkWidget *above = widget; above != NULL && above != self->window;
       above = gtk_widget_get_parent (above))
    if (g_hash_table_contains (self->reached, above))
      return TRUE;
  g_hash_table_iter_init (&iter, self->reached);
  while (g_hash_table_iter_next (&iter, &reached, NULL))
    if (gtk_widget_is_ancestor (reached, widget))
      return TRUE;
  return FALSE;
}

/* Arrows go from one that Tab reaches to the others. */
static gboolean
is_walked_by_arrows (Walk *self, GtkWidget *widget)
{
  GtkWidget *parent = gtk_widget_get_parent (widget);
  gboolean is_choice = GTK_IS_TOGGLE_BUTTON (widget) || GTK_IS_CHECK_BUTTON (widget);
  gboolean is_heading = g_strcmp0 (G_OBJECT_TYPE_NAME (widget), "GtkColumnViewTitle") == 0;

  if (MS_IS_THREAD_CARD (widget))
    {
      GtkWidget *board = gtk_widget_get_ancestor (widget, MS_TYPE_CARD_BOARD);

      for (GtkWidget *card = gtk_widget_get_first_child (board); card != NULL;
           card = gtk_widget_get_next_sibling (card))
        if (g_hash_table_contains (self->reached, card))
          return TRUE;
      return FALSE;
    }
  if (!is_choice && !is_heading)
    return FALSE;
  for (GtkWidget *other = gtk_widget_get_first_child (parent); other != NULL;
       other = gtk_widget_get_next_sibling (other))
    if (g_hash_table_contains (self->reached, other))
      return TRUE;
  return FALSE;
}

static guint
check_all_reached (Walk *self, GtkWidget *widget, const char *page)
{
  guint n = 0;

  if (!gtk_widget_get_mapped (widget) || !gtk_widget_get_sensitive (widget)
      || !gtk_widget_get_can_focus (widget))
    return 0;
  if (is_for_hands (widget) && gtk_widget_get_width (widget) > 0)
    {
      n++;
      if (!is_reached (self, widget) && !is_walked_by_arrows (self, widget))
        {
          g_test_message ("%s: no key comes to %s “%s”", page, G_OBJECT_TYPE_NAME (widget),
                          get_name (widget));
          g_test_fail ();
        }
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += check_all_reached (self, child, page);
  return n;
}

static gboolean
is_idle (gpointer window)
{
  return !ms_window_get_busy (window);
}

static void
test_round (gconstpointer page)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  g_autoptr (GHashTable) reached = g_hash_table_new (NULL, NULL);
  Walk walk = { GTK_WIDGET (window), reached, NULL };
  MsLens *lens = ms_window_get_lens (window);

  /* All filters that there are stand in the bar. */
  ms_focus_set_range (ms_window_get_focus (window), 100, 900);
  g_assert_true (ms_window_show_page (window, page));
  widget_test_wait (window_test_is_settled, window);
  while (ms_lens_get_busy (lens))
    g_main_context_iteration (NULL, TRUE);
  widget_test_wait_frames (GTK_WIDGET (window), 10);

  walk_round (&walk, page);
  g_assert_cmpuint (check_all_reached (&walk, GTK_WIDGET (window), page), >, 8);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

/* Alt+2 and the others: the keyboard is where the eye goes, not still in the header. */
static void
test_goes_to_page (void)
{
  static const struct {
    const char *page;
    GType (*get_type) (void);
  } MAIN[] = { { "threads", gtk_column_view_get_type },
               { "timeline", ms_timeline_get_type },
               { "memory", ms_flame_graph_get_type },
               { "system", gtk_scrolled_window_get_type },
               { "overview", ms_card_board_get_type } };
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  GtkWidget *open = widget_test_find_button (GTK_WIDGET (window), "Open…");

  for (guint i = 0; i < G_N_ELEMENTS (MAIN); i++)
    {
      /* What was never seen has nothing yet. */
      g_assert_true (ms_window_show_page (window, MAIN[i].page));
      widget_test_wait (is_idle, window);
      widget_test_wait_frames (GTK_WIDGET (window), 3);
      gtk_widget_grab_focus (open);
      gtk_widget_activate_action (GTK_WIDGET (window), "win.show-page", "s", MAIN[i].page);
      GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (window));
      if (gtk_widget_get_ancestor (focus, MAIN[i].get_type ()) == NULL)
        g_error ("%s: the focus is at %s", MAIN[i].page, G_OBJECT_TYPE_NAME (focus));
    }
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

/* At 1200 pixels there are more columns than room: a scroll bar says so, and leads to the whole of the last one. */
static void
test_last_column (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  graphene_rect_t bounds;

  g_assert_true (ms_window_show_page (window, "threads"));
  widget_test_wait_frames (GTK_WIDGET (window), 5);
  GtkWidget *view = widget_test_find (
      adw_view_stack_get_child_by_name (ADW_VIEW_STACK (widget_test_find (GTK_WIDGET (window),
                                                                          ADW_TYPE_VIEW_STACK)),
                                        "threads"),
      GTK_TYPE_COLUMN_VIEW);
  GtkScrolledWindow *scrolled =
      GTK_SCROLLED_WINDOW (gtk_widget_get_ancestor (view, GTK_TYPE_SCROLLED_WINDOW));
  GtkAdjustment *adjustment = gtk_scrolled_window_get_hadjustment (scrolled);
  GtkWidget *header = gtk_widget_get_first_child (view);

  g_assert_true (gtk_widget_get_mapped (gtk_scrolled_window_get_hscrollbar (scrolled)));
  g_assert_false (gtk_scrolled_window_get_overlay_scrolling (scrolled));
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
  widget_test_wait_frames (GTK_WIDGET (window), 3);
  g_assert_true (gtk_widget_compute_bounds (gtk_widget_get_last_child (header), view, &bounds));
  g_assert_cmpfloat (bounds.size.width, >, 20);
  g_assert_cmpfloat (bounds.origin.x + bounds.size.width, <=, gtk_widget_get_width (view) + 1);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static void
load_style (void)
{
  g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (style, "/org/memscope/Memscope/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                              GTK_STYLE_PROVIDER (style),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  load_style ();
  g_test_set_nonfatal_assertions ();
  /* What fades in is not there yet. */
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (PAGES); i++)
    {
      g_autofree char *path = g_strconcat ("/keyboard/", PAGES[i], NULL);

      g_test_add_data_func (path, PAGES[i], test_round);
    }
  g_test_add_func ("/keyboard/goes-to-page", test_goes_to_page);
  g_test_add_func ("/keyboard/last-column", test_last_column);
  return g_test_run ();
}
