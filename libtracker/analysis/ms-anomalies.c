/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-anomalies.h"

#include <string.h>

#include "ms-anomaly-rules.h"

#define GROWTH_BINS 64
#define RISE_BINS 256

typedef struct {
  MsView *view;
  MsTrace *trace;
  MsDomain domain;
  const MsAnalysisSettings *settings;
  gint64 start_ns, length_ns;
  GPtrArray *found;
} Search;

const char *
ms_anomaly_to_string (MsAnomalyKind kind)
{
  static const char *const names[MS_N_ANOMALIES] = { "growth", "rise", "unlike_peers" };

  g_return_val_if_fail ((guint) kind < MS_N_ANOMALIES, NULL);
  return names[kind];
}

static void
anomaly_free (gpointer data)
{
  MsAnomaly *self = data;

  g_array_unref (self->evidence);
  g_free (self->text);
  g_free (self);
}

static MsAnomaly *
add_anomaly (Search *search, MsAnomalyKind kind, MsThread *thread, gint64 start_ns, gint64 end_ns)
{
  static const char *const advice[MS_N_ANOMALIES] = {
    "If the program does the same work over and over, something keeps what it no longer needs: "
    "look at "
    "what was live at the end, by call stack.",
    "Choose this stretch of time and look at the call stacks that allocated in it.",
    "Compare its call stacks with those of one of the others.",
  };
  MsAnomaly *self = g_new0 (MsAnomaly, 1);

  self->kind = kind;
  self->thread_id = thread != NULL ? (gint) ms_thread_get_id (thread) : -1;
  self->start_ns = start_ns;
  self->end_ns = end_ns;
  self->evidence = g_array_new (FALSE, FALSE, sizeof (MsEvidence));
  self->recommendation = advice[kind];
  g_ptr_array_add (search->found, self);
  return self;
}

static void
add_evidence (MsAnomaly *self,
              const char *name,
              const char *label,
              const char *unit,
              double value,
              double threshold)
{
  MsEvidence evidence = { name, label, unit, value, threshold };

  g_array_append_val (self->evidence, evidence);
}

/* The time at the begin of point @point of @n. */
static gint64
time_of (const Search *search, guint point, guint n)
{
  return search->start_ns + (gint64) ((double) search->length_ns * point / n);
}

/* --- growth ------------------------------------------------------------------------------------- */

/* The whole points of a thread's life; of the process all.  The first and the last point of a life have
 * time before or after it in them. */
static void
points_of_life (const Search *search, MsThread *thread, guint *first, guint *end)
{
  double per_point = (double) search->length_ns / GROWTH_BINS;
  gint64 end_ns = thread != NULL ? ms_thread_get_end_ns (thread) : MS_TIME_NONE;

  *first = 0;
  *end = GROWTH_BINS;
  if (thread == NULL || per_point <= 0)
    return;
  if (ms_thread_get_start_ns (thread) > search->start_ns)
    *first =
        (guint) ((double) (ms_thread_get_start_ns (thread) - search->start_ns) / per_point) + 1;
  if (end_ns != MS_TIME_NONE && end_ns < search->start_ns + search->length_ns)
    *end = (guint) (MAX (0, (double) (end_ns - search->start_ns)) / per_point);
  *end = MIN (*end, GROWTH_BINS);
  *first = MIN (*first, *end);
}

static void
find_growth (Search *search, MsThread *thread)
{
  guint64 max[GROWTH_BINS], min[GROWTH_BINS];
  double floor[GROWTH_BINS], peak = 0, seconds;
  g_autofree char *bytes = NULL, *rate = NULL;
  MsAnomaly *anomaly;
  MsGrowth growth;
  guint first, end;

  points_of_life (search, thread, &first, &end);
  ms_view_get_live_series (search->view, thread, search->domain, GROWTH_BINS, max, min);
  for (guint i = 0; i < GROWTH_BINS; i++)
    {
      floor[i] = (double) min[i];
      peak = MAX (peak, (double) max[i]);
    }
  if (!ms_growth_find (floor + first, end - first, peak, search->settings, &growth))
    return;
  anomaly = add_anomaly (search, MS_ANOMALY_GROWTH, thread, time_of (search, first, GROWTH_BINS),
                         time_of (search, end, GROWTH_BINS));
  seconds = (double) search->length_ns / GROWTH_BINS / 1e9;
  add_evidence (anomaly, "growth_bytes", "more at the end than at the start", "bytes", growth.bytes,
                search->settings->growth_bytes);
  add_evidence (anomaly, "growth_percent_of_peak", "of the peak", "percent",
                100 * growth.bytes / peak, search->settings->growth_percent);
  add_evidence (anomaly, "growth_bytes_per_second", "median slope", "bytes/s",
                growth.slope_per_step / seconds, 0);
  add_evidence (anomaly, "trend_z", "standard deviations of the trend test", "", growth.z,
                growth.least_z);
  bytes = ms_evidence_format_value (growth.bytes, "bytes");
  rate = ms_evidence_format_value (growth.slope_per_step / seconds, "bytes/s");
  anomaly->text = g_strdup_printf (
      "%s%s holds ever more: its lowest live bytes rise by %s, %s, and do not come back.",
      thread != NULL ? "Thread " : "The process", thread != NULL ? ms_thread_get_name (thread) : "",
      bytes, rate);
}

