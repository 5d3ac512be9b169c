/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Pictures of cards, for a board that the processor draws.  A card has blurred shadows, curves and a dozen lines
 * of text: to draw them again in each frame of a scroll or of a fade costs most of the frame.  Where a graphics
 * card draws, it keeps such things by itself and cards are handed to it as they are.
 *
 * A picture is of a render node: GTK keeps a widget's node until something about the widget changes, so that
 * whoever changes it need not know of pictures.  Those that a frame did not use are dropped at its end.
 *
 * A jump to another place brings two dozen cards into sight at once, which together take several frames to draw.
 * When a frame has spent its time on new ones, what is left comes with the next: until then a card that was seen
 * before stays as it was, and one that was not is blank.  A card of another size is never left out.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _MsCardPictures MsCardPictures;

MsCardPictures *ms_card_pictures_new (void);
void ms_card_pictures_free (MsCardPictures *self);

/* Draws @cards, (element-type GtkWidget) children of @board, with @opacity.  Those that it has no time for are the
 * first of the next frame, which it asks for. */
void ms_card_pictures_snapshot (MsCardPictures *self,
                                GtkWidget *board,
                                GPtrArray *cards,
                                GtkSnapshot *snapshot,
                                double opacity);

/* FALSE: some of the cards come with the next frames. */
gboolean ms_card_pictures_is_complete (MsCardPictures *self);

/* Before @card goes. */
void ms_card_pictures_forget (MsCardPictures *self, GtkWidget *card);

/* Time for new pictures in each frame, 5 ms by default; one is drawn however little it is. */
void ms_card_pictures_set_budget (MsCardPictures *self, gint64 budget_us);

G_END_DECLS
