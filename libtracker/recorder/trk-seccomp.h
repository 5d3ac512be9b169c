/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program that forbids itself system calls must not be killed for ours.
 *
 *   seccomp (filter) ─▶ the filter is run here over every call that the recorder makes
 *                          all allowed, or refused with an error    recording goes on
 *                          any that kills, traps or asks somebody   recording ends, before the filter
 *
 * A filter is a classic BPF program over the call's number and arguments: pointers are all that it
 * cannot know, and it cannot look behind them.  No allocation, no locks, signal-safe.
 */
#pragma once

#include <stdbool.h>

/* @program: a struct sock_fprog as it is given to seccomp (2); what cannot be read, or is no program,
 * the system will refuse, and so it spares us. */
bool trk_seccomp_spares_recorder (const void *program);

/* The one call that recording goes on without: what trk-thread-usage.h reads then is less. */
bool trk_seccomp_spares_usage (const void *program);
