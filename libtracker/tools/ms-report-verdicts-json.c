/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* export/ writes each of them, so that a report and an export of a recording say the same. */
#include "ms-anomalies.h"
#include "ms-bottlenecks.h"
#include "ms-correlation-json.h"
#include "ms-findings.h"
#include "ms-headline.h"
#include "ms-json-figures.h"
#include "ms-memory-json.h"
#include "ms-rankings-json.h"
#include "ms-report-verdicts.h"
#include "ms-verdicts-json.h"

void
ms_report_verdicts_write (MsJsonWriter *writer, MsReport *report)
{
  MsFrameNames *names = ms_report_get_names (report);
  g_autoptr (MsHeadline) headline = NULL;
  g_autoptr (MsBottleneckReport) bottlenecks = NULL;
  g_autoptr (GPtrArray) anomalies = NULL, findings = NULL;
  const MsResourceJoin *resources;
  const GArray *scores = ms_report_get_all_scores (report);

  if (names == NULL)
    {
      ms_json_writer_null (writer); /* cancelled: nothing of this will be seen */
      return;
    }
  headline = ms_headline_new (report->view, report->domain, names, report->cancellable);
  resources = ms_report_get_resources (report);
  bottlenecks = ms_bottlenecks_of_process (report->view, &resources->process, &resources->system,
                                           resources->threads, NULL);
  findings = ms_findings_new (report->view, report->domain, names, &resources->process, NULL,
                              report->cancellable);
  anomalies = ms_anomalies_new (report->view, report->domain, resources->threads, NULL);
  ms_json_writer_begin_object (writer);
  ms_verdicts_json_add_headline (writer, headline, NULL);
  ms_json_add_findings (writer, "findings", findings, NULL);
  ms_verdicts_json_add_bottlenecks (writer, bottlenecks);
  ms_verdicts_json_add_anomalies (writer, anomalies, NULL);
  ms_memory_json_add_split (writer, report->view, &resources->process_at_end);
  ms_correlation_json_add (writer, report->view, report->domain, resources, NULL, report->top);
  ms_verdicts_json_add_score_parts (writer, scores);
  ms_rankings_add_performance (writer, report->view, scores);
  ms_json_writer_end_object (writer);
}
