/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trace-compare.h"

#include <string.h>

#define EQUAL(getter) g_assert_cmpint (getter (a), ==, getter (b))
#define SAME_TEXT(getter) g_assert_cmpstr (getter (a), ==, getter (b))

static void
compare_totals (const MsTotals *a, const MsTotals *b)
{
#define FIELD(name) g_assert_cmpuint (a->name, ==, b->name)
  FIELD (allocations);
  FIELD (deallocations);
  FIELD (reallocations);
  FIELD (allocated_bytes);
  FIELD (freed_bytes_of_own);
  FIELD (live_bytes);
  FIELD (live_blocks);
  FIELD (peak_bytes);
  FIELD (bytes_at_process_peak);
  FIELD (leaked_allocations);
  FIELD (leaked_bytes);
  FIELD (temporary_allocations);
  FIELD (foreign_frees);
  FIELD (inherited_frees);
  FIELD (prior_frees);
  FIELD (unmatched_frees);
#undef FIELD
  g_assert_cmpint (a->peak_time_ns, ==, b->peak_time_ns);
  /* And what a later version adds: every field is eight bytes, so that there is nothing between them. */
  g_assert_cmpmem (a, sizeof *a, b, sizeof *b);
}

static void
compare_series (MsTrace *a, MsThread *of_a, MsTrace *b, MsThread *of_b, MsDomain domain)
{
  static const guint sizes[] = { 1, 60, 4096, 5000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint n = of_a != NULL ? MIN (sizes[i], 700) : sizes[i];
      g_autofree guint64 *max[2] = { g_new (guint64, n), NULL };
      g_autofree guint64 *more = g_new (guint64, 5 * n);
      guint64 *max_b = more, *min_a = more + n, *min_b = more + 2 * n, *made_a = more + 3 * n,
              *made_b = more + 4 * n;

      ms_trace_get_live_series (a, of_a, domain, n, max[0], min_a);
      ms_trace_get_live_series (b, of_b, domain, n, max_b, min_b);
      ms_trace_get_allocated_series (a, of_a, domain, n, made_a);
      ms_trace_get_allocated_series (b, of_b, domain, n, made_b);
      g_assert_cmpmem (max[0], n * sizeof **max, max_b, n * sizeof **max);
      g_assert_cmpmem (min_a, n * sizeof *min_a, min_b, n * sizeof *min_a);
      g_assert_cmpmem (made_a, n * sizeof *made_a, made_b, n * sizeof *made_a);
    }
}

static void
compare_bins (const guint64 *a, const guint64 *b, guint n)
{
  g_assert_true ((a != NULL) == (b != NULL));
  if (a != NULL)
    g_assert_cmpmem (a, n * sizeof *a, b, n * sizeof *a);
}

static void
compare_bin_errors (const double *a, const double *b, guint n)
{
  g_assert_true ((a != NULL) == (b != NULL));
  if (a != NULL)
    g_assert_cmpmem (a, n * sizeof *a, b, n * sizeof *a);
}

static void
compare_names (MsThread *a, MsThread *b)
{
  guint n_a, n_b;
  const MsNameSpan *of_a = ms_thread_get_names (a, &n_a), *of_b = ms_thread_get_names (b, &n_b);

  SAME_TEXT (ms_thread_get_name);
  g_assert_cmpuint (n_a, ==, n_b);
  for (guint i = 0; i < n_a; i++)
    {
      g_assert_cmpint (of_a[i].start_ns, ==, of_b[i].start_ns);
      g_assert_cmpstr (of_a[i].name, ==, of_b[i].name);
    }
}

