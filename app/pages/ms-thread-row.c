/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-thread-row.h"
#include "ms-display-name.h"

#include <string.h>

struct _MsThreadRow {
  GObject parent_instance;

  MsThread *thread;
  const MsTotals *totals; /* the thread's */
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

/* Processor time is the thread's own reading at its exit; there is none of a thread that was cut
 * short, and then there is no figure. */
static double
get_cpu_percent (MsThread *thread, gint64 duration_ns)
{
  gint64 cpu_ns = ms_thread_get_cpu_ns (thread);

  if (cpu_ns < 0 || duration_ns <= 0)
    return -1;
  return 100.0 * (double) cpu_ns / (double) duration_ns;
}

/* The threshold that raised @alert. */
static guint64
get_alert_bytes (MsAlert alert)
{
  MsAnalysisSettings settings;

  ms_analysis_settings_init (&settings);
  return alert == MS_ALERT_HIGH     ? (guint64) settings.alert_high_bytes
         : alert == MS_ALERT_MEDIUM ? (guint64) settings.alert_medium_bytes
                                    : 0;
}

MsThreadRow *
ms_thread_row_new (MsTrace *trace, MsThread *thread)
{
  MsThreadRow *self = g_object_new (MS_TYPE_THREAD_ROW, NULL);
  MsDomain domain = ms_trace_get_main_domain (trace);
  g_autofree char *name = ms_display_name (ms_thread_get_name (thread));
  gint64 end_ns = ms_thread_get_end_ns (thread);
  guint64 live[MS_THREAD_ROW_N_BINS] = { 0 };
  gboolean tracked = ms_thread_is_tracked (thread);

  self->thread = g_object_ref (thread);
  self->totals = ms_thread_get_totals (thread, domain);
  if (end_ns == MS_TIME_NONE)
    end_ns = ms_trace_get_duration_ns (trace);
  self->duration_ns = MAX (end_ns - ms_thread_get_start_ns (thread), 0);
  if (tracked)
    ms_trace_get_live_series (trace, thread, domain, MS_THREAD_ROW_N_BINS, live, NULL);

  MsCardData data = {
    .id = ms_thread_get_id (thread),
    .tid = ms_thread_get_tid (thread),
    .name = name,
    .tracked = tracked,
    .role = ms_role_of_thread (trace, thread, NULL, NULL),
    .alert = ms_alert_of_thread (trace, thread, NULL, NULL),
    .alert_bytes = get_alert_bytes (ms_alert_of_thread (trace, thread, NULL, NULL)),
    .peak_bytes = self->totals->peak_bytes,
    .allocations = self->totals->allocations,
    .allocated_bytes_per_second = ms_thread_allocation_rate (trace, thread),
    .cpu_percent = get_cpu_percent (thread, self->duration_ns),
    .io_operations = -1,
    .live = tracked ? live : NULL,
    .n_live = tracked ? MS_THREAD_ROW_N_BINS : 0,
  };
  self->card = ms_card_item_new (&data);

  g_autofree char *key = g_strdup_printf ("%s\n%d", name, data.tid);
  self->search_key = g_utf8_casefold (key, -1);
  return self;
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
  return self->totals;
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
