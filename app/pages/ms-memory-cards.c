/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-cards.h"
#include "ms-display-name.h"
#include "ms-figures.h"
#include "ms-free-matrix.h"
#include "ms-histogram-plot.h"
#include "ms-matrix-plot.h"
#include "ms-plot-card.h"
#include "ms-request.h"

#include <glib/gi18n-lib.h>

/* Of a matrix: more cannot be told apart at the side of a page. */
#define MOST_LINES 12
/* Longer names of threads are cut by the plot. */
#define NAME_CHARS 20

G_STATIC_ASSERT (MS_HISTOGRAM_BINS == MS_SIZE_BINS && MS_HISTOGRAM_BINS == MS_LIFETIME_BINS);

enum { SIZES, LIFETIMES, MATRIX, N_CARDS };

struct _MsMemoryCards {
  AdwBin parent_instance;

  GtkWidget *areas[N_CARDS], *tables[N_CARDS], *cards[N_CARDS];
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (MsMemoryCards, ms_memory_cards, ADW_TYPE_BIN)

/* --- on the worker: a view counts when it is asked for the first time --- */

typedef struct {
  MsView *view;
  MsDomain domain;
} Job;

typedef struct {
  guint64 bins[2][MS_HISTOGRAM_BINS];
  MsFreeMatrix *matrix; /* NULL: no thread freed blocks of another */
} Answer;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->view);
  g_free (job);
}

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->matrix, ms_free_matrix_free);
  g_free (answer);
}

static void
worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Job *job = task_data;
  Answer *answer = g_new0 (Answer, 1);
  const guint64 *sizes = ms_view_get_size_histogram (job->view, NULL, job->domain);
  const guint64 *lifetimes = ms_view_get_lifetime_histogram (job->view, NULL, job->domain);

  for (guint i = 0; i < MS_HISTOGRAM_BINS; i++)
    {
      answer->bins[SIZES][i] = sizes != NULL ? sizes[i] : 0;
      answer->bins[LIFETIMES][i] = lifetimes != NULL ? lifetimes[i] : 0;
    }
  if (!g_cancellable_is_cancelled (cancellable))
    answer->matrix = ms_free_matrix_new (job->view, job->domain, MOST_LINES);
  g_task_return_pointer (task, answer, answer_free);
}

/* --- what is shown --- */

static void
show_histogram (MsMemoryCards *self, guint card, const guint64 *bins)
{
  gboolean is_time = card == LIFETIMES;
  MsHistogramPlot *plot = ms_histogram_plot_new (bins, is_time);
  MsFigureTable *table = MS_FIGURE_TABLE (self->tables[card]);

  ms_figure_table_clear (table);
  for (guint i = 0; i < plot->n; i++)
    {
      guint bin = plot->first + i;
      guint64 lowest, highest;
      g_autofree char *range = ms_histogram_dup_range (bin, is_time);
      g_autofree char *count = ms_figure_count (plot->bins[bin]);
      g_autofree char *share =
          ms_figure_percent (100.0 * (double) plot->bins[bin] / (double) MAX (plot->sum, 1));

      ms_histogram_get_bounds (bin, &lowest, &highest);
      g_autofree char *exact_range =
          g_strdup_printf ("%" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT, lowest, highest);
      g_autofree char *exact_count = g_strdup_printf ("%" G_GUINT64_FORMAT, plot->bins[bin]);
      g_autofree char *exact_share =
          g_strdup_printf ("%.3f", (double) plot->bins[bin] / (double) MAX (plot->sum, 1));

      ms_figure_table_add (table, (const char *const[]) { range, count, share, NULL },
                           (const char *const[]) { exact_range, exact_count, exact_share, NULL });
    }
  gtk_widget_set_visible (self->cards[card], plot->n > 0);
  ms_plot_area_set_plot (MS_PLOT_AREA (self->areas[card]), plot);
}

static char **
dup_names (MsTrace *trace, const MsFreeMatrix *matrix)
{
  char **names = g_new0 (char *, matrix->n_lines + 2);

  for (guint i = 0; i < matrix->n_lines; i++)
    {
      MsThread *thread = ms_trace_find_thread (trace, matrix->ids[i]);

      names[i] = thread != NULL ? ms_display_text (ms_thread_get_name (thread), NAME_CHARS)
                                : g_strdup_printf ("%u", matrix->ids[i]);
      if (*names[i] == '\0')
        {
          g_free (names[i]);
          names[i] = ms_display_name (NULL);
        }
    }
  names[matrix->n_lines] =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u other", "%u others", matrix->n_others),
                       matrix->n_others);
  return names;
}

