/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resources.h"

#include <glib/gi18n.h>

#define NO_SAMPLES NC_ ("not measured", "the recording has no resource samples")

/* The structures hold nothing but figures. */
static void
fill (gpointer structure, gsize n_bytes, const char *reason)
{
  MsMeasured *figures = structure;

  for (gsize i = 0; i < n_bytes / sizeof *figures; i++)
    figures[i] = ms_not_measured (reason);
}

G_STATIC_ASSERT (sizeof (MsThreadResources) % sizeof (MsMeasured) == 0);
G_STATIC_ASSERT (sizeof (MsProcessResources) % sizeof (MsMeasured) == 0);
G_STATIC_ASSERT (sizeof (MsSystemResources) % sizeof (MsMeasured) == 0);

void
ms_thread_resources_init (MsThreadResources *self, const char *reason)
{
  fill (self, sizeof *self, reason);
}

void
ms_process_resources_init (MsProcessResources *self, const char *reason)
{
  fill (self, sizeof *self, reason);
}

void
ms_system_resources_init (MsSystemResources *self, const char *reason)
{
  fill (self, sizeof *self, reason);
}

gint64
ms_thread_life_ns (MsTrace *trace, MsThread *thread)
{
  gint64 end_ns = ms_thread_get_end_ns (thread);

  if (end_ns == MS_TIME_NONE)
    end_ns = ms_trace_get_duration_ns (trace);
  return MAX (0, end_ns - ms_thread_get_start_ns (thread));
}

void
ms_thread_resources_init_from_trace (MsThreadResources *self, MsTrace *trace, MsThread *thread)
{
  gint64 cpu_ns = ms_thread_get_cpu_ns (thread);
  gint64 life_ns = ms_thread_life_ns (trace, thread);

  ms_thread_resources_init (self, NO_SAMPLES);
  if (cpu_ns < 0)
    self->cpu_ns = self->cpu_percent = ms_not_measured (
        NC_ ("not measured", "the recording has no resource samples, and the thread did not read "
                             "its processor time: it did not end by itself"));
  else
    {
      self->cpu_ns = ms_measured ((double) cpu_ns);
      self->cpu_percent =
          life_ns > 0 ? ms_measured (100.0 * (double) cpu_ns / (double) life_ns)
                      : ms_not_measured (NC_ ("not measured", "the thread's life has no length"));
    }
}
