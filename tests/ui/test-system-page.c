/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The page System on a trace of which every figure is known. */
#include "ms-summary-card.h"
#include "ms-system-cards.h"
#include "ms-system-page.h"
#include "ms-window.h"
#include "resource-builder.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <string.h>

#define MS(n) ((gint64) (n) *1000000)
#define N_TICKS 30
#define HOSTILE "<b>evil</b>&\n\x01"
#define SENTENCE "Thread <b>evil</b>&"

/* Three seconds.  The main thread, with a hostile name, keeps all of 10 MB a second; a second one lives half as
 * long. */
static void
write_trace (const char *folder)
{
  g_autoptr (TraceBuilder) b = trace_builder_new (folder);
  guint64 frames[] = { 0x1000, 0x2000 };
  guint32 stack = trace_builder_add_stack (b, 0, frames, G_N_ELEMENTS (frames));

  trace_builder_start (b, 0, 0, -1);
  trace_builder_name (b, 0, 0, HOSTILE, -1);
  for (guint n = 0; n < 300; n++)
    trace_builder_alloc (b, 0, (guint64) MS (10 * n + 5), 0x100000 + 0x10000 * n, 100000, stack);
  trace_builder_start (b, 1, 100, 0);
  trace_builder_name (b, 1, 101, "calm", -1);
  trace_builder_alloc (b, 1, (guint64) MS (1), 0x9000000000, 100, stack);
  trace_builder_free_block (b, 1, (guint64) MS (2), 0x9000000000);
  trace_builder_exit (b, 1, (guint64) MS (1500), (guint64) MS (150));
  trace_builder_free_block (b, 0, (guint64) MS (3000), 0x100000);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
}

/* It waits 90 ms in each tick and computes 10; nobody looks from 1.2 to 1.7 s; I/O may not be read. */
static void
write_samples (const char *folder)
{
  g_autoptr (ResourceBuilder) b = resource_builder_new (folder, MS (100));

  for (guint tick = 1; tick <= N_TICKS; tick++)
    {
      if (tick > 12 && tick < 17)
        continue;
      resource_builder_set (b, TRK_PROCESS_CPU_NS, (guint64) MS (10) * tick);
      resource_builder_set (b, TRK_PROCESS_RESIDENT_BYTES, 50000000);
      resource_builder_set (b, TRK_PROCESS_ANON_BYTES, 45000000);
      resource_builder_set_absent (b, TRK_PROCESS_READ_CALLS, 3);
      resource_builder_sample (b, TRK_RESOURCE_PROCESS, 1000, "program", MS (100 * tick));
      resource_builder_set (b, TRK_THREAD_CPU_NS, (guint64) MS (10) * tick);
      resource_builder_set (b, TRK_THREAD_RUN_QUEUE_WAIT_NS, (guint64) MS (90) * tick);
      resource_builder_sample (b, TRK_RESOURCE_THREAD, 1000, HOSTILE, MS (100 * tick));
    }
}

typedef struct {
  char *folder;
  MsWindow *window;
  MsSystemPage *page;
} Fixture;

static gboolean
is_at_rest (gpointer data)
{
  Fixture *self = data;

  return !ms_lens_get_busy (ms_window_get_lens (self->window))
         && !ms_system_page_is_busy (self->page);
}

