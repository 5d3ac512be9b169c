/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Pictures of cards, for a board that the processor draws.  A card has blurred shadows, curves and a dozen lines
 * of text: to draw them again in each frame of a scroll or of a fade costs most of the frame.  Where a graphics
 * card draws, it keeps such things by itself and cards are handed to it as they are.
 *
 * A picture is of a render node, not of a widget: GTK keeps a widget's node until something about the widget
 * changes, so that whoever changes it need not know of pictures.  Those that a frame did not use are dropped
 * at its end.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _MsCardPictures MsCardPictures;

MsCardPictures *ms_card_pictures_new (void);
void ms_card_pictures_free (MsCardPictures *self);

/* Between these two a frame of @board is drawn. */
void ms_card_pictures_begin (MsCardPictures *self, GtkWidget *board);
void ms_card_pictures_end (MsCardPictures *self);

/* Draws @card, a child of the board. */
void ms_card_pictures_snapshot (MsCardPictures *self, GtkWidget *card, GtkSnapshot *snapshot);

G_END_DECLS
