/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   Missing symbols
 *     libsqlite3.so.0, sqlite3: no symbol table, …         each reason once, with all it holds for
 *     apt install libsqlite3-0-dbgsym sqlite3-dbgsym …     each advice once; packages in one command
 */
#include "ms-report-missing.h"

#include <string.h>

#include "ms-report-lines.h"
#include "ms-terminal-text.h"

#define MAX_LINES 10U
#define APT "apt install "

/* Of a list of lines, what stands at the beginning of all that end alike. */
typedef struct {
  GString *start;
  char *end;
} Line;

static void
line_clear (gpointer data)
{
  Line *line = data;

  g_string_free (line->start, TRUE);
  g_free (line->end);
}

/* Puts @what to those with the same @end. */
static void
add (GArray *lines, const char *what, const char *separator, const char *end)
{
  Line line;

  for (guint i = 0; i < lines->len; i++)
    {
      Line *old = &g_array_index (lines, Line, i);

      if (g_str_equal (old->end, end))
        {
          if (separator != NULL)
            g_string_append_printf (old->start, "%s%s", separator, what);
          return;
        }
    }
  line.start = g_string_new (what);
  line.end = g_strdup (end);
  g_array_append_val (lines, line);
}

/* Of the system's files everybody knows where they are. */
static const char *
name_of (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL && (g_str_has_prefix (path, "/usr/") || g_str_has_prefix (path, "/lib"))
             ? slash + 1
             : path;
}

/* "apt install libz3-dbgsym (from …)": the package apart from the rest, which is the same for others. */
static void
add_advice (GArray *lines, const char *advice)
{
  if (g_str_has_prefix (advice, APT))
    {
      const char *package = advice + strlen (APT);
      g_autofree char *name = g_strndup (package, strcspn (package, " ,"));

      add (lines, name, " ", package + strlen (name));
    }
  else
    add (lines, advice, NULL, "");
}

static void
append_lines (GString *out, const MsTerminal *terminal, const GArray *lines, gboolean is_advice)
{
  for (guint i = 0; i < MIN (lines->len, MAX_LINES); i++)
    {
      const Line *line = &g_array_index (lines, Line, i);
      gboolean is_apt = is_advice && line->end[0] != '\0';
      g_autofree char *text =
          is_advice ? g_strconcat (is_apt ? APT : "", line->start->str, line->end, NULL)
                    : g_strconcat (line->start->str, ": ", line->end, NULL);

      ms_report_prose (out, terminal, MS_STYLE_DIM, 2, text);
    }
  if (lines->len > MAX_LINES)
    g_string_append_printf (out, "  … and %u more\n", lines->len - MAX_LINES);
}

void
ms_report_missing_append (GString *out, MsReport *report)
{
  const MsTerminal *terminal = report->terminal;
  g_autoptr (GArray) missing = ms_symbolizer_get_missing (report->symbolizer);
  g_autoptr (GArray) reasons = g_array_new (FALSE, FALSE, sizeof (Line));
  g_autoptr (GArray) advices = g_array_new (FALSE, FALSE, sizeof (Line));

  if (missing->len == 0)
    return;
  g_array_set_clear_func (reasons, line_clear);
  g_array_set_clear_func (advices, line_clear);
  for (guint i = 0; i < missing->len; i++)
    {
      const MsMissingSymbols *entry = &g_array_index (missing, MsMissingSymbols, i);
      g_autofree char *advice = ms_missing_symbols_dup_advice (entry);

      add (reasons, name_of (entry->path), ", ", entry->reason);
      if (advice != NULL)
        add_advice (advices, advice);
    }
  ms_report_heading (out, terminal, "Missing symbols");
  append_lines (out, terminal, reasons, FALSE);
  append_lines (out, terminal, advices, TRUE);
  ms_report_remark (out, terminal,
                    ms_symbolizer_can_fetch (report->symbolizer)
                        ? "Debug symbols installed later count too; --fetch-symbols fetches them "
                          "now."
                        : "Debug symbols installed later count too: names are looked up for each "
                          "report.");
}
