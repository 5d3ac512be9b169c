/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-tracker-service.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "ms-registry.h"
#include "ms-session-bus.h"
#include "ms-traced-process.h"
#include "ms-tracker-object.h"

/* What ends before this is not shown. */
#define SHOW_AFTER_US 100000
#define TICK_MS 100
#define RETRY_US (2 * G_USEC_PER_SEC)
#define REGISTRY_RETRY_US (10 * G_USEC_PER_SEC)
/* At our own end: so long who watches has time to ask for the last files. */
#define LINGER_US 1000000
/* What GDBus takes without asking whether it may. */
#define SPARE_DESCRIPTORS 12

typedef struct {
  char *folder;
  gint pid;
  guint64 start_ticks;
  gint64 enter_us;         /* when to enter it in the registry */
  gint64 join_us;          /* when to look for a bus */
  gboolean is_certain;     /* the folder is this process's */
  gboolean is_stranger;    /* it is that of one with the same number in another pid namespace */
  gboolean is_entered;     /* in the registry */
  MsTrackerObject *object; /* the thread's; NULL: it is not shown on the bus */
  gboolean has_ended;
  int wait_status;
} Tracked;

struct _MsTrackerService {
  GThread *thread;
  GMainContext *context;
  gint is_stopping; /* atomic */
  GMutex mutex;     /* processes, and of each all but its object */
  GPtrArray *processes;
};

static void
leave_registry (Tracked *tracked)
{
  if (tracked->is_entered)
    ms_registry_remove (tracked->pid, tracked->start_ticks);
  tracked->is_entered = FALSE;
}

/* On the thread, or after it. */
static void
tracked_free (Tracked *tracked)
{
  leave_registry (tracked);
  g_clear_pointer (&tracked->object, ms_tracker_object_free);
  g_free (tracked->folder);
  g_free (tracked);
}

/* --- the thread ----------------------------------------------------------------------------------- */