static void
compare_threads (MsTrace *trace_a, MsThread *a, MsTrace *trace_b, MsThread *b, gboolean series)
{
  const MsExitFigures *figures_a = ms_thread_get_exit_figures (a);
  guint parent_a = 0, parent_b = 0;

  EQUAL (ms_thread_get_id);
  EQUAL (ms_thread_get_tid);
  EQUAL (ms_thread_is_tracked);
  EQUAL (ms_thread_get_start_ns);
  EQUAL (ms_thread_get_end_ns);
  EQUAL (ms_thread_get_cpu_ns);
  EQUAL (ms_thread_get_start_routine);
  g_assert_true (!figures_a == !ms_thread_get_exit_figures (b));
  if (figures_a)
    g_assert_cmpmem (figures_a, sizeof *figures_a, ms_thread_get_exit_figures (b),
                     sizeof *figures_a);
  g_assert_cmpint (ms_thread_get_parent (a, &parent_a), ==, ms_thread_get_parent (b, &parent_b));
  g_assert_cmpuint (parent_a, ==, parent_b);
  compare_names (a, b);
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      guint n_a, n_b;
      const MsThreadStack *of_a = ms_trace_get_thread_stacks (trace_a, a, d, &n_a);
      const MsThreadStack *of_b = ms_trace_get_thread_stacks (trace_b, b, d, &n_b);

      compare_totals (ms_thread_get_totals (a, d), ms_thread_get_totals (b, d));
      compare_bins (ms_thread_get_size_histogram (a, d), ms_thread_get_size_histogram (b, d),
                    MS_SIZE_BINS);
      compare_bins (ms_thread_get_lifetime_histogram (a, d),
                    ms_thread_get_lifetime_histogram (b, d), MS_LIFETIME_BINS);
      compare_bin_errors (ms_thread_get_size_histogram_errors (a, d),
                          ms_thread_get_size_histogram_errors (b, d), MS_SIZE_BINS);
      compare_bin_errors (ms_thread_get_lifetime_histogram_errors (a, d),
                          ms_thread_get_lifetime_histogram_errors (b, d), MS_LIFETIME_BINS);
      if (series)
        compare_series (trace_a, a, trace_b, b, d);
      g_assert_cmpuint (n_a, ==, n_b);
      for (guint i = 0; i < n_a; i++)
        {
          /* Four bytes lie between the number and the rest. */
          g_assert_cmpuint (of_a[i].stack, ==, of_b[i].stack);
          g_assert_cmpmem (&of_a[i].allocations, sizeof *of_a - 8, &of_b[i].allocations,
                           sizeof *of_a - 8);
        }
    }
}

static void
compare_stacks (MsTrace *a, MsTrace *b)
{
  EQUAL (ms_trace_get_n_stacks);
  EQUAL (ms_trace_get_truncated_stacks);
  EQUAL (ms_trace_get_deep_stacks);
  for (guint i = 0; i < ms_trace_get_n_stacks (a); i++)
    {
      guint depth_a, depth_b;
      gboolean truncated_a, truncated_b;
      const guint64 *of_a = ms_trace_get_stack_frames (a, i, &depth_a, &truncated_a);
      const guint64 *of_b = ms_trace_get_stack_frames (b, i, &depth_b, &truncated_b);

      g_assert_cmpmem (of_a, depth_a * sizeof *of_a, of_b, depth_b * sizeof *of_b);
      g_assert_cmpint (truncated_a, ==, truncated_b);
      g_assert_cmpuint (ms_trace_get_stack_mapping_kinds (a, i), ==,
                        ms_trace_get_stack_mapping_kinds (b, i));
      for (guint d = 0; d < MS_N_DOMAINS; d++)
        compare_totals (ms_trace_get_stack_totals (a, i, d), ms_trace_get_stack_totals (b, i, d));
      for (guint f = 0; f < depth_a; f++)
        {
          guint64 address_a, address_b;
          const MsModule *in_a = ms_trace_find_module (a, i, f, &address_a);
          const MsModule *in_b = ms_trace_find_module (b, i, f, &address_b);

          g_assert_cmpuint (address_a, ==, address_b);
          g_assert_cmpstr (in_a ? in_a->path : NULL, ==, in_b ? in_b->path : NULL);
        }
    }
}

static void
compare_modules (MsTrace *a, MsTrace *b)
{
  EQUAL (ms_trace_get_n_modules);
  for (guint i = 0; i < ms_trace_get_n_modules (a); i++)
    {
      const MsModule *of_a = ms_trace_get_module (a, i), *of_b = ms_trace_get_module (b, i);

      g_assert_cmpstr (of_a->path, ==, of_b->path);
      g_assert_cmpstr (of_a->build_id, ==, of_b->build_id);
      g_assert_cmpuint (of_a->start, ==, of_b->start);
      g_assert_cmpuint (of_a->end, ==, of_b->end);
      g_assert_cmpuint (of_a->bias, ==, of_b->bias);
    }
}

