/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The section of the report about address space, in words of its own: nothing here is memory in use. */
#pragma once

#include "ms-name-resolver.h"
#include "ms-terminal.h"

G_BEGIN_DECLS

/* @top: stacks shown. */
void ms_report_mappings (GString *out,
                         const MsTerminal *terminal,
                         MsTrace *trace,
                         MsNameResolver *resolver,
                         guint top);

G_END_DECLS
