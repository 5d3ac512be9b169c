/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The sessions of <memscope/tracker.h>: a recording by the explicit API with a beginning, an end and an
 * agent.  Under the preload the recording is there already, and a session changes nothing.
 *
 * The objects lie in pages of their own, as this library has no malloc.
 */
#include <memscope/tracker.h>

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "trk-agent.h"
#include "trk-clock.h"
#include "trk-config.h"
#include "trk-gate.h"
#include "trk-process.h"
#include "trk-start.h"
#include "trk-stream.h"
#include "trk-system.h"
#include "trk-thread.h"

#define DEFAULT_RATE 10U
#define MAX_RATE 100U

struct _MemscopeResourceCollector {
  uint32_t samples_per_second;
};

struct _MemscopeProfilingSession {
  uint32_t samples_per_second; /* 0: none */
  bool has_sampling;
  MemscopeSamplingConfig sampling;
  bool is_running, is_guest; /* guest: of the recording of somebody else */
  int32_t pid;               /* that it runs in */
  char output_dir[TRK_PATH_BYTES];
};

static _Atomic int32_t changing; /* the pid of who starts or stops one */
static MemscopeProfilingSession *running;

/* --- one at a time ---------------------------------------------------------------------------- */

/* In a forked child there may be the mark of a thread that it does not have. */
static void
begin_change (void)
{
  int32_t holder = atomic_load (&changing), pid = trk_system_get_pid ();

  while (holder == pid || !atomic_compare_exchange_strong (&changing, &holder, pid))
    {
      trk_system_yield ();
      holder = atomic_load (&changing);
    }
}

static void
end_change (void)
{
  atomic_store (&changing, 0);
}

static bool
is_running_here (const MemscopeProfilingSession *session)
{
  return session && session->is_running && session->pid == trk_system_get_pid ();
}

/* --- objects ---------------------------------------------------------------------------------- */

MemscopeResourceCollector *
memscope_resource_collector_new (uint32_t samples_per_second)
{
  MemscopeResourceCollector *self;

  if (samples_per_second > MAX_RATE)
    {
      trk_process_set_reason ("samples per second:", "from 1 to 100");
      return NULL;
    }
  self = trk_system_map_anonymous (sizeof *self);
  if (self)
    self->samples_per_second = samples_per_second ? samples_per_second : DEFAULT_RATE;
  else
    trk_process_set_reason ("no memory for", "a resource collector");
  return self;
}

void
memscope_resource_collector_free (MemscopeResourceCollector *collector)
{
  if (collector)
    trk_system_unmap (collector, sizeof *collector);
}

MemscopeProfilingSession *
memscope_profiling_session_new (const char *output_dir, const MemscopeResourceCollector *collector)
{
  MemscopeProfilingSession *self;

  if (!output_dir || !*output_dir || strlen (output_dir) >= sizeof self->output_dir)
    {
      trk_process_set_reason ("the session's folder:", output_dir && *output_dir
                                                           ? "its path is too long"
                                                           : "none was given");
      return NULL;
    }
  self = trk_system_map_anonymous (sizeof *self);
  if (!self)
    {
      trk_process_set_reason ("no memory for", "a profiling session");
      return NULL;
    }
  self->samples_per_second = collector ? collector->samples_per_second : 0;
  memcpy (self->output_dir, output_dir, strlen (output_dir) + 1);
  return self;
}

int
memscope_profiling_session_set_sampling (MemscopeProfilingSession *session,
                                         const MemscopeSamplingConfig *config)
{
  TrkConfig checked;
  int result;

  if (!session)
    return MEMSCOPE_ERROR_ARGUMENT;
  result = trk_config_from_sampling (&checked, config);
  if (result != MEMSCOPE_OK)
    {
      trk_process_set_reason ("the session's sampling:", memscope_strerror (result));
      return result;
    }
  session->has_sampling = config != NULL;
  if (config)
    memcpy (&session->sampling, config, sizeof session->sampling);
  return MEMSCOPE_OK;
}

/* --- start and stop --------------------------------------------------------------------------- */

/* The caller stands in the trace from the start, tracked or not: a session that declares nothing is one all the
 * same, with its resources. */
