/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Each thread and stack of either side is added to a row, which is found by its name or its key:
 *
 *   rows[kind]              MsComparedRow
 *   row_of[kind][is_after]  row of each thread (by index) or stack; -1: none
 *
 * While sums are made, the square of a change's standard error is in its place.
 */
#include "ms-comparison.h"

#include <math.h>

#include "ms-call-paths.h"
#include "ms-stack-keys.h"

typedef struct {
  GArray *rows;      /* of MsComparedRow */
  GArray *row_of[2]; /* of gint */
} Table;

struct _MsComparison {
  gatomicrefcount n_refs;
  MsComparisonSide sides[2];
  MsDomain domain;
  gboolean is_sampled;
  MsComparedRow totals;
  Table tables[MS_N_COMPARED];
};

/* What adding to a row needs to know of a side. */
typedef struct {
  MsComparison *self;
  guint side;
  const MsPeak *peak; /* NULL: the trace's own figures have it */
  GArray *weights;    /* of guint64: of the stack that stands for a row, for stacks */
} Adding;

G_DEFINE_BOXED_TYPE (MsComparison, ms_comparison, ms_comparison_ref, ms_comparison_unref)

/* --- rows ------------------------------------------------------------------------------------ */

static gboolean
is_anything (const MsTotals *totals)
{
  return totals->allocations > 0 || totals->deallocations > 0 || totals->live_bytes > 0
         || totals->live_blocks > 0 || totals->bytes_at_process_peak > 0;
}

static MsComparedRow *
row_at (Table *table, guint row)
{
  return &g_array_index (table->rows, MsComparedRow, row);
}

static MsComparedRow *
ensure_row (Table *table, guint row)
{
  while (table->rows->len <= row)
    {
      MsComparedRow empty = { .has_own_peak = TRUE };

      g_array_append_val (table->rows, empty);
    }
  return row_at (table, row);
}

static void
add_totals (MsComparedRow *row, guint side, const MsTotals *totals, gboolean has_peak_error)
{
  guint *n = side == 0 ? &row->n_before : &row->n_after;

  (*n)++;
  for (MsFigureKind kind = 0; kind < MS_N_FIGURES; kind++)
    {
      MsChange *change = &row->changes[kind];
      double error = ms_totals_get_standard_error (totals, kind);

      if (kind == MS_FIGURE_BYTES_AT_PROCESS_PEAK && !has_peak_error)
        error = NAN;
      *(side == 0 ? &change->before : &change->after) += ms_totals_get (totals, kind);
      change->standard_error += error * error;
    }
}

static gboolean
is_bytes (MsFigureKind kind)
{
  return kind == MS_FIGURE_PEAK_BYTES || kind == MS_FIGURE_BYTES_AT_PROCESS_PEAK
         || kind == MS_FIGURE_LIVE_BYTES || kind == MS_FIGURE_LEAKED_BYTES
         || kind == MS_FIGURE_ALLOCATED_BYTES;
}

/* Of processes and threads sampled recordings count these, see MsTotals. */
static gboolean
is_counted (MsComparison *self, guint side, MsComparedKind what, MsFigureKind kind)
{
  return what != MS_COMPARED_STACKS && what != MS_COMPARED_SITES
         && !ms_view_is_filtered (self->sides[side].view)
         && (kind == MS_FIGURE_ALLOCATIONS || kind == MS_FIGURE_ALLOCATED_BYTES
             || kind == MS_FIGURE_DEALLOCATIONS);
}

/* Where a sampled side kept nothing, its estimate is 0, and so is what it says of its own error.  But had
 * it as much as the other side, in blocks of the same mean size Z, the variance would be the number of
 * blocks × (1 − p) / p, times Z² for bytes: that is how far 0 may be off if nothing changed. */
static double
variance_of_nothing (MsComparison *self, guint side, const MsComparedRow *row, MsFigureKind kind)
{
  const MsChange *bytes = &row->changes[MS_FIGURE_ALLOCATED_BYTES];
  const MsChange *blocks = &row->changes[MS_FIGURE_ALLOCATIONS];
  const MsChange *change = &row->changes[kind];
  double value = (double) (side == 0 ? change->after : change->before);
  double n_blocks = (double) (side == 0 ? blocks->after : blocks->before);
  double size = n_blocks > 0 ? (double) (side == 0 ? bytes->after : bytes->before) / n_blocks : 0;
  double p =
      ms_trace_get_keep_probability (ms_view_get_trace (self->sides[side].view), (guint64) size);

  if (p >= 1 || n_blocks <= 0)
    return NAN; /* not known */
  return value * (1 - p) / p * (is_bytes (kind) ? size : 1);
}

