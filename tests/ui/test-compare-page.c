/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The page Compare on two traces of which every figure is known. */
#include "ms-change-table.h"
#include "ms-compare-page.h"
#include "ms-difference-plot.h"
#include "ms-plot-area.h"
#include "ms-window.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <string.h>

#define MS(n) ((gint64) (n) *1000000)
#define HOSTILE "<b>evil</b>&\n\x01"

/* Two seconds.  A block of @kept bytes at 0.5 s at one stack, which stays; at 1.5 s another thread makes 20 blocks
 * of 1 000 bytes at another, each freed at once. */
static void
write_trace (const char *folder, guint64 kept, const char *sampling)
{
  g_autoptr (TraceBuilder) b = trace_builder_new (folder);
  guint64 deep[] = { 0x1000, 0x2000, 0x3000 }, other[] = { 0x4000, 0x2000, 0x3000 };
  guint32 stack = trace_builder_add_stack (b, 0, deep, G_N_ELEMENTS (deep));
  guint32 second = trace_builder_add_stack (b, 1, other, G_N_ELEMENTS (other));

  if (sampling != NULL)
    trace_builder_set_configuration (b, sampling);
  trace_builder_start (b, 0, 0, -1);
  trace_builder_name (b, 0, 0, "main", -1);
  if (sampling != NULL)
    trace_builder_sampling (b, 0, 0.01, 0);
  trace_builder_alloc (b, 0, (guint64) MS (500), 0x10000, kept, stack);
  trace_builder_start (b, 1, 100, 0);
  trace_builder_name (b, 1, 101, HOSTILE, -1);
  if (sampling != NULL)
    trace_builder_sampling (b, 1, 0.01, 0);
  for (guint i = 0; i < 20; i++)
    {
      trace_builder_alloc (b, 1, (guint64) MS (1500 + 10 * i), 0x900000 + 0x1000 * i, 1000, second);
      trace_builder_free_block (b, 1, (guint64) MS (1505 + 10 * i), 0x900000 + 0x1000 * i);
    }
  trace_builder_exit (b, 1, (guint64) MS (1999), (guint64) MS (10));
  trace_builder_exit (b, 0, (guint64) MS (2000), (guint64) MS (10));
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
}

typedef struct {
  char *folder, *other;
  MsWindow *window;
  MsComparePage *page;
} Fixture;

static gboolean
is_at_rest (gpointer data)
{
  Fixture *self = data;

  return !ms_lens_get_busy (ms_window_get_lens (self->window))
         && !ms_compare_page_is_busy (self->page);
}

static void
set_up (Fixture *self, gconstpointer sampling)
{
  self->folder = test_folder_new ();
  self->other = test_folder_new ();
  write_trace (self->folder, 500000, sampling);
  write_trace (self->other, 100000, sampling);
  self->page =
      MS_COMPARE_PAGE (window_test_open_page (self->folder, "compare", MS_TYPE_COMPARE_PAGE));
  self->window = MS_WINDOW (gtk_widget_get_root (GTK_WIDGET (self->page)));
  widget_test_wait (is_at_rest, self);
  widget_test_wait_frames (GTK_WIDGET (self->window), 3);
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  window_test_close_page (GTK_WIDGET (self->page));
  test_folder_remove (self->folder);
  test_folder_remove (self->other);
  g_free (self->folder);
  g_free (self->other);
}

static void
assert_says (Fixture *self, const char *part)
{
  if (widget_test_find_label (GTK_WIDGET (self->page), part) == NULL)
    g_error ("the page does not say \"%s\"", part);
}

static const MsChange *
get_total (Fixture *self, MsFigureKind figure)
{
  const MsCompareResult *result = ms_compare_page_get_result (self->page);

  g_assert_nonnull (result);
  return &ms_comparison_get_totals (result->comparison)->changes[figure];
}

