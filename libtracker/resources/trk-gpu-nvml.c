/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-gpu-nvml.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- NVML, as NVIDIA documents it ----------------------------------------------------------------- */

enum {
  NVML_SUCCESS = 0,
  NVML_NOT_SUPPORTED = 3,
  NVML_NO_PERMISSION = 4,
  NVML_NOT_FOUND = 6,
  NVML_INSUFFICIENT_SIZE = 7,
  NVML_DRIVER_NOT_LOADED = 9,
  NVML_LIBRARY_NOT_FOUND = 12,
  NVML_FUNCTION_NOT_FOUND = 13,
  NVML_GPU_IS_LOST = 15
};
enum { NVML_TEMPERATURE_GPU = 0 };
#define NVML_VALUE_NOT_AVAILABLE UINT64_MAX
#define MAX_PROCESSES 256U

typedef int NvmlReturn;
typedef struct NvmlDevice *NvmlDevice;

typedef struct {
  unsigned long long total, free, used;
} NvmlMemory;

typedef struct {
  unsigned int gpu, memory;
} NvmlUtilization;

typedef struct {
  unsigned int pid;
  unsigned long long used_gpu_memory;
  unsigned int gpu_instance_id, compute_instance_id;
} NvmlProcess; /* of _v2 and _v3; the first version ended after the memory */

typedef NvmlReturn (*NvmlListProcesses) (NvmlDevice, unsigned int *, NvmlProcess *);

struct _TrkNvml {
  void *library;
  NvmlReturn (*shutdown) (void);
  NvmlReturn (*count) (unsigned int *);
  NvmlReturn (*device) (unsigned int, NvmlDevice *);
  NvmlReturn (*name) (NvmlDevice, char *, unsigned int);
  NvmlReturn (*memory) (NvmlDevice, NvmlMemory *);
  NvmlReturn (*utilization) (NvmlDevice, NvmlUtilization *);
  NvmlReturn (*temperature) (NvmlDevice, int, unsigned int *);
  NvmlListProcesses compute_processes, graphics_processes;
  NvmlProcess processes[MAX_PROCESSES];
};

static TrkReason
explain_return (NvmlReturn status)
{
  switch (status)
    {
    case NVML_SUCCESS:
      return TRK_REASON_NONE;
    case NVML_NO_PERMISSION:
      return TRK_REASON_NOT_PERMITTED;
    case NVML_NOT_SUPPORTED:
    case NVML_NOT_FOUND:
    case NVML_DRIVER_NOT_LOADED:
    case NVML_LIBRARY_NOT_FOUND:
    case NVML_FUNCTION_NOT_FOUND:
      return TRK_REASON_NOT_HERE;
    case NVML_GPU_IS_LOST:
      return TRK_REASON_ENDED;
    default:
      return TRK_REASON_FAILED;
    }
}

/* --- loading ---------------------------------------------------------------------------------------- */

/* ISO C has no way from an object pointer to a function's; POSIX promises that they are alike. */
static bool
find (TrkNvml *self, void *function, const char *name, const char *older_name)
{
  void *symbol = dlsym (self->library, name);

  if (!symbol && older_name)
    symbol = dlsym (self->library, older_name);
  memcpy (function, &symbol, sizeof symbol);
  return symbol != NULL;
}

TrkReason
trk_nvml_open (const char *library, TrkNvml **nvml)
{
  TrkNvml *self = calloc (1, sizeof *self);
  NvmlReturn (*init) (void);
  TrkReason reason = TRK_REASON_NOT_HERE;

  *nvml = NULL;
  if (!self)
    return TRK_REASON_FAILED;
  self->library = dlopen (library ? library : "libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  if (self->library && find (self, &init, "nvmlInit_v2", "nvmlInit")
      && find (self, &self->shutdown, "nvmlShutdown", NULL)
      && find (self, &self->count, "nvmlDeviceGetCount_v2", "nvmlDeviceGetCount")
      && find (self, &self->device, "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"))
    reason = explain_return (init ());
  if (reason != TRK_REASON_NONE)
    {
      if (self->library)
        dlclose (self->library);
      free (self);
      return reason;
    }
  find (self, &self->name, "nvmlDeviceGetName", NULL);
  find (self, &self->memory, "nvmlDeviceGetMemoryInfo", NULL);
  find (self, &self->utilization, "nvmlDeviceGetUtilizationRates", NULL);
  find (self, &self->temperature, "nvmlDeviceGetTemperature", NULL);
  /* Not the first version, whose records are shorter. */
  find (self, &self->compute_processes, "nvmlDeviceGetComputeRunningProcesses_v3",
        "nvmlDeviceGetComputeRunningProcesses_v2");
  find (self, &self->graphics_processes, "nvmlDeviceGetGraphicsRunningProcesses_v3",
        "nvmlDeviceGetGraphicsRunningProcesses_v2");
  *nvml = self;
  return TRK_REASON_NONE;
}