static void
set_up (Fixture *self, gconstpointer user_data)
{
  gboolean has_samples = user_data == NULL;

  self->folder = test_folder_new ();
  write_trace (self->folder);
  if (has_samples)
    write_samples (self->folder);
  self->page = MS_SYSTEM_PAGE (window_test_open_page (self->folder, "system", MS_TYPE_SYSTEM_PAGE));
  self->window = MS_WINDOW (gtk_widget_get_root (GTK_WIDGET (self->page)));
  widget_test_wait (is_at_rest, self);
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
assert_says (Fixture *self, const char *part)
{
  if (widget_test_find_label (GTK_WIDGET (self->page), part) == NULL)
    g_error ("the page does not say \"%s\"", part);
}

static GtkWidget *
find_row (GtkWidget *root, const char *part)
{
  GtkWidget *label = widget_test_find_label (root, part);

  return label != NULL ? gtk_widget_get_ancestor (label, ADW_TYPE_ACTION_ROW) : NULL;
}

static void
test_process (Fixture *self, gconstpointer user_data)
{
  /* Cards. */
  assert_says (self, "10.0\u202f%");
  assert_says (self, "50.0\u202fMB");
  assert_says (self, "reading it is not permitted");
  /* The limit, what it rests on, and what can be done. */
  assert_says (self, "Threads wait for processors");
  assert_says (self, "\u202f% of their runnable time its threads wait");
  assert_says (self, "limit 10\u202f%");
  assert_says (self, "fewer threads, a larger quota");
  /* Growth of the process and of its thread. */
  assert_says (self, "The process holds ever more");
  assert_says (self, SENTENCE);
  /* Memory and gaps. */
  assert_says (self, "45.0\u202fMB anonymous");
  assert_says (self, "26 samples");
  assert_says (self, "4 were missed");
}

static AdwExpanderRow *
find_expander (Fixture *self, const char *title)
{
  GtkWidget *label = widget_test_find_label (GTK_WIDGET (self->page), title);

  g_assert_nonnull (label);
  return ADW_EXPANDER_ROW (gtk_widget_get_ancestor (label, ADW_TYPE_EXPANDER_ROW));
}

/* What somebody opened or closed stays so when the focus is another. */
static void
test_open_rows (Fixture *self, gconstpointer user_data)
{
  g_assert_false (adw_expander_row_get_expanded (find_expander (self, "Not Available")));
  g_assert_true (adw_expander_row_get_expanded (find_expander (self, "Threads wait for")));
  adw_expander_row_set_expanded (find_expander (self, "Not Available"), TRUE);
  adw_expander_row_set_expanded (find_expander (self, "Threads wait for"), FALSE);
  ms_focus_set_range (ms_window_get_focus (self->window), 0, 2000000000);
  widget_test_wait (is_at_rest, self);
  g_assert_true (adw_expander_row_get_expanded (find_expander (self, "Not Available")));
  g_assert_false (adw_expander_row_get_expanded (find_expander (self, "Threads wait for")));
}

/* A click on what is wrong with a thread focuses it, and what is shown then is its own. */
static void
test_thread (Fixture *self, gconstpointer user_data)
{
  MsFocus *focus = ms_window_get_focus (self->window);
  GtkWidget *row = find_row (GTK_WIDGET (self->page), SENTENCE);
  guint id = 7;

  g_assert_nonnull (row);
  g_signal_emit_by_name (row, "activated");
  g_assert_true (ms_focus_get_thread (focus, &id));
  g_assert_cmpuint (id, ==, 0);
  widget_test_wait (is_at_rest, self);
  assert_says (self, "It waits for a processor");
  assert_says (self, SENTENCE);
  g_assert_null (widget_test_find_label (GTK_WIDGET (self->page), "The process holds ever more"));

  /* The other did nothing of note. */
  ms_focus_set_thread (focus, 1);
  widget_test_wait (is_at_rest, self);
  g_assert_null (widget_test_find_label (GTK_WIDGET (self->page), "holds ever more"));
}

/* Shown in a wide window first, it still fits a narrow one. */
static void
test_narrow (Fixture *self, gconstpointer user_data)
{
  int least_px;

  gtk_widget_measure (GTK_WIDGET (self->page), GTK_ORIENTATION_HORIZONTAL, -1, &least_px, NULL,
                      NULL, NULL);
  g_assert_cmpint (least_px, <=, 400);
}

/* Of a trace that is not read yet nothing is claimed. */
static void
test_waits (Fixture *self, gconstpointer user_data)
{
  GtkWidget *cards = widget_test_find (GTK_WIDGET (self->page), MS_TYPE_SYSTEM_CARDS);

  g_assert_null (widget_test_find_label (cards, "…"));
  ms_system_page_set_lens (self->page, NULL);
  g_assert_nonnull (widget_test_find_label (cards, "…"));
  g_assert_null (widget_test_find_label (cards, "50.0\u202fMB"));
}

/* A gap leads to its stretch of time, in which there are no samples, and so no figures. */
static void
test_gap (Fixture *self, gconstpointer user_data)
{
  MsFocus *focus = ms_window_get_focus (self->window);
  GtkWidget *row = find_row (GTK_WIDGET (self->page), "4 missed");
  gint64 start_ns, end_ns;

  g_assert_nonnull (row);
  g_signal_emit_by_name (row, "activated");
  g_assert_true (ms_focus_get_range (focus, &start_ns, &end_ns));
  g_assert_cmpint (start_ns, ==, MS (1200));
  g_assert_cmpint (end_ns, ==, MS (1700));
  widget_test_wait (is_at_rest, self);
  assert_says (self, "4 were missed");

  /* A stretch in which all went well. */
  ms_focus_set_range (focus, MS (200), MS (900));
  widget_test_wait (is_at_rest, self);
  assert_says (self, "none was missed");
}

/* Without samples all of it is there, with the reason in place of figures. */
static void
test_no_samples (Fixture *self, gconstpointer user_data)
{
  GtkWidget *card = widget_test_find (GTK_WIDGET (self->page), MS_TYPE_SUMMARY_CARD);

  g_assert_true (gtk_widget_has_css_class (card, "unavailable"));
  assert_says (self, "the recording has no resource samples");
  assert_says (self, "Not judged");
  assert_says (self, "The process holds ever more");
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
#define ADD(name, data, function) \
  g_test_add ("/system-page/" name, Fixture, data, set_up, function, tear_down)
  ADD ("process", NULL, test_process);
  ADD ("open-rows", NULL, test_open_rows);
  ADD ("thread", NULL, test_thread);
  ADD ("gap", NULL, test_gap);
  ADD ("narrow", NULL, test_narrow);
  ADD ("waits", NULL, test_waits);
  ADD ("no-samples", "none", test_no_samples);
  return g_test_run ();
}
