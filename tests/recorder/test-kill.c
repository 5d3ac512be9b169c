/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * kill -9 at random moments: every event whose call had returned is in the trace, once, in order.
 *
 * The victim (tests/victims/victim-kill.c) counts each call after it has returned, in a file of its
 * own.  Here every stream of every trace folder is decoded block by block and compared with the
 * pattern that its thread followed: it must be the calls 0 … n−1 with count <= n <= count + 1.
 *
 * The victim runs preloaded alone, or under memscope record, whose agent writes its windows: then either,
 * or both, are killed, or the agent is stopped for a while.
 *
 *   test-kill PRELOAD VICTIM MEMSCOPE   the seeds are fixed; MEMSCOPE_KILLS=N asks for N kills a mode
 */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kill-pattern.h"
#include "ms-block-index.h"
#include "ms-diagnostic.h"
#include "ms-trace.h"
#include "trk-event-decoder.h"

#define KILLS_A_MODE 13 /* four modes: 52 kills */
#define KILLS_WITH_AGENT 5
#define LONGEST_LIFE_MS 200
#define SHORTEST_LIFE_MS 20

/* What becomes of the agent before the victim is killed. */
typedef enum {
  AGENT_NONE,   /* there is none */
  AGENT_LIVES,  /* it sees the victim end, and closes the folder */
  AGENT_KILLED, /* the victim goes on alone */
  AGENT_STOPPED, /* the victim goes on, and is killed while the agent is stopped; then that goes on */
  AGENT_KILLED_TOO
} AgentFate;

typedef struct {
  const char *path, *victim_mode;
  AgentFate agent;
} Mode;

static const char *preload, *victim, *memscope;

/* What the checker found in all the folders of one run. */
typedef struct {
  KillCounts *counts;
  guint8 *seen; /* by slot */
  TrkDomain domain;
  guint64 n_events; /* that were checked */
  guint64 n_sealed; /* blocks with a checksum: they came from files */
} Verdict;

/* Where one stream is in its pattern. */
typedef struct {
  gboolean is_victim; /* begins with a marker */
  guint32 slot;
  guint64 n_records;    /* of the victim's domain */
  guint64 a, b, marker; /* addresses */
  guint64 last_ticks;
} Follower;

static guint64
follower_get_n_calls (const Follower *self)
{
  return self->n_records > 2 ? self->n_records - 2 : 0;
}

static void
follow_begin (Follower *self, const TrkEvent *event, Verdict *verdict)
{
  if (self->n_records == 0)
    {
      self->is_victim = event->kind == TRK_EVENT_ALLOC && event->size >= KILL_MARKER_BYTES
                        && event->size < KILL_MARKER_BYTES + KILL_MAX_SLOTS;
      if (!self->is_victim)
        return;
      self->slot = (guint32) (event->size - KILL_MARKER_BYTES);
      self->marker = event->address;
      if (verdict->seen[self->slot])
        g_error ("slot %u is in two streams", self->slot);
      verdict->seen[self->slot] = TRUE;
      return;
    }
  g_assert_cmpint (event->kind, ==, TRK_EVENT_FREE);
  g_assert_cmpuint (event->address, ==, self->marker);
}

/* After its last call a thread that ends gives back what libc kept for it. */
static gboolean
is_late_free (const Follower *self, const TrkEvent *event, const Verdict *verdict)
{
  return event->kind == TRK_EVENT_FREE && atomic_load (&verdict->counts->done[self->slot])
         && follower_get_n_calls (self) == atomic_load (&verdict->counts->counts[self->slot]);
}

