/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A smaller trace out of a trace, to send to somebody: a stretch of time, some threads, without what tells
 * whose machine it was.
 *
 * Times stay what they were, so that both sides of a conversation mean the same instant.  Asked for the
 * stretch, the new trace has the figures that the old one has for that stretch and those threads:
 * docs/FORMAT.md, "Trimmed traces", says what is in it.
 */
#pragma once

#include "ms-filter.h"
#include "ms-name-resolver.h"
#include "ms-trace.h"

G_BEGIN_DECLS

typedef struct {
  MsFilter *filter;      /* its range and its threads; (nullable): everything */
  MsNameResolver *names; /* of functions, for the new trace to bring along; (nullable): those that
                            the old one brings */
  gboolean redact;       /* paths, arguments, names of machine and user */
  gboolean replace;      /* a trace folder that is there already */
} MsTrimOptions;

/* What became of it. */
typedef struct {
  guint64 n_prior_blocks, n_prior_bytes; /* that lived when the stretch began */
  guint64 n_bytes;                       /* of the new folder */
} MsTrimResult;

/* Writes the trace folder @out of @trace, which is no longer running.  @result: (nullable).  FALSE with
 * G_IO_ERROR or MS_ERROR, and then there is no @out. */
MS_API gboolean ms_trace_trim (MsTrace *trace,
                               const MsTrimOptions *options,
                               const char *out,
                               MsTrimResult *result,
                               GCancellable *cancellable,
                               MsProgressFunc progress,
                               gpointer user_data,
                               GError **error);

G_END_DECLS
