/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The row of cards at the top of the page System:
 *
 *   Processor   Memory   I/O   GPU   Health   Threads      of the focused thread where one has such a figure
 */
#pragma once

#include <adwaita.h>
#include "ms-system-source.h"

G_BEGIN_DECLS

#define MS_TYPE_SYSTEM_CARDS (ms_system_cards_get_type ())
G_DECLARE_FINAL_TYPE (MsSystemCards, ms_system_cards, MS, SYSTEM_CARDS, AdwBin)

/* Of another trace nothing is known yet. */
void ms_system_cards_wait (MsSystemCards *self);
void ms_system_cards_show (MsSystemCards *self, MsLens *lens, const MsSystemFigures *figures);

G_END_DECLS
