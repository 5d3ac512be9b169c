/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A stretch of a recording as --range takes it, from its start on:
 *
 *   1.5s..3s      200ms..      ..12us      1.5s..+200ms (a length)      1.5..3 (seconds)
 */
#pragma once

#include "ms-types.h"

G_BEGIN_DECLS

typedef struct {
  gint64 from_ns, to_ns; /* MS_TIME_NONE: from the start, to the end */
  const char *option;    /* what errors call it; NULL: --range */
} MsTimeRange;

/* FALSE with one line. */
gboolean ms_time_range_parse (MsTimeRange *self, const char *text, GError **error);

/* FALSE with one line if none of it lies within a recording of @duration_ns. */
gboolean ms_time_range_check (const MsTimeRange *self,
                              const char *text,
                              gint64 duration_ns,
                              GError **error);

/* "1.20 s to 3.40 s", of a recording of @duration_ns. (transfer full) */
char *ms_time_range_to_string (const MsTimeRange *self, gint64 duration_ns);

G_END_DECLS
