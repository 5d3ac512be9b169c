/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What `memscope record` samples of running processes is what the trace's reader finds. */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-resource-file.h"
#include "ms-resource-sampler.h"
#include "ms-sampled-process.h"
#include "trk-format.h"
#include "trk-process-identity.h"
#include "trk-resource-fields.h"

#define FOLDER "0-child.1"

static const guint8 trace_id[16] = "0123456789abcdef";

typedef struct {
  char *recording, *folder;
  int dir_fd;
  pid_t pid;
  guint64 start_ticks;
  MsResourceSampler *sampler;
} Fixture;

/* The file that a sampler knows the trace from. */
static void
make_stacks_file (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, TRK_STACKS_FILE_NAME, NULL);
  g_autoptr (GError) error = NULL;
  TrkFileHeader header = { .version_major = TRK_VERSION_MAJOR,
                           .version_minor = TRK_VERSION_MINOR,
                           .header_size = sizeof header,
                           .kind = TRK_FILE_STACKS };

  memcpy (header.magic, TRK_FILE_MAGIC, sizeof header.magic);
  memcpy (header.trace_id, trace_id, sizeof header.trace_id);
  g_file_set_contents (path, (const char *) &header, sizeof header, &error);
  g_assert_no_error (error);
}

/* A child that lives until it is told to end, and burns processor time in between. */
static pid_t
start_child (void)
{
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    for (volatile guint64 n = 0;; n++)
      if (n % 4096 == 0)
        g_usleep (100);
  return pid;
}

static void
fixture_set_up (Fixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  TrkProcess process;

  (void) user_data;
  self->recording = g_dir_make_tmp ("memscope-sampler-XXXXXX", &error);
  g_assert_no_error (error);
  self->folder = g_build_filename (self->recording, FOLDER, NULL);
  g_assert_cmpint (g_mkdir (self->folder, 0700), ==, 0);
  self->dir_fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  make_stacks_file (self->folder);
  self->pid = start_child ();
  g_assert_cmpint (trk_process_read (self->pid, &process), ==, 0);
  self->start_ticks = process.start_ticks;
  self->sampler = ms_resource_sampler_new (self->recording, 100, NULL);
}

static void
fixture_tear_down (Fixture *self, gconstpointer user_data)
{
  (void) user_data;
  g_clear_pointer (&self->sampler, ms_resource_sampler_free);
  kill (self->pid, SIGKILL);
  waitpid (self->pid, NULL, 0);
  unlinkat (self->dir_fd, TRK_RESOURCES_FILE_NAME, 0);
  unlinkat (self->dir_fd, TRK_STACKS_FILE_NAME, 0);
  close (self->dir_fd);
  g_rmdir (self->folder);
  g_rmdir (self->recording);
  g_free (self->folder);
  g_free (self->recording);
}

static MsResources *
load (Fixture *self)
{
  g_autoptr (GPtrArray) diagnostics = g_ptr_array_new ();
  MsResources *resources = ms_resource_file_load (self->dir_fd, trace_id, 0, diagnostics);

  g_assert_cmpuint (diagnostics->len, ==, 0);
  return resources;
}

/* Waits until the file has at least @n samples of the process more than @before; fails after a minute. */
static guint64
wait_for_samples (Fixture *self, guint64 n)
{
  gint64 end_us = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < end_us)
    {
      g_autoptr (MsResources) resources = load (self);
      guint source;

      if (resources
          && ms_resources_find (resources, TRK_RESOURCE_PROCESS, (guint64) self->pid, &source)
          && ms_resources_get_source (resources, source)->n_samples >= n)
        return ms_resources_get_source (resources, source)->n_samples;
      g_usleep (50000);
    }
  g_assert_not_reached ();
}

static void
add_child (Fixture *self)
{
  ms_resource_sampler_add (self->sampler, FOLDER, self->pid, self->start_ticks);
}

/* The thread's figures are the process's, who has no other; the machine's stand beside them. */
static void
test_figures (Fixture *self, gconstpointer user_data)
{
  g_autoptr (MsResources) resources = NULL;
  const MsResourceFigure *process_cpu, *thread_cpu, *total;
  guint process, thread, memory;

  (void) user_data;
  ms_resource_sampler_start (self->sampler);
  add_child (self);
  wait_for_samples (self, 10);
  ms_resource_sampler_remove (self->sampler, FOLDER);
  resources = load (self);
  g_assert_cmpint (ms_resources_get_interval_ns (resources), ==, 10000000);
  g_assert_true (
      ms_resources_find (resources, TRK_RESOURCE_PROCESS, (guint64) self->pid, &process));
  g_assert_true (ms_resources_find (resources, TRK_RESOURCE_THREAD, (guint64) self->pid, &thread));
  g_assert_true (ms_resources_find (resources, TRK_RESOURCE_MEMORY, 0, &memory));
  g_assert_cmpuint (ms_resources_get_source (resources, process)->start, ==, self->start_ticks);
  g_assert_cmpint (ms_resources_get_source (resources, thread)->thread_id, ==, -1);
  process_cpu = ms_resources_get_figure (resources, process, TRK_PROCESS_CPU_NS);
  thread_cpu = ms_resources_get_figure (resources, thread, TRK_THREAD_CPU_NS);
  g_assert_nonnull (process_cpu);
  g_assert_nonnull (thread_cpu);
  g_assert_cmpuint (process_cpu->growth, ==, process_cpu->last - process_cpu->first);
  g_assert_cmpuint (process_cpu->growth, >, 0);
  g_assert_cmpfloat (process_cpu->peak_per_second, >, 0);
  /* Each is read some µs after the other. */
  g_assert_cmpfloat ((double) thread_cpu->last, >, 0.5 * (double) process_cpu->last);
  total = ms_resources_get_figure (resources, memory, TRK_MEMORY_TOTAL_BYTES);
  g_assert_cmpuint (total->last, ==,
                    (guint64) sysconf (_SC_PHYS_PAGES) * (guint64) sysconf (_SC_PAGESIZE));
}