static void
compare_domains (MsTrace *a, MsTrace *b, gboolean series)
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      guint n_a, n_b;
      const MsInteraction *of_a = ms_trace_get_interactions (a, d, &n_a);
      const MsInteraction *of_b = ms_trace_get_interactions (b, d, &n_b);
      const MsGrowthChains *grown_a, *grown_b;

      g_assert_cmpint (ms_trace_has_domain (a, d), ==, ms_trace_has_domain (b, d));
      compare_totals (ms_trace_get_totals (a, d), ms_trace_get_totals (b, d));
      if (series)
        compare_series (a, NULL, b, NULL, d);
      compare_bins (ms_trace_get_size_histogram (a, d), ms_trace_get_size_histogram (b, d),
                    MS_SIZE_BINS);
      compare_bins (ms_trace_get_lifetime_histogram (a, d), ms_trace_get_lifetime_histogram (b, d),
                    MS_LIFETIME_BINS);
      compare_bin_errors (ms_trace_get_size_histogram_errors (a, d),
                          ms_trace_get_size_histogram_errors (b, d), MS_SIZE_BINS);
      compare_bin_errors (ms_trace_get_lifetime_histogram_errors (a, d),
                          ms_trace_get_lifetime_histogram_errors (b, d), MS_LIFETIME_BINS);
      g_assert_cmpmem (of_a, n_a * sizeof *of_a, of_b, n_b * sizeof *of_b);
      grown_a = ms_trace_get_growth_chains (a, d, &n_a);
      grown_b = ms_trace_get_growth_chains (b, d, &n_b);
      g_assert_cmpuint (n_a, ==, n_b);
      for (guint i = 0; i < n_a; i++)
        {
          g_assert_cmpuint (grown_a[i].stack, ==, grown_b[i].stack);
          g_assert_cmpmem (&grown_a[i].chains, sizeof *grown_a - 8, &grown_b[i].chains,
                           sizeof *grown_a - 8);
        }
    }
  for (guint k = 0; k < MS_N_MAPPING_KINDS; k++)
    g_assert_cmpmem (ms_trace_get_mapping_totals (a, k), sizeof (MsMappingTotals),
                     ms_trace_get_mapping_totals (b, k), sizeof (MsMappingTotals));
}

static void
compare_losses (MsTrace *a, MsTrace *b)
{
  guint n_a, n_b;
  const MsLoss *of_a = ms_trace_get_losses (a, &n_a), *of_b = ms_trace_get_losses (b, &n_b);

  g_assert_cmpuint (n_a, ==, n_b);
  for (guint i = 0; i < n_a; i++)
    {
      g_assert_cmpstr (of_a[i].reason, ==, of_b[i].reason);
      g_assert_cmpuint (of_a[i].n_events, ==, of_b[i].n_events);
    }
}

static void
compare_diagnostics (MsTrace *a, MsTrace *b)
{
  const GPtrArray *of_a = ms_trace_get_diagnostics (a), *of_b = ms_trace_get_diagnostics (b);

  g_assert_cmpuint (of_a->len, ==, of_b->len);
  for (guint i = 0; i < of_a->len; i++)
    {
      const MsDiagnostic *x = g_ptr_array_index (of_a, i), *y = g_ptr_array_index (of_b, i);

      g_assert_cmpint (x->level, ==, y->level);
      g_assert_cmpstr (x->file, ==, y->file);
      g_assert_cmpuint (x->offset, ==, y->offset);
      g_assert_cmpstr (x->message, ==, y->message);
    }
}

static void
compare_process (MsTrace *a, MsTrace *b)
{
  EQUAL (ms_trace_get_pid);
  EQUAL (ms_trace_get_parent_pid);
  EQUAL (ms_trace_get_state);
  EQUAL (ms_trace_get_exit_status);
  EQUAL (ms_trace_get_start_wall_us);
  EQUAL (ms_trace_get_duration_ns);
  EQUAL (ms_trace_get_n_events);
  EQUAL (ms_trace_get_dropped_events);
  EQUAL (ms_trace_is_forked);
  EQUAL (ms_trace_is_sampled);
  EQUAL (ms_trace_get_stack_depth);
  EQUAL (ms_trace_get_main_domain);
  EQUAL (ms_trace_has_mappings);
  EQUAL (ms_trace_get_n_threads);
  SAME_TEXT (ms_trace_get_program);
  SAME_TEXT (ms_trace_get_executable);
  SAME_TEXT (ms_trace_get_thread_rule);
  g_assert_cmpstrv ((char **) ms_trace_get_arguments (a), (char **) ms_trace_get_arguments (b));
}

