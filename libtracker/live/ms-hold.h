/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Holding the first program of a recording before its main, until a window shows it: `memscope record --open`
 * begins the hold before it starts the program, the window ends it.  The recorder waits no longer than
 * TRK_LONGEST_HOLD_NS in any case (trk-hold.h).
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @recording: a folder that has its control page, and no process yet. */
void ms_hold_begin (const char *recording);

/* The program may go on.  Nothing happens where nothing is held. */
void ms_hold_end (const char *recording);

G_END_DECLS
