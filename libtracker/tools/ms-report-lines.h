/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The lines that all sections of a person's report are made of.  Names are cleaned here. */
#pragma once

#include "ms-report.h"

G_BEGIN_DECLS

/* An empty line and a title. */
void ms_report_heading (GString *out, const MsTerminal *terminal, const char *text);

/* "  label   value  comment"; what the terminal has no room for stands below.  Takes @value. */
void ms_report_figure (GString *out,
                       const MsTerminal *terminal,
                       const char *label,
                       char *value,
                       const char *format,
                       ...) G_GNUC_PRINTF (5, 6);

/* Prose, dim, two columns in. */
void ms_report_remark (GString *out, const MsTerminal *terminal, const char *text);

/* Prose, @indent columns in, broken between words where the terminal ends. */
void ms_report_prose (GString *out,
                      const MsTerminal *terminal,
                      MsStyle style,
                      guint indent,
                      const char *text);

/* "  … and 3 more threads (--json has all)", if @n_more is not 0.  @what: one of them, "thread". */
void ms_report_more (GString *out, const MsTerminal *terminal, guint n_more, const char *what);

/* "  1. 3.28 MB peak, comment", cut to the terminal, "from leaky.c:25 main()", on a line of its own if there is no
 * room for it, and the frames of @stack, innermost first. */
void ms_report_stack (GString *out,
                      MsReport *report,
                      guint rank,
                      const char *title,
                      const char *comment,
                      guint stack);

/* "from leaky.c:25 main()" of @stack; NULL: nobody is to blame. (transfer full) */
char *ms_report_site_text (MsReport *report, guint stack);

/* The first of these lines, or two.  @title has the number.  @site NULL: nobody is to blame. */
void ms_report_stack_heading (GString *out,
                              const MsTerminal *terminal,
                              const char *title,
                              const char *comment,
                              const MsFrame *site);

/* One line: the function, by its short name unless full ones are asked for, then where it is; as much of the end
 * of each as fits. */
void ms_report_frame (GString *out, const MsTerminal *terminal, const MsFrame *frame);

G_END_DECLS
