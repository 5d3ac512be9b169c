/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A trace through the focus: the latest focus wins, and nothing outlives the lens. */
#include "ms-lens.h"
#include "ms-loader.h"
#include "trace-builder.h"

#include <string.h>

/* Thread n allocates n × 1000 bytes at n ms, the even ones at one stack, the odd ones at another. */
#define N_THREADS 6

static char *
new_trace (void)
{
  char *folder = test_folder_new ();
  TraceBuilder *builder = trace_builder_new (folder);
  guint64 even[] = { 0x1000, 0x2000 }, odd[] = { 0x3000 };
  guint32 stacks[] = { trace_builder_add_stack (builder, 0, even, G_N_ELEMENTS (even)),
                       trace_builder_add_stack (builder, 0, odd, G_N_ELEMENTS (odd)) };

  for (guint id = 0; id < N_THREADS; id++)
    {
      trace_builder_start (builder, id, 1000 * id, id == 0 ? -1 : 0);
      trace_builder_alloc (builder, id, 1000000 * (id + 1), 0x10000 * (id + 1), 1000 * (id + 1),
                           stacks[id % 2]);
    }
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  trace_builder_free (builder);
  return folder;
}

typedef struct {
  char *folder;
  MsDocument *document;
  MsFocus *focus;
  MsLens *lens;
  guint n_changes, n_names;
} Fixture;

static void
count_cb (MsLens *lens, guint *n)
{
  (*n)++;
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GError) error = NULL;

  fixture->document = ms_loader_load_finish (MS_LOADER (source), result, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = new_trace ();
  g_autoptr (MsLoader) loader = ms_loader_new (fixture->folder);

  ms_loader_load_async (loader, NULL, loaded_cb, fixture);
  while (fixture->document == NULL)
    g_main_context_iteration (NULL, TRUE);
  fixture->focus = ms_focus_new ();
  fixture->lens = ms_lens_new (fixture->document, fixture->focus, NULL, NULL);
  g_signal_connect (fixture->lens, "changed", G_CALLBACK (count_cb), &fixture->n_changes);
  g_signal_connect (fixture->lens, "names-changed", G_CALLBACK (count_cb), &fixture->n_names);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->lens != NULL)
    g_assert_finalize_object (fixture->lens);
  g_assert_finalize_object (fixture->focus);
  g_object_unref (fixture->document);
  test_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

static void
wait_for_view (Fixture *fixture)
{
  while (ms_lens_get_busy (fixture->lens))
    g_main_context_iteration (NULL, TRUE);
}

static guint64
get_allocated (Fixture *fixture)
{
  return ms_view_get_totals (ms_lens_get_view (fixture->lens), MS_DOMAIN_HEAP)->allocated_bytes;
}

static void
test_views (Fixture *fixture, gconstpointer data)
{
  g_assert_false (ms_lens_get_busy (fixture->lens));
  g_assert_false (ms_view_is_filtered (ms_lens_get_view (fixture->lens)));
  g_assert_cmpuint (get_allocated (fixture), ==, 21000);

  ms_focus_set_thread (fixture->focus, 2);
  g_assert_true (ms_lens_get_busy (fixture->lens));
  /* The one before stays until then. */
  g_assert_cmpuint (get_allocated (fixture), ==, 21000);
  wait_for_view (fixture);
  g_assert_cmpuint (get_allocated (fixture), ==, 3000);
  g_assert_cmpuint (fixture->n_changes, ==, 1);

  ms_focus_clear_thread (fixture->focus);
  g_assert_false (ms_lens_get_busy (fixture->lens));
  g_assert_cmpuint (get_allocated (fixture), ==, 21000);
  g_assert_true (ms_lens_get_view (fixture->lens) == ms_lens_get_whole_view (fixture->lens));

  guint n_stacks = ms_trace_get_n_stacks (ms_lens_get_trace (fixture->lens));
  guint64 bytes = 0;
  for (guint stack = 0; stack < n_stacks; stack++)
    {
      ms_focus_set_stack (fixture->focus, stack);
      wait_for_view (fixture);
      bytes += get_allocated (fixture);
      g_assert_cmpuint (get_allocated (fixture), <, 21000);
    }
  g_assert_cmpuint (bytes, ==, 21000);
}

/* However fast the focus moves, the last place is what is shown. */
static void
test_latest_wins (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 200; i++)
    {
      ms_focus_set_thread (fixture->focus, i % N_THREADS);
      if (i % 7 == 0)
        g_main_context_iteration (NULL, FALSE);
      if (i % 50 == 0)
        ms_focus_clear (fixture->focus);
    }
  ms_focus_set_thread (fixture->focus, 4);
  wait_for_view (fixture);
  g_assert_cmpuint (get_allocated (fixture), ==, 5000);
  g_assert_null (ms_lens_get_problem (fixture->lens));

  ms_focus_set_thread (fixture->focus, 1);
  ms_focus_clear (fixture->focus);
  g_assert_cmpuint (get_allocated (fixture), ==, 21000);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (get_allocated (fixture), ==, 21000);
}

/* A range that the trace does not have: no figures are better than those of something else. */
static void
test_problem (Fixture *fixture, gconstpointer data)
{
  ms_focus_set_range (fixture->focus, G_MAXINT64 - 10, G_MAXINT64 - 1);
  wait_for_view (fixture);
  g_assert_null (ms_lens_get_view (fixture->lens));
  g_assert_nonnull (strstr (ms_lens_get_problem (fixture->lens), "nothing of the trace"));
  ms_focus_go_back (fixture->focus);
  g_assert_nonnull (ms_lens_get_view (fixture->lens));
  g_assert_null (ms_lens_get_problem (fixture->lens));
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  while (!ms_lens_has_names (fixture->lens))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture->n_names, ==, 2);

  g_autofree char *site = ms_lens_dup_site (fixture->lens, 0);
  g_autofree char *nowhere = ms_lens_dup_site (fixture->lens, 1000);
  g_assert_true (g_str_has_prefix (site, "0x"));
  g_assert_cmpstr (nowhere, ==, "…");
}

/* In the middle of everything: workers go on, and touch nothing. */
static void
test_gone (Fixture *fixture, gconstpointer data)
{
  ms_focus_set_thread (fixture->focus, 1);
  g_assert_finalize_object (fixture->lens);
  fixture->lens = NULL;
  ms_focus_set_thread (fixture->focus, 2);
  for (guint i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/lens/views", Fixture, NULL, set_up, test_views, tear_down);
  g_test_add ("/lens/latest-wins", Fixture, NULL, set_up, test_latest_wins, tear_down);
  g_test_add ("/lens/problem", Fixture, NULL, set_up, test_problem, tear_down);
  g_test_add ("/lens/names", Fixture, NULL, set_up, test_names, tear_down);
  g_test_add ("/lens/gone", Fixture, NULL, set_up, test_gone, tear_down);
  return g_test_run ();
}
