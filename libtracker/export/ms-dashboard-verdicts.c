/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   scores          {reasons, rows}: rows as those of threads; a figure, or −1 − index of the reason why there
 *                   is none
 *   thread_stacks   [id, [[site, allocated bytes, allocations, bytes live at the end] …], stacks not listed]
 *
 * The rest is as in the comprehensive file, with shorter lists.
 */
#include "ms-dashboard-verdicts.h"

#include <math.h>

#include "ms-correlation-json.h"
#include "ms-memory-json.h"
#include "ms-resources-json.h"
#include "ms-site-text.h"
#include "ms-verdicts-json.h"

#define SITES 20
#define PAIRS 50
#define THREAD_STACKS 5

/* --- scores --- */

static gint
number_of_reason (GPtrArray *reasons, const char *reason)
{
  guint index;

  if (!g_ptr_array_find_with_equal_func (reasons, reason, g_str_equal, &index))
    {
      index = reasons->len;
      g_ptr_array_add (reasons, (gpointer) reason);
    }
  return (gint) index;
}

static void
write_score (MsJsonWriter *writer, MsMeasured score, GPtrArray *reasons)
{
  if (score.known)
    ms_json_writer_double (writer, floor (10 * score.value + 0.5) / 10);
  else
    ms_json_writer_int (writer, -1 - number_of_reason (reasons, score.reason));
}

static void
add_scores (MsJsonWriter *writer, MsExportView *view, guint n_threads)
{
  g_autoptr (GPtrArray) reasons = g_ptr_array_new ();

  ms_json_writer_key (writer, "scores");
  ms_json_writer_begin_object (writer);
  ms_json_writer_key (writer, "rows");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n_threads; i++)
    {
      const MsThreadScores *scores = g_array_index (view->threads, MsExportThread, i).scores;

      ms_json_writer_begin_array (writer);
      write_score (writer, scores->score, reasons);
      write_score (writer, scores->memory_efficiency, reasons);
      write_score (writer, scores->memory_returned, reasons);
      write_score (writer, scores->cpu_efficiency, reasons);
      ms_json_writer_end_array (writer);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_key (writer, "reasons");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < reasons->len; i++)
    ms_json_writer_string (writer, g_ptr_array_index (reasons, i));
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
}

/* --- stacks of a thread --- */

static void
write_thread_stacks (MsJsonWriter *writer, MsExportView *view, const MsExportThread *t)
{
  guint n = 0;
  const MsThreadStack *stacks = ms_view_get_thread_stacks (view->view, t->thread, view->domain, &n);

  ms_json_writer_begin_array (writer);
  ms_json_writer_uint (writer, t->id);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (n, THREAD_STACKS); i++)
    {
      g_autofree char *site = ms_site_text_new (view->names, stacks[i].stack);

      ms_json_writer_begin_array (writer);
      ms_json_writer_string (writer, site);
      ms_json_writer_uint (writer, stacks[i].allocated_bytes);
      ms_json_writer_uint (writer, stacks[i].allocations);
      ms_json_writer_uint (writer, stacks[i].live_bytes);
      ms_json_writer_end_array (writer);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_uint (writer, n - MIN (n, THREAD_STACKS));
  ms_json_writer_end_array (writer);
}

void
ms_dashboard_verdicts_write (MsJsonWriter *writer,
                             MsExportView *view,
                             guint n_threads,
                             guint n_detailed,
                             const MsLanguage *language)
{
  ms_verdicts_json_add_headline (writer, view->headline, language);
  ms_verdicts_json_add_bottlenecks (writer, view->bottlenecks);
  ms_verdicts_json_add_anomalies (writer, view->anomalies, language);
  ms_verdicts_json_add_score_parts (writer, view->scores);
  add_scores (writer, view, n_threads);
  ms_correlation_json_add (writer, view->view, view->domain, view->resources, view->settings, 0);
  ms_memory_json_add_split (writer, view->view, &view->resources->process_at_end);
  ms_memory_json_add_histograms (writer, view);
  ms_memory_json_add_interactions (writer, view, PAIRS);
  ms_memory_json_add_waste (writer, view, SITES);
  ms_memory_json_add_leaks (writer, view, SITES);
  ms_json_writer_key (writer, "resources");
  ms_resources_json_write (writer, view->resources);
  ms_json_writer_key (writer, "thread_stacks");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n_detailed; i++)
    write_thread_stacks (writer, view, &g_array_index (view->threads, MsExportThread, i));
  ms_json_writer_end_array (writer);
}