static void
finish_row (MsComparison *self, MsComparedKind what, MsComparedRow *row)
{
  for (MsFigureKind kind = 0; kind < MS_N_FIGURES; kind++)
    {
      MsChange *change = &row->changes[kind];

      for (guint side = 0; side < 2; side++)
        if (ms_trace_is_sampled (ms_view_get_trace (self->sides[side].view))
            && (side == 0 ? change->before : change->after) == 0 && change->before != change->after
            && !is_counted (self, side, what, kind))
          change->standard_error += variance_of_nothing (self, side, row, kind);
      change->standard_error = sqrt (change->standard_error);
    }
  row->has_own_peak = row->has_own_peak && row->n_before <= 1 && row->n_after <= 1;
}

/* --- sides ----------------------------------------------------------------------------------- */

static MsTrace *
trace_of (const Adding *adding)
{
  return ms_view_get_trace (adding->self->sides[adding->side].view);
}

/* What of the peak is not in a filtered view's totals.  @bytes: NULL for the process. */
static void
put_peak (const Adding *adding, MsTotals *totals, const guint64 *bytes)
{
  if (adding->peak == NULL)
    return;
  totals->bytes_at_process_peak = bytes != NULL ? *bytes : adding->peak->bytes;
  totals->peak_bytes = bytes != NULL ? 0 : adding->peak->bytes;
  totals->standard_errors.bytes_at_process_peak = 0;
  totals->standard_errors.peak_bytes = 0;
  if (bytes == NULL)
    totals->standard_errors.bytes_at_process_peak = totals->standard_errors.peak_bytes =
        adding->peak->standard_error;
}

static gboolean
has_error_of_parts (const Adding *adding)
{
  return adding->peak == NULL || !ms_trace_is_sampled (trace_of (adding));
}

static void
add_process (Adding *adding)
{
  MsComparison *self = adding->self;
  MsTotals totals = *ms_view_get_totals (self->sides[adding->side].view, self->domain);

  put_peak (adding, &totals, NULL);
  if (adding->peak == NULL)
    {
      totals.bytes_at_process_peak = totals.peak_bytes;
      totals.standard_errors.bytes_at_process_peak = totals.standard_errors.peak_bytes;
    }
  add_totals (&self->totals, adding->side, &totals, TRUE);
}

static void
remember (Table *table, guint side, gint row)
{
  g_array_append_val (table->row_of[side], row);
}

/* @numbers: name → row + 1 */
static guint
row_of_name (GHashTable *numbers, const char *name)
{
  gpointer known = g_hash_table_lookup (numbers, name);

  if (known == NULL)
    {
      known = GUINT_TO_POINTER (g_hash_table_size (numbers) + 1);
      g_hash_table_insert (numbers, (gpointer) name, known);
    }
  return GPOINTER_TO_UINT (known) - 1;
}

static void
add_threads (Adding *adding, GHashTable *numbers)
{
  MsComparison *self = adding->self;
  Table *table = &self->tables[MS_COMPARED_THREADS];

  for (guint i = 0; i < ms_trace_get_n_threads (trace_of (adding)); i++)
    {
      const char *name = ms_thread_get_name (ms_trace_get_thread (trace_of (adding), i));
      MsTotals totals =
          *ms_view_get_thread_totals (self->sides[adding->side].view, i, self->domain);
      MsComparedRow *row;
      guint number;

      put_peak (adding, &totals, adding->peak != NULL ? &adding->peak->thread_bytes[i] : NULL);
      if (!is_anything (&totals))
        {
          remember (table, adding->side, -1);
          continue;
        }
      number = row_of_name (numbers, name);
      remember (table, adding->side, (gint) number);
      row = ensure_row (table, number);
      row->name = name;
      row->has_own_peak = row->has_own_peak && adding->peak == NULL;
      add_totals (row, adding->side, &totals, has_error_of_parts (adding));
    }
}

/* Of a group the stack that is shown: the heaviest of the later side. */
static void
choose_stack (Adding *adding, MsComparedRow *row, guint number, guint stack, const MsTotals *totals)
{
  MsFrameNames *names = adding->self->sides[adding->side].names;
  guint64 weight = MAX (totals->bytes_at_process_peak, totals->allocated_bytes);
  guint64 *best;

  if (adding->weights->len <= number)
    g_array_set_size (adding->weights, number + 1);
  best = &g_array_index (adding->weights, guint64, number);
  if (row->names == names && weight <= *best)
    return;
  *best = weight;
  row->names = names;
  row->stack = stack;
}

static void
add_site (Adding *adding, GHashTable *numbers, guint stack, const MsTotals *totals)
{
  MsComparison *self = adding->self;
  MsFrameNames *names = self->sides[adding->side].names;
  Table *table = &self->tables[MS_COMPARED_SITES];
  const char *name = "";
  MsComparedRow *row;
  guint frame, number;

  if (ms_frame_names_find_site (names, stack, &frame))
    name = ms_frame_names_get_label (names, frame);
  number = row_of_name (numbers, name);
  remember (table, adding->side, (gint) number);
  row = ensure_row (table, number);
  row->name = name;
  row->has_own_peak = FALSE;
  add_totals (row, adding->side, totals, has_error_of_parts (adding));
}

