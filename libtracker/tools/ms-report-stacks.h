/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The sections about call stacks: those with the highest peaks, and those that make temporary blocks. */
#pragma once

#include "ms-json-writer.h"
#include "ms-report.h"

G_BEGIN_DECLS

void ms_report_stacks_append (GString *out, MsReport *report);
/* The value of "stacks" of @domain. */
void ms_report_stacks_write (MsJsonWriter *writer, MsReport *report, MsDomain domain);

void ms_report_temporary_append (GString *out, MsReport *report);
/* The value of "temporary". */
void ms_report_temporary_write (MsJsonWriter *writer, MsReport *report);

/* The member "frames": one line a frame, because there may be a million of them. */
void ms_report_frames_write (MsJsonWriter *writer, MsReport *report, guint stack);

G_END_DECLS
