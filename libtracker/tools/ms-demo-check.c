/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-demo-check.h"

#include <stdio.h>

#include "ms-command-line.h"
#include "ms-resource-join.h"
#include "ms-roles.h"
#include "ms-table.h"
#include "ms-terminal-text.h"

#define MOST_CPU_DIFFERENCE 0.03
#define LEAST_CPU_NS (5 * 1000 * 1000)
#define MOST_READS_OF_LIBC 8

typedef struct {
  guint id;
  guint64 allocations, peak_bytes, cpu_ns, file_calls;
} Claim;

typedef struct {
  MsTrace *trace;
  MsResourceJoin *join;
  MsTable *table;
  guint n_threads, n_wrong;
  guint n_roles[MS_N_ROLES], n_alerts[MS_ALERT_HIGH + 1];
} Check;

static gboolean
parse_claim (const char *line, Claim *claim)
{
  guint64 ignored;
  int tracked;

  return sscanf (line,
                 "%u %*s %d %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                 " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                 " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
                 &claim->id, &tracked, &claim->allocations, &ignored, &ignored, &ignored,
                 &claim->peak_bytes, &ignored, &claim->cpu_ns, &ignored, &claim->file_calls)
         == 11;
}

G_GNUC_PRINTF (3, 4)
static void
complain (Check *self, MsThread *thread, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  ms_complain ("demo: thread %u (%s): %s", ms_thread_get_id (thread), ms_thread_get_name (thread),
               what);
  self->n_wrong++;
}

static void
compare_exactly (Check *self, MsThread *thread, const char *what, guint64 found, guint64 claimed)
{
  if (found != claimed)
    complain (self, thread,
              "%s: %" G_GUINT64_FORMAT " by itself, %" G_GUINT64_FORMAT " in the trace", what,
              claimed, found);
}

/* The session ends before the main thread does, which so has no last reading. */
static gboolean
has_last_reading (MsThread *thread)
{
  return ms_thread_get_cpu_ns (thread) >= 0;
}

static void
compare_cpu (Check *self, MsThread *thread, guint64 claimed_ns)
{
  double found = (double) ms_thread_get_cpu_ns (thread), claimed = (double) claimed_ns;

  if (has_last_reading (thread)
      && ABS (found - claimed) > MAX (LEAST_CPU_NS, MOST_CPU_DIFFERENCE * claimed))
    complain (self, thread, "processor time: %.1f ms by its own clock, %.1f ms in the trace",
              claimed / 1e6, found / 1e6);
}

/* FALSE: not measured, as of a thread that lived for less than a tick. */
static gboolean
get_calls (MsThread *thread, guint64 *n_calls)
{
  guint64 reads, writes;

  if (!ms_thread_get_exit_figure (thread, MS_EXIT_READ_CALLS, &reads)
      || !ms_thread_get_exit_figure (thread, MS_EXIT_WRITE_CALLS, &writes))
    return FALSE;
  *n_calls = reads + writes;
  return TRUE;
}

static void
compare_calls (Check *self, MsThread *thread, guint64 claimed)
{
  guint64 found;

  if (get_calls (thread, &found) && (found < claimed || found > claimed + MOST_READS_OF_LIBC))
    complain (self, thread,
              "reads and writes: %" G_GUINT64_FORMAT " by itself, %" G_GUINT64_FORMAT
              " in the trace",
              claimed, found);
}

static void
add_row (Check *self,
         MsThread *thread,
         const MsTotals *totals,
         const Claim *claim,
         MsRole role,
         MsAlert alert)
{
  MsStyle style = alert == MS_ALERT_HIGH     ? MS_STYLE_RED
                  : alert == MS_ALERT_MEDIUM ? MS_STYLE_YELLOW
                                             : MS_STYLE_PLAIN;
  guint64 calls;

  ms_table_add (self->table, MS_STYLE_PLAIN,
                g_strdup_printf ("%u %s", claim->id, ms_thread_get_name (thread)));
  ms_table_add (self->table, MS_STYLE_PLAIN,
                g_strdelimit (g_strdup (ms_role_to_string (role)), "_", ' '));
  ms_table_add (self->table, style, g_strdup (ms_alert_to_string (alert)));
  ms_table_add (self->table, MS_STYLE_PLAIN, ms_format_bytes (totals->peak_bytes));
  ms_table_add (self->table, MS_STYLE_DIM, ms_format_bytes (claim->peak_bytes));
  ms_table_add (self->table, MS_STYLE_PLAIN, ms_format_count (totals->allocations));
  ms_table_add (self->table, MS_STYLE_DIM, ms_format_count (claim->allocations));
  ms_table_add (self->table, MS_STYLE_PLAIN,
                has_last_reading (thread) ? ms_format_duration (ms_thread_get_cpu_ns (thread))
                                          : g_strdup ("–"));
  ms_table_add (self->table, MS_STYLE_DIM, ms_format_duration ((gint64) claim->cpu_ns));
  ms_table_add (self->table, MS_STYLE_PLAIN,
                get_calls (thread, &calls) ? ms_format_count (calls) : g_strdup ("–"));
  ms_table_add (self->table, MS_STYLE_DIM, ms_format_count (claim->file_calls));
}

