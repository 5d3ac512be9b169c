/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What was sampled, over time, in equal stretches: for plots, tables and exports.
 *
 *   double cpu[256];
 *   const char *reason;
 *
 *   if (!ms_resource_series_get (trace, MS_RESOURCE_SERIES_THREAD_CPU, 3, 0, end_ns, 256, cpu, &reason))
 *     say (reason);   // "the recording has no resource samples"
 *
 * A rate or a share of time is the mean over the part of the stretch that samples cover; between two
 * readings a counter rises evenly, so that a stretch narrower than the distance of samples has their
 * mean.  A level is the greatest reading in the stretch, and one without a reading has the one before it.
 * NaN is a gap: nothing was sampled there.  So is what lies between two readings that are more than 2.5 times
 * as far apart as usual, as whoever samples was not there.
 * A thread or process that began less than half a tick before its first sample has one rate from its start to its
 * second.
 */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

/* A figure over time, with its unit. */
typedef enum {
  /* Of the process. */
  MS_RESOURCE_SERIES_CPU,           /* percent; 100 is one core */
  MS_RESOURCE_SERIES_RESIDENT,      /* bytes: RSS */
  MS_RESOURCE_SERIES_RESIDENT_ANON, /* bytes of it, as the next two */
  MS_RESOURCE_SERIES_RESIDENT_FILE,
  MS_RESOURCE_SERIES_RESIDENT_SHMEM,
  MS_RESOURCE_SERIES_SWAPPED,         /* bytes */
  MS_RESOURCE_SERIES_READ,            /* bytes/s by system calls that read, from whatever */
  MS_RESOURCE_SERIES_WRITTEN,         /* bytes/s */
  MS_RESOURCE_SERIES_IO_OPERATIONS,   /* 1/s: calls that read or write */
  MS_RESOURCE_SERIES_MINOR_FAULTS,    /* 1/s */
  MS_RESOURCE_SERIES_MAJOR_FAULTS,    /* 1/s */
  MS_RESOURCE_SERIES_SOCKET_SENT,     /* bytes/s over its TCP connections */
  MS_RESOURCE_SERIES_SOCKET_RECEIVED, /* bytes/s */
  /* Of one thread: which is its id. */
  MS_RESOURCE_SERIES_THREAD_CPU,           /* percent; 100 is one core */
  MS_RESOURCE_SERIES_THREAD_RUN_QUEUE,     /* percent of time that it waited for a processor */
  MS_RESOURCE_SERIES_THREAD_READ,          /* bytes/s */
  MS_RESOURCE_SERIES_THREAD_WRITTEN,       /* bytes/s */
  MS_RESOURCE_SERIES_THREAD_IO_OPERATIONS, /* 1/s */
  /* Of the machine. */
  MS_RESOURCE_SERIES_PROCESSORS,       /* percent busy of all processors */
  MS_RESOURCE_SERIES_PROCESSOR,        /* percent busy; which: from ms_resource_series_list() */
  MS_RESOURCE_SERIES_LOAD,             /* the load average over a minute */
  MS_RESOURCE_SERIES_MEMORY_AVAILABLE, /* bytes */
  MS_RESOURCE_SERIES_DISK_READ,        /* bytes/s; which: listed, until GPU_ENGINE */
  MS_RESOURCE_SERIES_DISK_WRITTEN,     /* bytes/s */
  MS_RESOURCE_SERIES_DISK_BUSY,        /* percent of time */
  MS_RESOURCE_SERIES_NETWORK_RECEIVED, /* bytes/s of one interface */
  MS_RESOURCE_SERIES_NETWORK_SENT,     /* bytes/s */
  MS_RESOURCE_SERIES_GPU,              /* percent busy */
  MS_RESOURCE_SERIES_GPU_MEMORY,       /* bytes in use */
  MS_RESOURCE_SERIES_GPU_ENGINE, /* percent of time that the process kept one of its engines busy */
  /* Percent of time in which some task waited (PSI): of the machine, or the process's cgroup. */
  MS_RESOURCE_SERIES_PRESSURE_CPU,
  MS_RESOURCE_SERIES_PRESSURE_MEMORY,
  MS_RESOURCE_SERIES_PRESSURE_IO,
  MS_RESOURCE_SERIES_CGROUP_PRESSURE_CPU,
  MS_RESOURCE_SERIES_CGROUP_PRESSURE_MEMORY,
  MS_RESOURCE_SERIES_CGROUP_PRESSURE_IO,
  MS_RESOURCE_SERIES_CGROUP_MEMORY, /* bytes */
  MS_N_RESOURCE_SERIES
} MsResourceSeries;

/* "cpu", "thread_cpu", "pressure_memory", …; and of values: "percent", "bytes", "bytes/s", "1/s", "". */
MS_API const char *ms_resource_series_to_string (MsResourceSeries series);
MS_API const char *ms_resource_series_get_unit (MsResourceSeries series);

typedef struct {
  guint which;
  guint number;     /* of the processor or GPU, as the machine counts them; else 0 */
  const char *name; /* of the thread, disk, interface, GPU…; of others ""; valid UTF-8 */
} MsResourceSeriesSource;

/* What @which may be: empty if nothing of it was sampled.  One with which 0 and an empty name where there is
 * only one. (transfer full) (element-type MsResourceSeriesSource) */
MS_API GArray *ms_resource_series_list (MsTrace *trace, MsResourceSeries series);

/* Values over [@from_ns, @to_ns) of the trace's time, in @n_bins equal stretches.  FALSE: all are NaN, and
 * *@reason (nullable, static) says why.  A thread that ended between two samples is covered to its end.  Takes
 * one pass over the samples of the range. */
MS_API gboolean ms_resource_series_get (MsTrace *trace,
                                        MsResourceSeries series,
                                        guint which,
                                        gint64 from_ns,
                                        gint64 to_ns,
                                        guint n_bins,
                                        double *values,
                                        const char **reason);

G_END_DECLS
