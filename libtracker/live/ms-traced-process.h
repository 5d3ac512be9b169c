/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which process a trace folder says that it is of, for those who would look for it in /proc.  The number alone
 * names nobody: the folder may come from a container or a sandbox, where a stranger has it here, or from before
 * the machine was started.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  gboolean is_known; /* there is a manifest */
  gboolean
      is_here; /* of this boot and this pid namespace: its number means the same process here */
  gboolean is_session; /* it records itself, into this one folder: no recording is around it */
  gint pid;
  guint64 start_ticks; /* from boot to its start */
} MsTracedProcess;

void ms_traced_process_read (int dir_fd, MsTracedProcess *process);

/* The folder is of the process of this number that began then, and no other. */
gboolean ms_traced_process_is (const MsTracedProcess *process, gint pid, guint64 start_ticks);

/* It is known to have ended: also one that nobody has waited for yet, or whose number another one has by now. */
gboolean ms_traced_process_has_gone (const MsTracedProcess *process);

G_END_DECLS
