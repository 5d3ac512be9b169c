/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The timeline's page in its window: what it asks the model for, what it filters, what grew. */
#include "ms-growth-list.h"
#include "ms-growth.h"
#include "ms-timeline-page.h"
#include "ms-timeline-table.h"
#include "ms-window.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <string.h>

#define MS_NS 1000000

/* Of 10 ms: the main thread holds 1 000 B from 1 to 8 ms, the other 5 000 B from 5 ms on. */
static char *
new_trace (void)
{
  char *folder = test_folder_new ();
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  guint64 one[] = { 0x1000, 0x2000 }, other[] = { 0x3000, 0x2000 };
  guint32 first = trace_builder_add_stack (builder, 0, one, G_N_ELEMENTS (one));
  guint32 second = trace_builder_add_stack (builder, 1, other, G_N_ELEMENTS (other));

  trace_builder_start (builder, 0, 0, -1);
  trace_builder_name (builder, 0, 0, "main", -1);
  trace_builder_start (builder, 1, 100, 0);
  trace_builder_name (builder, 1, 101, "worker", -1);
  trace_builder_alloc (builder, 0, 1 * MS_NS, 0x10000, 1000, first);
  trace_builder_alloc (builder, 1, 5 * MS_NS, 0x20000, 5000, second);
  trace_builder_free_block (builder, 0, 8 * MS_NS, 0x10000);
  trace_builder_alloc (builder, 0, 10 * MS_NS, 0x30000, 8, first);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  return folder;
}

typedef struct {
  char *folder;
  MsWindow *window;
  MsTimelinePage *page;
  MsTimeline *timeline;
} Fixture;

static gboolean
is_at_rest (gpointer data)
{
  return !ms_timeline_page_is_busy (data);
}

static void
set_up (Fixture *self, gconstpointer user_data)
{
  self->folder = new_trace ();
  self->page =
      MS_TIMELINE_PAGE (window_test_open_page (self->folder, "timeline", MS_TYPE_TIMELINE_PAGE));
  self->window = MS_WINDOW (gtk_widget_get_root (GTK_WIDGET (self->page)));
  self->timeline = ms_timeline_page_get_timeline (self->page);
  widget_test_wait (is_at_rest, self->page);
  widget_test_wait_frames (GTK_WIDGET (self->window), 3);
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  window_test_close_page (GTK_WIDGET (self->page));
  test_folder_remove (self->folder);
  g_free (self->folder);
}

static void
test_whole (Fixture *self, gconstpointer user_data)
{
  g_autofree char *words = ms_timeline_dup_description (self->timeline);

  g_assert_nonnull (strstr (words,
                            "Live memory: max 6.00\xe2\x80\xafkB, peak 6.00\xe2\x80\xafkB at "
                            "5.0\xe2\x80\xafms."));
  /* Six of one reason are one line. */
  g_assert_nonnull (strstr (words, "Not available: Processor, Cores, Resident memory, I/O calls, "
                                   "Network, GPU, the recording has no resource samples."));
  g_assert_cmpuint (ms_timeline_get_data (self->timeline)->lanes->len, ==, 3);
  g_assert_cmpuint (ms_timeline_get_data (self->timeline)->lives->len, ==, 2);
  g_assert_null (ms_timeline_get_fine (self->timeline));
}

/* The picture follows thread and stack; a range is shown in it and asks for nothing. */
static void
test_focus (Fixture *self, gconstpointer user_data)
{
  MsFocus *focus = ms_window_get_focus (self->window);
  MsTimelineData *whole = ms_timeline_data_ref (ms_timeline_get_data (self->timeline));

  g_signal_emit_by_name (self->timeline, "range-selected", (gint64) 3 * MS_NS, (gint64) 9 * MS_NS);
  g_assert_true (ms_focus_get_range (focus, NULL, NULL));
  widget_test_wait (is_at_rest, self->page);
  g_assert_true (ms_timeline_get_data (self->timeline) == whole);

  g_signal_emit_by_name (self->timeline, "life-activated", 1u);
  g_assert_true (ms_focus_get_thread (focus, NULL));
  widget_test_wait (is_at_rest, self->page);
  g_autofree char *words = ms_timeline_dup_description (self->timeline);
  g_assert_nonnull (strstr (words, "Live memory: max 5.00\xe2\x80\xafkB"));
  g_signal_emit_by_name (self->timeline, "life-activated", 1u);
  g_assert_false (ms_focus_get_thread (focus, NULL));
  g_signal_emit_by_name (self->timeline, "range-cleared");
  g_assert_false (ms_focus_get_range (focus, NULL, NULL));
  widget_test_wait (is_at_rest, self->page);
  ms_timeline_data_unref (whole);
}

