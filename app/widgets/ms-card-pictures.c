/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-card-pictures.h"

#include <time.h>

#define BUDGET_US 5000
#define BLANK_RADIUS_PX 12.0f

typedef struct {
  GskRenderNode *card;      /* what is painted, as GTK keeps it for the widget */
  GskRenderNode *picture;   /* draws @surface in the same place; or the same as @card */
  cairo_surface_t *surface; /* or NULL: a graphics card draws */
  int scale, width, height;
  guint frame; /* the last that used it */
} Picture;

struct _MsCardPictures {
  GHashTable *pictures;  /* card → Picture */
  GtkWidget *board;      /* borrowed */
  GtkSnapshot *snapshot; /* the same, during a frame */
  double opacity;        /* of this frame's cards */
  gboolean by_processor;
  guint frame;
  gint64 budget_us, spent_us; /* of each frame, and in this one */
  GtkWidget *first;           /* the first that had no time in the last frame; only compared */
  guint tick;                 /* 0: all cards are drawn */
};

static void
picture_free (Picture *self)
{
  gsk_render_node_unref (self->card);
  gsk_render_node_unref (self->picture);
  g_clear_pointer (&self->surface, cairo_surface_destroy);
  g_free (self);
}

/* Whole pixels around the node, so that each of the picture's falls on one of the screen's. */
static void
get_bounds (GskRenderNode *card, graphene_rect_t *bounds)
{
  gsk_render_node_get_bounds (card, bounds);
  graphene_rect_round_extents (bounds, bounds);
}

static cairo_surface_t *
paint (GskRenderNode *card, int scale)
{
  graphene_rect_t bounds;

  get_bounds (card, &bounds);
  int width_px = (int) bounds.size.width * scale, height_px = (int) bounds.size.height * scale;

  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width_px, height_px);
  cairo_surface_set_device_scale (surface, scale, scale);
  cairo_t *cr = cairo_create (surface);
  cairo_translate (cr, -bounds.origin.x, -bounds.origin.y);
  gsk_render_node_draw (card, cr);
  cairo_destroy (cr);
  return surface;
}

/* Not a texture: GTK 4.8 converts each of a texture's pixels to floats and back whenever it draws one. */
static GskRenderNode *
new_node (GskRenderNode *card, cairo_surface_t *surface, double opacity)
{
  graphene_rect_t bounds;

  get_bounds (card, &bounds);
  GskRenderNode *node = gsk_cairo_node_new (&bounds);
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);
  cairo_set_source_surface (cr, surface, bounds.origin.x, bounds.origin.y);
  cairo_paint_with_alpha (cr, opacity);
  cairo_destroy (cr);
  return node;
}

static gint64
get_processor_us (void)
{
  struct timespec now;

  /* Of this thread: waiting for a core is no reason to draw less. */
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

MsCardPictures *
ms_card_pictures_new (void)
{
  MsCardPictures *self = g_new0 (MsCardPictures, 1);

  self->pictures = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) picture_free);
  self->budget_us = BUDGET_US;
  return self;
}

void
ms_card_pictures_free (MsCardPictures *self)
{
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (self->board, self->tick);
  g_hash_table_unref (self->pictures);
  g_free (self);
}

static void
begin (MsCardPictures *self, GtkWidget *board, GtkSnapshot *snapshot, double opacity)
{
  GtkNative *native = gtk_widget_get_native (board);
  GskRenderer *renderer = native != NULL ? gtk_native_get_renderer (native) : NULL;

  self->board = board;
  self->snapshot = snapshot;
  self->opacity = opacity;
  self->spent_us = 0;
  self->by_processor =
      renderer != NULL && G_TYPE_CHECK_INSTANCE_TYPE (renderer, GSK_TYPE_CAIRO_RENDERER);
  self->frame++;
  /* A graphics card fades all at once; for the processor that would be a board more to fill and to mix. */
  if (!self->by_processor)
    gtk_snapshot_push_opacity (snapshot, opacity);
}

static gboolean
is_unused (gpointer card, gpointer picture, gpointer pictures)
{
  return ((Picture *) picture)->frame != ((MsCardPictures *) pictures)->frame;
}

static void
end (MsCardPictures *self)
{
  if (!self->by_processor)
    gtk_snapshot_pop (self->snapshot);
  g_hash_table_foreach_remove (self->pictures, is_unused, self);
  self->snapshot = NULL;
}

