/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The board of cards in a real window: what exists, what is drawn, focus mode, the way out. */
#include "ms-card-board.h"
#include "ms-thread-card.h"
#include "widget-test.h"

#include <math.h>

static GPtrArray *
new_items (guint n_tracked, guint n_untracked)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
  guint64 live[] = { 1, 3, 2, 5 };

  for (guint id = 0; id < n_tracked + n_untracked; id++)
    {
      g_autofree char *name = g_strdup_printf ("worker-%u", id);
      MsCardData data = { .id = id,
                          .tid = (gint) (1000 + id),
                          .name = name,
                          .tracked = id < n_tracked,
                          .role = (MsRole) (id % MS_N_ROLES),
                          .alert = (MsAlert) (id % 3),
                          .peak_bytes = 1000000,
                          .allocations = 10,
                          .cpu_percent = -1,
                          .io_operations = -1,
                          .live = live,
                          .n_live = G_N_ELEMENTS (live) };

      g_ptr_array_add (items, ms_card_item_new (&data));
    }
  return items;
}

/* A window with a board of these items in a scrolled window; *@board is borrowed. */
static GtkWindow *
show_board (guint n_tracked, guint n_untracked, MsCardBoard **board)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  g_autoptr (GPtrArray) items = new_items (n_tracked, n_untracked);

  *board = MS_CARD_BOARD (ms_card_board_new ());
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (*board));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  ms_card_board_set_adjustment (*board, gtk_scrolled_window_get_vadjustment (
                                            GTK_SCROLLED_WINDOW (scrolled)));
  ms_card_board_set_items (*board, items);
  return widget_test_show (scrolled, 900, 600);
}

static guint
count_cards (MsCardBoard *board)
{
  guint n_cards = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (board)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n_cards += MS_IS_THREAD_CARD (child);
  return n_cards;
}

static void
activated_cb (MsCardBoard *board, guint id, guint *activated)
{
  *activated = id;
}

static gboolean
is_settled (gpointer data)
{
  return ms_card_board_get_focus_progress (data) >= 1;
}

static gboolean
is_at_rest (gpointer data)
{
  return ms_card_board_get_focus_progress (data) <= 0;
}

static void
test_activate (void)
{
  MsCardBoard *board;
  GtkWindow *window = show_board (8, 2, &board);
  guint activated = G_MAXUINT;

  g_assert_cmpuint (count_cards (board), ==, 10);
  g_signal_connect (board, "card-activated", G_CALLBACK (activated_cb), &activated);
  g_signal_emit_by_name (ms_card_board_get_card (board, 5), "clicked");
  g_assert_cmpuint (activated, ==, 5);

  /* By keyboard too: a card takes the focus and Enter presses it. */
  GtkWidget *card = ms_card_board_get_card (board, 3);
  g_assert_true (gtk_widget_grab_focus (card));
  gtk_widget_activate (card);
  g_assert_true (gtk_widget_has_focus (card));
  g_assert_null (ms_card_board_get_card (board, 77));
  widget_test_close (window);
}

static void
test_focus_mode (void)
{
  MsCardBoard *board;
  GtkWindow *window = show_board (8, 0, &board);
  GtkWidget *card = ms_card_board_get_card (board, 4);
  graphene_rect_t flat, lifted, other;

  g_assert_true (gtk_widget_compute_bounds (card, GTK_WIDGET (board), &flat));
  ms_card_board_set_focused (board, 4);
  widget_test_wait (is_settled, board);
  widget_test_wait_frames (GTK_WIDGET (board), 2);
  g_assert_true (gtk_widget_compute_bounds (card, GTK_WIDGET (board), &lifted));
  g_assert_cmpfloat_with_epsilon (lifted.size.width / flat.size.width, 1.15, 0.01);
  g_assert_true (
      gtk_widget_compute_bounds (ms_card_board_get_card (board, 5), GTK_WIDGET (board), &other));
  g_assert_cmpfloat_with_epsilon (other.size.width, flat.size.width, 0.01);

  /* From thread to thread, and out in the middle of it. */
  ms_card_board_set_focused (board, 5);
  widget_test_wait_frames (GTK_WIDGET (board), 2);
  ms_card_board_clear_focused (board);
  widget_test_wait (is_at_rest, board);
  widget_test_wait_frames (GTK_WIDGET (board), 2);
  g_assert_true (gtk_widget_compute_bounds (card, GTK_WIDGET (board), &lifted));
  g_assert_cmpfloat_with_epsilon (lifted.size.width, flat.size.width, 0.01);
  widget_test_close (window);
}