/* Samples as they are decoded anew say what the figures say. */
static void
test_samples (Fixture *self, gconstpointer user_data)
{
  g_autoptr (MsResources) resources = NULL;

  (void) user_data;
  ms_resource_sampler_start (self->sampler);
  add_child (self);
  wait_for_samples (self, 150);
  ms_resource_sampler_remove (self->sampler, FOLDER);
  resources = load (self);
  g_assert_cmpuint (ms_resources_get_n_sources (resources), >, 5);
  for (guint i = 0; i < ms_resources_get_n_sources (resources); i++)
    {
      const MsResourceSource *source = ms_resources_get_source (resources, i);
      g_autoptr (GArray) samples = ms_resources_dup_samples (resources, i);
      guint64 rises[MS_RESOURCE_FIELDS] = { 0 }, last[MS_RESOURCE_FIELDS] = { 0 };

      g_assert_cmpuint (samples->len, ==, source->n_samples);
      for (guint j = 0; j < samples->len; j++)
        {
          const MsResourceSample *sample = &g_array_index (samples, MsResourceSample, j);

          if (j > 0)
            g_assert_cmpint (sample->time_ns, >, sample[-1].time_ns);
          for (guint field = 0; field < MS_RESOURCE_FIELDS; field++)
            if (sample->present >> field & 1)
              {
                if (!(sample->broken >> field & 1) && sample->values[field] >= last[field])
                  rises[field] += sample->values[field] - last[field];
                last[field] = sample->values[field];
              }
        }
      for (guint field = 0; field < MS_RESOURCE_FIELDS; field++)
        if (source->measured >> field & 1)
          {
            const MsResourceFigure *figure = ms_resources_get_figure (resources, i, field);

            g_assert_cmpuint (figure->growth, ==, rises[field]);
            g_assert_cmpuint (figure->last, ==, last[field]);
          }
    }
}

/* The process ends by itself: its file ends too, and the sampler lives on. */
static void
test_end (Fixture *self, gconstpointer user_data)
{
  guint64 n;

  (void) user_data;
  ms_resource_sampler_start (self->sampler);
  add_child (self);
  n = wait_for_samples (self, 10);
  kill (self->pid, SIGKILL);
  waitpid (self->pid, NULL, 0);
  ms_resource_sampler_remove (self->sampler, FOLDER);
  g_assert_cmpuint (wait_for_samples (self, 1), >=, n);
}

/* One that was given the number of another is not sampled in its place. */
static void
test_other_process (Fixture *self, gconstpointer user_data)
{
  g_autoptr (MsResources) resources = NULL;
  guint source;

  (void) user_data;
  self->start_ticks++;
  ms_resource_sampler_start (self->sampler);
  add_child (self);
  for (guint i = 0; i < 100 && faccessat (self->dir_fd, TRK_RESOURCES_FILE_NAME, F_OK, 0) != 0; i++)
    g_usleep (10000);
  ms_resource_sampler_remove (self->sampler, FOLDER);
  resources = load (self);
  g_assert_false (
      resources
      && ms_resources_find (resources, TRK_RESOURCE_PROCESS, (guint64) self->pid, &source));
}

/* As the observer does, which goes on in a forked child. */
static void
test_fork (Fixture *self, gconstpointer user_data)
{
  guint64 n;
  pid_t observer;

  (void) user_data;
  ms_resource_sampler_start (self->sampler);
  add_child (self);
  wait_for_samples (self, 10);
  ms_resource_sampler_stop (self->sampler);
  n = wait_for_samples (self, 10);
  observer = fork ();
  if (observer == 0)
    {
      ms_resource_sampler_start (self->sampler);
      wait_for_samples (self, n + 10);
      ms_resource_sampler_remove (self->sampler, FOLDER);
      ms_resource_sampler_free (self->sampler);
      _exit (0);
    }
  g_assert_cmpint (waitpid (observer, NULL, 0), ==, observer);
  g_assert_cmpuint (wait_for_samples (self, n + 10), >=, n + 10);
}

static guint
count_open_files (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  g_assert_nonnull (folder);
  while (g_dir_read_name (folder))
    n++;
  return n;
}