static void
add_stacks (Adding *adding, MsStackKeys *keys, GHashTable *sites)
{
  MsComparison *self = adding->self;
  const MsComparisonSide *side = &self->sides[adding->side];
  Table *table = &self->tables[MS_COMPARED_STACKS];
  g_autofree guint *frame_keys = ms_stack_keys_of_frames (keys, side->names);
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint));

  g_array_set_size (path, 1); /* never NULL */
  for (guint s = 0; s < ms_trace_get_n_stacks (trace_of (adding)); s++)
    {
      MsTotals totals = *ms_view_get_stack_totals (side->view, s, self->domain);
      guint depth, number;
      const guint *frames = ms_frame_names_get_stack (side->names, s, &depth, NULL);
      MsComparedRow *row;

      put_peak (adding, &totals, adding->peak != NULL ? &adding->peak->stack_bytes[s] : NULL);
      if (!is_anything (&totals))
        {
          remember (table, adding->side, -1);
          remember (&self->tables[MS_COMPARED_SITES], adding->side, -1);
          continue;
        }
      g_array_set_size (path, 0);
      for (guint i = depth; i > 0; i--)
        g_array_append_val (path, frame_keys[frames[i - 1]]);
      depth = ms_call_path_collapse ((guint *) (gpointer) path->data, depth);
      number = ms_stack_keys_intern (keys, (const guint *) (gpointer) path->data, depth);
      remember (table, adding->side, (gint) number);
      row = ensure_row (table, number);
      choose_stack (adding, row, number, s, &totals);
      row->has_own_peak = row->has_own_peak && adding->peak == NULL;
      add_totals (row, adding->side, &totals, has_error_of_parts (adding));
      add_site (adding, sites, s, &totals);
    }
}

/* --- the whole ------------------------------------------------------------------------------- */

static MsComparison *
alloc (const MsComparisonSide *before, const MsComparisonSide *after, MsDomain domain)
{
  MsComparison *self = g_new0 (MsComparison, 1);

  g_atomic_ref_count_init (&self->n_refs);
  self->sides[0] = *before;
  self->sides[1] = *after;
  self->domain = domain;
  self->totals.has_own_peak = TRUE;
  for (guint i = 0; i < 2; i++)
    {
      g_object_ref (self->sides[i].view);
      ms_frame_names_ref (self->sides[i].names);
      self->is_sampled =
          self->is_sampled || ms_trace_is_sampled (ms_view_get_trace (self->sides[i].view));
    }
  for (guint k = 0; k < MS_N_COMPARED; k++)
    {
      self->tables[k].rows = g_array_new (FALSE, FALSE, sizeof (MsComparedRow));
      for (guint i = 0; i < 2; i++)
        self->tables[k].row_of[i] = g_array_new (FALSE, FALSE, sizeof (gint));
    }
  return self;
}

/* FALSE: cancelled. */
static gboolean
find_peaks (MsComparison *self, const MsPeak **peaks, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < 2; i++)
    {
      MsView *view = self->sides[i].view;

      if (!ms_view_is_filtered (view) || ms_trace_why_no_live (ms_view_get_trace (view)) != NULL)
        continue;
      peaks[i] = ms_view_find_peak (self->sides[i].view, self->domain, cancellable, error);
      if (peaks[i] == NULL)
        return FALSE;
    }
  return TRUE;
}

MsComparison *
ms_comparison_new (const MsComparisonSide *before,
                   const MsComparisonSide *after,
                   MsDomain domain,
                   MsComparisonFlags flags,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (MsComparison) self = alloc (before, after, domain);
  g_autoptr (MsStackKeys) keys =
      ms_stack_keys_new (ms_view_get_trace (before->view), ms_view_get_trace (after->view),
                         flags == MS_COMPARE_BY_LINES ? MS_MATCH_BY_LINES : MS_MATCH_BY_FUNCTIONS);
  g_autoptr (GHashTable) threads = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) sites = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) weights = g_array_new (FALSE, TRUE, sizeof (guint64));
  const MsPeak *peaks[2] = { NULL, NULL };

  if (!find_peaks (self, peaks, cancellable, error))
    return NULL;
  for (guint i = 0; i < 2; i++)
    {
      Adding adding = { self, i, peaks[i], weights };

      add_process (&adding);
      add_threads (&adding, threads);
      add_stacks (&adding, keys, sites);
    }
  finish_row (self, MS_COMPARED_THREADS, &self->totals);
  for (guint k = 0; k < MS_N_COMPARED; k++)
    for (guint r = 0; r < self->tables[k].rows->len; r++)
      finish_row (self, k, row_at (&self->tables[k], r));
  return g_steal_pointer (&self);
}