static void
follow_call (Follower *self, const TrkEvent *event)
{
  guint64 i = self->n_records - 2;

  switch (kill_call (i))
    {
    case KILL_MALLOC_A:
    case KILL_MALLOC_B:
      g_assert_cmpint (event->kind, ==, TRK_EVENT_ALLOC);
      g_assert_cmpuint (event->size, ==, kill_size (i));
      if (kill_call (i) == KILL_MALLOC_A)
        self->a = event->address;
      else
        self->b = event->address;
      break;
    case KILL_REALLOC_A:
      g_assert_cmpint (event->kind, ==, TRK_EVENT_REALLOC);
      g_assert_cmpuint (event->size, ==, kill_size (i));
      g_assert_cmpuint (event->old_address, ==, self->a);
      self->a = event->address;
      break;
    case KILL_FREE_B:
      g_assert_cmpint (event->kind, ==, TRK_EVENT_FREE);
      g_assert_cmpuint (event->address, ==, self->b);
      break;
    case KILL_FREE_A:
      g_assert_cmpint (event->kind, ==, TRK_EVENT_FREE);
      g_assert_cmpuint (event->address, ==, self->a);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
follow (Follower *self, const TrkEvent *event, Verdict *verdict)
{
  g_assert_cmpuint (event->ticks, >=, self->last_ticks);
  self->last_ticks = event->ticks;
  g_assert_cmpint (event->kind, !=, TRK_EVENT_DROPPED);
  if (event->kind > TRK_EVENT_FOREIGN_FREE || event->domain != verdict->domain)
    return;
  g_assert_true (event->address_known);
  if (self->n_records > 0 && !self->is_victim)
    return;
  if (self->n_records < 2)
    follow_begin (self, event, verdict);
  else if (is_late_free (self, event, verdict))
    return;
  else
    follow_call (self, event);
  self->n_records++;
}

static void
decode_block (MsBlockIndex *index,
              const MsBlock *block,
              TrkAddressRing *ring,
              Follower *follower,
              Verdict *verdict)
{
  g_autoptr (GByteArray) buffer = g_byte_array_new ();
  const guint8 *payload = ms_block_index_read (index, block, buffer);
  g_autofree guint32 *local_stacks = g_new (guint32, TRK_LOCAL_STACKS_FOR (block->payload_bytes));
  TrkEventDecoder decoder;
  TrkDecodeStatus status;
  TrkEvent event;

  g_assert_nonnull (payload);
  verdict->n_sealed += block->header.checksum != 0;
  g_assert_cmpint (trk_event_decoder_begin (&decoder, &block->header, payload, block->payload_bytes,
                                            ring, local_stacks,
                                            TRK_LOCAL_STACKS_FOR (block->payload_bytes)),
                   ==, TRK_DECODE_OK);
  while ((status = trk_event_decoder_next (&decoder, &event)) == TRK_DECODE_OK)
    follow (follower, &event, verdict);
  g_assert_cmpint (status, ==, TRK_DECODE_END);
}

/* The blocks [first, …) of one thread; returns the first block of the next. */
static guint
check_stream (MsBlockIndex *index, guint first, guint end, Verdict *verdict)
{
  const MsBlock *blocks = (const MsBlock *) (gpointer) index->blocks->data;
  g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
  Follower follower = { 0 };
  guint i;

  trk_address_ring_reset (ring);
  for (i = first; i < end && blocks[i].header.thread_id == blocks[first].header.thread_id; i++)
    {
      g_assert_cmpuint (blocks[i].header.block_number, ==, i - first);
      decode_block (index, &blocks[i], ring, &follower, verdict);
    }

  if (follower.is_victim)
    {
      guint64 n = follower_get_n_calls (&follower),
              count = atomic_load (&verdict->counts->counts[follower.slot]);

      g_assert_cmpuint (n, >=, count);
      g_assert_cmpuint (n, <=, count + 1);
      verdict->n_events += n;
    }
  return i;
}

static void
check_folder (const char *folder, Verdict *verdict)
{
  g_autoptr (GPtrArray) diagnostics = ms_diagnostics_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsBlockIndex) index = NULL;
  int fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  guint block, end;

  g_assert_cmpint (fd, >=, 0);
  index = ms_block_index_new (fd, diagnostics);
  g_assert_true (ms_block_index_scan (index, NULL, &error));
  end = ms_block_index_find_type (index, TRK_BLOCK_EVENTS, &block);
  while (block < end)
    block = check_stream (index, block, end, verdict);
  g_close (fd, NULL);

  trace = ms_trace_load (folder, NULL, NULL, NULL, &error);
  if (!trace && !g_error_matches (error, MS_ERROR, MS_ERROR_EMPTY)
      && !g_error_matches (error, MS_ERROR, MS_ERROR_NOT_A_TRACE))
    g_error ("%s: %s", folder, error->message);
  if (trace)
    g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 0);
}

