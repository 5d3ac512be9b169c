/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "trk-clock.h"
#include "trk-control.h"
#include "trk-debug.h"
#include "trk-event-widths.h"
#include "trk-pool.h"
#include "trk-process.h"
#include "trk-ring.h"
#include "trk-stream.h"
#include "trk-system.h"
#include "trk-thread-stack.h"
#include "trk-thread-usage.h"
#include "unwind/trk-old-glibc.h"

TRK_BIND_OLD (pthread_key_create);
TRK_BIND_OLD (pthread_setspecific);

/* Initial-exec: one load relative to the thread pointer, never a call that could allocate.  The gate
 * words begin as a value that the gate never has, so the first hook of a thread takes the cold path. */
__thread TrkThreadGate trk_thread_gate = {
  .untracked_gate = TRK_GATE_NEVER,
  .untracked_free_gate = TRK_GATE_NEVER,
  .tracked_gate = TRK_GATE_NEVER,
  .declared_gate = TRK_GATE_NEVER,
};

static pthread_key_t thread_key;
static bool have_thread_key;
static _Atomic uint32_t next_id = 1;

/* Destructors of other keys may still allocate; ours asks to be called again until the last round
 * that libc grants, so that as little as possible comes after it. */
#define LAST_DESTRUCTOR_ROUND 4

/* libc allocates for the thirty-third key of a thread: its own business, no event. */
static void
set_thread_key (TrkThreadGate *gate, void *value)
{
  const TrkUnwindStart *start = gate->start;
  uint32_t place = gate->place;

  if (!have_thread_key)
    return;
  trk_gate_set_place (gate, TRK_HOOK_IN_REAL);
  pthread_setspecific (thread_key, value);
  gate->place = place;
  gate->start = start;
}

static void
thread_key_destructor (void *value)
{
  TrkThreadGate *gate = &trk_thread_gate;
  TrkThread *thread = gate->thread;

  if (!thread || !trk_process_enter ())
    return;
  if (trk_thread_is_live (gate))
    {
      if (++thread->destructor_rounds < LAST_DESTRUCTOR_ROUND)
        set_thread_key (gate, value);
      else
        trk_thread_end (gate);
    }
  trk_process_leave ();
}

void
trk_thread_init_key (void)
{
  if (!have_thread_key)
    have_thread_key = pthread_key_create (&thread_key, thread_key_destructor) == 0;
}

uint32_t
trk_thread_next_id (void)
{
  uint32_t id = atomic_fetch_add (&next_id, 1);
  TrkPoolHeader *header = trk_pool_get_header ();

  if (header)
    __atomic_store_n (&header->n_threads, id + 1, __ATOMIC_RELAXED);
  return id;
}

static void
set_gates (TrkThreadGate *gate, bool heap_tracked, uint32_t now)
{
  gate->tracked_gate = heap_tracked ? now : TRK_GATE_NEVER;
  gate->untracked_gate = heap_tracked ? TRK_GATE_NEVER : now;
  /* An untracked thread's frees matter only while some other thread is tracked. */
  gate->untracked_free_gate =
      !heap_tracked && (!trk_process.config.preload || !trk_control.ever_tracked) ? now
                                                                                  : TRK_GATE_NEVER;
}

/* Sampling was changed while the program runs: from here on it is drawn anew. */
static void
adopt_sampling (TrkThread *thread)
{
  const TrkConfig *config = &trk_process.config;
  TrkSampler wanted = thread->sampler;

  trk_sampler_change (&wanted, config->sampling_rate, config->sample_interval_bytes);
  if (thread->sampled == trk_control.is_sampling && wanted.rate_q32 == thread->sampler.rate_q32
      && wanted.interval_bytes == thread->sampler.interval_bytes)
    return;
  trk_stream_reserve (thread, trk_clock_now ());
  trk_stream_put_skipped (thread);
  thread->sampler = wanted;
  thread->sampled = trk_control.is_sampling;
  thread->latest_kept = 0;
  trk_event_put_sampling (&thread->encoder, wanted.rate_q32, wanted.interval_bytes);
  trk_stream_commit (thread);
}

/* The first thread that goes by a change says it for all. */
static void
tell_rule (TrkThread *thread)
{
  uint32_t told = atomic_load (&trk_control.told), number = atomic_load (&trk_control.number);
  const TrkChoice *choice = atomic_load (&trk_control.choice);
  size_t n_bytes = strlen (choice->text);
  uint64_t now;

  if (TRK_LIKELY (told == number)
      || !atomic_compare_exchange_strong (&trk_control.told, &told, number))
    return;
  now = trk_clock_now ();
  trk_stream_reserve (thread, now);
  if (!trk_event_encoder_has_room_for (&thread->encoder, n_bytes))
    trk_stream_turn (thread, now);
  trk_event_put_rule (&thread->encoder, now, choice->is_on, choice->text, n_bytes);
  trk_stream_commit (thread);
}

