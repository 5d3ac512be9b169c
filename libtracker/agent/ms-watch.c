/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-watch.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-exit-status.h"
#include "ms-json-file.h"
#include "ms-launch.h"
#include "ms-manifest.h"
#include "trk-format.h"
#include "trk-process-identity.h"

#define TICK_MS 1000
#define LOOK_MS 100 /* without inotify */
#define MAX_EVENTS 64

struct _MsWatch {
  char *folder;
  MsWatchCameFunc came;
  MsWatchGoneFunc gone;
  MsWatchTickFunc tick;
  gpointer user_data;
  GHashTable *folders; /* set of names that were seen (char *) */
  GHashTable *by_pid;  /* pid → MsWatchedProcess, those that live */
  GPtrArray *unseen;   /* of MsWatchedProcess: no process here is theirs */
  guint64 first_ticks; /* when we began: no descendant is older */
  int epoll_fd, inotify_fd, signal_fd;
  gboolean has_children, is_observer, interrupted;
  pid_t main_pid; /* 0: not started, or collected */
  int main_status;
  gint64 last_tick_us;
};

static void
watched_process_free (MsWatchedProcess *process)
{
  if (process->pidfd >= 0)
    close (process->pidfd);
  g_free (process->folder);
  g_free (process);
}

void
ms_watch_get_signals (sigset_t *signals)
{
  const int numbers[] = { SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 };

  sigemptyset (signals);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaddset (signals, numbers[i]);
}

/* --- processes -------------------------------------------------------------------------------- */

/* Who observes keeps nothing of those that are gone. */
static void
tell_gone (MsWatch *self, const MsWatchedProcess *process)
{
  self->gone (process, self->user_data);
  if (self->is_observer)
    g_hash_table_remove (self->folders, process->folder);
}

/* Takes @process out of the living and tells the caller. */
static void
process_gone (MsWatch *self, MsWatchedProcess *process)
{
  if (process->gone)
    return;
  process->gone = TRUE;
  g_hash_table_steal (self->by_pid, GINT_TO_POINTER (process->pid));
  if (process->folder)
    tell_gone (self, process);
  watched_process_free (process);
}

static void
process_ended (MsWatch *self, MsWatchedProcess *process)
{
  if (!process->has_wait_status)
    process->has_wait_status =
        ms_exit_status_read (process->pidfd, process->pid, &process->wait_status);
  process_gone (self, process);
}

/* "12-gcc.4711" → 4711, or 0 if this is no name of ours. */
static gint
parse_folder_pid (const char *name)
{
  const char *dot = strrchr (name, '.');
  gsize n_digits = strspn (name, "0123456789");
  guint64 pid;

  if (n_digits == 0 || name[n_digits] != '-' || !dot
      || !g_ascii_string_to_unsigned (dot + 1, 10, 1, G_MAXINT32, &pid, NULL))
    return 0;
  return (gint) pid;
}

/* Those whose process ended before we could look, or has this pid in another namespace: the folder
 * itself tells the closer which. */
static void
let_unseen_go (MsWatch *self)
{
  while (self->unseen->len > 0)
    {
      MsWatchedProcess *process = g_ptr_array_steal_index (self->unseen, 0);

      tell_gone (self, process);
      watched_process_free (process);
    }
}

static void
watch_process (MsWatch *self, MsWatchedProcess *process)
{
  struct epoll_event event = { .events = EPOLLIN };

  event.data.u64 = (guint64) process->pid << 32 | (guint32) process->pidfd;
  g_hash_table_insert (self->by_pid, GINT_TO_POINTER (process->pid), process);
  if (process->pidfd >= 0)
    epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, process->pidfd, &event);
}

static JsonObject *
load_manifest (MsWatch *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  int dir_fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  JsonObject *manifest =
      dir_fd >= 0 ? ms_json_file_load (dir_fd, TRK_MANIFEST_FILE_NAME, NULL) : NULL;

  if (dir_fd >= 0)
    close (dir_fd);
  return manifest;
}

/* For who is nobody's parent: what is new, or says itself that it is of this process, is. */
static gboolean
is_named_by (MsWatch *self, const char *name, guint64 start_ticks)
{
  g_autoptr (JsonObject) manifest = load_manifest (self, name);

  return !manifest
         || (guint64) ms_json_get_int (manifest, "process_start_ticks", (gint64) start_ticks)
                == start_ticks;
}

