/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-lines.h"

#include "ms-short-name.h"
#include "ms-terminal-text.h"

/* The JSON form has all of them. */
#define MAX_FRAME_LINES 12U

void
ms_report_heading (GString *out, const MsTerminal *terminal, const char *text)
{
  g_autofree char *shown = ms_terminal_text_shorten (text, terminal->width);

  g_string_append_c (out, '\n');
  ms_terminal_append (terminal, out, MS_STYLE_BOLD, shown);
  g_string_append_c (out, '\n');
}

void
ms_report_figure (GString *out,
                  const MsTerminal *terminal,
                  const char *label,
                  char *value,
                  const char *format,
                  ...)
{
  g_autofree char *comment = NULL;
  g_autofree char *line = NULL;
  g_autofree char *shown = NULL;
  int padding = MAX (0, 9 - (int) ms_terminal_text_width (value));
  va_list arguments;

  va_start (arguments, format);
  comment = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  line = g_strdup_printf ("  %-11s %*s%s  %s", label, padding, "", value, comment);
  shown = ms_terminal_text_shorten (line, terminal->width);
  g_string_append_printf (out, "%s\n", shown);
  g_free (value);
}

static char *
dup_place (const MsFrame *frame)
{
  if (frame->file != NULL && frame->line > 0)
    return g_strdup_printf ("%s:%u", frame->file, frame->line);
  if (frame->file != NULL)
    return g_strdup (frame->file);
  return g_strdup (frame->module != NULL ? frame->module : "");
}

/* What is shown of the name of @frame's function. */
static char *
dup_function (const MsTerminal *terminal, const MsFrame *frame)
{
  g_autofree char *name = NULL;

  if (frame->function == NULL)
    return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", frame->address);
  name =
      terminal->has_full_names ? g_strdup (frame->function) : ms_short_name_new (frame->function);
  return ms_terminal_text_clean (name);
}

void
ms_report_frame (GString *out, const MsTerminal *terminal, const MsFrame *frame)
{
  const guint indent = 6;
  g_autofree char *function = dup_function (terminal, frame);
  g_autofree char *full_place = dup_place (frame);
  g_autofree char *place = ms_terminal_text_clean (full_place);
  guint room = terminal->width == G_MAXUINT ? G_MAXUINT : terminal->width - indent - 2;
  g_autofree char *shown_function = NULL;
  g_autofree char *shown_place = NULL;

  if (room == G_MAXUINT || terminal->has_full_names)
    {
      shown_function = g_strdup (function);
      shown_place = g_strdup (place);
    }
  else
    {
      /* The place gets what the function leaves, but never less than two fifths. */
      guint function_width =
          MIN (ms_terminal_text_width (function),
               MAX (room - room * 2 / 5, room - MIN (room, ms_terminal_text_width (place))));

      shown_function = ms_terminal_text_shorten_start (function, function_width);
      shown_place = ms_terminal_text_shorten_start (place, room - function_width);
    }
  g_string_append_printf (out, "%*s%s  ", (int) indent, "", shown_function);
  ms_terminal_append (terminal, out, MS_STYLE_DIM, shown_place);
  g_string_append_c (out, '\n');
}

static void
append_frames (GString *out, MsReport *report, const GArray *frames)
{
  guint n_shown = report->is_full ? frames->len : MIN (frames->len, MAX_FRAME_LINES);

  for (guint i = 0; i < n_shown; i++)
    ms_report_frame (out, report->terminal, &g_array_index (frames, MsFrame, i));
  if (frames->len == 0)
    g_string_append (out, "      (no call stack was recorded)\n");
  if (n_shown < frames->len)
    g_string_append_printf (out, "      … and %u outer frame%s\n", frames->len - n_shown,
                            ms_plural (frames->len - n_shown));
}

/* "from queue.c:118 decode_batch()". */
static char *
dup_site (const MsTerminal *terminal, const MsFrame *frame)
{
  g_autofree char *function = dup_function (terminal, frame);
  g_autofree char *base = frame->file != NULL ? g_path_get_basename (frame->file) : NULL;
  g_autofree char *file = base != NULL ? ms_terminal_text_clean (base) : NULL;
  /* A name that has its parameters, or is none. */
  const char *call = frame->function == NULL || g_str_has_suffix (function, ")") ? "" : "()";

  if (file == NULL)
    return g_strdup_printf ("from %s%s", function, call);
  if (frame->line == 0)
    return g_strdup_printf ("from %s %s%s", file, function, call);
  return g_strdup_printf ("from %s:%u %s%s", file, frame->line, function, call);
}

