/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-compare-show.h"
#include "ms-difference-plot.h"
#include "ms-display-name.h"
#include "ms-figures.h"
#include "ms-short-name.h"
#include "ms-summary-card.h"

#include <glib/gi18n-lib.h>

/* More rows than anybody reads; CSV of all is `memscope diff`'s. */
#define MOST_ROWS 1000
#define MOST_NODES 400
#define TOOLTIP_FRAMES 24
#define TOOLTIP_CHARS 200
#define NAME_FRAMES 4

const MsFigureKind MS_COMPARE_FIGURES[MS_COMPARE_N_FIGURES] = {
  MS_FIGURE_BYTES_AT_PROCESS_PEAK, MS_FIGURE_ALLOCATED_BYTES,       MS_FIGURE_ALLOCATIONS,
  MS_FIGURE_LEAKED_BYTES,          MS_FIGURE_TEMPORARY_ALLOCATIONS,
};

const char *
ms_compare_figure_title (MsFigureKind figure, gboolean has_leaks)
{
  switch (figure)
    {
    case MS_FIGURE_PEAK_BYTES:
    case MS_FIGURE_BYTES_AT_PROCESS_PEAK:
      return C_ ("compare", "Peak");
    case MS_FIGURE_ALLOCATED_BYTES:
      return C_ ("compare", "Allocated");
    case MS_FIGURE_ALLOCATIONS:
      return C_ ("compare", "Allocations");
    case MS_FIGURE_LEAKED_BYTES:
      return has_leaks ? C_ ("compare", "Leaked") : C_ ("compare", "Made, not freed in it");
    case MS_FIGURE_TEMPORARY_ALLOCATIONS:
      return C_ ("compare", "Temporary");
    case MS_FIGURE_LIVE_BYTES:
    case MS_FIGURE_LEAKED_ALLOCATIONS:
    case MS_FIGURE_DEALLOCATIONS:
    case MS_N_FIGURES:
    default:
      return "";
    }
}

gboolean
ms_compare_figure_is_bytes (MsFigureKind figure)
{
  return figure != MS_FIGURE_ALLOCATIONS && figure != MS_FIGURE_TEMPORARY_ALLOCATIONS
         && figure != MS_FIGURE_DEALLOCATIONS && figure != MS_FIGURE_LEAKED_ALLOCATIONS;
}

/* --- totals --- */

static char *
format (guint64 value, gboolean is_bytes)
{
  return is_bytes ? ms_figure_bytes (value) : ms_figure_count (value);
}

static void
show_total (GtkWidget *card, const MsChange *change, gboolean is_bytes)
{
  g_autofree char *before = format (change->before, is_bytes);
  g_autofree char *after = format (change->after, is_bytes);
  g_autofree char *difference = ms_difference_format (change, is_bytes);
  gboolean is_same = change->before == change->after;
  gboolean is_by_chance = !is_same && !ms_change_is_significant (change);
  g_autofree char *figure = g_strconcat (is_same || is_by_chance          ? ""
                                         : change->after > change->before ? "▲ "
                                                                          : "▼ ",
                                         difference, NULL);
  /* Translators: of a sampled recording: the change may be by chance. */
  g_autofree char *note =
      g_strdup_printf ("%s → %s%s", before, after, is_by_chance ? _ (" · not significant") : "");

  ms_summary_card_set (MS_SUMMARY_CARD (card), figure, note);
}

void
ms_compare_show_totals (const MsCompareResult *result, GtkWidget *const *cards)
{
  const MsComparedRow *totals = ms_comparison_get_totals (result->comparison);

  for (guint i = 0; i < MS_COMPARE_N_FIGURES; i++)
    {
      MsFigureKind figure = MS_COMPARE_FIGURES[i];

      ms_summary_card_set_title (MS_SUMMARY_CARD (cards[i]),
                                 ms_compare_figure_title (figure, result->has_leaks));
      show_total (cards[i], &totals->changes[figure], ms_compare_figure_is_bytes (figure));
    }
}

/* --- the tree --- */

static char *
dup_label (MsDifferenceTree *tree, gint node)
{
  g_autofree char *name = NULL;

  if (node <= 0)
    return g_strdup (node == 0 ? _ ("All") : "");
  name = ms_short_name_new (ms_difference_tree_get_node (tree, (guint) node)->label);
  return ms_display_name (name);
}

static void
add_node (MsDifferenceTree *tree, guint at, gboolean is_bytes, MsFigureTable *table)
{
  const MsDifferenceNode *node = ms_difference_tree_get_node (tree, at);
  g_autofree char *name = dup_label (tree, (gint) at);
  g_autofree char *caller = dup_label (tree, node->parent);
  g_autofree char *before = format (node->change.before, is_bytes);
  g_autofree char *after = format (node->change.after, is_bytes);
  g_autofree char *change = ms_difference_format (&node->change, is_bytes);
  g_autofree char *exact_before = g_strdup_printf ("%" G_GUINT64_FORMAT, node->change.before);
  g_autofree char *exact_after = g_strdup_printf ("%" G_GUINT64_FORMAT, node->change.after);
  g_autofree char *exact_change =
      g_strdup_printf ("%" G_GINT64_FORMAT, ms_change_get_difference (&node->change));
  const char *word = ms_difference_get_word (ms_difference_of (&node->change));
  const char *shown[] = { name, caller, before, after, change, word, NULL };
  const char *exact[] = { name, caller, exact_before, exact_after, exact_change, word, NULL };

  ms_figure_table_add (table, shown, exact);
}