/* Whenever what it rests on has changed. */
static void
judge_special (TrkThread *thread)
{
  thread->special =
      !thread->tracked || thread->sampled || thread->late || trk_process.config.free_stacks;
}

void
trk_thread_decide (TrkThreadGate *gate)
{
  TrkThread *thread = gate->thread;
  /* The gate before the choice: one that changes meanwhile sends the thread here again. */
  uint32_t now_gate = __atomic_load_n (&trk_gate[0], __ATOMIC_ACQUIRE);
  bool tracked = trk_control_tracks (thread->id, thread->tid, thread->name, gate->start_routine);

  adopt_sampling (thread);
  tell_rule (thread);
  if (tracked != thread->tracked)
    {
      uint64_t now = trk_clock_now ();
      trk_stream_reserve (thread, now);
      trk_event_put_tracking (&thread->encoder, now, tracked);
      trk_stream_commit (thread);
      thread->tracked = tracked;
    }
  judge_special (thread);
  set_gates (gate, tracked, now_gate);
  trk_debug_decision (thread, gate->start_routine);
}

/* Who is refused a lane asks again at ever longer distances: what was short may be there again. */
static bool
is_time_to_ask (uint32_t refused)
{
  return (refused & (refused - 1)) == 0 || refused % 1024 == 0;
}

/* Leaves the gates as they were, so that every event of this thread comes by here. */
static void
refuse (TrkThreadGate *gate)
{
  char name[16];

  trk_system_get_thread_name (name);
  gate->ended_tracked =
      trk_control_tracks (gate->id, trk_system_get_tid (), name, gate->start_routine);
}

void
trk_thread_count_lost (TrkThreadGate *gate)
{
  TrkPoolHeader *header = trk_pool_get_header ();

  if (gate->ended_tracked && header)
    __atomic_fetch_add (&header->dropped_events, 1, __ATOMIC_RELAXED);
}

static_assert (sizeof ((TrkThreadGate *) 0)->ended_counts == sizeof ((TrkEarlier *) 0)->counts,
               "a gate knows no format");

/* A lane that another thread had before: its stack ids hold, nothing else does. */
static void
prepare (TrkThread *thread, uint32_t id, int32_t tid)
{
  thread->id = id;
  thread->tid = tid;
  thread->process = trk_process.pid;
  thread->block = NULL;
  thread->lane->thread_id = thread->id;
  thread->lane->tid = thread->tid;
  thread->lane->socket_received_bytes = thread->lane->socket_sent_bytes = 0;
  thread->lane->stacks.committed = 0;
  thread->window.state->committed = 0;
  __atomic_store_n (&thread->lane->state, 1, __ATOMIC_RELEASE);

  memset (&thread->addresses, 0, sizeof thread->addresses);
  trk_replay_clear (&thread->replay, atomic_load (&trk_process.generation));
  memset (&thread->encoder, 0, sizeof thread->encoder);
  thread->event_block_number = thread->stack_block_number = 0;
  thread->n_stacks_in_block = 0;
  thread->stack_cursor = NULL;
  memset (&thread->earlier, 0, sizeof thread->earlier);
  memset (thread->told_of_end, 0, sizeof thread->told_of_end);
  thread->dropped = 0;
  thread->has_own_file = thread->late = thread->tracked = thread->declared = false;
  thread->destructor_rounds = 0;
  thread->skipped = thread->skipped_told = (TrkSkipped) { 0, 0, 0 };
  thread->widths = trk_event_widths_default ();
  thread->stack_depth = trk_process.config.stack_depth;
  thread->sampled = trk_control.is_sampling;
  trk_sampler_init (&thread->sampler, trk_process.config.sampling_rate,
                    trk_process.config.sample_interval_bytes,
                    trk_process.seed ^ (uint64_t) thread->id << 32 ^ thread->encoder.sequence);
  thread->latest_kept = 0;
  thread->is_reallocating = false;
  judge_special (thread);
}

