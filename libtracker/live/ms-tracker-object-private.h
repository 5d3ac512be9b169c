/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A process on the bus, on the inside.
 *
 *   ms-tracker-object.c    its connection, who may call, what is sent
 *   ms-tracker-answers.c   what is answered
 *   ms-tracker-watchers.c  who subscribed, and what they are sent
 */
#pragma once

#include "ms-control-page.h"
#include "ms-live-figures.h"
#include "ms-tracker-files.h"
#include "ms-tracker-object.h"

G_BEGIN_DECLS

#define MS_TRACKER_ERROR "org.memscope.Error."

struct _MsTrackerObject {
  char *folder;
  gint pid;
  int dir_fd;
  char **command; /* valid UTF-8; NULL: not known */
  gint64 start_ns, start_wall_us;
  guint32 stack_depth;
  guint64 ring_bytes;  /* 0: everything is kept */
  gboolean *is_saving; /* a snapshot of it, on a worker that outlives us; g_atomic_rc_box */
  MsTrackerFiles files;
  MsLiveFiguresReader figures;
  GCancellable *cancellable;
  GDBusConnection *bus; /* NULL: on none */
  gulong closed_id;
  guint registration_id;
  gboolean is_joining, is_flushing;
  gboolean owes_flush;     /* the end was said, which a connection that is closed forgets */
  GHashTable *callers;     /* set of unique names of this user's */
  GHashTable *subscribers; /* unique name → MsWatcher */
  GPtrArray *changes;      /* calls that wait for the process to notice */
  guint changes_id;
  MsControl told;      /* what is wanted, as was told last */
  gint64 page_look_us; /* when the page is looked at again */
  GVariant *threads;   /* as they were a moment ago */
  gint64 threads_us;
  gboolean has_ended, is_closed; /* its folder: by whoever closes it */
  gint64 ended_us, closed_us;    /* 0: not */
  gint64 asked_us;               /* when somebody last asked for files; the end at the earliest */
};

/* --- ms-tracker-object.c --- */

void ms_tracker_object_send (MsTrackerObject *self,
                             const char *to,
                             const char *name,
                             GVariant *arguments);

/* --- ms-tracker-snapshot.c --- */

/* Takes @invocation. */
void ms_tracker_object_save (MsTrackerObject *self,
                             GDBusMethodInvocation *invocation,
                             const char *name,
                             gint64 time_ns);

/* --- ms-tracker-answers.c --- */

/* Takes @invocation. */
void ms_tracker_object_fail (GDBusMethodInvocation *invocation, const GError *error);

/* A call by this user; takes @invocation. */
void ms_tracker_object_answer (MsTrackerObject *self, GDBusMethodInvocation *invocation);
/* PropertiesChanged, of what can change. */
void ms_tracker_object_tell_changed (MsTrackerObject *self);
/* Tells what others have said to the process, through its folder. */
void ms_tracker_object_look_at_page (MsTrackerObject *self);
/* Whether the process has noticed what nobody waits for any more. */
void ms_tracker_object_look_at_changes (MsTrackerObject *self);
/* Who waits for the process is told that it will not be told. */
void ms_tracker_object_drop_changes (MsTrackerObject *self);

/* --- ms-tracker-watchers.c --- */

GHashTable *ms_tracker_object_new_watchers (void);
/* Both take @invocation. */
void ms_tracker_object_subscribe (MsTrackerObject *self, GDBusMethodInvocation *invocation);
void ms_tracker_object_unsubscribe (MsTrackerObject *self, GDBusMethodInvocation *invocation);
/* Whether they still read what they are sent.  TRUE: somebody was asked. */
gboolean ms_tracker_object_look_at_watchers (MsTrackerObject *self);
/* Somebody does. */
gboolean ms_tracker_object_is_heard (MsTrackerObject *self);
/* Takes @arguments. */
void ms_tracker_object_send_to_watchers (MsTrackerObject *self,
                                         const char *name,
                                         GVariant *arguments);
/* TRUE: there were some. */
gboolean ms_tracker_object_send_new_files (MsTrackerObject *self);
void ms_tracker_object_forget_callers (MsTrackerObject *self);

G_END_DECLS
