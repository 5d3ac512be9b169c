/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The lines that all sections of a person's report are made of.  Names are cleaned here. */
#pragma once

#include "ms-name-resolver.h"
#include "ms-terminal.h"

G_BEGIN_DECLS

/* An empty line and a title. */
void ms_report_heading (GString *out, const MsTerminal *terminal, const char *text);

/* "  label   value  comment", cut to the terminal.  Takes @value. */
void ms_report_figure (GString *out,
                       const MsTerminal *terminal,
                       const char *label,
                       char *value,
                       const char *format,
                       ...) G_GNUC_PRINTF (5, 6);

/* The frames of @stack, innermost first, or that there are none. */
void ms_report_frames (GString *out,
                       const MsTerminal *terminal,
                       MsTrace *trace,
                       MsNameResolver *resolver,
                       guint stack);

G_END_DECLS
