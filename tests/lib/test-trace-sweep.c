/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A small trace cut at every byte of every file, and with every bit turned: it opens with what is whole,
 * or is refused with one line, and never counts more than there was.  All with little address space, so
 * that no length in a file is believed to be one of memory.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ms-recording.h"
#include "trace-fixture.h"

#define N_ALLOCATIONS 16
#define ADDRESS_SPACE_BYTES ((rlim_t) 1 << 30)

typedef struct {
  TraceFixture fixture;
  guint64 allocations, allocated_bytes;
  guint n_opened, n_refused;
} Sweep;

/* Loads what is there; @whole_blocks: whatever was read stood under a checksum. */
typedef void (*SweepLoad) (Sweep *self, gboolean whole_blocks);

static void
build (TraceBuilder *b, TraceBuilderEnd end)
{
  const guint64 frames[] = { 0x401010, 0x402020, 0x403030 };
  guint32 stack = trace_builder_add_stack (b, 0, frames, 3);
  TrkExitFigures figures = { 0 };

  trace_builder_set_block_bytes (b, 220);
  trace_builder_add_module (b, 0, 0x400000, 0x410000, 0x400000, "/usr/bin/victim", NULL, 0);
  trace_builder_start (b, 0, 100, -1);
  trace_builder_name (b, 1, 100, "worker", -1);
  for (guint i = 0; i < N_ALLOCATIONS; i++)
    {
      trace_builder_alloc (b, i % 2, 1000 + 10 * i, 0x5000 + 48 * i, 32 + i, stack);
      if (i % 3)
        trace_builder_free_block (b, 1 - i % 2, 1005 + 10 * i, 0x5000 + 48 * i);
    }
  trace_builder_realloc (b, 0, 5000, 5010, 0x5000, 0x9000, 640, stack);
  trk_exit_figures_set (&figures, TRK_EXIT_MAJOR_FAULTS, 3);
  trk_exit_figures_set (&figures, TRK_EXIT_SOCKET_SENT_BYTES, G_MAXUINT64);
  trace_builder_exit_with (b, 1, 5100, 77, &figures);
  trace_builder_finish (b, end);
}

static void
load_trace (Sweep *self, gboolean whole_blocks)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (self->fixture.folder, NULL, NULL, NULL, &error);
  const MsTotals *totals;

  if (trace == NULL)
    {
      g_assert_nonnull (error);
      g_assert_null (strchr (error->message, '\n'));
      self->n_refused++;
      return;
    }
  self->n_opened++;
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->allocations - totals->deallocations, ==, totals->leaked_allocations);
  g_assert_cmpuint (totals->live_bytes, <=, totals->peak_bytes);
  if (!whole_blocks)
    return;
  g_assert_cmpuint (totals->allocations, <=, self->allocations);
  g_assert_cmpuint (totals->allocated_bytes, <=, self->allocated_bytes);
}

static void
write_at (int fd, const char *bytes, gsize at, gsize n)
{
  g_assert_cmpint (pwrite (fd, bytes + at, n, (off_t) at), ==, (gssize) n);
}

/* Bytes [@first, @first + @n) of the file, if it has so many.  Only what changes is written. */
static void
sweep_part (Sweep *self,
            const char *name,
            gsize first,
            gsize n,
            gboolean whole_blocks,
            SweepLoad load)
{
  g_autofree char *path = g_build_filename (self->fixture.folder, name, NULL), *bytes = NULL;
  gsize n_bytes, end;
  int fd;

  trace_fixture_read_file (&self->fixture, name, &bytes, &n_bytes);
  end = MIN (n_bytes, first + n);
  g_assert_cmpuint (end, >, first);
  fd = open (path, O_WRONLY | O_CLOEXEC);
  for (gsize bit = first * 8; bit < end * 8; bit++)
    {
      bytes[bit / 8] ^= (char) (1 << bit % 8);
      write_at (fd, bytes, bit / 8, 1);
      load (self, whole_blocks);
      bytes[bit / 8] ^= (char) (1 << bit % 8);
      write_at (fd, bytes, bit / 8, 1);
    }
  for (gsize length = end; length > first; length--)
    {
      g_assert_cmpint (ftruncate (fd, (off_t) length - 1), ==, 0);
      load (self, whole_blocks);
    }
  write_at (fd, bytes, first, n_bytes - first);
  close (fd);
}

static void
sweep_file (Sweep *self, const char *name)
{
  sweep_part (self, name, 0, G_MAXSIZE / 2, TRUE, load_trace);
}

