/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-thread-row.h"
#include "ms-display-name.h"
#include "ms-findings.h"
#include "ms-resource-series.h"

#include <math.h>
#include <string.h>

struct _MsThreadRow {
  GObject parent_instance;

  MsThread *thread;
  MsTotals totals;
  MsThreadScores scores;
  MsCardItem *card;
  char *search_key;
  gint64 duration_ns;
};

G_DEFINE_FINAL_TYPE (MsThreadRow, ms_thread_row, G_TYPE_OBJECT)

static void
ms_thread_row_finalize (GObject *object)
{
  MsThreadRow *self = MS_THREAD_ROW (object);

  g_clear_object (&self->thread);
  g_clear_object (&self->card);
  g_free (self->search_key);
  G_OBJECT_CLASS (ms_thread_row_parent_class)->finalize (object);
}

static void
ms_thread_row_class_init (MsThreadRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_thread_row_finalize;
}

static void
ms_thread_row_init (MsThreadRow *self)
{
}

/* The bins that ms_thread_scores_new() asks for: a view scans its curves once for both. */
#define SCANNED_BINS 512
#define BINS_A_POINT (SCANNED_BINS / MS_THREAD_ROW_N_BINS)

/* Points of the processor's line; a sample is 0.1 s, so that more would not show more of a short trace. */
#define CPU_POINTS 64

typedef struct {
  MsView *view;
  MsDomain domain;
  const MsResourceJoin *resources, *whole;
  const MsAnalysisSettings *settings;
} Maker;

/* Returns the highest. */
static guint64
get_live (const Maker *maker, MsThread *thread, guint64 *live)
{
  guint64 scanned[SCANNED_BINS], highest = 0;

  ms_view_get_live_series (maker->view, thread, maker->domain, SCANNED_BINS, scanned, NULL);
  for (guint i = 0; i < MS_THREAD_ROW_N_BINS; i++)
    {
      live[i] = 0;
      for (guint j = 0; j < BINS_A_POINT; j++)
        live[i] = MAX (live[i], scanned[i * BINS_A_POINT + j]);
      highest = MAX (highest, live[i]);
    }
  return highest;
}

/* The part of its life that the view shows. */
static gint64
get_duration_ns (const Maker *maker, MsThread *thread)
{
  gint64 start_ns = MAX (ms_thread_get_start_ns (thread), ms_view_get_start_ns (maker->view));
  gint64 end_ns = ms_thread_get_end_ns (thread);

  if (end_ns == MS_TIME_NONE || end_ns > ms_view_get_end_ns (maker->view))
    end_ns = ms_view_get_end_ns (maker->view);
  return MAX (end_ns - start_ns, 0);
}

/* The threshold that raised @alert. */
static guint64
get_alert_bytes (const MsAnalysisSettings *settings, MsAlert alert)
{
  return alert == MS_ALERT_HIGH     ? (guint64) settings->alert_high_bytes
         : alert == MS_ALERT_MEDIUM ? (guint64) settings->alert_medium_bytes
                                    : 0;
}

/* Of the whole recording, as the role is; what is live at the end of a range may be freed after it. */
static guint64
get_never_freed (const Maker *maker, MsThread *thread)
{
  MsTrace *trace = ms_view_get_trace (maker->view);
  guint64 bytes = ms_thread_get_totals (thread, maker->domain)->leaked_bytes;
  guint64 peak = ms_trace_get_totals (trace, maker->domain)->peak_bytes;

  return ms_never_freed_is_telling (trace, bytes, peak, maker->settings) ? bytes : 0;
}

