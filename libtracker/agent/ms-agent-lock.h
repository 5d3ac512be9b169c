/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One agent a recording: whoever is it has the control page's file locked, and that of a single trace its pool.
 * The lock is one of the open file (F_OFD_SETLK): it goes with its process, however that ends, and a process that
 * begins with MEMSCOPE_LIVE can ask whether there is one (recorder/trk-agent.c) without taking it for a moment, in
 * which an agent that begins would find it taken and leave.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A descriptor that holds the lock of @recording, or −1: another has it (EWOULDBLOCK), or it cannot be had. */
int ms_agent_lock_take (const char *recording);
void ms_agent_lock_clear (int *fd);

/* Takes again what unlock gave up.  FALSE: somebody else has it. */
gboolean ms_agent_lock_retake (int fd);
void ms_agent_lock_give_up (int fd);

G_END_DECLS