static void
check_run (const char *output, gboolean is_recording, Verdict *verdict)
{
  if (!is_recording)
    {
      if (g_file_test (output, G_FILE_TEST_IS_DIR))
        check_folder (output, verdict);
    }
  else
    {
      g_autoptr (GDir) dir = g_dir_open (output, 0, NULL);
      const char *name;

      while ((name = g_dir_read_name (dir)))
        {
          g_autofree char *folder = g_build_filename (output, name, NULL);
          if (g_file_test (folder, G_FILE_TEST_IS_DIR))
            check_folder (folder, verdict);
        }
    }
  for (guint slot = 0; slot < KILL_MAX_SLOTS; slot++)
    if (atomic_load (&verdict->counts->counts[slot]) > 0 && !verdict->seen[slot])
      g_error ("slot %u made %" G_GUINT64_FORMAT " calls and is in no stream", slot,
               atomic_load (&verdict->counts->counts[slot]));
}

/* --- runs ------------------------------------------------------------------------------------ */

static KillCounts *
map_counts (const char *path)
{
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  KillCounts *counts;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, sizeof *counts), ==, 0);
  counts = mmap (NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (counts != MAP_FAILED);
  g_close (fd, NULL);
  return counts;
}

static pid_t
start_victim (const Mode *how, const char *counts_path, const char *output, gboolean is_recording)
{
  const char *mode = how->victim_mode;
  /* Who is killed leaves pools behind, which are not to stay in memory. */
  gboolean in_memory = how->agent == AGENT_LIVES || how->agent == AGENT_STOPPED;
  pid_t pid = fork ();

  if (pid == 0)
    {
      setpgid (0, 0);
      if (how->agent != AGENT_NONE)
        {
          int null = open ("/dev/null", O_WRONLY | O_CLOEXEC);

          dup2 (null, STDERR_FILENO); /* the summary */
          setenv ("MEMSCOPE_POOL_FOLDER", in_memory ? "/dev/shm" : "", 1);
          execl (memscope, memscope, "record", "-o", output, "--", victim, mode, counts_path,
                 output, NULL);
          _exit (127);
        }
      if (is_recording)
        {
          setenv ("MEMSCOPE_OUTPUT", output, 1);
          setenv ("LD_PRELOAD", preload, 1);
        }
      execl (victim, victim, mode, counts_path, output, NULL);
      _exit (127);
    }
  g_assert_cmpint (pid, >, 0);
  setpgid (pid, pid); /* both do, so that neither has to wait */
  return pid;
}

static void
remove_tree (const char *path)
{
  const char *command[] = { "rm", "-rf", "--", path, NULL };

  g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
}

/* Under memscope record: the victim's pid, by the name of its folder. */
static pid_t
wait_for_victim (const char *output)
{
  for (guint attempt = 0; attempt < 20000; attempt++)
    {
      g_autoptr (GDir) dir = g_dir_open (output, 0, NULL);
      const char *name;

      while (dir && (name = g_dir_read_name (dir)))
        if (g_str_has_prefix (name, "0-"))
          return (pid_t) g_ascii_strtoll (strrchr (name, '.') + 1, NULL, 10);
      g_usleep (500);
    }
  g_error ("the victim has made no folder");
}

static void
kill_with_agent (pid_t agent, const char *output, AgentFate fate, guint32 life_us)
{
  pid_t pid = wait_for_victim (output);
  int status;

  g_usleep (life_us / 2);
  if (fate == AGENT_KILLED)
    g_assert_cmpint (kill (agent, SIGKILL), ==, 0);
  else if (fate == AGENT_STOPPED)
    g_assert_cmpint (kill (agent, SIGSTOP), ==, 0);
  g_usleep (life_us / 2);
  if (fate == AGENT_KILLED_TOO)
    g_assert_cmpint (kill (-agent, SIGKILL), ==, 0);
  else
    g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  if (fate == AGENT_STOPPED)
    g_assert_cmpint (kill (agent, SIGCONT), ==, 0);
  g_assert_cmpint (waitpid (agent, &status, 0), ==, agent);
}

