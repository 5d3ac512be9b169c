/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sees the processes of a recording come and go.
 *
 *   a folder appears in DIR (inotify)  ─▶  its process is watched (pidfd)
 *   the process ends, or execs         ─▶  the caller is told, once: the folder can be closed
 *   a signal for us (signalfd)         ─▶  to the main program, or ignored
 *
 * Everything happens in one thread, in ms_watch_run().  Each process costs one descriptor while it
 * lives; where there is none left, or no pidfd, it is looked at once a second instead.
 */
#pragma once

#include <glib.h>
#include <signal.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef struct {
  char *folder; /* base name, "<n>-<program>.<pid>"; NULL: it has none yet */
  gint pid;
  guint64 start_ticks; /* of the process that we watch; 0: none was there when we looked */
  gboolean has_wait_status;
  int wait_status;
  /*< private >*/
  int pidfd;
  gboolean gone;
} MsWatchedProcess;

typedef struct _MsWatch MsWatch;

/* @process, which has a folder, ended, or was replaced by another program that has its own folder. */
typedef void (*MsWatchGoneFunc) (const MsWatchedProcess *process, gpointer user_data);
/* @process, which runs, has a folder now. */
typedef void (*MsWatchCameFunc) (const MsWatchedProcess *process, gpointer user_data);
/* About once a second while something is going on. */
typedef void (*MsWatchTickFunc) (gpointer user_data);

typedef enum { MS_WATCH_UNTIL_MAIN_ENDED, MS_WATCH_UNTIL_ALL_GONE } MsWatchUntil;

/* The signals that must be blocked while a watch exists. */
void ms_watch_get_signals (sigset_t *signals);

/* Watches @folder, which must exist. (transfer full) */
MsWatch *ms_watch_new (const char *folder,
                       MsWatchCameFunc came,
                       MsWatchGoneFunc gone,
                       MsWatchTickFunc tick,
                       gpointer user_data,
                       GError **error);
/* For who started none of the processes, and is told of those that run already; what has ended is forgotten.
 * (transfer full) */
MsWatch *ms_watch_new_observer (const char *folder,
                                MsWatchCameFunc came,
                                MsWatchGoneFunc gone,
                                MsWatchTickFunc tick,
                                gpointer user_data,
                                GError **error);
void ms_watch_free (MsWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsWatch, ms_watch_free)

/* Our child: the one whose end ends the recording and to whom signals go. */
void ms_watch_set_main (MsWatch *self, pid_t pid);

/* Blocks until it is so, or until a signal for us comes after the main program's end.  @grace_ms: UNTIL_MAIN_ENDED returns this much later at most, if other
 * processes still run that may be about to end. */
void ms_watch_run (MsWatch *self, MsWatchUntil until, guint grace_ms);

/* Until a process is there, for so long at most; and whether one is.  Reads at least what has happened. */
gboolean ms_watch_wait_for_process (MsWatch *self, guint timeout_ms);

/* A signal for us came. */
gboolean ms_watch_is_interrupted (MsWatch *self);

/* As waitpid (2) had it, once it ended. */
int ms_watch_get_main_status (MsWatch *self);

/* Adds those of our children, adopted ones too, that are recorded but have made no folder: a forked
 * child does so at its first event.  @all: the others too, because they may have descendants that
 * are recorded. */
void ms_watch_add_folderless (MsWatch *self, gboolean all);

/* Those that still run. (transfer container) (element-type MsWatchedProcess) */
GPtrArray *ms_watch_get_living (MsWatch *self);

/* FALSE once no descendant can be left: every orphan would have come to us. */
gboolean ms_watch_has_children (MsWatch *self);

/* In a forked child that goes on watching: it has no children to wait for and is sent no signals to
 * pass on. */
void ms_watch_become_observer (MsWatch *self);

G_END_DECLS
