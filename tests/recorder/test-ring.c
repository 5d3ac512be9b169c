/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The flight recorder: what is left of a thread are its last events, whole and in order up to the last one that
 * returned, and what is gone was counted.
 *
 *   test-ring PRELOAD TRACKER FOLDER-OF-VICTIMS   with $MEMSCOPE_TEST_PROGRAM
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-block-index.h"
#include "ms-diagnostic.h"
#include "ring-pattern.h"
#include "trk-earlier.h"
#include "trk-event-decoder.h"
#include "trk-event-tally.h"
#include "victim-run.h"

#define RING_BYTES (64U << 10) /* four windows */
#define N_KILLS 8
#define N_LOOKS 25
#define N_RELAY_LOOKS 400U

typedef struct {
  char *top, *output;
  RingCounts *counts;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autofree char *ring = g_strdup_printf ("%u", RING_BYTES);
  int fd;

  self->top = g_dir_make_tmp ("memscope-ring-XXXXXX", NULL);
  self->output = g_build_filename (self->top, "output", NULL);
  g_assert_cmpint (g_mkdir (self->output, 0700), ==, 0);
  path = g_build_filename (self->top, "counts", NULL);
  fd = g_open (path, O_RDWR | O_CREAT, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, sizeof *self->counts), ==, 0);
  self->counts = mmap (NULL, sizeof *self->counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (self->counts != MAP_FAILED);
  close (fd);
  g_setenv ("VICTIM_COUNTS", path, TRUE);
  g_setenv ("MEMSCOPE_RING", ring, TRUE);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  munmap (self->counts, sizeof *self->counts);
  victim_remove_tree (self->top);
  g_free (self->top);
  g_free (self->output);
}

/* (transfer full) */
static char *
find_folder (const Fixture *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->output, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) && !g_ascii_isdigit (*name))
    ;
  return name ? g_build_filename (self->output, name, NULL) : NULL;
}

static guint64
folder_bytes (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint64 n_bytes = 0;
  const char *name;

  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat status;

      g_assert_cmpint (stat (path, &status), ==, 0);
      n_bytes += (guint64) status.st_size;
    }
  return n_bytes;
}

/* --- event by event -------------------------------------------------------------------------------- */

/* Where a stream is in its pattern. */
typedef struct {
  guint32 slot;
  guint64 next;                 /* call; of a stream that was joined late, said by its counts */
  guint64 allocated, freed;     /* events seen */
  guint64 gone_bytes;           /* of those before */
  guint64 addresses[RING_HELD]; /* 0: not seen */
  gboolean is_pattern;
} Stream;

static void
follow (Stream *self, const TrkEvent *event)
{
  TrkEarlier earlier = { 0 };

  switch (event->kind)
    {
    case TRK_EVENT_EARLIER:
      g_assert_true (trk_earlier_get (&earlier, event->u.rule.bytes, event->u.rule.n_bytes));
      if (self->allocated + self->freed > 0)
        break;
      self->next = earlier.counts[0].allocations;
      self->gone_bytes = earlier.counts[0].allocated_bytes;
      break;
    case TRK_EVENT_ALLOC:
      g_assert_true (event->address_known);
      if (!self->is_pattern && event->size < RING_SLOT_BYTES)
        return; /* main's */
      self->slot = (guint32) (event->size / RING_SLOT_BYTES - 1);
      self->is_pattern = TRUE;
      g_assert_cmpuint (event->size, ==, ring_size (self->slot, self->next));
      self->addresses[self->next++ % RING_HELD] = event->address;
      self->allocated++;
      break;
    case TRK_EVENT_FREE:
      g_assert_true (event->address_known);
      if (self->is_pattern && self->addresses[self->next % RING_HELD] != 0
          && self->next != RING_CALLS)
        g_assert_cmphex (event->address, ==, self->addresses[self->next % RING_HELD]);
      self->freed++;
      break;
    default:
      break;
    }
}

