/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every getter of MsView, for a part of a trace that is chosen at random. */
#include "reference-check.h"

#include "ms-free-matrix.h"

#define SAME(member) g_assert_cmpuint (found->member, ==, wanted->member)

typedef struct {
  MsView *view;
  MsTrace *trace;
  const ProgramModel *model;
  ReferenceFilter filter;
} Check;

static guint
pick (GRand *random, guint n)
{
  return (guint) g_rand_int_range (random, 0, (gint32) n);
}

/* --- a part of the trace -------------------------------------------------------------------------- */

/* Some of @n things, also none: their numbers, and the bits of @bit_of them. */
static guint
pick_some (GRand *random, guint n, guint *chosen)
{
  guint n_chosen = 0, percent = 10 + pick (random, 80);

  for (guint i = 0; i < n; i++)
    if (pick (random, 100) < percent)
      chosen[n_chosen++] = i;
  return n_chosen;
}

/* As often as not the very moment of an event. */
static gint64
pick_time (Check *self, GRand *random)
{
  gint64 duration_ns = ms_trace_get_duration_ns (self->trace);

  if (pick (random, 2) == 0)
    return (gint64) g_array_index (self->model->times_ns, guint64,
                                   pick (random, self->model->times_ns->len));
  return 1 + (gint64) (g_rand_double (random) * (double) duration_ns * 1.1);
}

static MsFilter *
choose_range (Check *self, GRand *random, MsFilter *filter)
{
  gint64 from_ns = pick (random, 3) ? pick_time (self, random) : MS_TIME_NONE;
  gint64 to_ns = pick (random, 3) ? pick_time (self, random) : MS_TIME_NONE;
  MsFilter *with_range = ms_filter_with_range (filter, from_ns, to_ns);

  ms_filter_unref (filter);
  if (from_ns != MS_TIME_NONE)
    self->filter.from_ns = from_ns;
  /* One that ends with the trace has its last moment too. */
  if (to_ns != MS_TIME_NONE && to_ns < ms_trace_get_duration_ns (self->trace))
    self->filter.to_ns = to_ns;
  return with_range;
}

static MsFilter *
choose_threads (Check *self, GRand *random, MsFilter *filter)
{
  guint chosen[MODEL_MAX_THREADS], n = pick_some (random, self->model->shape.n_threads, chosen);
  MsFilter *with_threads = ms_filter_with_threads (filter, chosen, n);

  ms_filter_unref (filter);
  self->filter.threads = 0;
  for (guint i = 0; i < n; i++)
    self->filter.threads |= 1U << chosen[i];
  return with_threads;
}

static MsFilter *
choose_stacks (Check *self, GRand *random, MsFilter *filter)
{
  guint chosen[MODEL_MAX_STACKS],
      n = pick_some (random, ms_trace_get_n_stacks (self->trace), chosen);
  MsFilter *with_stacks = ms_filter_with_stacks (filter, chosen, n);

  ms_filter_unref (filter);
  self->filter.stacks = 0;
  for (guint i = 0; i < n; i++)
    self->filter.stacks |= 1U << reference_stack_in_model (self->trace, chosen[i]);
  return with_stacks;
}

static MsFilter *
choose (Check *self, GRand *random)
{
  MsFilter *filter = ms_filter_new ();

  self->filter = reference_everything;
  if (pick (random, 3))
    filter = choose_range (self, random, filter);
  if (pick (random, 2))
    filter = choose_threads (self, random, filter);
  if (pick (random, 2))
    filter = choose_stacks (self, random, filter);
  return filter;
}

/* --- its figures ---------------------------------------------------------------------------------- */

static void
check_totals (Check *self, const MsTotals *found, guint domain, guint thread, guint stack)
{
  MsTotals wanted = reference_totals (self->model, &self->filter, domain, thread, stack);

  reference_check_totals (found, &wanted);
}

static void
check_series (Check *self, MsThread *thread, guint domain, guint n_bins)
{
  guint64 max[64], min[64], allocated[64], wanted_max[64], wanted_min[64], wanted_allocated[64];
  gint64 start_ns = ms_view_get_start_ns (self->view), end_ns = ms_view_get_end_ns (self->view);

  g_assert_cmpuint (n_bins, <=, 64);
  reference_series (self->model, &self->filter, domain, thread ? ms_thread_get_id (thread) : ALL,
                    start_ns, MAX (end_ns, start_ns + 1), n_bins, wanted_max, wanted_min,
                    wanted_allocated);
  ms_view_get_live_series (self->view, thread, domain, n_bins, max, min);
  ms_view_get_allocated_series (self->view, thread, domain, n_bins, allocated);
  for (guint i = 0; i < n_bins; i++)
    {
      g_assert_cmpuint (max[i], ==, wanted_max[i]);
      g_assert_cmpuint (min[i], ==, wanted_min[i]);
      g_assert_cmpuint (allocated[i], ==, wanted_allocated[i]);
    }
}

