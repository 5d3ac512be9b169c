/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From what sites did to the totals of the process, its threads and its stacks. */
#include "ms-ring.h"
#include "ms-trace-private.h"
#include "ms-view-private.h"

#include <math.h>
#include <stdlib.h>

static void
add_figures (MsSiteFigures *self, const MsSiteFigures *more)
{
  for (guint i = 0; i < MS_N_FIGURES; i++)
    {
      self->blocks[i] += more->blocks[i];
      self->bytes[i] += more->bytes[i];
    }
}

static void
add_variances (MsVariance *self, const MsVariance *more)
{
  for (guint i = 0; i < MS_N_FIGURES; i++)
    ms_variance_add (&self[i], more[i]);
}

static void
fill (MsTotals *totals, const MsSiteFigures *figures, const MsVariance *variances)
{
  const double *blocks = figures->blocks;
  const guint64 *bytes = figures->bytes;

  *totals = (MsTotals) { .allocations = ms_estimate_round (blocks[MS_ALLOCATED]),
                         .deallocations = ms_estimate_round (blocks[MS_FREED]),
                         .reallocations = ms_estimate_round (blocks[MS_REALLOCATED]),
                         .allocated_bytes = bytes[MS_ALLOCATED],
                         .freed_bytes_of_own = bytes[MS_FREED],
                         .live_bytes = bytes[MS_LIVE],
                         .live_blocks = ms_estimate_round (blocks[MS_LIVE]),
                         .live_bytes_at_start = bytes[MS_LIVE_AT_START],
                         .live_blocks_at_start = ms_estimate_round (blocks[MS_LIVE_AT_START]),
                         .peak_time_ns = MS_TIME_NONE,
                         .leaked_allocations = ms_estimate_round (blocks[MS_LEAKED]),
                         .leaked_bytes = bytes[MS_LEAKED],
                         .temporary_allocations = ms_estimate_round (blocks[MS_TEMPORARY]) };
  if (variances == NULL)
    return;
  totals->standard_errors =
      (MsStandardErrors) { .allocations = sqrt (variances[MS_ALLOCATED].blocks),
                           .deallocations = sqrt (variances[MS_FREED].blocks),
                           .reallocations = sqrt (variances[MS_REALLOCATED].blocks),
                           .allocated_bytes = sqrt (variances[MS_ALLOCATED].bytes),
                           .freed_bytes_of_own = sqrt (variances[MS_FREED].bytes),
                           .live_bytes = sqrt (variances[MS_LIVE].bytes),
                           .live_blocks = sqrt (variances[MS_LIVE].blocks),
                           .leaked_bytes = sqrt (variances[MS_LEAKED].bytes),
                           .leaked_blocks = sqrt (variances[MS_LEAKED].blocks),
                           .temporary_allocations = sqrt (variances[MS_TEMPORARY].blocks) };
}

typedef struct {
  MsSiteFigures *figures; /* of the process, then of each thread, then of each stack */
  MsVariance (*variances)[MS_N_FIGURES]; /* NULL: not sampled */
} Parts;

static void
add_site (const MsView *view, Parts *parts, guint32 number)
{
  const MsHistorySite *site = &ms_history_get_sites (view->history)[number];
  const guint indices[] = { 0, 1 + site->thread, 1 + view->trace->threads->len + site->stack };
  MsSiteFigures figures;

  ms_view_get_site_figures (view, number, &figures);
  for (guint i = 0; i < G_N_ELEMENTS (indices); i++)
    {
      add_figures (&parts->figures[indices[i]], &figures);
      if (parts->variances != NULL)
        add_variances (parts->variances[indices[i]], view->sampled[number].variances);
    }
}

static void
fill_domain (MsView *self, MsDomain domain)
{
  MsViewDomain *of_domain = &self->domains[domain];
  guint n_threads = self->trace->threads->len, n_stacks = self->trace->n_stacks;
  guint n_parts = 1 + n_threads + n_stacks;
  guint32 n_sites = ms_history_get_n_sites (self->history);
  gboolean sampled = self->sampled != NULL && domain != MS_DOMAIN_MAPPING;
  g_autofree MsSiteFigures *figures = g_new0 (MsSiteFigures, n_parts);
  Parts parts = { figures, sampled ? g_malloc0_n (n_parts, sizeof *parts.variances) : NULL };

  for (guint32 i = 0; i < n_sites; i++)
    if (self->chosen[i] == 1 + domain)
      add_site (self, &parts, i);
  of_domain->threads = g_new (MsTotals, n_threads + 1);
  of_domain->stacks = g_new (MsTotals, n_stacks + 1);
  for (guint i = 0; i < n_parts; i++)
    {
      MsTotals *totals = i == 0           ? &of_domain->totals
                         : i <= n_threads ? &of_domain->threads[i - 1]
                                          : &of_domain->stacks[i - 1 - n_threads];

      fill (totals, &figures[i], sampled ? parts.variances[i] : NULL);
      if (ms_trace_why_no_live (self->trace) != NULL)
        ms_ring_hide_live (totals);
      of_domain->n_leaking_stacks += i > n_threads && totals->leaked_bytes > 0;
    }
  g_free (parts.variances);
}

void
ms_view_fill_totals (MsView *self)
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    if (ms_trace_has_domain (self->trace, d))
      fill_domain (self, d);
}

