/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is out of the ordinary, with the figures that say so; docs/DASHBOARD.md, "Anomalies", has the rules.
 *
 *   growth         the floor of live bytes rises and does not come back: of the process, or a thread
 *   rise           a stretch in which far more is allocated than in all others: of the process, with the
 *                  thread that allocated most of it
 *   unlike_peers   one thread of several with the same name (but for digits at its end) has a far higher or
 *                  lower peak, allocation rate, processor use, I/O or wait for a processor than the others
 */
#pragma once

#include "ms-analysis-settings.h"
#include "ms-evidence.h"
#include "ms-resources.h"
#include "ms-sentence.h"
#include "ms-view.h"

G_BEGIN_DECLS

/* What is out of the ordinary: memory that grows to the end, a sudden rise, a thread unlike its peers. */
typedef enum {
  MS_ANOMALY_GROWTH,
  MS_ANOMALY_RISE,
  MS_ANOMALY_UNLIKE_PEERS,
  MS_N_ANOMALIES
} MsAnomalyKind;

/* "growth", "rise", "unlike_peers" */
MS_API const char *ms_anomaly_to_string (MsAnomalyKind kind);

typedef struct {
  MsAnomalyKind kind;
  gint thread_id;             /* -1: the process */
  gint64 start_ns, end_ns;    /* where it shows */
  GArray *evidence;           /* of MsEvidence */
  char *text;                 /* one sentence, in English; holds names from the traced program */
  const char *recommendation; /* its context for translators is "recommendation" */
  MsSentence *sentence;       /* that @text is */
} MsAnomaly;

/* Growth first, the process's before threads'; most bytes first, of peers the one furthest from them.
 * @resources: by index of thread, over the view's range (ms-resource-join.h); NULL: not measured, and then
 * peers are compared by their memory alone.  @settings NULL: the defaults. (transfer full) (element-type MsAnomaly) */
MS_API GPtrArray *ms_anomalies_new (MsView *view,
                                    MsDomain domain,
                                    const MsThreadResources *resources,
                                    const MsAnalysisSettings *settings);

G_END_DECLS