/* With reduced motion focus mode is there and gone at once: there is nothing to wait for. */
static void
test_reduced_motion (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  MsCardBoard *board;
  GtkWindow *window = show_board (8, 0, &board);
  GtkWidget *card = ms_card_board_get_card (board, 4);
  graphene_rect_t flat, lifted;

  g_object_set (settings, "gtk-enable-animations", FALSE, NULL);
  g_assert_true (gtk_widget_compute_bounds (card, GTK_WIDGET (board), &flat));
  ms_card_board_set_focused (board, 4);
  g_assert_cmpfloat (ms_card_board_get_focus_progress (board), ==, 1);
  g_assert_true (gtk_widget_compute_bounds (card, GTK_WIDGET (board), &lifted));
  g_assert_cmpfloat_with_epsilon (lifted.size.width / flat.size.width, 1.15, 0.01);

  ms_card_board_clear_focused (board);
  g_assert_cmpfloat (ms_card_board_get_focus_progress (board), ==, 0);
  g_assert_true (gtk_widget_compute_bounds (card, GTK_WIDGET (board), &lifted));
  g_assert_cmpfloat_with_epsilon (lifted.size.width, flat.size.width, 0.01);
  gtk_settings_reset_property (settings, "gtk-enable-animations");
  widget_test_close (window);
}

#define SLOW_MS 10000

static gboolean
is_under_way (gpointer data)
{
  double progress = ms_card_board_get_focus_progress (data);

  return progress > 0.2 && progress < 1;
}

/* Whoever changes their mind in the middle of a motion goes on from there: nothing jumps. */
static void
test_interrupted (void)
{
  MsCardBoard *board;
  GtkWindow *window = show_board (8, 0, &board);
  GtkWidget *card = ms_card_board_get_card (board, 4);
  graphene_rect_t before, after;

  /* Where few frames are painted in a second, none would fall in the middle of its usual time. */
  adw_timed_animation_set_duration (ADW_TIMED_ANIMATION (ms_card_board_get_animation (board)),
                                    SLOW_MS);
  ms_card_board_set_focused (board, 4);
  widget_test_wait (is_under_way, board);
  double progress = ms_card_board_get_focus_progress (board);
  g_assert_true (gtk_widget_compute_bounds (card, GTK_WIDGET (board), &before));
  ms_card_board_clear_focused (board);
  g_assert_cmpfloat_with_epsilon (ms_card_board_get_focus_progress (board), progress, 1e-9);
  g_assert_true (gtk_widget_compute_bounds (card, GTK_WIDGET (board), &after));
  g_assert_cmpfloat_with_epsilon (after.size.width, before.size.width, 0.01);
  adw_animation_skip (ms_card_board_get_animation (board));
  g_assert_true (is_at_rest (board));
  widget_test_close (window);
}

/* Average opacity of what lies under @card in the window's picture. */
static double
mean_darkness (GtkWindow *window, GtkWidget *card)
{
  cairo_surface_t *picture = widget_test_picture (GTK_WIDGET (window));
  const guint8 *pixels = cairo_image_surface_get_data (picture);
  int stride = cairo_image_surface_get_stride (picture);
  graphene_rect_t bounds, whole;
  double sum = 0;
  guint n_pixels = 0;

  g_assert_true (gtk_widget_compute_bounds (card, GTK_WIDGET (window), &bounds));
  g_assert_true (gtk_widget_compute_bounds (GTK_WIDGET (window), GTK_WIDGET (window), &whole));
  graphene_rect_offset (&bounds, -whole.origin.x, -whole.origin.y);
  /* A lifted card stands over the edges. */
  graphene_rect_intersection (&bounds,
                              &GRAPHENE_RECT_INIT (0, 0, cairo_image_surface_get_width (picture),
                                                   cairo_image_surface_get_height (picture)),
                              &bounds);
  for (int y = (int) bounds.origin.y + 6; y < (int) (bounds.origin.y + bounds.size.height) - 6; y++)
    for (int x = (int) bounds.origin.x + 6; x < (int) (bounds.origin.x + bounds.size.width) - 6;
         x++)
      {
        const guint8 *pixel = pixels + y * stride + x * 4;

        sum += 255 - (pixel[0] + pixel[1] + pixel[2]) / 3.0;
        n_pixels++;
      }
  cairo_surface_destroy (picture);
  return sum / MAX (n_pixels, 1);
}

/* The others fade: their picture loses most of its contrast to the ground. */
static void
test_others_fade (void)
{
  MsCardBoard *board;
  GtkWindow *window = show_board (6, 0, &board);
  GtkWidget *faded = ms_card_board_get_card (board, 5);
  GtkWidget *focused = ms_card_board_get_card (board, 0);
  double before = mean_darkness (window, faded), kept = mean_darkness (window, focused);

  ms_card_board_set_focused (board, 0);
  widget_test_wait (is_settled, board);
  widget_test_wait_frames (GTK_WIDGET (board), 2);
  g_assert_cmpfloat (mean_darkness (window, faded), <, 0.6 * before);
  g_assert_cmpfloat (mean_darkness (window, focused), >, 0.8 * kept);
  widget_test_close (window);
}

