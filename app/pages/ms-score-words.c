/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-score-words.h"
#include "ms-figures.h"
#include "ms-language.h"

#include <glib/gi18n-lib.h>

static void
append_line (GString *text, const char *name, const char *formula)
{
  g_autofree char *line = g_markup_printf_escaped ("<b>%s</b> = %s\n", name, formula);

  g_string_append (text, line);
}

static void
append_value (GString *text, const char *name, MsMeasured measured)
{
  g_autofree char *value = measured.known ? ms_figure_percent (measured.value)
                                          : g_strdup_printf (_ ("not available: %s"),
                                                             ms_language_reason (measured.reason));
  g_autofree char *line = g_markup_printf_escaped ("\n%s: %s", name, value);

  g_string_append (text, line);
}

char *
ms_score_words (MsThreadRow *row)
{
  GString *text = g_string_new (NULL);
  const MsThreadScores *scores = row != NULL ? ms_thread_row_get_scores (row) : NULL;

  g_string_append (text, _ ("0 to 100, higher is better."));
  g_string_append (text, "\n\n");
  append_line (text, _ ("Kept"), _ ("100 (1 − temporary allocations / allocations)"));
  append_line (text, _ ("Used"), _ ("100 × mean live bytes over its life / highest"));
  append_line (text, _ ("Efficiency"), _ ("√(kept × used)"));
  append_line (text, _ ("Returned"), _ ("100 (1 − bytes never freed / highest live bytes)"));
  append_line (text, _ ("CPU efficiency"),
               _ ("100 × CPU time / (CPU time + wait for a processor)"));
  append_line (text, _ ("Score"),
               _ ("weighted mean of efficiency, returned and CPU efficiency, of those that were "
                  "measured of the threads"));
  if (scores == NULL)
    return g_string_free (text, FALSE);

  g_autofree char *name = g_markup_printf_escaped ("\n<b>%s</b>", ms_thread_row_get_name (row));
  g_string_append (text, name);
  append_value (text, _ ("Kept"), scores->kept_percent);
  append_value (text, _ ("Used"), scores->used_percent);
  append_value (text, _ ("Efficiency"), scores->memory_efficiency);
  append_value (text, _ ("Returned"), scores->memory_returned);
  append_value (text, _ ("CPU efficiency"), scores->cpu_efficiency);
  append_value (text, _ ("Score"), scores->score);
  return g_string_free (text, FALSE);
}
