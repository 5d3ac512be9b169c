/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the new trace needs of the old one beside events: call stacks that are used, their modules, names,
 * and who it was. */
#pragma once

#include "ms-trace-private.h"
#include "ms-trace-writer.h"
#include "ms-trim.h"

G_BEGIN_DECLS

typedef struct {
  MsTrace *trace;
  MsTraceWriter *writer;
  MsNameResolver *resolver; /* NULL: names that the trace brings along alone */
  gboolean redact;
  guint8 *used_stacks; /* by number in the stack table */
  GHashTable *aliases; /* path of a module → its number, to redact */
} MsTrimTables;

void ms_trim_tables_init (MsTrimTables *self,
                          MsTrace *trace,
                          MsTraceWriter *writer,
                          MsNameResolver *resolver,
                          gboolean redact);
void ms_trim_tables_clear (MsTrimTables *self);

/* What stack @id of the old trace is in the new one; 0: there is none. */
guint32 ms_trim_tables_use_stack (MsTrimTables *self, guint32 id);
/* Writes those that were used, and the modules and names of their frames. */
void ms_trim_tables_end (MsTrimTables *self);

typedef struct {
  gint64 start_ns;       /* CLOCK_MONOTONIC of time 0 */
  gint64 from_ns, to_ns; /* to_ns: at most the end */
  const guint *threads;  /* ids; NULL: all */
  guint n_threads;
  guint64 n_prior_blocks, n_prior_bytes;
  gboolean has_prior_frees;
  gboolean redact;
  gboolean ends_early; /* the process ran on */
} MsTrimFacts;

/* Not called to redact: names of disks, interfaces and groups, and addresses of peers, are in it. */
void ms_trim_copy_resources (int dir_fd, MsTraceWriter *writer, const MsTrimFacts *facts);

void ms_trim_copy_marks (MsTrace *trace, MsTraceWriter *writer, const MsTrimFacts *facts);

/* The manifest of the new trace, out of the old one's in @dir_fd. (transfer full) */
char *ms_trim_make_manifest (MsTrace *trace,
                             int dir_fd,
                             const MsTraceWriter *writer,
                             const MsTrimFacts *facts);

G_END_DECLS
