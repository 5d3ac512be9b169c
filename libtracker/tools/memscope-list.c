/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope list: which programs are being recorded just now.
 *
 *     pid  program  threads  live      memory   state
 *    4711  server        12  16.3 MB  52.1 MB   recording
 *
 * From the session bus and the registry; without a bus the registry alone says it.  Live bytes follow from the
 * trace's events, so they are counted for a trace that is small enough to be read at once; of others it is
 * said that they are not known: `memscope attach` reads as long as it takes.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "memscope-commands.h"
#include "ms-attach-threads.h"
#include "ms-command-line.h"
#include "ms-json-writer.h"
#include "ms-running-programs.h"
#include "ms-table.h"
#include "ms-terminal-text.h"
#include "ms-trace.h"

/* Some ten million events: about a second. */
#define MAX_EVENT_BYTES (32U << 20)
static void
wait_for_bus (MsRunningPrograms *programs)
{
  while (!ms_running_programs_is_ready (programs))
    g_main_context_iteration (NULL, TRUE);
}

static guint64
count_event_bytes (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint64 n_bytes = 0;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat status;

      if (g_str_has_prefix (name, "memscope_thread_") && g_lstat (path, &status) == 0)
        n_bytes += (guint64) status.st_size;
    }
  return n_bytes;
}

/* FALSE, and why not. */
static gboolean
read_live_bytes (MsRunningProgram *program, guint64 *live_bytes, const char **why)
{
  const char *folder = ms_running_program_get_folder (program);
  g_autoptr (MsTrace) trace = NULL;

  *why = "its folder cannot be read from here";
  if (folder == NULL)
    return FALSE;
  *why = "more was recorded than is read for a list";
  if (count_event_bytes (folder) > MAX_EVENT_BYTES)
    return FALSE;
  *why = "nothing has been recorded yet";
  trace = ms_trace_load_full (folder, MS_LOAD_WITHOUT_CACHE, NULL, NULL, NULL, NULL);
  if (trace == NULL)
    return FALSE;
  *why = ms_attach_threads_are_recorded (trace) ? ms_trace_why_no_live (trace)
                                                : "no allocations have been recorded yet";
  if (*why != NULL)
    return FALSE;
  *live_bytes = ms_trace_get_totals (trace, ms_trace_get_main_domain (trace))->live_bytes;
  return TRUE;
}

/* --- for people ----------------------------------------------------------------------------------- */

static char *
format_known (gboolean is_known, guint64 n_bytes)
{
  return is_known ? ms_format_bytes (n_bytes) : g_strdup ("–");
}

static void
add_row (MsTable *table, MsRunningProgram *program)
{
  guint64 live_bytes = 0, resident = ms_running_program_get_resident_bytes (program);
  const char *why;
  gboolean has_live = read_live_bytes (program, &live_bytes, &why);
  guint n_threads = ms_running_program_get_n_threads (program);

  ms_table_add (table, MS_STYLE_PLAIN,
                g_strdup_printf ("%u", ms_running_program_get_pid (program)));
  ms_table_add (table, MS_STYLE_BOLD, g_strdup (ms_running_program_get_program (program)));
  ms_table_add (table, MS_STYLE_PLAIN,
                n_threads > 0 ? ms_format_count (n_threads) : g_strdup ("–"));
  ms_table_add (table, MS_STYLE_PLAIN, format_known (has_live, live_bytes));
  ms_table_add (table, MS_STYLE_PLAIN, format_known (resident > 0, resident));
  ms_table_add (table, MS_STYLE_PLAIN,
                g_strconcat (ms_running_program_get_state (program),
                             ms_running_program_is_suspended (program) ? ", suspended" : "", NULL));
  ms_table_add (table, MS_STYLE_DIM, g_strdup (ms_running_program_get_command (program)));
}

