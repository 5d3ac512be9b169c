/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-tracker-service.h"

#include <signal.h>

#include "ms-registry.h"

/* What ends before this is not shown. */
#define SHOW_AFTER_US 100000

typedef struct {
  char *folder;
  gint pid;
  guint64 start_ticks;
  gint64 due_us;
  gboolean is_entered; /* in the registry */
} Tracked;

struct _MsTrackerService {
  GThread *thread;
  GMutex mutex; /* all below */
  GCond changed;
  gboolean is_stopping;
  GPtrArray *processes; /* of Tracked */
};

static void
tracked_free (Tracked *tracked)
{
  if (tracked->is_entered)
    ms_registry_remove (tracked->pid, tracked->start_ticks);
  g_free (tracked->folder);
  g_free (tracked);
}

/* Returns when the next one is due; G_MAXINT64: none is. */
static gint64
enter_due (MsTrackerService *self)
{
  gint64 now_us = g_get_monotonic_time (), next_us = G_MAXINT64;

  for (guint i = 0; i < self->processes->len; i++)
    {
      Tracked *tracked = g_ptr_array_index (self->processes, i);
      g_autoptr (GError) error = NULL;

      if (tracked->is_entered)
        continue;
      if (tracked->due_us > now_us)
        next_us = MIN (next_us, tracked->due_us);
      else if (ms_registry_add (tracked->pid, tracked->start_ticks, tracked->folder, &error))
        tracked->is_entered = TRUE;
      else
        {
          g_debug ("%s", error->message);
          tracked->due_us = now_us + 10 * G_USEC_PER_SEC;
          next_us = MIN (next_us, tracked->due_us);
        }
    }
  return next_us;
}

static gpointer
run (gpointer data)
{
  MsTrackerService *self = data;
  sigset_t all;

  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, NULL);
  g_mutex_lock (&self->mutex);
  while (!self->is_stopping)
    {
      gint64 next_us = enter_due (self);

      if (next_us == G_MAXINT64)
        g_cond_wait (&self->changed, &self->mutex);
      else
        g_cond_wait_until (&self->changed, &self->mutex, next_us);
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

MsTrackerService *
ms_tracker_service_new (void)
{
  MsTrackerService *self = g_new0 (MsTrackerService, 1);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  self->processes = g_ptr_array_new_with_free_func ((GDestroyNotify) tracked_free);
  self->thread = g_thread_new ("tracker", run, self);
  return self;
}

void
ms_tracker_service_free (MsTrackerService *self)
{
  g_mutex_lock (&self->mutex);
  self->is_stopping = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
  g_thread_join (self->thread);
  g_ptr_array_unref (self->processes);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self);
}

void
ms_tracker_service_add (MsTrackerService *self, const char *folder, gint pid, guint64 start_ticks)
{
  Tracked *tracked;

  if (pid <= 0 || start_ticks == 0 || !g_path_is_absolute (folder))
    return;
  tracked = g_new0 (Tracked, 1);
  tracked->folder = g_strdup (folder);
  tracked->pid = pid;
  tracked->start_ticks = start_ticks;
  tracked->due_us = g_get_monotonic_time () + SHOW_AFTER_US;
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->processes, tracked);
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
}

void
ms_tracker_service_remove (MsTrackerService *self, const char *folder, int wait_status)
{
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->processes->len; i++)
    {
      Tracked *tracked = g_ptr_array_index (self->processes, i);

      if (g_str_equal (tracked->folder, folder))
        {
          g_ptr_array_remove_index_fast (self->processes, i);
          break;
        }
    }
  g_mutex_unlock (&self->mutex);
}