/* Where there is no /proc, who lives under this pid is taken for it. */
static gboolean
is_ours (MsWatch *self, const char *name, gint pid, guint64 *start_ticks)
{
  TrkProcess identity;

  *start_ticks = 0;
  if (trk_process_read (pid, &identity) != 0)
    return trk_process_is_alive (pid, 0);
  *start_ticks = identity.start_ticks;
  return self->is_observer ? is_named_by (self, name, identity.start_ticks)
                           : identity.start_ticks >= self->first_ticks;
}

static void
add_folder (MsWatch *self, const char *name)
{
  gint pid = parse_folder_pid (name);
  MsWatchedProcess *process, *before;

  if (pid == 0 || g_hash_table_contains (self->folders, name))
    return;
  g_hash_table_add (self->folders, g_strdup (name));

  /* One process, one folder at a time: the one before was left by exec (or the pid is reused). */
  before = g_hash_table_lookup (self->by_pid, GINT_TO_POINTER (pid));
  if (before)
    process_gone (self, before);

  process = g_new0 (MsWatchedProcess, 1);
  process->folder = g_strdup (name);
  process->pid = pid;
  process->pidfd = ms_pidfd_open (pid);
  if (is_ours (self, name, pid, &process->start_ticks))
    {
      watch_process (self, process);
      self->came (process, self->user_data);
    }
  else
    {
      g_ptr_array_add (self->unseen, process);
    }
}

/* Nobody is interested in it any more, and who observes has forgotten it. */
static gboolean
is_closed (MsWatch *self, const char *name)
{
  g_autofree char *manifest = g_build_filename (self->folder, name, TRK_MANIFEST_FILE_NAME, NULL);
  g_autofree char *pool = g_build_filename (self->folder, name, TRK_POOL_FILE_NAME, NULL);
  struct stat status;

  return lstat (pool, &status) != 0 && lstat (manifest, &status) == 0;
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint64 left = g_ascii_strtoull (*(const char *const *) a, NULL, 10);
  guint64 right = g_ascii_strtoull (*(const char *const *) b, NULL, 10);

  return left < right ? -1 : left > right;
}

/* In the order in which they were made: a later folder of a process ends an earlier one. */
static void
scan_folder (MsWatch *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (parse_folder_pid (name) != 0 && !(self->is_observer && is_closed (self, name)))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_numbers);
  for (guint i = 0; i < names->len; i++)
    add_folder (self, g_ptr_array_index (names, i));
}

static gboolean
has_preload (gint pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/maps", pid);
  g_autofree char *maps = NULL;

  return g_file_get_contents (path, &maps, NULL, NULL) && strstr (maps, "/" MS_PRELOAD_NAME);
}

void
ms_watch_add_folderless (MsWatch *self, gboolean all)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", getpid ());
  g_autofree char *text = NULL;
  g_auto (GStrv) pids = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL)) /* a kernel without CONFIG_PROC_CHILDREN */
    return;
  pids = g_strsplit (g_strstrip (text), " ", -1);
  for (guint i = 0; pids[i]; i++)
    {
      gint pid = atoi (pids[i]);
      MsWatchedProcess *process;
      TrkProcess identity;

      if (pid <= 0 || g_hash_table_contains (self->by_pid, GINT_TO_POINTER (pid))
          || !(all || has_preload (pid)) || trk_process_read (pid, &identity) != 0)
        continue;
      process = g_new0 (MsWatchedProcess, 1);
      process->pid = pid;
      process->start_ticks = identity.start_ticks;
      process->pidfd = ms_pidfd_open (pid);
      watch_process (self, process);
    }
}

/* Whoever has no pidfd, whatever an event was lost for. */
static void
check_living (MsWatch *self)
{
  g_autoptr (GPtrArray) living = ms_watch_get_living (self);

  for (guint i = 0; i < living->len; i++)
    {
      MsWatchedProcess *process = g_ptr_array_index (living, i);

      if (!trk_process_is_alive (process->pid, process->start_ticks))
        process_ended (self, process);
    }
}

/* --- events ----------------------------------------------------------------------------------- */

