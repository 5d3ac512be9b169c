/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   before  sqlite3 :memory:      which recordings
 *   after   sqlite3 :memory:
 *
 *   Peak +12.3 MB (+18.0 %), …    what is to be said first
 *
 *   Heap                          totals, before and after
 *   Threads by name               those that changed most
 *   Call stacks                   likewise, with their frames
 *   Notes                         what makes the comparison less than it seems
 */
#include "ms-diff-text.h"

#include "ms-recording.h"
#include "ms-report-lines.h"
#include "ms-report-text.h"
#include "ms-table.h"
#include "ms-terminal-text.h"

#define MAX_FRAME_LINES 12U
#define MAX_COMMAND_COLUMNS 160U
#define HEAD_INDENT 8U
/* After the one that the lists are ordered by. */
#define N_PART_FIGURES 4U

/* --- which recordings ------------------------------------------------------------------------ */

static void
append_side (GString *out, const MsTerminal *terminal, const MsDiffSide *side, const char *word)
{
  const char *const *arguments = ms_trace_get_arguments (side->trace);
  g_autofree char *command = ms_command_to_text (arguments);
  g_autofree char *clean =
      ms_terminal_text_clean (command[0] != '\0' ? command : ms_trace_get_program (side->trace));
  /* Behind the word, as the line below. */
  guint room = MIN (terminal->width - HEAD_INDENT, MAX_COMMAND_COLUMNS);
  g_autofree char *shown = ms_terminal_text_shorten (clean, room);
  g_autofree char *folder = g_filename_display_name (side->folder);
  g_autofree char *life = ms_format_duration (ms_trace_get_duration_ns (side->trace));
  g_autofree char *state = ms_report_text_state (ms_trace_get_state (side->trace),
                                                 ms_trace_get_exit_status (side->trace));
  g_autofree char *where =
      g_strdup_printf ("%s, pid %d, %s after %s%s%s", folder, ms_trace_get_pid (side->trace), state,
                       life, side->part != NULL ? "; only " : "",
                       side->part != NULL ? side->part : "");

  g_string_append_printf (out, "%-*s", (int) HEAD_INDENT, word);
  ms_terminal_append (terminal, out, MS_STYLE_BOLD, shown);
  g_string_append_c (out, '\n');
  ms_report_prose (out, terminal, MS_STYLE_DIM, HEAD_INDENT, where);
}

static char *
quote (const char *name)
{
  g_autofree char *clean = ms_terminal_text_clean (name);

  return ms_terminal_text_shorten (clean, 80);
}

static void
append_sentences (GString *out, const MsTerminal *terminal, const MsDiff *diff)
{
  g_autoptr (GPtrArray) sentences = ms_diff_sentences (diff, quote);

  g_string_append_c (out, '\n');
  for (guint i = 0; i < sentences->len; i++)
    {
      g_autofree char *text = g_strconcat (g_ptr_array_index (sentences, i), ".", NULL);

      ms_report_prose (out, terminal, i == 0 ? MS_STYLE_BOLD : MS_STYLE_PLAIN, 0, text);
    }
}

/* --- totals ---------------------------------------------------------------------------------- */

static MsStyle
style_of (MsFigureKind kind, const MsChange *change)
{
  if (change->before == change->after || !ms_change_is_significant (change))
    return MS_STYLE_DIM;
  return change->after > change->before && kind != MS_FIGURE_DEALLOCATIONS ? MS_STYLE_YELLOW
                                                                           : MS_STYLE_PLAIN;
}

static void
add_total (MsTable *table, const char *title, MsFigureKind kind, const MsComparedRow *row)
{
  const MsChange *change = &row->changes[kind];
  MsStyle style = style_of (kind, change);
  gboolean is_changed = change->before != change->after;

  ms_table_add (table, MS_STYLE_PLAIN, g_strdup (title));
  ms_table_add (table, MS_STYLE_PLAIN, ms_diff_format (kind, change->before));
  ms_table_add (table, MS_STYLE_PLAIN, ms_diff_format (kind, change->after));
  ms_table_add (table, style,
                is_changed ? ms_diff_format_change (kind, change) : g_strdup ("same"));
  ms_table_add (table, style, ms_diff_format_percent (change));
  ms_table_add (table, MS_STYLE_DIM,
                g_strdup (is_changed && !ms_change_is_significant (change) ? "may be by chance"
                                                                           : ""));
}

