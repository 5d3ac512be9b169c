/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The section of the report about address space, in words of its own: nothing here is memory in use. */
#pragma once

#include "ms-report.h"

G_BEGIN_DECLS

void ms_report_mappings_append (GString *out, MsReport *report);

G_END_DECLS