/* Of the folder as it is, closed or not.  Returns how many streams follow the pattern; @next has how far each came. */
static guint
check_streams (const char *folder, guint64 next[RING_SLOTS])
{
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GPtrArray) diagnostics = ms_diagnostics_new ();
  g_autoptr (MsBlockIndex) index = ms_block_index_new (dir_fd, diagnostics);
  g_autoptr (GByteArray) buffer = g_byte_array_new ();
  g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
  g_autofree guint32 *local_stacks = g_new (guint32, TRK_LOCAL_STACKS_FOR (TRK_MAX_BLOCK_BYTES));
  g_autofree Stream *stream = g_new0 (Stream, 1);
  guint first, end, n = 0;

  g_assert_true (ms_block_index_scan (index, NULL, NULL));
  ms_block_index_cut_rings (index);
  ms_block_index_report (index, TRUE);
  for (guint i = 0; i < diagnostics->len; i++)
    g_error ("%s", ((MsDiagnostic *) diagnostics->pdata[i])->message);
  end = ms_block_index_find_type (index, TRK_BLOCK_EVENTS, &first);
  for (guint i = first; i < end; i++)
    {
      const MsBlock *block = &g_array_index (index->blocks, MsBlock, i);
      const guint8 *payload = ms_block_index_read (index, block, buffer);
      TrkEventDecoder decoder;
      TrkEvent event;

      if (i == first || (block - 1)->header.thread_id != block->header.thread_id)
        {
          memset (stream, 0, sizeof *stream);
          trk_address_ring_reset (ring); /* nothing may reach back before the ring */
        }
      g_assert_cmpint (trk_event_decoder_begin (&decoder, &block->header, payload,
                                                block->payload_bytes, ring, local_stacks,
                                                TRK_LOCAL_STACKS_FOR (TRK_MAX_BLOCK_BYTES)),
                       ==, TRK_DECODE_OK);
      while (trk_event_decoder_next (&decoder, &event) == TRK_DECODE_OK)
        follow (stream, &event);
      if (i + 1 < end && (block + 1)->header.thread_id == block->header.thread_id)
        continue;
      if (!stream->is_pattern)
        continue;
      g_assert_cmpuint (stream->gone_bytes, ==,
                        ring_bytes (stream->slot, stream->next - stream->allocated));
      next[stream->slot] = stream->next;
      n++;
    }
  close (dir_fd);
  return n;
}

/* --- cases ------------------------------------------------------------------------------------------ */

static void
assert_not_damaged (MsTrace *trace)
{
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);

  for (guint i = 0; i < diagnostics->len; i++)
    if (((MsDiagnostic *) diagnostics->pdata[i])->level != MS_DIAGNOSTIC_INFO)
      g_error ("%s", ((MsDiagnostic *) diagnostics->pdata[i])->message);
}

static MsTrace *
load_any (const char *folder)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load (folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  assert_not_damaged (trace);
  return trace;
}

static MsTrace *
load (const char *folder)
{
  MsTrace *trace = load_any (folder);

  g_assert_cmpuint (ms_trace_get_ring_bytes (trace), ==, RING_BYTES);
  g_assert_cmpstr (ms_trace_why_no_live (trace), ==, "not available in ring mode");
  return trace;
}

/* Without anybody beside, and as memscope record closes it. */
static void
test_count (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = NULL;
  g_autoptr (MsTrace) trace = NULL;
  guint64 next[RING_SLOTS] = { 0 };

  g_assert_cmpint (victim_finish (victim_start ("ring", "count", self->top, self->output)), ==, 0);
  folder = find_folder (self);
  g_assert_cmpuint (check_streams (folder, next), ==, RING_SLOTS);
  trace = load (folder);
  for (guint slot = 0; slot < RING_SLOTS; slot++)
    {
      MsThread *thread = ms_trace_find_thread (trace, slot + 1);
      const MsTotals *totals = ms_thread_get_totals (thread, MS_DOMAIN_HEAP);

      g_assert_cmpuint (next[slot], ==, RING_CALLS);
      g_assert_cmpuint (totals->allocations, ==, RING_CALLS);
      g_assert_cmpuint (totals->deallocations, ==, RING_CALLS);
      g_assert_cmpuint (totals->unmatched_frees, ==, 0);
      g_assert_cmpuint (totals->prior_frees, <=, RING_HELD);
      /* One of each size class was seen, and not all of them. */
      g_assert_cmpint (ms_thread_get_kept_from_ns (thread), >, ms_thread_get_start_ns (thread));
    }
  g_assert_cmpint (ms_trace_get_kept_from_ns (trace), >, 0);
  g_assert_cmpint (ms_trace_get_kept_from_ns (trace), <, ms_trace_get_duration_ns (trace));
  /* Pool included: two segments of eight lanes are what five threads of four windows need. */
  g_assert_cmpuint (folder_bytes (folder), <, 2 * 8 * TRK_LANE_BYTES + (64 << 10));
}

