/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-summary-row.h"
#include "ms-figures.h"
#include "ms-language.h"
#include "ms-leaks.h"
#include "ms-request.h"
#include "ms-summary-card.h"
#include "ms-wrap-layout.h"

#include <glib/gi18n-lib.h>

typedef enum {
  SUMMARY_PEAK,
  SUMMARY_ALLOCATIONS,
  SUMMARY_LEAKED,
  SUMMARY_MAPPED,
  SUMMARY_CPU,
  SUMMARY_THREADS,
  SUMMARY_DURATION,
  N_SUMMARIES
} Summary;

struct _MsSummaryRow {
  AdwBin parent_instance;

  GtkWidget *cards[N_SUMMARIES];
  GCancellable *finding; /* the peak of a part */
};

G_DEFINE_FINAL_TYPE (MsSummaryRow, ms_summary_row, ADW_TYPE_BIN)

/* Takes both texts. */
static void
set_card (MsSummaryRow *self, Summary which, char *figure, char *note)
{
  ms_summary_card_set (MS_SUMMARY_CARD (self->cards[which]), figure, note);
  g_free (figure);
  g_free (note);
}

/* --- the peak --- */

/* A figure has the room for its error in the line below it.  Takes all but @error. */
static void
set_estimate (MsSummaryRow *self, Summary which, char *figure, const char *error, char *note)
{
  if (*error == '\0')
    {
      set_card (self, which, figure, note);
      return;
    }
  set_card (self, which, ms_figure_about (figure),
            g_strconcat ("± ", error, ms_language_get_comma (), note, NULL));
  g_free (note);
}

static char *
dup_error (double standard_error)
{
  return ms_figure_has_error (standard_error) ? ms_figure_bytes ((guint64) (standard_error + 0.5))
                                              : g_strdup ("");
}

static void
show_peak (MsSummaryRow *self, MsView *view, guint64 bytes, double standard_error, gint64 time_ns)
{
  if ((time_ns == MS_TIME_NONE || bytes == 0) && ms_trace_is_sampled (ms_view_get_trace (view)))
    {
      set_card (self, SUMMARY_PEAK, ms_figure_about (ms_figure_bytes (0)),
                g_strdup (_ ("nothing that was sampled was live")));
      return;
    }
  if (time_ns == MS_TIME_NONE || bytes == 0)
    {
      set_card (self, SUMMARY_PEAK, ms_figure_bytes (0), g_strdup (_ ("nothing was live")));
      return;
    }

  g_autofree char *when = ms_figure_duration (time_ns);
  g_autofree char *error = dup_error (standard_error);
  set_estimate (self, SUMMARY_PEAK, ms_figure_bytes (bytes), error,
                g_strdup_printf (_ ("reached at %s"), when));
}

static void
peak_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  MsView *view = task_data;
  MsDomain domain = ms_trace_get_main_domain (ms_view_get_trace (view));
  GError *error = NULL;
  const MsPeak *peak = ms_view_find_peak (view, domain, cancellable, &error);

  /* It is the view's, which the task holds until it is shown. */
  if (peak != NULL)
    g_task_return_pointer (task, (gpointer) peak, NULL);
  else
    g_task_return_error (task, error);
}

/* Of a task that was cancelled, @user_data is not touched. */
static void
peak_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  const MsPeak *peak = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (peak != NULL)
    show_peak (user_data, g_task_get_task_data (G_TASK (result)), peak->bytes, peak->standard_error,
               peak->time_ns);
  else
    set_card (user_data, SUMMARY_PEAK, NULL, g_strdup (error->message));
}

static void
find_peak (MsSummaryRow *self, MsView *view)
{
  g_autoptr (GTask) task = NULL;

  self->finding = g_cancellable_new ();
  task = g_task_new (NULL, self->finding, peak_found_cb, self);
  set_card (self, SUMMARY_PEAK, g_strdup ("…"), g_strdup (""));
  g_task_set_task_data (task, g_object_ref (view), g_object_unref);
  g_task_run_in_thread (task, peak_worker);
}

/* --- what a view says at once --- */

static const char *
get_leaked_title (MsView *view)
{
  MsTrace *trace = ms_view_get_trace (view);

  /* What the program still holds at the end of what is recorded, it may free yet. */
  if (ms_view_get_end_ns (view) < ms_trace_get_duration_ns (trace))
    return C_ ("summary", "Made, not freed in it");
  return ms_leaks_are_in_use (trace) ? C_ ("summary", "In use") : C_ ("summary", "Leaked");
}

/* What is live of the last events nobody knows. */
static gboolean
is_ring (MsView *view)
{
  return ms_trace_why_no_live (ms_view_get_trace (view)) != NULL;
}