static MsThreadRow *
make_row (const Maker *maker, guint index, const MsThreadScores *scores)
{
  MsThreadRow *self = g_object_new (MS_TYPE_THREAD_ROW, NULL);
  MsThread *thread = ms_trace_get_thread (ms_view_get_trace (maker->view), index);
  g_autofree char *name = ms_display_name (ms_thread_get_name (thread));
  gboolean tracked = ms_thread_is_tracked (thread);
  gboolean has_live = ms_trace_why_no_live (ms_view_get_trace (maker->view)) == NULL;
  gboolean is_estimate =
      ms_trace_is_sampled (ms_view_get_trace (maker->view)) && maker->domain != MS_DOMAIN_MAPPING;
  guint64 live[MS_THREAD_ROW_N_BINS];
  guint64 highest = tracked ? get_live (maker, thread, live) : 0;
  const MsThreadResources *resources = &maker->resources->threads[index];
  double cpu[CPU_POINTS];

  self->thread = g_object_ref (thread);
  self->scores = *scores;
  self->totals = *ms_view_get_thread_totals (maker->view, index, maker->domain);
  /* A view of a part has no peaks but that of all it shows: the highest point of the thread's curve is its own. */
  if (ms_view_is_filtered (maker->view))
    {
      self->totals.peak_bytes = highest;
      self->totals.standard_errors.peak_bytes = is_estimate ? NAN : 0;
    }
  /* Of what was not sampled there is an error, too: nothing says how large. */
  if (is_estimate && self->totals.peak_bytes == 0 && self->totals.allocations > 0)
    self->totals.standard_errors.peak_bytes = NAN;
  self->duration_ns = get_duration_ns (maker, thread);

  gboolean has_cpu =
      maker->resources->has_samples
      && ms_resource_series_get (ms_view_get_trace (maker->view), MS_RESOURCE_SERIES_THREAD_CPU,
                                 ms_thread_get_id (thread), ms_view_get_start_ns (maker->view),
                                 ms_view_get_end_ns (maker->view), CPU_POINTS, cpu, NULL);
  MsAlert alert = ms_alert_get (&self->totals, resources, maker->settings);
  MsCardData data = {
    .id = ms_thread_get_id (thread),
    .tid = ms_thread_get_tid (thread),
    .name = name,
    .tracked = tracked,
    .role = ms_role_of_thread (ms_view_get_trace (maker->view), thread,
                               &maker->whole->threads[index], maker->settings),
    .has_ended = ms_trace_get_state (ms_view_get_trace (maker->view)) == MS_STATE_RUNNING
                 && ms_thread_get_end_ns (thread) != MS_TIME_NONE,
    .alert = alert,
    .alert_bytes = get_alert_bytes (maker->settings, alert),
    .never_freed_bytes = get_never_freed (maker, thread),
    .peak_bytes = self->totals.peak_bytes,
    .peak_standard_error = self->totals.standard_errors.peak_bytes,
    .has_no_peak = !has_live,
    .allocations = self->totals.allocations,
    .allocations_standard_error = self->totals.standard_errors.allocations,
    .allocated_bytes_per_second = scores->bytes_per_second.value,
    .cpu_percent = scores->cpu_percent.known ? scores->cpu_percent.value : -1,
    .io_operations = scores->io_operations.known ? (gint64) scores->io_operations.value : -1,
    .live = tracked && has_live ? live : NULL,
    .n_live = tracked && has_live ? MS_THREAD_ROW_N_BINS : 0,
    .cpu = has_cpu ? cpu : NULL,
    .n_cpu = has_cpu ? CPU_POINTS : 0,
  };
  self->card = ms_card_item_new (&data);

  g_autofree char *key = g_strdup_printf ("%s\n%d", name, data.tid);
  self->search_key = g_utf8_casefold (key, -1);
  return self;
}

GPtrArray *
ms_thread_rows_new (MsView *view,
                    const MsResourceJoin *resources,
                    const MsResourceJoin *whole,
                    const MsAnalysisSettings *settings,
                    GCancellable *cancellable)
{
  MsTrace *trace = ms_view_get_trace (view);
  MsDomain domain = ms_trace_get_main_domain (trace);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  MsAnalysisSettings defaults;

  ms_analysis_settings_init (&defaults);
  Maker maker = { view, domain, resources, whole, settings != NULL ? settings : &defaults };
  g_autoptr (GArray) scores =
      ms_thread_scores_new (view, domain, resources->threads, maker.settings);
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      if (g_cancellable_is_cancelled (cancellable))
        return NULL;
      g_ptr_array_add (rows, make_row (&maker, i, &g_array_index (scores, MsThreadScores, i)));
    }
  return g_steal_pointer (&rows);
}

/* Threads come in order of their ids. */
MsThreadRow *
ms_thread_rows_find (GPtrArray *rows, guint id)
{
  guint from = 0, to = rows->len;

  while (from < to)
    {
      guint middle = from + (to - from) / 2;
      MsThreadRow *row = g_ptr_array_index (rows, middle);

      if (ms_thread_row_get_id (row) == id)
        return row;
      if (ms_thread_row_get_id (row) < id)
        from = middle + 1;
      else
        to = middle;
    }
  return NULL;
}

MsThread *
ms_thread_row_get_thread (MsThreadRow *self)
{
  return self->thread;
}

guint
ms_thread_row_get_id (MsThreadRow *self)
{
  return ms_card_item_get_data (self->card)->id;
}

gint
ms_thread_row_get_tid (MsThreadRow *self)
{
  return ms_card_item_get_data (self->card)->tid;
}

const char *
ms_thread_row_get_name (MsThreadRow *self)
{
  return ms_card_item_get_data (self->card)->name;
}

gboolean
ms_thread_row_is_tracked (MsThreadRow *self)
{
  return ms_card_item_get_data (self->card)->tracked;
}

gboolean
ms_thread_row_has_live (MsThreadRow *self)
{
  return !ms_card_item_get_data (self->card)->has_no_peak;
}

MsRole
ms_thread_row_get_role (MsThreadRow *self)
{
  return ms_card_item_get_data (self->card)->role;
}

MsAlert
ms_thread_row_get_alert (MsThreadRow *self)
{
  return ms_card_item_get_data (self->card)->alert;
}

double
ms_thread_row_get_rate (MsThreadRow *self)
{
  return ms_card_item_get_data (self->card)->allocated_bytes_per_second;
}

gint64
ms_thread_row_get_duration_ns (MsThreadRow *self)
{
  return self->duration_ns;
}

const MsTotals *
ms_thread_row_get_totals (MsThreadRow *self)
{
  return &self->totals;
}

const MsThreadScores *
ms_thread_row_get_scores (MsThreadRow *self)
{
  return &self->scores;
}

MsCardItem *
ms_thread_row_get_card (MsThreadRow *self)
{
  return self->card;
}

gboolean
ms_thread_row_matches (MsThreadRow *self, const char *needle)
{
  return *needle == '\0' || strstr (self->search_key, needle) != NULL;
}
