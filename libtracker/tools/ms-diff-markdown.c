/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * GitHub and GitLab both render tables and <details>.  An empty line must stand before a table, and
 * inside <details> before and after.  Each stack is one row: the site, then who called it.
 */
#include "ms-diff-markdown.h"

#include "ms-markdown-text.h"
#include "ms-recording.h"
#include "ms-terminal-text.h"

#define MOST_CALLERS 3U

static void
append_totals (GString *out, const MsDiff *diff)
{
  static const MsFigureKind shown[] = {
    MS_FIGURE_PEAK_BYTES,   MS_FIGURE_ALLOCATED_BYTES,    MS_FIGURE_ALLOCATIONS,
    MS_FIGURE_LEAKED_BYTES, MS_FIGURE_LEAKED_ALLOCATIONS, MS_FIGURE_TEMPORARY_ALLOCATIONS
  };
  const MsComparedRow *totals = ms_comparison_get_totals (diff->comparison);

  g_string_append (out, "| | before | after | change | |\n|:--|--:|--:|--:|--:|\n");
  for (guint i = 0; i < G_N_ELEMENTS (shown); i++)
    {
      if (ms_diff_why_unknown (diff, shown[i]) != NULL)
        continue;

      const MsChange *change = &totals->changes[shown[i]];
      g_autofree char *before = ms_diff_format (shown[i], change->before);
      g_autofree char *after = ms_diff_format (shown[i], change->after);
      g_autofree char *difference = ms_diff_format_change (shown[i], change);
      g_autofree char *percent = ms_diff_format_percent (change);
      gboolean is_chance = change->before != change->after && !ms_change_is_significant (change);

      g_string_append_printf (out, "| %s | %s | %s | %s | %s%s |\n",
                              ms_diff_figure_title (diff, shown[i]), before, after,
                              change->before == change->after ? "same" : difference, percent,
                              is_chance ? ", may be by chance" : "");
    }
}

static void
append_name (GString *out, MsFrameNames *names, guint frame)
{
  g_autofree char *name = ms_markdown_code (ms_frame_names_get_label (names, frame));

  g_string_append (out, name);
}

static void
append_line (GString *out, const MsFrame *frame)
{
  g_autofree char *base = NULL, *place = NULL, *safe = NULL;

  if (frame->file == NULL || frame->line == 0)
    return;
  base = g_path_get_basename (frame->file);
  place = g_strdup_printf ("%s:%u", base, frame->line);
  safe = ms_markdown_code (place);
  g_string_append_printf (out, " %s", safe);
}

/* Callers without a name say nothing in one line, nor does a function that was called by itself. */
static gboolean
is_shown (MsFrameNames *names, const guint *frames, guint at)
{
  return ms_frame_names_get_frame (names, frames[at])->function != NULL
         && ms_frame_names_get_function_of (names, frames[at])
                != ms_frame_names_get_function_of (names, frames[at - 1]);
}

/* "`decode` `decode.c:12` ← `run` ← `main` …" */
static void
append_place (GString *out, const MsComparedRow *row)
{
  guint depth, site = 0, at = 0, n_callers = 0;
  const guint *frames = ms_frame_names_get_stack (row->names, row->stack, &depth, NULL);

  if (!ms_frame_names_find_site (row->names, row->stack, &site))
    {
      g_string_append (out, "no call stack was recorded");
      return;
    }
  append_name (out, row->names, site);
  append_line (out, ms_frame_names_get_frame (row->names, site));
  while (at < depth && frames[at] != site)
    at++;
  for (at++; at < depth && n_callers < MOST_CALLERS; at++)
    if (is_shown (row->names, frames, at))
      {
        g_string_append (out, " ← ");
        append_name (out, row->names, frames[at]);
        n_callers++;
      }
  if (at < depth)
    g_string_append (out, " …");
}

