/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A folder, a builder for it, and what tests of the loader ask again and again. */
#pragma once

#include "ms-trace.h"
#include "trace-builder.h"

typedef struct {
  char *folder;
  TraceBuilder *builder;
} TraceFixture;

void trace_fixture_set_up (TraceFixture *self, gconstpointer data);
void trace_fixture_tear_down (TraceFixture *self, gconstpointer data);

/* Two threads: 0 keeps 100 bytes, 1 frees 200 of thread 0's. */
void trace_fixture_build_small (TraceFixture *self, TraceBuilderEnd end);

MsTrace *trace_fixture_load (TraceFixture *self);
/* Loading fails with MS_ERROR @code and one line that has @words. */
void trace_fixture_assert_error (TraceFixture *self, gint code, const char *words);
const MsDiagnostic *trace_fixture_find_diagnostic (MsTrace *trace, const char *words);

void trace_fixture_read_file (TraceFixture *self, const char *name, char **bytes, gsize *n_bytes);
void trace_fixture_write_file (TraceFixture *self,
                               const char *name,
                               const char *bytes,
                               gssize n_bytes);
void trace_fixture_remove_file (TraceFixture *self, const char *name);