static void
read_new_folders (MsWatch *self)
{
  union {
    struct inotify_event event;
    char bytes[16 * 1024];
  } buffer;
  gssize n_bytes;

  while ((n_bytes = read (self->inotify_fd, buffer.bytes, sizeof buffer.bytes)) > 0)
    for (gssize at = 0; at < n_bytes;)
      {
        const struct inotify_event *event = (const struct inotify_event *) (buffer.bytes + at);

        if (event->mask & IN_Q_OVERFLOW)
          scan_folder (self);
        else if (event->len > 0 && (event->mask & IN_ISDIR))
          add_folder (self, event->name);
        at += (gssize) (sizeof *event + event->len);
      }
}

/* Collects our children, adopted ones too, after their folders are known. */
static void
collect_children (MsWatch *self)
{
  while (self->has_children)
    {
      MsWatchedProcess *process;
      int status;
      pid_t pid = waitpid (-1, &status, WNOHANG | __WALL);

      if (pid < 0 && errno == EINTR)
        continue;
      if (pid < 0)
        self->has_children = FALSE;
      if (pid <= 0)
        return;
      process = g_hash_table_lookup (self->by_pid, GINT_TO_POINTER (pid));
      if (process)
        {
          process->has_wait_status = TRUE;
          process->wait_status = status;
          process_gone (self, process);
        }
      if (pid == self->main_pid)
        {
          self->main_status = status;
          self->main_pid = 0;
        }
    }
}

/* The terminal sends its signals to the program as well; what a process sends, it sent to us alone.
 * Once the program has ended, they mean us: no more waiting. */
static void
pass_on_signals (MsWatch *self)
{
  struct signalfd_siginfo info;

  while (read (self->signal_fd, &info, sizeof info) == sizeof info)
    if (info.ssi_signo != SIGCHLD && info.ssi_code <= 0 && self->main_pid > 0
        && (pid_t) info.ssi_pid != self->main_pid)
      kill (self->main_pid, (int) info.ssi_signo);
    else if (info.ssi_signo != SIGCHLD && self->main_pid == 0)
      self->interrupted = TRUE;
}

static void
wait_for_events (MsWatch *self, int timeout_ms)
{
  struct epoll_event events[MAX_EVENTS];
  int n_events = epoll_wait (self->epoll_fd, events, MAX_EVENTS,
                             self->inotify_fd >= 0 ? timeout_ms : MIN (timeout_ms, LOOK_MS));

  pass_on_signals (self);
  if (self->inotify_fd >= 0)
    read_new_folders (self);
  else
    scan_folder (self);
  collect_children (self);
  for (int i = 0; i < n_events; i++)
    {
      gint pid = (gint) (events[i].data.u64 >> 32);
      MsWatchedProcess *process =
          pid ? g_hash_table_lookup (self->by_pid, GINT_TO_POINTER (pid)) : NULL;

      /* The descriptor tells a later process of the same pid apart. */
      if (process && process->pidfd == (gint) (guint32) events[i].data.u64)
        process_ended (self, process);
    }
  if (g_get_monotonic_time () - self->last_tick_us >= TICK_MS * 1000)
    {
      self->last_tick_us = g_get_monotonic_time ();
      check_living (self);
      let_unseen_go (self);
      if (self->tick)
        self->tick (self->user_data);
    }
}

/* Without children there are no descendants: who is still on the list is somebody else's process. */
static gboolean
all_gone (MsWatch *self)
{
  if (self->is_observer)
    return g_hash_table_size (self->by_pid) == 0;
  if (self->has_children)
    return FALSE;
  while (g_hash_table_size (self->by_pid) > 0)
    {
      g_autoptr (GPtrArray) living = ms_watch_get_living (self);

      process_gone (self, g_ptr_array_index (living, 0));
    }
  return TRUE;
}

static void
run (MsWatch *self, MsWatchUntil until, guint grace_ms)
{
  gint64 deadline_us = 0;

  while (!all_gone (self) && !self->interrupted)
    {
      gint64 left_ms = TICK_MS;

      if (until == MS_WATCH_UNTIL_MAIN_ENDED && self->main_pid == 0)
        {
          if (deadline_us == 0)
            deadline_us = g_get_monotonic_time () + (gint64) grace_ms * 1000;
          left_ms = (deadline_us - g_get_monotonic_time ()) / 1000;
          if (left_ms <= 0)
            return;
        }
      wait_for_events (self, (int) left_ms);
    }
}

void
ms_watch_run (MsWatch *self, MsWatchUntil until, guint grace_ms)
{
  run (self, until, grace_ms);
  let_unseen_go (self);
}

int
ms_watch_get_main_status (MsWatch *self)
{
  return self->main_status;
}

