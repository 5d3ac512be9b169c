/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the analysis says about a recording, for the files and the page: scores, bottlenecks, anomalies
 * and the first sentence.  docs/DASHBOARD.md defines each.  A figure that was not measured is null, and
 * the member "reasons" of the object that it is in says why.
 */
#pragma once

#include "ms-anomalies.h"
#include "ms-bottlenecks.h"
#include "ms-headline.h"
#include "ms-json-writer.h"
#include "ms-scores.h"

G_BEGIN_DECLS

typedef struct {
  const char *key;
  MsMeasured value;
} MsJsonMeasured;

/* The members @entries and "reasons", into the object that is open. */
void ms_json_add_measured (MsJsonWriter *writer, const MsJsonMeasured *entries, gsize n_entries);

/* A member "headline"; null for NULL: nothing was allocated. */
void ms_verdicts_json_add_headline (MsJsonWriter *writer,
                                    const MsHeadline *headline,
                                    const MsLanguage *language);
/* A member @key: the verdicts, severest first. */
void ms_verdicts_json_add_verdicts (MsJsonWriter *writer,
                                    const char *key,
                                    const MsBottleneckReport *report);
/* A member "bottlenecks": "verdicts", and by kind why it was "not_judged". */
void ms_verdicts_json_add_bottlenecks (MsJsonWriter *writer, const MsBottleneckReport *report);
/* A member "anomalies": of MsAnomaly. */
void ms_verdicts_json_add_anomalies (MsJsonWriter *writer,
                                     const GPtrArray *anomalies,
                                     const MsLanguage *language);
/* A member "scores". */
void ms_verdicts_json_add_scores (MsJsonWriter *writer, const MsThreadScores *scores);
/* A member "score_parts": what the score of every thread is made of.  @scores: of MsThreadScores. */
void ms_verdicts_json_add_score_parts (MsJsonWriter *writer, const GArray *scores);

G_END_DECLS
