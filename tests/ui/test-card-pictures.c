/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Pictures of cards in frames that have time for one only: each card comes, none is taken for another. */
#include "ms-card-pictures.h"
#include "ms-thread-card.h"
#include "widget-test.h"

#define N_CARDS 3
#define CARD_WIDTH_PX 280
#define PLACE_PX 200

#define TEST_TYPE_PLACE (test_place_get_type ())
G_DECLARE_FINAL_TYPE (TestPlace, test_place, TEST, PLACE, GtkWidget)

/* Cards one below the other. */
struct _TestPlace {
  GtkWidget parent_instance;
  MsCardPictures *pictures;
  GtkWidget *cards[N_CARDS];
};

G_DEFINE_FINAL_TYPE (TestPlace, test_place, GTK_TYPE_WIDGET)

static MsCardItem *
new_item (guint id, const char *name)
{
  return ms_card_item_new (&(MsCardData) { .id = id,
                                           .tid = 7,
                                           .name = name,
                                           .tracked = TRUE,
                                           .peak_bytes = 1000000,
                                           .cpu_percent = -1,
                                           .io_operations = -1 });
}

static void
test_place_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  for (guint i = 0; i < N_CARDS; i++)
    {
      GtkWidget *card = TEST_PLACE (widget)->cards[i];
      int least;

      gtk_widget_measure (card, GTK_ORIENTATION_VERTICAL, CARD_WIDTH_PX, &least, NULL, NULL, NULL);
      gtk_widget_size_allocate (card,
                                &(GtkAllocation) { 10, 10 + (int) i * PLACE_PX, CARD_WIDTH_PX,
                                                   least },
                                -1);
    }
}

/* The tests draw. */
static void
test_place_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
}

static void
test_place_dispose (GObject *object)
{
  TestPlace *self = TEST_PLACE (object);

  g_clear_pointer (&self->pictures, ms_card_pictures_free);
  for (guint i = 0; i < N_CARDS; i++)
    g_clear_pointer (&self->cards[i], gtk_widget_unparent);
  G_OBJECT_CLASS (test_place_parent_class)->dispose (object);
}

static void
test_place_class_init (TestPlaceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = test_place_dispose;
  GTK_WIDGET_CLASS (klass)->size_allocate = test_place_size_allocate;
  GTK_WIDGET_CLASS (klass)->snapshot = test_place_snapshot;
}

static void
test_place_init (TestPlace *self)
{
  self->pictures = ms_card_pictures_new ();
  for (guint i = 0; i < N_CARDS; i++)
    {
      g_autoptr (MsCardItem) item = new_item (i, "ingest");

      self->cards[i] = ms_thread_card_new (item);
      gtk_widget_set_parent (self->cards[i], GTK_WIDGET (self));
    }
}

/* Draws a frame and says whether all cards are as they should be. */
static gboolean
draw (TestPlace *self, double opacity, cairo_surface_t **picture)
{
  g_autoptr (GPtrArray) cards = g_ptr_array_new ();
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  for (guint i = 0; i < N_CARDS; i++)
    g_ptr_array_add (cards, self->cards[i]);
  /* The frame that it asked for. */
  if (!ms_card_pictures_is_complete (self->pictures))
    widget_test_wait_frames (GTK_WIDGET (self), 2);
  ms_card_pictures_snapshot (self->pictures, GTK_WIDGET (self), cards, snapshot, opacity);

  GskRenderNode *node = gtk_snapshot_free_to_node (snapshot);
  *picture = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 320, N_CARDS * PLACE_PX);
  cairo_t *cr = cairo_create (*picture);
  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  gsk_render_node_unref (node);
  cairo_surface_flush (*picture);
  return ms_card_pictures_is_complete (self->pictures);
}

/* Pixels within card @i that differ from the one beside its upper left corner: its text and lines. */
static guint
count_ink (cairo_surface_t *picture, guint i)
{
  const guint8 *pixels = cairo_image_surface_get_data (picture);
  int stride = cairo_image_surface_get_stride (picture);
  const guint32 *ground = NULL;
  guint n_inked = 0;

  for (int y = 18 + (int) i * PLACE_PX; y < 118 + (int) i * PLACE_PX; y++)
    {
      const guint32 *line = (const guint32 *) (pixels + y * stride);

      ground = ground != NULL ? ground : &line[18];
      for (int x = 18; x < CARD_WIDTH_PX; x++)
        n_inked += line[x] != *ground;
    }
  return n_inked;
}

static gboolean
draw_and_count (TestPlace *self, guint ink[N_CARDS])
{
  cairo_surface_t *picture;
  gboolean is_complete = draw (self, 1, &picture);

  for (guint i = 0; i < N_CARDS; i++)
    ink[i] = count_ink (picture, i);
  cairo_surface_destroy (picture);
  return is_complete;
}