/* One that is large enough for all that happened knows what any recording knows. */
static void
test_whole (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = NULL;
  g_autoptr (MsTrace) trace = NULL;

  g_setenv ("MEMSCOPE_RING", "16777216", TRUE);
  g_assert_cmpint (victim_finish (victim_start ("ring", "count", self->top, self->output)), ==, 0);
  folder = find_folder (self);
  trace = load_any (folder);
  g_assert_cmpuint (ms_trace_get_ring_bytes (trace), ==, 16 << 20);
  g_assert_null (ms_trace_why_no_live (trace));
  g_assert_cmpint (ms_trace_get_kept_from_ns (trace), ==, 0);
  for (guint slot = 0; slot < RING_SLOTS; slot++)
    {
      MsThread *thread = ms_trace_find_thread (trace, slot + 1);
      const MsTotals *totals = ms_thread_get_totals (thread, MS_DOMAIN_HEAP);

      g_assert_cmpuint (totals->allocations, ==, RING_CALLS);
      g_assert_cmpuint (totals->deallocations, ==, RING_CALLS);
      g_assert_cmpuint (totals->prior_frees + totals->unmatched_frees, ==, 0);
      g_assert_cmpuint (totals->live_bytes, ==, 0);
      g_assert_cmpuint (totals->peak_bytes, >=, RING_HELD * RING_SLOT_BYTES);
    }
}

/* The numbers in the folder's names are not those of slots: who was first, was. */
static void
check_against_counts (const Fixture *self, const guint64 next[RING_SLOTS])
{
  for (guint slot = 0; slot < RING_SLOTS; slot++)
    {
      guint64 counted = atomic_load (&self->counts->counts[slot]);

      if (next[slot] != counted && next[slot] != counted + 1)
        g_error ("slot %u: %" G_GUINT64_FORMAT " calls returned, %" G_GUINT64_FORMAT
                 " are in its stream",
                 slot, counted, next[slot]);
    }
}

static gboolean
all_have_begun (const Fixture *self, guint64 n_calls)
{
  for (guint slot = 0; slot < RING_SLOTS; slot++)
    if (atomic_load (&self->counts->counts[slot]) < n_calls)
      return FALSE;
  return TRUE;
}

static pid_t
start_busy (const Fixture *self)
{
  pid_t pid = victim_start ("ring", "busy", self->top, self->output);

  while (!all_have_begun (self, 30000))
    g_usleep (1000);
  return pid;
}

static void
test_kill (Fixture *self, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint i = 0; i < N_KILLS; i++)
    {
      pid_t pid = start_busy (self);
      g_autofree char *folder = find_folder (self);
      g_autoptr (MsTrace) trace = NULL;
      guint64 next[RING_SLOTS] = { 0 }, sum = 0;

      g_usleep ((gulong) g_rand_int_range (random, 0, 20000));
      kill (pid, SIGKILL);
      g_assert_cmpint (victim_finish (pid), ==, 128 + SIGKILL);
      g_assert_cmpuint (check_streams (folder, next), ==, RING_SLOTS);
      check_against_counts (self, next);
      trace = load (folder);
      for (guint slot = 0; slot < RING_SLOTS; slot++)
        sum += next[slot];
      /* And what main allocates for its threads. */
      g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations - sum, <=,
                        RING_SLOTS);
      victim_remove_tree (folder);
      memset (self->counts, 0, sizeof *self->counts);
    }
}

/* Whoever looks while windows are written over sees of each thread all up to some moment, which is not before he
 * looked unless he was put to sleep for a whole turn of the ring. */
