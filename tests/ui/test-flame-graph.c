/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A flame graph under keys and a pointer, and the small plots beside it. */
#include "ms-figure-table.h"
#include "ms-flame-graph.h"
#include "ms-flame-legend.h"
#include "ms-histogram-plot.h"
#include "ms-picture-dialog.h"
#include "ms-plot-card.h"
#include "stack-case.h"
#include "widget-test.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct {
  StackCase stacks;
  MsCallTree *tree;
  GtkWidget *scrolled, *legend;
  MsFlameGraph *graph;
  GtkWindow *window;
  gint chosen, opened;
  guint n_zooms, n_chosen;
} Fixture;

static void
number_cb (MsFlameGraph *graph, gint node, gint *into)
{
  *into = node;
}

static void
count_cb (MsFlameGraph *graph, gint node, guint *n)
{
  (*n)++;
}

static void
zoomed_cb (MsFlameGraph *graph, guint *n)
{
  (*n)++;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  stack_case_set_up (&self->stacks, data);
  stack_case_add (&self->stacks, "main > parse > grow", 0);
  stack_case_add (&self->stacks, "main > parse > copy", 1);
  stack_case_add (&self->stacks, "main > index", 2);
  stack_case_load (&self->stacks);
  for (guint s = 0; s < self->stacks.n_stacks; s++)
    {
      GStrv line = g_ptr_array_index (self->stacks.lines, s);
      guint n = g_strv_length (line);

      self->stacks.columns[0][s] = n == 0 ? 0 : g_str_equal (line[n - 1], "grow") ? 6000 : 2000;
    }
  self->tree = ms_call_tree_new (self->stacks.names, MS_CALL_TREE_TOP_DOWN,
                                 stack_case_columns (&self->stacks), 1);
  self->chosen = self->opened = -1;
  self->graph = g_object_ref_sink (MS_FLAME_GRAPH (ms_flame_graph_new ()));
  self->legend = ms_flame_legend_new (self->graph);
  g_signal_connect (self->graph, "chosen", G_CALLBACK (number_cb), &self->chosen);
  g_signal_connect (self->graph, "chosen", G_CALLBACK (count_cb), &self->n_chosen);
  g_signal_connect (self->graph, "opened", G_CALLBACK (number_cb), &self->opened);
  g_signal_connect (self->graph, "zoomed", G_CALLBACK (zoomed_cb), &self->n_zooms);
  self->scrolled = gtk_scrolled_window_new ();
  gtk_widget_set_vexpand (self->scrolled, TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), GTK_WIDGET (self->graph));
  gtk_box_append (GTK_BOX (box), self->scrolled);
  gtk_box_append (GTK_BOX (box), self->legend);
  self->window = widget_test_show (box, 500, 300);
  ms_flame_graph_set_tree (self->graph, self->tree, TRUE);
  ms_flame_legend_update (MS_FLAME_LEGEND (self->legend));
  widget_test_wait_frames (GTK_WIDGET (self->graph), 3);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  widget_test_close (self->window);
  g_assert_finalize_object (self->graph);
  ms_call_tree_unref (self->tree);
  stack_case_tear_down (&self->stacks, data);
}

static GtkEventController *
find_controller (Fixture *self, GType type, guint button)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (GTK_WIDGET (self->graph));

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (all, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type)
          && (button == 0
              || gtk_gesture_single_get_button (GTK_GESTURE_SINGLE (controller)) == button))
        return controller;
    }
  g_assert_not_reached ();
}

static gboolean
press (Fixture *self, guint keyval, GdkModifierType state)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (find_controller (self, GTK_TYPE_EVENT_CONTROLLER_KEY, 0), "key-pressed",
                         keyval, 0, state, &handled);
  return handled;
}

/* "" where the cursor is nowhere. */
static const char *
get_cursor_label (Fixture *self)
{
  gint cursor = ms_flame_graph_get_cursor (self->graph);

  return cursor >= 0 ? ms_call_tree_get_label (self->tree, (guint) cursor) : "";
}