/* At its place: that changes with each step of a scroll, the picture does not. */
static void
append (MsCardPictures *self, Picture *picture, float x, float y)
{
  g_autoptr (GskRenderNode) faded = NULL;

  if (picture->surface != NULL && self->opacity < 1)
    faded = new_node (picture->card, picture->surface, self->opacity);
  gtk_snapshot_save (self->snapshot);
  gtk_snapshot_translate (self->snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_node (self->snapshot, faded != NULL ? faded : picture->picture);
  gtk_snapshot_restore (self->snapshot);
  picture->frame = self->frame;
}

static void
append_blank (MsCardPictures *self, GtkWidget *card, const graphene_rect_t *bounds)
{
  GskRoundedRect outline;
  GdkRGBA ground;

  if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (card), "card_bg_color",
                                       &ground))
    return;
  if (self->by_processor)
    ground.alpha *= (float) self->opacity;
  gsk_rounded_rect_init_from_rect (&outline, bounds, BLANK_RADIUS_PX);
  gtk_snapshot_push_rounded_clip (self->snapshot, &outline);
  gtk_snapshot_append_color (self->snapshot, &ground, bounds);
  gtk_snapshot_pop (self->snapshot);
}

/* What takes the place of a card for which this frame has no time; FALSE: there is nothing. */
static gboolean
append_stand_in (MsCardPictures *self, GtkWidget *card, Picture *picture)
{
  graphene_rect_t bounds;

  if (!gtk_widget_compute_bounds (card, self->board, &bounds))
    return FALSE;
  if (picture == NULL)
    append_blank (self, card, &bounds);
  else if (picture->width == gtk_widget_get_width (card)
           && picture->height == gtk_widget_get_height (card)
           && picture->scale == gtk_widget_get_scale_factor (self->board))
    append (self, picture, bounds.origin.x, bounds.origin.y);
  else
    return FALSE;
  return TRUE;
}

static Picture *
ensure_picture (MsCardPictures *self, GtkWidget *card, GskRenderNode *node)
{
  Picture *picture = g_hash_table_lookup (self->pictures, card);
  int scale = gtk_widget_get_scale_factor (self->board);

  if (picture != NULL && picture->card == node && picture->scale == scale)
    return picture;
  picture = g_new0 (Picture, 1);
  picture->card = gsk_render_node_ref (node);
  picture->surface = self->by_processor ? paint (node, scale) : NULL;
  picture->picture =
      self->by_processor ? new_node (node, picture->surface, 1) : gsk_render_node_ref (node);
  picture->scale = scale;
  picture->width = gtk_widget_get_width (card);
  picture->height = gtk_widget_get_height (card);
  g_hash_table_replace (self->pictures, card, picture);
  return picture;
}

static void
draw (MsCardPictures *self, GtkWidget *card)
{
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
          gtk_snapshot_append_node (self->snapshot, placed);
          return;
        }
      gsk_transform_to_translate (transform, &x, &y);
      node = gsk_transform_node_get_child (placed);
    }
  append (self, ensure_picture (self, card, node), x, y);
}

/* FALSE: it was left out. */
static gboolean
draw_in_time (MsCardPictures *self, GtkWidget *card)
{
  Picture *picture = g_hash_table_lookup (self->pictures, card);

  if (self->spent_us > self->budget_us && append_stand_in (self, card, picture))
    return FALSE;

  gint64 start_us = get_processor_us ();
  draw (self, card);
  if (g_hash_table_lookup (self->pictures, card) != picture)
    self->spent_us += MAX (get_processor_us () - start_us, 1);
  return TRUE;
}

static gboolean
draw_more_cb (GtkWidget *board, GdkFrameClock *clock, gpointer user_data)
{
  ((MsCardPictures *) user_data)->tick = 0;
  gtk_widget_queue_draw (board);
  return G_SOURCE_REMOVE;
}

void
ms_card_pictures_snapshot (MsCardPictures *self,
                           GtkWidget *board,
                           GPtrArray *cards,
                           GtkSnapshot *snapshot,
                           double opacity)
{
  GtkWidget *left_out = NULL;
  guint start = 0;

  if (self->first != NULL && !g_ptr_array_find (cards, self->first, &start))
    start = 0;
  begin (self, board, snapshot, opacity);
  for (guint i = 0; i < cards->len; i++)
    {
      GtkWidget *card = g_ptr_array_index (cards, (start + i) % cards->len);

      if (!draw_in_time (self, card) && left_out == NULL)
        left_out = card;
    }
  end (self);
  self->first = left_out;
  if (left_out != NULL && self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (board, draw_more_cb, self, NULL);
}

gboolean
ms_card_pictures_is_complete (MsCardPictures *self)
{
  return self->tick == 0;
}

void
ms_card_pictures_forget (MsCardPictures *self, GtkWidget *card)
{
  g_hash_table_remove (self->pictures, card);
}

void
ms_card_pictures_set_budget (MsCardPictures *self, gint64 budget_us)
{
  self->budget_us = budget_us;
}