static void
check_thread (Check *self, guint index, const Claim *claim)
{
  MsThread *thread = ms_trace_get_thread (self->trace, index);
  const MsTotals *totals = ms_thread_get_totals (thread, MS_DOMAIN_DECLARED);
  const MsThreadResources *resources = &self->join->threads[index];
  MsRole role = ms_role_get (totals, resources, NULL);
  MsAlert alert = ms_alert_get (totals, resources, NULL);

  add_row (self, thread, totals, claim, role, alert);
  self->n_threads++;
  self->n_roles[role]++;
  self->n_alerts[alert]++;
  compare_exactly (self, thread, "peak bytes", totals->peak_bytes, claim->peak_bytes);
  compare_exactly (self, thread, "allocations", totals->allocations, claim->allocations);
  compare_cpu (self, thread, claim->cpu_ns);
  compare_calls (self, thread, claim->file_calls);
}

static void
check_claim (Check *self, const Claim *claim)
{
  for (guint i = 0; i < ms_trace_get_n_threads (self->trace); i++)
    if (ms_thread_get_id (ms_trace_get_thread (self->trace, i)) == claim->id)
      {
        check_thread (self, i, claim);
        return;
      }
  ms_complain ("demo: the trace has no thread %u", claim->id);
  self->n_wrong++;
}

static void
append_verdict (const Check *self, GString *out)
{
  g_string_append (out, "\n ");
  for (guint r = 0; r < MS_N_ROLES; r++)
    {
      g_autofree char *name = g_strdelimit (g_strdup (ms_role_to_string (r)), "_", ' ');

      g_string_append_printf (out, " %u %s%s", self->n_roles[r], name,
                              r + 1 < MS_N_ROLES ? "," : "\n ");
    }
  g_string_append_printf (out, " alerts: %u high, %u medium, %u normal\n",
                          self->n_alerts[MS_ALERT_HIGH], self->n_alerts[MS_ALERT_MEDIUM],
                          self->n_alerts[MS_ALERT_NORMAL]);
  if (self->n_wrong == 0)
    g_string_append_printf (out,
                            "  All %u threads are in the trace as they counted themselves: peaks "
                            "and allocations to the byte,\n  processor time and I/O too.\n",
                            self->n_threads);
}

static gboolean
check_all (Check *self, char **lines)
{
  static const MsColumn columns[] = {
    { "thread", FALSE, FALSE, 0 }, { "role", FALSE, FALSE, 0 },  { "alert", FALSE, FALSE, 0 },
    { "peak", TRUE, FALSE, 0 },    { "itself", TRUE, FALSE, 3 }, { "allocations", TRUE, FALSE, 0 },
    { "itself", TRUE, FALSE, 4 },  { "CPU", TRUE, FALSE, 0 },    { "its clock", TRUE, FALSE, 1 },
    { "I/O", TRUE, FALSE, 0 },     { "itself", TRUE, FALSE, 2 },
  };
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GString) out = g_string_new ("\n");
  MsTerminal terminal;

  self->table = table;
  for (guint i = 0; lines[i] && *lines[i]; i++)
    {
      Claim claim;

      if (!parse_claim (lines[i], &claim))
        {
          ms_complain ("demo: line %u of its ledger is not understood", i + 1);
          return FALSE;
        }
      check_claim (self, &claim);
    }
  if (!ms_terminal_init (&terminal, NULL))
    return FALSE;
  ms_table_print (table, &terminal, out);
  append_verdict (self, out);
  return ms_terminal_write (out) && self->n_wrong == 0;
}

gboolean
ms_demo_check (const char *folder, const char *ledger)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (folder, NULL, NULL, NULL, &error);
  g_autoptr (MsView) view = trace ? ms_view_new (trace, NULL, NULL, &error) : NULL;
  g_autoptr (MsResourceJoin) join = view ? ms_resource_join_new (view) : NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  Check check = { .trace = trace, .join = join };

  if (!join || !g_file_get_contents (ledger, &text, NULL, &error))
    {
      ms_complain ("demo: %s", error->message);
      return FALSE;
    }
  lines = g_strsplit (text, "\n", -1);
  return check_all (&check, lines);
}
