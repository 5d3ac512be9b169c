/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The small plots at the side of the page Memory, each with its table: sizes of what was allocated, how
 * long it lived, and which thread freed whose memory.
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"

G_BEGIN_DECLS

#define MS_TYPE_MEMORY_CARDS (ms_memory_cards_get_type ())
G_DECLARE_FINAL_TYPE (MsMemoryCards, ms_memory_cards, MS, MEMORY_CARDS, AdwBin)

GtkWidget *ms_memory_cards_new (void);

/* What @lens looks at now, once a worker has it; NULL: nothing.  The latest wins. */
void ms_memory_cards_show (MsMemoryCards *self, MsLens *lens);

G_END_DECLS
