/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Who freed whose blocks.
 *
 * Without a filter of stacks, pairs of threads come from the checkpoints, and only what lies beside them in the
 * range is scanned.
 */
#include "ms-trace-private.h"
#include "ms-view-private.h"

#include <math.h>
#include <stdlib.h>

/* With more threads than these, pairs are hashed. */
#define DENSE_THREADS 256

/* --- pairs of threads ------------------------------------------------------------------------------ */

typedef struct {
  double frees;
  guint64 bytes;
  MsVariance variance;
} Pair;

typedef struct {
  guint n_threads;
  Pair *dense;   /* by owner and freer; NULL: hashed */
  GArray *pairs; /* of Pair */
  GArray *keys;
  MsKeyMap numbers;
} Pairs;

static void
pairs_init (Pairs *self, guint n_threads)
{
  *self = (Pairs) { .n_threads = n_threads };
  if (n_threads <= DENSE_THREADS)
    {
      self->dense = g_new0 (Pair, (gsize) n_threads * n_threads + 1);
      return;
    }
  self->pairs = g_array_new (FALSE, TRUE, sizeof (Pair));
  self->keys = g_array_new (FALSE, FALSE, sizeof (guint64));
  ms_key_map_init (&self->numbers);
}

static void
pairs_clear (Pairs *self)
{
  if (self->n_threads == 0)
    return;
  g_free (self->dense);
  if (self->dense != NULL)
    return;
  g_array_unref (self->pairs);
  g_array_unref (self->keys);
  ms_key_map_clear (&self->numbers);
}

static inline Pair *
pairs_find (Pairs *self, guint owner, guint freer)
{
  guint64 key = (guint64) owner * self->n_threads + freer;
  guint32 number;

  if (G_LIKELY (self->dense != NULL))
    return &self->dense[key];
  number = ms_key_map_get (&self->numbers, key);
  if (number == MS_KEY_MAP_NONE)
    {
      number = self->pairs->len;
      g_array_set_size (self->pairs, number + 1);
      g_array_append_val (self->keys, key);
      ms_key_map_insert (&self->numbers, key, number);
    }
  return &g_array_index (self->pairs, Pair, number);
}

static void
pair_add (Pair *self, const Pair *more)
{
  self->frees += more->frees;
  self->bytes += more->bytes;
  ms_variance_add (&self->variance, more->variance);
}

static void
pairs_list (const Pairs *self, const MsView *view, GArray *interactions)
{
  guint64 n = self->dense ? (guint64) self->n_threads * self->n_threads : self->pairs->len;

  for (guint64 i = 0; i < n; i++)
    {
      const Pair *pair = self->dense ? &self->dense[i] : &g_array_index (self->pairs, Pair, i);
      guint64 key = self->dense ? i : g_array_index (self->keys, guint64, i);
      GPtrArray *threads = view->trace->threads;
      MsInteraction interaction = {
        .alloc_thread = ms_thread_get_id (g_ptr_array_index (threads, key / self->n_threads)),
        .free_thread = ms_thread_get_id (g_ptr_array_index (threads, key % self->n_threads)),
        .frees = ms_estimate_round (pair->frees),
        .bytes = pair->bytes,
        .frees_standard_error = sqrt (pair->variance.blocks),
        .bytes_standard_error = sqrt (pair->variance.bytes),
      };

      if (pair->frees > 0 || pair->bytes > 0)
        g_array_append_val (interactions, interaction);
    }
}

typedef struct {
  const MsView *view;
  guint64 first, end;
  const guint8 *marks; /* by site */
  const guint32
      *owners; /* by site: the thread; the sites themselves are too far apart for the caches */
  Pairs *by_worker;
} PairScan;

static void
scan_pairs (guint piece, guint worker, gpointer data)
{
  PairScan *self = data;
  Pairs *pairs = &self->by_worker[worker];
  guint32 n_sites = ms_history_get_n_sites (self->view->history), at, k;
  MsMarkedFree list[MS_STRETCH_BLOCK + 1];
  const MsHistoryColumns *columns;
  MsStretch stretch;
  guint n;

  if (pairs->n_threads == 0)
    pairs_init (pairs, self->view->trace->threads->len);
  ms_history_get_stretch (self->view->history, self->first, self->end, piece, &stretch);
  columns = &stretch.columns;
  at = stretch.from;
  k = ms_stretch_count_frees_before (&stretch);
  while (ms_stretch_list_frees (&stretch, self->marks, n_sites, &at, &k, list, &n))
    for (guint i = 0; i < n; i++)
      {
        guint32 owner = self->owners[columns->sites[list[i].at]];
        guint32 freer = ms_history_free_thread (columns, list[i].free);
        double weight;
        Pair free;

        if (owner == freer || freer >= pairs->n_threads)
          continue;
        weight = ms_history_weight (columns, list[i].at);
        free = (Pair) { .frees = weight,
                        .bytes = ms_history_bytes (self->view->history, columns, list[i].at) };
        if (G_UNLIKELY (columns->weights != NULL))
          free.variance = ms_variance_of (weight, (double) free.bytes);
        pair_add (pairs_find (pairs, owner, freer), &free);
      }
}

/* Of a sampled trace in order, as sums of broken numbers depend on it. */
static void
scan_pairs_of (PairScan *self, guint64 first, guint64 end)
{
  guint n = ms_history_count_pieces (self->view->history, first, end);

  self->first = first;
  self->end = end;
  if (!ms_history_is_sampled (self->view->history))
    ms_history_run (n, scan_pairs, self, NULL, NULL);
  else
    for (guint i = 0; i < n; i++)
      scan_pairs (i, 0, self);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  guint x = *(const guint *) a, y = *(const guint *) b;

  return x < y ? -1 : x > y;
}