void
ms_report_stack_heading (GString *out,
                         const MsTerminal *terminal,
                         const char *title,
                         const char *comment,
                         const MsFrame *site)
{
  guint width = ms_terminal_text_width (title);
  g_autofree char *shown =
      ms_terminal_text_shorten (comment, terminal->width > width ? terminal->width - width : 0);
  g_autofree char *full_place = site != NULL ? dup_site (terminal, site) : NULL;
  g_autofree char *place = NULL;

  ms_terminal_append (terminal, out, MS_STYLE_BOLD, title);
  g_string_append (out, shown);
  if (site != NULL)
    {
      guint used = width + ms_terminal_text_width (shown) + 2;
      guint wanted = ms_terminal_text_width (full_place);
      gboolean fits = terminal->width == G_MAXUINT || used + wanted <= terminal->width;

      place =
          fits ? g_strdup (full_place) : ms_terminal_text_shorten (full_place, terminal->width - 5);
      g_string_append (out, fits ? ", " : "\n     ");
      ms_terminal_append (terminal, out, MS_STYLE_BOLD, place);
    }
  g_string_append_c (out, '\n');
}

void
ms_report_stack (GString *out,
                 MsReport *report,
                 guint rank,
                 const char *title,
                 const char *comment,
                 guint stack)
{
  g_autofree char *numbered = g_strdup_printf ("%3u. %s", rank, title);
  g_autoptr (GArray) frames =
      ms_name_resolver_resolve_stack (report->resolver, report->trace, stack);
  const MsFrame *site = NULL;

  for (guint i = 0; i < frames->len && site == NULL; i++)
    if (!ms_frame_is_machinery (&g_array_index (frames, MsFrame, i)))
      site = &g_array_index (frames, MsFrame, i);
  ms_report_stack_heading (out, report->terminal, numbered, comment, site);
  append_frames (out, report, frames);
}

void
ms_report_remark (GString *out, const MsTerminal *terminal, const char *text)
{
  g_autofree char *clean = ms_terminal_text_clean (text);
  g_autofree char *line = g_strconcat ("  ", clean, NULL);
  g_autofree char *shown = ms_terminal_text_shorten (line, terminal->width);

  ms_terminal_append (terminal, out, MS_STYLE_DIM, shown);
  g_string_append_c (out, '\n');
}

void
ms_report_prose (GString *out,
                 const MsTerminal *terminal,
                 MsStyle style,
                 guint indent,
                 const char *text)
{
  const guint width = terminal->width > indent + 10 ? terminal->width - indent : 10;
  g_autofree char *clean = ms_terminal_text_clean (text);
  g_auto (GStrv) words = g_strsplit (clean, " ", -1);
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *word = ms_terminal_text_shorten (words[i], width);
      gboolean fits =
          ms_terminal_text_width (line->str) + 1 + ms_terminal_text_width (word) <= width;

      if (line->len > 0 && !fits)
        {
          g_string_append_printf (out, "%*s", (int) indent, "");
          ms_terminal_append (terminal, out, style, line->str);
          g_string_append_c (out, '\n');
          g_string_truncate (line, 0);
        }
      g_string_append_printf (line, "%s%s", line->len > 0 ? " " : "", word);
    }
  g_string_append_printf (out, "%*s", (int) indent, "");
  ms_terminal_append (terminal, out, style, line->str);
  g_string_append_c (out, '\n');
}

void
ms_report_more (GString *out, guint n_more, const char *what)
{
  if (n_more > 0)
    g_string_append_printf (out, "  … and %u more %s%s (--json has all)\n", n_more, what,
                            ms_plural (n_more));
}

char *
ms_report_share (guint64 part, guint64 whole)
{
  return g_strdup_printf ("%.1f %%", whole > 0 ? 100.0 * (double) part / (double) whole : 0);
}
