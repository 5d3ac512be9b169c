/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The model has the cells off the diagonal; what a thread freed of its own is what was freed of its
 * blocks, less that. */
#include "ms-report-matrix.h"

#include <string.h>

#include "ms-json-figures.h"
#include "ms-report-lines.h"
#include "ms-table.h"
#include "ms-terminal-text.h"

#define MOST_LINES 40U
#define PIPED_WIDTH 200U
#define LABEL_WIDTH 18U
#define CELL_WIDTH 12U /* with its gap */
#define MOST_NAME 10U  /* columns of a name in a title */

typedef struct {
  guint id;
  guint64 bytes; /* that others freed of its own, and it of others */
} Trader;

typedef struct {
  MsReport *report;
  const MsInteraction *pairs;
  guint n_pairs;
  GHashTable *places; /* id of a thread that has a line of its own: its place in @traders, plus 1 */
  GArray *traders;    /* of Trader, most traffic first */
  guint n_lines;      /* rows, and columns, of threads; one more sums up the others */
  guint64 *cells;     /* (n_lines + 1)² */
} Matrix;

static int
compare_traders (gconstpointer a, gconstpointer b)
{
  const Trader *x = a;
  const Trader *y = b;

  if (x->bytes != y->bytes)
    return x->bytes > y->bytes ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

static void
count_traffic (Matrix *self)
{
  g_autoptr (GHashTable) bytes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  GHashTableIter iter;
  gpointer id, value;

  for (guint i = 0; i < self->n_pairs; i++)
    for (guint side = 0; side < 2; side++)
      {
        const MsInteraction *pair = &self->pairs[i];
        gpointer key = GUINT_TO_POINTER (side == 0 ? pair->alloc_thread : pair->free_thread);
        guint64 *sum = g_hash_table_lookup (bytes, key);

        if (sum == NULL)
          g_hash_table_insert (bytes, key, sum = g_new0 (guint64, 1));
        *sum += pair->bytes;
      }
  g_hash_table_iter_init (&iter, bytes);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      Trader trader = { GPOINTER_TO_UINT (id), *(guint64 *) value };

      g_array_append_val (self->traders, trader);
    }
  g_array_sort (self->traders, compare_traders);
}

/* The line of thread @id, or that of all others. */
static guint
place_of (Matrix *self, guint id)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->places, GUINT_TO_POINTER (id)));

  return place > 0 ? place - 1 : self->n_lines;
}

static guint64 *
cell (Matrix *self, guint row, guint column)
{
  return &self->cells[(gsize) row * (self->n_lines + 1) + column];
}

/* What @index freed of its own blocks. */
static guint64
own_bytes (Matrix *self, guint index, const guint64 *freed_by_others)
{
  MsReport *report = self->report;
  guint64 all = ms_view_get_thread_totals (report->view, index, report->domain)->freed_bytes_of_own;

  return all - MIN (all, freed_by_others[index]);
}

/* By index of the allocating thread. */
static guint64 *
sum_freed_by_others (MsReport *report, const MsInteraction *pairs, guint n_pairs)
{
  guint n = ms_trace_get_n_threads (report->trace);
  g_autoptr (GHashTable) indices = g_hash_table_new (NULL, NULL);
  guint64 *bytes = g_new0 (guint64, n);

  for (guint i = 0; i < n; i++)
    g_hash_table_insert (indices,
                         GUINT_TO_POINTER (
                             ms_thread_get_id (ms_trace_get_thread (report->trace, i))),
                         GUINT_TO_POINTER (i));
  for (guint i = 0; i < n_pairs; i++)
    bytes[GPOINTER_TO_UINT (
        g_hash_table_lookup (indices, GUINT_TO_POINTER (pairs[i].alloc_thread)))] += pairs[i].bytes;
  return bytes;
}

static void
fill (Matrix *self)
{
  MsReport *report = self->report;
  g_autofree guint64 *freed = sum_freed_by_others (report, self->pairs, self->n_pairs);

  for (guint i = 0; i < self->n_lines; i++)
    g_hash_table_insert (self->places,
                         GUINT_TO_POINTER (g_array_index (self->traders, Trader, i).id),
                         GUINT_TO_POINTER (i + 1));
  self->cells = g_new0 (guint64, (gsize) (self->n_lines + 1) * (self->n_lines + 1));
  for (guint i = 0; i < self->n_pairs; i++)
    *cell (self, place_of (self, self->pairs[i].alloc_thread),
           place_of (self, self->pairs[i].free_thread)) += self->pairs[i].bytes;
  for (guint i = 0; i < ms_trace_get_n_threads (report->trace); i++)
    {
      guint place = place_of (self, ms_thread_get_id (ms_trace_get_thread (report->trace, i)));

      *cell (self, place, place) += own_bytes (self, i, freed);
    }
}