/* Somebody sampled it before us: its file is not made again, it is not asked again, and nothing stays open. */
static void
test_file_is_there (Fixture *self, gconstpointer user_data)
{
  int recording = open (self->recording, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int file = openat (self->dir_fd, TRK_RESOURCES_FILE_NAME, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  guint n_files = count_open_files ();
  TrkReader reader;
  MsSampledProcess *process = ms_sampled_process_new (FOLDER, self->pid, self->start_ticks);

  (void) user_data;
  g_assert_cmpint (file, >=, 0);
  g_assert_cmpint (trk_reader_init (&reader, NULL), ==, TRK_REASON_NONE);
  g_assert_false (ms_sampled_process_open (process, recording, &reader, 10000000,
                                           MS_SAMPLED_PROCESS_DESCRIPTORS));
  g_assert_true (ms_sampled_process_is_over (process));
  ms_sampled_process_unref (process);
  trk_reader_clear (&reader);
  g_assert_cmpuint (count_open_files (), ==, n_files);
  close (file);
  close (recording);
}

/* With hardly a descriptor there are no samples, and no harm. */
static void
test_no_descriptors (void)
{
  if (g_test_subprocess ())
    {
      struct rlimit files = { 24, 24 };
      Fixture fixture;

      fixture_set_up (&fixture, NULL);
      g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &files), ==, 0);
      ms_resource_sampler_start (fixture.sampler);
      add_child (&fixture);
      g_usleep (200000);
      ms_resource_sampler_remove (fixture.sampler, FOLDER);
      g_assert_cmpint (faccessat (fixture.dir_fd, TRK_RESOURCES_FILE_NAME, F_OK, 0), !=, 0);
      fixture_tear_down (&fixture, NULL);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

/* Any cut and any turned bit: what is whole before and behind is read, and nothing breaks. */
/* Where the first block of the file @bytes ends. */
static gsize
find_first_end (const char *bytes, gsize n_bytes)
{
  TrkBlockHeader first;

  g_assert_cmpuint (n_bytes, >, sizeof (TrkFileHeader) + sizeof first);
  memcpy (&first, bytes + sizeof (TrkFileHeader), sizeof first);
  g_assert_cmpuint (first.magic, ==, TRK_BLOCK_MAGIC);
  return sizeof (TrkFileHeader) + sizeof first + first.payload_bytes;
}

static void
write_file (const char *path, const char *bytes, gsize n_bytes)
{
  int fd = open (path, O_WRONLY | O_TRUNC | O_CLOEXEC);

  g_assert_cmpint (write (fd, bytes, n_bytes), ==, (gssize) n_bytes);
  close (fd);
}

static guint
count_sources (MsResources *resources)
{
  return resources ? ms_resources_get_n_sources (resources) : 0;
}

/* Whatever lies behind the first block, that is read: how many blocks there are depends on how busy the machine is. */
static void
test_damage (Fixture *self, gconstpointer user_data)
{
  g_autofree char *path = g_build_filename (self->folder, TRK_RESOURCES_FILE_NAME, NULL);
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_bytes, first_end;
  guint n_first;

  (void) user_data;
  ms_resource_sampler_start (self->sampler);
  add_child (self);
  wait_for_samples (self, 150);
  ms_resource_sampler_remove (self->sampler, FOLDER);
  g_file_get_contents (path, &bytes, &n_bytes, &error);
  g_assert_no_error (error);
  first_end = find_first_end (bytes, n_bytes);
  write_file (path, bytes, first_end);
  {
    g_autoptr (MsResources) first = load (self);

    n_first = count_sources (first);
    g_assert_cmpuint (n_first, >, 5);
  }
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *damaged = g_memdup2 (bytes, n_bytes);
      g_autoptr (MsResources) resources = NULL;
      gsize at = (gsize) g_test_rand_int_range (0, (gint32) n_bytes), n_left = n_bytes;

      if (i % 2)
        n_left = at;
      else
        damaged[at] ^= (char) (1 << i / 2 % 8);
      write_file (path, damaged, n_left);
      resources = load (self);
      for (guint source = 0; resources && source < ms_resources_get_n_sources (resources); source++)
        {
          g_autoptr (GArray) samples = ms_resources_dup_samples (resources, source);

          g_assert_cmpuint (samples->len, ==,
                            ms_resources_get_source (resources, source)->n_samples);
        }
      if (at >= first_end)
        g_assert_cmpuint (count_sources (resources), >=, n_first);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) \
  g_test_add (path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("/resource-sampler/figures", test_figures);
  ADD ("/resource-sampler/samples", test_samples);
  ADD ("/resource-sampler/end", test_end);
  ADD ("/resource-sampler/other-process", test_other_process);
  ADD ("/resource-sampler/fork", test_fork);
  ADD ("/resource-sampler/file-is-there", test_file_is_there);
  ADD ("/resource-sampler/damage", test_damage);
  g_test_add_func ("/resource-sampler/no-descriptors", test_no_descriptors);
  return g_test_run ();
}
