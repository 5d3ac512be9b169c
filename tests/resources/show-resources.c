/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * show-resources PID: what every collector finds of a process and of the machine, as text; rates are over
 * one second.  To see by eye what there is on a machine, and why the rest is not.  Not installed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "trk-cgroup.h"
#include "trk-disks.h"
#include "trk-gpu-drm.h"
#include "trk-gpu-nvml.h"
#include "trk-interfaces.h"
#include "trk-machine-memory.h"
#include "trk-process-figures.h"
#include "trk-processors.h"
#include "trk-rate.h"
#include "trk-sensors.h"
#include "trk-sockets.h"
#include "trk-threads.h"

static TrkReader reader;

/* One of each, as they are large. */
static TrkProcessors before, after;
static TrkProcessorFiles processor_files;
static TrkDisks disks;
static TrkDiskFiles disk_files;
static TrkInterfaces interfaces;
static TrkSensors sensors;
static TrkCgroupCollector cgroup;
static TrkOpenFiles open_files;
static TrkSocketDiag diag;
static TrkSockets sockets;
static TrkNvmlFigures nvml_figures;
static TrkDrmProcess drm_process;
static TrkDrmCards drm_cards;

static void
show_figure (const char *name, TrkReason reason, uint64_t value, const char *unit)
{
  if (reason == TRK_REASON_NONE && value == TRK_UNKNOWN)
    reason = TRK_REASON_NOT_HERE;
  if (reason == TRK_REASON_NONE)
    printf ("  %-28s %16" PRIu64 " %s\n", name, value, unit);
  else
    printf ("  %-28s not available: %s\n", name, trk_reason_explain (reason));
}

static void
show_busy (const char *name, const TrkProcessorTimes *from, const TrkProcessorTimes *to)
{
  double percent = 0;
  TrkReason reason = from ? trk_processor_busy (from, to, &percent) : TRK_REASON_NOT_YET;

  if (reason == TRK_REASON_NONE)
    printf ("  %-28s %16.1f %%\n", name, percent);
  else
    printf ("  %-28s not available: %s\n", name, trk_reason_explain (reason));
}

static void
show_pressures (void)
{
  static const char *const paths[] = { "proc/pressure/cpu", "proc/pressure/memory",
                                       "proc/pressure/io" };

  for (unsigned i = 0; i < TRK_N_PRESSURES; i++)
    {
      TrkKeptFile file = { 0 };
      TrkPressure pressure;

      trk_pressure_read (&reader, &file, -1, paths[i], &pressure);
      trk_kept_file_close (&file);
      show_figure (paths[i] + 5, pressure.reason, pressure.some_ns, "ns waited by some");
    }
}

static void
show_machine (void)
{
  TrkKeptFile memory_file = { 0 }, interface_file = { 0 };
  TrkMachineMemory memory;
  TrkLoad load;

  trk_processors_read (&reader, &processor_files, &after);
  trk_load_read (&reader, &processor_files, &load);
  trk_machine_memory_read (&reader, &memory_file, &memory);
  trk_disks_read (&reader, &disk_files, &disks);
  trk_interfaces_read (&reader, &interface_file, 0, &interfaces);
  printf ("machine\n");
  show_busy ("all processors", &before.total, &after.total);
  for (uint32_t i = 0; i < after.n_processors; i++)
    {
      char name[32];

      snprintf (name, sizeof name, "processor %u", after.processors[i].number);
      show_busy (name, trk_processors_find (&before, after.processors[i].number),
                 &after.processors[i]);
    }
  show_figure ("load, 1 min", load.reason, load.hundredths[0], "/ 100");
  show_figure ("memory available", memory.reason, memory.available_bytes, "bytes");
  show_pressures ();
  for (uint32_t i = 0; i < disks.n_disks; i++)
    printf ("  disk %-23s %16" PRIu64 " bytes read, %" PRIu64 " written%s\n", disks.disks[i].name,
            disks.disks[i].read_bytes, disks.disks[i].written_bytes,
            disks.disks[i].is_physical ? "" : " (virtual)");
  for (uint32_t i = 0; i < interfaces.n_interfaces; i++)
    printf ("  interface %-18s %16" PRIu64 " bytes received, %" PRIu64 " sent\n",
            interfaces.interfaces[i].name, interfaces.interfaces[i].received_bytes,
            interfaces.interfaces[i].sent_bytes);
  trk_sensors_open (&reader, &sensors);
  trk_sensors_read (&reader, &sensors);
  show_figure ("temperatures", sensors.temperature_reason, sensors.n_temperatures, "sensors");
  show_figure ("frequencies", sensors.frequency_reason, sensors.n_frequencies, "processors");
}

