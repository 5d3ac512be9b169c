/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The flight recorder: what is left of a thread are its last events, whole and in order up to the last one that
 * returned, and what is gone was counted.
 *
 *   test-ring PRELOAD TRACKER FOLDER-OF-VICTIMS   with $MEMSCOPE_TEST_PROGRAM
 */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "ms-block-index.h"
#include "ms-diagnostic.h"
#include "ring-fixture.h"
#include "trk-earlier.h"
#include "trk-event-decoder.h"
#include "trk-event-tally.h"
#include "victim-run.h"

#define N_KILLS 8
#define N_LOOKS 25

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

/* Without anybody beside, and as memscope record closes it. */
static void
test_count (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = NULL;
  g_autoptr (MsTrace) trace = NULL;
  guint64 next[RING_SLOTS] = { 0 };

  g_assert_cmpint (victim_finish (victim_start ("ring", "count", self->top, self->output)), ==, 0);
  folder = ring_find_folder (self);
  g_assert_cmpuint (check_streams (folder, next), ==, RING_SLOTS);
  trace = ring_load (folder);
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
  g_assert_cmpuint (ring_count_bytes (folder), <, 2 * 8 * TRK_LANE_BYTES + (64 << 10));
}

/* One that is large enough for all that happened knows what any recording knows. */
static void
test_whole (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = NULL;
  g_autoptr (MsTrace) trace = NULL;

  g_setenv ("MEMSCOPE_RING", "16777216", TRUE);
  g_assert_cmpint (victim_finish (victim_start ("ring", "count", self->top, self->output)), ==, 0);
  folder = ring_find_folder (self);
  trace = ring_load_any (folder);
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

static void
test_kill (Fixture *self, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint i = 0; i < N_KILLS; i++)
    {
      pid_t pid = ring_start (self, "busy", 30000);
      g_autofree char *folder = ring_find_folder (self);
      g_autoptr (MsTrace) trace = NULL;
      guint64 next[RING_SLOTS] = { 0 }, sum = 0;

      g_usleep ((gulong) g_rand_int_range (random, 0, 20000));
      kill (pid, SIGKILL);
      g_assert_cmpint (victim_finish (pid), ==, 128 + SIGKILL);
      g_assert_cmpuint (check_streams (folder, next), ==, RING_SLOTS);
      check_against_counts (self, next);
      trace = ring_load (folder);
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
  pid_t pid = ring_start (self, "busy", 30000);
  g_autofree char *folder = ring_find_folder (self);
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

/* What sampling let pass is counted in each block, too. */
static void
test_sampled (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = NULL;
  g_autoptr (MsTrace) trace = NULL;

  g_setenv ("MEMSCOPE_SAMPLE_INTERVAL", "20000", TRUE);
  g_assert_cmpint (victim_finish (victim_start ("ring", "count", self->top, self->output)), ==, 0);
  g_unsetenv ("MEMSCOPE_SAMPLE_INTERVAL");
  folder = ring_find_folder (self);
  trace = ring_load (folder);
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

      ring_assert_not_damaged (traces->pdata[i]);
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
  folder = ring_find_folder (self);
  g_assert_cmpuint (ring_count_bytes (folder), <, 50 * 5000);
  trace = ring_load (folder);
  g_assert_true (ms_trace_is_closed (trace));
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations, >=,
                    RING_THREADS * RING_CHURN_CALLS);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations, <=,
                    RING_THREADS * RING_CHURN_CALLS + 10);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, ring_set_up, function, ring_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  victim_run_init (argc, argv);
  ADD ("/ring/count", test_count);
  ADD ("/ring/whole", test_whole);
  ADD ("/ring/kill", test_kill);
  ADD ("/ring/look", test_look);
  ADD ("/ring/sampled", test_sampled);
  ADD ("/ring/fork", test_fork);
  ADD ("/ring/closed", test_closed);
  return g_test_run ();
}
