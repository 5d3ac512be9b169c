/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The order of what different threads did to one address, where their stamps have it wrong.
 *
 * At each address allocations and frees alternate, so that one in the wrong place shows:
 *
 *   late free    alloc by 1 … alloc by 2 … free by 1     an allocation at an address that is live
 *   early free   free by 2 … alloc by 1                  a free of what is not live yet
 *
 * The cores' clocks disagree by a little; and a processor may read the clock for a free while it still
 * waits for the pointer that another thread has just stored, so that the stamp comes before that of
 * the allocation.  What looks out of order is put in its place only if the events that follow at the
 * address then alternate: a free that was lost, or that is of a block from before the recording, must
 * not take the block of somebody else.
 *
 * Called by the matcher, rarely: a recording of 10^7 events has a handful.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _MsMatcher MsMatcher;

/* A free that found nothing live when it was due. */
typedef struct {
  guint64 ticks;
  guint64 address;
  guint32 thread;
  guint8 domain, kind;
} MsEarlyFree;

#define MS_EARLY_FREE_BITS 10U

/* In order of time; those before @first are done with. */
typedef struct {
  GArray *frees; /* of MsEarlyFree */
  guint first;
  guint64 until_ticks;                      /* when the first one is given up */
  guint16 counts[1U << MS_EARLY_FREE_BITS]; /* of those waiting, by hash of the address */
} MsEarlyFrees;

void ms_order_init (MsMatcher *self);
void ms_order_clear (MsMatcher *self);

/* Thread number @thread freed @address, which is not live: perhaps it will be in a moment. */
void ms_order_wait (MsMatcher *self, guint32 thread, guint64 address, guint domain, guint kind);

/* Frees that waited until @now_ticks for nothing are unmatched. */
void ms_order_give_up (MsMatcher *self, guint64 now_ticks);
void ms_order_give_up_all (MsMatcher *self);

/* @address is live and is being allocated again by thread number @thread: frees it first. */
void ms_order_make_room (MsMatcher *self, guint32 thread, guint64 address, guint domain);

/* @address was just allocated by thread number @thread: was it freed already?  Not before the matcher is
 * done with the event, whose place in memory may change. */
void ms_order_apply_early (MsMatcher *self, guint32 thread, guint64 address, guint domain);

G_END_DECLS
