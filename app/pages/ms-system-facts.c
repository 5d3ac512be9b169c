/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where the memory is, how well it was sampled, and what the trace says of itself. */
#include "ms-system-rows.h"
#include "ms-display-name.h"
#include "ms-figures.h"
#include "ms-language.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define MOST_GAPS 5
#define MOST_NOTES 6

/* --- memory --- */

static char *
format_bytes (MsMeasured bytes)
{
  return bytes.known ? ms_figure_bytes ((guint64) llround (MAX (bytes.value, 0)))
                     : g_strdup (MS_NOT_MEASURED);
}

static void
add_bytes (GtkWidget *group, const char *title, const char *subtitle, MsMeasured bytes)
{
  g_autofree char *figure = format_bytes (bytes);

  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             ms_system_figure_row_new (title,
                                                       bytes.known
                                                           ? subtitle
                                                           : ms_language_reason (bytes.reason),
                                                       figure));
}

/* Bounds that show the same are one figure. */
static void
add_bounds (GtkWidget *group,
            const char *title,
            const char *subtitle,
            MsMeasured low,
            MsMeasured high)
{
  g_autofree char *from = format_bytes (low);
  g_autofree char *to = format_bytes (high);
  g_autofree char *figure =
      g_str_equal (from, to) ? g_strdup (to) : g_strdup_printf ("%s – %s", from, to);

  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             ms_system_figure_row_new (title,
                                                       low.known ? subtitle
                                                                 : ms_language_reason (low.reason),
                                                       figure));
}

/* The kinds of what is resident, in one line. */
static char *
describe_resident (const MsMemorySplit *split)
{
  g_autofree char *anonymous = format_bytes (split->resident_anonymous_bytes);
  g_autofree char *file = format_bytes (split->resident_file_bytes);
  g_autofree char *shared = format_bytes (split->resident_shared_bytes);

  /* Translators: three sizes of memory. */
  return g_strdup_printf (_ ("%s anonymous, %s of files, %s shared"), anonymous, file, shared);
}

GtkWidget *
ms_system_memory_new (const MsSystemFigures *figures)
{
  const MsMemorySplit *split = &figures->split;
  GtkWidget *group = ms_system_group_new (_ ("Where the Memory Is"),
                                          figures->has_thread ? _ ("Of the whole process.") : NULL);
  g_autofree char *kinds = describe_resident (split);

  add_bytes (group, _ ("Requested and live"), _ ("What the program asked for and has at the end"),
             split->requested_bytes);
  add_bounds (group, _ ("Held for it by malloc"), _ ("With its own words and rounding"),
              split->held_low_bytes, split->held_high_bytes);
  add_bytes (group, _ ("Resident"), kinds, split->resident_bytes);
  add_bounds (group, _ ("Anonymous resident beyond live blocks"),
              _ ("Free blocks that malloc keeps, the program’s own mappings, stacks, its data"),
              split->beyond_low_bytes, split->beyond_high_bytes);
  if (split->swapped_bytes.known && split->swapped_bytes.value > 0)
    add_bytes (group, _ ("Swapped out"), NULL, split->swapped_bytes);
  add_bytes (group, _ ("Mapped by the program"), _ ("Address space, of which a part is resident"),
             split->mapped_bytes);
  return group;
}

/* --- sampling --- */

static GtkWidget *
new_ticks_row (const MsResourceCoverage *coverage)
{
  g_autofree char *interval = ms_figure_chosen_duration (coverage->interval_ns);
  g_autofree char *samples = ms_figure_count (coverage->n_samples);
  g_autofree char *missed = ms_figure_count (coverage->n_missed);
  g_autofree char *title = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s sample", "%s samples",
                                                         (gulong) coverage->n_samples),
                                            samples);
  g_autofree char *subtitle =
      coverage->n_missed == 0
          /* Translators: a length of time. */
          ? g_strdup_printf (_ ("One each %s; none was missed"), interval)
          /* Translators: a length of time, a number. */
          : g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "One each %s; %s was missed",
                                          "One each %s; %s were missed",
                                          (gulong) coverage->n_missed),
                             interval, missed);

  return ms_system_row_new (title, coverage->interval_ns > 0 ? subtitle : NULL,
                            coverage->n_missed > 0 ? "dialog-warning-symbolic" : NULL);
}

