/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-verdicts.h"

#include "ms-anomalies.h"
#include "ms-bottlenecks.h"
#include "ms-correlation.h"
#include "ms-findings.h"
#include "ms-headline.h"
#include "ms-mapping-names.h"
#include "ms-memory-split.h"
#include "ms-report-lines.h"
#include "ms-sample-points.h"
#include "ms-terminal-text.h"

#define LEADERS 3U

/* --- what holds it up, what is out of the ordinary --- */

static void
append_evidence (GString *out, const MsTerminal *terminal, const GArray *evidence)
{
  for (guint i = 0; evidence != NULL && i < evidence->len; i++)
    {
      const MsEvidence *it = &g_array_index (evidence, MsEvidence, i);
      g_autofree char *value = ms_evidence_format_value (it->value, it->unit);
      g_autofree char *limit = ms_evidence_format_limit (it->threshold, it->unit);
      g_autofree char *text = g_strdup_printf ("%s: %s (limit %s)", it->label, value, limit);

      ms_report_prose (out, terminal, MS_STYLE_PLAIN, 6, text);
    }
}

static void
append_advice (GString *out, const MsTerminal *terminal, const char *recommendation)
{
  g_autofree char *text = NULL;

  if (recommendation == NULL)
    return;
  text = g_strconcat ("→ ", recommendation, NULL);
  ms_report_prose (out, terminal, MS_STYLE_PLAIN, 6, text);
}

static void
append_bottlenecks (GString *out, MsReport *report)
{
  const MsTerminal *terminal = report->terminal;
  const MsResourceJoin *resources = ms_report_get_resources (report);
  g_autoptr (MsBottleneckReport) bottlenecks =
      ms_bottlenecks_of_process (report->view, &resources->process, &resources->system,
                                 resources->threads, NULL);

  ms_report_heading (out, terminal, "Bottlenecks");
  if (bottlenecks->verdicts->len == 0)
    ms_report_remark (out, terminal, "none was found in what was measured");
  for (guint i = 0; i < bottlenecks->verdicts->len; i++)
    {
      const MsVerdict *verdict = g_ptr_array_index (bottlenecks->verdicts, i);
      g_autofree char *text =
          g_strdup_printf ("%s, severity %.1f: %s", ms_bottleneck_to_string (verdict->kind),
                           verdict->severity, verdict->text);

      ms_report_prose (out, terminal, MS_STYLE_PLAIN, 2, text);
      append_evidence (out, terminal, verdict->evidence);
      append_advice (out, terminal, verdict->recommendation);
    }
  for (guint kind = 0; kind < MS_N_BOTTLENECKS; kind++)
    if (bottlenecks->not_judged[kind] != NULL)
      {
        g_autofree char *text =
            g_strdup_printf ("%s not judged: %s", ms_bottleneck_to_string (kind),
                             bottlenecks->not_judged[kind]);

        ms_report_prose (out, terminal, MS_STYLE_DIM, 2, text);
      }
}

static void
append_anomalies (GString *out, MsReport *report)
{
  const MsTerminal *terminal = report->terminal;
  g_autoptr (GPtrArray) anomalies =
      ms_anomalies_new (report->view, report->domain, ms_report_get_resources (report)->threads,
                        NULL);
  guint n_shown = MIN (anomalies->len, report->top);

  ms_report_heading (out, terminal, "Anomalies");
  if (anomalies->len == 0)
    ms_report_remark (out, terminal, "there were none");
  for (guint i = 0; i < n_shown; i++)
    {
      const MsAnomaly *anomaly = g_ptr_array_index (anomalies, i);
      g_autofree char *start = ms_format_duration (anomaly->start_ns);
      g_autofree char *end = ms_format_duration (anomaly->end_ns);
      g_autofree char *text =
          g_strdup_printf ("%s, %s to %s: %s", ms_anomaly_to_string (anomaly->kind), start, end,
                           anomaly->text);

      ms_report_prose (out, terminal, MS_STYLE_PLAIN, 2, text);
      append_evidence (out, terminal, anomaly->evidence);
      append_advice (out, terminal, anomaly->recommendation);
    }
  if (anomalies->len > n_shown)
    g_string_append_printf (out, "  … and %u more (--json has all)\n", anomalies->len - n_shown);
}

/* --- where the memory is --- */

static char *
dup_bytes (MsMeasured value)
{
  return value.known ? ms_format_bytes ((guint64) MAX (0, value.value)) : NULL;
}

static void
append_measured (GString *out, MsReport *report, const char *label, MsMeasured value)
{
  g_autofree char *bytes = dup_bytes (value);
  g_autofree char *text = bytes != NULL
                              ? g_strdup_printf ("%s: %s", label, bytes)
                              : g_strdup_printf ("%s: not available: %s", label, value.reason);

  ms_report_prose (out, report->terminal, bytes != NULL ? MS_STYLE_PLAIN : MS_STYLE_DIM, 2, text);
}