static void
compare (MsTrace *a, MsTrace *b, gboolean series)
{
  compare_process (a, b);
  compare_losses (a, b);
  compare_diagnostics (a, b);
  compare_modules (a, b);
  compare_stacks (a, b);
  compare_domains (a, b, series);
  for (guint i = 0; i < ms_trace_get_n_threads (a); i++)
    compare_threads (a, ms_trace_get_thread (a, i), b, ms_trace_get_thread (b, i), series);
}

void
trace_compare_assert_equal (MsTrace *a, MsTrace *b)
{
  compare (a, b, TRUE);
}

void
trace_compare_assert_same_figures (MsTrace *a, MsTrace *b)
{
  compare (a, b, FALSE);
}

/* --- a trace that forgot threads --------------------------------------------------------------------- */

/* As a trace that forgot them would say it, and added up. */
static GArray *
join_interactions (MsTrace *forgetful, MsTrace *trace, MsDomain domain)
{
  GArray *joined = g_array_new (FALSE, TRUE, sizeof (MsInteraction));
  guint n, k;
  const MsInteraction *pairs = ms_trace_get_interactions (trace, domain, &n);

  for (guint i = 0; i < n; i++)
    {
      MsInteraction pair = pairs[i];

      if (ms_trace_find_thread (forgetful, pair.alloc_thread) == NULL)
        pair.alloc_thread = G_MAXUINT32;
      if (ms_trace_find_thread (forgetful, pair.free_thread) == NULL)
        pair.free_thread = G_MAXUINT32;
      for (k = 0; k < joined->len; k++)
        if (g_array_index (joined, MsInteraction, k).alloc_thread == pair.alloc_thread
            && g_array_index (joined, MsInteraction, k).free_thread == pair.free_thread)
          break;
      if (k == joined->len)
        {
          g_array_append_val (joined, pair);
          continue;
        }
      g_array_index (joined, MsInteraction, k).frees += pair.frees;
      g_array_index (joined, MsInteraction, k).bytes += pair.bytes;
    }
  return joined;
}

static const MsInteraction *
find_interaction (const GArray *pairs, const MsInteraction *wanted)
{
  for (guint i = 0; i < pairs->len; i++)
    {
      const MsInteraction *pair = &g_array_index (pairs, MsInteraction, i);

      if (pair->alloc_thread == wanted->alloc_thread && pair->free_thread == wanted->free_thread)
        return pair;
    }
  return NULL;
}

static void
compare_joined_interactions (MsTrace *followed, MsTrace *loaded, MsDomain domain)
{
  g_autoptr (GArray) a = join_interactions (followed, followed, domain);
  g_autoptr (GArray) b = join_interactions (followed, loaded, domain);

  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      const MsInteraction *x = &g_array_index (a, MsInteraction, i), *y = find_interaction (b, x);

      g_assert_nonnull (y);
      g_assert_cmpuint (x->frees, ==, y->frees);
      g_assert_cmpuint (x->bytes, ==, y->bytes);
    }
}

void
trace_compare_assert_same_but_forgotten (MsTrace *a, MsTrace *b)
{
  EQUAL (ms_trace_get_n_events);
  EQUAL (ms_trace_get_duration_ns);
  g_assert_cmpuint (ms_trace_get_n_threads (a) + ms_trace_get_n_forgotten_threads (a), ==,
                    ms_trace_get_n_threads (b));
  compare_stacks (a, b);
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      compare_totals (ms_trace_get_totals (a, d), ms_trace_get_totals (b, d));
      compare_bins (ms_trace_get_size_histogram (a, d), ms_trace_get_size_histogram (b, d),
                    MS_SIZE_BINS);
      compare_bins (ms_trace_get_lifetime_histogram (a, d), ms_trace_get_lifetime_histogram (b, d),
                    MS_LIFETIME_BINS);
      compare_joined_interactions (a, b, d);
    }
  for (guint k = 0; k < MS_N_MAPPING_KINDS; k++)
    g_assert_cmpmem (ms_trace_get_mapping_totals (a, k), sizeof (MsMappingTotals),
                     ms_trace_get_mapping_totals (b, k), sizeof (MsMappingTotals));
  for (guint i = 0; i < ms_trace_get_n_threads (a); i++)
    {
      MsThread *thread = ms_trace_get_thread (a, i);
      MsThread *same = ms_trace_find_thread (b, ms_thread_get_id (thread));

      g_assert_nonnull (same);
      compare_threads (a, thread, b, same, FALSE);
    }
}
