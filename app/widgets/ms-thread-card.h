/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A thread's card: a button whose face is a picture.  Surface, hover and keyboard ring come from the
 * style sheet (node "threadcard", classes .card .activatable), the face and the alert's ring are
 * painted.
 */
#pragma once

#include <gtk/gtk.h>
#include "ms-card-item.h"

G_BEGIN_DECLS

#define MS_TYPE_THREAD_CARD (ms_thread_card_get_type ())
G_DECLARE_FINAL_TYPE (MsThreadCard, ms_thread_card, MS, THREAD_CARD, GtkButton)

GtkWidget *ms_thread_card_new (MsCardItem *item);
MsCardItem *ms_thread_card_get_item (MsThreadCard *self);
void ms_thread_card_set_item (MsThreadCard *self, MsCardItem *item);

/* How strong the ring of a high alert is just now, 0 to 1; the board beats the time for all. */
void ms_thread_card_set_pulse (MsThreadCard *self, double pulse);

/* How much larger a lifted card is. */
#define MS_THREAD_CARD_LIFTED_SCALE 1.15

/* Draws the card as a child of @board, lifted off it (0 to 1), at @opacity.  Its size is already that
 * of a lifted card; this adds the shadow below and the ring of focus around it. */
void ms_thread_card_snapshot_lifted (MsThreadCard *self,
                                     GtkWidget *board,
                                     GtkSnapshot *snapshot,
                                     double lift,
                                     double opacity);

/* What every card of @widget's font needs. */
double ms_thread_card_get_height_px (GtkWidget *widget, gboolean compact);
double ms_thread_card_get_least_width_px (GtkWidget *widget);

/* The corners, also of whatever is drawn around a card. */
#define MS_THREAD_CARD_RADIUS_PX 12.0f

G_END_DECLS
