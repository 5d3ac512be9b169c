/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The flight recorder's threads end, and each is counted once: in what is left of it or in the sums, whenever one looks.
 *
 *   test-ring-ends PRELOAD TRACKER FOLDER-OF-VICTIMS
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-block-index.h"
#include "ms-diagnostic.h"
#include "ring-fixture.h"
#include "trk-earlier.h"
#include "trk-event-decoder.h"
#include "trk-event-tally.h"
#include "victim-run.h"

#define N_STOPS 200U
/* Beside calls that have just returned: what the victim allocates for threads. */
#define MOST_OWN 100U

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

static void
wait_until_stopped (pid_t pid)
{
  int status;

  g_assert_cmpint (waitpid (pid, &status, WUNTRACED), ==, pid);
  g_assert_true (WIFSTOPPED (status));
}

/* Whoever looks while threads end counts each of them once: in its windows, or in the sums of those that ended. */
static void
check_looks (const Fixture *self, const char *folder, guint n_looks)
{
  guint n_quiet = 0;

  for (guint i = 0; i < n_looks; i++)
    {
      guint64 before = count_calls (self), n = count_allocations (folder);
      guint64 after = count_calls (self);

      g_assert_cmpuint (n, >=, before);
      g_assert_cmpuint (n, <=, after + MOST_OWN);
      n_quiet += after == before;
    }
  g_test_message ("nothing was called during %u of %u looks", n_quiet, n_looks);
}

typedef struct {
  const char *name; /* of the victim's case */
  guint n_looks;
} Relay;

/* Of threads that write over their rings, and of very many short ones. */
static const Relay long_relay = { "relay", 60 }, short_relay = { "paced", 400 };

static void
test_relay (Fixture *self, gconstpointer data)
{
  const Relay *relay = data;
  pid_t pid = ring_start (self, relay->name, 3 * RING_RELAY_CALLS);
  g_autofree char *folder = ring_find_folder (self);

  check_looks (self, folder, relay->n_looks);
  kill (pid, SIGKILL);
  victim_finish (pid);
}

/* Wherever its threads are stopped, in the midst of their ends as well, nothing is missing and nothing there twice; and so
 * where they are killed. */
static void
test_stopped (Fixture *self, gconstpointer data)
{
  pid_t pid = ring_start (self, "paced", 3 * RING_PACED_CALLS);
  g_autofree char *folder = ring_find_folder (self);

  for (guint i = 0; i <= N_STOPS; i++)
    {
      guint64 n_calls, n;

      g_usleep (2000 + 7 * i);
      kill (pid, i < N_STOPS ? SIGSTOP : SIGKILL);
      if (i < N_STOPS)
        wait_until_stopped (pid);
      else
        victim_finish (pid);
      n_calls = count_calls (self);
      n = count_allocations (folder);
      g_assert_cmpuint (n, >=, n_calls);
      g_assert_cmpuint (n, <=, n_calls + MOST_OWN);
      kill (pid, SIGCONT);
    }
}

static guint64
count_heap (const char *folder, guint64 *n_deallocations)
{
  g_autoptr (MsTrace) trace = ring_load (folder);
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);

  *n_deallocations = totals->deallocations;
  return totals->allocations;
}

/* Where lanes have no sums, or who reads knows none, those of the pool's header and the flags of blocks say the same. */
static void
test_older (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = NULL, *path = NULL;
  guint64 n_allocations, n_deallocations, n_older;
  TrkPoolHeader header;
  int fd;

  g_assert_cmpint (victim_finish (victim_start ("ring", "churn", self->top, self->output)), ==, 0);
  folder = ring_find_folder (self);
  n_allocations = count_heap (folder, &n_deallocations);
  path = g_build_filename (folder, TRK_POOL_FILE_NAME, NULL);
  fd = g_open (path, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (pread (fd, &header, sizeof header, 0), ==, sizeof header);
  g_assert_cmpuint (header.flags & TRK_POOL_FLAG_LANE_SUMS, !=, 0);
  header.flags &= ~TRK_POOL_FLAG_LANE_SUMS;
  g_assert_cmpint (pwrite (fd, &header, sizeof header, 0), ==, sizeof header);
  close (fd);
  g_assert_cmpuint (count_heap (folder, &n_older), ==, n_allocations);
  g_assert_cmpuint (n_older, ==, n_deallocations);
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
  folder = ring_find_folder (self);
  g_assert_cmpuint (ring_count_bytes (folder), <, 5 * 8 * TRK_LANE_BYTES + (64 << 10));
  trace = ring_load (folder);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  victim_run_init (argc, argv);
#define ADD(name, data, function) \
  g_test_add ("/ring-ends/" name, Fixture, data, ring_set_up, function, ring_tear_down)
  ADD ("relay", &long_relay, test_relay);
  ADD ("paced", &short_relay, test_relay);
  ADD ("stopped", NULL, test_stopped);
  ADD ("churn", NULL, test_churn);
  ADD ("older", NULL, test_older);
  return g_test_run ();
}