static void
append_totals (GString *out, const MsTerminal *terminal, const MsDiff *diff)
{
  static const MsColumn columns[] = {
    { "", FALSE, FALSE, 0 },      { "BEFORE", TRUE, FALSE, 1 }, { "AFTER", TRUE, FALSE, 0 },
    { "CHANGE", TRUE, FALSE, 0 }, { "", TRUE, FALSE, 2 },       { "", FALSE, FALSE, 3 },
  };
  static const MsFigureKind shown[] = {
    MS_FIGURE_PEAK_BYTES,        MS_FIGURE_ALLOCATED_BYTES,       MS_FIGURE_ALLOCATIONS,
    MS_FIGURE_DEALLOCATIONS,     MS_FIGURE_TEMPORARY_ALLOCATIONS, MS_FIGURE_LEAKED_BYTES,
    MS_FIGURE_LEAKED_ALLOCATIONS
  };
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));
  const MsComparedRow *totals = ms_comparison_get_totals (diff->comparison);
  const MsChange *live = &totals->changes[MS_FIGURE_LIVE_BYTES];

  for (guint i = 0; i < G_N_ELEMENTS (shown); i++)
    if (ms_diff_why_unknown (diff, shown[i]) == NULL)
      add_total (table, ms_diff_figure_title (diff, shown[i]), shown[i], totals);
  /* In a stretch of time not what was leaked in it alone. */
  if (live->before != totals->changes[MS_FIGURE_LEAKED_BYTES].before
      || live->after != totals->changes[MS_FIGURE_LEAKED_BYTES].after)
    add_total (table, ms_diff_figure_title (diff, MS_FIGURE_LIVE_BYTES), MS_FIGURE_LIVE_BYTES,
               totals);
  ms_report_heading (out, terminal,
                     ms_comparison_get_domain (diff->comparison) == MS_DOMAIN_DECLARED
                         ? "Declared (by the program itself)"
                         : "Heap");
  ms_table_print (table, terminal, out);
}

/* --- threads --------------------------------------------------------------------------------- */

/* The one by which the lists are ordered first. Returns how many. */
static guint
choose_figures (const MsDiff *diff, MsFigureKind *kinds)
{
  static const MsFigureKind usual[] = { MS_FIGURE_BYTES_AT_PROCESS_PEAK, MS_FIGURE_ALLOCATED_BYTES,
                                        MS_FIGURE_ALLOCATIONS, MS_FIGURE_LEAKED_BYTES };
  guint n = 0;

  kinds[n++] = ms_diff_get_part_figure (diff);
  for (guint i = 0; i < G_N_ELEMENTS (usual) && n < N_PART_FIGURES; i++)
    if (usual[i] != kinds[0] && ms_diff_why_unknown (diff, usual[i]) == NULL)
      kinds[n++] = usual[i];
  return n;
}

/* Of the figure that orders the rows what it is now, and of all what changed: signs say which is which. */
static void
add_thread (MsTable *table, const MsComparedRow *row, const MsFigureKind *kinds, guint n_kinds)
{
  ms_table_add (table, MS_STYLE_PLAIN, g_strdup (row->name));
  ms_table_add (table, MS_STYLE_PLAIN, ms_diff_format_numbers (row->n_before, row->n_after));
  ms_table_add (table, MS_STYLE_PLAIN, ms_diff_format (kinds[0], row->changes[kinds[0]].after));
  for (guint k = 0; k < n_kinds; k++)
    {
      const MsChange *change = &row->changes[kinds[k]];

      ms_table_add (table, style_of (kinds[k], change),
                    change->before == change->after ? g_strdup ("same")
                                                    : ms_diff_format_change (kinds[k], change));
    }
  ms_table_add (table, MS_STYLE_DIM, g_strdup (ms_diff_row_remark (row, kinds[0])));
}