static void
kill_alone (pid_t pid, guint32 life_us)
{
  int status;

  g_usleep (life_us);
  g_assert_cmpint (kill (-pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status));
}

/* One life of the victim; returns what it left to be checked. */
static void
kill_once (const Mode *mode, guint32 life_us, Verdict *total)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-kill-XXXXXX", NULL);
  g_autofree char *counts_path = g_build_filename (top, "counts", NULL);
  g_autofree char *output = g_build_filename (top, "output", NULL);
  g_autofree guint8 *seen = g_malloc0 (KILL_MAX_SLOTS);
  gboolean is_recording = strcmp (mode->victim_mode, "declared") != 0;
  Verdict verdict = { .domain = is_recording ? TRK_DOMAIN_HEAP : TRK_DOMAIN_DECLARED,
                      .seen = seen };
  pid_t pid;

  if (is_recording && mode->agent == AGENT_NONE)
    g_assert_cmpint (g_mkdir (output, 0700), ==, 0);
  verdict.counts = map_counts (counts_path);
  pid = start_victim (mode, counts_path, output, is_recording);
  if (mode->agent == AGENT_NONE)
    kill_alone (pid, life_us);
  else
    kill_with_agent (pid, output, mode->agent, life_us);
  /* Children of the victim are nobody's to wait for: the group is gone when nobody can be told. */
  while (kill (-pid, 0) == 0)
    g_usleep (500);

  check_run (output, is_recording, &verdict);
  total->n_events += verdict.n_events;
  total->n_sealed += verdict.n_sealed;
  munmap (verdict.counts, sizeof *verdict.counts);
  remove_tree (top);
}

static void
test_mode (gconstpointer data)
{
  const Mode *mode = data;
  const char *wanted = g_getenv ("MEMSCOPE_KILLS");
  guint n_kills = wanted                      ? (guint) g_ascii_strtoull (wanted, NULL, 10)
                  : mode->agent == AGENT_NONE ? KILLS_A_MODE
                                              : KILLS_WITH_AGENT;
  Verdict total = { 0 };

  for (guint i = 0; i < n_kills; i++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (g_str_hash (mode->path) + i);
      guint32 life_us =
          (guint32) g_rand_int_range (random, SHORTEST_LIFE_MS * 1000, LONGEST_LIFE_MS * 1000);

      g_test_message ("%s, kill %u after %u us", mode->path, i, life_us);
      kill_once (mode, life_us, &total);
    }
  g_test_message ("%s: %" G_GUINT64_FORMAT " events, %" G_GUINT64_FORMAT " sealed blocks",
                  mode->path, total.n_events, total.n_sealed);
  /* A test that checked nothing proves nothing. */
  g_assert_cmpuint (total.n_events, >, n_kills * 100);
  g_assert_cmpuint (total.n_sealed, >, n_kills);
}

int
main (int argc, char **argv)
{
  static const Mode modes[] = {
    { "/kill/threads", "threads", AGENT_NONE },
    { "/kill/churn", "churn", AGENT_NONE },
    { "/kill/fork", "fork", AGENT_NONE },
    { "/kill/declared", "declared", AGENT_NONE },
    { "/kill/under-an-agent", "threads", AGENT_LIVES },
    { "/kill/after-the-agent", "churn", AGENT_KILLED },
    { "/kill/with-the-agent", "threads", AGENT_KILLED_TOO },
    { "/kill/agent-stopped", "threads", AGENT_STOPPED },
  };

  g_test_init (&argc, &argv, NULL);
  if (argc < 4)
    {
      g_printerr ("usage: test-kill PRELOAD VICTIM MEMSCOPE\n");
      return 2;
    }
  preload = argv[1];
  victim = argv[2];
  memscope = argv[3];

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    g_test_add_data_func (modes[i].path, &modes[i], test_mode);
  return g_test_run ();
}