MsComparison *
ms_comparison_ref (MsComparison *self)
{
  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

void
ms_comparison_unref (MsComparison *self)
{
  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  for (guint i = 0; i < 2; i++)
    {
      g_object_unref (self->sides[i].view);
      ms_frame_names_unref (self->sides[i].names);
    }
  for (guint k = 0; k < MS_N_COMPARED; k++)
    {
      g_array_unref (self->tables[k].rows);
      for (guint i = 0; i < 2; i++)
        g_array_unref (self->tables[k].row_of[i]);
    }
  g_free (self);
}

MsView *
ms_comparison_get_before (MsComparison *self)
{
  return self->sides[0].view;
}

MsView *
ms_comparison_get_after (MsComparison *self)
{
  return self->sides[1].view;
}

MsDomain
ms_comparison_get_domain (MsComparison *self)
{
  return self->domain;
}

gboolean
ms_comparison_is_sampled (MsComparison *self)
{
  return self->is_sampled;
}

const MsComparedRow *
ms_comparison_get_totals (MsComparison *self)
{
  return &self->totals;
}

guint
ms_comparison_get_n_rows (MsComparison *self, MsComparedKind kind)
{
  g_return_val_if_fail (kind < MS_N_COMPARED, 0);
  return self->tables[kind].rows->len;
}

const MsComparedRow *
ms_comparison_get_row (MsComparison *self, MsComparedKind kind, guint row)
{
  g_return_val_if_fail (row < ms_comparison_get_n_rows (self, kind), NULL);
  return row_at (&self->tables[kind], row);
}

gint
ms_comparison_find_row (MsComparison *self, MsComparedKind kind, gboolean is_after, guint number)
{
  GArray *row_of = self->tables[kind].row_of[is_after != FALSE];

  return number < row_of->len ? g_array_index (row_of, gint, number) : -1;
}

/* --- order ----------------------------------------------------------------------------------- */

typedef struct {
  Table *table;
  MsFigureKind figure;
} Order;

/* Then by bytes allocated, and by number, which is by first appearance. */
static int
compare_rows (gconstpointer a, gconstpointer b, gpointer data)
{
  const Order *order = data;
  guint i = *(const guint *) a, j = *(const guint *) b;
  const MsComparedRow *x = row_at (order->table, i), *y = row_at (order->table, j);
  gint result = ms_change_compare (&x->changes[order->figure], &y->changes[order->figure]);

  if (result == 0)
    result = ms_change_compare (&x->changes[MS_FIGURE_ALLOCATED_BYTES],
                                &y->changes[MS_FIGURE_ALLOCATED_BYTES]);
  return result != 0 ? result : i < j ? -1 : i > j;
}

guint *
ms_comparison_rank (MsComparison *self,
                    MsComparedKind kind,
                    MsFigureKind figure,
                    guint most,
                    guint *n_rows)
{
  Order order = { &self->tables[kind], figure };
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (guint));

  g_array_set_size (rows, 1); /* not empty: the result never is NULL */
  g_array_set_size (rows, 0);
  for (guint r = 0; r < order.table->rows->len; r++)
    {
      const MsComparedRow *row = row_at (order.table, r);
      const MsChange *change = &row->changes[figure];

      if (change->before != change->after && (figure != MS_FIGURE_PEAK_BYTES || row->has_own_peak))
        g_array_append_val (rows, r);
    }
  g_array_sort_with_data (rows, compare_rows, &order);
  *n_rows = most > 0 ? MIN (most, rows->len) : rows->len;
  return (guint *) (gpointer) g_array_free (g_steal_pointer (&rows), FALSE);
}

const MsComparedRow *
ms_comparison_find_cause (MsComparison *self, MsFigureKind figure)
{
  /* Peaks of parts were at other times: what they held at the process's peak is their part in it. */
  MsFigureKind part = figure == MS_FIGURE_PEAK_BYTES ? MS_FIGURE_BYTES_AT_PROCESS_PEAK : figure;
  gint64 whole = ms_change_get_difference (&self->totals.changes[figure]);
  g_autofree guint *rows = NULL;
  guint n_rows;

  if (whole == 0)
    return NULL;
  rows = ms_comparison_rank (self, MS_COMPARED_SITES, part, 0, &n_rows);
  for (guint i = 0; i < n_rows; i++)
    {
      const MsComparedRow *row = ms_comparison_get_row (self, MS_COMPARED_SITES, rows[i]);

      if ((ms_change_get_difference (&row->changes[part]) > 0) == (whole > 0))
        return row;
    }
  return NULL;
}