static void
append_threads (GString *out, const MsTerminal *terminal, const MsDiff *diff)
{
  MsFigureKind kinds[N_PART_FIGURES];
  guint n_kinds = choose_figures (diff, kinds), n_rows, n_columns = 3;
  MsColumn columns[3 + N_PART_FIGURES + 1] = { { "NAME", FALSE, TRUE, 0 },
                                               { "THREADS", TRUE, FALSE, 2 } };
  g_autofree guint *rows =
      ms_comparison_rank (diff->comparison, MS_COMPARED_THREADS, kinds[0], 0, &n_rows);
  guint n_shown = MIN (n_rows, diff->top);
  g_autoptr (GPtrArray) titles = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (MsTable) table = NULL;

  if (n_shown == 0)
    return;
  for (guint k = 0; k < n_kinds; k++)
    g_ptr_array_add (titles, g_ascii_strup (ms_diff_figure_title (diff, kinds[k]), -1));
  columns[2] = (MsColumn) { g_ptr_array_index (titles, 0), TRUE, FALSE, 0 };
  for (guint k = 0; k < n_kinds; k++)
    columns[n_columns++] = (MsColumn) { k == 0 ? "CHANGE" : g_ptr_array_index (titles, k), TRUE,
                                        FALSE, k == 0 ? 0 : 2 + k };
  columns[n_columns++] = (MsColumn) { "", FALSE, FALSE, 1 };
  table = ms_table_new (columns, n_columns);
  for (guint i = 0; i < n_shown; i++)
    add_thread (table, ms_comparison_get_row (diff->comparison, MS_COMPARED_THREADS, rows[i]),
                kinds, n_kinds);
  ms_report_heading (out, terminal, "Threads, by name");
  ms_table_print (table, terminal, out);
  ms_report_more (out, terminal, n_rows - n_shown, "thread name");
}

/* --- stacks ---------------------------------------------------------------------------------- */

static void
append_frames (GString *out, const MsTerminal *terminal, const MsComparedRow *row)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (row->names, row->stack, &depth, NULL);
  guint n_shown = MIN (depth, MAX_FRAME_LINES);

  for (guint i = 0; i < n_shown; i++)
    ms_report_frame (out, terminal, ms_frame_names_get_frame (row->names, frames[i]));
  if (depth == 0)
    g_string_append (out, "      (no call stack was recorded)\n");
  if (n_shown < depth)
    g_string_append_printf (out, "      … and %u outer frame%s\n", depth - n_shown,
                            ms_plural (depth - n_shown));
}

static void
append_stack (GString *out,
              const MsTerminal *terminal,
              const MsDiff *diff,
              const MsComparedRow *row,
              guint rank)
{
  MsFigureKind kinds[N_PART_FIGURES];
  guint n_kinds = choose_figures (diff, kinds);
  const MsChange *change = &row->changes[kinds[0]];
  const char *remark = ms_diff_row_remark (row, kinds[0]);
  g_autofree char *difference = ms_diff_format_change (kinds[0], change);
  g_autofree char *before = ms_diff_format (kinds[0], change->before);
  g_autofree char *after = ms_diff_format (kinds[0], change->after);
  g_autofree char *title =
      g_strdup_printf ("%3u. %s %s", rank, difference, ms_diff_figure_title (diff, kinds[0]));
  g_autoptr (GString) comment = g_string_new (NULL);
  gboolean has_site;
  guint site;

  g_string_append_printf (comment, ", %s → %s%s%s", before, after, remark[0] != '\0' ? ", " : "",
                          remark);
  for (guint k = 1; k < n_kinds; k++)
    {
      g_autofree char *other = ms_diff_format_change (kinds[k], &row->changes[kinds[k]]);

      if (row->changes[kinds[k]].before != row->changes[kinds[k]].after)
        g_string_append_printf (comment, ", %s %s", ms_diff_figure_title (diff, kinds[k]), other);
    }
  has_site = ms_frame_names_find_site (row->names, row->stack, &site);
  ms_report_stack_heading (out, terminal, title, comment->str,
                           has_site ? ms_frame_names_get_frame (row->names, site) : NULL);
  append_frames (out, terminal, row);
}