static char *
dup_name (Matrix *self, guint line)
{
  MsThread *thread;
  guint id;

  if (line == self->n_lines)
    return g_strdup ("others");
  id = g_array_index (self->traders, Trader, line).id;
  thread = ms_trace_find_thread (self->report->trace, id);
  return g_strdup_printf ("%u %s", id, thread != NULL ? ms_thread_get_name (thread) : "");
}

/* The table holds its columns by reference, so that they live here. */
static void
append_table (GString *out, Matrix *self)
{
  guint n_columns = self->n_lines + 2;
  g_autofree MsColumn *columns = g_new0 (MsColumn, n_columns);
  g_autoptr (GPtrArray) titles = g_ptr_array_new_with_free_func (g_free);
  MsTable *table;

  columns[0] = (MsColumn) { "ALLOCATED BY ↓  FREED BY →", FALSE, TRUE, 0 };
  for (guint i = 0; i <= self->n_lines; i++)
    {
      g_autofree char *name = dup_name (self, i);
      g_autofree char *clean = ms_terminal_text_clean (name);

      g_ptr_array_add (titles, ms_terminal_text_shorten (clean, MOST_NAME));
      columns[i + 1] = (MsColumn) { g_ptr_array_index (titles, i), TRUE, FALSE, 0 };
    }
  table = ms_table_new (columns, n_columns);
  for (guint row = 0; row <= self->n_lines; row++)
    {
      ms_table_add (table, MS_STYLE_PLAIN, dup_name (self, row));
      for (guint column = 0; column <= self->n_lines; column++)
        {
          guint64 bytes = *cell (self, row, column);

          ms_table_add (table, row == column ? MS_STYLE_DIM : MS_STYLE_PLAIN,
                        bytes > 0 ? ms_format_bytes (bytes) : g_strdup ("–"));
        }
    }
  ms_table_print (table, self->report->terminal, out);
  ms_table_free (table);
}

void
ms_report_matrix_append (GString *out, MsReport *report)
{
  g_autoptr (GArray) traders = g_array_new (FALSE, FALSE, sizeof (Trader));
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  Matrix self = { .report = report, .traders = traders, .places = places };
  guint width = report->terminal->width == G_MAXUINT ? PIPED_WIDTH : report->terminal->width;
  guint most = width > LABEL_WIDTH + 2 * CELL_WIDTH ? (width - LABEL_WIDTH) / CELL_WIDTH - 1 : 1;

  ms_report_heading (out, report->terminal, "Who frees whose blocks (bytes freed)");
  self.pairs = ms_view_get_interactions (report->view, report->domain, &self.n_pairs);
  if (self.n_pairs == 0)
    {
      ms_report_remark (out, report->terminal, "no thread freed blocks of another");
      return;
    }
  count_traffic (&self);
  self.n_lines = MIN (traders->len, MIN (most, MIN (report->top, MOST_LINES)));
  fill (&self);
  append_table (out, &self);
  g_free (self.cells);
}

void
ms_report_matrix_write (MsJsonWriter *writer, MsReport *report)
{
  guint n_pairs = 0;
  const MsInteraction *pairs = ms_view_get_interactions (report->view, report->domain, &n_pairs);

  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (n_pairs, report->top); i++)
    {
      ms_json_writer_begin_object (writer);
      ms_json_writer_set_style (writer, MS_JSON_COMPACT);
      ms_json_writer_add_uint (writer, "alloc_thread", pairs[i].alloc_thread);
      ms_json_writer_add_uint (writer, "free_thread", pairs[i].free_thread);
      ms_json_add_estimate (writer, report->trace, "frees", pairs[i].frees,
                            pairs[i].frees_standard_error);
      ms_json_add_estimate (writer, report->trace, "bytes", pairs[i].bytes,
                            pairs[i].bytes_standard_error);
      ms_json_writer_end_object (writer);
      ms_json_writer_set_style (writer, MS_JSON_PRETTY);
    }
  ms_json_writer_end_array (writer);
}
