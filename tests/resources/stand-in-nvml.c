/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A stand-in for libnvidia-ml.so.1 with three GPUs: an ordinary one, one whose every figure is refused,
 * and one that fell off the bus.  Declared from NVIDIA's documentation and not from our own code, so that
 * a mistake in ours does not pass.  STAND_IN_NVML="no-driver": as on a machine without one;
 * "lost": the first GPU is lost as well.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define API __attribute__ ((visibility ("default")))

typedef enum {
  NVML_SUCCESS = 0,
  NVML_ERROR_UNINITIALIZED = 1,
  NVML_ERROR_INVALID_ARGUMENT = 2,
  NVML_ERROR_NOT_SUPPORTED = 3,
  NVML_ERROR_NO_PERMISSION = 4,
  NVML_ERROR_INSUFFICIENT_SIZE = 7,
  NVML_ERROR_DRIVER_NOT_LOADED = 9,
  NVML_ERROR_GPU_IS_LOST = 15
} nvmlReturn_t;

typedef struct nvmlDevice_st {
  unsigned int number;
} * nvmlDevice_t;

typedef struct {
  unsigned long long total, free, used;
} nvmlMemory_t;

typedef struct {
  unsigned int gpu, memory;
} nvmlUtilization_t;

typedef struct {
  unsigned int pid;
  unsigned long long usedGpuMemory;
  unsigned int gpuInstanceId, computeInstanceId;
} nvmlProcessInfo_t;

static struct nvmlDevice_st devices[3] = { { 0 }, { 1 }, { 2 } };
static int n_inits;

static int
is_mode (const char *mode)
{
  const char *wanted = getenv ("STAND_IN_NVML");

  return wanted && strcmp (wanted, mode) == 0;
}

static nvmlReturn_t
check (nvmlDevice_t device)
{
  if (n_inits == 0)
    return NVML_ERROR_UNINITIALIZED;
  return device->number == 0 ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED;
}

API nvmlReturn_t nvmlInit_v2 (void);
API nvmlReturn_t nvmlShutdown (void);
API nvmlReturn_t nvmlDeviceGetCount_v2 (unsigned int *count);
API nvmlReturn_t nvmlDeviceGetHandleByIndex_v2 (unsigned int index, nvmlDevice_t *device);
API nvmlReturn_t nvmlDeviceGetName (nvmlDevice_t device, char *name, unsigned int length);
API nvmlReturn_t nvmlDeviceGetMemoryInfo (nvmlDevice_t device, nvmlMemory_t *memory);
API nvmlReturn_t nvmlDeviceGetUtilizationRates (nvmlDevice_t device,
                                                nvmlUtilization_t *utilization);
API nvmlReturn_t nvmlDeviceGetTemperature (nvmlDevice_t device, int sensor, unsigned int *degrees);
API nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3 (nvmlDevice_t device,
                                                          unsigned int *count,
                                                          nvmlProcessInfo_t *infos);
API nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v2 (nvmlDevice_t device,
                                                           unsigned int *count,
                                                           nvmlProcessInfo_t *infos);

nvmlReturn_t
nvmlInit_v2 (void)
{
  if (is_mode ("no-driver"))
    return NVML_ERROR_DRIVER_NOT_LOADED;
  n_inits++;
  return NVML_SUCCESS;
}

nvmlReturn_t
nvmlShutdown (void)
{
  n_inits--;
  return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetCount_v2 (unsigned int *count)
{
  *count = 3;
  return n_inits > 0 ? NVML_SUCCESS : NVML_ERROR_UNINITIALIZED;
}

nvmlReturn_t
nvmlDeviceGetHandleByIndex_v2 (unsigned int index, nvmlDevice_t *device)
{
  if (index > 2)
    return NVML_ERROR_INVALID_ARGUMENT;
  if (index == 2 || is_mode ("lost"))
    return NVML_ERROR_GPU_IS_LOST;
  *device = &devices[index];
  return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetName (nvmlDevice_t device, char *name, unsigned int length)
{
  if (length < 11)
    return NVML_ERROR_INSUFFICIENT_SIZE;
  memcpy (name, device->number == 0 ? "Stand-In 0" : "Stand-In 1", 11);
  return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetMemoryInfo (nvmlDevice_t device, nvmlMemory_t *memory)
{
  if (check (device) != NVML_SUCCESS)
    return check (device);
  *memory = (nvmlMemory_t) { 8000000000ULL, 5000000000ULL, 3000000000ULL };
  return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetUtilizationRates (nvmlDevice_t device, nvmlUtilization_t *utilization)
{
  if (check (device) != NVML_SUCCESS)
    return check (device);
  *utilization = (nvmlUtilization_t) { 73, 41 };
  return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetTemperature (nvmlDevice_t device, int sensor, unsigned int *degrees)
{
  if (sensor != 0)
    return NVML_ERROR_INVALID_ARGUMENT;
  if (device->number == 1)
    return NVML_ERROR_NO_PERMISSION;
  *degrees = 66;
  return NVML_SUCCESS;
}

/* The caller, on two instances, and somebody else. */
nvmlReturn_t
nvmlDeviceGetComputeRunningProcesses_v3 (nvmlDevice_t device,
                                         unsigned int *count,
                                         nvmlProcessInfo_t *infos)
{
  if (check (device) != NVML_SUCCESS)
    return check (device);
  if (*count < 3)
    {
      *count = 3;
      return NVML_ERROR_INSUFFICIENT_SIZE;
    }
  infos[0] = (nvmlProcessInfo_t) { 1, 900, 0, 0 };
  infos[1] = (nvmlProcessInfo_t) { (unsigned int) getpid (), 1000000000, 1, 1 };
  infos[2] = (nvmlProcessInfo_t) { (unsigned int) getpid (), 500000000, 2, 1 };
  *count = 3;
  return NVML_SUCCESS;
}

/* Under its older name. */
nvmlReturn_t
nvmlDeviceGetGraphicsRunningProcesses_v2 (nvmlDevice_t device,
                                          unsigned int *count,
                                          nvmlProcessInfo_t *infos)
{
  if (check (device) != NVML_SUCCESS)
    return check (device);
  infos[0] = (nvmlProcessInfo_t) { (unsigned int) getpid (), 200000000, 0, 0 };
  infos[1] = (nvmlProcessInfo_t) { 2, ~0ULL, 0, 0 };
  *count = 2;
  return NVML_SUCCESS;
}
