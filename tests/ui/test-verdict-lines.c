/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The sentences at the top of Overview, and the signs before them: a warning where there is one to give. */
#include "ms-verdict-lines.h"
#include "ms-window.h"
#include "resource-builder.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#define MS(n) ((gint64) (n) *1000000)
#define N_TICKS 30
#define ALL_IS_WELL "othing measured is at its limit"

/* Three seconds in which nothing comes near a limit.  @grows: 10 MB a second are kept. */
static char *
new_trace (gboolean grows)
{
  char *folder = test_folder_new ();
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  g_autoptr (ResourceBuilder) samples = resource_builder_new (folder, MS (100));
  guint64 frames[] = { 0x1000, 0x2000 };
  guint32 stack = trace_builder_add_stack (builder, 0, frames, G_N_ELEMENTS (frames));

  trace_builder_start (builder, 0, 0, -1);
  trace_builder_name (builder, 0, 0, "main", -1);
  for (guint n = 0; n < 300; n++)
    {
      guint64 address = 0x100000 + 0x10000 * n;

      trace_builder_alloc (builder, 0, (guint64) MS (10 * n + 1), address, 100000, stack);
      if (!grows)
        trace_builder_free_block (builder, 0, (guint64) MS (10 * n + 9), address);
    }
  trace_builder_alloc (builder, 0, (guint64) MS (3000), 0x10, 8, stack);
  trace_builder_free_block (builder, 0, (guint64) MS (3000) + 1, 0x10);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);

  for (guint tick = 1; tick <= N_TICKS; tick++)
    {
      resource_builder_set (samples, TRK_PROCESS_CPU_NS, (guint64) MS (10) * tick);
      resource_builder_set (samples, TRK_PROCESS_MAJOR_FAULTS, 1);
      resource_builder_sample (samples, TRK_RESOURCE_PROCESS, 1000, "program", MS (100 * tick));
      resource_builder_set (samples, TRK_THREAD_CPU_NS, (guint64) MS (10) * tick);
      resource_builder_set (samples, TRK_THREAD_RUN_QUEUE_WAIT_NS, 1000 * tick);
      resource_builder_sample (samples, TRK_RESOURCE_THREAD, 1000, "main", MS (100 * tick));
      resource_builder_set (samples, TRK_PRESSURE_SOME_NS, 1000 * tick);
      resource_builder_sample (samples, TRK_RESOURCE_PRESSURE, TRK_RESOURCE_PRESSURE_IO, "",
                               MS (100 * tick));
    }
  return folder;
}

static gboolean
is_at_rest (gpointer window)
{
  return !ms_window_get_busy (window);
}

/* The name of the sign in the row of @label. */
static const char *
get_sign (GtkWidget *label)
{
  GtkWidget *row = gtk_widget_get_parent (label);

  return gtk_image_get_icon_name (GTK_IMAGE (gtk_widget_get_first_child (row)));
}

static void
test_signs (gconstpointer data)
{
  gboolean grows = GPOINTER_TO_INT (data);
  g_autofree char *folder = new_trace (grows);
  MsWindow *window = window_test_open (folder);
  GtkWidget *lines = widget_test_find (GTK_WIDGET (window), MS_TYPE_VERDICT_LINES);
  GtkWidget *well, *growth;

  widget_test_wait (is_at_rest, window);
  well = widget_test_find_label (lines, ALL_IS_WELL);
  growth = widget_test_find_label (lines, "ever more");
  g_assert_nonnull (well);
  g_assert_cmpstr (get_sign (well), ==, "emblem-ok-symbolic");
  g_assert_cmpint (growth != NULL, ==, grows);
  if (growth != NULL)
    {
      g_assert_cmpstr (get_sign (growth), ==, "dialog-warning-symbolic");
      /* What is well stands last. */
      g_assert_null (gtk_widget_get_next_sibling (gtk_widget_get_parent (well)));
    }
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_data_func ("/verdict-lines/all-is-well", GINT_TO_POINTER (FALSE), test_signs);
  g_test_add_data_func ("/verdict-lines/warnings-first", GINT_TO_POINTER (TRUE), test_signs);
  return g_test_run ();
}