static void
add_stored_pairs (const MsView *self, MsDomain domain, guint segment, gint sign, Pairs *sums)
{
  guint64 n_pairs;
  const MsHistoryPair *pairs = ms_history_get_pairs (self->history, &n_pairs);
  guint n_ids;
  const guint *ids = ms_filter_get_threads (self->filter, &n_ids);
  MsHistorySums stored;

  if (!ms_history_get_sums (self->history, segment, &stored))
    return;
  for (guint64 i = 0; i < stored.n_pairs; i++)
    {
      guint id = ms_thread_get_id (g_ptr_array_index (self->trace->threads, pairs[i].owner));
      Pair *pair;

      if (pairs[i].domain != domain
          || (ids != NULL && bsearch (&id, ids, n_ids, sizeof id, compare_ids) == NULL))
        continue;
      pair = pairs_find (sums, pairs[i].owner, pairs[i].freer);
      pair->frees += sign * (double) stored.pair_frees[i];
      pair->bytes += (guint64) sign * stored.pair_bytes[i];
    }
}

/* Whole stretches between checkpoints, and what is left before and behind. */
static void
sum_pairs (const MsView *self, MsDomain domain, PairScan *scan)
{
  guint n, step = MS_HISTORY_CHECKPOINT_SEGMENTS;
  guint n_segments = ms_history_get_n_segments (self->history);
  guint first = ms_history_find_segment (self->history, self->first);
  guint last = ms_history_find_segment (self->history, self->end);
  guint from = (first + step - 1) / step * step,
        to = last == n_segments ? last : last / step * step;
  guint64 from_event, to_event;

  if (ms_history_get_first_event (self->history, first) == self->first && first % step == 0)
    from = first;
  else if (first % step == 0)
    from = first + step;
  from = MIN (from, n_segments);
  from_event = ms_history_get_first_event (self->history, from);
  to_event = ms_history_get_first_event (self->history, to);
  if (from_event >= to_event || ms_filter_get_stacks (self->filter, &n) != NULL
      || ms_history_is_sampled (self->history))
    {
      scan_pairs_of (scan, self->first, self->end);
      return;
    }
  scan_pairs_of (scan, self->first, from_event);
  scan_pairs_of (scan, to_event, self->end);
  if (scan->by_worker[0].n_threads == 0)
    pairs_init (&scan->by_worker[0], self->trace->threads->len);
  add_stored_pairs (self, domain, to, 1, &scan->by_worker[0]);
  add_stored_pairs (self, domain, from, -1, &scan->by_worker[0]);
}

static void
join_pairs (Pairs *sums, Pairs *more)
{
  guint64 n;

  if (more->n_threads == 0)
    return;
  n = more->dense ? (guint64) more->n_threads * more->n_threads : more->pairs->len;
  for (guint64 i = 0; i < n; i++)
    {
      guint64 key = more->dense ? i : g_array_index (more->keys, guint64, i);

      pair_add (pairs_find (sums, (guint) (key / more->n_threads), (guint) (key % more->n_threads)),
                more->dense ? &more->dense[i] : &g_array_index (more->pairs, Pair, i));
    }
}

static guint32 *
list_owners (const MsView *self)
{
  const MsHistorySite *sites = ms_history_get_sites (self->history);
  guint32 n = ms_history_get_n_sites (self->history);
  guint32 *owners = g_new (guint32, n + 1);

  for (guint32 i = 0; i < n; i++)
    owners[i] = sites[i].thread;
  return owners;
}

static void
sum_pairs_of_events (MsView *self, MsDomain domain, Pairs *sums)
{
  guint n_workers = ms_history_get_n_workers ();
  g_autofree guint8 *marks = ms_view_mark_sites (self, domain, NULL);
  g_autofree guint32 *owners = list_owners (self);
  g_autofree Pairs *by_worker = g_new0 (Pairs, n_workers);
  PairScan scan = { self, 0, 0, marks, owners, by_worker };

  sum_pairs (self, domain, &scan);
  for (guint w = 0; w < n_workers; w++)
    {
      join_pairs (sums, &by_worker[w]);
      pairs_clear (&by_worker[w]);
    }
}

static void
add_mapping_pair (guint owner, guint freer, gboolean ends, guint64 bytes, gpointer data)
{
  const Pair free = { .frees = ends, .bytes = bytes };

  if (owner != freer)
    pair_add (pairs_find (data, owner, freer), &free);
}

void
ms_view_scan_interactions (MsView *self, MsDomain domain)
{
  MsViewDomain *of_domain = &self->domains[domain];
  GArray *interactions = g_array_new (FALSE, FALSE, sizeof (MsInteraction));
  Pairs sums;

  pairs_init (&sums, self->trace->threads->len);
  if (domain == MS_DOMAIN_MAPPING)
    ms_view_walk_unmaps (self, add_mapping_pair, &sums);
  else
    sum_pairs_of_events (self, domain, &sums);
  pairs_list (&sums, self, interactions);
  pairs_clear (&sums);
  g_array_sort (interactions, ms_interaction_compare);
  of_domain->n_interactions = interactions->len;
  of_domain->interactions = (MsInteraction *) (gpointer) g_array_free (interactions, FALSE);
  if (of_domain->interactions == NULL)
    of_domain->interactions = g_new0 (MsInteraction, 1);
}