static void
append_bounds (GString *out, MsReport *report, const char *label, MsMeasured low, MsMeasured high)
{
  g_autofree char *least = dup_bytes (low);
  g_autofree char *most = dup_bytes (high);
  g_autofree char *text = NULL;

  if (least == NULL || most == NULL)
    {
      append_measured (out, report, label, low.known ? high : low);
      return;
    }
  text = g_strdup_printf ("%s: %s to %s", label, least, most);
  ms_report_prose (out, report->terminal, MS_STYLE_PLAIN, 2, text);
}

static void
append_split (GString *out, MsReport *report)
{
  MsMemorySplit split;

  ms_memory_split_init (&split, report->view, &ms_report_get_resources (report)->process_at_end);
  ms_report_heading (out, report->terminal, "Where the memory is, at the end");
  append_measured (out, report, "requested", split.requested_bytes);
  append_measured (out, report, "requested at the peak", split.requested_peak_bytes);
  append_bounds (out, report, "held for these by malloc", split.held_low_bytes,
                 split.held_high_bytes);
  append_measured (out, report, "mapped", split.mapped_bytes);
  for (guint kind = 0; split.mapped_bytes.known && kind < MS_N_MAPPING_KINDS; kind++)
    if (split.mapped_kind_bytes[kind].known && split.mapped_kind_bytes[kind].value > 0)
      {
        g_autofree char *label = g_strdup_printf ("  of these %s", ms_mapping_kind_get_name (kind));

        append_measured (out, report, label, split.mapped_kind_bytes[kind]);
      }
  append_measured (out, report, "resident (RSS)", split.resident_bytes);
  append_measured (out, report, "  of these anonymous", split.resident_anonymous_bytes);
  append_bounds (out, report, "  anonymous beyond the heap", split.beyond_low_bytes,
                 split.beyond_high_bytes);
}

/* --- threads beside each other --- */

static char *
dup_correlation (const MsCorrelation *correlation)
{
  if (correlation->interval_low.known)
    return g_strdup_printf ("r = %.2f over %u threads, 95 %% interval %.2f to %.2f",
                            correlation->pearson, correlation->n, correlation->interval_low.value,
                            correlation->interval_high.value);
  return g_strdup_printf ("r = %.2f over %u threads, no interval: %s", correlation->pearson,
                          correlation->n, correlation->interval_low.reason);
}

/* Of the process, in the range of the report. */
static void
append_correlation_over_time (GString *out, MsReport *report)
{
  const char *reason = NULL;
  g_autoptr (GArray) points = ms_sample_points_new (report->view, NULL, report->domain, NULL,
                                                    MS_SAMPLE_POINTS_USUAL_MOST, &reason);
  MsCorrelation correlation = { 0 };
  g_autofree char *text = NULL;

  if (!ms_sample_points_correlate (points, &correlation))
    text = g_strdup_printf ("over time: not available: %s",
                            reason != NULL ? reason : correlation.refusal);
  else if (correlation.interval_low.known)
    text = g_strdup_printf ("over time: r = %.2f over %u samples, 95 %% interval %.2f to %.2f",
                            correlation.pearson, correlation.n, correlation.interval_low.value,
                            correlation.interval_high.value);
  else
    text = g_strdup_printf ("over time: r = %.2f over %u samples, no interval: %s",
                            correlation.pearson, correlation.n, correlation.interval_low.reason);
  ms_report_prose (out, report->terminal, MS_STYLE_PLAIN, 2, text);
}

static void
append_correlation (GString *out, MsReport *report)
{
  guint n_unknown = 0;
  g_autoptr (GArray) points =
      ms_thread_points_new (report->view, report->domain, ms_report_get_resources (report)->threads,
                            NULL, &n_unknown);
  MsCorrelation correlation = { 0 };
  g_autofree char *text = NULL;

  ms_report_heading (out, report->terminal, "Processor share against allocation rate");
  text = ms_thread_points_correlate (points, &correlation)
             ? dup_correlation (&correlation)
             : g_strdup_printf ("not available over %u thread%s: %s", points->len,
                                ms_plural (points->len), correlation.refusal);
  ms_report_prose (out, report->terminal, MS_STYLE_PLAIN, 2, text);
  append_correlation_over_time (out, report);
  if (n_unknown > 0)
    {
      g_autofree char *unknown =
          g_strdup_printf ("without %u thread%s whose processor time is not known", n_unknown,
                           ms_plural (n_unknown));

      ms_report_prose (out, report->terminal, MS_STYLE_DIM, 2, unknown);
    }
}

