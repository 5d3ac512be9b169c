/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-sections.h"

#include "ms-report-growth.h"
#include "ms-report-histogram.h"
#include "ms-report-json.h"
#include "ms-report-leaks.h"
#include "ms-report-lines.h"
#include "ms-report-mappings.h"
#include "ms-report-matrix.h"
#include "ms-report-peak.h"
#include "ms-report-resources.h"
#include "ms-report-stacks.h"
#include "ms-report-threads.h"
#include "ms-report-tree.h"
#include "ms-report-verdicts.h"

static void
write_threads (MsJsonWriter *writer, MsReport *report)
{
  ms_report_threads_write (writer, report, report->domain);
}

static void
write_stacks (MsJsonWriter *writer, MsReport *report)
{
  ms_report_stacks_write (writer, report, report->domain);
}

static void
append_mappings (GString *out, MsReport *report)
{
  if (ms_trace_has_domain (report->trace, MS_DOMAIN_MAPPING))
    {
      ms_report_mappings_append (out, report);
      return;
    }
  ms_report_heading (out, report->terminal, "Mappings");
  ms_report_remark (out, report->terminal,
                    ms_trace_has_mappings (report->trace) ? "there were none"
                                                          : "they were not recorded");
}

static void
write_mappings (MsJsonWriter *writer, MsReport *report)
{
  if (ms_trace_has_domain (report->trace, MS_DOMAIN_MAPPING))
    ms_report_json_domain (writer, report, MS_DOMAIN_MAPPING);
  else
    ms_json_writer_null (writer);
}

const MsReportSection ms_report_sections[MS_N_REPORT_SECTIONS] = {
  { "threads", "threads", "the threads, with role, alert, rate, score and processor time", FALSE,
    FALSE, ms_report_threads_append, write_threads },
  { "peak", "peak", "what was live at the peak, by thread and call stack", TRUE, TRUE,
    ms_report_peak_append, ms_report_peak_write },
  { "stacks", "stacks", "the call stacks with the highest peaks, with all their frames", TRUE, TRUE,
    ms_report_stacks_append, write_stacks },
  { "tree", "tree", "the functions that held the memory at the peak, and whom they called", TRUE,
    TRUE, ms_report_tree_append, ms_report_tree_write },
  { "leaks", "leaks", "what was never freed, without the youngest, by call stack", TRUE, TRUE,
    ms_report_leaks_append, ms_report_leaks_write },
  { "temporary", "temporary", "where blocks are made that the thread's next operation frees", TRUE,
    TRUE, ms_report_temporary_append, ms_report_temporary_write },
  { "growth", "growth", "where realloc made blocks larger again and again", TRUE, TRUE,
    ms_report_growth_append, ms_report_growth_write },
  { "histogram", "histogram", "sizes of the allocations and ages of what was freed", FALSE, TRUE,
    ms_report_histogram_append, ms_report_histogram_write },
  { "matrix", "matrix", "which thread frees whose blocks", FALSE, TRUE, ms_report_matrix_append,
    ms_report_matrix_write },
  { "mappings", "mapping", "address space from mmap, brk and thread stacks", TRUE, FALSE,
    append_mappings, write_mappings },
  { "resources", "resources", "processor, resident memory, I/O, network, GPU and the machine",
    FALSE, FALSE, ms_report_resources_append, ms_report_resources_write },
  { "verdicts", "verdicts", "bottlenecks, anomalies, heap against RSS, correlation, rankings", TRUE,
    TRUE, ms_report_verdicts_append, ms_report_verdicts_write },
};

guint
ms_report_sections_without_heap (void)
{
  guint sections = 0;

  for (guint i = 0; i < MS_N_REPORT_SECTIONS; i++)
    if (!ms_report_sections[i].needs_heap)
      sections |= 1U << i;
  return sections;
}
