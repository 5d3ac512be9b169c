/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-system-cards.h"
#include "ms-figures.h"
#include "ms-language.h"
#include "ms-summary-card.h"
#include "ms-wrap-layout.h"

#include <glib/gi18n-lib.h>
#include <math.h>

typedef enum { CARD_CPU, CARD_MEMORY, CARD_IO, CARD_GPU, CARD_HEALTH, CARD_THREADS, N_CARDS } Card;

struct _MsSystemCards {
  AdwBin parent_instance;

  GtkWidget *cards[N_CARDS];
};

G_DEFINE_FINAL_TYPE (MsSystemCards, ms_system_cards, ADW_TYPE_BIN)

/* Takes both texts. */
static void
set_card (MsSystemCards *self, Card which, char *figure, char *note)
{
  ms_summary_card_set (MS_SUMMARY_CARD (self->cards[which]), figure, note);
  g_free (figure);
  g_free (note);
}

static void
set_absent (MsSystemCards *self, Card which, const char *reason)
{
  set_card (self, which, NULL, g_strdup (ms_language_reason (reason)));
}

static char *
format_bytes (MsMeasured bytes)
{
  return bytes.known ? ms_figure_bytes ((guint64) llround (MAX (bytes.value, 0)))
                     : g_strdup (MS_NOT_MEASURED);
}

static void
show_cpu (MsSystemCards *self, const MsSystemFigures *figures)
{
  const MsResourceJoin *join = figures->join;
  MsMeasured cpu = figures->has_thread ? join->threads[figures->thread_index].cpu_percent
                                       : join->process.cpu_percent;
  g_autofree char *machine =
      join->system.cpu_percent.known ? ms_figure_percent (join->system.cpu_percent.value) : NULL;

  if (!cpu.known)
    set_absent (self, CARD_CPU, cpu.reason);
  else if (machine != NULL)
    /* Translators: a percentage: how busy all processors are. */
    set_card (self, CARD_CPU, ms_figure_percent (cpu.value),
              g_strdup_printf (_ ("of a core; machine %s"), machine));
  else
    set_card (self, CARD_CPU, ms_figure_percent (cpu.value), g_strdup (_ ("of one core")));
}

/* Of the process: memory has no thread. */
static void
show_memory (MsSystemCards *self, const MsSystemFigures *figures)
{
  const MsProcessResources *process = &figures->join->process;
  const MsSystemResources *system = &figures->join->system;
  MsMeasured limit = process->memory_limit_bytes;
  MsMeasured whole = limit.known ? limit : system->memory_total_bytes;
  g_autofree char *of = format_bytes (whole);

  if (!process->resident_bytes.known)
    set_absent (self, CARD_MEMORY, process->resident_bytes.reason);
  else
    set_card (self, CARD_MEMORY, format_bytes (process->resident_bytes),
              !whole.known ? g_strdup (_ ("resident at most"))
              /* Translators: the size of a container's or the machine's memory. */
              : limit.known ? g_strdup_printf (_ ("resident; limit %s"), of)
                            : g_strdup_printf (_ ("resident, of %s"), of));
}

static void
show_io (MsSystemCards *self, const MsSystemFigures *figures)
{
  const MsThreadResources *thread =
      figures->has_thread ? &figures->join->threads[figures->thread_index] : NULL;
  const MsProcessResources *process = &figures->join->process;
  MsMeasured calls = thread != NULL ? thread->io_operations : process->io_operations;
  g_autofree char *read = format_bytes (thread != NULL ? thread->read_bytes : process->read_bytes);
  g_autofree char *written =
      format_bytes (thread != NULL ? thread->written_bytes : process->written_bytes);

  if (!calls.known)
    set_absent (self, CARD_IO, calls.reason);
  else
    /* Translators: bytes read, bytes written. */
    set_card (self, CARD_IO, ms_figure_count ((guint64) llround (MAX (calls.value, 0))),
              g_strdup_printf (_ ("%s in, %s out"), read, written));
}

