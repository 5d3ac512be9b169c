/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A client on the inside.
 *
 *   ms-tracker-client.c          the object: what it knows, and the end of the program
 *   ms-tracker-client-connect.c  the bus, the agent on it, the files: how it comes to know it
 *   ms-tracker-client-change.c   saying what is to be recorded
 */
#pragma once

#include "ms-live-figures.h"
#include "ms-trace-mirror.h"
#include "ms-tracker-client.h"
#include "ms-tracker-properties.h"
#include "ms-tracker1-generated.h"

G_BEGIN_DECLS

typedef struct _Step MsTrackerClientStep;

struct _MsTrackerClient {
  GObject parent_instance;
  guint pid;
  guint64 start_ticks; /* 0: its process is not to be seen from here */
  char *program, *command, *rule;
  char *folder;           /* what may be followed */
  gboolean is_own_folder; /* the trace's own, not a mirror */
  int dir_fd;             /* of the trace's own; −1: none */
  MsTraceMirror *mirror;  /* NULL: the trace's own is there */
  GPtrArray *wanted;      /* names of files for it (char *) */
  guint n_asked;          /* of the first of which an answer is awaited: is_asking */
  gboolean is_asking;
  GDBusConnection *bus; /* NULL: there is none */
  MsBusTracker1 *agent; /* NULL: there is no bus */
  gulong closed_id;
  gboolean is_joining;
  gboolean is_asking_properties, asks_properties_again;
  gboolean is_subscribing, is_subscribed;
  gboolean was_refused;       /* as many watch it as may: files may have come since */
  MsTrackerClientStep *first; /* NULL: whoever connects has been answered */
  guint late_id;              /* when that is to be, whoever has not answered */
  gint64 trace_start_us;      /* of the trace, as its agent has it; 0: none has said it */
  GCancellable *cancellable;
  gboolean is_on_bus, is_recording, is_pending, is_suspended, has_ended;
  double sampling_rate;
  guint64 sample_interval_bytes;
  gint exit_status;
  const char *end_state; /* "exited" or "killed", as its agent said; NULL: it did not */
  guint tick_id, n_ticks;
  guint n_agents_started; /* since one was there */
  gint64 next_agent_us;   /* not before is another one started */
  gboolean is_ending;     /* the agent said so: it is closing the folder */
  gint64 ending_since_us;
  MsLiveFiguresReader figures; /* without an agent we look for ourselves */
};

/* --- ms-tracker-client.c --- */

void ms_tracker_client_take (MsTrackerClient *self, const MsTrackerProperties *properties);
void ms_tracker_client_set_on_bus (MsTrackerClient *self, gboolean is_on_bus);
void ms_tracker_client_emit_sample (MsTrackerClient *self, const MsLiveFigures *figures);
void ms_tracker_client_emit_changed (MsTrackerClient *self, gboolean files);
/* The process has ended: when its folder is closed, everybody is told. */
void ms_tracker_client_begin_ending (MsTrackerClient *self, gint exit_status);
void ms_tracker_client_start_ticks (MsTrackerClient *self);
/* Reads what is in force from the control page, without an agent. */
void ms_tracker_client_look (MsTrackerClient *self);
/* Starts the next agent, where the one before was killed and its folder is the trace's own. */
void ms_tracker_client_ensure_agent (MsTrackerClient *self);

/* --- ms-tracker-client-connect.c --- */

void ms_tracker_client_leave_bus (MsTrackerClient *self);
/* For the next of the mirror's files that are wanted, if nothing is asked just now. */
void ms_tracker_client_ask_files (MsTrackerClient *self);
/* Now and then: joins the bus if we are on none, asks an agent that has not answered, and subscribes where that was
 * refused. */
void ms_tracker_client_rejoin_bus (MsTrackerClient *self);

G_END_DECLS
