/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-diff.h"

#include <math.h>

#include "ms-estimate-text.h"
#include "ms-left-words.h"
#include "ms-terminal-text.h"

typedef struct {
  const char *title, *sentence, *phrase;
  gboolean is_bytes;
} Figure;

static const Figure figures[MS_N_FIGURES] = {
  [MS_FIGURE_PEAK_BYTES] = { "peak", "Peak", "peak", TRUE },
  [MS_FIGURE_BYTES_AT_PROCESS_PEAK] = { "at peak", "At the peak", "bytes at the peak", TRUE },
  [MS_FIGURE_LIVE_BYTES] = { "live at end", "Live at the end", "bytes live at the end", TRUE },
  [MS_FIGURE_LEAKED_BYTES] = { "leaked", "Leaked", "leaked bytes", TRUE },
  [MS_FIGURE_LEAKED_ALLOCATIONS] = { "leaked blocks", "Leaked blocks", "leaked blocks", FALSE },
  [MS_FIGURE_ALLOCATED_BYTES] = { "allocated", "Allocated", "allocated bytes", TRUE },
  [MS_FIGURE_ALLOCATIONS] = { "allocations", "Allocations", "allocations", FALSE },
  [MS_FIGURE_DEALLOCATIONS] = { "deallocations", "Deallocations", "deallocations", FALSE },
  [MS_FIGURE_TEMPORARY_ALLOCATIONS] = { "temporary", "Temporary allocations",
                                        "temporary allocations", FALSE },
};

/* Of a range that ends before its process, and of a process that was killed or still runs. */
static const Figure left_bytes = { "left", "Left", "bytes left", TRUE };
static const Figure left_blocks = { "left blocks", "Left blocks", "blocks left", FALSE };

const char *
ms_diff_side_get_left_reason (const MsDiffSide *side)
{
  return ms_left_get_reason (ms_left_get_kind (side->view));
}

/* Two things are compared: where one of them is no leak, neither word of the other one fits. */
static const Figure *
get_figure (const MsDiff *self, MsFigureKind kind)
{
  gboolean is_left = ms_diff_side_get_left_reason (&self->sides[0]) != NULL
                     || ms_diff_side_get_left_reason (&self->sides[1]) != NULL;

  if (is_left && kind == MS_FIGURE_LEAKED_BYTES)
    return &left_bytes;
  if (is_left && kind == MS_FIGURE_LEAKED_ALLOCATIONS)
    return &left_blocks;
  return &figures[kind];
}

void
ms_diff_clear (MsDiff *self)
{
  g_clear_pointer (&self->comparison, ms_comparison_unref);
  for (guint i = 0; i < 2; i++)
    {
      MsDiffSide *side = &self->sides[i];

      g_clear_pointer (&side->names, ms_frame_names_unref);
      g_clear_object (&side->view);
      g_clear_object (&side->trace);
      g_clear_object (&side->symbolizer);
      g_clear_pointer (&side->folder, g_free);
      g_clear_pointer (&side->part, g_free);
    }
}

MsFigureKind
ms_diff_get_part_figure (const MsDiff *self)
{
  return self->by == MS_FIGURE_PEAK_BYTES ? MS_FIGURE_BYTES_AT_PROCESS_PEAK : self->by;
}

const char *
ms_diff_why_unknown (const MsDiff *self, MsFigureKind kind)
{
  const char *why = ms_trace_why_no_live (self->sides[0].trace);

  if (!ms_totals_name_is_of_live (ms_figure_kind_to_string (kind)))
    return NULL;
  return why != NULL ? why : ms_trace_why_no_live (self->sides[1].trace);
}

/* --- words ----------------------------------------------------------------------------------- */

const char *
ms_diff_figure_title (const MsDiff *self, MsFigureKind kind)
{
  return get_figure (self, kind)->title;
}

const char *
ms_diff_figure_phrase (const MsDiff *self, MsFigureKind kind)
{
  return get_figure (self, kind)->phrase;
}

char *
ms_diff_format (MsFigureKind kind, guint64 value)
{
  return figures[kind].is_bytes ? ms_format_bytes (value) : ms_format_count (value);
}

