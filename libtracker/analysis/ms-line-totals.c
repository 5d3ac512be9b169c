/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-line-totals.h"

#include <math.h>

/* A line, and the stack, + 1, that last counted in it. */
typedef struct {
  MsLineTotals totals;
  guint last_stack;
} Line;

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  const MsLineTotals *x = a, *y = b;

  return x->line < y->line ? -1 : x->line > y->line;
}

GArray *
ms_line_totals_new (MsFrameNames *names,
                    const guint64 *values,
                    const double *errors,
                    const char *file)
{
  g_autoptr (GHashTable) lines = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  GArray *all = g_array_new (FALSE, FALSE, sizeof (MsLineTotals));
  GHashTableIter iter;
  gpointer value;

  for (guint s = 0; s < ms_frame_names_get_n_stacks (names); s++)
    {
      guint depth;
      const guint *frames = ms_frame_names_get_stack (names, s, &depth, NULL);

      for (guint i = 0; i < depth && values[s] > 0; i++)
        {
          const MsFrame *frame = ms_frame_names_get_frame (names, frames[i]);
          Line *line;

          if (frame->line == 0 || g_strcmp0 (frame->file, file) != 0)
            continue;
          line = g_hash_table_lookup (lines, GUINT_TO_POINTER (frame->line));
          if (line == NULL)
            {
              line = g_new0 (Line, 1);
              line->totals.line = frame->line;
              g_hash_table_insert (lines, GUINT_TO_POINTER (frame->line), line);
            }
          if (line->last_stack == s + 1)
            continue;
          line->last_stack = s + 1;
          line->totals.total += values[s];
          if (errors != NULL)
            line->totals.total_error = hypot (line->totals.total_error, errors[s]);
        }
    }
  g_hash_table_iter_init (&iter, lines);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_array_append_val (all, ((Line *) value)->totals);
  g_array_sort (all, compare_lines);
  return all;
}
