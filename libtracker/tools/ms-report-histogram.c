/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-histogram.h"

#include "ms-estimate-text.h"
#include "ms-memory-json.h"
#include "ms-report-lines.h"
#include "ms-terminal-text.h"

#define LONGEST_BAR 60U
#define SHORTEST_BAR 4U
#define PIPED_BAR 40U

G_STATIC_ASSERT (MS_SIZE_BINS == MS_LIFETIME_BINS);

typedef struct {
  guint first, last; /* bins that are not empty, and those between */
  guint64 total, highest;
  guint label_width, count_width;
  guint bar_width;
} Scale;

/* Bin 0 has 0, bin b what lies from 2^(b-1) to 2^b − 1. */
static guint64
lower_bound (guint bin)
{
  return bin == 0 ? 0 : G_GUINT64_CONSTANT (1) << (bin - 1);
}

static guint64
upper_bound (guint bin)
{
  return bin == 0 ? 0 : lower_bound (bin) - 1 + lower_bound (bin);
}

/* Bounds of sizes are exact up to a kilobyte. */
static char *
dup_size_label (guint bin)
{
  g_autofree char *upper = ms_format_bytes (upper_bound (bin));
  g_autofree char *lower = ms_format_bytes (lower_bound (bin));

  if (lower_bound (bin) == upper_bound (bin))
    return g_steal_pointer (&upper);
  if (upper_bound (bin) < 1000)
    return g_strdup_printf ("%u–%u B", (guint) lower_bound (bin), (guint) upper_bound (bin));
  return g_strdup_printf ("from %s", lower);
}

static char *
dup_age_label (guint bin)
{
  g_autofree char *lower = ms_format_duration ((gint64) MIN (lower_bound (bin), G_MAXINT64));

  return bin == 0 ? g_strdup ("below 1 ns") : g_strdup_printf ("from %s", lower);
}

typedef char *(*LabelFunc) (guint bin);

static void
measure (Scale *scale, const guint64 *bins, const double *errors, LabelFunc dup_label, guint width)
{
  guint rest;

  scale->first = MS_SIZE_BINS;
  for (guint i = 0; i < MS_SIZE_BINS; i++)
    {
      g_autofree char *count = ms_estimate_text_count (bins[i], errors ? errors[i] : 0);

      if (bins[i] == 0)
        continue;
      scale->first = MIN (scale->first, i);
      scale->last = i;
      scale->total += bins[i];
      scale->highest = MAX (scale->highest, bins[i]);
      scale->count_width = MAX (scale->count_width, ms_terminal_text_width (count));
    }
  for (guint i = scale->first; i <= scale->last; i++)
    {
      g_autofree char *label = dup_label (i);

      scale->label_width = MAX (scale->label_width, ms_terminal_text_width (label));
    }
  rest = 2 + scale->label_width + 2 + scale->count_width + 2 + 2 + 7; /* gaps and the share */
  scale->bar_width = width == G_MAXUINT            ? PIPED_BAR
                     : width > rest + SHORTEST_BAR ? MIN (width - rest, LONGEST_BAR)
                                                   : SHORTEST_BAR;
}

/* Eighths of a column on a terminal that has them; whole ones elsewhere, at least one for any count. */
static void
append_bar (GString *out, guint64 count, const Scale *scale, gboolean has_blocks)
{
  static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
  double length = (double) count / (double) scale->highest * scale->bar_width;
  guint n = (guint) (length * 8 + 0.5);

  if (!has_blocks)
    {
      n = count > 0 ? MAX (1, (guint) (length + 0.5)) : 0;
      for (guint i = 0; i < scale->bar_width; i++)
        g_string_append_c (out, i < n ? '#' : ' ');
      return;
    }
  n = count > 0 ? MAX (n, 1) : 0;
  for (guint i = 0; i < n / 8; i++)
    g_string_append (out, "█");
  g_string_append (out, eighths[n % 8]);
  g_string_append_printf (out, "%*s", (int) (scale->bar_width - (n + 7) / 8), "");
}

static void
append_bars (GString *out,
             MsReport *report,
             const char *title,
             const guint64 *bins,
             const double *errors,
             LabelFunc dup_label)
{
  gboolean has_blocks = report->terminal->width != G_MAXUINT && g_get_charset (NULL);
  Scale scale = { 0 };

  ms_report_heading (out, report->terminal, title);
  if (bins == NULL)
    {
      ms_report_remark (out, report->terminal, "there were none");
      return;
    }
  measure (&scale, bins, errors, dup_label, report->terminal->width);
  for (guint i = scale.first; i <= scale.last; i++)
    {
      g_autofree char *label = dup_label (i);
      g_autofree char *count = ms_estimate_text_count (bins[i], errors ? errors[i] : 0);
      g_autofree char *share = ms_format_share (bins[i], scale.total);

      g_string_append_printf (out, "  %s%*s  %*s%s  ", label,
                              (int) (scale.label_width - ms_terminal_text_width (label)), "",
                              (int) (scale.count_width - ms_terminal_text_width (count)), "",
                              count);
      append_bar (out, bins[i], &scale, has_blocks);
      g_string_append_printf (out, "  %7s\n", share);
    }
}

void
ms_report_histogram_append (GString *out, MsReport *report)
{
  append_bars (out, report, "Allocations by size",
               ms_view_get_size_histogram (report->view, NULL, report->domain),
               ms_view_get_size_histogram_errors (report->view, NULL, report->domain),
               dup_size_label);
  append_bars (out, report, "Frees by age",
               ms_view_get_lifetime_histogram (report->view, NULL, report->domain),
               ms_view_get_lifetime_histogram_errors (report->view, NULL, report->domain),
               dup_age_label);
}

void
ms_report_histogram_write (MsJsonWriter *writer, MsReport *report)
{
  ms_json_writer_begin_object (writer);
  ms_memory_json_add_bins (writer, report->trace, "sizes",
                           ms_view_get_size_histogram (report->view, NULL, report->domain),
                           ms_view_get_size_histogram_errors (report->view, NULL, report->domain),
                           "from_bytes", "to_bytes", "allocations");
  ms_memory_json_add_bins (writer, report->trace, "lifetimes",
                           ms_view_get_lifetime_histogram (report->view, NULL, report->domain),
                           ms_view_get_lifetime_histogram_errors (report->view, NULL,
                                                                  report->domain),
                           "from_ns", "to_ns", "deallocations");
  ms_json_writer_end_object (writer);
}