void
ms_view_fill_frees_made (MsView *self, MsDomain domain)
{
  MsViewDomain *of_domain = &self->domains[domain];
  guint n_threads = self->trace->threads->len;
  g_autofree double *variances = g_new0 (double, n_threads + 1);

  for (guint i = 0; i < n_threads; i++)
    {
      double error = of_domain->threads[i].standard_errors.deallocations;

      variances[i] = error * error;
    }
  for (guint i = 0; i < of_domain->n_interactions; i++)
    {
      const MsInteraction *interaction = &of_domain->interactions[i];
      guint from = ms_view_index_of_id (self, interaction->alloc_thread);
      guint to = ms_view_index_of_id (self, interaction->free_thread);
      double variance = interaction->frees_standard_error * interaction->frees_standard_error;

      of_domain->threads[from].deallocations -=
          MIN (interaction->frees, of_domain->threads[from].deallocations);
      of_domain->threads[to].deallocations += interaction->frees;
      variances[from] = MAX (0, variances[from] - variance);
      variances[to] += variance;
    }
  for (guint i = 0; i < n_threads; i++)
    of_domain->threads[i].standard_errors.deallocations = sqrt (variances[i]);
}

/* --- stacks of one thread -------------------------------------------------------------------------- */

static int
compare_thread_stacks (gconstpointer a, gconstpointer b)
{
  const MsThreadStack *x = a, *y = b;

  if (x->allocated_bytes != y->allocated_bytes)
    return x->allocated_bytes > y->allocated_bytes ? -1 : 1;
  return x->stack < y->stack ? -1 : x->stack > y->stack;
}

typedef struct {
  guint stack;
  MsSiteFigures figures;
  MsVariance variances[MS_N_FIGURES];
} StackPart;

static int
compare_parts (gconstpointer a, gconstpointer b)
{
  const StackPart *x = a, *y = b;

  return x->stack < y->stack ? -1 : x->stack > y->stack;
}

static gboolean
is_nothing (const MsSiteFigures *figures)
{
  return figures->blocks[MS_ALLOCATED] < 0.5 && figures->blocks[MS_FREED] < 0.5
         && figures->blocks[MS_LIVE] < 0.5 && figures->bytes[MS_FREED] == 0
         && figures->bytes[MS_LIVE] == 0;
}

static MsThreadStack
describe (const StackPart *part)
{
  MsTotals totals;

  fill (&totals, &part->figures, part->variances);
  return (MsThreadStack) {
    .stack = part->stack,
    .allocations = totals.allocations,
    .allocated_bytes = totals.allocated_bytes,
    .live_bytes = totals.live_bytes,
    .live_blocks = totals.live_blocks,
    .reallocations = totals.reallocations,
    .temporary_allocations = totals.temporary_allocations,
    .allocations_standard_error = totals.standard_errors.allocations,
    .allocated_bytes_standard_error = totals.standard_errors.allocated_bytes,
    .live_bytes_standard_error = totals.standard_errors.live_bytes,
    .live_blocks_standard_error = totals.standard_errors.live_blocks,
    .reallocations_standard_error = totals.standard_errors.reallocations,
    .temporary_allocations_standard_error = totals.standard_errors.temporary_allocations,
  };
}

/* Several ids of a file may be one stack: its parts lie side by side once they are sorted. */
static GArray *
list_parts (const MsView *self, guint thread, MsDomain domain)
{
  GArray *parts = g_array_new (FALSE, TRUE, sizeof (StackPart));
  const MsHistorySite *sites = ms_history_get_sites (self->history);
  guint32 n_sites = ms_history_get_n_sites (self->history);

  for (guint32 i = 0; i < n_sites; i++)
    if (sites[i].thread == thread && self->chosen[i] == 1 + domain)
      {
        StackPart part = { .stack = sites[i].stack };

        ms_view_get_site_figures (self, i, &part.figures);
        if (self->sampled != NULL && domain != MS_DOMAIN_MAPPING)
          add_variances (part.variances, self->sampled[i].variances);
        if (!is_nothing (&part.figures))
          g_array_append_val (parts, part);
      }
  g_array_sort (parts, compare_parts);
  return parts;
}

const MsThreadStack *
ms_view_list_thread_stacks (MsView *self, guint thread, MsDomain domain, guint *n_stacks)
{
  MsViewDomain *of_domain = &self->domains[domain];
  g_autoptr (GArray) parts = NULL;
  MsThreadStack *stacks;
  guint n = 0;

  if (of_domain->thread_stacks == NULL)
    {
      of_domain->thread_stacks = g_new0 (MsThreadStack *, self->trace->threads->len + 1);
      of_domain->n_thread_stacks = g_new0 (guint, self->trace->threads->len + 1);
    }
  *n_stacks = of_domain->n_thread_stacks[thread];
  if (of_domain->thread_stacks[thread] != NULL)
    return of_domain->thread_stacks[thread];

  parts = list_parts (self, thread, domain);
  stacks = g_new (MsThreadStack, parts->len + 1);
  for (guint i = 0; i < parts->len; i++)
    {
      StackPart part = g_array_index (parts, StackPart, i);

      for (; i + 1 < parts->len && g_array_index (parts, StackPart, i + 1).stack == part.stack; i++)
        {
          add_figures (&part.figures, &g_array_index (parts, StackPart, i + 1).figures);
          add_variances (part.variances, g_array_index (parts, StackPart, i + 1).variances);
        }
      stacks[n++] = describe (&part);
    }
  qsort (stacks, n, sizeof *stacks, compare_thread_stacks);
  of_domain->thread_stacks[thread] = stacks;
  *n_stacks = of_domain->n_thread_stacks[thread] = n;
  return stacks;
}