/* At first the halves: the block, then the twenty. */
static void
test_halves (Fixture *self, gconstpointer user_data)
{
  const MsChange *allocated = get_total (self, MS_FIGURE_ALLOCATED_BYTES);
  GtkWidget *table = widget_test_find (GTK_WIDGET (self->page), MS_TYPE_CHANGE_TABLE);

  g_assert_cmpuint (allocated->before, ==, 500000);
  g_assert_cmpuint (allocated->after, ==, 20000);
  assert_says (self, "▼ −480\u202fkB");
  assert_says (self, "Before: 0.00–1.00\u202fs");
  /* Its peak changed by what the others hold at a time; the name is no markup. */
  g_assert_cmpuint (ms_change_table_get_n_rows (MS_CHANGE_TABLE (table)), ==, 1);
  assert_says (self, "<b>evil</b>&");
  g_autofree char *csv = ms_change_table_to_csv (MS_CHANGE_TABLE (table));
  g_assert_nonnull (strstr (csv, ",0,1000,1000,1"));

  /* The window's copying is the page's own here. */
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (self->window), "win.copy-csv", NULL));
  g_autoptr (GdkContentProvider) provider =
      gdk_clipboard_get_content (gtk_widget_get_clipboard (GTK_WIDGET (self->window)));
  g_auto (GValue) value = G_VALUE_INIT;
  g_value_init (&value, G_TYPE_STRING);
  g_assert_nonnull (provider);
  g_object_ref (provider);
  g_assert_true (gdk_content_provider_get_value (provider, &value, NULL));
  g_assert_true (g_str_has_prefix (g_value_get_string (&value), csv));
}

/* A row leads to where it can be looked into. */
static void
test_rows (Fixture *self, gconstpointer user_data)
{
  const MsCompareResult *result = ms_compare_page_get_result (self->page);
  MsFocus *focus = ms_window_get_focus (self->window);
  GtkWidget *threads = widget_test_find (GTK_WIDGET (self->page), MS_TYPE_CHANGE_TABLE);
  GtkWidget *stacks = gtk_widget_get_next_sibling (threads);
  MsLens *lens = ms_window_get_lens (self->window);
  guint n, id;
  g_autofree guint *rows =
      ms_comparison_rank (result->comparison, MS_COMPARED_STACKS, result->figure, 0, &n);

  g_assert_true (MS_IS_CHANGE_TABLE (stacks));
  g_assert_cmpuint (n, >, 0);
  g_signal_emit_by_name (stacks, "activated", rows[0]);
  const guint *stacks_chosen = ms_focus_get_stacks (focus, &n);
  g_assert_nonnull (stacks_chosen);
  g_assert_cmpuint (n, >, 0);
  for (guint i = 0; i < n; i++)
    g_assert_true (
        ms_comparison_find_row (result->comparison, MS_COMPARED_STACKS, TRUE, stacks_chosen[i])
            == (gint) rows[0]
        || ms_comparison_find_row (result->comparison, MS_COMPARED_STACKS, FALSE, stacks_chosen[i])
               == (gint) rows[0]);
  g_assert_false (gtk_widget_get_mapped (GTK_WIDGET (self->page)));

  ms_focus_clear (focus);
  widget_test_wait (is_at_rest, self);
  result = ms_compare_page_get_result (self->page);
  g_signal_emit_by_name (threads, "activated",
                         (guint) ms_comparison_find_row (result->comparison, MS_COMPARED_THREADS,
                                                         TRUE, 1));
  g_assert_true (ms_focus_get_thread (focus, &id));
  g_assert_cmpuint (id, ==, 1);
  g_assert_nonnull (ms_lens_get_view (lens));
}

static void
test_ranges (Fixture *self, gconstpointer user_data)
{
  MsFocus *focus = ms_window_get_focus (self->window);

  ms_compare_page_set_what (self->page, MS_COMPARE_RANGES);
  widget_test_wait (is_at_rest, self);
  assert_says (self, "Keep a Range First");
  ms_focus_set_range (focus, MS (1400), MS (1600));
  widget_test_wait (is_at_rest, self);
  ms_compare_page_keep_range (self->page);
  ms_focus_set_range (focus, MS (400), MS (600));
  widget_test_wait (is_at_rest, self);
  g_assert_cmpuint (get_total (self, MS_FIGURE_ALLOCATED_BYTES)->before, ==, 10000);
  g_assert_cmpuint (get_total (self, MS_FIGURE_ALLOCATED_BYTES)->after, ==, 500000);

  /* A thread that did nothing in one of them. */
  ms_focus_set_thread (focus, 1);
  widget_test_wait (is_at_rest, self);
  g_assert_cmpuint (get_total (self, MS_FIGURE_ALLOCATED_BYTES)->before, ==, 10000);
  g_assert_cmpuint (get_total (self, MS_FIGURE_ALLOCATED_BYTES)->after, ==, 0);
}