static GtkWidget *
new_gaps_row (const MsResourceCoverage *coverage, MsFocus *focus)
{
  GtkWidget *row = ms_system_expander_new (
      _ ("Gaps"), _ ("What happened in them is not known, and no line is drawn through them."),
      NULL);

  for (guint i = 0; i < MIN (coverage->gaps->len, MOST_GAPS); i++)
    {
      const MsSampleGap *gap = &g_array_index (coverage->gaps, MsSampleGap, i);
      g_autofree char *range = ms_figure_range (gap->start_ns, gap->end_ns);
      g_autofree char *missed = ms_figure_count (gap->n_missed);
      g_autofree char *subtitle =
          g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s missed", "%s missed",
                                        (gulong) gap->n_missed),
                           missed);
      GtkWidget *child = ms_system_row_new (range, subtitle, NULL);

      ms_system_row_set_target (child, focus, -1, gap->start_ns, gap->end_ns);
      adw_expander_row_add_row (ADW_EXPANDER_ROW (row), child);
    }
  if (coverage->gaps->len > MOST_GAPS)
    {
      guint n_more = coverage->gaps->len - MOST_GAPS;
      g_autofree char *more = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "and %u shorter one",
                                                            "and %u shorter ones", n_more),
                                               n_more);

      adw_expander_row_add_row (ADW_EXPANDER_ROW (row), ms_system_row_new (more, NULL, NULL));
    }
  return row;
}

/* "I/O of threads" with "of 3 of 4; it had ended before it was read". */
static GtkWidget *
new_collector_row (const MsCollector *collector)
{
  g_autofree char *counts = NULL;
  g_autofree char *subtitle = NULL;

  if (collector->n_measured > 0 && collector->reason != NULL)
    {
      /* Translators: two numbers: so many of so many threads, disks, … */
      counts =
          g_strdup_printf (_ ("known of %u of %u"), collector->n_measured, collector->n_sources);
      subtitle = g_strdup_printf ("%s; %s", counts, ms_language_reason (collector->reason));
    }
  else
    subtitle = g_strdup (collector->reason != NULL ? ms_language_reason (collector->reason) : "");
  return ms_system_row_new (ms_language_word ("collector", collector->label), subtitle, NULL);
}

static GtkWidget *
new_collectors_row (const MsResourceCoverage *coverage, gboolean is_measured)
{
  GtkWidget *row =
      ms_system_expander_new (is_measured ? _ ("Measured") : _ ("Not Available"), NULL, NULL);
  guint n = 0;

  for (guint i = 0; i < coverage->collectors->len; i++)
    {
      const MsCollector *collector = &g_array_index (coverage->collectors, MsCollector, i);

      if ((collector->n_measured > 0) != is_measured)
        continue;
      adw_expander_row_add_row (ADW_EXPANDER_ROW (row), new_collector_row (collector));
      n++;
    }
  g_autofree char *count =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u kind of figure", "%u kinds of figures", n),
                       n);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), count);
  if (n > 0)
    return row;
  g_object_ref_sink (row);
  g_object_unref (row);
  return NULL;
}

GtkWidget *
ms_system_sampling_new (const MsSystemFigures *figures, MsFocus *focus)
{
  const MsResourceCoverage *coverage = figures->coverage;
  GtkWidget *group = ms_system_group_new (_ ("What Was Sampled"), NULL);
  GtkWidget *measured, *absent;

  if (!coverage->has_samples)
    {
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                                 ms_system_row_new (_ ("Nothing"),
                                                    _ ("The recording has no resource samples."),
                                                    NULL));
      return group;
    }
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), new_ticks_row (coverage));
  if (coverage->gaps->len > 0)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), new_gaps_row (coverage, focus));
  if ((measured = new_collectors_row (coverage, TRUE)) != NULL)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), measured);
  if ((absent = new_collectors_row (coverage, FALSE)) != NULL)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), absent);
  return group;
}

/* --- notes --- */

static gint
compare_notes (gconstpointer a, gconstpointer b)
{
  const MsDiagnostic *x = *(MsDiagnostic *const *) a, *y = *(MsDiagnostic *const *) b;

  return (gint) y->level - (gint) x->level;
}

GtkWidget *
ms_system_notes_new (MsDocument *document)
{
  static const char *const ICONS[] = {
    [MS_DIAGNOSTIC_INFO] = "dialog-information-symbolic",
    [MS_DIAGNOSTIC_WARNING] = "dialog-warning-symbolic",
    [MS_DIAGNOSTIC_DAMAGE] = "dialog-error-symbolic",
  };
  g_autoptr (GPtrArray) notes = ms_document_get_diagnostics (document);
  GtkWidget *group = ms_system_group_new (_ ("Notes About This Trace"), NULL);

  g_ptr_array_sort (notes, compare_notes);
  for (guint i = 0; i < MIN (notes->len, MOST_NOTES); i++)
    {
      const MsDiagnostic *note = g_ptr_array_index (notes, i);
      g_autofree char *file = note->file != NULL ? ms_display_name (note->file) : NULL;

      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                                 ms_system_row_new (note->message != NULL ? note->message : "",
                                                    file, ICONS[note->level]));
    }
  if (notes->len > MOST_NOTES)
    {
      guint n_more = notes->len - MOST_NOTES;
      g_autofree char *more =
          g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "and %u more", "and %u more", n_more),
                           n_more);

      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                                 ms_system_row_new (more, NULL, NULL));
    }
  if (notes->len == 0)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                               ms_system_row_new (_ ("None"), _ ("Nothing in it is damaged."),
                                                  NULL));
  return group;
}
