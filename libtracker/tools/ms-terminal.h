/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where a report is printed: how wide it is, whether it shows colours, whether it speaks UTF-8.
 *
 * Text is put together in a GString and written in one go, so that a full disk or a closed pipe is
 * noticed and a report is never half of one beside another's output.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum { MS_STYLE_PLAIN, MS_STYLE_BOLD, MS_STYLE_DIM, MS_STYLE_RED, MS_STYLE_YELLOW } MsStyle;

typedef struct {
  guint width; /* columns; G_MAXUINT: nobody counts them (a file, a pipe) */
  gboolean has_colours;
  gboolean has_full_names; /* functions with their template arguments and parameters, not cut */
} MsTerminal;

/* Once, after setlocale().  Where the locale has no UTF-8, all that is printed from now on (also by g_print(),
 * g_printerr() and ms_complain()) is ASCII. */
void ms_terminal_begin (void);

/* @colour: "auto", "always" or "never"; NULL is auto: on a terminal, unless NO_COLOR or TERM=dumb say
 * otherwise.  FALSE after complaining about another word. */
gboolean ms_terminal_init (MsTerminal *self, const char *colour);

/* @text goes into @out as it is: clean it first if a traced program had a say in it. */
void ms_terminal_append (const MsTerminal *self, GString *out, MsStyle style, const char *text);

/* Writes @out (UTF-8) to standard output, as the locale can show it.  FALSE after complaining. */
gboolean ms_terminal_write (const GString *out);

G_END_DECLS
