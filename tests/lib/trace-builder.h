/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes trace folders for tests, through the same encoders as the recorder: what a real process
 * would leave, but of any shape and with any damage.
 *
 *   TraceBuilder *b = trace_builder_new (folder);
 *   guint32 stack = trace_builder_add_stack (b, 0, frames, 3);
 *   trace_builder_alloc (b, 0, 1000, 0x5000, 32, stack);
 *   trace_builder_finish (b, TRACE_BUILDER_CLOSED);
 *
 * Ticks are nanoseconds since the trace's start and must not fall within a thread.
 */
#pragma once

#include <glib.h>
#include "test-folder.h"
#include "trk-exit-figures.h"
#include "trk-format.h"

typedef struct _TraceBuilder TraceBuilder;

typedef enum {
  TRACE_BUILDER_CLOSED, /* all in files, manifest closed, no pool file */
  TRACE_BUILDER_KILLED, /* each thread's last block in its window, still open */
  TRACE_BUILDER_SEALED, /* each thread's last block in its window, sealed, not in a file */
  TRACE_BUILDER_TWICE,  /* … and wholly in its file too */
  TRACE_BUILDER_CUT,    /* … and half in its file */
  TRACE_BUILDER_EXITED  /* as KILLED, but the pool says that the process exited */
} TraceBuilderEnd;

#define TRACE_BUILDER_START_NS G_GINT64_CONSTANT (5000000000)

TraceBuilder *trace_builder_new (const char *folder);
void trace_builder_free (TraceBuilder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TraceBuilder, trace_builder_free)

/* Before the first event. */
void trace_builder_set_block_bytes (TraceBuilder *self, guint payload_bytes);
void trace_builder_set_pooled (TraceBuilder *self,
                               gboolean pooled); /* one event file for all threads */
void trace_builder_set_tsc (TraceBuilder *self, double ticks_per_ns);
/* Members for the manifest's configuration, as JSON: "\"threads\":\"even\"". */
void trace_builder_set_configuration (TraceBuilder *self, const char *json);
/* A flight recorder's, in which events were written over: one thread is wholly gone, which had done nothing. */
void trace_builder_set_ring (TraceBuilder *self, guint64 ring_bytes);
void trace_builder_set_forked (TraceBuilder *self, gboolean forked);
void trace_builder_set_began_late (TraceBuilder *self, gboolean began_late);
void trace_builder_set_random_widths (TraceBuilder *self, GRand *random);
/* The number-th event block of @thread is not written anywhere. */
void trace_builder_lose_block (TraceBuilder *self, guint thread, guint number);
/* Whether that is where @thread's latest event went. */
gboolean trace_builder_is_losing (TraceBuilder *self, guint thread);

guint32 trace_builder_add_stack (TraceBuilder *self,
                                 guint thread,
                                 const guint64 *frames,
                                 guint depth);
/* Writes a record as it is: for ids that no recorder would give. */
void trace_builder_put_stack (TraceBuilder *self,
                              guint thread,
                              guint32 id,
                              guint32 generation,
                              const guint64 *frames,
                              guint depth,
                              gboolean truncated);
void trace_builder_add_module (TraceBuilder *self,
                               guint32 generation,
                               guint64 start,
                               guint64 end,
                               guint64 bias,
                               const char *path,
                               const guint8 *build_id,
                               guint n_build_id);

void trace_builder_set_domain (TraceBuilder *self, guint thread, TrkDomain domain);
void trace_builder_alloc (TraceBuilder *self,
                          guint thread,
                          guint64 ticks,
                          guint64 address,
                          guint64 size,
                          guint32 stack);
void trace_builder_free_block (TraceBuilder *self, guint thread, guint64 ticks, guint64 address);
void trace_builder_foreign_free (TraceBuilder *self, guint thread, guint64 ticks, guint64 address);
void trace_builder_realloc (TraceBuilder *self,
                            guint thread,
                            guint64 begin_ticks,
                            guint64 end_ticks,
                            guint64 old_address,
                            guint64 new_address,
                            guint64 size,
                            guint32 stack);
/* trace-builder-mapping.c */
void trace_builder_map (TraceBuilder *self,
                        guint thread,
                        guint64 begin_ticks,
                        guint64 end_ticks,
                        TrkMappingKind kind,
                        guint32 flags,
                        guint64 address,
                        guint64 n_bytes,
                        guint32 stack);
void trace_builder_unmap (TraceBuilder *self,
                          guint thread,
                          guint64 ticks,
                          guint64 address,
                          guint64 n_bytes);
void trace_builder_remap (TraceBuilder *self,
                          guint thread,
                          guint64 begin_ticks,
                          guint64 end_ticks,
                          guint32 flags,
                          guint64 old_address,
                          guint64 old_n_bytes,
                          guint64 address,
                          guint64 n_bytes,
                          guint32 stack);
void trace_builder_start (TraceBuilder *self, guint thread, guint64 ticks, gint parent);
void trace_builder_name (TraceBuilder *self,
                         guint thread,
                         guint64 ticks,
                         const char *name,
                         gssize n_bytes);
void trace_builder_exit (TraceBuilder *self, guint thread, guint64 ticks, guint64 cpu_ns);
void trace_builder_exit_with (TraceBuilder *self,
                              guint thread,
                              guint64 ticks,
                              guint64 cpu_ns,
                              const TrkExitFigures *figures);
void trace_builder_tracking (TraceBuilder *self, guint thread, guint64 ticks, gboolean on);
/* About the allocation or free that is added next. */
void trace_builder_sampled_call (TraceBuilder *self, guint thread, TrkSampledCall call);
void trace_builder_sampling (TraceBuilder *self, guint thread, double rate, guint64 interval_bytes);
void trace_builder_skipped (TraceBuilder *self,
                            guint thread,
                            guint64 allocations,
                            guint64 bytes,
                            guint64 frees);
void trace_builder_dropped (TraceBuilder *self, guint thread, guint64 n_events);

void trace_builder_finish (TraceBuilder *self, TraceBuilderEnd end);