void
ms_compare_show_tree (const MsCompareResult *result, guint zoomed, MsPlotArea *area)
{
  ms_plot_area_set_plot (area, ms_difference_plot_new (result->tree,
                                                       ms_compare_figure_is_bytes (result->figure),
                                                       zoomed));
}

void
ms_compare_show_nodes (const MsCompareResult *result, MsFigureTable *table)
{
  gboolean is_bytes = ms_compare_figure_is_bytes (result->figure);
  guint n = ms_difference_tree_get_n_nodes (result->tree);

  ms_figure_table_clear (table);
  for (guint i = 0; i < MIN (n, MOST_NODES); i++)
    add_node (result->tree, i, is_bytes, table);
}

/* --- rows --- */

/* "grow ← load ← main": who allocates, and from where it was called, as many stacks have one site. */
static char *
dup_stack_name (const MsComparedRow *row)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint depth, site, at = 0, n_shown = 0;
  const guint *frames = ms_frame_names_get_stack (row->names, row->stack, &depth, NULL);

  if (ms_frame_names_find_site (row->names, row->stack, &site))
    while (at + 1 < depth && frames[at] != site)
      at++;
  for (; at < depth && n_shown < NAME_FRAMES; at++, n_shown++)
    {
      g_autofree char *name = ms_short_name_new (ms_frame_names_get_label (row->names, frames[at]));
      g_autofree char *shown = ms_display_name (name);

      g_string_append_printf (text, "%s%s", n_shown > 0 ? " ← " : "", shown);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* All frames, innermost first. */
static char *
dup_frames (const MsComparedRow *row)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint depth;
  const guint *frames = ms_frame_names_get_stack (row->names, row->stack, &depth, NULL);

  for (guint i = 0; i < MIN (depth, TOOLTIP_FRAMES); i++)
    {
      g_autofree char *label =
          ms_display_text (ms_frame_names_get_label (row->names, frames[i]), TOOLTIP_CHARS);

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", label);
    }
  if (depth > TOOLTIP_FRAMES)
    g_string_append (text, "\n…");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
ms_compare_show_rows (const MsCompareResult *result, MsComparedKind kind, MsChangeTable *table)
{
  gboolean is_bytes = ms_compare_figure_is_bytes (result->figure);
  guint n;
  g_autofree guint *rows =
      ms_comparison_rank (result->comparison, kind, result->figure, MOST_ROWS, &n);

  ms_change_table_clear (table);
  for (guint i = 0; i < n; i++)
    {
      const MsComparedRow *row = ms_comparison_get_row (result->comparison, kind, rows[i]);
      g_autofree char *name =
          row->name == NULL ? dup_stack_name (row) : ms_display_name (row->name);
      g_autofree char *frames = row->name == NULL ? dup_frames (row) : NULL;

      ms_change_table_add (table, rows[i], name, frames, &row->changes[result->figure], is_bytes);
    }
}

/* --- from a row to what it is of --- */

/* Numbers in @trace of the stacks, or indices of the threads, that are in @row; of another trace none. */
static GArray *
find_numbers (const MsCompareResult *result, MsComparedKind kind, guint row, MsTrace *trace)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  gboolean is_before = ms_view_get_trace (ms_comparison_get_before (result->comparison)) == trace;
  gboolean is_after = ms_view_get_trace (ms_comparison_get_after (result->comparison)) == trace;
  guint n =
      kind == MS_COMPARED_THREADS ? ms_trace_get_n_threads (trace) : ms_trace_get_n_stacks (trace);

  for (guint i = 0; i < n; i++)
    if ((is_after && ms_comparison_find_row (result->comparison, kind, TRUE, i) == (gint) row)
        || (is_before && ms_comparison_find_row (result->comparison, kind, FALSE, i) == (gint) row))
      g_array_append_val (numbers, i);
  return numbers;
}

gboolean
ms_compare_focus_row (const MsCompareResult *result, MsComparedKind kind, guint row, MsLens *lens)
{
  MsTrace *trace = ms_lens_get_trace (lens);
  MsFocus *focus = ms_lens_get_focus (lens);
  const MsComparedRow *compared = ms_comparison_get_row (result->comparison, kind, row);
  g_autoptr (GArray) numbers = find_numbers (result, kind, row, trace);
  g_autofree char *name = compared->name == NULL ? dup_stack_name (compared) : NULL;

  if (numbers->len == 0)
    return FALSE;
  if (kind == MS_COMPARED_THREADS)
    ms_focus_set_thread (focus,
                         ms_thread_get_id (
                             ms_trace_get_thread (trace, g_array_index (numbers, guint, 0))));
  else if (numbers->len == 1)
    ms_focus_set_stack (focus, g_array_index (numbers, guint, 0));
  else
    ms_focus_set_stacks (focus, (const guint *) (gpointer) numbers->data, numbers->len, name);
  return TRUE;
}
