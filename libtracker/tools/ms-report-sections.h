/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The parts that a report is made of, each with an option of its name.  Without any, a report is the
 * overview (ms-report-text.h, ms-report-json.h); with some, it is these, in this order.
 */
#pragma once

#include "ms-json-writer.h"
#include "ms-report.h"

G_BEGIN_DECLS

typedef struct {
  const char *name; /* of the option */
  const char *key;  /* in JSON */
  const char *help;
  gboolean has_stacks; /* in which names may be missing */
  gboolean needs_heap; /* says nothing where no thread's allocations were recorded */
  void (*append) (GString *out, MsReport *report);
  void (*write) (MsJsonWriter *writer, MsReport *report); /* the key's value */
} MsReportSection;

#define MS_N_REPORT_SECTIONS 12

extern const MsReportSection ms_report_sections[MS_N_REPORT_SECTIONS];

/* A bit for each that does not need the heap. */
guint ms_report_sections_without_heap (void);

G_END_DECLS