static void
note_caller (void)
{
  TrkThreadGate *gate = &trk_thread_gate;

  if (!trk_process_enter ())
    return;
  trk_thread_forget_ended (gate);
  if (gate->phase == TRK_PHASE_FRESH && trk_thread_register (gate))
    {
      uint64_t now = trk_clock_now ();

      /* It has only made itself known. */
      trk_stream_reserve (gate->thread, now);
      trk_event_put_tracking (&gate->thread->encoder, now, false);
      trk_stream_commit (gate->thread);
    }
  trk_process_leave ();
}

static int
begin_own (MemscopeProfilingSession *session)
{
  int result;

  if (session->samples_per_second > 0 && !trk_agent_is_installed ())
    return MEMSCOPE_ERROR_PROGRAM;
  result =
      trk_start_process (session->output_dir, session->has_sampling ? &session->sampling : NULL);
  if (result == MEMSCOPE_ERROR_OTHER_OUTPUT)
    trk_process_set_reason ("this program records without a session into", trk_process.folder);
  if (result != MEMSCOPE_OK)
    return result;
  note_caller ();
  if (trk_agent_start_for_trace (session->samples_per_second) || session->samples_per_second == 0)
    return MEMSCOPE_OK;
  (void) trk_process_stop ();
  return MEMSCOPE_ERROR_PROGRAM;
}

/* The recording is that of the preload, which may have nobody who samples. */
static int
join (MemscopeProfilingSession *session)
{
  return session->samples_per_second == 0
                 || trk_agent_start_for_recording (session->samples_per_second)
             ? MEMSCOPE_OK
             : MEMSCOPE_ERROR_PROGRAM;
}

static int
start (MemscopeProfilingSession *session)
{
  int result;

  if (is_running_here (running))
    {
      trk_process_set_reason ("a session records already into", running->output_dir);
      return MEMSCOPE_ERROR_RUNNING;
    }
  session->is_guest = atomic_load (&trk_process.phase) == TRK_STATE_RECORDING
                      && trk_process.config.preload && trk_process.pid == trk_system_get_pid ();
  result = session->is_guest ? join (session) : begin_own (session);
  session->is_running = result == MEMSCOPE_OK;
  session->pid = trk_system_get_pid ();
  running = session->is_running ? session : NULL;
  return result;
}

static int
stop (MemscopeProfilingSession *session)
{
  if (!is_running_here (session))
    {
      trk_process_set_reason ("this session does not run:", session->output_dir);
      return MEMSCOPE_ERROR_NOT_RUNNING;
    }
  session->is_running = false;
  running = NULL;
  if (session->is_guest || trk_process_stop ())
    return MEMSCOPE_OK;
  return MEMSCOPE_ERROR_UNSUPPORTED;
}

static int
forget (MemscopeProfilingSession *session)
{
  if (running == session)
    running = NULL;
  return MEMSCOPE_OK;
}

/* All change what hooks look at.  A signal handler that comes amidst one finds its thread inside of the tracker, and
 * is refused: it would wait for itself. */
static int
change (MemscopeProfilingSession *session, int (*how) (MemscopeProfilingSession *))
{
  TrkThreadGate *gate = &trk_thread_gate;
  int saved_errno = errno, result;

  if (!session)
    return MEMSCOPE_ERROR_ARGUMENT;
  if (gate->place != TRK_HOOK_OUTSIDE)
    return MEMSCOPE_ERROR_UNSUPPORTED; /* from a signal handler inside the tracker */
  trk_gate_set_place (gate, TRK_HOOK_RECORDING);
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  begin_change ();
  result = how (session);
  end_change ();
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  trk_gate_set_place (gate, TRK_HOOK_OUTSIDE);
  errno = saved_errno;
  return result;
}

int
memscope_profiling_session_start (MemscopeProfilingSession *session)
{
  return change (session, start);
}

int
memscope_profiling_session_stop (MemscopeProfilingSession *session)
{
  return change (session, stop);
}

void
memscope_profiling_session_free (MemscopeProfilingSession *session)
{
  if (!session)
    return;
  if (is_running_here (session))
    (void) memscope_profiling_session_stop (session);
  /* In a signal handler that came amidst a change somebody may be at it: a page stays. */
  if (change (session, forget) == MEMSCOPE_OK)
    trk_system_unmap (session, sizeof *session);
}