static const char *const performance_labels[MS_N_PERFORMANCES] = {
  [MS_PERFORMANCE_SCORE] = "score",
  [MS_PERFORMANCE_MEMORY_EFFICIENCY] = "memory efficiency",
  [MS_PERFORMANCE_MEMORY_RETURNED] = "memory returned",
  [MS_PERFORMANCE_CPU_EFFICIENCY] = "processor efficiency",
  [MS_PERFORMANCE_CPU_TIME] = "processor time",
  [MS_PERFORMANCE_CPU_PERCENT] = "processor share",
  [MS_PERFORMANCE_IO_OPERATIONS] = "reads and writes",
  [MS_PERFORMANCE_RUN_QUEUE_WAIT] = "waited for a processor",
  [MS_PERFORMANCE_ALLOCATION_RATE] = "allocation rate",
  [MS_PERFORMANCE_ALLOCATIONS_PER_CPU] = "allocations a second of processor time",
};

static char *
dup_value (MsPerformance kind, double value)
{
  const char *unit = ms_performance_get_unit (kind);

  if (g_str_equal (unit, "ns"))
    return ms_format_duration ((gint64) value);
  return ms_evidence_format_value (value, unit);
}

static char *
dup_leaders (MsReport *report, const GArray *scores, MsPerformance kind)
{
  guint n_known = 0;
  g_autofree guint *order = ms_rank_performance (scores, kind, &n_known);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < MIN (n_known, MIN (report->top, LEADERS)); i++)
    {
      MsMeasured value =
          ms_thread_scores_get (&g_array_index (scores, MsThreadScores, order[i]), kind);
      MsThread *thread = ms_trace_get_thread (report->trace, order[i]);
      g_autofree char *shown = dup_value (kind, value.value);

      g_string_append_printf (text, "%s%s (%u) %s", i > 0 ? ", " : "", ms_thread_get_name (thread),
                              ms_thread_get_id (thread), shown);
    }
  if (n_known == 0)
    g_string_append_printf (text, "not available: %s",
                            scores->len > 0
                                ? ms_thread_scores_get (&g_array_index (scores, MsThreadScores, 0),
                                                        kind)
                                      .reason
                                : "there are no threads");
  return g_string_free (text, FALSE);
}

static void
append_rankings (GString *out, MsReport *report)
{
  const GArray *scores = ms_report_get_all_scores (report);

  ms_report_heading (out, report->terminal, "Leading threads");
  for (guint kind = 0; kind < MS_N_PERFORMANCES; kind++)
    {
      g_autofree char *leaders = dup_leaders (report, scores, kind);
      g_autofree char *text = g_strdup_printf ("%s: %s", performance_labels[kind], leaders);

      ms_report_prose (out, report->terminal, MS_STYLE_PLAIN, 2, text);
    }
}

/* @names NULL: those that need none. */
static GPtrArray *
find_findings (MsReport *report, MsFrameNames *names)
{
  return ms_findings_new (report->view, report->domain, names,
                          &ms_report_get_resources (report)->process, NULL, report->cancellable);
}

static void
append_findings (GString *out, MsReport *report, MsFrameNames *names)
{
  g_autoptr (GPtrArray) findings = find_findings (report, names);

  ms_report_heading (out, report->terminal, "What stands out");
  for (guint i = 0; i < findings->len; i++)
    {
      const MsFinding *finding = g_ptr_array_index (findings, i);

      ms_report_prose (out, report->terminal, MS_STYLE_PLAIN, 2, finding->text);
      ms_report_prose (out, report->terminal, MS_STYLE_DIM, 4, finding->recommendation);
    }
  if (findings->len == 0)
    ms_report_prose (out, report->terminal, MS_STYLE_PLAIN, 2, "nothing");
}

void
ms_report_outside_heap_append (GString *out, MsReport *report)
{
  g_autoptr (GPtrArray) findings = find_findings (report, NULL);

  for (guint i = 0; i < findings->len; i++)
    {
      const MsFinding *finding = g_ptr_array_index (findings, i);

      if (g_str_equal (finding->code, "memory_outside_heap"))
        ms_report_prose (out, report->terminal, MS_STYLE_BOLD, 0, finding->text);
    }
}

void
ms_report_verdicts_append (GString *out, MsReport *report)
{
  MsFrameNames *names = ms_report_get_names (report);
  g_autoptr (MsHeadline) headline = NULL;

  if (names == NULL)
    return; /* cancelled */
  headline = ms_headline_new (report->view, report->domain, names, report->cancellable);
  ms_report_heading (out, report->terminal, "In one sentence");
  ms_report_prose (out, report->terminal, MS_STYLE_PLAIN, 2,
                   headline != NULL ? headline->text : "nothing was allocated");
  append_findings (out, report, names);
  append_bottlenecks (out, report);
  append_anomalies (out, report);
  append_split (out, report);
  append_correlation (out, report);
  append_rankings (out, report);
}