char *
ms_diff_format_change (MsFigureKind kind, const MsChange *change)
{
  gint64 difference = ms_change_get_difference (change);
  g_autofree char *size = ms_diff_format (kind, (guint64) ABS (difference));
  g_autofree char *error = figures[kind].is_bytes
                               ? ms_estimate_text_error_bytes (change->standard_error)
                               : ms_estimate_text_error_count (change->standard_error);

  if (isnan (change->standard_error))
    {
      g_free (error);
      error = g_strdup ("± ?");
    }
  return g_strchomp (g_strdup_printf ("%s%s %s",
                                      difference > 0   ? "+"
                                      : difference < 0 ? "-"
                                                       : "",
                                      size, error));
}

char *
ms_diff_format_percent (const MsChange *change)
{
  double percent;

  if (change->before == change->after)
    return g_strdup ("");
  if (!ms_change_get_percent (change, &percent))
    return g_strdup ("new");
  return g_strdup_printf ("%+.*f %%", fabs (percent) < 99.95 ? 1 : 0, percent);
}

const char *
ms_diff_row_remark (const MsComparedRow *row, MsFigureKind kind)
{
  const MsChange *change = &row->changes[kind];

  if (change->before != change->after && !ms_change_is_significant (change))
    return "may be by chance";
  return row->n_before == 0 ? "new" : row->n_after == 0 ? "gone" : "";
}

char *
ms_diff_format_numbers (guint before, guint after)
{
  return before == after ? g_strdup_printf ("%u", after)
                         : g_strdup_printf ("%u → %u", before, after);
}

/* --- sentences ------------------------------------------------------------------------------- */

static char *
describe (const MsDiff *self, MsFigureKind kind, MsDiffQuoteFunc quote)
{
  const MsChange *change = &ms_comparison_get_totals (self->comparison)->changes[kind];
  MsFigureKind part = kind == MS_FIGURE_PEAK_BYTES ? MS_FIGURE_BYTES_AT_PROCESS_PEAK : kind;
  const MsComparedRow *cause = ms_comparison_find_cause (self->comparison, kind);
  g_autofree char *before = ms_diff_format (kind, change->before);
  g_autofree char *after = ms_diff_format (kind, change->after);
  g_autofree char *difference = ms_diff_format_change (kind, change);
  g_autofree char *percent = ms_diff_format_percent (change);
  GString *text = g_string_new (get_figure (self, kind)->sentence);

  if (change->before == change->after)
    {
      g_string_append_printf (text, " unchanged at %s", after);
      return g_string_free (text, FALSE);
    }
  g_string_append_printf (text, " %s", difference);
  if (change->before > 0)
    g_string_append_printf (text, " (%s)", percent);
  g_string_append_printf (text, ", from %s to %s", before, after);
  if (!ms_change_is_significant (change))
    g_string_append (text, ", which may be by chance");
  else if (cause != NULL)
    {
      double share = (double) ms_change_get_difference (&cause->changes[part])
                     / (double) ms_change_get_difference (change);
      g_autofree char *name = quote (cause->name[0] != '\0' ? cause->name : "unknown code");
      g_autofree char *its_change = ms_diff_format_change (part, &cause->changes[part]);

      /* Others may have changed the other way, and its part be more than the whole. */
      g_string_append_printf (text, ", %s from %s (%s)",
                              share >= 0.5 && share <= 1.1 ? "most of it" : "above all", name,
                              its_change);
    }
  return g_string_free (text, FALSE);
}

GPtrArray *
ms_diff_sentences (const MsDiff *self, MsDiffQuoteFunc quote)
{
  GPtrArray *sentences = g_ptr_array_new_with_free_func (g_free);
  const MsChange *changes = ms_comparison_get_totals (self->comparison)->changes;

  if (ms_diff_why_unknown (self, MS_FIGURE_PEAK_BYTES) == NULL)
    g_ptr_array_add (sentences, describe (self, MS_FIGURE_PEAK_BYTES, quote));
  if (ms_diff_why_unknown (self, MS_FIGURE_LEAKED_BYTES) == NULL
      && changes[MS_FIGURE_LEAKED_BYTES].before != changes[MS_FIGURE_LEAKED_BYTES].after)
    g_ptr_array_add (sentences, describe (self, MS_FIGURE_LEAKED_BYTES, quote));
  if (self->by != MS_FIGURE_PEAK_BYTES && self->by != MS_FIGURE_BYTES_AT_PROCESS_PEAK
      && self->by != MS_FIGURE_LEAKED_BYTES)
    g_ptr_array_add (sentences, describe (self, self->by, quote));
  return sentences;
}