static gboolean
has_last_card (gpointer data)
{
  for (GtkWidget *child = gtk_widget_get_last_child (data); child != NULL;
       child = gtk_widget_get_prev_sibling (child))
    if (MS_IS_THREAD_CARD (child)
        && ms_card_item_get_data (ms_thread_card_get_item (MS_THREAD_CARD (child)))->id == 19999)
      return TRUE;
  return FALSE;
}

/* Twenty thousand threads cost a window's worth of cards, and the last can be reached. */
static void
test_many_threads (void)
{
  MsCardBoard *board;
  GtkWindow *window = show_board (19000, 1000, &board);
  MsRect rect;

  g_assert_cmpuint (count_cards (board), <, 2000);
  g_assert_true (ms_card_board_get_card_rect (board, 19999, &rect));

  GtkWidget *scrolled = gtk_window_get_child (window);
  GtkAdjustment *vertical = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  g_assert_false (has_last_card (board));
  gtk_adjustment_set_value (vertical, gtk_adjustment_get_upper (vertical));
  widget_test_wait (has_last_card, board);
  widget_test_wait_frames (GTK_WIDGET (board), 2);
  g_assert_cmpuint (count_cards (board), <, 2000);
  cairo_surface_t *picture = widget_test_picture (scrolled);
  g_assert_cmpuint (widget_test_count_ink (picture), >, 1000);
  cairo_surface_destroy (picture);
  widget_test_close (window);
}

/* A new order keeps the cards that stay, in the order given, and forgets the others. */
static void
test_filter_and_order (void)
{
  MsCardBoard *board;
  GtkWindow *window = show_board (6, 0, &board);
  g_autoptr (GPtrArray) all = new_items (6, 0);
  g_autoptr (GPtrArray) some = g_ptr_array_new ();
  GtkWidget *kept = ms_card_board_get_card (board, 4);

  g_ptr_array_add (some, g_ptr_array_index (all, 4));
  g_ptr_array_add (some, g_ptr_array_index (all, 1));
  ms_card_board_set_items (board, some);
  g_assert_cmpuint (count_cards (board), ==, 2);
  g_assert_true (ms_card_board_get_card (board, 4) == kept);
  g_assert_null (ms_card_board_get_card (board, 0));
  g_assert_true (gtk_widget_get_next_sibling (kept) == ms_card_board_get_card (board, 1));
  ms_card_board_set_items (board, NULL);
  g_assert_cmpuint (count_cards (board), ==, 0);
  widget_test_close (window);
}

static void
test_finalize (void)
{
  GtkWidget *board = g_object_ref_sink (ms_card_board_new ());
  g_autoptr (GPtrArray) items = new_items (3, 3);

  ms_card_board_set_items (MS_CARD_BOARD (board), items);
  ms_card_board_set_focused (MS_CARD_BOARD (board), 1);
  g_object_run_dispose (G_OBJECT (board));
  g_assert_finalize_object (board);
}

static void
count_cb (guint *n)
{
  *n += 1;
}

/* A thousand cards are not put in order anew because one of them is focused. */
static void
test_same_items (void)
{
  MsCardBoard *board;
  guint n_changes = 0;
  g_autoptr (GPtrArray) items = new_items (30, 2), others = new_items (30, 2);
  GtkWindow *window = show_board (1, 0, &board);
  g_autoptr (GListModel) children = gtk_widget_observe_children (GTK_WIDGET (board));

  ms_card_board_set_items (board, items);
  g_signal_connect_swapped (children, "items-changed", G_CALLBACK (count_cb), &n_changes);
  ms_card_board_set_items (board, items);
  g_assert_cmpuint (n_changes, ==, 0);
  ms_card_board_set_items (board, others);
  g_assert_cmpuint (n_changes, >, 0);
  g_assert_true (ms_thread_card_get_item (MS_THREAD_CARD (ms_card_board_get_card (board, 3)))
                 == g_ptr_array_index (others, 3));
  widget_test_close (window);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/card-board/activate", test_activate);
  g_test_add_func ("/card-board/focus-mode", test_focus_mode);
  g_test_add_func ("/card-board/reduced-motion", test_reduced_motion);
  g_test_add_func ("/card-board/interrupted", test_interrupted);
  g_test_add_func ("/card-board/others-fade", test_others_fade);
  g_test_add_func ("/card-board/many-threads", test_many_threads);
  g_test_add_func ("/card-board/filter-and-order", test_filter_and_order);
  g_test_add_func ("/card-board/finalize", test_finalize);
  g_test_add_func ("/card-board/same-items", test_same_items);
  return g_test_run ();
}
