/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-lines.h"

#include <string.h>

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

/* Less than this beside a figure is no line to read. */
#define NARROWEST_COMMENT 30U

/* "39 072", "12.4 MB", "± 3" and "6.8 %" are one word. */
static gboolean
belongs_together (const char *word, const char *next)
{
  static const char *const units[] = {
    "B", "kB", "MB", "GB", "TB", "ns", "us", "µs", "ms", "s", "%"
  };
  gboolean is_number = word[0] != '\0' && g_ascii_isdigit (word[strlen (word) - 1]);
  gsize n = strcspn (next, ",;:.)");

  if (g_str_equal (word, "±") || g_str_equal (word, "+/-"))
    return TRUE;
  if (!is_number)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (n == strlen (units[i]) && strncmp (next, units[i], n) == 0)
      return TRUE;
  return g_ascii_isdigit (next[0]) && g_ascii_isdigit (word[0]);
}

/* Words of @clean text, as they may not be broken apart. (transfer full) */
static GPtrArray *
split_words (const char *clean)
{
  g_auto (GStrv) parts = g_strsplit (clean, " ", -1);
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *last = words->len > 0 ? g_ptr_array_index (words, words->len - 1) : NULL;

      if (last == NULL || !belongs_together (parts[i - 1], parts[i]))
        g_ptr_array_add (words, g_strdup (parts[i]));
      else
        {
          g_ptr_array_index (words, words->len - 1) = g_strconcat (last, " ", parts[i], NULL);
          g_free (last);
        }
    }
  return words;
}

/* @start, then @text, broken between words where the terminal ends; what there is no room for behind @start
 * stands @indent columns in. */
static void
append_hanging (GString *out,
                const MsTerminal *terminal,
                MsStyle style,
                const char *start,
                guint indent,
                const char *text)
{
  const guint width = terminal->width > indent + 10 ? terminal->width - indent : 10;
  g_autofree char *clean = ms_terminal_text_clean (text);
  g_autoptr (GPtrArray) words = split_words (clean);
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_append (out, start);
  for (guint i = 0; i < words->len; i++)
    {
      g_autofree char *word = ms_terminal_text_shorten (g_ptr_array_index (words, i), width);
      gboolean fits =
          ms_terminal_text_width (line->str) + 1 + ms_terminal_text_width (word) <= width;

      if (line->len > 0 && !fits)
        {
          ms_terminal_append (terminal, out, style, line->str);
          g_string_append_printf (out, "\n%*s", (int) indent, "");
          g_string_truncate (line, 0);
        }
      g_string_append_printf (line, "%s%s", line->len > 0 ? " " : "", word);
    }
  ms_terminal_append (terminal, out, style, line->str);
  while (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
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
  g_autofree char *shown = ms_terminal_text_clean (value);
  g_autofree char *start = NULL;
  int padding = MAX (0, 9 - (int) ms_terminal_text_width (shown));
  va_list arguments;
  guint indent;

  va_start (arguments, format);
  comment = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  start = g_strdup_printf ("  %-11s %*s%s  ", label, padding, "", shown);
  indent = ms_terminal_text_width (start);
  if (terminal->width < indent + MIN (NARROWEST_COMMENT, ms_terminal_text_width (comment)))
    {
      g_string_append_printf (out, "%s\n", g_strchomp (start));
      ms_report_prose (out, terminal, MS_STYLE_PLAIN, 5, comment);
    }
  else
    append_hanging (out, terminal, MS_STYLE_PLAIN, start, indent, comment);
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

  if (file == NULL && frame->function == NULL && frame->module != NULL)
    {
      g_autofree char *module = ms_terminal_text_clean (frame->module);

      return g_strdup_printf ("from %s in %s", function, module);
    }
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
  g_autofree char *clean = ms_terminal_text_clean (comment);
  g_autofree char *shown =
      ms_terminal_text_shorten (clean, terminal->width > width ? terminal->width - width : 0);
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

/* Where nothing has a name, an address at least says in which module. */
static const MsFrame *
find_site (const GArray *frames)
{
  for (guint i = 0; i < frames->len; i++)
    if (!ms_frame_is_machinery (&g_array_index (frames, MsFrame, i)))
      return &g_array_index (frames, MsFrame, i);
  for (guint i = 0; i < frames->len; i++)
    if (g_array_index (frames, MsFrame, i).function == NULL
        && g_array_index (frames, MsFrame, i).module != NULL)
      return &g_array_index (frames, MsFrame, i);
  return NULL;
}

char *
ms_report_site_text (MsReport *report, guint stack)
{
  g_autoptr (GArray) frames =
      ms_name_resolver_resolve_stack (report->resolver, report->trace, stack);
  const MsFrame *site = find_site (frames);

  return site != NULL ? dup_site (report->terminal, site) : NULL;
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
  const MsFrame *site = find_site (frames);

  ms_report_stack_heading (out, report->terminal, numbered, comment, site);
  append_frames (out, report, frames);
}

void
ms_report_remark (GString *out, const MsTerminal *terminal, const char *text)
{
  ms_report_prose (out, terminal, MS_STYLE_DIM, 2, text);
}

void
ms_report_prose (GString *out,
                 const MsTerminal *terminal,
                 MsStyle style,
                 guint indent,
                 const char *text)
{
  g_autofree char *start = g_strnfill (indent, ' ');

  append_hanging (out, terminal, style, start, indent, text);
}

void
ms_report_more (GString *out, const MsTerminal *terminal, guint n_more, const char *what)
{
  g_autofree char *text =
      g_strdup_printf ("… and %u more %s%s (--json has all)", n_more, what, ms_plural (n_more));

  if (n_more > 0)
    ms_report_prose (out, terminal, MS_STYLE_PLAIN, 2, text);
}