static void
test_one_a_frame (void)
{
  TestPlace *place = g_object_new (TEST_TYPE_PLACE, NULL);
  GtkWindow *window = widget_test_show (GTK_WIDGET (place), 320, N_CARDS * PLACE_PX);
  guint ink[N_CARDS], before[N_CARDS];

  ms_card_pictures_set_budget (place->pictures, 0);
  g_assert_false (draw_and_count (place, ink));
  g_assert_cmpuint (ink[0], >, 100);
  g_assert_cmpuint (ink[1] + ink[2], ==, 0); /* blank */
  g_assert_false (draw_and_count (place, ink));
  g_assert_false (draw_and_count (place, ink));
  /* That all are as they should be is seen when there is time to look at all. */
  g_assert_true (draw_and_count (place, before));
  for (guint i = 1; i < N_CARDS; i++)
    g_assert_cmpuint (before[i], ==, before[0]);

  /* News of all: the first shows them, the others stand as they were until their turn. */
  for (guint i = 0; i < N_CARDS; i++)
    {
      g_autoptr (MsCardItem) item = new_item (i, "an ingest with a longer name");

      ms_thread_card_set_item (MS_THREAD_CARD (place->cards[i]), item);
    }
  widget_test_wait_frames (GTK_WIDGET (place), 2);
  g_assert_false (draw_and_count (place, ink));
  g_assert_cmpuint (ink[0], >, before[0]);
  g_assert_cmpuint (ink[1], ==, before[1]);

  /* One that changes in every frame does not keep the others from theirs. */
  for (guint i = 0; i < 2; i++)
    {
      ms_thread_card_set_pulse (MS_THREAD_CARD (place->cards[0]), 0.25 * i);
      draw_and_count (place, ink);
    }
  g_assert_cmpuint (ink[1], ==, ink[0]);
  g_assert_cmpuint (ink[2], ==, ink[0]);
  while (!draw_and_count (place, ink))
    ;
  widget_test_close (window);
}

/* Nothing is painted anew for a fade, and what has faded is fainter. */
static void
test_fade (void)
{
  TestPlace *place = g_object_new (TEST_TYPE_PLACE, NULL);
  GtkWindow *window = widget_test_show (GTK_WIDGET (place), 320, N_CARDS * PLACE_PX);
  cairo_surface_t *whole, *faded;

  g_assert_true (draw (place, 1, &whole));
  ms_card_pictures_set_budget (place->pictures, -1); /* not even one */
  g_assert_false (draw (place, 0.3, &faded));

  const guint8 *a = cairo_image_surface_get_data (whole);
  const guint8 *b = cairo_image_surface_get_data (faded);
  gsize n_bytes = (gsize) cairo_image_surface_get_stride (whole) * N_CARDS * PLACE_PX;
  double sum_whole = 0, sum_faded = 0;
  for (gsize i = 3; i < n_bytes; i += 4)
    {
      sum_whole += a[i];
      sum_faded += b[i];
    }
  g_assert_cmpfloat_with_epsilon (sum_faded / sum_whole, 0.3, 0.02);
  cairo_surface_destroy (whole);
  cairo_surface_destroy (faded);
  widget_test_close (window);
}

/* A card of another size is drawn at once: what it was would lie over its neighbours. */
static void
test_other_size (void)
{
  TestPlace *place = g_object_new (TEST_TYPE_PLACE, NULL);
  GtkWindow *window = widget_test_show (GTK_WIDGET (place), 320, N_CARDS * PLACE_PX);
  g_autoptr (MsCardItem) untracked =
      ms_card_item_new (&(MsCardData) { .id = 1, .name = "kworker", .cpu_percent = -1 });
  guint ink[N_CARDS], before[N_CARDS];

  g_assert_true (draw_and_count (place, before));
  ms_thread_card_set_item (MS_THREAD_CARD (place->cards[1]), untracked);
  widget_test_wait_frames (GTK_WIDGET (place), 2);
  ms_card_pictures_set_budget (place->pictures, -1);
  g_assert_false (draw_and_count (place, ink));
  g_assert_cmpuint (ink[0], ==, before[0]);
  g_assert_cmpuint (ink[1], >, 0);
  g_assert_cmpuint (ink[1], !=, before[1]);

  /* One that went and came again at the same address is not taken for itself. */
  ms_card_pictures_forget (place->pictures, place->cards[0]);
  g_assert_false (draw_and_count (place, ink));
  g_assert_cmpuint (ink[0], ==, 0);
  widget_test_close (window);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/card-pictures/one-a-frame", test_one_a_frame);
  g_test_add_func ("/card-pictures/fade", test_fade);
  g_test_add_func ("/card-pictures/other-size", test_other_size);
  return g_test_run ();
}