gboolean
ms_watch_has_children (MsWatch *self)
{
  return self->has_children;
}

GPtrArray *
ms_watch_get_living (MsWatch *self)
{
  GPtrArray *living = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer process;

  g_hash_table_iter_init (&iter, self->by_pid);
  while (g_hash_table_iter_next (&iter, NULL, &process))
    g_ptr_array_add (living, process);
  return living;
}

/* --- life ------------------------------------------------------------------------------------- */

static gboolean
open_descriptors (MsWatch *self)
{
  struct epoll_event event = { .events = EPOLLIN };
  sigset_t signals;

  ms_watch_get_signals (&signals);
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  self->inotify_fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  self->signal_fd = signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (self->epoll_fd < 0 || self->signal_fd < 0)
    return FALSE;
  /* A user has 128 of them, or there may be none at all: then the folder is looked at instead. */
  if (self->inotify_fd >= 0
      && (inotify_add_watch (self->inotify_fd, self->folder, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR)
              < 0
          || epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, self->inotify_fd, &event) != 0))
    {
      if (errno != ENOSPC && errno != ENOMEM)
        return FALSE;
      close (self->inotify_fd);
      self->inotify_fd = -1;
    }
  return epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, self->signal_fd, &event) == 0;
}

static MsWatch *
watch_new (const char *folder,
           gboolean is_observer,
           MsWatchCameFunc came,
           MsWatchGoneFunc gone,
           MsWatchTickFunc tick,
           gpointer user_data,
           GError **error)
{
  g_autoptr (MsWatch) self = g_new0 (MsWatch, 1);
  TrkProcess own;

  self->folder = g_strdup (folder);
  self->came = came;
  self->gone = gone;
  self->tick = tick;
  self->user_data = user_data;
  self->folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->by_pid = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) watched_process_free);
  self->unseen = g_ptr_array_new_with_free_func ((GDestroyNotify) watched_process_free);
  self->first_ticks = trk_process_read (0, &own) == 0 ? own.start_ticks : 0;
  self->epoll_fd = self->inotify_fd = self->signal_fd = -1;
  self->is_observer = is_observer;
  self->has_children = !is_observer;
  self->last_tick_us = g_get_monotonic_time ();
  if (!open_descriptors (self))
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   "cannot watch the folder %s: %s", folder, g_strerror (errno));
      return NULL;
    }
  scan_folder (self);
  return g_steal_pointer (&self);
}

MsWatch *
ms_watch_new (const char *folder,
              MsWatchCameFunc came,
              MsWatchGoneFunc gone,
              MsWatchTickFunc tick,
              gpointer user_data,
              GError **error)
{
  return watch_new (folder, FALSE, came, gone, tick, user_data, error);
}

MsWatch *
ms_watch_new_observer (const char *folder,
                       MsWatchCameFunc came,
                       MsWatchGoneFunc gone,
                       MsWatchTickFunc tick,
                       gpointer user_data,
                       GError **error)
{
  return watch_new (folder, TRUE, came, gone, tick, user_data, error);
}

gboolean
ms_watch_wait_for_process (MsWatch *self, guint timeout_ms)
{
  gint64 deadline_us = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  gint64 left_ms;

  do
    {
      left_ms = MAX (0, (deadline_us - g_get_monotonic_time ()) / 1000);
      wait_for_events (self, (int) MIN (left_ms, TICK_MS));
    }
  while (g_hash_table_size (self->by_pid) == 0 && left_ms > 0 && !self->interrupted);
  return g_hash_table_size (self->by_pid) > 0;
}

gboolean
ms_watch_is_interrupted (MsWatch *self)
{
  return self->interrupted;
}

void
ms_watch_free (MsWatch *self)
{
  const int fds[] = { self->epoll_fd, self->inotify_fd, self->signal_fd };

  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    if (fds[i] >= 0)
      close (fds[i]);
  g_hash_table_unref (self->folders);
  g_hash_table_unref (self->by_pid);
  g_ptr_array_unref (self->unseen);
  g_free (self->folder);
  g_free (self);
}

void
ms_watch_set_main (MsWatch *self, pid_t pid)
{
  self->main_pid = pid;
}

void
ms_watch_become_observer (MsWatch *self)
{
  self->is_observer = TRUE;
  self->interrupted = FALSE;
  self->has_children = FALSE;
  self->main_pid = 0;
}
