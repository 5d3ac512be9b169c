/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-not-measured.h"

#define NO_SAMPLES "the recording has no resource samples"

static const struct {
  const char *key, *reason;
} entries[MS_N_NOT_MEASURED] = {
  [MS_NOT_MEASURED_CPU] = { "cpu_percent",
                            NO_SAMPLES ", and a thread's processor time is known only from its own "
                                       "reading at its end" },
  [MS_NOT_MEASURED_SYSTEM_CPU] = { "system_cpu", NO_SAMPLES },
  [MS_NOT_MEASURED_IO] = { "io_operations", NO_SAMPLES },
  [MS_NOT_MEASURED_NETWORK] = { "network", NO_SAMPLES },
  [MS_NOT_MEASURED_GPU] = { "gpu", NO_SAMPLES },
  [MS_NOT_MEASURED_TIMELINE] = { "resource_timeline", NO_SAMPLES },
  [MS_NOT_MEASURED_CORRELATION] = { "correlation_over_time",
                                    "it compares processor samples with allocation, "
                                    "and " NO_SAMPLES },
  [MS_NOT_MEASURED_CPU_EFFICIENCY] = { "cpu_efficiency", "it needs how long threads waited for a "
                                                         "processor, and " NO_SAMPLES },
};

const char *
ms_not_measured_key (MsNotMeasured what)
{
  return entries[what].key;
}

const char *
ms_not_measured_reason (MsNotMeasured what)
{
  return entries[what].reason;
}

void
ms_not_measured_write_all (MsJsonWriter *writer)
{
  ms_json_writer_begin_object (writer);
  for (guint i = 0; i < MS_N_NOT_MEASURED; i++)
    ms_json_writer_add_string (writer, entries[i].key, entries[i].reason);
  ms_json_writer_end_object (writer);
}

void
ms_not_measured_write (MsJsonWriter *writer, MsNotMeasured what)
{
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_boolean (writer, "available", FALSE);
  ms_json_writer_add_string (writer, "reason", entries[what].reason);
  ms_json_writer_end_object (writer);
}
