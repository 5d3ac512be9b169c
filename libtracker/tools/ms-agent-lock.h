/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One agent a recording: whoever is it has the control page's file locked (flock).  The lock goes with its
 * process, however that ends; a process that begins with MEMSCOPE_LIVE looks at it (recorder/trk-agent.c).
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