static void
show_memory (MsSummaryRow *self, MsView *view, MsDomain domain)
{
  const MsTotals *totals = ms_view_get_totals (view, domain);
  const MsStandardErrors *errors = &totals->standard_errors;
  g_autofree char *allocated =
      ms_figure_bytes_with_error (totals->allocated_bytes, errors->allocated_bytes);
  g_autofree char *blocks =
      ms_figure_count_with_error (totals->leaked_allocations, errors->leaked_blocks);
  g_autofree char *n_blocks =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s block", "%s blocks",
                                    (gulong) totals->leaked_allocations),
                       blocks);
  guint n_stacks = ms_view_get_n_leaking_stacks (view, domain);
  g_autofree char *n_places =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u stack", "%u stacks", n_stacks), n_stacks);

  g_autofree char *n_error = ms_figure_has_error (errors->allocations)
                                 ? ms_figure_count ((guint64) (errors->allocations + 0.5))
                                 : g_strdup ("");
  set_estimate (self, SUMMARY_ALLOCATIONS, ms_figure_count (totals->allocations), n_error,
                g_strdup_printf (_ ("%s in all"), allocated));
  if (is_ring (view))
    {
      set_card (self, SUMMARY_LEAKED, NULL, g_strdup (_ ("not available in ring mode")));
      return;
    }
  ms_summary_card_set_title (MS_SUMMARY_CARD (self->cards[SUMMARY_LEAKED]),
                             get_leaked_title (view));
  g_autofree char *error = dup_error (errors->leaked_bytes);
  set_estimate (self, SUMMARY_LEAKED, ms_figure_bytes (totals->leaked_bytes), error,
                /* Translators: "418 blocks", "3 stacks": of how many places these blocks are. */
                g_strdup_printf (C_ ("summary", "%s, %s"), n_blocks, n_places));
}

/* As --resources-only has it: zeros would be taken for measurements. */
static void
show_no_memory (MsSummaryRow *self)
{
  static const Summary memory[] = { SUMMARY_PEAK, SUMMARY_ALLOCATIONS, SUMMARY_LEAKED };

  for (guint i = 0; i < G_N_ELEMENTS (memory); i++)
    set_card (self, memory[i], NULL, g_strdup (_ ("no thread was tracked")));
}

/* Of the whole process alone: a mapping's peak in a part is another scan, and of no thread. */
static void
show_mapped (MsSummaryRow *self, MsView *view)
{
  MsTrace *trace = ms_view_get_trace (view);
  gboolean has_mappings = !ms_view_is_filtered (view)
                          && ms_trace_has_domain (trace, MS_DOMAIN_MAPPING)
                          && ms_trace_get_main_domain (trace) != MS_DOMAIN_MAPPING;

  gtk_widget_set_visible (self->cards[SUMMARY_MAPPED], has_mappings);
  if (has_mappings)
    set_card (self, SUMMARY_MAPPED,
              ms_figure_bytes (ms_trace_get_totals (trace, MS_DOMAIN_MAPPING)->peak_bytes),
              g_strdup (_ ("peak of mmap, apart")));
}

/* Of the focused thread, else of the process.  What was not sampled has no card: the page of the system says
 * why. */
static void
show_cpu (MsSummaryRow *self, MsLens *lens)
{
  const MsResourceJoin *resources = ms_lens_get_resources (lens);
  MsMeasured cpu = resources->process.cpu_percent;
  MsThreadRow *row = NULL;
  guint id;

  if (ms_focus_get_thread (ms_lens_get_focus (lens), &id))
    row = ms_lens_find_row (lens, id);
  if (row != NULL)
    cpu = ms_thread_row_get_scores (row)->cpu_percent;
  gtk_widget_set_visible (self->cards[SUMMARY_CPU], cpu.known);
  if (!cpu.known)
    return;

  MsMeasured cores = resources->process.available_cores;
  set_card (self, SUMMARY_CPU, ms_figure_percent (cpu.value),
            row == NULL && cores.known
                ? g_strdup_printf (_ ("of one core; %.3g available"), cores.value)
                : g_strdup (_ ("of one core, on average")));
}

/* Of the others, which ended, only sums are left. (transfer full) */
static char *
describe_shown (guint n_shown)
{
  g_autofree char *shown = ms_figure_count (n_shown);

  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s shown, others ended",
                                       "%s shown, others ended", n_shown),
                          shown);
}