static void
check_thread_stacks (Check *self, MsThread *thread, guint domain)
{
  guint n_stacks;
  const MsThreadStack *stacks = ms_view_get_thread_stacks (self->view, thread, domain, &n_stacks);
  guint64 allocations = 0, live_bytes = 0;
  MsTotals all =
      reference_totals (self->model, &self->filter, domain, ms_thread_get_id (thread), ALL);

  for (guint i = 0; i < n_stacks; i++)
    {
      MsTotals totals =
          reference_totals (self->model, &self->filter, domain, ms_thread_get_id (thread),
                            reference_stack_in_model (self->trace, stacks[i].stack));
      const MsThreadStack *found = &stacks[i];
      const MsTotals *wanted = &totals;

      SAME (allocations);
      SAME (allocated_bytes);
      SAME (live_bytes);
      SAME (live_blocks);
      SAME (reallocations);
      SAME (temporary_allocations);
      allocations += found->allocations;
      live_bytes += found->live_bytes;
    }
  g_assert_cmpuint (allocations, ==, all.allocations);
  g_assert_cmpuint (live_bytes, ==, all.live_bytes);
}

static void
check_interactions (Check *self, guint domain)
{
  guint n_found, n_wanted = 0, n_threads = self->model->shape.n_threads;
  const MsInteraction *all = ms_view_get_interactions (self->view, domain, &n_found);

  for (guint i = 0; i < n_found; i++)
    {
      const MsInteraction *found = &all[i];
      MsInteraction reference = reference_interaction (self->model, &self->filter, domain,
                                                       found->alloc_thread, found->free_thread);
      const MsInteraction *wanted = &reference;

      SAME (frees);
      SAME (bytes);
    }
  for (guint a = 0; a < n_threads; a++)
    for (guint b = 0; b < n_threads; b++)
      n_wanted +=
          a != b && reference_interaction (self->model, &self->filter, domain, a, b).frees > 0;
  g_assert_cmpuint (n_found, ==, n_wanted);
}

/* All freed bytes are in the matrix once, however few lines it has; with lines enough, each pair has its
 * own cell. */
static void
check_free_matrix (Check *self, guint domain)
{
  MsTrace *trace = ms_view_get_trace (self->view);
  guint64 freed = 0;

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    freed += ms_view_get_thread_totals (self->view, i, domain)->freed_bytes_of_own;
  for (guint most = 0; most <= ms_trace_get_n_threads (trace); most++)
    {
      g_autoptr (MsFreeMatrix) matrix = ms_free_matrix_new (self->view, domain, most);
      guint64 sum = 0;

      if (matrix == NULL)
        {
          guint n_pairs;

          ms_view_get_interactions (self->view, domain, &n_pairs);
          g_assert_cmpuint (n_pairs, ==, 0);
          continue;
        }
      for (guint row = 0; row <= matrix->n_lines; row++)
        for (guint column = 0; column <= matrix->n_lines; column++)
          {
            guint64 bytes = ms_free_matrix_get (matrix, row, column);

            sum += bytes;
            if (row != column && row < matrix->n_lines && column < matrix->n_lines)
              g_assert_cmpuint (bytes, ==,
                                reference_interaction (self->model, &self->filter, domain,
                                                       matrix->ids[row], matrix->ids[column])
                                    .bytes);
          }
      g_assert_cmpuint (sum, ==, freed);
      g_assert_cmpuint (matrix->n_lines + matrix->n_others, ==, ms_trace_get_n_threads (trace));
    }
}

static void
check_histograms (Check *self, MsThread *thread, guint domain)
{
  guint id = thread ? ms_thread_get_id (thread) : ALL;
  const guint64 *sizes = ms_view_get_size_histogram (self->view, thread, domain);
  const guint64 *lifetimes = ms_view_get_lifetime_histogram (self->view, thread, domain);
  guint64 wanted_sizes[MS_SIZE_BINS], wanted_lifetimes[MS_LIFETIME_BINS];

  reference_size_bins (self->model, &self->filter, domain, id, wanted_sizes);
  reference_lifetime_bins (self->model, &self->filter, domain, id, wanted_lifetimes);
  for (guint i = 0; i < MS_SIZE_BINS; i++)
    {
      g_assert_cmpuint (sizes ? sizes[i] : 0, ==, wanted_sizes[i]);
      g_assert_cmpuint (lifetimes ? lifetimes[i] : 0, ==, wanted_lifetimes[i]);
    }
}