/* Takes the matrix. */
static void
show_matrix (MsMemoryCards *self, MsTrace *trace, MsFreeMatrix *matrix)
{
  MsFigureTable *table = MS_FIGURE_TABLE (self->tables[MATRIX]);

  ms_figure_table_clear (table);
  gtk_widget_set_visible (self->cards[MATRIX], matrix != NULL);
  if (matrix == NULL)
    {
      ms_plot_area_set_plot (MS_PLOT_AREA (self->areas[MATRIX]), NULL);
      return;
    }

  MsMatrixPlot *plot = ms_matrix_plot_new (matrix, dup_names (trace, matrix));
  for (guint row = 0; row < plot->n; row++)
    for (guint column = 0; column < plot->n; column++)
      {
        guint64 bytes = ms_free_matrix_get (matrix, row, column);
        g_autofree char *shown = ms_figure_bytes (bytes);
        g_autofree char *exact = g_strdup_printf ("%" G_GUINT64_FORMAT, bytes);

        if (bytes > 0)
          ms_figure_table_add (table,
                               (const char *const[]) { plot->names[row], plot->names[column], shown,
                                                       NULL },
                               (const char *const[]) { plot->names[row], plot->names[column], exact,
                                                       NULL });
      }
  ms_plot_area_set_plot (MS_PLOT_AREA (self->areas[MATRIX]), plot);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsMemoryCards) self = ms_request_ticket_redeem (user_data);
  const Job *job = g_task_get_task_data (G_TASK (result));
  Answer *answer = g_task_propagate_pointer (G_TASK (result), NULL);

  /* Cancelled: another view is looked at by now, or none. */
  if (answer == NULL)
    return;
  for (guint card = SIZES; card <= LIFETIMES; card++)
    show_histogram (self, card, answer->bins[card]);
  show_matrix (self, ms_view_get_trace (job->view), g_steal_pointer (&answer->matrix));
  answer_free (answer);
}

void
ms_memory_cards_show (MsMemoryCards *self, MsLens *lens)
{
  g_autoptr (GTask) task = NULL;
  MsView *view;
  Job *job;

  g_return_if_fail (MS_IS_MEMORY_CARDS (self));

  ms_request_cancel (&self->cancellable);
  view = lens != NULL ? ms_lens_get_view (lens) : NULL;
  if (view == NULL)
    {
      for (guint card = SIZES; card <= LIFETIMES; card++)
        show_histogram (self, card, NULL);
      show_matrix (self, NULL, NULL);
      return;
    }
  self->cancellable = g_cancellable_new ();
  job = g_new0 (Job, 1);
  job->view = g_object_ref (view);
  job->domain = ms_lens_get_domain (lens);
  task = g_task_new (NULL, self->cancellable, found_cb, ms_request_ticket_new (self));
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, worker);
}

/* --- the widget --- */

static void
ms_memory_cards_dispose (GObject *object)
{
  MsMemoryCards *self = MS_MEMORY_CARDS (object);

  ms_request_cancel (&self->cancellable);
  G_OBJECT_CLASS (ms_memory_cards_parent_class)->dispose (object);
}

static void
ms_memory_cards_class_init (MsMemoryCardsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_memory_cards_dispose;
}

static void
add_card (MsMemoryCards *self,
          GtkWidget *box,
          guint card,
          const MsPlotKind *kind,
          const char *title,
          const char *name,
          const char *const *columns,
          guint n_names)
{
  self->areas[card] = ms_plot_area_new (kind, title);
  self->tables[card] = ms_figure_table_new (title, columns, n_names);
  self->cards[card] = ms_plot_card_new (title, name, MS_PLOT_AREA (self->areas[card]),
                                        MS_FIGURE_TABLE (self->tables[card]));
  gtk_widget_set_visible (self->cards[card], FALSE);
  gtk_box_append (GTK_BOX (box), self->cards[card]);
}

static void
ms_memory_cards_init (MsMemoryCards *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  add_card (self, box, SIZES, &MS_HISTOGRAM_PLOT, _ ("Sizes"), "sizes",
            (const char *const[]) { _ ("Size"), _ ("Allocations"), _ ("Share"), NULL }, 1);
  add_card (self, box, LIFETIMES, &MS_HISTOGRAM_PLOT, _ ("Lifetimes"), "lifetimes",
            (const char *const[]) { _ ("Age"), _ ("Frees"), _ ("Share"), NULL }, 1);
  add_card (self, box, MATRIX, &MS_MATRIX_PLOT, _ ("Who Frees Whose Memory"), "who-frees",
            (const char *const[]) { _ ("Allocated by"), _ ("Freed by"), _ ("Bytes"), NULL }, 2);
  adw_bin_set_child (ADW_BIN (self), box);
}

GtkWidget *
ms_memory_cards_new (void)
{
  return g_object_new (MS_TYPE_MEMORY_CARDS, NULL);
}
