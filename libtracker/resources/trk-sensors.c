/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-sensors.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_ZONES 64 /* thermal zones and monitors looked for: their numbers have few holes */
#define MAX_PER_MONITOR 16

static bool
exists (TrkReader *reader, const char *path)
{
  return faccessat (reader->root_fd, path, R_OK, 0) == 0;
}

/* The first word of a file of one line; "" without it. */
static void
read_name (TrkReader *reader, const char *path, char *name, size_t size)
{
  TrkTextSpan text, line;

  name[0] = '\0';
  if (trk_reader_read (reader, -1, path, &text) != TRK_REASON_NONE || !trk_text_line (&text, &line))
    return;
  line.end--;
  trk_text_copy (line, name, size);
}

static void
add_temperature (TrkReader *reader, TrkSensors *sensors, const char *path, const char *name)
{
  TrkTemperature *temperature = &sensors->temperatures[sensors->n_temperatures];

  if (sensors->n_temperatures == TRK_MAX_TEMPERATURES || !exists (reader, path))
    return;
  snprintf (temperature->name, sizeof temperature->name, "%s", name);
  temperature->reason = TRK_REASON_NOT_YET;
  memcpy (sensors->temperature_paths[sensors->n_temperatures++], path, strlen (path) + 1);
}

static void
find_thermal_zones (TrkReader *reader, TrkSensors *sensors)
{
  for (unsigned i = 0; i < MAX_ZONES; i++)
    {
      char path[TRK_READER_PATH_BYTES], name[32];

      snprintf (path, sizeof path, "sys/class/thermal/thermal_zone%u/type", i);
      read_name (reader, path, name, sizeof name);
      snprintf (path, sizeof path, "sys/class/thermal/thermal_zone%u/temp", i);
      add_temperature (reader, sensors, path, name);
    }
}

static void
find_monitors (TrkReader *reader, TrkSensors *sensors)
{
  for (unsigned i = 0; i < MAX_ZONES; i++)
    {
      char path[TRK_READER_PATH_BYTES], monitor[28], label[28], name[64];

      snprintf (path, sizeof path, "sys/class/hwmon/hwmon%u/name", i);
      read_name (reader, path, monitor, sizeof monitor);
      if (!*monitor)
        continue;
      for (unsigned j = 1; j <= MAX_PER_MONITOR; j++)
        {
          snprintf (path, sizeof path, "sys/class/hwmon/hwmon%u/temp%u_label", i, j);
          read_name (reader, path, label, sizeof label);
          snprintf (name, sizeof name, "%s%s%s", monitor, *label ? ": " : "", label);
          snprintf (path, sizeof path, "sys/class/hwmon/hwmon%u/temp%u_input", i, j);
          add_temperature (reader, sensors, path, name);
        }
    }
}

static void
format_frequency_path (char path[TRK_READER_PATH_BYTES], uint32_t processor)
{
  snprintf (path, TRK_READER_PATH_BYTES, "sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq",
            processor);
}

void
trk_sensors_open (TrkReader *reader, TrkSensors *sensors)
{
  memset (sensors, 0, sizeof *sensors);
  find_thermal_zones (reader, sensors);
  find_monitors (reader, sensors);
  for (uint32_t i = 0; i < TRK_MAX_FREQUENCIES; i++)
    {
      char path[TRK_READER_PATH_BYTES];

      format_frequency_path (path, i);
      if (exists (reader, path))
        sensors->frequencies[sensors->n_frequencies++] =
            (TrkFrequency) { .processor = i, .reason = TRK_REASON_NOT_YET };
    }
}

void
trk_sensors_read (TrkReader *reader, TrkSensors *sensors)
{
  TrkTextSpan text;

  sensors->time_ns = trk_reader_now_ns ();
  sensors->temperature_reason = sensors->n_temperatures ? TRK_REASON_NONE : TRK_REASON_NOT_HERE;
  sensors->frequency_reason = sensors->n_frequencies ? TRK_REASON_NONE : TRK_REASON_NOT_HERE;
  for (uint32_t i = 0; i < sensors->n_temperatures; i++)
    {
      TrkTemperature *temperature = &sensors->temperatures[i];

      temperature->reason = trk_reader_read_short (reader, &sensors->temperature_files[i], -1,
                                                   sensors->temperature_paths[i], &text);
      if (temperature->reason == TRK_REASON_NONE
          && !trk_text_signed (&text, &temperature->millidegrees))
        temperature->reason = TRK_REASON_MALFORMED;
    }
  for (uint32_t i = 0; i < sensors->n_frequencies; i++)
    {
      TrkFrequency *frequency = &sensors->frequencies[i];
      char path[TRK_READER_PATH_BYTES];

      format_frequency_path (path, frequency->processor);
      frequency->reason =
          trk_reader_read_short (reader, &sensors->frequency_files[i], -1, path, &text);
      if (frequency->reason == TRK_REASON_NONE
          && (!trk_text_number (&text, &frequency->hertz)
              || frequency->hertz > (TRK_UNKNOWN - 1) / 1000))
        frequency->reason = TRK_REASON_MALFORMED;
      frequency->hertz *= 1000;
    }
}

void
trk_sensors_close (TrkSensors *sensors)
{
  for (uint32_t i = 0; i < sensors->n_temperatures; i++)
    trk_kept_file_close (&sensors->temperature_files[i]);
  for (uint32_t i = 0; i < sensors->n_frequencies; i++)
    trk_kept_file_close (&sensors->frequency_files[i]);
}
