/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Paints the inside of a thread's card, and its ring.  The surface below (colour, radius, shadow) is
 * the desktop's and belongs to the widget; pictures without a desktop paint their own.
 */
#pragma once

#include <pango/pangocairo.h>
#include "ms-card-layout.h"
#include "ms-palette.h"

G_BEGIN_DECLS

void ms_card_measure (MsCardMetrics *metrics, PangoContext *context, const MsCardData *data);

void ms_card_paint (cairo_t *cr,
                    PangoContext *context,
                    const MsCardLayout *layout,
                    const MsCardData *data,
                    const MsPalette *palette);

/* Colour of the ring around the card; FALSE for none. */
gboolean ms_card_get_ring (const MsCardData *data, const MsPalette *palette, MsColor *color);

/* All that a card says, in words, beginning with the thread's name: its accessible name. */
char *ms_card_describe (const MsCardData *data);
/* "high alert: peak above 20.0 MB"; NULL where there is none. */
char *ms_card_explain_alert (const MsCardData *data);
/* What the part at (@x, @y) does not say by itself, and where that part lies: a name that was cut,
 * why there is an alert, why a figure is missing.  NULL: nothing. */
char *ms_card_explain_at (const MsCardData *data,
                          PangoContext *context,
                          const MsCardLayout *layout,
                          double x,
                          double y,
                          MsRect *part);

G_END_DECLS
