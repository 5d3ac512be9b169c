/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-bottlenecks.h"

#include <glib/gi18n.h>
#include <string.h>

/* Who wanted a processor for less than this share of the time does not wait for one in a way that anybody
 * would notice. */
#define LEAST_RUNNABLE 0.05

#define NOT_GIVEN NC_ ("not measured", "the recording has no resource samples")

typedef struct {
  MsBottleneck kind;
  const char *name, *label, *unit;
  MsMeasured value;
  double threshold;
} Figure;

static const struct {
  const char *name, *verdict, *advice, *thread_advice;
} kinds[MS_N_BOTTLENECKS] = {
  [MS_BOTTLENECK_CPU] = { "cpu", NC_ ("verdict", "The processor is the limit"),
                          NC_ ("recommendation",
                               "Look at the threads with the most processor time: faster code "
                               "there, or their work "
                               "spread over more threads, helps; less memory does not."),
                          NC_ ("recommendation",
                               "It computes all the time: make its work less, or split it.") },
  [MS_BOTTLENECK_MEMORY] = { "memory", NC_ ("verdict", "Memory is the limit"),
                             NC_ ("recommendation",
                                  "Hold less at the peak (the call stacks that fill it are under "
                                  "Memory), or give it "
                                  "more memory."),
                             NC_ ("recommendation",
                                  "It waits for memory to come back from disk: hold less at "
                                  "once.") },
  [MS_BOTTLENECK_IO] = { "io", NC_ ("verdict", "Input and output are the limit"),
                         NC_ ("recommendation",
                              "Read and write in larger pieces, less often, or beside the "
                              "computing."),
                         NC_ ("recommendation",
                              "Fewer, larger reads and writes; a buffer in front of them.") },
  [MS_BOTTLENECK_GPU] = { "gpu", NC_ ("verdict", "The GPU is the limit"),
                          NC_ ("recommendation",
                               "The processor waits for the GPU: less work or less data for it "
                               "helps."),
                          NC_ ("recommendation",
                               "The GPU is the limit of the process, not of one thread.") },
  [MS_BOTTLENECK_CONTENTION] = { "contention", NC_ ("verdict", "Threads wait for processors"),
                                 NC_ ("recommendation",
                                      "More threads are ready to run than there are processors "
                                      "for: fewer threads, a "
                                      "larger quota, or less beside it on the machine."),
                                 NC_ ("recommendation",
                                      "It is ready to run and others are in front of it.") },
  [MS_BOTTLENECK_BALANCED] = { "balanced", NC_ ("verdict", "Nothing measured is at its limit"),
                               NC_ ("recommendation",
                                    "There is no one thing to fix; look at the heaviest threads "
                                    "and stacks."),
                               NC_ ("recommendation", "There is no one thing to fix.") },
};

const char *
ms_bottleneck_to_string (MsBottleneck kind)
{
  g_return_val_if_fail ((guint) kind < MS_N_BOTTLENECKS, NULL);
  return kinds[kind].name;
}

/* --- figures ------------------------------------------------------------------------------------ */

static MsMeasured
percent_of (MsMeasured part, MsMeasured whole, const char *empty)
{
  MsMeasured ratio = ms_measured_ratio (part, whole, empty);

  ratio.value *= 100;
  return ratio;
}

/* Of the time in which it could have run, how much it waited. */
static MsMeasured
run_queue_percent (MsMeasured cpu_ns, MsMeasured wait_ns, gint64 length_ns)
{
  double runnable;

  if (!cpu_ns.known)
    return cpu_ns;
  if (!wait_ns.known)
    return wait_ns;
  runnable = cpu_ns.value + wait_ns.value;
  if (runnable <= 0 || runnable < LEAST_RUNNABLE * (double) length_ns)
    return ms_measured (0);
  return ms_measured (100 * wait_ns.value / runnable);
}

static MsMeasured
per_second (MsMeasured count, gint64 length_ns)
{
  if (count.known && length_ns <= 0)
    return ms_not_measured (NC_ ("not measured", "the time has no length"));
  if (count.known)
    count.value *= 1e9 / (double) length_ns;
  return count;
}

/* In use, of what there is. */
static MsMeasured
machine_memory_percent (const MsSystemResources *system)
{
  MsMeasured left = percent_of (system->memory_available_bytes, system->memory_total_bytes,
                                NC_ ("not measured", "the machine's memory is not known"));

  if (left.known)
    left.value = 100 - left.value;
  return left;
}

/* What a thread says of itself is of all of its life. */
static void
init_own (MsThreadResources *own, MsView *view, guint index)
{
  MsTrace *trace = ms_view_get_trace (view);

  if (ms_view_is_filtered (view))
    ms_thread_resources_init (own, NC_ ("not measured",
                                        "of a part of a trace it is not known without samples"));
  else
    ms_thread_resources_init_from_trace (own, trace, ms_trace_get_thread (trace, index));
}

