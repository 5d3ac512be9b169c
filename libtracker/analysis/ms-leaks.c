/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-leaks.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ms-library-blocks.h"

#define NO_HISTORY \
  NC_ ("not measured", \
       "the trace was loaded without its history, so that ages of blocks are not known")

gboolean
ms_leaks_are_in_use (MsTrace *trace)
{
  return ms_trace_ends_early (trace) || ms_trace_get_state (trace) == MS_STATE_KILLED;
}

gint64
ms_leak_tail_ns (gint64 length_ns, const MsAnalysisSettings *settings)
{
  MsAnalysisSettings defaults;
  double share;

  if (settings == NULL)
    {
      ms_analysis_settings_init (&defaults);
      settings = &defaults;
    }
  share = (double) length_ns * settings->leak_tail_percent / 100;
  return (gint64) MIN (share, settings->leak_tail_limit_ns);
}

/* --- ages --------------------------------------------------------------------------------------- */

/* What of @view was allocated in its tail.  NULL: the tail is empty, or ages are not known, which
 * @tail says, or an error. (transfer full) */
static MsView *
view_of_tail (MsView *view,
              gint64 tail_ns,
              MsMeasured *tail,
              GCancellable *cancellable,
              GError **error)
{
  gint64 start_ns = ms_view_get_start_ns (view), end_ns = ms_view_get_end_ns (view);
  gint64 from_ns = MAX (start_ns, end_ns - tail_ns);
  gint64 to_ns =
      end_ns < ms_trace_get_duration_ns (ms_view_get_trace (view)) ? end_ns : MS_TIME_NONE;
  g_autoptr (MsFilter) filter = NULL;
  g_autoptr (GError) failure = NULL;
  MsView *young;

  *tail = ms_measured ((double) tail_ns);
  if (tail_ns <= 0)
    return NULL;
  filter = ms_filter_with_range (ms_view_get_filter (view), from_ns, to_ns);
  young = ms_view_new (ms_view_get_trace (view), filter, cancellable, &failure);
  if (young != NULL)
    return young;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    *tail = ms_not_measured (NO_HISTORY);
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* --- sums --------------------------------------------------------------------------------------- */

static MsLeakSum
sum_of (const MsTotals *totals)
{
  return (MsLeakSum) { totals->leaked_allocations, totals->leaked_bytes,
                       totals->standard_errors.leaked_blocks,
                       totals->standard_errors.leaked_bytes };
}

static double
without_error (double all, double part)
{
  return all > part ? sqrt (all * all - part * part) : 0;
}

/* What is left of @all without @part of it; their errors are of different blocks and so independent. */
static MsLeakSum
without (MsLeakSum all, MsLeakSum part)
{
  return (MsLeakSum) {
    all.blocks - MIN (all.blocks, part.blocks),
    all.bytes - MIN (all.bytes, part.bytes),
    without_error (all.blocks_standard_error, part.blocks_standard_error),
    without_error (all.bytes_standard_error, part.bytes_standard_error),
  };
}

static void
add (MsLeakSum *self, MsLeakSum more)
{
  self->blocks += more.blocks;
  self->bytes += more.bytes;
  self->blocks_standard_error = hypot (self->blocks_standard_error, more.blocks_standard_error);
  self->bytes_standard_error = hypot (self->bytes_standard_error, more.bytes_standard_error);
}

static int
compare_leaks (gconstpointer a, gconstpointer b)
{
  const MsLeak *x = a, *y = b;

  if (x->sum.bytes != y->sum.bytes)
    return x->sum.bytes > y->sum.bytes ? -1 : 1;
  if (x->sum.blocks != y->sum.blocks)
    return x->sum.blocks > y->sum.blocks ? -1 : 1;
  return x->stack < y->stack ? -1 : x->stack > y->stack;
}

/* --- the report --------------------------------------------------------------------------------- */

static gboolean
spares_libraries (const MsAnalysisSettings *settings)
{
  return settings == NULL || settings->leak_spares_libraries > 0;
}

/* What is young of @stack.  Of a library's blocks none is: how old they are says nothing. */
static void
add_young (MsLeakReport *self, guint stack, MsLeakSum young, gint kind, gboolean is_all)
{
  MsSuppressionUse *use;

  if (kind < 0)
    {
      add (&self->young, young);
      if (young.bytes > self->largest_young.sum.bytes || self->largest_young.sum.blocks == 0)
        self->largest_young = (MsLeak) { stack, young, -1 };
      return;
    }
  use = &g_array_index (self->library_uses, MsSuppressionUse, kind);
  use->n_stacks += is_all; /* else spare_libraries() counts it */
  add (&use->sum, young);
  add (&self->libraries, young);
}

/* All stacks that leak, before suppressions. */
static void
collect (MsLeakReport *self,
         MsView *view,
         MsView *tail,
         MsDomain domain,
         gboolean spares,
         MsNameResolver *resolver)
{
  MsTrace *trace = ms_view_get_trace (view);

  for (guint s = 0; s < ms_trace_get_n_stacks (trace); s++)
    {
      MsLeakSum all = sum_of (ms_view_get_stack_totals (view, s, domain)), young = { 0 };
      MsLeak leak = { .stack = s, .suppression = -1 };

      if (all.blocks == 0 && all.bytes == 0)
        continue;
      if (tail != NULL)
        young = sum_of (ms_view_get_stack_totals (tail, s, domain));
      leak.sum = without (all, young);
      if (young.blocks > 0)
        add_young (self, s, young,
                   spares ? ms_library_blocks_find_kind (trace, s, all.blocks, resolver) : -1,
                   leak.sum.blocks == 0);
      if (leak.sum.blocks > 0 || leak.sum.bytes > 0)
        g_array_append_val (self->leaks, leak);
    }
}

/* Names of many stacks at once are quicker than one by one. */
static gboolean
prepare_names (MsLeakReport *self,
               MsTrace *trace,
               MsNameResolver *resolver,
               GCancellable *cancellable,
               GError **error)
{
  g_autofree guint *stacks = g_new (guint, self->leaks->len + 1);

  if (resolver == NULL)
    return TRUE;
  for (guint i = 0; i < self->leaks->len; i++)
    stacks[i] = g_array_index (self->leaks, MsLeak, i).stack;
  return ms_name_resolver_prepare_stacks (resolver, trace, stacks, self->leaks->len, cancellable,
                                          error);
}

/* Moves those that a suppression matches. */
static void
suppress (MsLeakReport *self, MsTrace *trace, MsNameResolver *resolver)
{
  g_autoptr (MsSuppressionMatcher) matcher =
      ms_suppression_matcher_new (self->suppressions, trace, resolver);
  guint n_left = 0;

  for (guint i = 0; i < self->leaks->len; i++)
    {
      MsLeak leak = g_array_index (self->leaks, MsLeak, i);
      MsSuppressionUse *use;

      leak.suppression = ms_suppression_matcher_match (matcher, leak.stack);
      if (leak.suppression < 0)
        {
          g_array_index (self->leaks, MsLeak, n_left++) = leak;
          continue;
        }
      use = &g_array_index (self->suppression_uses, MsSuppressionUse, leak.suppression);
      use->n_stacks++;
      add (&use->sum, leak.sum);
      add (&self->suppressed, leak.sum);
      g_array_append_val (self->suppressed_leaks, leak);
    }
  g_array_set_size (self->leaks, n_left);
}

/* Moves what libraries keep for themselves. */
static void
spare_libraries (MsLeakReport *self, MsTrace *trace, MsNameResolver *resolver)
{
  guint n_left = 0;

  for (guint i = 0; i < self->leaks->len; i++)
    {
      MsLeak leak = g_array_index (self->leaks, MsLeak, i);
      gint kind = ms_library_blocks_find_kind (trace, leak.stack, leak.sum.blocks, resolver);
      MsSuppressionUse *use;

      if (kind < 0)
        {
          g_array_index (self->leaks, MsLeak, n_left++) = leak;
          continue;
        }
      use = &g_array_index (self->library_uses, MsSuppressionUse, kind);
      use->n_stacks++;
      add (&use->sum, leak.sum);
      add (&self->libraries, leak.sum);
    }
  g_array_set_size (self->leaks, n_left);
}

MsLeakReport *
ms_leak_report_new (MsView *view,
                    MsDomain domain,
                    MsSuppressions *suppressions,
                    MsNameResolver *resolver,
                    const MsAnalysisSettings *settings,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (MsLeakReport) self = g_new0 (MsLeakReport, 1);
  MsTrace *trace = ms_view_get_trace (view);
  gint64 length_ns = ms_view_get_end_ns (view) - ms_view_get_start_ns (view);
  g_autoptr (MsView) tail = NULL;
  g_autoptr (GError) failure = NULL;

  self->still_running =
      ms_leaks_are_in_use (trace) || ms_view_get_end_ns (view) < ms_trace_get_duration_ns (trace);
  self->leaks = g_array_new (FALSE, FALSE, sizeof (MsLeak));
  self->suppressed_leaks = g_array_new (FALSE, FALSE, sizeof (MsLeak));
  self->suppression_uses = g_array_new (FALSE, TRUE, sizeof (MsSuppressionUse));
  self->library_uses = g_array_new (FALSE, TRUE, sizeof (MsSuppressionUse));
  g_array_set_size (self->library_uses, ms_library_blocks_get_n_kinds ());
  tail = view_of_tail (view, ms_leak_tail_ns (length_ns, settings), &self->tail_ns, cancellable,
                       &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  collect (self, view, tail, domain, spares_libraries (settings), resolver);
  if (suppressions != NULL)
    {
      self->suppressions = ms_suppressions_ref (suppressions);
      g_array_set_size (self->suppression_uses, ms_suppressions_get_n (suppressions));
      if (!prepare_names (self, trace, resolver, cancellable, error))
        return NULL;
      suppress (self, trace, resolver);
    }
  if (spares_libraries (settings))
    spare_libraries (self, trace, resolver);
  for (guint i = 0; i < self->leaks->len; i++)
    add (&self->accused, g_array_index (self->leaks, MsLeak, i).sum);
  g_array_sort (self->leaks, compare_leaks);
  g_array_sort (self->suppressed_leaks, compare_leaks);
  return g_steal_pointer (&self);
}

void
ms_leak_report_free (MsLeakReport *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->leaks);
  g_array_unref (self->suppressed_leaks);
  g_array_unref (self->suppression_uses);
  g_array_unref (self->library_uses);
  g_clear_pointer (&self->suppressions, ms_suppressions_unref);
  g_free (self);
}
