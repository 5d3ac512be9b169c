/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "bench-disk.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

double
bench_disk_get_bytes_an_event (const BenchDisk *self)
{
  return ((double) self->n_bytes - BENCH_BYTES_A_THREAD * (double) self->n_threads)
         / (double) self->n_events;
}

static gboolean
measure_folder (BenchDisk *self, const char *path, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);
  const char *name;

  if (dir == NULL)
    return FALSE;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      GStatBuf info;

      if (g_stat (file, &info) != 0)
        continue;
      self->n_files++;
      self->n_bytes += (guint64) info.st_size;
      if (g_str_has_suffix (name, ".freq"))
        self->n_freq_bytes += (guint64) info.st_size;
    }
  return TRUE;
}

/* memscope_recording.json names the trace folder of the one process, and its totals. */
static gboolean
measure_recording (BenchDisk *self, const char *output, GError **error)
{
  g_autofree char *file = g_build_filename (output, "memscope_recording.json", NULL);
  g_autofree char *folder = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *recording, *process, *totals;
  JsonArray *processes;

  if (!json_parser_load_from_file (parser, file, error))
    return FALSE;
  recording = json_node_get_object (json_parser_get_root (parser));
  processes = json_object_get_array_member (recording, "processes");
  process = json_array_get_object_element (processes, 0);
  totals = json_object_get_object_member (process, "totals");
  self->n_events = (guint64) (json_object_get_int_member (totals, "allocations")
                              + json_object_get_int_member (totals, "deallocations"));
  self->n_threads = (guint64) json_object_get_int_member (totals, "n_threads");
  folder = g_build_filename (output, json_object_get_string_member (process, "folder"), NULL);
  return measure_folder (self, folder, error);
}

static gboolean
record (const char *output, char **workload, const char *build, GError **error)
{
  g_autoptr (GStrvBuilder) command = g_strv_builder_new ();
  g_autofree char *memscope = g_build_filename (build, "libtracker", "tools", "memscope", NULL);
  g_autofree char *folder = g_build_filename (build, "tests", "bench", NULL);
  g_autofree char *program = g_canonicalize_filename (workload[0], folder);
  g_auto (GStrv) argv = NULL;
  int status;

  g_strv_builder_add_many (command, memscope, "record", "-o", output, "--", program, NULL);
  g_strv_builder_addv (command, (const char **) workload + 1);
  argv = g_strv_builder_end (command);
  return g_spawn_sync (NULL, argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                       NULL, NULL, NULL, NULL, &status, error)
         && g_spawn_check_wait_status (status, error);
}

gboolean
bench_disk_measure (BenchDisk *self,
                    const BenchWorkload *workload,
                    guint n_steps,
                    const char *build,
                    GError **error)
{
  g_auto (GStrv) command = bench_workload_get_command (workload, n_steps);
  g_autofree char *folder = bench_get_folder (build);
  g_autofree char *output = g_build_filename (folder, "closed", NULL);
  gboolean done;

  *self = (BenchDisk) { 0 };
  g_mkdir_with_parents (folder, 0777);
  bench_remove_tree (output);
  done = record (output, command, build, error) && measure_recording (self, output, error);
  bench_remove_tree (output);
  return done;
}