/* The part of the view's time in which the thread lived. */
static double
share_of_time (MsView *view, MsThread *thread)
{
  gint64 start_ns = ms_view_get_start_ns (view), end_ns = ms_view_get_end_ns (view);
  gint64 thread_end_ns = ms_thread_get_end_ns (thread);
  gint64 from_ns = MAX (start_ns, ms_thread_get_start_ns (thread));
  gint64 to_ns = thread_end_ns != MS_TIME_NONE ? MIN (end_ns, thread_end_ns) : end_ns;

  return end_ns > start_ns ? (double) MAX (0, to_ns - from_ns) / (double) (end_ns - start_ns) : 0;
}

/* Of the whole time: who computes for a moment and ends is no limit. */
static MsMeasured
busiest_thread (MsView *view, const MsThreadResources *threads)
{
  MsTrace *trace = ms_view_get_trace (view);
  MsMeasured busiest = ms_not_measured (
      NC_ ("not measured",
           "the recording has no resource samples, and no thread read its processor time"));

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      MsThreadResources own;
      double percent;

      if (threads == NULL)
        init_own (&own, view, i);
      else
        own = threads[i];
      percent = own.cpu_percent.value * share_of_time (view, ms_trace_get_thread (trace, i));
      if (own.cpu_percent.known && (!busiest.known || percent > busiest.value))
        busiest = ms_measured (percent);
    }
  return busiest;
}

