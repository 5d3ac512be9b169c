/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-anomalies.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "ms-anomaly-rules.h"
#include "ms-statistics.h"

#define GROWTH_BINS 64
#define RISE_BINS 256
#define SHORTEST_RATE_NS G_GINT64_CONSTANT (100000000) /* less of a life has no rate to compare */

typedef struct {
  MsView *view;
  MsTrace *trace;
  MsDomain domain;
  const MsThreadResources *resources; /* by index of thread; NULL: not measured */
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
  ms_sentence_free (self->sentence);
  g_free (self);
}

static MsAnomaly *
add_anomaly (Search *search, MsAnomalyKind kind, MsThread *thread, gint64 start_ns, gint64 end_ns)
{
  static const char *const advice[MS_N_ANOMALIES] = {
    NC_ ("recommendation",
         "If the program does the same work over and over, something keeps what it no longer "
         "needs: look at what was live at the end, by call stack."),
    NC_ ("recommendation",
         "Choose this stretch of time and look at the call stacks that allocated in it."),
    NC_ ("recommendation", "Compare its call stacks with those of one of the others."),
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

/* Takes @sentence, which is complete. */
static void
say (MsAnomaly *self, MsSentence *sentence)
{
  self->sentence = sentence;
  self->text = ms_sentence_write (sentence, NULL);
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

static MsSentence *
new_growth_sentence (MsThread *thread, gboolean is_freed)
{
  MsSentence *sentence;

  if (thread == NULL)
    return is_freed
               ? ms_sentence_new ("anomaly",
                                  "The process holds ever more: its lowest live bytes rise by %s, "
                                  "%s, and are freed at the end only.")
               : ms_sentence_new ("anomaly",
                                  "The process holds ever more: its lowest live bytes rise by %s, "
                                  "%s, and do not come back.");
  sentence = is_freed
                 ? ms_sentence_new ("anomaly",
                                    "Thread %s holds ever more: its lowest live bytes rise by %s, "
                                    "%s, and are freed only when the thread ends, or later.")
                 : ms_sentence_new ("anomaly",
                                    "Thread %s holds ever more: its lowest live bytes rise by %s, "
                                    "%s, and do not come back.");
  ms_sentence_add_name (sentence, ms_thread_get_name (thread));
  return sentence;
}

static void
find_growth (Search *search, MsThread *thread)
{
  guint64 max[GROWTH_BINS], min[GROWTH_BINS];
  double floor[GROWTH_BINS], peak = 0, seconds;
  MsSentence *sentence;
  MsAnomaly *anomaly;
  MsGrowth growth;
  gboolean is_freed;
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
  add_evidence (anomaly, "growth_bytes", NC_ ("evidence", "more at the end than at the start"),
                "bytes", growth.bytes, search->settings->growth_bytes);
  add_evidence (anomaly, "growth_percent_of_peak", NC_ ("evidence", "of the peak"), "percent",
                100 * growth.bytes / peak, search->settings->growth_percent);
  add_evidence (anomaly, "growth_bytes_per_second", NC_ ("evidence", "median slope"), "bytes/s",
                growth.slope_per_step / seconds, 0);
  add_evidence (anomaly, "trend_z", NC_ ("evidence", "standard deviations of the trend test"), "",
                growth.z, growth.least_z);
  /* By itself as it ends, in no whole stretch of its life, or by others after it. */
  is_freed = growth.is_freed_at_end || floor[GROWTH_BINS - 1] - floor[first] < growth.bytes / 2;
  sentence = new_growth_sentence (thread, is_freed);
  ms_sentence_add_value (sentence, growth.bytes, "bytes");
  ms_sentence_add_value (sentence, growth.slope_per_step / seconds, "bytes/s");
  say (anomaly, sentence);
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
  MsSentence *sentence =
      cause != NULL
          ? ms_sentence_new ("anomaly",
                             "%s were allocated at once, at up to %s where %s are usual; "
                             "%s of it by %s.")
          : ms_sentence_new ("anomaly", "%s were allocated at once, at up to %s where %s are "
                                        "usual.");

  add_evidence (anomaly, "rise_bytes", NC_ ("evidence", "allocated in it"), "bytes", rise->bytes,
                search->settings->rise_bytes);
  add_evidence (anomaly, "rise_bytes_per_second", NC_ ("evidence", "allocated a second"), "bytes/s",
                rise->highest / seconds, search->settings->rise_ratio * rise->rest / seconds);
  add_evidence (anomaly, "rise_score", NC_ ("evidence", "robust deviations from the median"), "",
                rise->score, search->settings->rise_score);
  ms_sentence_add_value (sentence, rise->bytes, "bytes");
  ms_sentence_add_value (sentence, rise->highest / seconds, "bytes/s");
  ms_sentence_add_value (sentence, rise->usual / seconds, "bytes/s");
  if (cause != NULL)
    {
      ms_sentence_add_value (sentence, share, "percent");
      ms_sentence_add_name (sentence, ms_thread_get_name (cause));
    }
  say (anomaly, sentence);
}

static void
find_rises (Search *search)
{
  guint64 bytes[RISE_BINS];
  double values[RISE_BINS];
  g_autoptr (GArray) rises = NULL;

  /* Of a ring most of the time says nothing, and what is left of it is no rise. */
  if (ms_trace_why_no_live (ms_view_get_trace (search->view)) != NULL)
    return;
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

/* Indices of the threads of each stem: those that the view leaves out would all have nothing. (transfer full) */
static GHashTable *
group_threads (const Search *search)
{
  GHashTable *groups =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);

  for (guint i = 0; i < ms_trace_get_n_threads (search->trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (search->trace, i);
      g_autofree char *stem = stem_of (ms_thread_get_name (thread));
      GArray *group = g_hash_table_lookup (groups, stem);

      if (!ms_filter_has_thread (ms_view_get_filter (search->view), ms_thread_get_id (thread)))
        continue;
      if (group == NULL)
        g_hash_table_insert (groups, g_steal_pointer (&stem),
                             group = g_array_new (FALSE, FALSE, sizeof (guint)));
      g_array_append_val (group, i);
    }
  return groups;
}

typedef enum { PEAK, RATE, CPU, IO, WAIT, N_FIGURES } PeerFigure;

static const struct {
  const char *name, *label, *unit;
} PEER_FIGURES[N_FIGURES] = {
  [PEAK] = { "peak_bytes", NC_ ("evidence", "at its peak"), "bytes" },
  [RATE] = { "bytes_per_second", NC_ ("evidence", "allocated a second"), "bytes/s" },
  [CPU] = { "cpu_percent", NC_ ("evidence", "of one core"), "percent" },
  [IO] = { "io_operations_per_second", NC_ ("evidence", "reads and writes a second"), "1/s" },
  [WAIT] = { "run_queue_wait_percent", NC_ ("evidence", "of its life it waits for a processor"),
             "percent" },
};

/* The part of its life that is looked at. */
static gint64
life_in_view (const Search *search, MsThread *thread)
{
  gint64 end_ns = ms_thread_get_end_ns (thread);

  end_ns = MIN (end_ns == MS_TIME_NONE ? G_MAXINT64 : end_ns, search->start_ns + search->length_ns);
  return MAX (0, end_ns - MAX (ms_thread_get_start_ns (thread), search->start_ns));
}

/* @factor a second. */
static MsMeasured
per_life (MsMeasured figure, gint64 life_ns, double factor)
{
  if (figure.known)
    figure.value *= factor / ((double) life_ns / 1e9);
  return figure;
}

static MsMeasured
peer_figure (const Search *search, guint index, PeerFigure figure)
{
  const MsTotals *totals = ms_view_get_thread_totals (search->view, index, search->domain);
  MsThread *thread = ms_trace_get_thread (search->trace, index);
  gint64 life_ns = life_in_view (search, thread);

  if (figure != PEAK && life_ns < SHORTEST_RATE_NS)
    return ms_not_measured (NC_ ("not measured", "it did not live in this time"));
  if (figure == PEAK || figure == RATE)
    {
      if (!ms_thread_is_tracked (thread))
        return ms_not_measured (NC_ ("not measured", "it was not tracked"));
      return ms_measured (figure == PEAK
                              ? (double) totals->peak_bytes
                              : (double) totals->allocated_bytes * 1e9 / (double) life_ns);
    }
  if (search->resources == NULL)
    return ms_not_measured (NC_ ("not measured", "nothing was sampled"));
  if (figure == CPU)
    return search->resources[index].cpu_percent;
  if (figure == IO)
    return per_life (search->resources[index].io_operations, life_ns, 1);
  return per_life (search->resources[index].run_queue_wait_ns, life_ns, 100 / 1e9);
}

/* What nobody would talk about is not worth a difference either. */
static double
least_worth_telling (const Search *search, PeerFigure figure)
{
  switch (figure)
    {
    case CPU:
    case WAIT:
      return search->settings->peer_percent;
    case IO:
      return search->settings->peer_io_per_second;
    case PEAK:
    case RATE:
    case N_FIGURES:
    default:
      return search->settings->finding_bytes;
    }
}

/* Its parts: the thread, its figure, how many peers, what they are all called, the figure of the usual one. */
static MsSentence *
new_peer_sentence (PeerFigure figure, guint n_peers)
{
  switch (figure)
    {
    case RATE:
      return ms_sentence_new_plural ("anomaly",
                                     "Thread %s allocates %s;"
                                     " the usual one of the %s thread named %s… allocates %s.",
                                     "Thread %s allocates %s;"
                                     " the usual one of the %s threads named %s… allocates %s.",
                                     n_peers);
    case CPU:
      return ms_sentence_new_plural (
          "anomaly",
          "Thread %s uses %s of one core;"
          " the usual one of the %s thread named %s… uses %s of one core.",
          "Thread %s uses %s of one core;"
          " the usual one of the %s threads named %s… uses %s of one core.",
          n_peers);
    case IO:
      return ms_sentence_new_plural (
          "anomaly",
          "Thread %s reads and writes %s;"
          " the usual one of the %s thread named %s… reads and writes %s.",
          "Thread %s reads and writes %s;"
          " the usual one of the %s threads named %s… reads and writes %s.",
          n_peers);
    case WAIT:
      return ms_sentence_new_plural (
          "anomaly",
          "Thread %s waits for a processor %s of the time;"
          " the usual one of the %s thread named %s… waits for a processor %s of the time.",
          "Thread %s waits for a processor %s of the time;"
          " the usual one of the %s threads named %s… waits for a processor %s of the time.",
          n_peers);
    case PEAK:
    case N_FIGURES:
    default:
      return ms_sentence_new_plural ("anomaly",
                                     "Thread %s holds %s;"
                                     " the usual one of the %s thread named %s… holds %s.",
                                     "Thread %s holds %s;"
                                     " the usual one of the %s threads named %s… holds %s.",
                                     n_peers);
    }
}

static void
report_odd_one (Search *search,
                PeerFigure figure,
                const char *stem,
                guint n_peers,
                guint index,
                double value,
                double usual,
                double score)
{
  MsThread *thread = ms_trace_get_thread (search->trace, index);
  MsAnomaly *anomaly = add_anomaly (search, MS_ANOMALY_UNLIKE_PEERS, thread, search->start_ns,
                                    search->start_ns + search->length_ns);
  MsSentence *sentence = new_peer_sentence (figure, n_peers);

  add_evidence (anomaly, PEER_FIGURES[figure].name, PEER_FIGURES[figure].label,
                PEER_FIGURES[figure].unit, value, usual);
  add_evidence (anomaly, "peer_score", NC_ ("evidence", "robust deviations from its peers"), "",
                score, score > 0 ? search->settings->peer_score : -search->settings->peer_score);
  if (figure != PEAK && figure != RATE)
    anomaly->recommendation =
        NC_ ("recommendation", "See what it does in this time that the others do not: focus it.");
  ms_sentence_add_name (sentence, ms_thread_get_name (thread));
  ms_sentence_add_value (sentence, value, PEER_FIGURES[figure].unit);
  ms_sentence_add_count (sentence, n_peers);
  ms_sentence_add_name (sentence, stem);
  ms_sentence_add_value (sentence, usual, PEER_FIGURES[figure].unit);
  say (anomaly, sentence);
}

/* Of a thread that still runs, less than this is not judged: it has not done yet what the others have. */
static double
least_life_ns (const Search *search, const GArray *group)
{
  const guint *at = (const guint *) group->data;
  g_autofree double *lives = g_new (double, group->len);

  for (guint i = 0; i < group->len; i++)
    lives[i] = (double) life_in_view (search, ms_trace_get_thread (search->trace, at[i]));
  return ms_median (lives, group->len) / 2;
}

static gboolean
has_just_begun (const Search *search, guint index, double least_ns)
{
  MsThread *thread = ms_trace_get_thread (search->trace, index);
  gint64 end_ns = ms_thread_get_end_ns (thread), to_ns = search->start_ns + search->length_ns;

  return (end_ns == MS_TIME_NONE || end_ns > to_ns)
         && (double) life_in_view (search, thread) < least_ns;
}

/* Those of a group of which the figure is known, against each other. */
static void
compare_peers (Search *search, const char *stem, const GArray *group, PeerFigure figure)
{
  const guint *at = (const guint *) group->data;
  g_autofree double *values = g_new (double, group->len);
  g_autofree double *scores = g_new (double, group->len);
  g_autofree guint *indices = g_new (guint, group->len);
  double least_ns = least_life_ns (search, group), usual;
  guint n = 0;

  for (guint i = 0; i < group->len; i++)
    {
      MsMeasured value = peer_figure (search, at[i], figure);

      if (!value.known || has_just_begun (search, at[i], least_ns))
        continue;
      values[n] = value.value;
      indices[n++] = at[i];
    }
  if (ms_peers_find (values, n, search->settings, scores, &usual) == 0)
    return;
  for (guint i = 0; i < n; i++)
    if (fabs (scores[i]) > 0 && MAX (values[i], usual) >= least_worth_telling (search, figure))
      report_odd_one (search, figure, stem, n, indices[i], values[i], usual, scores[i]);
}

static void
find_odd_ones (Search *search)
{
  g_autoptr (GHashTable) groups = group_threads (search);
  g_autoptr (GList) stems = g_list_sort (g_hash_table_get_keys (groups), (GCompareFunc) strcmp);

  for (GList *l = stems; l != NULL; l = l->next)
    for (PeerFigure figure = 0; figure < N_FIGURES; figure++)
      /* The peaks of threads in a range are not in its totals. */
      if (figure != PEAK || !ms_view_is_filtered (search->view))
        compare_peers (search, l->data, g_hash_table_lookup (groups, l->data), figure);
}

/* --- all ---------------------------------------------------------------------------------------- */

/* Bytes; of threads unlike their peers, whose figures are of several kinds, how far from these. */
static double
weight_of (const MsAnomaly *self)
{
  return self->kind == MS_ANOMALY_UNLIKE_PEERS
             ? fabs (g_array_index (self->evidence, MsEvidence, 1).value)
             : g_array_index (self->evidence, MsEvidence, 0).value;
}

static int
compare_anomalies (gconstpointer a, gconstpointer b)
{
  const MsAnomaly *x = *(MsAnomaly *const *) a, *y = *(MsAnomaly *const *) b;
  double left, right;

  if (x->kind != y->kind)
    return (int) x->kind - (int) y->kind;
  if ((x->thread_id < 0) != (y->thread_id < 0))
    return x->thread_id < 0 ? -1 : 1;
  left = weight_of (x);
  right = weight_of (y);
  if (left > right || left < right)
    return left > right ? -1 : 1;
  return x->thread_id - y->thread_id;
}

GPtrArray *
ms_anomalies_new (MsView *view,
                  MsDomain domain,
                  const MsThreadResources *resources,
                  const MsAnalysisSettings *settings)
{
  MsAnalysisSettings defaults;
  Search search = {
    .view = view,
    .trace = ms_view_get_trace (view),
    .domain = domain,
    .resources = resources,
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
