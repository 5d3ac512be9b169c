/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Disjoint ranges of addresses, each with a number.
 *
 *   [0x7000, 0x9000) → 3    [0x9000, 0xa000) → 7    [0x20000, 0x21000) → 3
 *
 * An AVL tree by first address: a removal may shorten a range, cut it in two or take many whole ones,
 * each in the time of a look-up.  A range is never empty and never passes the end of 64 bits.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  GTree *ranges;
} MsIntervalMap;

void ms_interval_map_init (MsIntervalMap *self);
void ms_interval_map_clear (MsIntervalMap *self);

/* Nothing may be in [@start, @end), which is not empty. */
void ms_interval_map_insert (MsIntervalMap *self, guint64 start, guint64 end, guint32 value);

/* Called with each piece that is removed, in order; must not use the map. */
typedef void (*MsIntervalFunc) (guint64 n_bytes, guint32 value, gpointer user_data);

/* Removes what lies in [@start, @end).  Returns how many bytes that was. */
guint64 ms_interval_map_remove (MsIntervalMap *self,
                                guint64 start,
                                guint64 end,
                                MsIntervalFunc removed,
                                gpointer user_data);

/* FALSE if @address is in no range. */
gboolean ms_interval_map_find (const MsIntervalMap *self, guint64 address, guint32 *value);

G_END_DECLS