/* Only threads that held enough to grow by what counts. */
static void
find_growths (Search *search)
{
  find_growth (search, NULL);
  for (guint i = 0; i < ms_trace_get_n_threads (search->trace); i++)
    {
      const MsTotals *totals = ms_view_get_thread_totals (search->view, i, search->domain);
      MsThread *thread = ms_trace_get_thread (search->trace, i);

      if (ms_thread_is_tracked (thread)
          && (double) totals->allocated_bytes >= search->settings->growth_bytes)
        find_growth (search, thread);
    }
}

/* --- rises -------------------------------------------------------------------------------------- */

static double
sum_of_points (const guint64 *bytes, const MsRise *rise)
{
  double sum = 0;

  for (guint i = rise->first; i < rise->end; i++)
    sum += (double) bytes[i];
  return sum;
}

/* The thread that allocated most in @rise, or NULL. */
static MsThread *
find_cause (const Search *search, const MsRise *rise, double *share)
{
  MsThread *cause = NULL;
  double most = 0;

  for (guint i = 0; i < ms_trace_get_n_threads (search->trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (search->trace, i);
      guint64 bytes[RISE_BINS];
      double sum;

      /* Who allocated less than the largest so far altogether is not asked. */
      if ((double) ms_view_get_thread_totals (search->view, i, search->domain)->allocated_bytes
          <= most)
        continue;
      ms_view_get_allocated_series (search->view, thread, search->domain, RISE_BINS, bytes);
      sum = sum_of_points (bytes, rise);
      if (sum > most)
        {
          most = sum;
          cause = thread;
        }
    }
  *share = rise->bytes > 0 ? 100 * most / rise->bytes : 0;
  return cause;
}

static void
report_rise (Search *search, const MsRise *rise)
{
  double share = 0, seconds = (double) search->length_ns / RISE_BINS / 1e9;
  MsThread *cause = find_cause (search, rise, &share);
  MsAnomaly *anomaly =
      add_anomaly (search, MS_ANOMALY_RISE, cause, time_of (search, rise->first, RISE_BINS),
                   time_of (search, rise->end, RISE_BINS));
  g_autofree char *bytes = ms_evidence_format_value (rise->bytes, "bytes");
  g_autofree char *usual = ms_evidence_format_value (rise->usual / seconds, "bytes/s");
  g_autofree char *highest = ms_evidence_format_value (rise->highest / seconds, "bytes/s");
  g_autofree char *part = ms_evidence_format_value (share, "percent");

  add_evidence (anomaly, "rise_bytes", "allocated in it", "bytes", rise->bytes,
                search->settings->rise_bytes);
  add_evidence (anomaly, "rise_bytes_per_second", "allocated a second", "bytes/s",
                rise->highest / seconds, search->settings->rise_ratio * rise->rest / seconds);
  add_evidence (anomaly, "rise_score", "robust deviations from the median", "", rise->score,
                search->settings->rise_score);
  anomaly->text =
      g_strdup_printf ("%s were allocated at once, at up to %s where %s are usual; %s of it by %s.",
                       bytes, highest, usual, part,
                       cause != NULL ? ms_thread_get_name (cause) : "no thread");
}

static void
find_rises (Search *search)
{
  guint64 bytes[RISE_BINS];
  double values[RISE_BINS];
  g_autoptr (GArray) rises = NULL;

  ms_view_get_allocated_series (search->view, NULL, search->domain, RISE_BINS, bytes);
  for (guint i = 0; i < RISE_BINS; i++)
    values[i] = (double) bytes[i];
  rises = ms_rises_find (values, RISE_BINS, search->settings);
  for (guint i = 0; i < rises->len; i++)
    report_rise (search, &g_array_index (rises, MsRise, i));
}

/* --- peers -------------------------------------------------------------------------------------- */

/* "worker-12" is a "worker-". */
static char *
stem_of (const char *name)
{
  gsize length = strlen (name);

  while (length > 0 && g_ascii_isdigit (name[length - 1]))
    length--;
  return g_strndup (name, length);
}

/* Indices of the tracked threads of each stem. (transfer full) */
static GHashTable *
group_threads (const Search *search)
{
  GHashTable *groups =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);

  for (guint i = 0; i < ms_trace_get_n_threads (search->trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (search->trace, i);
      char *stem = NULL;
      GArray *group;

      if (!ms_thread_is_tracked (thread))
        continue;
      stem = stem_of (ms_thread_get_name (thread));
      group = g_hash_table_lookup (groups, stem);
      if (group == NULL)
        g_hash_table_insert (groups, g_strdup (stem),
                             group = g_array_new (FALSE, FALSE, sizeof (guint)));
      g_array_append_val (group, i);
      g_free (stem);
    }
  return groups;
}

typedef enum { PEAK, RATE, N_FIGURES } PeerFigure;

static double
peer_figure (const Search *search, guint index, PeerFigure figure)
{
  const MsTotals *totals = ms_view_get_thread_totals (search->view, index, search->domain);
  MsThread *thread = ms_trace_get_thread (search->trace, index);
  gint64 end_ns = ms_thread_get_end_ns (thread), life_ns;

  if (figure == PEAK)
    return (double) totals->peak_bytes;
  end_ns = MIN (end_ns == MS_TIME_NONE ? G_MAXINT64 : end_ns, search->start_ns + search->length_ns);
  life_ns = end_ns - MAX (ms_thread_get_start_ns (thread), search->start_ns);
  return life_ns > 0 ? (double) totals->allocated_bytes * 1e9 / (double) life_ns : 0;
}

static void
compare_peers (Search *search, const char *stem, const GArray *group, PeerFigure figure)
{
  static const struct {
    const char *name, *label, *unit, *words;
  } figures[N_FIGURES] = {
    { "peak_bytes", "at its peak", "bytes", "holds" },
    { "bytes_per_second", "allocated a second", "bytes/s", "allocates" },
  };
  g_autofree double *values = g_new (double, group->len);
  g_autofree double *scores = g_new (double, group->len);
  double usual;

  for (guint i = 0; i < group->len; i++)
    values[i] = peer_figure (search, g_array_index (group, guint, i), figure);
  if (ms_peers_find (values, group->len, search->settings, scores, &usual) == 0)
    return;
  for (guint i = 0; i < group->len; i++)
    {
      MsThread *thread = ms_trace_get_thread (search->trace, g_array_index (group, guint, i));
      g_autofree char *value = ms_evidence_format_value (values[i], figures[figure].unit);
      g_autofree char *middle = ms_evidence_format_value (usual, figures[figure].unit);
      MsAnomaly *anomaly;

      /* What nobody would talk about is not worth a difference either. */
      if (scores[i] == 0.0 || MAX (values[i], usual) < search->settings->finding_bytes)
        continue;
      anomaly = add_anomaly (search, MS_ANOMALY_UNLIKE_PEERS, thread, search->start_ns,
                             search->start_ns + search->length_ns);
      add_evidence (anomaly, figures[figure].name, figures[figure].label, figures[figure].unit,
                    values[i], usual);
      add_evidence (anomaly, "peer_score", "robust deviations from its peers", "", scores[i],
                    scores[i] > 0 ? search->settings->peer_score : -search->settings->peer_score);
      anomaly->text =
          g_strdup_printf ("Thread %s %s %s; the usual one of the %u threads named %s… %s %s.",
                           ms_thread_get_name (thread), figures[figure].words, value, group->len,
                           stem, figures[figure].words, middle);
    }
}

static void
find_odd_ones (Search *search)
{
  g_autoptr (GHashTable) groups = group_threads (search);
  g_autoptr (GList) stems = g_list_sort (g_hash_table_get_keys (groups), (GCompareFunc) strcmp);

  for (GList *l = stems; l != NULL; l = l->next)
    {
      const GArray *group = g_hash_table_lookup (groups, l->data);

      /* The peaks of threads in a range are not in its totals. */
      if (!ms_view_is_filtered (search->view))
        compare_peers (search, l->data, group, PEAK);
      compare_peers (search, l->data, group, RATE);
    }
}

/* --- all ---------------------------------------------------------------------------------------- */

static int
compare_anomalies (gconstpointer a, gconstpointer b)
{
  const MsAnomaly *x = *(MsAnomaly *const *) a, *y = *(MsAnomaly *const *) b;
  double left, right;

  if (x->kind != y->kind)
    return (int) x->kind - (int) y->kind;
  if ((x->thread_id < 0) != (y->thread_id < 0))
    return x->thread_id < 0 ? -1 : 1;
  left = g_array_index (x->evidence, MsEvidence, 0).value;
  right = g_array_index (y->evidence, MsEvidence, 0).value;
  if (left > right || left < right)
    return left > right ? -1 : 1;
  return x->thread_id - y->thread_id;
}

GPtrArray *
ms_anomalies_new (MsView *view, MsDomain domain, const MsAnalysisSettings *settings)
{
  MsAnalysisSettings defaults;
  Search search = {
    .view = view,
    .trace = ms_view_get_trace (view),
    .domain = domain,
    .settings = settings,
    .start_ns = ms_view_get_start_ns (view),
    .length_ns = ms_view_get_end_ns (view) - ms_view_get_start_ns (view),
    .found = g_ptr_array_new_with_free_func (anomaly_free),
  };

  if (settings == NULL)
    {
      ms_analysis_settings_init (&defaults);
      search.settings = &defaults;
    }
  find_growths (&search);
  find_rises (&search);
  find_odd_ones (&search);
  g_ptr_array_sort (search.found, compare_anomalies);
  return search.found;
}