#define ADD(k, n, l, u, v, t) \
  G_STMT_START \
  { \
    Figure figure_ = { MS_BOTTLENECK_##k, n, l, u, v, t }; \
    g_array_append_val (figures, figure_); \
  } \
  G_STMT_END

static void
add_process_figures (GArray *figures,
                     const MsProcessResources *p,
                     const MsAnalysisSettings *s,
                     gint64 length_ns)
{
  ADD (CPU, "cpu_percent_of_available",
       NC_ ("evidence", "of the machine's processors are busy with it"), "percent",
       ms_measured_ratio (p->cpu_percent, p->available_cores,
                          NC_ ("not measured", "there are no cores")),
       s->bottleneck_cpu_percent);
  ADD (MEMORY, "major_faults_per_second", NC_ ("evidence", "pages a second come back from disk"),
       "1/s", p->major_faults_per_second, s->bottleneck_major_faults_per_second);
  ADD (MEMORY, "memory_percent_of_limit", NC_ ("evidence", "of its container's memory is in use"),
       "percent",
       percent_of (p->memory_used_bytes, p->memory_limit_bytes,
                   NC_ ("not measured", "there is no limit")),
       s->bottleneck_memory_percent);
  ADD (GPU, "gpu_busy_percent", NC_ ("evidence", "of the time its GPU is busy"), "percent",
       p->gpu_busy_percent, s->bottleneck_gpu_percent);
  ADD (CONTENTION, "run_queue_percent", NC_ ("evidence", "of their runnable time its threads wait"),
       "percent", run_queue_percent (p->cpu_ns, p->run_queue_wait_ns, length_ns),
       s->bottleneck_run_queue_percent);
  ADD (CONTENTION, "involuntary_switches_per_second",
       NC_ ("evidence", "times a second a thread had to give way"), "1/s",
       p->involuntary_switches_per_second, s->bottleneck_involuntary_switches_per_second);
  ADD (CONTENTION, "throttled_percent",
       NC_ ("evidence", "of its container's periods were throttled"), "percent",
       p->throttled_percent, s->bottleneck_throttled_percent);
}

static void
add_system_figures (GArray *figures, const MsSystemResources *m, const MsAnalysisSettings *s)
{
  ADD (MEMORY, "memory_pressure_percent", NC_ ("evidence", "of the time a task waits for memory"),
       "percent", m->memory_pressure_percent, s->bottleneck_pressure_percent);
  ADD (MEMORY, "memory_percent_of_machine", NC_ ("evidence", "of the machine's memory is in use"),
       "percent", machine_memory_percent (m), s->bottleneck_memory_percent);
  ADD (IO, "io_pressure_percent", NC_ ("evidence", "of the time a task waits for input or output"),
       "percent", m->io_pressure_percent, s->bottleneck_pressure_percent);
  ADD (IO, "disk_busy_percent", NC_ ("evidence", "of the time a disk is busy"), "percent",
       m->disk_busy_percent, s->bottleneck_disk_busy_percent);
  ADD (GPU, "gpu_memory_percent", NC_ ("evidence", "of the GPU's memory is in use"), "percent",
       percent_of (m->gpu_memory_used_bytes, m->gpu_memory_total_bytes,
                   NC_ ("not measured", "the GPU has no memory")),
       s->bottleneck_gpu_percent);
  ADD (CONTENTION, "cpu_pressure_percent",
       NC_ ("evidence", "of the time a task waits for a processor"), "percent",
       m->cpu_pressure_percent, s->bottleneck_pressure_percent);
}

static void
add_thread_figures (GArray *figures,
                    const MsThreadResources *t,
                    const MsAnalysisSettings *s,
                    gint64 length_ns)
{
  ADD (CPU, "cpu_percent", NC_ ("evidence", "of one core"), "percent", t->cpu_percent,
       s->bottleneck_thread_cpu_percent);
  ADD (MEMORY, "major_faults_per_second", NC_ ("evidence", "pages a second come back from disk"),
       "1/s", per_second (t->major_faults, length_ns), s->bottleneck_major_faults_per_second);
  ADD (IO, "io_operations_per_second", NC_ ("evidence", "reads and writes a second"), "1/s",
       per_second (t->io_operations, length_ns), s->bottleneck_thread_io_per_second);
  ADD (CONTENTION, "run_queue_percent", NC_ ("evidence", "of its runnable time it waits"),
       "percent", run_queue_percent (t->cpu_ns, t->run_queue_wait_ns, length_ns),
       s->bottleneck_run_queue_percent);
  ADD (CONTENTION, "involuntary_switches_per_second",
       NC_ ("evidence", "times a second it had to give way"), "1/s",
       per_second (t->involuntary_switches, length_ns),
       s->bottleneck_involuntary_switches_per_second);
}

/* --- verdicts ----------------------------------------------------------------------------------- */

static void
verdict_free (gpointer data)
{
  MsVerdict *verdict = data;

  g_array_unref (verdict->evidence);
  g_free (verdict->text);
  ms_sentence_free (verdict->sentence);
  g_free (verdict);
}

static MsVerdict *
verdict_new (MsBottleneck kind, gint thread_id)
{
  MsVerdict *self = g_new0 (MsVerdict, 1);

  self->kind = kind;
  self->thread_id = thread_id;
  self->evidence = g_array_new (FALSE, FALSE, sizeof (MsEvidence));
  self->recommendation = thread_id < 0 ? kinds[kind].advice : kinds[kind].thread_advice;
  return self;
}

/* A threshold of 0 is passed by anything that is there. */
static double
excess (double value, double threshold)
{
  return threshold > 0 ? value / threshold : value > 0 ? G_MAXDOUBLE : 1;
}

static int
compare_evidence (gconstpointer a, gconstpointer b)
{
  const MsEvidence *x = a, *y = b;
  double left = excess (x->value, x->threshold), right = excess (y->value, y->threshold);

  return left > right ? -1 : left < right;
}

/* "97.3 % of one core (limit 90 %)".  Of what is counted a second, the label says so. */
static MsSentence *
say_evidence (const MsEvidence *e)
{
  /* Translators: a figure, what it is of ("of one core"), and the figure from which on it is a bottleneck. */
  MsSentence *sentence = ms_sentence_new ("verdict", "%s %s (limit %s)");
  const char *unit = g_str_equal (e->unit, "1/s") ? "" : e->unit;

  ms_sentence_add_value (sentence, e->value, unit);
  ms_sentence_add_sentence (sentence, ms_sentence_new ("evidence", e->label));
  ms_sentence_add_limit (sentence, e->threshold, unit);
  return sentence;
}

static void
write_text (MsVerdict *self)
{
  MsSentence *verdict = ms_sentence_new ("verdict", kinds[self->kind].verdict);
  MsSentence *all = NULL;

  for (guint i = 0; i < self->evidence->len; i++)
    {
      MsSentence *before = all;
      MsSentence *one = say_evidence (&g_array_index (self->evidence, MsEvidence, i));

      all = one;
      if (before == NULL)
        continue;
      /* Translators: joins two figures, or those before and one more, of a list. */
      all = ms_sentence_new ("verdict", "%s, %s");
      ms_sentence_add_sentence (all, before);
      ms_sentence_add_sentence (all, one);
    }
  /* Translators: what is the limit, and the figures that say so. */
  self->sentence =
      all != NULL ? ms_sentence_new ("verdict", "%s: %s.") : ms_sentence_new ("verdict", "%s.");
  ms_sentence_add_sentence (self->sentence, verdict);
  if (all != NULL)
    ms_sentence_add_sentence (self->sentence, all);
  self->text = ms_sentence_write (self->sentence, NULL);
}

/* Nothing if no figure of @kind reaches its threshold; *@reason tells whether one was measured at all. */
static void
judge (MsBottleneckReport *self, const GArray *figures, MsBottleneck kind, gint thread_id)
{
  MsVerdict *verdict = verdict_new (kind, thread_id);
  const char *reason = NC_ ("not measured", "there is no such figure of one thread");
  gboolean judged = FALSE;

  for (guint i = 0; i < figures->len; i++)
    {
      const Figure *f = &g_array_index (figures, Figure, i);
      MsEvidence evidence = { f->name, f->label, f->unit, f->value.value, f->threshold };

      if (f->kind != kind)
        continue;
      if (!f->value.known)
        reason = f->value.reason;
      judged = judged || f->value.known;
      if (f->value.known && f->value.value >= f->threshold)
        g_array_append_val (verdict->evidence, evidence);
    }
  self->not_judged[kind] = judged ? NULL : reason;
  if (verdict->evidence->len == 0)
    {
      verdict_free (verdict);
      return;
    }
  g_array_sort (verdict->evidence, compare_evidence);
  verdict->severity = excess (g_array_index (verdict->evidence, MsEvidence, 0).value,
                              g_array_index (verdict->evidence, MsEvidence, 0).threshold);
  write_text (verdict);
  g_ptr_array_add (self->verdicts, verdict);
}

static int
compare_verdicts (gconstpointer a, gconstpointer b)
{
  const MsVerdict *x = *(MsVerdict *const *) a, *y = *(MsVerdict *const *) b;

  if (x->severity > y->severity || x->severity < y->severity)
    return x->severity > y->severity ? -1 : 1;
  return (int) x->kind - (int) y->kind;
}

static void
judge_balance (MsBottleneckReport *self, gint thread_id)
{
  static const MsBottleneck needed[] = { MS_BOTTLENECK_CPU, MS_BOTTLENECK_MEMORY, MS_BOTTLENECK_IO,
                                         MS_BOTTLENECK_CONTENTION };
  MsVerdict *verdict;

  if (self->verdicts->len > 0)
    {
      self->not_judged[MS_BOTTLENECK_BALANCED] = NC_ ("not measured", "there is a bottleneck");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (self->not_judged[needed[i]] != NULL)
      {
        self->not_judged[MS_BOTTLENECK_BALANCED] = self->not_judged[needed[i]];
        return;
      }
  verdict = verdict_new (MS_BOTTLENECK_BALANCED, thread_id);
  write_text (verdict);
  g_ptr_array_add (self->verdicts, verdict);
}

static MsBottleneckReport *
report_new (const GArray *figures, gint thread_id)
{
  MsBottleneckReport *self = g_new0 (MsBottleneckReport, 1);

  self->verdicts = g_ptr_array_new_with_free_func (verdict_free);
  for (guint kind = 0; kind < MS_BOTTLENECK_BALANCED; kind++)
    judge (self, figures, kind, thread_id);
  g_ptr_array_sort (self->verdicts, compare_verdicts);
  judge_balance (self, thread_id);
  return self;
}

MsBottleneckReport *
ms_bottlenecks_of_process (MsView *view,
                           const MsProcessResources *process,
                           const MsSystemResources *system,
                           const MsThreadResources *threads,
                           const MsAnalysisSettings *settings)
{
  g_autoptr (GArray) figures = g_array_new (FALSE, FALSE, sizeof (Figure));
  gint64 length_ns = ms_view_get_end_ns (view) - ms_view_get_start_ns (view);
  MsAnalysisSettings defaults;
  MsProcessResources no_process;
  MsSystemResources no_system;

  ms_analysis_settings_init (&defaults);
  ms_process_resources_init (&no_process, NOT_GIVEN);
  ms_system_resources_init (&no_system, NOT_GIVEN);
  settings = settings ? settings : &defaults;
  add_process_figures (figures, process ? process : &no_process, settings, length_ns);
  ADD (CPU, "busiest_thread_cpu_percent", NC_ ("evidence", "of one core for the busiest thread"),
       "percent", busiest_thread (view, threads), settings->bottleneck_thread_cpu_percent);
  add_system_figures (figures, system ? system : &no_system, settings);
  return report_new (figures, -1);
}

MsBottleneckReport *
ms_bottlenecks_of_thread (MsView *view,
                          guint index,
                          const MsThreadResources *resources,
                          const MsAnalysisSettings *settings)
{
  g_autoptr (GArray) figures = g_array_new (FALSE, FALSE, sizeof (Figure));
  MsTrace *trace = ms_view_get_trace (view);
  MsThread *thread = ms_trace_get_thread (trace, index);
  gint64 length_ns = MIN (ms_thread_life_ns (trace, thread),
                          ms_view_get_end_ns (view) - ms_view_get_start_ns (view));
  MsAnalysisSettings defaults;
  MsThreadResources own;

  ms_analysis_settings_init (&defaults);
  init_own (&own, view, index);
  add_thread_figures (figures, resources ? resources : &own, settings ? settings : &defaults,
                      length_ns);
  return report_new (figures, (gint) ms_thread_get_id (thread));
}

void
ms_bottleneck_report_free (MsBottleneckReport *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->verdicts);
  g_free (self);
}