static void
show_process (int32_t pid)
{
  TrkProcessCollector collector;
  TrkProcessFigures process;
  TrkCgroupFigures group;

  trk_process_collector_init (&collector, &reader, pid, 0);
  trk_process_collector_read (&collector, &process);
  printf ("process %d\n", pid);
  show_figure ("processor time", process.reason, process.cpu_ns, "ns");
  show_figure ("threads", process.reason, process.stat.n_threads, "");
  show_figure ("major faults", process.reason, process.stat.major_faults, "");
  show_figure ("resident", process.memory_reason, process.resident_bytes, "bytes");
  show_figure ("  anonymous", process.memory_reason, process.anon_bytes, "bytes");
  show_figure ("  file", process.memory_reason, process.file_bytes, "bytes");
  show_figure ("  shared memory", process.memory_reason, process.shmem_bytes, "bytes");
  show_figure ("proportional", process.rollup_reason, process.proportional_bytes, "bytes");
  show_figure ("read", process.io_reason, process.io.read_bytes, "bytes");
  show_figure ("written", process.io_reason, process.io.written_bytes, "bytes");
  trk_cgroup_init (&cgroup, &reader, pid);
  trk_cgroup_read (&cgroup, &group);
  printf ("cgroup %s\n", cgroup.path);
  show_figure ("memory", group.memory_reason, group.memory_bytes, "bytes");
  show_figure ("memory limit", group.memory_reason, group.memory_limit_bytes, "bytes");
  show_figure ("processor time", group.cpu_reason, group.cpu_ns, "ns");
  show_figure ("throttled", group.cpu_reason, group.throttled_ns, "ns");
}

static void
show_devices (int32_t pid)
{
  TrkReason reason;
  TrkNvml *nvml;

  trk_open_files_read (&reader, pid, &open_files);
  trk_sockets_read (&reader, &diag, pid, &open_files, &sockets);
  show_figure ("TCP connections", sockets.reason, sockets.n_sockets, "");
  for (uint32_t i = 0; i < sockets.n_sockets; i++)
    {
      const TrkSocket *socket = &sockets.sockets[i];
      char address[INET6_ADDRSTRLEN] = "";

      inet_ntop (socket->family, socket->remote_address, address, sizeof address);
      printf ("    to %s port %u: %" PRIu64 " bytes sent, %" PRIu64 " received, %" PRIu64
              " retransmits\n",
              address, socket->remote_port, socket->sent_bytes, socket->received_bytes,
              socket->retransmits);
    }
  reason = trk_nvml_open (NULL, &nvml);
  if (nvml)
    {
      trk_nvml_read (nvml, pid, &nvml_figures);
      trk_nvml_close (nvml);
    }
  show_figure ("NVIDIA GPUs", reason, nvml_figures.n_devices, "");
  for (uint32_t i = 0; i < nvml_figures.n_devices; i++)
    {
      printf ("    %s\n", nvml_figures.devices[i].name);
      show_figure ("  busy", nvml_figures.devices[i].utilization_reason,
                   nvml_figures.devices[i].busy_percent, "%");
      show_figure ("  memory of the process", nvml_figures.devices[i].process_reason,
                   nvml_figures.devices[i].process_memory_bytes, "bytes");
    }
  trk_drm_process_read (&reader, pid, &open_files, &drm_process);
  show_figure ("GPUs in use by DRM", drm_process.reason, drm_process.n_uses, "");
  trk_drm_cards_read (&reader, &drm_cards);
  show_figure ("GPU cards by sysfs", drm_cards.reason, drm_cards.n_cards, "");
}

