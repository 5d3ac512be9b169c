/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The person's form of `memscope report`. */
#pragma once

#include "ms-name-resolver.h"
#include "ms-recording.h"
#include "ms-symbolizer.h"
#include "ms-terminal.h"

G_BEGIN_DECLS

/* The processes of a recording; @chosen: the one that the report goes on about, or G_MAXUINT.
 * @is_full: all of them in order of their start, else those with the highest peaks. */
void ms_report_text_processes (GString *out,
                               const MsTerminal *terminal,
                               MsRecording *recording,
                               guint chosen,
                               gboolean is_full);

/* Everything about one process; the @top stacks with the highest peaks. */
void ms_report_text_trace (GString *out,
                           const MsTerminal *terminal,
                           MsTrace *trace,
                           MsNameResolver *resolver,
                           guint top);

/* Objects whose names could not be had for what was printed so far. */
void ms_report_text_missing (GString *out, const MsTerminal *terminal, MsSymbolizer *symbolizer);

/* One line: which file, where in it, what is wrong. */
void ms_report_text_diagnostic (GString *out,
                                const MsTerminal *terminal,
                                const MsDiagnostic *diagnostic);

/* "exited with status 1", "killed by signal 9 (Killed)", "still running". (transfer full) */
char *ms_report_text_state (MsState state, gint exit_status);

G_END_DECLS
