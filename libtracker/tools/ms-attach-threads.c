/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-attach-threads.h"

#include "ms-table.h"
#include "ms-terminal-text.h"
#include "trk-resource-fields.h"

#define MAX_ROWS 20U
/* In a line: a program may have had a million threads, and each half second has its line. */
#define MAX_LISTED 1000U
#define NOW_NS G_GINT64_CONSTANT (1000000000)

/* --- which ---------------------------------------------------------------------------------------- */

static const MsTotals *
get_totals (MsTrace *trace, MsThread *thread)
{
  return ms_thread_get_totals (thread, ms_trace_get_main_domain (trace));
}

static gint
compare_live (gconstpointer a, gconstpointer b, gpointer trace)
{
  MsThread *x = ms_trace_get_thread (trace, *(const guint *) a);
  MsThread *y = ms_trace_get_thread (trace, *(const guint *) b);
  const MsTotals *of_x = get_totals (trace, x), *of_y = get_totals (trace, y);

  if (of_x->live_bytes != of_y->live_bytes)
    return of_x->live_bytes > of_y->live_bytes ? -1 : 1;
  /* In a ring nobody knows. */
  if (of_x->allocated_bytes != of_y->allocated_bytes)
    return of_x->allocated_bytes > of_y->allocated_bytes ? -1 : 1;
  return ms_thread_get_id (x) < ms_thread_get_id (y) ? -1 : 1;
}

/* Most live bytes first. (transfer full) (element-type guint) */
static GArray *
sort_threads (MsTrace *trace)
{
  GArray *indices = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    g_array_append_val (indices, i);
  g_array_sort_with_data (indices, compare_live, trace);
  return indices;
}

static gint
compare_index (gconstpointer a, gconstpointer b)
{
  guint x = *(const guint *) a, y = *(const guint *) b;

  return x < y ? -1 : x > y;
}

static gboolean
has_ended (MsThread *thread)
{
  return ms_thread_get_end_ns (thread) != MS_TIME_NONE;
}

guint
ms_attach_threads_count_living (MsTrace *trace)
{
  guint n = 0;

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    n += !has_ended (ms_trace_get_thread (trace, i));
  return n;
}

gboolean
ms_attach_threads_are_recorded (MsTrace *trace)
{
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    if (ms_thread_is_tracked (ms_trace_get_thread (trace, i)))
      return TRUE;
  return FALSE;
}

/* --- what they compute ---------------------------------------------------------------------------- */

/* Of a source of samples: its first and last reading of processor time in the last second. */
typedef struct {
  gint64 first_ns, last_ns; /* equal: there are no two */
  guint64 first, last;
} Now;

typedef struct {
  gint64 from_ns;
  Now *by_source;
} Look;

static void
visit (guint source, const MsResourceSample *sample, gpointer data)
{
  const Look *self = data;
  Now *now = &self->by_source[source];
  const guint32 bit = 1U << TRK_THREAD_CPU_NS;

  if (sample->time_ns < self->from_ns || !(sample->present & bit))
    return;
  now->last_ns = sample->time_ns;
  now->last = sample->values[TRK_THREAD_CPU_NS];
  /* The first one that is visited is always broken. */
  if (now->first_ns != 0 && !(sample->broken & bit))
    return;
  now->first_ns = now->last_ns;
  now->first = now->last;
}

/* By number of source; NULL: there are no samples, or the program has ended. (transfer full) (nullable) */
static Now *
look_now (MsTrace *trace)
{
  MsResources *resources = ms_trace_get_resources (trace);
  guint n_sources = resources != NULL ? ms_resources_get_n_sources (resources) : 0;
  MsState state = ms_trace_get_state (trace);
  gint64 last_ns = 0;
  Look self;

  if (state == MS_STATE_EXITED || state == MS_STATE_KILLED)
    return NULL;
  for (guint i = 0; i < n_sources; i++)
    {
      const MsResourceSource *source = ms_resources_get_source (resources, i);

      if (source->kind == TRK_RESOURCE_THREAD && source->n_samples > 0)
        last_ns = MAX (last_ns, source->last_ns);
    }
  if (last_ns == 0)
    return NULL;
  self = (Look) { last_ns - NOW_NS, g_new0 (Now, n_sources) };
  ms_resources_visit (resources, MS_RESOURCE_ALL, self.from_ns, last_ns, visit, &self);
  return self.by_source;
}

/* In percent of one core.  FALSE: it has ended, or nobody looked. */
static gboolean
get_cpu (MsTrace *trace, const Now *by_source, MsThread *thread, double *percent)
{
  const Now *now;
  guint source;

  if (by_source == NULL || has_ended (thread)
      || !ms_resources_find_thread (ms_trace_get_resources (trace), ms_thread_get_id (thread),
                                    &source))
    return FALSE;
  now = &by_source[source];
  if (now->last_ns <= now->first_ns || now->last < now->first)
    return FALSE;
  *percent = 100 * (double) (now->last - now->first) / (double) (now->last_ns - now->first_ns);
  *percent = MIN (*percent, 100);
  return TRUE;
}

/* --- for people ----------------------------------------------------------------------------------- */

static char *
format_known (gboolean is_known, guint64 n_bytes)
{
  return is_known ? ms_format_bytes (n_bytes) : g_strdup ("–");
}