static void
test_recordings (Fixture *self, gconstpointer user_data)
{
  const MsCompareResult *result;
  GtkWidget *swap, *by;

  ms_compare_page_set_what (self->page, MS_COMPARE_RECORDINGS);
  widget_test_wait (is_at_rest, self);
  assert_says (self, "Open a Second Recording");
  ms_compare_page_open (self->page, "/nowhere");
  widget_test_wait (is_at_rest, self);
  assert_says (self, "Cannot Be Opened");
  ms_compare_page_open (self->page, self->other);
  widget_test_wait (is_at_rest, self);
  g_assert_cmpuint (get_total (self, MS_FIGURE_PEAK_BYTES)->before, ==, 101000);
  g_assert_cmpuint (get_total (self, MS_FIGURE_PEAK_BYTES)->after, ==, 501000);
  assert_says (self, "▲ +400\u202fkB");
  assert_says (self, "+400.0\u202f%");

  swap = widget_test_find_button (GTK_WIDGET (self->page), "Swap before and after");
  g_assert_nonnull (swap);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (swap), TRUE);
  widget_test_wait (is_at_rest, self);
  g_assert_cmpuint (get_total (self, MS_FIGURE_PEAK_BYTES)->before, ==, 501000);

  by = widget_test_find (GTK_WIDGET (self->page), GTK_TYPE_DROP_DOWN);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (by), 2);
  widget_test_wait (is_at_rest, self);
  result = ms_compare_page_get_result (self->page);
  g_assert_cmpint (result->figure, ==, MS_FIGURE_ALLOCATIONS);
  g_assert_cmpuint (ms_difference_tree_get_node (result->tree, 0)->change.after, ==, 21);
}

/* Of one block of a hundred that may have been, nobody can say that it is more. */
static void
test_not_significant (Fixture *self, gconstpointer user_data)
{
  ms_compare_page_open (self->page, self->other);
  widget_test_wait (is_at_rest, self);
  g_assert_true (ms_comparison_is_sampled (ms_compare_page_get_result (self->page)->comparison));
  g_assert_false (ms_change_is_significant (get_total (self, MS_FIGURE_LEAKED_BYTES)));
  assert_says (self, "not significant");
}

/* The picture by pointer and by keyboard, and its table. */
static void
test_picture (Fixture *self, gconstpointer user_data)
{
  GtkWidget *area = widget_test_find (GTK_WIDGET (self->page), MS_TYPE_PLOT_AREA);
  MsDifferencePlot *plot;
  cairo_surface_t *picture;

  ms_compare_page_open (self->page, self->other);
  widget_test_wait (is_at_rest, self);
  widget_test_wait_frames (GTK_WIDGET (self->window), 3);
  plot = ms_plot_area_get_plot (MS_PLOT_AREA (area));
  g_assert_cmpuint (plot->n_cells, >=, 4);
  g_autofree char *all = ms_plot_area_dup_reading (MS_PLOT_AREA (area));
  g_assert_nonnull (strstr (all, "101\u202fkB → 501\u202fkB"));
  picture = widget_test_picture (area);
  g_assert_cmpuint (widget_test_count_ink (picture), >, 100);
  cairo_surface_destroy (picture);

  /* Into a function, and by what is above it out again. */
  g_signal_emit_by_name (area, "activated", 1u);
  plot = ms_plot_area_get_plot (MS_PLOT_AREA (area));
  g_assert_cmpuint (plot->zoomed, !=, 0);
  widget_test_wait_frames (GTK_WIDGET (self->window), 3);
  g_signal_emit_by_name (area, "activated", 0u);
  plot = ms_plot_area_get_plot (MS_PLOT_AREA (area));
  g_assert_cmpuint (plot->zoomed, ==, 0);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
#define ADD(name, data, function) \
  g_test_add ("/compare-page/" name, Fixture, data, set_up, function, tear_down)
  ADD ("halves", NULL, test_halves);
  ADD ("rows", NULL, test_rows);
  ADD ("ranges", NULL, test_ranges);
  ADD ("recordings", NULL, test_recordings);
  ADD ("not-significant", "\"allocation_sampling_rate\":0.01", test_not_significant);
  ADD ("picture", NULL, test_picture);
  return g_test_run ();
}
