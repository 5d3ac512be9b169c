/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which window a thread writes into, and how a full one goes to the agent.
 *
 *             thread: post                     agent (memscope record): block is in its file
 *   OPEN ────────────────────▶ POSTED ────────────────────────────────▶ OPEN, committed = 0
 *
 * Who may touch a window follows from its state alone: an open one is the thread's that holds it, a posted
 * one the agent's.  So a block has one writer, and nobody ever waits: a thread that finds no empty window
 * writes its block by itself and goes on in the same window.  The agent may be stopped or killed at any
 * instruction: what it held stays posted, where readers and closers find it, and is not used again.
 *
 * Windows to go on in, in this order: the other one of the thread's own lane; a spare one, which any
 * thread of the process may take while it is empty.  Spares are made when they are first needed, and
 * are bounded, so that a slow disk costs memory before it costs time.
 *
 * Any thread, no locks, allocates nothing.  System calls only to make spares.
 */
#pragma once

#include "trk-thread.h"

/* Window @index of @lane, wherever it is going to be known by the number @spare. */
TrkWindow trk_window_of_lane (TrkLane *lane, unsigned index, uint32_t spare);

/* A lane that was made a moment ago: its thread-to-be begins in its first window. */
void trk_window_init (TrkThread *self);

/* Claims an empty window to go on in, if there is an agent that will take the present one. */
bool trk_window_claim_next (TrkThread *self);

/* The present window, whose block is finished, goes to the agent, and the claimed one takes its place.
 * @self->block is to be opened anew. */
void trk_window_post (TrkThread *self);

/* trk_window_post() was broken off anywhere in it, or just before: finishes it. */
void trk_window_mend (TrkThread *self);

/* In a forked child: the spares were its parent's. */
void trk_window_reset_spares (void);
