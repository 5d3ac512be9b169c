/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The stack that the C library gives to a thread, as a mapping that begins and ends with the thread.
 *
 * glibc maps it inside pthread_create, unseen by any hook, and keeps it afterwards for the next
 * thread; what a program sees of it is one stack a thread.  Its bytes are those that the creator asked
 * for, the guard included (a kept stack may be larger); its call stack is the creator's.  A stack that
 * the program itself gave (pthread_attr_setstack) is whatever the program made it of.
 *
 * In trk-hook-mapping.c; by the thread itself, which is in a hook.
 */
#pragma once

#include "trk-thread.h"

/* @creator_stack: id of the call stack of pthread_create; 0: none. */
void trk_thread_stack_begin (TrkThread *thread, uint64_t n_bytes, uint32_t creator_stack);

/* Nothing if it did not begin. */
void trk_thread_stack_end (TrkThread *thread);

/* The thread goes on unrecorded: its stack stays mapped, for all that will be known. */
void trk_thread_stack_leave (void);