static void
append_rows (GString *out, const MsDiff *diff, MsComparedKind what)
{
  MsFigureKind kind = ms_diff_get_part_figure (diff);
  guint n_rows;
  g_autofree guint *rows = ms_comparison_rank (diff->comparison, what, kind, 0, &n_rows);
  guint n_shown = MIN (n_rows, diff->top);

  for (guint i = 0; i < n_shown; i++)
    {
      const MsComparedRow *row = ms_comparison_get_row (diff->comparison, what, rows[i]);
      const MsChange *change = &row->changes[kind];
      const char *remark = ms_diff_row_remark (row, kind);
      g_autofree char *before = ms_diff_format (kind, change->before);
      g_autofree char *after = ms_diff_format (kind, change->after);
      g_autofree char *difference = ms_diff_format_change (kind, change);

      g_string_append_printf (out, "| %s | %s | %s | ", difference, before, after);
      if (what == MS_COMPARED_STACKS)
        append_place (out, row);
      else
        {
          g_autofree char *name = ms_markdown_code (row->name);
          g_autofree char *numbers = ms_diff_format_numbers (row->n_before, row->n_after);

          g_string_append_printf (out, "%s | %s", name, numbers);
        }
      g_string_append_printf (out, "%s%s |\n", remark[0] != '\0' ? ", " : "", remark);
    }
  if (n_shown < n_rows)
    g_string_append_printf (out, "\n… and %u more\n", n_rows - n_shown);
}

/* Nothing where nothing changed: a table without rows would be opened for nothing. */
static void
append_list (GString *out,
             const MsDiff *diff,
             MsComparedKind what,
             const char *summary,
             const char *last_columns)
{
  MsFigureKind kind = ms_diff_get_part_figure (diff);
  guint n_rows;

  g_free (ms_comparison_rank (diff->comparison, what, kind, 0, &n_rows));
  if (n_rows == 0)
    return;
  g_string_append_printf (out, "\n<details><summary>%s</summary>\n\n| %s | before | after | %s\n",
                          summary, ms_diff_figure_title (diff, kind), last_columns);
  append_rows (out, diff, what);
  g_string_append (out, "\n</details>\n");
}

static void
append_side (GString *out, const MsDiffSide *side, const char *word)
{
  g_autofree char *command = ms_command_to_text (ms_trace_get_arguments (side->trace));
  g_autofree char *code =
      ms_markdown_code (command[0] != '\0' ? command : ms_trace_get_program (side->trace));
  g_autofree char *life = ms_format_duration (ms_trace_get_duration_ns (side->trace));
  g_autofree char *part = side->part != NULL ? ms_markdown_text (side->part) : NULL;

  g_string_append_printf (out, "- %s: %s, %s%s%s\n", word, code, life,
                          part != NULL ? ", only " : "", part != NULL ? part : "");
  if (ms_diff_side_get_left_reason (side) != NULL)
    g_string_append_printf (out, "- %s: %s\n", word, ms_diff_side_get_left_reason (side));
}

void
ms_diff_markdown_append (GString *out, const MsDiff *diff)
{
  g_autoptr (GPtrArray) sentences = ms_diff_sentences (diff, ms_markdown_code);
  const char *phrase = ms_diff_figure_phrase (diff, ms_diff_get_part_figure (diff));
  g_autofree char *stacks = NULL;

  g_string_append (out, "### Memory\n\n");
  for (guint i = 0; i < sentences->len; i++)
    g_string_append_printf (out, "%s%s.%s\n", i == 0 ? "**" : "",
                            (char *) g_ptr_array_index (sentences, i), i == 0 ? "**" : "");
  g_string_append_c (out, '\n');
  append_totals (out, diff);
  stacks = g_strdup_printf ("Call stacks whose %s changed most", phrase);
  append_list (out, diff, MS_COMPARED_STACKS, stacks, "where |\n|--:|--:|--:|:--|");
  append_list (out, diff, MS_COMPARED_THREADS, "Threads, by name",
               "name | threads |\n|--:|--:|--:|:--|:--|");
  g_string_append_c (out, '\n');
  if (ms_diff_why_unknown (diff, MS_FIGURE_PEAK_BYTES) != NULL)
    g_string_append_printf (out, "- peak, and what was live or leaked: %s\n",
                            ms_diff_why_unknown (diff, MS_FIGURE_PEAK_BYTES));
  append_side (out, &diff->sides[0], "before");
  append_side (out, &diff->sides[1], "after");
  if (ms_comparison_is_sampled (diff->comparison))
    g_string_append (out,
                     "- allocations were sampled: behind ± is a difference's standard error\n");
}