static void
show_threads (MsSummaryRow *self, MsLens *lens)
{
  MsDocument *document = ms_lens_get_document (lens);
  guint n_threads = ms_document_get_rows (document)->len;
  guint n_tracked = ms_document_get_n_tracked (document);
  guint64 n_all = ms_document_get_n_threads (document);

  if (ms_focus_get_thread (ms_lens_get_focus (lens), NULL))
    set_card (self, SUMMARY_THREADS, ms_figure_count (1),
              g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "of %u", "of %u", n_threads),
                               n_threads));
  else if (n_all > n_threads)
    set_card (self, SUMMARY_THREADS, ms_figure_count (n_all), describe_shown (n_threads));
  else
    set_card (self, SUMMARY_THREADS, ms_figure_count (n_threads),
              n_tracked == n_threads
                  ? g_strdup (_ ("all tracked"))
                  : g_strdup_printf (_ ("%u tracked, %u not"), n_tracked, n_threads - n_tracked));
}

static void
show_duration (MsSummaryRow *self, MsView *view)
{
  MsTrace *trace = ms_view_get_trace (view);
  gint64 start_us = ms_trace_get_start_wall_us (trace);
  gint64 duration_ns = ms_trace_get_duration_ns (trace);
  gint64 length_ns = ms_view_get_end_ns (view) - ms_view_get_start_ns (view);

  if (length_ns < duration_ns)
    {
      g_autofree char *whole = ms_figure_duration (duration_ns);

      set_card (self, SUMMARY_DURATION, ms_figure_duration (length_ns),
                g_strdup_printf (_ ("of %s"), whole));
      return;
    }

  if (is_ring (view))
    {
      g_autofree char *kept = ms_figure_duration (duration_ns - ms_trace_get_kept_from_ns (trace));

      set_card (self, SUMMARY_DURATION, ms_figure_duration (duration_ns),
                g_strdup_printf (_ ("the last %s are kept"), kept));
      return;
    }

  g_autoptr (GDateTime) start =
      start_us > 0 ? g_date_time_new_from_unix_local (start_us / G_USEC_PER_SEC) : NULL;
  g_autofree char *when = start != NULL ? g_date_time_format (start, "%F %H:%M") : NULL;
  set_card (self, SUMMARY_DURATION, ms_figure_duration (duration_ns),
            when != NULL ? g_strdup_printf (_ ("from %s"), when) : g_strdup (_ ("start unknown")));
}

/* --- the widget --- */

static void
ms_summary_row_dispose (GObject *object)
{
  ms_request_cancel (&MS_SUMMARY_ROW (object)->finding);
  G_OBJECT_CLASS (ms_summary_row_parent_class)->dispose (object);
}

static void
ms_summary_row_class_init (MsSummaryRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_summary_row_dispose;
}

static void
ms_summary_row_init (MsSummaryRow *self)
{
  static const char *const TITLES[N_SUMMARIES] = {
    [SUMMARY_PEAK] = NC_ ("summary", "Peak memory"),
    [SUMMARY_ALLOCATIONS] = NC_ ("summary", "Allocations"),
    [SUMMARY_LEAKED] = NC_ ("summary", "Leaked"),
    [SUMMARY_MAPPED] = NC_ ("summary", "Mapped memory"),
    [SUMMARY_CPU] = NC_ ("summary", "Processor"),
    [SUMMARY_THREADS] = NC_ ("summary", "Threads"),
    [SUMMARY_DURATION] = NC_ ("summary", "Duration"),
  };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_set_layout_manager (box, ms_wrap_layout_new (12, TRUE));
  for (guint i = 0; i < N_SUMMARIES; i++)
    {
      self->cards[i] = ms_summary_card_new (g_dpgettext2 (GETTEXT_PACKAGE, "summary", TITLES[i]));
      gtk_box_append (GTK_BOX (box), self->cards[i]);
    }
  adw_bin_set_child (ADW_BIN (self), box);
}

void
ms_summary_row_show (MsSummaryRow *self, MsLens *lens)
{
  MsView *view = lens != NULL ? ms_lens_get_view (lens) : NULL;

  g_return_if_fail (MS_IS_SUMMARY_ROW (self));

  ms_request_cancel (&self->finding);
  gtk_widget_set_visible (GTK_WIDGET (self), view != NULL);
  if (view == NULL)
    return;

  MsDomain domain = ms_lens_get_domain (lens);
  const MsTotals *totals = ms_view_get_totals (view, domain);
  gboolean is_recorded = ms_document_get_n_tracked (ms_lens_get_document (lens)) > 0
                         || ms_trace_has_domain (ms_view_get_trace (view), domain);
  if (!is_recorded)
    show_no_memory (self);
  else if (is_ring (view))
    set_card (self, SUMMARY_PEAK, NULL, g_strdup (_ ("not available in ring mode")));
  else if (ms_view_is_filtered (view))
    find_peak (self, view);
  else
    show_peak (self, view, totals->peak_bytes, totals->standard_errors.peak_bytes,
               totals->peak_time_ns);
  if (is_recorded)
    show_memory (self, view, domain);
  show_mapped (self, view);
  show_cpu (self, lens);
  show_threads (self, lens);
  show_duration (self, view);
}