/* What was live at the peak, of each thread and of each stack. */
static void
check_parts_of_peak (Check *self, const MsPeak *peak, guint domain)
{
  for (guint i = 0; i < peak->n_threads; i++)
    g_assert_cmpuint (peak->thread_bytes[i], ==,
                      reference_live_at (self->model, &self->filter, domain,
                                         ms_thread_get_id (ms_trace_get_thread (self->trace, i)),
                                         ALL, peak->time_ns));
  for (guint i = 0; i < peak->n_stacks; i++)
    g_assert_cmpuint (peak->stack_bytes[i], ==,
                      reference_live_at (self->model, &self->filter, domain, ALL,
                                         reference_stack_in_model (self->trace, i), peak->time_ns));
}

static void
check_peak (Check *self, guint domain)
{
  guint64 low, high, wanted;
  gint64 wanted_ns;
  const MsPeak *peak;
  g_autoptr (GError) error = NULL;

  wanted = reference_peak (self->model, &self->filter, domain, ALL, ALL, &wanted_ns);
  ms_view_get_peak (self->view, domain, &low, &high);
  g_assert_cmpuint (low, <=, wanted);
  g_assert_cmpuint (high, >=, wanted);
  peak = ms_view_find_peak (self->view, domain, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (peak->bytes, ==, wanted);
  /* Reached before the range began: its begin. */
  if (wanted > 0 && wanted_ns == MS_TIME_NONE)
    wanted_ns = ms_view_get_start_ns (self->view);
  g_assert_cmpint (peak->time_ns, ==, wanted_ns);
  ms_view_get_peak (self->view, domain, &low, &high);
  g_assert_cmpuint (low, ==, wanted);
  g_assert_cmpuint (high, ==, wanted);
  if (wanted > 0 && wanted_ns > ms_view_get_start_ns (self->view))
    check_parts_of_peak (self, peak, domain);
}

static void
check_leaking_stacks (MsView *view, guint domain)
{
  guint n = 0;

  for (guint i = 0; i < ms_trace_get_n_stacks (ms_view_get_trace (view)); i++)
    n += ms_view_get_stack_totals (view, i, domain)->leaked_bytes > 0;
  g_assert_cmpuint (ms_view_get_n_leaking_stacks (view, domain), ==, n);
}

static void
check_domain (Check *self, guint domain)
{
  check_totals (self, ms_view_get_totals (self->view, domain), domain, ALL, ALL);
  check_series (self, NULL, domain, 1);
  check_series (self, NULL, domain, 64);
  check_interactions (self, domain);
  check_free_matrix (self, domain);
  check_histograms (self, NULL, domain);
  for (guint i = 0; i < ms_trace_get_n_threads (self->trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (self->trace, i);

      check_totals (self, ms_view_get_thread_totals (self->view, i, domain), domain,
                    ms_thread_get_id (thread), ALL);
      check_series (self, thread, domain, 16);
      check_thread_stacks (self, thread, domain);
      check_histograms (self, thread, domain);
    }
  for (guint i = 0; i < ms_trace_get_n_stacks (self->trace); i++)
    check_totals (self, ms_view_get_stack_totals (self->view, i, domain), domain, ALL,
                  reference_stack_in_model (self->trace, i));
  check_leaking_stacks (self->view, domain);
  check_peak (self, domain);
}

void
reference_check_random_view (MsTrace *trace, const ProgramModel *model, GRand *random)
{
  Check self = { .trace = trace, .model = model };
  g_autoptr (MsFilter) filter = choose (&self, random);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsView) view = ms_view_new (trace, filter, NULL, &error);

  if (view == NULL)
    {
      /* The range is empty, or lies outside. */
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_assert_true (self.filter.from_ns
                     >= MIN (self.filter.to_ns, ms_trace_get_duration_ns (trace)));
      return;
    }
  self.view = view;
  g_test_message ("from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                  ", threads %x, stacks %x",
                  self.filter.from_ns, self.filter.to_ns, ms_trace_get_duration_ns (trace),
                  self.filter.threads, self.filter.stacks);
  for (guint d = 0; d < 2; d++)
    check_domain (&self, d);
}