static void
test_look (Fixture *self, gconstpointer data)
{
  pid_t pid = start_busy (self);
  g_autofree char *folder = find_folder (self);
  guint n_fresh[RING_SLOTS] = { 0 };

  for (guint i = 0; i < N_LOOKS; i++)
    {
      guint64 next[RING_SLOTS] = { 0 }, counted[RING_SLOTS];

      for (guint slot = 0; slot < RING_SLOTS; slot++)
        counted[slot] = atomic_load (&self->counts->counts[slot]);
      (void) check_streams (folder, next);
      for (guint slot = 0; slot < RING_SLOTS; slot++)
        n_fresh[slot] += next[slot] >= counted[slot];
    }
  for (guint slot = 0; slot < RING_SLOTS; slot++)
    g_assert_cmpuint (n_fresh[slot], >, 0);
  kill (pid, SIGKILL);
  victim_finish (pid);
}

static guint64
count_calls (const Fixture *self)
{
  guint64 n = 0;

  for (guint slot = 0; slot < RING_SLOTS; slot++)
    n += atomic_load (&self->counts->counts[slot]);
  return n;
}

/* What the first of a thread's blocks says of those before. */
static TrkCounts
get_earlier (const MsBlock *block)
{
  g_autofree TrkAddressRing *ring = g_new0 (TrkAddressRing, 1);
  g_autofree guint32 *local_stacks = g_new (guint32, TRK_LOCAL_STACKS_FOR (TRK_MAX_BLOCK_BYTES));
  TrkEarlier earlier = { 0 };
  TrkEventDecoder decoder;
  TrkEvent event;

  g_assert_cmpint (trk_event_decoder_begin (&decoder, &block->header, block->payload,
                                            block->payload_bytes, ring, local_stacks,
                                            TRK_LOCAL_STACKS_FOR (TRK_MAX_BLOCK_BYTES)),
                   ==, TRK_DECODE_OK);
  if (trk_event_decoder_next (&decoder, &event) == TRK_DECODE_OK && event.kind == TRK_EVENT_EARLIER)
    g_assert_true (trk_earlier_get (&earlier, event.u.rule.bytes, event.u.rule.n_bytes));
  return earlier.counts[0];
}

/* Of all threads, those included that are gone. */
static guint64
count_allocations (const char *folder)
{
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GPtrArray) diagnostics = ms_diagnostics_new ();
  g_autoptr (MsBlockIndex) index = ms_block_index_new (dir_fd, diagnostics);
  TrkCounts counts[TRK_N_COUNTED_DOMAINS] = { 0 };
  guint64 n = 0;
  guint first, end;

  g_assert_true (ms_block_index_scan (index, NULL, NULL));
  ms_block_index_cut_rings (index);
  end = ms_block_index_find_type (index, TRK_BLOCK_EVENTS, &first);
  for (guint i = first; i < end; i++)
    {
      const MsBlock *block = &g_array_index (index->blocks, MsBlock, i);

      if (i == first || (block - 1)->header.thread_id != block->header.thread_id)
        counts[0] = get_earlier (block);
      trk_event_tally_add (counts, block->header.widths, block->payload, block->payload_bytes);
      if (i + 1 < end && (block + 1)->header.thread_id == block->header.thread_id)
        continue;
      if (!(block->header.flags & TRK_BLOCK_FLAG_LAST))
        n += counts[0].allocations;
    }
  n += index->pool.ended.counts[0].allocations;
  close (dir_fd);
  return n;
}

/* Whoever looks while threads end counts each of them once: in its windows, or in the sums of those that ended.  A
 * reader that is put to sleep may miss that, but not each time. */
static void
test_relay (Fixture *self, gconstpointer data)
{
  pid_t pid = victim_start ("ring", "relay", self->top, self->output);
  g_autofree char *folder = NULL;
  guint n_exact = 0;

  while (!all_have_begun (self, 3 * RING_RELAY_CALLS))
    g_usleep (1000);
  folder = find_folder (self);
  for (guint i = 0; i < N_RELAY_LOOKS; i++)
    {
      guint64 before = count_calls (self), n = count_allocations (folder);
      guint64 after = count_calls (self);

      /* Beside calls that have just returned: what the victim allocates for threads. */
      n_exact += n >= before && n <= after + 100;
    }
  g_test_message ("%u of %u exact", n_exact, N_RELAY_LOOKS);
  g_assert_cmpuint (N_RELAY_LOOKS - n_exact, <, N_RELAY_LOOKS / 32);
  kill (pid, SIGKILL);
  victim_finish (pid);
}