static const char *
describe (MsThread *thread)
{
  if (has_ended (thread))
    return "ended";
  return ms_thread_is_tracked (thread) ? "" : "not recorded";
}

static void
add_row (MsTable *table, MsTrace *trace, const Now *now, guint index)
{
  MsThread *thread = ms_trace_get_thread (trace, index);
  const MsTotals *totals = get_totals (trace, thread);
  gboolean is_recorded = ms_thread_is_tracked (thread);
  gboolean has_live = is_recorded && ms_trace_why_no_live (trace) == NULL;
  double percent;

  ms_table_add (table, MS_STYLE_PLAIN, g_strdup_printf ("%u", ms_thread_get_id (thread)));
  ms_table_add (table, MS_STYLE_BOLD, g_strdup (ms_thread_get_name (thread)));
  ms_table_add (table, MS_STYLE_PLAIN,
                get_cpu (trace, now, thread, &percent) ? g_strdup_printf ("%.0f %%", percent)
                                                       : g_strdup ("–"));
  ms_table_add (table, MS_STYLE_PLAIN, format_known (has_live, totals->live_bytes));
  ms_table_add (table, MS_STYLE_PLAIN, format_known (has_live, totals->peak_bytes));
  ms_table_add (table, MS_STYLE_PLAIN,
                is_recorded ? ms_format_count (totals->allocations) : g_strdup ("–"));
  ms_table_add (table, MS_STYLE_DIM, g_strdup (describe (thread)));
}

void
ms_attach_threads_print (MsTrace *trace, const MsTerminal *terminal, GString *out)
{
  static const MsColumn columns[] = { { "id", TRUE, FALSE, 0 },   { "thread", FALSE, TRUE, 0 },
                                      { "CPU", TRUE, FALSE, 2 },  { "live", TRUE, FALSE, 0 },
                                      { "peak", TRUE, FALSE, 1 }, { "allocations", TRUE, FALSE, 3 },
                                      { "", FALSE, FALSE, 4 } };
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GArray) indices = sort_threads (trace);
  g_autofree Now *now = look_now (trace);
  guint64 n_more;

  for (guint i = 0; i < MIN (indices->len, MAX_ROWS); i++)
    add_row (table, trace, now, g_array_index (indices, guint, i));
  ms_table_print (table, terminal, out);
  n_more = indices->len - MIN (indices->len, MAX_ROWS) + ms_trace_get_n_forgotten_threads (trace);
  if (n_more > 0)
    g_string_append_printf (out, "  and %" G_GUINT64_FORMAT " more thread%s\n", n_more,
                            n_more == 1 ? "" : "s");
}

/* --- for scripts ---------------------------------------------------------------------------------- */

static void
write_known (MsJsonWriter *json, const char *key, gboolean is_known, guint64 value)
{
  ms_json_writer_key (json, key);
  if (is_known)
    ms_json_writer_uint (json, value);
  else
    ms_json_writer_null (json);
}

void
ms_attach_totals_write (MsTrace *trace,
                        const MsTotals *totals,
                        gboolean is_recorded,
                        MsJsonWriter *json)
{
  gboolean has_live = is_recorded && ms_trace_why_no_live (trace) == NULL;

  write_known (json, "live_bytes", has_live, totals->live_bytes);
  write_known (json, "peak_bytes", has_live, totals->peak_bytes);
  write_known (json, "allocations", is_recorded, totals->allocations);
  write_known (json, "deallocations", is_recorded, totals->deallocations);
}

static void
write_thread (MsTrace *trace, const Now *now, guint index, MsJsonWriter *json)
{
  MsThread *thread = ms_trace_get_thread (trace, index);
  gboolean is_recorded = ms_thread_is_tracked (thread);
  double percent;

  ms_json_writer_begin_object (json);
  write_known (json, "id", TRUE, ms_thread_get_id (thread));
  write_known (json, "tid", ms_thread_get_tid (thread) > 0, (guint64) ms_thread_get_tid (thread));
  ms_json_writer_key (json, "name");
  ms_json_writer_string (json, ms_thread_get_name (thread));
  ms_json_writer_key (json, "tracked");
  ms_json_writer_boolean (json, is_recorded);
  ms_json_writer_key (json, "ended");
  ms_json_writer_boolean (json, has_ended (thread));
  ms_json_writer_key (json, "cpu_percent");
  if (get_cpu (trace, now, thread, &percent))
    ms_json_writer_double (json, percent);
  else
    ms_json_writer_null (json);
  ms_attach_totals_write (trace, get_totals (trace, thread), is_recorded, json);
  ms_json_writer_end_object (json);
}

void
ms_attach_threads_write (MsTrace *trace, MsJsonWriter *json)
{
  g_autoptr (GArray) indices = sort_threads (trace);
  g_autofree Now *now = look_now (trace);

  write_known (json, "n_threads", TRUE, indices->len + ms_trace_get_n_forgotten_threads (trace));
  write_known (json, "n_living_threads", TRUE, ms_attach_threads_count_living (trace));
  g_array_set_size (indices, MIN (indices->len, MAX_LISTED));
  g_array_sort (indices, compare_index);
  ms_json_writer_key (json, "threads");
  ms_json_writer_begin_array (json);
  for (guint i = 0; i < indices->len; i++)
    write_thread (trace, now, g_array_index (indices, guint, i), json);
  ms_json_writer_end_array (json);
}