static void
show_gpu (MsSystemCards *self, const MsSystemFigures *figures)
{
  const MsProcessResources *process = &figures->join->process;
  const MsSystemResources *system = &figures->join->system;
  MsMeasured busy =
      process->gpu_busy_percent.known ? process->gpu_busy_percent : system->gpu_busy_percent;
  MsMeasured memory =
      process->gpu_memory_bytes.known ? process->gpu_memory_bytes : system->gpu_memory_used_bytes;
  g_autofree char *bytes = format_bytes (memory);

  if (!busy.known)
    set_absent (self, CARD_GPU, busy.reason);
  else
    set_card (self, CARD_GPU, ms_figure_percent (busy.value),
              memory.known ? g_strdup_printf (_ ("busy; %s in use"), bytes)
                           : g_strdup (_ ("busy")));
}

/* What the lists below say, in a line. */
static void
show_health (MsSystemCards *self, const MsSystemFigures *figures)
{
  guint n_limits = 0, n_anomalies = figures->anomalies->len;
  gboolean is_judged = figures->bottlenecks->verdicts->len > 0
                       || figures->bottlenecks->not_judged[MS_BOTTLENECK_BALANCED] == NULL;

  for (guint i = 0; i < figures->bottlenecks->verdicts->len; i++)
    {
      const MsVerdict *verdict = g_ptr_array_index (figures->bottlenecks->verdicts, i);

      n_limits += verdict->kind != MS_BOTTLENECK_BALANCED;
    }
  g_autofree char *anomalies = n_anomalies == 0
                                   ? g_strdup (_ ("nothing out of the ordinary"))
                                   : g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u anomaly",
                                                                   "%u anomalies", n_anomalies),
                                                      n_anomalies);
  set_card (self, CARD_HEALTH,
            n_limits > 0
                ? g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u limit", "%u limits", n_limits),
                                   n_limits)
            : is_judged ? g_strdup (_ ("Good"))
                        : g_strdup (_ ("No limit seen")),
            g_steal_pointer (&anomalies));
}

static void
show_threads (MsSystemCards *self, MsLens *lens, const MsSystemFigures *figures)
{
  guint n_threads = ms_document_get_rows (ms_lens_get_document (lens))->len;
  MsMeasured at_once = figures->join->process.threads;

  if (figures->has_thread)
    set_card (self, CARD_THREADS, ms_figure_count (1),
              g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "of %u", "of %u", n_threads),
                               n_threads));
  else
    set_card (self, CARD_THREADS,
              ms_figure_count (ms_document_get_n_threads (ms_lens_get_document (lens))),
              at_once.known
                  ? g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u at once, at most",
                                                  "%u at once, at most", (gulong) at_once.value),
                                     (guint) at_once.value)
                  : g_strdup (_ ("in all")));
}

static void
ms_system_cards_class_init (MsSystemCardsClass *klass)
{
}

static void
ms_system_cards_init (MsSystemCards *self)
{
  static const char *const TITLES[N_CARDS] = {
    [CARD_CPU] = NC_ ("system card", "Processor"), [CARD_MEMORY] = NC_ ("system card", "Memory"),
    [CARD_IO] = NC_ ("system card", "I/O calls"),  [CARD_GPU] = NC_ ("system card", "GPU"),
    [CARD_HEALTH] = NC_ ("system card", "Health"), [CARD_THREADS] = NC_ ("system card", "Threads"),
  };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_set_layout_manager (box, ms_wrap_layout_new (12, TRUE));
  for (guint i = 0; i < N_CARDS; i++)
    {
      self->cards[i] =
          ms_summary_card_new (g_dpgettext2 (GETTEXT_PACKAGE, "system card", TITLES[i]));
      gtk_box_append (GTK_BOX (box), self->cards[i]);
    }
  adw_bin_set_child (ADW_BIN (self), box);
}

void
ms_system_cards_wait (MsSystemCards *self)
{
  g_return_if_fail (MS_IS_SYSTEM_CARDS (self));

  for (guint i = 0; i < N_CARDS; i++)
    ms_summary_card_wait (MS_SUMMARY_CARD (self->cards[i]));
}

void
ms_system_cards_show (MsSystemCards *self, MsLens *lens, const MsSystemFigures *figures)
{
  g_return_if_fail (MS_IS_SYSTEM_CARDS (self));

  show_cpu (self, figures);
  show_memory (self, figures);
  show_io (self, figures);
  show_gpu (self, figures);
  show_health (self, figures);
  show_threads (self, lens, figures);
}
