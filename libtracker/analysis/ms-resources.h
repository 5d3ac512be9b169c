/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What was measured beside the heap: of a thread, of the process, and of the machine or container it
 * ran in.  Whoever joins samples with a trace fills these; each figure may be unknown.  Sources and
 * units stand in docs/DASHBOARD.md, "Resources".
 */
#pragma once

#include "ms-measured.h"
#include "ms-trace.h"

G_BEGIN_DECLS

/* Over the thread's life, or the part of it that was asked for. */
typedef struct {
  MsMeasured cpu_ns;
  MsMeasured cpu_percent;      /* mean; 100 is one core */
  MsMeasured cpu_percent_peak; /* the highest sample */
  MsMeasured io_operations;    /* system calls that read or write */
  MsMeasured read_bytes;
  MsMeasured written_bytes;
  MsMeasured run_queue_wait_ns; /* ready to run, and no processor free for it */
  MsMeasured voluntary_switches;
  MsMeasured involuntary_switches;
  MsMeasured minor_faults;
  MsMeasured major_faults; /* those that waited for a disk */
  /* On sockets of any family, by whatever call; known of whole lives, from when a thread has ended. */
  MsMeasured socket_sent_bytes, socket_received_bytes;
  /* When the last of these, processor time left out, was read, in ns of the trace: what the thread did
   * later is in none of them. */
  MsMeasured known_until_ns;
  MsMeasured io_operations_per_second; /* mean, of the time for which they are known */
} MsThreadResources;

/* Over the process's life, or the part of it that was asked for. */
typedef struct {
  MsMeasured cpu_percent;       /* mean; 100 is one core */
  MsMeasured cpu_percent_peak;  /* the highest sample */
  MsMeasured available_cores;   /* that the machine has: processors that were sampled */
  MsMeasured run_queue_wait_ns; /* summed over threads, as cpu_ns */
  MsMeasured cpu_ns;
  MsMeasured minor_faults, major_faults;
  MsMeasured major_faults_per_second;
  MsMeasured voluntary_switches, involuntary_switches; /* summed over threads */
  MsMeasured involuntary_switches_per_second;
  MsMeasured io_operations; /* system calls that read or write */
  MsMeasured read_bytes, written_bytes;
  MsMeasured disk_read_bytes, disk_written_bytes; /* of these, what went to or came from a disk */
  MsMeasured threads;                             /* the greatest sample, as all levels here */
  MsMeasured resident_bytes;
  MsMeasured resident_anonymous_bytes;
  MsMeasured resident_file_bytes;
  MsMeasured resident_shared_bytes;
  MsMeasured swapped_bytes;
  MsMeasured socket_sent_bytes, socket_received_bytes; /* summed over threads */
  MsMeasured connections;                              /* TCP, those that were met once a second */
  MsMeasured tcp_sent_bytes, tcp_received_bytes;       /* over these */
  MsMeasured tcp_retransmits;
  MsMeasured memory_limit_bytes;  /* of its container */
  MsMeasured memory_used_bytes;   /* of its container */
  MsMeasured out_of_memory_kills; /* in its container */
  MsMeasured throttled_percent;   /* of its container's periods, those that were throttled */
  MsMeasured gpu_busy_percent;    /* by this process: of its busiest engine */
  MsMeasured gpu_memory_bytes;    /* by this process */
} MsProcessResources;

/* Of the machine, or of the container where that has its own. */
typedef struct {
  MsMeasured processors;
  MsMeasured cpu_percent; /* of all processors; 100 is all of them */
  MsMeasured load_1_min;  /* the highest sample, as the next two */
  MsMeasured load_5_min, load_15_min;
  MsMeasured cpu_pressure_percent; /* of time in which some task waited: PSI "some" */
  MsMeasured memory_pressure_percent;
  MsMeasured io_pressure_percent;
  MsMeasured disk_busy_percent;                                         /* of the busiest disk */
  MsMeasured disk_read_bytes_per_second, disk_written_bytes_per_second; /* of all disks */
  MsMeasured network_received_bytes_per_second,
      network_sent_bytes_per_second; /* but for loopback */
  MsMeasured memory_total_bytes;
  MsMeasured memory_available_bytes; /* the smallest sample */
  MsMeasured gpu_busy_percent;       /* of the busiest */
  MsMeasured gpu_memory_total_bytes; /* of the one whose memory is fullest */
  MsMeasured gpu_memory_used_bytes;
} MsSystemResources;

/* Everything unknown, for @reason (static). */
MS_API void ms_thread_resources_init (MsThreadResources *self, const char *reason);
MS_API void ms_process_resources_init (MsProcessResources *self, const char *reason);
MS_API void ms_system_resources_init (MsSystemResources *self, const char *reason);

/* What a trace alone knows of a thread: the processor time that it read itself as it ended, and the mean
 * from that over its life. */
MS_API void ms_thread_resources_init_from_trace (MsThreadResources *self,
                                                 MsTrace *trace,
                                                 MsThread *thread);

/* From its start to its end, or to the trace's; 0 at least. */
MS_API gint64 ms_thread_life_ns (MsTrace *trace, MsThread *thread);

G_END_DECLS
