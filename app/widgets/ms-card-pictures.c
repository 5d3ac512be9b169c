/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-card-pictures.h"

#include <math.h>

typedef struct {
  GskRenderNode *card;    /* what is painted, as GTK keeps it for the widget */
  GskRenderNode *picture; /* draws an image surface in the same place */
  int scale;
  guint frame; /* the last that used it */
} Picture;

struct _MsCardPictures {
  GHashTable *pictures; /* the card's render node → Picture */
  GtkWidget *board;     /* borrowed, during a frame */
  gboolean by_processor;
  guint frame;
};

static void
picture_free (Picture *self)
{
  gsk_render_node_unref (self->card);
  gsk_render_node_unref (self->picture);
  g_free (self);
}

/* Whole pixels around the node, so that each of the picture's falls on one of the screen's. */
static GskRenderNode *
paint (GskRenderNode *card, int scale)
{
  graphene_rect_t bounds;

  gsk_render_node_get_bounds (card, &bounds);
  graphene_rect_round_extents (&bounds, &bounds);
  int width_px = (int) bounds.size.width * scale, height_px = (int) bounds.size.height * scale;

  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width_px, height_px);
  cairo_surface_set_device_scale (surface, scale, scale);
  cairo_t *cr = cairo_create (surface);
  cairo_translate (cr, -bounds.origin.x, -bounds.origin.y);
  gsk_render_node_draw (card, cr);
  cairo_destroy (cr);

  /* Not a texture: GTK 4.8 converts each of a texture's pixels to floats and back whenever it draws one. */
  GskRenderNode *picture = gsk_cairo_node_new (&bounds);
  cr = gsk_cairo_node_get_draw_context (picture);
  cairo_set_source_surface (cr, surface, bounds.origin.x, bounds.origin.y);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return picture;
}

static GskRenderNode *
ensure_picture (MsCardPictures *self, GskRenderNode *card)
{
  Picture *picture = g_hash_table_lookup (self->pictures, card);
  int scale = gtk_widget_get_scale_factor (self->board);

  if (picture == NULL || picture->scale != scale)
    {
      picture = g_new (Picture, 1);
      picture->card = gsk_render_node_ref (card);
      picture->picture = paint (card, scale);
      picture->scale = scale;
      g_hash_table_replace (self->pictures, card, picture);
    }
  picture->frame = self->frame;
  return picture->picture;
}

MsCardPictures *
ms_card_pictures_new (void)
{
  MsCardPictures *self = g_new0 (MsCardPictures, 1);

  self->pictures = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) picture_free);
  return self;
}

void
ms_card_pictures_free (MsCardPictures *self)
{
  g_hash_table_unref (self->pictures);
  g_free (self);
}

void
ms_card_pictures_begin (MsCardPictures *self, GtkWidget *board)
{
  GtkNative *native = gtk_widget_get_native (board);
  GskRenderer *renderer = native != NULL ? gtk_native_get_renderer (native) : NULL;

  self->board = board;
  self->by_processor =
      renderer != NULL && G_TYPE_CHECK_INSTANCE_TYPE (renderer, GSK_TYPE_CAIRO_RENDERER);
  self->frame++;
}

static gboolean
is_unused (gpointer card, gpointer picture, gpointer pictures)
{
  return ((Picture *) picture)->frame != ((MsCardPictures *) pictures)->frame;
}

void
ms_card_pictures_end (MsCardPictures *self)
{
  g_hash_table_foreach_remove (self->pictures, is_unused, self);
  self->board = NULL;
}

void
ms_card_pictures_snapshot (MsCardPictures *self, GtkWidget *card, GtkSnapshot *snapshot)
{
  if (!self->by_processor)
    {
      gtk_widget_snapshot_child (self->board, card, snapshot);
      return;
    }

  /* The widget's own node, moved to its place: the place changes with each step of a scroll. */
  GtkSnapshot *alone = gtk_snapshot_new ();
  gtk_widget_snapshot_child (self->board, card, alone);
  g_autoptr (GskRenderNode) placed = gtk_snapshot_free_to_node (alone);
  GskRenderNode *node = placed;
  float x = 0, y = 0;

  if (placed == NULL)
    return;
  if (gsk_render_node_get_node_type (placed) == GSK_TRANSFORM_NODE)
    {
      GskTransform *transform = gsk_transform_node_get_transform (placed);

      if (gsk_transform_get_category (transform) < GSK_TRANSFORM_CATEGORY_2D_TRANSLATE)
        {
          gtk_snapshot_append_node (snapshot, placed);
          return;
        }
      gsk_transform_to_translate (transform, &x, &y);
      node = gsk_transform_node_get_child (placed);
    }
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_node (snapshot, ensure_picture (self, node));
  gtk_snapshot_restore (snapshot);
}