/* Looked at closely, the model is asked for that stretch and the picture keeps what it has till then. */
static void
test_zoom (Fixture *self, gconstpointer user_data)
{
  ms_timeline_set_window (self->timeline, 4900000, 5100000);
  g_assert_true (ms_timeline_page_is_busy (self->page));
  g_assert_nonnull (ms_timeline_get_data (self->timeline));
  widget_test_wait (is_at_rest, self->page);

  MsTimelineData *fine = ms_timeline_get_fine (self->timeline);
  const MsLane *lane = ms_timeline_data_find_lane (fine, "live");
  const MsCurve *curve = &g_array_index (lane->series, MsLaneSeries, 0).curve;
  double high, low;
  /* To a fraction of a microsecond. */
  g_assert_true (ms_curve_get_range (curve, NULL, 4999000, 4999900, &high, &low));
  g_assert_cmpfloat (high, ==, 1000);
  g_assert_true (ms_curve_get_range (curve, NULL, 5000100, 5001000, &high, &low));
  g_assert_cmpfloat (low, ==, 6000);
}

static gboolean
has_rows (gpointer data)
{
  return ms_growth_list_get_n_rows (data) > 0;
}

static void
test_growth (Fixture *self, gconstpointer user_data)
{
  MsTrace *trace = ms_document_get_trace (ms_window_get_document (self->window));
  g_autoptr (MsFilter) filter = ms_filter_with_range (NULL, 3 * MS_NS, 9 * MS_NS);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsView) view = ms_view_new (trace, filter, NULL, &error);

  g_assert_no_error (error);
  g_autoptr (MsGrowth) growth = ms_growth_new (view, ms_trace_get_main_domain (trace));
  g_assert_cmpuint (growth->start_bytes, ==, 1000);
  g_assert_cmpuint (growth->end_bytes, ==, 5000);
  g_assert_cmpuint (growth->n_grown, ==, 1);
  g_assert_cmpuint (growth->n_shrunk, ==, 1);
  g_assert_cmpint (growth->grown_bytes, ==, 5000);
  g_assert_cmpint (growth->shrunk_bytes, ==, -1000);
  g_assert_cmpint (g_array_index (growth->stacks, MsGrownStack, 0).blocks, ==, 1);

  /* The same in the page; a row is a link. */
  MsFocus *focus = ms_window_get_focus (self->window);
  GtkWidget *list = widget_test_find (GTK_WIDGET (self->page), MS_TYPE_GROWTH_LIST);
  GtkWidget *popover = gtk_widget_get_ancestor (list, GTK_TYPE_POPOVER);
  ms_focus_set_range (focus, 3 * MS_NS, 9 * MS_NS);
  gtk_popover_popup (GTK_POPOVER (popover));
  widget_test_wait (has_rows, list);
  g_assert_cmpuint (ms_growth_list_get_n_rows (MS_GROWTH_LIST (list)), ==, 1);
  GtkWidget *box = widget_test_find (list, GTK_TYPE_LIST_BOX);
  g_signal_emit_by_name (box, "row-activated",
                         gtk_list_box_get_row_at_index (GTK_LIST_BOX (box), 0));
  g_assert_true (ms_focus_get_stack (focus, NULL));
  widget_test_wait (is_at_rest, self->page);
}

static void
test_table (Fixture *self, gconstpointer user_data)
{
  MsTextTable *table = MS_TEXT_TABLE (
      g_object_ref_sink (ms_timeline_table_new (ms_timeline_get_data (self->timeline), NULL,
                                                ms_timeline_get_window (self->timeline))));

  g_assert_cmpuint (ms_text_table_get_n_rows (table), ==, MS_TIMELINE_TABLE_ROWS);
  g_assert_cmpstr (ms_text_table_get_cell (table, 0, 1), ==,
                   "0\xe2\x80\xaf"
                   "B");
  g_assert_cmpstr (ms_text_table_get_cell (table, 40, 1), ==, "6.00\xe2\x80\xafkB");
  g_assert_finalize_object (table);

  /* The same exactly. */
  g_autofree char *csv = ms_timeline_to_csv (ms_timeline_get_data (self->timeline), NULL,
                                             ms_timeline_get_window (self->timeline));
  g_auto (GStrv) lines = g_strsplit (csv, "\r\n", -1);
  g_auto (GStrv) headings = g_strsplit (lines[0], ",", -1);
  g_auto (GStrv) cells = g_strsplit (lines[1 + MS_TIMELINE_CSV_ROWS * 2 / 3], ",", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, MS_TIMELINE_CSV_ROWS + 2);
  g_assert_cmpstr (headings[0], ==, "start_ns");
  g_assert_cmpstr (headings[3], ==, "live highest bytes");
  g_assert_cmpstr (cells[3], ==, "6000");
  g_assert_cmpuint (g_strv_length (headings), ==, g_strv_length (cells));
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
#define ADD(name, function) \
  g_test_add ("/timeline-page/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("whole", test_whole);
  ADD ("focus", test_focus);
  ADD ("zoom", test_zoom);
  ADD ("growth", test_growth);
  ADD ("table", test_table);
  return g_test_run ();
}
