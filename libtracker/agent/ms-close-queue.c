/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-close-queue.h"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORKER_NICENESS 10
#define LARGE_BYTES 65536

struct _MsCloseQueue {
  GThread *worker; /* NULL: none runs */
  GAsyncQueue *waiting, *finished;
};

/* What was needed to read one trace goes back to the system before the next is read: the allocator would keep as
 * much as the largest needed, twice over, once in each thread's arena. */
static void
return_memory_soon (void)
{
#ifdef __GLIBC__
  mallopt (M_MMAP_THRESHOLD, LARGE_BYTES);
  mallopt (M_TRIM_THRESHOLD, LARGE_BYTES);
#endif
}

/* Pushed to end the worker: a queue holds no NULL. */
static MsCloseJob last_job;

void
ms_close_job_free (MsCloseJob *job)
{
  g_clear_pointer (&job->summary, ms_trace_summary_free);
  g_clear_error (&job->error);
  g_free (job->folder);
  g_free (job);
}

static gpointer
work (gpointer data)
{
  MsCloseQueue *self = data;
  MsCloseJob *job;

  /* Linux gives each thread a niceness of its own. */
  setpriority (PRIO_PROCESS, (id_t) syscall (SYS_gettid), WORKER_NICENESS);
  while ((job = g_async_queue_pop (self->waiting)) != &last_job)
    {
      job->summary = ms_closer_close (job->folder, &job->end, &job->error);
      g_async_queue_push (self->finished, job);
    }
  return NULL;
}

MsCloseQueue *
ms_close_queue_new (void)
{
  MsCloseQueue *self = g_new0 (MsCloseQueue, 1);

  return_memory_soon ();
  self->waiting = g_async_queue_new ();
  self->finished = g_async_queue_new_full ((GDestroyNotify) ms_close_job_free);
  return self;
}

void
ms_close_queue_free (MsCloseQueue *self)
{
  ms_close_queue_finish (self);
  g_async_queue_unref (self->waiting);
  g_async_queue_unref (self->finished);
  g_free (self);
}

void
ms_close_queue_push (MsCloseQueue *self, const char *folder, const MsProcessEnd *end)
{
  MsCloseJob *job = g_new0 (MsCloseJob, 1);

  job->folder = g_strdup (folder);
  job->end = *end;
  g_async_queue_push (self->waiting, job);
  if (!self->worker)
    self->worker = g_thread_new ("closer", work, self);
}

MsCloseJob *
ms_close_queue_pop (MsCloseQueue *self)
{
  return g_async_queue_try_pop (self->finished);
}

void
ms_close_queue_finish (MsCloseQueue *self)
{
  if (!self->worker)
    return;
  g_async_queue_push (self->waiting, &last_job);
  g_thread_join (g_steal_pointer (&self->worker));
}