bool
trk_thread_register (TrkThreadGate *gate)
{
  TrkThread *thread;
  uint64_t now = trk_clock_now ();
  int32_t tid;

  if (gate->refused && !is_time_to_ask (++gate->refused))
    return false;
  tid = trk_system_get_tid ();
  if (tid == trk_process.pid)
    gate->id = 0;
  else if (!gate->has_id && !gate->refused)
    gate->id = trk_thread_next_id ();
  thread = trk_pool_acquire ();
  if (!thread)
    {
      if (!gate->refused)
        trk_debug_thread (gate->id, "not recorded, as there is no memory for it");
      gate->refused += gate->refused == 0;
      refuse (gate);
      return false;
    }
  gate->refused = 0;
  prepare (thread, gate->id, tid);
  trk_system_get_thread_name (thread->name);
  /* The trampoline meets a thread at its start; the main one may have run before, or before exec. */
  thread->start_ticks = now;
  thread->earlier.has_parent = gate->has_id;
  thread->earlier.parent_thread_id = gate->parent_id;
  thread->earlier.start_routine = gate->start_routine;
  thread->start_cpu_ns = gate->has_id ? 0 : trk_system_get_thread_cpu_ns ();
  trk_thread_usage_begin (thread, gate->has_id);

  gate->thread = thread;
  gate->socket_bytes = trk_process.config.sockets ? &thread->lane->socket_received_bytes : NULL;
  gate->phase = TRK_PHASE_LIVE;
  gate->session = atomic_load (&trk_process.session);
  if (trk_ring_is_on ())
    trk_ring_begin_counting (thread);
  trk_stream_open (thread, now);
  trk_event_put_thread_start (&thread->encoder, now, gate->parent_id, gate->has_id,
                              gate->start_routine);
  trk_event_put_thread_name (&thread->encoder, now, thread->name, strlen (thread->name));
  trk_stream_commit (thread);
  trk_thread_decide (gate);

  set_thread_key (gate, thread);
  return true;
}

void
trk_thread_refresh_name (TrkThreadGate *gate)
{
  TrkThread *thread = gate->thread;
  char name[16];
  uint64_t now;

  trk_system_get_thread_name (name);
  if (strcmp (name, thread->name) == 0)
    return;
  memcpy (thread->name, name, sizeof name);
  now = trk_clock_now ();
  trk_stream_reserve (thread, now);
  trk_event_put_thread_name (&thread->encoder, now, name, strlen (name));
  trk_stream_commit (thread);
  if (atomic_load (&trk_control.choice)->rule.uses_names)
    trk_thread_decide (gate);
}

static void
give_back (TrkThreadGate *gate)
{
  TrkThread *thread = gate->thread;

  gate->socket_bytes = NULL;
  trk_stream_close (thread, true);
  gate->ended_block_number = thread->event_block_number;
  gate->ended_stack_block_number = thread->stack_block_number;
  gate->ended_sequence = thread->encoder.sequence;
  gate->ended_start_ticks = thread->start_ticks;
  memcpy (gate->ended_counts, thread->earlier.counts, sizeof gate->ended_counts);
  trk_pool_release (thread);

  gate->thread = NULL;
  gate->phase = TRK_PHASE_ENDED;
  gate->declared_gate = TRK_GATE_NEVER;
  gate->tracked_gate = TRK_GATE_NEVER;
  /* Key destructors of the last round may follow ours, and libc frees its own thread structures after
   * all of them. */
  gate->untracked_gate = gate->untracked_free_gate =
      gate->ended_tracked ? TRK_GATE_NEVER : trk_gate_get ();
}

void
trk_thread_mend (TrkThreadGate *gate)
{
  if (gate->place == TRK_HOOK_RECORDING && gate->phase == TRK_PHASE_LIVE)
    {
      gate->reentered++; /* what the hook was recording */
      trk_stream_mend (gate->thread, trk_clock_now ());
    }
  trk_gate_set_place (gate, TRK_HOOK_OUTSIDE);
}

/* Before the exit record: a handler may have ended the thread or the process from inside a hook. */
static uint64_t
get_used_cpu_ns (const TrkThread *thread)
{
  uint64_t now = trk_system_get_thread_cpu_ns ();

  return now == TRK_SYSTEM_NO_TIME || now < thread->start_cpu_ns ? TRK_UNKNOWN_CPU_NS
                                                                 : now - thread->start_cpu_ns;
}

static void
put_exit (TrkThreadGate *gate)
{
  TrkThread *thread = gate->thread;
  TrkExitFigures figures;
  uint64_t now;

  trk_thread_mend (gate);
  trk_gate_set_place (gate, TRK_HOOK_RECORDING);
  trk_thread_refresh_name (gate);
  trk_thread_usage_read (thread, &figures);
  now = trk_clock_now ();
  trk_stream_reserve (thread, now);
  if (gate->reentered)
    trk_stream_put_reentered (thread, gate);
  trk_stream_put_skipped (thread);
  trk_stream_commit (thread);
  trk_stream_reserve (thread, now); /* it is as long as a record may be */
  trk_event_put_thread_exit (&thread->encoder, now, get_used_cpu_ns (thread), &figures);
  trk_stream_commit (thread);
}

