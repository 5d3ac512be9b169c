/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The person's form of `memscope report`. */
#pragma once

#include "ms-recording.h"
#include "ms-report.h"

G_BEGIN_DECLS

/* The processes of a recording; @chosen: the one that the report goes on about, or G_MAXUINT.
 * @is_full: all of them in order of their start, else those with the highest peaks. */
void ms_report_text_processes (GString *out,
                               const MsTerminal *terminal,
                               MsRecording *recording,
                               guint chosen,
                               gboolean is_full);

/* One process: who it was, the overview or the @sections that were asked for (a bit for each of
 * ms_report_sections), and what to know about them. */
void ms_report_text_append (GString *out, MsReport *report, guint sections);

/* One line: which file, where in it, what is wrong. */
void ms_report_text_diagnostic (GString *out,
                                const MsTerminal *terminal,
                                const MsDiagnostic *diagnostic);

/* "exited with status 1", "killed by signal 9 (Killed)", "still running". (transfer full) */
char *ms_report_text_state (MsState state, gint exit_status);

G_END_DECLS
