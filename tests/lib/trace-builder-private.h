/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the builder keeps: trace-builder.c fills it, trace-builder-end.c writes it out. */
#pragma once

#include "trace-builder.h"
#include "trk-event-encoder.h"

typedef struct {
  guint8 window[TRK_EVENT_WINDOW_BYTES];
  gboolean open;
  TrkEventEncoder encoder;
  TrkEventWidths widths;
  guint32 block_number;
  guint32 domain;
  GHashTable *sequences;   /* address → number of the latest allocation there */
  guint64 local_ids[4096]; /* stack id by local number of the open block */
  guint8 stack_window[TRK_STACK_WINDOW_BYTES];
  guint8 *stack_cursor;
  guint32 stack_block_number, n_stacks;
  guint64 previous_frames[TRK_MAX_STACK_DEPTH];
  guint32 previous_depth;
  gboolean used;
} BuilderThread;

typedef struct {
  guint thread, number;
} LostBlock;

struct _TraceBuilder {
  char *folder;
  GPtrArray *threads; /* of BuilderThread * */
  GHashTable *files;  /* name → GByteArray */
  GArray *lost;       /* of LostBlock */
  GByteArray *modules;
  guint n_modules;
  guint8 trace_id[16];
  guint block_bytes;
  gboolean pooled, forked, began_late;
  double ticks_per_ns; /* 0: monotonic */
  GRand *random_widths;
  char *configuration;
  guint n_forgotten_threads; /* of a ring */
  guint32 next_stack_id;
  guint64 last_ticks;
};

TrkFileHeader trace_builder_make_header (const TraceBuilder *self, TrkFileKind kind);
BuilderThread *trace_builder_get_thread (TraceBuilder *self, guint thread);
/* The bytes so far of the file @name, or of the one with @thread's events. */
GByteArray *trace_builder_get_file (TraceBuilder *self, const char *name, TrkFileKind kind);
GByteArray *trace_builder_get_event_file (TraceBuilder *self, guint thread);
void trace_builder_begin_block (TraceBuilder *self,
                                guint8 *window,
                                TrkBlockType type,
                                guint32 thread,
                                guint32 number);
void trace_builder_seal_block (TraceBuilder *self,
                               guint8 *window,
                               guint32 n_bytes,
                               guint64 last_ticks,
                               guint32 n_records);
void trace_builder_append_block (GByteArray *file, const guint8 *window);
void trace_builder_seal_events (TraceBuilder *self, BuilderThread *thread);
void trace_builder_flush_events (TraceBuilder *self, guint thread);
void trace_builder_flush_stacks (TraceBuilder *self, guint thread);
guint32 trace_builder_open_payload_bytes (const BuilderThread *thread);
/* The encoder of @thread's open block, with room for an event at @ticks. */
TrkEventEncoder *trace_builder_prepare (TraceBuilder *self, guint thread, guint64 ticks);
/* The number of @stack in that block. */
guint32 trace_builder_local_stack (TraceBuilder *self, guint thread, guint32 stack);
guint64 trace_builder_to_clock (const TraceBuilder *self, guint64 ns);
