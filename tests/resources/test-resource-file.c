/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* memscope_resources.bin: what the collectors found is what the file says, block by block. */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-resource-records.h"
#include "trk-checksum.h"
#include "trk-resource-fields.h"

static const guint8 trace_id[16] = "0123456789abcdef";

typedef struct {
  char *folder;
  int dir_fd;
  MsResourceWriter *writer;
  char *bytes;
  gsize n_bytes;
  GPtrArray *samples; /* of Found */
  guint n_blocks;
} File;

/* One SAMPLE or ABSENT of the file. */
typedef struct {
  TrkResourceRecordType type;
  TrkResourceKey key; /* its name points into the file's bytes */
  guint64 time_ns;
  guint32 fields, reason;
  guint64 values[TRK_RESOURCE_MAX_FIELDS];
} Found;

static void
file_begin (File *self)
{
  g_autoptr (GError) error = NULL;

  memset (self, 0, sizeof *self);
  self->folder = g_dir_make_tmp ("memscope-resources-XXXXXX", &error);
  g_assert_no_error (error);
  self->dir_fd = open (self->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  self->writer = ms_resource_writer_new (self->dir_fd, trace_id, 100000000, &error);
  g_assert_no_error (error);
  self->samples = g_ptr_array_new_with_free_func (g_free);
}

static void
take_record (File *self,
             TrkResourceKey *keys,
             TrkResourceRecordType type,
             const TrkResourceRecord *record)
{
  Found *found;

  if (type == TRK_RESOURCE_SOURCE)
    keys[record->source] = record->key;
  else if (type == TRK_RESOURCE_INTERVAL)
    g_assert_cmpuint (record->interval_ns, ==, 100000000);
  else
    {
      found = g_new0 (Found, 1);
      found->type = type;
      found->key = keys[record->source];
      found->time_ns = record->time_ns;
      found->fields = record->fields;
      found->reason = record->reason;
      if (type == TRK_RESOURCE_SAMPLE)
        memcpy (found->values, record->values, sizeof found->values);
      g_ptr_array_add (self->samples, found);
    }
}

static void
take_block (File *self, const TrkBlockHeader *header, const guint8 *payload)
{
  g_autofree TrkResourceDecoder *decoder = g_new (TrkResourceDecoder, 1);
  g_autofree TrkResourceKey *keys = g_new (TrkResourceKey, TRK_RESOURCE_MAX_SOURCES);
  TrkResourceRecordType type;
  TrkResourceRecord record;
  guint n_records = 0;

  trk_resource_decoder_begin (decoder, payload, header->payload_bytes, header->first_ticks);
  for (; (type = trk_resource_decode (decoder, &record)) < TRK_RESOURCE_END; n_records++)
    take_record (self, keys, type, &record);
  g_assert_cmpint (type, ==, TRK_RESOURCE_END);
  g_assert_cmpuint (n_records, ==, header->n_records);
}

static void
file_end (File *self)
{
  g_autofree char *path = g_build_filename (self->folder, MS_RESOURCES_FILE_NAME, NULL);
  g_autoptr (GError) error = NULL;
  TrkFileHeader file_header;

  ms_resource_writer_free (self->writer);
  g_file_get_contents (path, &self->bytes, &self->n_bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (self->n_bytes, >=, sizeof file_header);
  memcpy (&file_header, self->bytes, sizeof file_header);
  g_assert_cmpmem (file_header.magic, 8, TRK_FILE_MAGIC, 8);
  g_assert_cmpmem (file_header.trace_id, 16, trace_id, 16);
  g_assert_cmpuint (file_header.kind, ==, TRK_FILE_RESOURCES);
  for (gsize at = sizeof file_header; at < self->n_bytes; self->n_blocks++)
    {
      TrkBlockHeader header;

      g_assert_cmpuint (self->n_bytes - at, >=, sizeof header);
      memcpy (&header, self->bytes + at, sizeof header);
      at += sizeof header;
      g_assert_cmpuint (header.type, ==, TRK_BLOCK_RESOURCES);
      g_assert_cmpuint (header.thread_id, ==, TRK_THREAD_ID_PROCESS);
      g_assert_cmpuint (header.block_number, ==, self->n_blocks);
      g_assert_cmpuint (header.payload_bytes, <=, self->n_bytes - at);
      g_assert_cmphex (header.checksum, ==,
                       trk_block_checksum (&header, self->bytes + at, header.payload_bytes));
      take_block (self, &header, (const guint8 *) self->bytes + at);
      at += header.payload_bytes;
    }
}

static void
file_clear (File *self)
{
  unlinkat (self->dir_fd, MS_RESOURCES_FILE_NAME, 0);
  close (self->dir_fd);
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->bytes);
  g_ptr_array_unref (self->samples);
}

/* The @nth of them. */
static const Found *
find (File *self, TrkResourceRecordType type, TrkResourceKind kind, guint64 id, guint nth)
{
  for (guint i = 0; i < self->samples->len; i++)
    {
      const Found *found = self->samples->pdata[i];

      if (found->type == type && found->key.kind == kind && found->key.id == id && nth-- == 0)
        return found;
    }
  return NULL;
}

static void
assert_present (const Found *found, guint field, guint64 value)
{
  g_assert_nonnull (found);
  g_assert_true (found->fields & 1U << field);
  g_assert_cmpuint (found->values[field], ==, value);
}

#define N_ROUNDS 3

/* This process and this machine, some times. */
static void
test_real (void)
{
  g_autofree TrkReader *reader = g_new0 (TrkReader, 1);
  g_autofree TrkProcessors *processors = g_new0 (TrkProcessors, 1);
  TrkProcessFigures process[N_ROUNDS];
  TrkProcessCollector collector;
  TrkProcessorFiles files = { 0 };
  TrkThreadFigures thread[N_ROUNDS];
  TrkThreads *threads;
  TrkLoad load;
  const Found *found;
  File file;

  g_assert_cmpint (trk_reader_init (reader, NULL), ==, TRK_REASON_NONE);
  threads = trk_threads_new (reader, getpid (), trk_threads_default_limits ());
  trk_process_collector_init (&collector, reader, getpid (), 0);
  file_begin (&file);
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      const TrkThreadFigures *figures;
      guint32 n;

      trk_processors_read (reader, &files, processors);
      trk_load_read (reader, &files, &load);
      ms_resource_add_processors (file.writer, processors);
      ms_resource_add_load (file.writer, &load, processors);
      trk_process_collector_read (&collector, &process[i]);
      ms_resource_add_process (file.writer, getpid (), collector.start_ticks, &process[i]);
      g_assert_cmpint (trk_threads_read (threads), ==, TRK_REASON_NONE);
      figures = trk_threads_get (threads, &n);
      ms_resource_add_threads (file.writer, figures, n, NULL);
      for (guint32 j = 0; j < n; j++)
        if (figures[j].tid == getpid ())
          thread[i] = figures[j];
      g_assert_cmpint (thread[i].reason, ==, TRK_REASON_NONE);
      ms_resource_writer_end_round (file.writer, thread[i].time_ns);
      if (i == N_ROUNDS - 1) /* into a block of its own */
        ms_resource_add_load (file.writer, &load, processors);
      g_usleep (600000);
    }
  file_end (&file);
  g_assert_cmpuint (
      file.n_blocks, ==,
      2); /* the third round made the first block a second old; its last was the load */
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      found = find (&file, TRK_RESOURCE_SAMPLE, TRK_RESOURCE_THREAD, (guint64) getpid (), i);
      assert_present (found, TRK_THREAD_CPU_NS, thread[i].cpu_ns);
      assert_present (found, TRK_THREAD_MINOR_FAULTS, thread[i].minor_faults);
      assert_present (found, TRK_THREAD_STATE, 'R');
      g_assert_cmpuint (found->time_ns, ==, thread[i].time_ns);
      g_assert_cmpuint (found->key.start, ==, thread[i].start_ticks);
      g_assert_cmpmem (found->key.name, found->key.n_name, thread[i].name, strlen (thread[i].name));
      found = find (&file, TRK_RESOURCE_SAMPLE, TRK_RESOURCE_PROCESS, (guint64) getpid (), i);
      assert_present (found, TRK_PROCESS_CPU_NS, process[i].cpu_ns);
      assert_present (found, TRK_PROCESS_ANON_BYTES, process[i].anon_bytes);
      assert_present (found, TRK_PROCESS_THREADS, process[i].stat.n_threads);
    }
  assert_present (find (&file, TRK_RESOURCE_SAMPLE, TRK_RESOURCE_PROCESSOR, 0, N_ROUNDS - 1),
                  TRK_PROCESSOR_USER_NS, processors->total.user_ns);
  assert_present (find (&file, TRK_RESOURCE_SAMPLE, TRK_RESOURCE_LOAD, 0, N_ROUNDS - 1),
                  TRK_LOAD_TASKS, load.tasks);
  file_clear (&file);
  trk_threads_free (threads);
  trk_process_collector_clear (&collector);
  trk_processor_files_close (&files);
  trk_reader_clear (reader);
}