static void
sweep_begin (Sweep *self, TraceBuilderEnd end)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  const MsTotals *totals;

  memset (self, 0, sizeof *self);
  trace_fixture_set_up (&self->fixture, NULL);
  build (self->fixture.builder, end);
  trace = trace_fixture_load (&self->fixture);
  if (end == TRACE_BUILDER_CLOSED)
    ms_trace_write_frequency_files (trace, &error);
  g_assert_no_error (error);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  self->allocations = totals->allocations;
  self->allocated_bytes = totals->allocated_bytes;
  g_assert_cmpuint (self->allocations, ==, N_ALLOCATIONS + 1);
}

static void
test_files (gconstpointer data)
{
  Sweep sweep;

  sweep_begin (&sweep, TRACE_BUILDER_CLOSED);
  sweep_file (&sweep, data);
  g_assert_cmpuint (sweep.n_opened, >, sweep.n_refused);
  trace_fixture_tear_down (&sweep.fixture, NULL);
}

/* An open window has no checksum: a turned bit there may become any event, but never a crash. */
static void
test_pool (void)
{
  Sweep sweep;
  gsize lane = TRK_POOL_HEADER_BYTES,
        window = lane + TRK_LANE_HEADER_BYTES + TRK_STACK_WINDOW_BYTES;

  sweep_begin (&sweep, TRACE_BUILDER_KILLED);
  sweep_part (&sweep, TRK_POOL_FILE_NAME, 0, sizeof (TrkPoolHeader), FALSE, load_trace);
  sweep_part (&sweep, TRK_POOL_FILE_NAME, lane, 40, FALSE, load_trace);
  sweep_part (&sweep, TRK_POOL_FILE_NAME, lane + TRK_LANE_HEADER_BYTES, 150, FALSE, load_trace);
  sweep_part (&sweep, TRK_POOL_FILE_NAME, window, 300, FALSE, load_trace);
  trace_fixture_tear_down (&sweep.fixture, NULL);
}

/* --- the recording's list ------------------------------------------------------------------------- */

/* The trace folder itself is made the recording: its list names a folder below that is not there. */
static void
load_recording (Sweep *self, gboolean whole_blocks)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsRecording) recording = ms_recording_open (self->fixture.folder, NULL, &error);

  g_assert_true ((recording != NULL) == (error == NULL));
  self->n_opened += recording != NULL;
  self->n_refused += recording == NULL;
  if (recording == NULL)
    return;
  for (guint i = 0; i < ms_recording_get_n_processes (recording); i++)
    {
      const MsProcess *process = ms_recording_get_process (recording, i);

      g_assert_true (g_utf8_validate (process->program, -1, NULL));
      if (process->folder != NULL)
        g_assert_true (g_str_has_prefix (process->folder, self->fixture.folder));
    }
}

static void
test_recording (void)
{
  static const char list[] =
      "{\"format\":\"memscope-recording\",\"version\":1,\"command\":[\"make\",\"-j2\"],"
      "\"main_pid\":7,\"start_wall_us\":17,\"state\":\"exited\",\"exit_status\":0,"
      "\"processes\":[{\"folder\":\"0-make.7\",\"pid\":7,\"program\":\"make\",\"state\":"
      "\"exited\",\"duration_ns\":60,\"totals\":{\"peak_bytes\":96,\"allocations\":3}},"
      "{\"pid\":8,\"program\":\"cc\",\"not_followed\":\"static\"}]}";
  Sweep sweep;

  sweep_begin (&sweep, TRACE_BUILDER_CLOSED);
  trace_fixture_write_file (&sweep.fixture, TRK_RECORDING_FILE_NAME, list, -1);
  sweep_part (&sweep, TRK_RECORDING_FILE_NAME, 0, sizeof list - 1, TRUE, load_recording);
  g_assert_cmpuint (sweep.n_refused, >, 0);
  trace_fixture_tear_down (&sweep.fixture, NULL);
}

/* A sanitizer wants terabytes for itself. */
static void
limit_memory (void)
{
#ifndef __SANITIZE_ADDRESS__
#ifndef __SANITIZE_THREAD__
  struct rlimit limit = { ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES };

  g_assert_cmpint (setrlimit (RLIMIT_AS, &limit), ==, 0);
#endif
#endif
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "memscope_thread_0-1000.bin",  "memscope_thread_1-1001.bin",
                                       "memscope_thread_0-1000.freq", TRK_STACKS_FILE_NAME,
                                       TRK_MODULES_FILE_NAME,         TRK_MANIFEST_FILE_NAME };

  g_test_init (&argc, &argv, NULL);
  limit_memory ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strconcat ("/trace-sweep/", names[i], NULL);

      g_test_add_data_func (path, names[i], test_files);
    }
  g_test_add_func ("/trace-sweep/recording", test_recording);
  g_test_add_func ("/trace-sweep/pool", test_pool);
  return g_test_run ();
}
