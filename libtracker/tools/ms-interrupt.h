/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Ctrl-C while a command works: the work is told to stop, tidies up, and the command ends with
 * MS_EXIT_INTERRUPTED.  What does not listen is ended after a second, or by the next Ctrl-C.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Begins to listen, once a process; before any other thread is started.  Not where SIGINT is ignored,
 * as under nohup. */
void ms_interrupt_begin (void);

/* For what can be stopped. (transfer none) (nullable): NULL before ms_interrupt_begin() */
GCancellable *ms_interrupt_get_cancellable (void);

/* @status, or MS_EXIT_INTERRUPTED if somebody wanted the command to end. */
int ms_interrupt_status (int status);

G_END_DECLS