static int
print_table (GListModel *programs)
{
  static const MsColumn columns[] = { { "pid", TRUE, FALSE, 0 },     { "program", FALSE, TRUE, 0 },
                                      { "threads", TRUE, FALSE, 2 }, { "live", TRUE, FALSE, 1 },
                                      { "memory", TRUE, FALSE, 3 },  { "state", FALSE, FALSE, 1 },
                                      { "command", FALSE, TRUE, 4 } };
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GString) out = g_string_new (NULL);
  MsTerminal terminal;

  if (!ms_terminal_init (&terminal, NULL))
    return MS_EXIT_USAGE;
  if (g_list_model_get_n_items (programs) == 0)
    {
      g_printerr (
          "No program of yours is being recorded.  One is with: memscope record -- PROGRAM\n");
      return MS_EXIT_OK;
    }
  for (guint i = 0; i < g_list_model_get_n_items (programs); i++)
    {
      g_autoptr (MsRunningProgram) program = g_list_model_get_item (programs, i);

      add_row (table, program);
    }
  ms_table_print (table, &terminal, out);
  return ms_terminal_write (out) ? MS_EXIT_OK : MS_EXIT_FAILURE;
}

/* --- for scripts ---------------------------------------------------------------------------------- */

static void
write_known (MsJsonWriter *json, const char *key, gboolean is_known, guint64 value)
{
  ms_json_writer_key (json, key);
  if (is_known)
    ms_json_writer_uint (json, value);
  else
    ms_json_writer_null (json);
}

static void
write_text (MsJsonWriter *json, const char *key, const char *text)
{
  ms_json_writer_key (json, key);
  ms_json_writer_string (json, text);
}

static void
write_program (MsJsonWriter *json, MsRunningProgram *program)
{
  guint64 live_bytes = 0, resident = ms_running_program_get_resident_bytes (program);
  guint n_threads = ms_running_program_get_n_threads (program);
  const char *why = NULL;
  gboolean has_live = read_live_bytes (program, &live_bytes, &why);

  ms_json_writer_begin_object (json);
  write_known (json, "pid", TRUE, ms_running_program_get_pid (program));
  write_text (json, "program", ms_running_program_get_program (program));
  write_text (json, "command", ms_running_program_get_command (program));
  write_text (json, "state", ms_running_program_get_state (program));
  ms_json_writer_key (json, "suspended");
  ms_json_writer_boolean (json, ms_running_program_is_suspended (program));
  write_known (json, "threads", n_threads > 0, n_threads);
  write_known (json, "live_bytes", has_live, live_bytes);
  if (!has_live)
    write_text (json, "live_bytes_missing", why);
  write_known (json, "resident_bytes", resident > 0, resident);
  ms_json_writer_key (json, "start_wall_us");
  ms_json_writer_int (json, ms_running_program_get_start_time (program));
  write_text (json, "folder", ms_running_program_get_folder (program));
  write_text (json, "bus_name", ms_running_program_get_bus_name (program));
  ms_json_writer_end_object (json);
}

static int
print_json (GListModel *programs)
{
  g_autoptr (MsJsonWriter) json = ms_json_writer_new (NULL, MS_JSON_PRETTY);
  g_autofree char *text = NULL;

  ms_json_writer_begin_array (json);
  for (guint i = 0; i < g_list_model_get_n_items (programs); i++)
    {
      g_autoptr (MsRunningProgram) program = g_list_model_get_item (programs, i);

      write_program (json, program);
    }
  ms_json_writer_end_array (json);
  text = ms_json_writer_close_to_string (g_steal_pointer (&json));
  g_print ("%s", text);
  return MS_EXIT_OK;
}

int
ms_command_list (int argc, char **argv)
{
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "For scripts: an array of objects", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context =
      ms_command_line_new ("list", "", entries,
                           "Lists your programs that are being recorded just now.", NULL);
  g_autoptr (MsRunningPrograms) programs = NULL;

  if (!ms_command_line_parse (context, &argc, &argv))
    return MS_EXIT_USAGE;
  if (argc > 1)
    {
      ms_complain ("list: takes no operand, but got \"%s\"", argv[1]);
      return MS_EXIT_USAGE;
    }
  programs = ms_running_programs_new ();
  wait_for_bus (programs);
  /* What the bus knows is shown all the same. */
  if (ms_running_programs_get_problem (programs) != NULL)
    ms_complain ("list: %s", ms_running_programs_get_problem (programs));
  return as_json ? print_json (G_LIST_MODEL (programs)) : print_table (G_LIST_MODEL (programs));
}