/* What was not measured is not in the file, and why is. */
static void
test_absent (void)
{
  TrkThreadFigures thread = { .tid = 42,
                              .start_ticks = 7,
                              .time_ns = 1000,
                              .name = "</script>\xff\n",
                              .state = 'S',
                              .cpu_ns = 5,
                              .cpu_is_coarse = TRUE,
                              .run_queue_wait_ns = TRK_UNKNOWN,
                              .n_runs = TRK_UNKNOWN,
                              .io_reason = TRK_REASON_NOT_PERMITTED,
                              .switches_reason = TRK_REASON_NOT_DUE };
  const guint32 io_fields = 0x3fU << TRK_THREAD_READ_CALLS;
  const Found *found;
  File file;

  file_begin (&file);
  ms_resource_add_threads (file.writer, &thread, 1, NULL);
  thread.time_ns = 2000;
  ms_resource_add_threads (file.writer, &thread, 1, NULL);
  thread.time_ns = 3000;
  thread.reason = TRK_REASON_ENDED;
  ms_resource_add_threads (file.writer, &thread, 1, NULL);
  file_end (&file);
  found = find (&file, TRK_RESOURCE_SAMPLE, TRK_RESOURCE_THREAD, 42, 1);
  assert_present (found, TRK_THREAD_CPU_NS, 5);
  g_assert_cmpmem (found->key.name, found->key.n_name, "</script>\xff\n", 11);
  g_assert_cmphex (found->fields & io_fields, ==, 0);
  g_assert_cmphex (found->fields & 1U << TRK_THREAD_RUN_QUEUE_WAIT_NS, ==, 0);
  g_assert_cmphex (found->fields & 1U << TRK_THREAD_VOLUNTARY_SWITCHES, ==, 0);
  g_assert_null (find (&file, TRK_RESOURCE_SAMPLE, TRK_RESOURCE_THREAD, 42, 2));
  found = find (&file, TRK_RESOURCE_ABSENT, TRK_RESOURCE_THREAD, 42, 0);
  g_assert_cmpuint (found->reason, ==, TRK_REASON_NOT_HERE);
  found = find (&file, TRK_RESOURCE_ABSENT, TRK_RESOURCE_THREAD, 42, 1);
  g_assert_cmpuint (found->reason, ==, TRK_REASON_NOT_PERMITTED);
  g_assert_cmphex (found->fields, ==, io_fields);
  found = find (&file, TRK_RESOURCE_ABSENT, TRK_RESOURCE_THREAD, 42, 2);
  g_assert_cmpuint (found->reason, ==, TRK_REASON_ENDED);
  g_assert_cmphex (found->fields, ==, (1U << TRK_THREAD_N_FIELDS) - 1);
  g_assert_cmpuint (found->time_ns, ==, 3000);
  file_clear (&file);
}