void
trk_thread_note_exit (TrkThreadGate *gate)
{
  put_exit (gate);
  gate->place = TRK_HOOK_OUTSIDE;
}

void
trk_thread_end (TrkThreadGate *gate)
{
  put_exit (gate);
  trk_thread_stack_end (gate->thread);
  gate->ended_tracked = gate->thread->tracked;
  give_back (gate);
  gate->place = TRK_HOOK_OUTSIDE;
}

/* @counts: every event of the thread still comes by the cold path, to be counted as dropped. */
static void
forgo (TrkThreadGate *gate, TrkGaveUp what, bool counts)
{
  gate->gave_up = what;
  gate->socket_bytes = NULL;
  gate->phase = TRK_PHASE_ENDED;
  gate->ended_tracked = counts;
  gate->tracked_gate = gate->declared_gate = TRK_GATE_NEVER;
  gate->untracked_gate = gate->untracked_free_gate = counts ? TRK_GATE_NEVER : trk_gate_get ();
}

void
trk_thread_give_up (TrkThreadGate *gate, TrkGaveUp what)
{
  bool tracked = gate->phase == TRK_PHASE_LIVE ? gate->thread->tracked : trk_control_tracks_all ();

  if (gate->gave_up == TRK_GAVE_UP_CALLS)
    return;
  trk_debug_thread (gate->id, what == TRK_GAVE_UP_CALLS
                                  ? "its recording ends, as it will be killed for system calls"
                                  : "its recording ends, as it may not read the clock");
  trk_thread_stack_leave ();
  if (gate->phase == TRK_PHASE_LIVE && trk_gate_get () != 0)
    trk_thread_end (gate);
  forgo (gate, what, what == TRK_GAVE_UP_CALLS && tracked);
}

void
trk_thread_abandon (TrkThreadGate *gate)
{
  forgo (gate, TRK_GAVE_UP_CALLS,
         gate->phase == TRK_PHASE_LIVE ? gate->thread->tracked : trk_control_tracks_all ());
}

TrkThread *
trk_thread_revive (TrkThreadGate *gate)
{
  TrkThread *thread = gate->ended_tracked ? trk_pool_acquire () : NULL;

  if (!thread)
    return NULL;
  prepare (thread, gate->id, trk_system_get_tid ());
  thread->event_block_number = gate->ended_block_number;
  thread->stack_block_number = gate->ended_stack_block_number;
  thread->encoder.sequence = gate->ended_sequence;
  thread->start_ticks = gate->ended_start_ticks;
  thread->earlier.has_parent = gate->has_id;
  thread->earlier.parent_thread_id = gate->parent_id;
  thread->earlier.start_routine = gate->start_routine;
  memcpy (thread->earlier.counts, gate->ended_counts, sizeof gate->ended_counts);
  memcpy (thread->told_of_end, gate->ended_counts, sizeof gate->ended_counts);
  thread->tracked = thread->late = true;
  judge_special (thread);
  gate->thread = thread;
  trk_stream_open (thread, trk_clock_now ());
  return thread;
}

void
trk_thread_end_late (TrkThreadGate *gate)
{
  give_back (gate);
}

bool
trk_thread_is_live (const TrkThreadGate *gate)
{
  return gate->phase == TRK_PHASE_LIVE && gate->session == atomic_load (&trk_process.session);
}

void
trk_thread_restart_ids (void)
{
  atomic_store (&next_id, 1);
}

void
trk_thread_forget_ended (TrkThreadGate *gate)
{
  if (gate->phase == TRK_PHASE_FRESH || gate->session == atomic_load (&trk_process.session))
    return;
  gate->thread = NULL;
  gate->phase = TRK_PHASE_FRESH;
  gate->declared_gate = TRK_GATE_NEVER;
  gate->has_id = gate->id = 0;
  gate->reentered = gate->refused = 0;
}

void
trk_thread_after_fork (TrkThreadGate *gate)
{
  trk_thread_restart_ids ();
  gate->thread = NULL;
  gate->socket_bytes = NULL;
  gate->phase = gate->gave_up ? TRK_PHASE_ENDED : TRK_PHASE_FRESH;
  gate->has_id = 0;
  gate->id = 0;
  gate->declared_gate = TRK_GATE_NEVER;
  gate->reentered = gate->refused = 0;
}
