/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-verdicts-json.h"

#include <math.h>

void
ms_json_add_measured (MsJsonWriter *writer, const MsJsonMeasured *entries, gsize n_entries)
{
  for (gsize i = 0; i < n_entries; i++)
    ms_json_writer_add_double (writer, entries[i].key,
                               entries[i].value.known ? entries[i].value.value : NAN);
  ms_json_writer_key (writer, "reasons");
  ms_json_writer_begin_object (writer);
  for (gsize i = 0; i < n_entries; i++)
    if (!entries[i].value.known)
      ms_json_writer_add_string (writer, entries[i].key, entries[i].value.reason);
  ms_json_writer_end_object (writer);
}

/* @id −1: null. */
static void
add_id (MsJsonWriter *writer, const char *key, gint id)
{
  ms_json_writer_add_time (writer, key, id < 0 ? MS_TIME_NONE : id);
}

void
ms_verdicts_json_add_headline (MsJsonWriter *writer,
                               const MsHeadline *headline,
                               const MsLanguage *language)
{
  g_autofree char *text = NULL;

  ms_json_writer_key (writer, "headline");
  if (headline == NULL)
    {
      ms_json_writer_null (writer);
      return;
    }
  text = ms_headline_write (headline, language, headline->thread_name, headline->site,
                            headline->free_thread_name);
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_string (writer, "text", text);
  ms_json_writer_add_uint (writer, "thread_id", headline->thread_id);
  ms_json_writer_add_uint (writer, "bytes", headline->bytes);
  ms_json_writer_add_uint (writer, "peak_bytes", headline->peak_bytes);
  ms_json_writer_add_double (writer, "percent", headline->percent);
  ms_json_writer_add_time (writer, "time_ns", headline->time_ns);
  add_id (writer, "stack", headline->stack);
  ms_json_writer_add_string (writer, "site", headline->site);
  add_id (writer, "free_thread_id", headline->free_thread_id);
  ms_json_writer_end_object (writer);
}

static void
add_evidence (MsJsonWriter *writer, const GArray *evidence)
{
  ms_json_writer_key (writer, "evidence");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; evidence != NULL && i < evidence->len; i++)
    {
      const MsEvidence *e = &g_array_index (evidence, MsEvidence, i);

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_string (writer, "name", e->name);
      ms_json_writer_add_string (writer, "label", e->label);
      ms_json_writer_add_string (writer, "unit", e->unit);
      ms_json_writer_add_double (writer, "value", e->value);
      ms_json_writer_add_double (writer, "threshold", e->threshold);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

void
ms_verdicts_json_add_verdicts (MsJsonWriter *writer,
                               const char *key,
                               const MsBottleneckReport *report)
{
  ms_json_writer_key (writer, key);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < report->verdicts->len; i++)
    {
      const MsVerdict *verdict = g_ptr_array_index (report->verdicts, i);

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_string (writer, "kind", ms_bottleneck_to_string (verdict->kind));
      add_id (writer, "thread_id", verdict->thread_id);
      ms_json_writer_add_double (writer, "severity", verdict->severity);
      add_evidence (writer, verdict->evidence);
      ms_json_writer_add_string (writer, "text", verdict->text);
      ms_json_writer_add_string (writer, "recommendation", verdict->recommendation);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

void
ms_verdicts_json_add_bottlenecks (MsJsonWriter *writer, const MsBottleneckReport *report)
{
  ms_json_writer_key (writer, "bottlenecks");
  ms_json_writer_begin_object (writer);
  ms_verdicts_json_add_verdicts (writer, "verdicts", report);
  ms_json_writer_key (writer, "not_judged");
  ms_json_writer_begin_object (writer);
  for (guint kind = 0; kind < MS_N_BOTTLENECKS; kind++)
    if (report->not_judged[kind] != NULL)
      ms_json_writer_add_string (writer, ms_bottleneck_to_string (kind), report->not_judged[kind]);
  ms_json_writer_end_object (writer);
  ms_json_writer_end_object (writer);
}

void
ms_verdicts_json_add_anomalies (MsJsonWriter *writer,
                                const GPtrArray *anomalies,
                                const MsLanguage *language)
{
  ms_json_writer_key (writer, "anomalies");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < anomalies->len; i++)
    {
      const MsAnomaly *anomaly = g_ptr_array_index (anomalies, i);
      g_autofree char *text = ms_sentence_write (anomaly->sentence, language);

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_string (writer, "kind", ms_anomaly_to_string (anomaly->kind));
      add_id (writer, "thread_id", anomaly->thread_id);
      ms_json_writer_add_int (writer, "start_ns", anomaly->start_ns);
      ms_json_writer_add_int (writer, "end_ns", anomaly->end_ns);
      add_evidence (writer, anomaly->evidence);
      ms_json_writer_add_string (writer, "text", text);
      ms_json_writer_add_string (writer, "recommendation", anomaly->recommendation);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

void
ms_verdicts_json_add_scores (MsJsonWriter *writer, const MsThreadScores *scores)
{
  const MsJsonMeasured entries[] = {
    { "score", scores->score },
    { "memory_efficiency", scores->memory_efficiency },
    { "memory_returned", scores->memory_returned },
    { "cpu_efficiency", scores->cpu_efficiency },
    { "kept_percent", scores->kept_percent },
    { "used_percent", scores->used_percent },
    { "used_error_percent", scores->used_percent.known ? ms_measured (scores->used_error_percent)
                                                       : scores->used_percent },
    { "cpu_percent", scores->cpu_percent },
    { "run_queue_wait_ns", scores->run_queue_wait_ns },
    { "allocations_per_cpu_second", scores->allocations_per_cpu_second },
  };

  ms_json_writer_key (writer, "scores");
  ms_json_writer_begin_object (writer);
  ms_json_add_measured (writer, entries, G_N_ELEMENTS (entries));
  ms_json_writer_end_object (writer);
}

void
ms_verdicts_json_add_score_parts (MsJsonWriter *writer, const GArray *scores)
{
  static const struct {
    MsScoreParts part;
    const char *key;
  } parts[] = {
    { MS_SCORE_PART_MEMORY, "memory_efficiency" },
    { MS_SCORE_PART_RETURN, "memory_returned" },
    { MS_SCORE_PART_CPU, "cpu_efficiency" },
  };
  guint made_of = scores->len > 0 ? g_array_index (scores, MsThreadScores, 0).score_parts : 0;

  ms_json_writer_key (writer, "score_parts");
  ms_json_writer_begin_array (writer);
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (made_of & parts[i].part)
      ms_json_writer_string (writer, parts[i].key);
  ms_json_writer_end_array (writer);
}