static void
test_devices (void)
{
  g_autofree TrkSockets *sockets = g_new0 (TrkSockets, 1);
  g_autofree TrkSensors *sensors = g_new0 (TrkSensors, 1);
  g_autofree TrkDrmProcess *drm = g_new0 (TrkDrmProcess, 1);
  g_autofree TrkNvmlFigures *nvml = g_new0 (TrkNvmlFigures, 1);
  TrkCgroupFigures cgroup = { .time_ns = 9,
                              .memory_bytes = 70,
                              .memory_limit_bytes = TRK_UNKNOWN,
                              .cpu_reason = TRK_REASON_NOT_HERE };
  const Found *found;
  File file;

  sockets->n_sockets = 1;
  sockets->sockets[0] = (TrkSocket) { .inode = 4211,
                                      .family = AF_INET,
                                      .sent_bytes = 10000001,
                                      .round_trip_ns = TRK_UNKNOWN,
                                      .local_address = { 127, 0, 0, 1 },
                                      .remote_address = { 10, 0, 0, 2 },
                                      .remote_port = 443 };
  sensors->n_temperatures = 1;
  sensors->temperatures[0] = (TrkTemperature) { .name = "pkg", .millidegrees = -1500 };
  drm->n_uses = 1;
  drm->uses[0] =
      (TrkDrmUse) { .address = "0000:03:00.0", .n_engines = 1, .engines_ns = { { "gfx", 1050 } } };
  nvml->n_devices = 1;
  nvml->devices[0] = (TrkNvmlDevice) { .memory_used_bytes = 3000,
                                       .busy_percent = 73,
                                       .temperature_reason = TRK_REASON_NOT_PERMITTED };
  file_begin (&file);
  ms_resource_add_sockets (file.writer, sockets);
  ms_resource_add_sensors (file.writer, sensors);
  ms_resource_add_drm_process (file.writer, drm);
  ms_resource_add_nvml (file.writer, nvml);
  ms_resource_add_cgroup (file.writer, "/pod/a b", &cgroup);
  file_end (&file);
  found = find (&file, TRK_RESOURCE_SAMPLE, TRK_RESOURCE_SOCKET, 4211, 0);
  assert_present (found, TRK_SOCKET_SENT_BYTES, 10000001);
  assert_present (found, TRK_SOCKET_REMOTE_PORT, 443);
  g_assert_cmphex (found->fields & 1U << TRK_SOCKET_ROUND_TRIP_NS, ==, 0);
  g_assert_cmpmem (found->key.name, found->key.n_name, "\x7f\0\0\1\x0a\0\0\2", 8);
  found = find (&file, TRK_RESOURCE_SAMPLE, TRK_RESOURCE_TEMPERATURE, 0, 0);
  assert_present (found, TRK_TEMPERATURE_MILLIDEGREES, (guint64) -1500);
  found = find (&file, TRK_RESOURCE_SAMPLE, TRK_RESOURCE_GPU_ENGINE, 0, 0);
  assert_present (found, TRK_GPU_ENGINE_NS, 1050);
  g_assert_cmpmem (found->key.name, found->key.n_name, "0000:03:00.0 gfx", 16);
  found = find (&file, TRK_RESOURCE_SAMPLE, TRK_RESOURCE_GPU, 0, 0);
  assert_present (found, TRK_GPU_BUSY_PERCENT, 73);
  g_assert_cmphex (found->fields & 1U << TRK_GPU_MILLIDEGREES, ==, 0);
  found = find (&file, TRK_RESOURCE_SAMPLE, TRK_RESOURCE_CGROUP, 0, 0);
  assert_present (found, TRK_CGROUP_MEMORY_BYTES, 70);
  g_assert_cmphex (found->fields & 1U << TRK_CGROUP_CPU_NS, ==, 0);
  file_clear (&file);
}

