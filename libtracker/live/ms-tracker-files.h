/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an agent shows of a trace folder to a client: names and descriptors of its files, and its threads.  The
 * folder may hold anything: only regular files of this user's under a trace's names are opened, for reading,
 * and of a link only one that leads to a pool.
 */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* As many in one message: more than 253 descriptors are not sent by anybody. */
/* In an answer: with more descriptors in a message a dbus-daemon that is configured by nobody, which takes 16, ends the
 * connection. */
#define MS_TRACKER_FILES_AT_ONCE 16
/* Of files, in a signal. */
#define MS_TRACKER_NAMES_AT_ONCE 64

/* A folder through a mount that nobody can write to. */
typedef struct {
  int fd; /* −1: none, or not yet */
  gboolean is_tried;
} MsTrackerView;

typedef struct {
  int dir_fd;        /* borrowed */
  GHashTable *files; /* name → number of the file, which tells one that took another's place */
  gint64 changed_s, changed_ns;  /* of the folder, when it was looked at */
  MsTrackerView view, pool_view; /* what others' descriptors are opened through */
} MsTrackerFiles;

void ms_tracker_files_init (MsTrackerFiles *self, int dir_fd);
void ms_tracker_files_clear (MsTrackerFiles *self);

/* Names that are new, or of other files, since the call before. (transfer full) */
GPtrArray *ms_tracker_files_look (MsTrackerFiles *self);

/* a(sh) of those of @names that can be opened, at most MS_TRACKER_FILES_AT_ONCE, floating.  NULL: there is no
 * descriptor left for them just now. */
GVariant *ms_tracker_files_open (MsTrackerFiles *self,
                                 const char *const *names,
                                 GUnixFDList *descriptors);

/* a(uisb) of the threads of @pid that live, floating. */
GVariant *ms_tracker_files_list_threads (MsTrackerFiles *self, gint pid);

/* As the process itself left it, as the signal Ended has it: "exited", which alone sets @exit_status, "replaced" or
 * "stopped".  NULL: it did not come to leave anything. */
const char *ms_tracker_files_read_end (MsTrackerFiles *self, gint *exit_status);

/* There is no pool any more. */
gboolean ms_tracker_files_is_closed (MsTrackerFiles *self);

G_END_DECLS
