/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope-agent, as whoever watches sees it.  One that was killed leaves a program that goes on, and is in the
 * registry, but that nobody samples, shows on the bus or closes at its end.  So who attaches starts the next one:
 *
 *   a trace folder ─▶ is the lock of its recording free? ─▶ memscope-agent --recording DIR     preloaded
 *                     is that of its pool?               ─▶ memscope-agent --trace DIR         a session of its own
 *
 * That is nobody's child and belongs to no terminal: it stays when we leave.  Of several that are started at once one
 * gets the lock (agent/ms-agent-lock.h), and the others leave.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where it is: in MEMSCOPE_LIBEXEC, beside this executable's build, or where it was installed; NULL: nowhere.
 * (transfer full) */
char *ms_agent_program_find (void);

typedef enum {
  MS_AGENT_IS_THERE,
  MS_AGENT_STARTED, /* and will show itself, or find that another was faster */
  MS_AGENT_NONE     /* and none can be started from here */
} MsAgentFound;

/* @folder: of the trace that the process @pid, which began at @start_ticks, records into just now.  Only ours, of this pid
 * namespace and boot, get an agent.  Reads two small files; never waits. */
MsAgentFound ms_agent_program_ensure (const char *folder, gint pid, guint64 start_ticks);

/* One that only shows the processes of a recording that we write and close, as a child of ours. */
typedef struct {
  GPid pid; /* 0: none */
  guint n_started;
} MsAgentServer;

/* Starts it, and another in the place of one that was killed; at most some twenty, should none live. */
void ms_agent_server_keep (MsAgentServer *self, const char *recording);

G_END_DECLS