void
trk_nvml_close (TrkNvml *self)
{
  if (!self)
    return;
  self->shutdown ();
  dlclose (self->library);
  free (self);
}

/* --- reading ---------------------------------------------------------------------------------------- */

/* Adds what @pid has.  A process is in both lists if it computes and draws, with the same memory: the
 * greater of the two counts. */
static TrkReason
read_processes (TrkNvml *self,
                NvmlListProcesses list,
                NvmlDevice device,
                int32_t pid,
                uint64_t *bytes)
{
  unsigned int n = MAX_PROCESSES;
  uint64_t sum = 0;
  NvmlReturn status;

  if (!list)
    return TRK_REASON_NOT_HERE;
  status = list (device, &n, self->processes);
  /* More processes than room: what of them is ours cannot be said. */
  if (status != NVML_SUCCESS)
    return explain_return (status);
  for (unsigned int i = 0; i < n && i < MAX_PROCESSES; i++)
    if (self->processes[i].pid == (unsigned int) pid)
      {
        if (self->processes[i].used_gpu_memory == NVML_VALUE_NOT_AVAILABLE
            || self->processes[i].used_gpu_memory > TRK_UNKNOWN - 1 - sum)
          return TRK_REASON_NOT_HERE;
        sum += self->processes[i].used_gpu_memory; /* one entry an instance of a divided GPU */
      }
  if (sum > *bytes)
    *bytes = sum;
  return TRK_REASON_NONE;
}

static void
read_process (TrkNvml *self, NvmlDevice device, int32_t pid, TrkNvmlDevice *figures)
{
  TrkReason graphics;

  figures->process_memory_bytes = 0;
  figures->process_reason =
      read_processes (self, self->compute_processes, device, pid, &figures->process_memory_bytes);
  graphics =
      read_processes (self, self->graphics_processes, device, pid, &figures->process_memory_bytes);
  if (figures->process_reason == TRK_REASON_NOT_HERE)
    figures->process_reason = graphics;
}

static void
read_device (TrkNvml *self, unsigned int number, int32_t pid, TrkNvmlDevice *figures)
{
  NvmlDevice device;
  NvmlMemory memory = { 0 };
  NvmlUtilization utilization = { 0 };
  unsigned int degrees = 0;

  figures->reason = explain_return (self->device (number, &device));
  figures->memory_reason = figures->utilization_reason = figures->temperature_reason =
      figures->process_reason = figures->reason;
  if (figures->reason != TRK_REASON_NONE)
    return;
  if (!self->name || self->name (device, figures->name, sizeof figures->name) != NVML_SUCCESS)
    figures->name[0] = '\0';
  figures->name[sizeof figures->name - 1] = '\0';
  figures->memory_reason = figures->utilization_reason = figures->temperature_reason =
      TRK_REASON_NOT_HERE;
  if (self->memory)
    figures->memory_reason = explain_return (self->memory (device, &memory));
  figures->memory_total_bytes = memory.total;
  figures->memory_used_bytes = memory.used;
  if (self->utilization)
    figures->utilization_reason = explain_return (self->utilization (device, &utilization));
  figures->busy_percent = utilization.gpu;
  figures->memory_busy_percent = utilization.memory;
  if (self->temperature)
    figures->temperature_reason =
        explain_return (self->temperature (device, NVML_TEMPERATURE_GPU, &degrees));
  figures->millidegrees = (int64_t) degrees * 1000;
  read_process (self, device, pid, figures);
}

void
trk_nvml_read (TrkNvml *self, int32_t pid, TrkNvmlFigures *figures)
{
  unsigned int n_devices = 0;
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  memset (figures, 0, sizeof *figures);
  figures->time_ns = now.tv_sec * 1000000000LL + now.tv_nsec;
  figures->reason = explain_return (self->count (&n_devices));
  if (figures->reason != TRK_REASON_NONE)
    return;
  for (unsigned int i = 0; i < n_devices && i < TRK_MAX_NVML_DEVICES; i++)
    read_device (self, i, pid, &figures->devices[figures->n_devices++]);
  figures->n_left_out = n_devices - figures->n_devices;
}