/* Names are the program's: what a terminal would obey becomes '?'. */
static void
show_thread (const TrkThreadFigures *thread, TrkReason rate_reason, double percent)
{
  printf ("  %7d  ", thread->tid);
  for (unsigned i = 0; i < 16 && thread->name[i]; i++)
    putchar (thread->name[i] >= ' ' && thread->name[i] < 127 ? thread->name[i] : '?');
  if (thread->reason != TRK_REASON_NONE)
    {
      printf ("  %s\n", trk_reason_explain (thread->reason));
      return;
    }
  printf ("  %c  ", thread->state);
  if (rate_reason == TRK_REASON_NONE)
    printf ("%6.1f %% of a core%s", percent, thread->cpu_is_coarse ? " (ticks)" : "");
  else
    printf ("processor %s", trk_reason_explain (rate_reason));
  if (thread->run_queue_wait_ns != TRK_UNKNOWN)
    printf (", waited %.1f ms in all", (double) thread->run_queue_wait_ns / 1e6);
  if (thread->io_reason == TRK_REASON_NONE)
    printf (", read %" PRIu64 " written %" PRIu64 " bytes", thread->io.read_bytes,
            thread->io.written_bytes);
  else
    printf (", I/O %s", trk_reason_explain (thread->io_reason));
  printf ("\n");
}

/* Threads do not change places between two samples unless one ended: its rate is then said to be missing. */
static void
show_threads (TrkThreads *threads, TrkRate *rates, uint32_t n_rates, const int32_t *tids)
{
  uint32_t n_threads;
  const TrkThreadFigures *figures = trk_threads_get (threads, &n_threads);

  printf ("%u threads\n", n_threads);
  for (uint32_t i = 0; i < n_threads; i++)
    {
      TrkReason reason = TRK_REASON_NOT_YET;
      double percent = 0;

      if (i < n_rates && tids[i] == figures[i].tid)
        reason = trk_rate_advance (&rates[i], figures[i].time_ns, figures[i].reason,
                                   figures[i].cpu_ns, &percent);
      show_thread (&figures[i], reason, percent / 1e7);
    }
}

int
main (int argc, char **argv)
{
  int32_t pid = argc == 2 ? atoi (argv[1]) : 0, *tids;
  const TrkThreadFigures *figures;
  TrkThreads *threads;
  TrkRate *rates;
  uint32_t n_threads;

  if (pid <= 0)
    {
      fprintf (stderr, "usage: show-resources PID\n");
      return 2;
    }
  if (trk_reader_init (&reader, NULL) != TRK_REASON_NONE)
    return 1;
  threads = trk_threads_new (&reader, pid, trk_threads_default_limits ());
  if (!threads || trk_threads_read (threads) != TRK_REASON_NONE)
    {
      fprintf (stderr, "show-resources: %d: no such process, or it may not be looked at\n", pid);
      return 1;
    }
  figures = trk_threads_get (threads, &n_threads);
  rates = calloc (n_threads + 1, sizeof *rates);
  tids = calloc (n_threads + 1, sizeof *tids);
  if (!rates || !tids)
    return 1;
  for (uint32_t i = 0; i < n_threads; i++)
    {
      double none;

      tids[i] = figures[i].tid;
      trk_rate_advance (&rates[i], figures[i].time_ns, figures[i].reason, figures[i].cpu_ns, &none);
    }
  trk_processors_read (&reader, &processor_files, &before);
  sleep (1);
  trk_threads_read (threads);
  show_machine ();
  show_process (pid);
  show_devices (pid);
  show_threads (threads, rates, n_threads, tids);
  trk_threads_free (threads);
  free (rates);
  free (tids);
  return 0;
}
