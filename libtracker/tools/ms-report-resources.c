/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-resources.h"

#include "ms-report-lines.h"
#include "ms-resources-json.h"
#include "ms-terminal-text.h"

static char *
dup_bytes (MsMeasured value)
{
  return value.known ? ms_format_bytes ((guint64) (MAX (0, value.value) + 0.5)) : g_strdup ("–");
}

static char *
dup_count (MsMeasured value)
{
  return value.known ? ms_format_count ((guint64) (MAX (0, value.value) + 0.5)) : g_strdup ("–");
}

static char *
dup_duration (MsMeasured value)
{
  return value.known ? ms_format_duration ((gint64) value.value) : g_strdup ("–");
}

static char *
dup_percent (MsMeasured value)
{
  return value.known ? g_strdup_printf ("%.1f %%", value.value) : g_strdup ("–");
}

/* Not measured: the reason instead of all else. */
static void
append_absent (GString *out, const MsTerminal *terminal, const char *label, MsMeasured value)
{
  ms_report_figure (out, terminal, label, g_strdup ("–"), "not available: %s", value.reason);
}

static void
append_cpu (GString *out, const MsTerminal *terminal, const MsProcessResources *p)
{
  g_autofree char *mean = dup_percent (p->cpu_percent);
  g_autofree char *peak = dup_percent (p->cpu_percent_peak);
  g_autofree char *involuntary = dup_count (p->involuntary_switches);

  if (!p->cpu_ns.known)
    append_absent (out, terminal, "CPU time", p->cpu_ns);
  else
    ms_report_figure (out, terminal, "CPU time", dup_duration (p->cpu_ns),
                      "%s of one core, %s at most", mean, peak);
  if (p->run_queue_wait_ns.known)
    ms_report_figure (out, terminal, "CPU wait", dup_duration (p->run_queue_wait_ns),
                      "threads were ready and had no processor; they gave way %s times",
                      involuntary);
}

static void
append_memory (GString *out, const MsTerminal *terminal, const MsProcessResources *p)
{
  g_autofree char *anonymous = dup_bytes (p->resident_anonymous_bytes);
  g_autofree char *file = dup_bytes (p->resident_file_bytes);
  g_autofree char *shared = dup_bytes (p->resident_shared_bytes);
  g_autofree char *major = dup_count (p->major_faults);

  if (!p->resident_bytes.known)
    {
      append_absent (out, terminal, "resident", p->resident_bytes);
      return;
    }
  ms_report_figure (out, terminal, "resident", dup_bytes (p->resident_bytes),
                    "at most (RSS); %s anonymous, %s of files, %s shared", anonymous, file, shared);
  ms_report_figure (out, terminal, "page faults", dup_count (p->minor_faults),
                    "and %s that waited for a disk", major);
}

/* "1.50 MB  sent and 1.50 MB received", and by how many threads where some have not counted. */
static void
append_sockets (GString *out, const MsTerminal *terminal, const MsResourceJoin *join)
{
  const MsProcessResources *p = &join->process;
  g_autofree char *received = dup_bytes (p->socket_received_bytes);
  g_autofree char *who = NULL;
  guint n_known = 0;

  if (!p->socket_sent_bytes.known)
    {
      append_absent (out, terminal, "sockets", p->socket_sent_bytes);
      return;
    }
  for (guint i = 0; i < join->n_threads; i++)
    n_known += join->threads[i].socket_sent_bytes.known;
  who = n_known < join->n_threads
            ? g_strdup_printf (" by %u of %u threads: the others have not counted them", n_known,
                               join->n_threads)
            : g_strdup ("");
  ms_report_figure (out, terminal, "sockets", dup_bytes (p->socket_sent_bytes),
                    "sent and %s received%s", received, who);
}

static void
append_io (GString *out, const MsTerminal *terminal, const MsResourceJoin *join)
{
  const MsProcessResources *p = &join->process;
  g_autofree char *read = dup_bytes (p->read_bytes);
  g_autofree char *written = dup_bytes (p->written_bytes);
  g_autofree char *sent = dup_bytes (p->tcp_sent_bytes);
  g_autofree char *received = dup_bytes (p->tcp_received_bytes);

  if (!p->io_operations.known)
    append_absent (out, terminal, "I/O calls", p->io_operations);
  else
    ms_report_figure (out, terminal, "I/O calls", dup_count (p->io_operations),
                      "that read %s and wrote %s", read, written);
  append_sockets (out, terminal, join);
  if (p->connections.known && p->connections.value > 0)
    ms_report_figure (out, terminal, "connections", dup_count (p->connections),
                      "TCP, met once a second; %s sent, %s received", sent, received);
}

static void
append_machine (GString *out, const MsTerminal *terminal, const MsSystemResources *s)
{
  g_autofree char *processors = dup_count (s->processors);
  g_autofree char *total = dup_bytes (s->memory_total_bytes);
  g_autofree char *memory = dup_percent (s->memory_pressure_percent);
  g_autofree char *io = dup_percent (s->io_pressure_percent);

  if (s->cpu_percent.known)
    ms_report_figure (out, terminal, "machine", dup_percent (s->cpu_percent),
                      "of %s processors busy; load %.2f at most", processors, s->load_1_min.value);
  if (s->memory_available_bytes.known)
    ms_report_figure (out, terminal, "available", dup_bytes (s->memory_available_bytes),
                      "of %s of memory, at least", total);
  if (s->cpu_pressure_percent.known)
    ms_report_figure (out, terminal, "pressure", dup_percent (s->cpu_pressure_percent),
                      "of the time a task waited for a processor; %s for memory, %s for I/O",
                      memory, io);
  if (s->gpu_busy_percent.known)
    ms_report_figure (out, terminal, "GPU", dup_percent (s->gpu_busy_percent), "busy%s", "");
}

void
ms_report_resources_append (GString *out, MsReport *report)
{
  const MsResourceJoin *join = ms_report_get_resources (report);

  ms_report_heading (out, report->terminal, "Resources");
  if (!join->has_samples)
    {
      g_autofree char *text =
          g_strdup_printf ("not available: %s", join->process.resident_bytes.reason);

      ms_report_remark (out, report->terminal, text);
      return;
    }
  append_cpu (out, report->terminal, &join->process);
  append_memory (out, report->terminal, &join->process);
  append_io (out, report->terminal, join);
  append_machine (out, report->terminal, &join->system);
}

void
ms_report_resources_write (MsJsonWriter *writer, MsReport *report)
{
  ms_resources_json_write (writer, ms_report_get_resources (report));
}
