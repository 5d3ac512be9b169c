/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What was sampled of a process, its threads and the machine while the trace was recorded, as
 * memscope_resources.bin has it (docs/FORMAT.md, "Resources", names the kinds and the fields of each).
 *
 *   source    a thread, a disk, a processor…: (kind, id, start)
 *   sample    what was read of one source at one time; fields that were not read are not there
 *   figure    one field of one source over the whole trace
 *
 * Counters and levels alike are as the kernel told them.  Times are the trace's, in ns; missed ticks are times
 * without samples.  A rate stands between two samples of a field with nothing said to be absent between
 * them.  Immutable; any thread may read.
 */
#pragma once

#include "ms-types.h"

G_BEGIN_DECLS

/* A source has at most so many figures: one bit of a mask each. */
#define MS_RESOURCE_FIELDS 32

typedef struct _MsResources MsResources;

/* What was sampled, again and again: the process, a thread, a disk, a processor. */
typedef struct {
  guint kind; /* TrkResourceKind */
  guint64 id, start;
  const char *name; /* its last one; valid UTF-8.  Of a connection: "" */
  gint thread_id;   /* a thread's id in the trace; -1: no thread, or none that the trace has */
  guint64 n_samples;
  gint64 first_ns, last_ns; /* of its samples; MS_TIME_NONE without any */
  guint32 measured;         /* mask of the fields that some sample has */
  /* Why the others were not measured: TrkReason as the file says it; 0: nothing said. */
  guint8 reasons[MS_RESOURCE_FIELDS];
} MsResourceSource;

typedef struct {
  gint64 time_ns;
  guint32 present; /* mask of the fields that were read */
  guint32 broken;  /* of those, the ones that form no rate with their reading before */
  guint64 values[MS_RESOURCE_FIELDS]; /* of fields that are not present: of no meaning */
} MsResourceSample;

/* All readings of one field of a source, in short. */
typedef struct {
  guint64 n_samples;
  guint64 first, last, least, greatest;
  gint64 first_ns, last_ns;
  /* As a counter: what it rose by from reading to reading, and in how much time, gaps left out. */
  guint64 growth;
  gint64 growth_ns;
  double peak_per_second; /* between two readings; negative: there are no two */
} MsResourceFigure;

MS_API MsResources *ms_resources_ref (MsResources *self);
MS_API void ms_resources_unref (MsResources *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsResources, ms_resources_unref)

/* How far apart samples were meant to be; 0: unknown. */
MS_API gint64 ms_resources_get_interval_ns (MsResources *self);
/* Those that have a sample, or a reason why they have none. */
MS_API guint ms_resources_get_n_sources (MsResources *self);
/* In the order in which they came. (transfer none) */
MS_API const MsResourceSource *ms_resources_get_source (MsResources *self, guint source);
/* The first of @kind and @id, or FALSE. */
MS_API gboolean ms_resources_find (MsResources *self, guint kind, guint64 id, guint *source);
/* The samples of a thread of the trace, by its id there. */
MS_API gboolean ms_resources_find_thread (MsResources *self, guint thread_id, guint *source);
/* NULL: never measured. (transfer none) */
MS_API const MsResourceFigure *ms_resources_get_figure (MsResources *self,
                                                        guint source,
                                                        guint field);
#define MS_RESOURCE_ALL G_MAXUINT

typedef void (*MsResourceVisit) (guint source, const MsResourceSample *sample, gpointer data);

/* Calls @visit with the samples of @source, or of MS_RESOURCE_ALL, times ascending in each: with all from
 * @from_ns to @to_ns, and with what is near around these, so that the readings before and after are there as a
 * rule.  Of each field the first reading that is visited is broken.  One pass, whatever the number of
 * sources. */
MS_API void ms_resources_visit (MsResources *self,
                                guint source,
                                gint64 from_ns,
                                gint64 to_ns,
                                MsResourceVisit visit,
                                gpointer data);
/* Its samples, times ascending. (transfer full) (element-type MsResourceSample) */
MS_API GArray *ms_resources_dup_samples (MsResources *self, guint source);

G_END_DECLS