/* GLib ends the process where it gets none. */
static gboolean
has_descriptors (void)
{
  int fds[SPARE_DESCRIPTORS];
  guint n = 0;

  while (n < SPARE_DESCRIPTORS && (fds[n] = open ("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0)
    n++;
  for (guint i = 0; i < n; i++)
    close (fds[i]);
  return n == SPARE_DESCRIPTORS;
}

/* The folder has a number in its name; only what it says in its manifest, as soon as it has one, tells whose. */
static gboolean
is_certain (Tracked *tracked, gint64 now_us)
{
  MsTracedProcess process;
  int dir_fd;

  if (tracked->is_certain || tracked->is_stranger || now_us < tracked->enter_us)
    return tracked->is_certain;
  dir_fd = open (tracked->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (dir_fd < 0)
    return FALSE;
  ms_traced_process_read (dir_fd, &process);
  close (dir_fd);
  tracked->is_certain = ms_traced_process_is (&process, tracked->pid, tracked->start_ticks);
  tracked->is_stranger = process.is_known && !tracked->is_certain;
  return tracked->is_certain;
}

static void
enter (Tracked *tracked, gint64 now_us)
{
  g_autoptr (GError) error = NULL;

  if (tracked->is_entered || now_us < tracked->enter_us)
    return;
  tracked->is_entered =
      ms_registry_add (tracked->pid, tracked->start_ticks, tracked->folder, &error);
  if (!tracked->is_entered)
    {
      g_debug ("%s", error->message);
      tracked->enter_us = now_us + REGISTRY_RETRY_US;
    }
}

static void
join (Tracked *tracked, gint64 now_us, guint *n_shown)
{
  g_autofree char *address = NULL;

  if (now_us < tracked->join_us)
    return;
  tracked->join_us = now_us + RETRY_US;
  address = ms_session_bus_dup_address ();
  if (address == NULL)
    return;
  if (tracked->object == NULL && *n_shown < MS_MAX_TRACKED_PROCESSES && has_descriptors ())
    {
      tracked->object = ms_tracker_object_new (tracked->folder, tracked->pid, tracked->start_ticks);
      *n_shown += tracked->object != NULL;
    }
  if (tracked->object != NULL)
    ms_tracker_object_join (tracked->object, address);
}

/* TRUE: there is nothing more to be shown of it.  Whoever watches one that has ended may read its last files for a
 * while, and none where others wait for the place. */
static gboolean
work_on (Tracked *tracked, gint64 now_us, guint *n_shown)
{
  gboolean is_crowded = *n_shown >= MS_MAX_TRACKED_PROCESSES;

  if (tracked->has_ended)
    {
      leave_registry (tracked);
      if (tracked->object == NULL)
        return TRUE;
      ms_tracker_object_end (tracked->object, tracked->wait_status);
      ms_tracker_object_tick (tracked->object);
      if (!ms_tracker_object_is_over (tracked->object, is_crowded)
          || (!is_crowded && ms_tracker_object_is_being_read (tracked->object)))
        return FALSE;
      (*n_shown)--;
      return TRUE;
    }
  if (!is_certain (tracked, now_us))
    return FALSE;
  enter (tracked, now_us);
  join (tracked, now_us, n_shown);
  if (tracked->object != NULL)
    ms_tracker_object_tick (tracked->object);
  return FALSE;
}

/* Those that have ended as well: each has descriptors and a connection. */
static guint
count_shown (MsTrackerService *self)
{
  guint n_shown = 0;

  for (guint i = 0; i < self->processes->len; i++)
    n_shown += ((Tracked *) g_ptr_array_index (self->processes, i))->object != NULL;
  return n_shown;
}

static gboolean
tick_cb (gpointer user_data)
{
  MsTrackerService *self = user_data;
  gint64 now_us = g_get_monotonic_time ();
  guint n_shown;

  g_mutex_lock (&self->mutex);
  n_shown = count_shown (self);
  for (guint i = 0; i < self->processes->len;)
    if (work_on (g_ptr_array_index (self->processes, i), now_us, &n_shown))
      g_ptr_array_remove_index (self->processes, i);
    else
      i++;
  g_mutex_unlock (&self->mutex);
  return G_SOURCE_CONTINUE;
}

/* Whether somebody who watches may still want to be told, or has not been told yet. */
static gboolean
is_watched (MsTrackerService *self)
{
  for (guint i = 0; i < self->processes->len; i++)
    {
      Tracked *tracked = g_ptr_array_index (self->processes, i);

      if (tracked->object != NULL
          && (!ms_tracker_object_is_idle (tracked->object)
              || (tracked->has_ended && ms_tracker_object_is_being_read (tracked->object))))
        return TRUE;
    }
  return FALSE;
}

static void
linger (MsTrackerService *self)
{
  gint64 until_us = g_get_monotonic_time () + LINGER_US;

  tick_cb (self);
  while (is_watched (self) && g_get_monotonic_time () < until_us)
    g_main_context_iteration (self->context, TRUE);
}

static gpointer
run (gpointer data)
{
  MsTrackerService *self = data;
  GSource *tick;
  sigset_t all;

  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, NULL);
  g_main_context_push_thread_default (self->context);
  tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (tick, tick_cb, self, NULL);
  g_source_attach (tick, self->context);
  while (!g_atomic_int_get (&self->is_stopping))
    g_main_context_iteration (self->context, TRUE);
  linger (self);
  g_source_destroy (tick);
  g_source_unref (tick);
  g_clear_pointer (&self->processes, g_ptr_array_unref);
  /* What was cancelled says so to nobody. */
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/* --- from outside --------------------------------------------------------------------------------- */

MsTrackerService *
ms_tracker_service_new (void)
{
  MsTrackerService *self = g_new0 (MsTrackerService, 1);

  g_mutex_init (&self->mutex);
  self->processes = g_ptr_array_new_with_free_func ((GDestroyNotify) tracked_free);
  if (!has_descriptors ())
    return self;
  self->context = g_main_context_new ();
  self->thread = g_thread_new ("tracker", run, self);
  return self;
}

void
ms_tracker_service_free (MsTrackerService *self)
{
  if (self->thread != NULL)
    {
      g_atomic_int_set (&self->is_stopping, TRUE);
      g_main_context_wakeup (self->context);
      g_thread_join (self->thread);
      g_main_context_unref (self->context);
    }
  g_clear_pointer (&self->processes, g_ptr_array_unref);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

void
ms_tracker_service_add (MsTrackerService *self, const char *folder, gint pid, guint64 start_ticks)
{
  Tracked *tracked;

  if (self->thread == NULL || pid <= 0 || start_ticks == 0 || !g_path_is_absolute (folder))
    return;
  tracked = g_new0 (Tracked, 1);
  tracked->folder = g_strdup (folder);
  tracked->pid = pid;
  tracked->start_ticks = start_ticks;
  tracked->enter_us = tracked->join_us = g_get_monotonic_time () + SHOW_AFTER_US;
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->processes, tracked);
  g_mutex_unlock (&self->mutex);
}

/* One that was never shown is forgotten here and now: a build has thousands of them. */
void
ms_tracker_service_remove (MsTrackerService *self, const char *folder, int wait_status)
{
  g_mutex_lock (&self->mutex);
  for (guint i = self->processes->len; i > 0; i--)
    {
      Tracked *tracked = g_ptr_array_index (self->processes, i - 1);

      if (tracked->has_ended || !g_str_equal (tracked->folder, folder))
        continue;
      tracked->has_ended = TRUE;
      tracked->wait_status = wait_status;
      if (tracked->object == NULL)
        g_ptr_array_remove_index (self->processes, i - 1);
      break;
    }
  g_mutex_unlock (&self->mutex);
}