/* No GPU, no sensors, no sight of the sockets. */
static void
test_missing_kinds (void)
{
  g_autofree TrkSockets *sockets = g_new0 (TrkSockets, 1);
  g_autofree TrkSensors *sensors = g_new0 (TrkSensors, 1);
  g_autofree TrkDrmProcess *drm = g_new0 (TrkDrmProcess, 1);
  g_autofree TrkNvmlFigures *nvml = g_new0 (TrkNvmlFigures, 1);
  const Found *found;
  File file;

  sockets->reason = TRK_REASON_OTHER_NAMESPACE;
  sensors->temperature_reason = sensors->frequency_reason = drm->reason = nvml->reason =
      TRK_REASON_NOT_HERE;
  file_begin (&file);
  for (guint i = 0; i < 2; i++)
    {
      ms_resource_add_sockets (file.writer, sockets);
      ms_resource_add_sensors (file.writer, sensors);
      ms_resource_add_drm_process (file.writer, drm);
      ms_resource_add_nvml (file.writer, nvml);
    }
  file_end (&file);
  g_assert_cmpuint (file.samples->len, ==, 6); /* each once */
  found = find (&file, TRK_RESOURCE_ABSENT, TRK_RESOURCE_SOCKET, 0, 0);
  g_assert_nonnull (found);
  g_assert_cmpuint (found->reason, ==, TRK_REASON_OTHER_NAMESPACE);
  g_assert_cmphex (found->fields, ==, (1U << TRK_SOCKET_N_FIELDS) - 1);
  found = find (&file, TRK_RESOURCE_ABSENT, TRK_RESOURCE_GPU, 0, 0);
  g_assert_nonnull (found);
  g_assert_cmpuint (found->key.n_name, ==, 0);
  g_assert_cmpuint (found->reason, ==, TRK_REASON_NOT_HERE);
  file_clear (&file);
}