static void
assert_description (Fixture *self, const char *expected)
{
  g_autofree char *actual =
      gtk_test_accessible_check_property (GTK_ACCESSIBLE (self->graph),
                                          GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, expected);

  g_assert_cmpstr (actual, ==, NULL);
}

static void
test_keys (Fixture *self, gconstpointer data)
{
  static const struct {
    guint key;
    const char *label;
  } STEPS[] = {
    { GDK_KEY_Up, "(all)" }, /* the first only shows where it is */
    { GDK_KEY_Up, "main" },     { GDK_KEY_Up, "parse" },   { GDK_KEY_Right, "index" },
    { GDK_KEY_Right, "index" }, { GDK_KEY_Left, "parse" }, { GDK_KEY_Up, "grow" },
    { GDK_KEY_End, "copy" },    { GDK_KEY_Home, "grow" },  { GDK_KEY_Up, "grow" },
    { GDK_KEY_Down, "parse" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (STEPS); i++)
    {
      g_assert_true (press (self, STEPS[i].key, 0));
      g_assert_cmpstr (get_cursor_label (self), ==, STEPS[i].label);
    }
  assert_description (self, "parse — 8.00\xe2\x80\xafkB (8\xe2\x80\xaf"
                            "000\xe2\x80\xaf"
                            "B) · 80.0\xe2\x80\xaf% · 2 call stacks");
  g_assert_true (press (self, GDK_KEY_space, 0));
  g_assert_cmpint (self->chosen, ==, ms_flame_graph_get_cursor (self->graph));
  g_assert_true (press (self, GDK_KEY_Return, GDK_CONTROL_MASK));
  g_assert_cmpint (self->opened, ==, ms_flame_graph_get_cursor (self->graph));
  g_assert_cmpuint (ms_flame_graph_get_zoomed (self->graph), ==, 0);
  /* Escape is the window's. */
  g_assert_false (press (self, GDK_KEY_Escape, 0));
}

static void
test_zoom (Fixture *self, gconstpointer data)
{
  guint before = self->n_zooms;

  press (self, GDK_KEY_Up, 0);
  press (self, GDK_KEY_Up, 0);
  press (self, GDK_KEY_Up, 0);
  g_assert_true (press (self, GDK_KEY_Return, 0));
  widget_test_wait_frames (GTK_WIDGET (self->graph), 2);
  g_assert_cmpint ((gint) ms_flame_graph_get_zoomed (self->graph), ==,
                   ms_flame_graph_get_cursor (self->graph));
  g_assert_cmpuint (self->n_zooms, ==, before + 1);
  /* Its callers are still there to go back to. */
  press (self, GDK_KEY_Down, 0);
  g_assert_cmpstr (get_cursor_label (self), ==, "main");

  /* Names become known: the same path is still zoomed into. */
  g_autoptr (MsCallTree) again = ms_call_tree_new (self->stacks.names, MS_CALL_TREE_TOP_DOWN,
                                                   stack_case_columns (&self->stacks), 1);
  ms_flame_graph_set_tree (self->graph, again, TRUE);
  g_assert_cmpstr (ms_call_tree_get_label (again, ms_flame_graph_get_zoomed (self->graph)), ==,
                   "parse");

  /* main is as wide as everything: out leads past it. */
  g_assert_true (press (self, GDK_KEY_BackSpace, 0));
  g_assert_cmpuint (ms_flame_graph_get_zoomed (self->graph), <=, 1);
  ms_flame_graph_zoom (self->graph, 0);
  g_assert_cmpuint (ms_flame_graph_get_zoomed (self->graph), ==, 0);
  ms_flame_graph_zoom_out (self->graph);
  g_assert_cmpuint (ms_flame_graph_get_zoomed (self->graph), ==, 0);
}

/* The root is at the bottom, as high as its row; x is 60 % to the right: in parse, over grow. */
static void
test_pointer (Fixture *self, gconstpointer data)
{
  int height = gtk_widget_get_height (GTK_WIDGET (self->graph));
  double row = ms_flame_row_px (gtk_widget_get_pango_context (GTK_WIDGET (self->graph)));
  double x = gtk_widget_get_width (GTK_WIDGET (self->graph)) * 0.3, y = height - 2.5 * row;
  GtkEventController *click = find_controller (self, GTK_TYPE_GESTURE_CLICK, GDK_BUTTON_PRIMARY);
  GtkEventController *motion = find_controller (self, GTK_TYPE_EVENT_CONTROLLER_MOTION, 0);
  gboolean handled = FALSE;

  g_signal_emit_by_name (motion, "motion", x, y);
  g_autofree char *reading = ms_flame_graph_dup_reading (self->graph);
  g_assert_true (g_str_has_prefix (reading, "parse — "));
  g_assert_cmpint (ms_flame_graph_get_cursor (self->graph), ==, -1);

  g_signal_emit_by_name (click, "pressed", 1, x, y);
  g_signal_emit_by_name (click, "released", 1, x, y);
  g_assert_cmpstr (get_cursor_label (self), ==, "parse");
  g_assert_cmpint (self->chosen, ==, ms_flame_graph_get_cursor (self->graph));
  g_assert_cmpint (self->opened, ==, -1);
  /* A double click undoes what its first click chose. */
  g_assert_cmpuint (self->n_chosen, ==, 1);
  g_signal_emit_by_name (click, "pressed", 2, x, y);
  g_signal_emit_by_name (click, "released", 2, x, y);
  g_assert_cmpint (self->opened, ==, ms_flame_graph_get_cursor (self->graph));
  g_assert_cmpuint (self->n_chosen, ==, 2);
  self->chosen = -1;

  /* Above the flames is nothing; a wheel without Ctrl scrolls. */
  g_signal_emit_by_name (click, "pressed", 1, x, 1.0);
  g_signal_emit_by_name (click, "released", 1, x, 1.0);
  g_assert_cmpint (self->chosen, ==, -1);
  g_signal_emit_by_name (find_controller (self, GTK_TYPE_EVENT_CONTROLLER_SCROLL, 0), "scroll", 0.0,
                         -1.0, &handled);
  g_assert_false (handled);
  g_assert_cmpuint (ms_flame_graph_get_zoomed (self->graph), ==, 0);
}

static guint
count_different (cairo_surface_t *a, cairo_surface_t *b)
{
  guint n = 0;

  for (int y = 0; y < cairo_image_surface_get_height (a); y++)
    for (int x = 0; x < cairo_image_surface_get_width (a) * 4; x++)
      n += cairo_image_surface_get_data (a)[y * cairo_image_surface_get_stride (a) + x]
           != cairo_image_surface_get_data (b)[y * cairo_image_surface_get_stride (b) + x];
  return n;
}

static void
test_marks (Fixture *self, gconstpointer data)
{
  GtkWidget *widget = GTK_WIDGET (self->graph);
  const gboolean *is_match;
  cairo_surface_t *plain = widget_test_picture (widget), *marked;
  guint stack = 0;

  g_assert_cmpuint (ms_flame_graph_search (self->graph, "GRO", &is_match), ==, 1);
  g_assert_true (is_match[stack_case_find (&self->stacks, "grow")]);
  widget_test_wait_frames (widget, 2);
  marked = widget_test_picture (widget);
  g_assert_cmpuint (count_different (plain, marked), >, 1000);
  cairo_surface_destroy (marked);

  g_assert_cmpuint (ms_flame_graph_search (self->graph, "", &is_match), ==, 0);
  g_assert_null (is_match);
  ms_flame_graph_set_kept (self->graph, &stack, 1);
  widget_test_wait_frames (widget, 2);
  marked = widget_test_picture (widget);
  g_assert_cmpuint (count_different (plain, marked), >, 1000);
  cairo_surface_destroy (marked);

  ms_flame_graph_set_kept (self->graph, NULL, 0);
  widget_test_wait_frames (widget, 2);
  marked = widget_test_picture (widget);
  g_assert_cmpuint (count_different (plain, marked), ==, 0);
  cairo_surface_destroy (marked);
  cairo_surface_destroy (plain);

  ms_flame_graph_set_orientation (self->graph, MS_FLAME_ROOT_ABOVE);
  widget_test_wait_frames (widget, 2);
  press (self, GDK_KEY_Down, 0);
  press (self, GDK_KEY_Down, 0);
  g_assert_cmpstr (get_cursor_label (self), ==, "main");
  ms_flame_graph_set_tree (self->graph, NULL, TRUE);
  widget_test_wait_frames (widget, 2);
  g_assert_false (press (self, GDK_KEY_Down, 0));
}

static void
paint_cb (GtkWidget *plot, cairo_t *cr, const MsPalette *palette)
{
  ms_flame_graph_paint (MS_FLAME_GRAPH (plot), cr, palette, 800);
}

static void
test_saved (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("memscope-flame-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "flame.svg", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *content = NULL;
  double height = ms_flame_graph_paint (self->graph, NULL, NULL, 800);

  g_assert_cmpfloat (height, >, 60);
  ms_picture_dialog_write (GTK_WIDGET (self->graph), file, 800, height, paint_cb);
  widget_test_wait_for_file (path);
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_nonnull (strstr (content, "<svg"));
  g_assert_nonnull (strstr (content, "</svg>"));
  g_unlink (path);
  g_rmdir (folder);
}

/* --- the small plots --- */

static void
test_card (void)
{
  guint64 bins[MS_HISTOGRAM_BINS] = { 0 };
  GtkWidget *area = ms_plot_area_new (&MS_HISTOGRAM_PLOT, "Sizes");
  GtkWidget *table =
      ms_figure_table_new ("Sizes", (const char *const[]) { "size", "allocations", NULL }, 1);
  GtkWidget *card = g_object_ref_sink (
      ms_plot_card_new ("Sizes", "sizes", MS_PLOT_AREA (area), MS_FIGURE_TABLE (table)));
  GtkWindow *window = widget_test_show (card, 320, 300);
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (area);
  gboolean handled = FALSE;

  bins[4] = 3;
  bins[5] = 1;
  ms_plot_area_set_plot (MS_PLOT_AREA (area), ms_histogram_plot_new (bins, FALSE));
  ms_figure_table_add (MS_FIGURE_TABLE (table), (const char *const[]) { "8 B to 15 B", "3", NULL },
                       (const char *const[]) { "=8..15", "3", NULL });
  widget_test_wait_frames (card, 2);
  g_assert_nonnull (widget_test_find_label (card, "Most: "));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        {
          g_signal_emit_by_name (controller, "key-pressed", GDK_KEY_Right, 0, 0, &handled);
          g_assert_true (handled);
          g_signal_emit_by_name (controller, "key-pressed", GDK_KEY_End, 0, 0, &handled);
        }
    }
  g_assert_cmpint (ms_plot_area_get_item (MS_PLOT_AREA (area)), ==, 1);
  g_assert_nonnull (widget_test_find_label (card, "16"));

  /* Exact, and no formula. */
  g_autofree char *csv = ms_figure_table_to_csv (MS_FIGURE_TABLE (table));
  g_assert_cmpstr (csv, ==, "size,allocations\r\n\"'=8..15\",3\r\n");
  GtkWidget *toggle = widget_test_find_button (card, "Show as a Table");
  g_assert_nonnull (toggle);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (toggle), TRUE);
  widget_test_wait_frames (card, 2);
  g_assert_true (gtk_widget_get_mapped (table));
  g_assert_false (gtk_widget_get_mapped (area));
  widget_test_close (window);
  g_assert_finalize_object (card);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add ("/flame-graph/keys", Fixture, NULL, set_up, test_keys, tear_down);
  g_test_add ("/flame-graph/zoom", Fixture, NULL, set_up, test_zoom, tear_down);
  g_test_add ("/flame-graph/pointer", Fixture, NULL, set_up, test_pointer, tear_down);
  g_test_add ("/flame-graph/marks", Fixture, NULL, set_up, test_marks, tear_down);
  g_test_add ("/flame-graph/saved", Fixture, NULL, set_up, test_saved, tear_down);
  g_test_add_func ("/flame-graph/card", test_card);
  return g_test_run ();
}