static void
append_stacks (GString *out, const MsTerminal *terminal, const MsDiff *diff)
{
  MsFigureKind kind = ms_diff_get_part_figure (diff);
  guint n_rows;
  g_autofree guint *rows =
      ms_comparison_rank (diff->comparison, MS_COMPARED_STACKS, kind, 0, &n_rows);
  g_autofree char *heading =
      g_strdup_printf ("Call stacks whose %s changed most", ms_diff_figure_phrase (diff, kind));
  guint n_shown = MIN (n_rows, diff->top);

  if (diff->top == 0)
    return;
  ms_report_heading (out, terminal, heading);
  if (n_rows == 0)
    g_string_append (out, "  none: each has as much as before\n");
  for (guint i = 0; i < n_shown; i++)
    append_stack (out, terminal, diff,
                  ms_comparison_get_row (diff->comparison, MS_COMPARED_STACKS, rows[i]), i + 1);
  ms_report_more (out, terminal, n_rows - n_shown, "changed call stack");
}

/* --- notes ----------------------------------------------------------------------------------- */

static void
append_side_notes (GString *out,
                   const MsTerminal *terminal,
                   const MsDiffSide *side,
                   const char *word)
{
  guint64 n_dropped = ms_trace_get_dropped_events (side->trace);
  g_autofree char *n = ms_format_count (n_dropped);
  g_autofree char *dropped =
      g_strdup_printf ("%s: %s event%s could not be recorded", word, n, ms_plural (n_dropped));

  if (n_dropped > 0)
    ms_report_remark (out, terminal, dropped);
  if (ms_diff_side_get_left_reason (side) != NULL)
    {
      g_autofree char *left = g_strdup_printf ("%s: %s", word, ms_diff_side_get_left_reason (side));

      ms_report_remark (out, terminal, left);
    }
}

static void
append_notes (GString *out, const MsTerminal *terminal, const MsDiff *diff)
{
  g_autoptr (GString) notes = g_string_new (NULL);

  if (ms_comparison_is_sampled (diff->comparison))
    {
      ms_report_remark (notes, terminal,
                        "Allocations were sampled: ± is the standard error of a change.");
      ms_report_remark (
          notes, terminal,
          "What is below 1.96 of them may be by chance; of things that did not change, "
          "one in twenty lies above.");
    }
  if (ms_diff_why_unknown (diff, MS_FIGURE_PEAK_BYTES) != NULL)
    {
      g_autofree char *text = g_strdup_printf (
          "Peak, and what was live or leaked: %s.  Call stacks are of what was kept.",
          ms_diff_why_unknown (diff, MS_FIGURE_PEAK_BYTES));

      ms_report_remark (notes, terminal, text);
    }
  append_side_notes (notes, terminal, &diff->sides[0], "before");
  append_side_notes (notes, terminal, &diff->sides[1], "after");
  if (g_strcmp0 (ms_trace_get_program (diff->sides[0].trace),
                 ms_trace_get_program (diff->sides[1].trace))
      != 0)
    ms_report_remark (notes, terminal, "These are two different programs.");
  if (notes->len == 0)
    return;
  ms_report_heading (out, terminal, "Notes");
  g_string_append (out, notes->str);
}

void
ms_diff_text_append (GString *out, const MsTerminal *terminal, const MsDiff *diff)
{
  append_side (out, terminal, &diff->sides[0], "before");
  append_side (out, terminal, &diff->sides[1], "after");
  append_sentences (out, terminal, diff);
  append_totals (out, terminal, diff);
  append_threads (out, terminal, diff);
  append_stacks (out, terminal, diff);
  append_notes (out, terminal, diff);
}