/* A disk that is full in the middle: what is lost is counted, the file is whole before it. */
static void
test_no_space (void)
{
  struct rlimit limit = { 20000, 20000 };
  TrkThreadFigures thread = { .tid = 1, .name = "x" };
  int error = 0, status;
  pid_t child;
  File file;

  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      signal (SIGXFSZ, SIG_IGN);
      file_begin (&file);
      setrlimit (RLIMIT_FSIZE, &limit);
      for (guint i = 0; i < 30000; i++)
        {
          thread.time_ns += 2000000;
          thread.cpu_ns += i;
          ms_resource_add_threads (file.writer, &thread, 1, NULL);
          ms_resource_writer_end_round (file.writer, thread.time_ns);
        }
      if (ms_resource_writer_get_n_dropped (file.writer, &error) == 0
          || (error != EFBIG && error != ENOSPC))
        _exit (1);
      ms_resource_writer_free (file.writer);
      file_clear (&file);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

/* --- the next agent ------------------------------------------------------------------------------- */

static void
write_block (MsResourceWriter *writer, gint64 time_ns)
{
  const TrkResourceKey key = { .kind = TRK_RESOURCE_LOAD, .name = "" };
  const guint64 values[] = { 7 };
  const guint8 reasons[] = { 0 };

  ms_resource_writer_add (writer, &key, time_ns, values, reasons, 1);
  ms_resource_writer_end_round (writer, G_MAXINT64);
}

static void
append_bytes (File *self, gconstpointer bytes, gsize n_bytes)
{
  int fd = openat (self->dir_fd, MS_RESOURCES_FILE_NAME, O_WRONLY | O_APPEND | O_CLOEXEC);

  g_assert_cmpint (write (fd, bytes, n_bytes), ==, n_bytes);
  close (fd);
}

/* Numbers go on, although the agent before was killed in the midst of a block. */
static void
test_goes_on (void)
{
  g_autofree char *path = NULL, *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_bytes, n_before;
  TrkBlockHeader header;
  File file;

  file_begin (&file);
  path = g_build_filename (file.folder, MS_RESOURCES_FILE_NAME, NULL);
  write_block (file.writer, 1);
  write_block (file.writer, 2);
  ms_resource_writer_free (file.writer);
  g_assert_true (g_file_get_contents (path, &bytes, &n_before, &error));
  append_bytes (&file, bytes + sizeof (TrkFileHeader), sizeof header + 1); /* half of one */
  file.writer = ms_resource_writer_new (file.dir_fd, trace_id, 100000000, &error);
  g_assert_no_error (error);
  write_block (file.writer, 3);
  ms_resource_writer_free (file.writer);
  g_free (g_steal_pointer (&bytes));
  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, &error));
  g_assert_cmpuint (n_bytes, >, n_before + 2 * sizeof header);
  memcpy (&header, bytes + n_before + sizeof header + 1, sizeof header);
  g_assert_cmpuint (header.magic, ==, TRK_BLOCK_MAGIC);
  g_assert_cmpuint (header.block_number, ==, 2);
  file_clear (&file);
}

/* Another trace's file, or none of ours, is left as it is. */
static void
test_of_another (void)
{
  static const guint8 other_id[16] = "fedcba9876543210";
  g_autoptr (GError) error = NULL;
  MsResourceWriter *second;
  File file;

  file_begin (&file);
  second = ms_resource_writer_new (file.dir_fd, other_id, 1, &error);
  g_assert_null (second);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  file_end (&file);
  g_assert_cmpuint (file.n_blocks, ==, 0);
  file_clear (&file);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/resource-file/real", test_real);
  g_test_add_func ("/resource-file/absent", test_absent);
  g_test_add_func ("/resource-file/devices", test_devices);
  g_test_add_func ("/resource-file/missing-kinds", test_missing_kinds);
  g_test_add_func ("/resource-file/no-space", test_no_space);
  g_test_add_func ("/resource-file/goes-on", test_goes_on);
  g_test_add_func ("/resource-file/of-another", test_of_another);
  return g_test_run ();
}