/* What sampling let pass is counted in each block, too. */
static void
test_sampled (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = NULL;
  g_autoptr (MsTrace) trace = NULL;

  g_setenv ("MEMSCOPE_SAMPLE_INTERVAL", "20000", TRUE);
  g_assert_cmpint (victim_finish (victim_start ("ring", "count", self->top, self->output)), ==, 0);
  g_unsetenv ("MEMSCOPE_SAMPLE_INTERVAL");
  folder = find_folder (self);
  trace = load (folder);
  g_assert_true (ms_trace_is_sampled (trace));
  for (guint slot = 0; slot < RING_SLOTS; slot++)
    {
      const MsTotals *totals =
          ms_thread_get_totals (ms_trace_find_thread (trace, slot + 1), MS_DOMAIN_HEAP);

      g_assert_cmpuint (totals->allocations, ==, RING_CALLS);
      g_assert_cmpuint (totals->allocated_bytes, ==, ring_bytes (slot, RING_CALLS));
      g_assert_cmpuint (totals->deallocations, ==, RING_CALLS);
    }
}

/* Any number of threads, one after the other: no more memory, and no count is lost. */
static void
test_churn (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = NULL;
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;
  const guint64 n = RING_THREADS * RING_CHURN_CALLS;

  g_assert_cmpint (victim_finish (victim_start ("ring", "churn", self->top, self->output)), ==, 0);
  folder = find_folder (self);
  g_assert_cmpuint (folder_bytes (folder), <, 5 * 8 * TRK_LANE_BYTES + (64 << 10));
  trace = load (folder);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (ms_trace_get_n_threads (trace), <, 100);
  g_assert_cmpuint (ms_trace_get_n_threads (trace), >, 30);
  /* main's own: what it allocates for threads' tables. */
  g_assert_cmpuint (totals->allocations, >=, n);
  g_assert_cmpuint (totals->allocations, <=, n + 10);
  g_assert_cmpuint (totals->deallocations, >=, n);
  g_assert_cmpuint (totals->deallocations, <=, n + RING_THREADS + 10);
  g_assert_cmpuint (totals->allocated_bytes, >=, RING_THREADS * ring_bytes (0, RING_CHURN_CALLS));
}

static void
test_fork (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) traces = NULL;

  g_assert_cmpint (victim_finish (victim_start ("ring", "fork", self->top, self->output)), ==, 0);
  traces = victim_load_traces (self->output);
  g_assert_cmpuint (traces->len, ==, 2);
  for (guint i = 0; i < traces->len; i++)
    {
      const MsTotals *totals = ms_trace_get_totals (traces->pdata[i], MS_DOMAIN_HEAP);

      assert_not_damaged (traces->pdata[i]);
      g_assert_cmpuint (totals->allocations, >=, RING_CALLS);
      g_assert_cmpuint (totals->allocations, <, RING_CALLS + 10);
      g_assert_cmpuint (totals->allocated_bytes, >=, ring_bytes (i, RING_CALLS));
    }
}

/* memscope record closes the folder: then all is in files, the same, and no more. */
static void
test_closed (Fixture *self, gconstpointer data)
{
  const char *program = g_getenv ("MEMSCOPE_TEST_PROGRAM");
  g_autofree char *victim = victim_find ("ring");
  g_autofree char *output = g_build_filename (self->top, "recording", NULL);
  g_autofree char *folder = NULL;
  const char *const command[] = { program, "record", "--ring", "64kB",  "-o",
                                  output,  "--",     victim,   "churn", NULL };
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) command, NULL,
                G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_free (self->output);
  self->output = g_steal_pointer (&output);
  folder = find_folder (self);
  g_assert_cmpuint (folder_bytes (folder), <, 50 * 5000);
  trace = load (folder);
  g_assert_true (ms_trace_is_closed (trace));
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations, >=,
                    RING_THREADS * RING_CHURN_CALLS);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations, <=,
                    RING_THREADS * RING_CHURN_CALLS + 10);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  victim_run_init (argc, argv);
  ADD ("/ring/count", test_count);
  ADD ("/ring/whole", test_whole);
  ADD ("/ring/kill", test_kill);
  ADD ("/ring/look", test_look);
  ADD ("/ring/relay", test_relay);
  ADD ("/ring/sampled", test_sampled);
  ADD ("/ring/churn", test_churn);
  ADD ("/ring/fork", test_fork);
  ADD ("/ring/closed", test_closed);
  return g_test_run ();
}
