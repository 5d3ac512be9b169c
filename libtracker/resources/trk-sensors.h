/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Temperatures and processor frequencies, where /sys exposes them:
 *
 *   /sys/class/thermal/thermal_zone<n>/{type,temp}
 *   /sys/class/hwmon/hwmon<n>/{name,temp<m>_input,temp<m>_label}
 *   /sys/devices/system/cpu/cpu<n>/cpufreq/scaling_cur_freq
 *
 * They are looked for once, in trk_sensors_open(); virtual machines mostly have none, and then the reason
 * is NOT_HERE.  Reading some of them wakes a sleeping core or a slow bus: once a second is enough.
 */
#pragma once

#include "trk-reader.h"

#define TRK_MAX_TEMPERATURES 32U
#define TRK_MAX_FREQUENCIES 256U

typedef struct {
  char name[64]; /* "x86_pkg_temp", "coretemp: Core 0" */
  TrkReason reason;
  int64_t millidegrees; /* Celsius */
} TrkTemperature;

typedef struct {
  uint32_t processor;
  TrkReason reason;
  uint64_t hertz;
} TrkFrequency;

typedef struct {
  TrkReason temperature_reason, frequency_reason; /* NOT_HERE: there are none */
  int64_t time_ns;
  uint32_t n_temperatures, n_frequencies;
  TrkTemperature temperatures[TRK_MAX_TEMPERATURES];
  TrkFrequency frequencies[TRK_MAX_FREQUENCIES];
  TrkKeptFile temperature_files[TRK_MAX_TEMPERATURES], frequency_files[TRK_MAX_FREQUENCIES];
  char temperature_paths[TRK_MAX_TEMPERATURES][TRK_READER_PATH_BYTES];
} TrkSensors;

void trk_sensors_open (TrkReader *reader, TrkSensors *sensors);
void trk_sensors_read (TrkReader *reader, TrkSensors *sensors);
void trk_sensors_close (TrkSensors *sensors);
