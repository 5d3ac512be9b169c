/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Layouts against what must hold for any data and any size. */
#include "ms-board-layout.h"
#include "ms-card-layout.h"
#include "ms-strip-layout.h"

#include <math.h>

#define N_ROUNDS 2000

static gboolean
overlap (const MsRect *a, const MsRect *b)
{
  const double slack = 0.001;

  return a->width > 0 && b->width > 0 && a->x + a->width > b->x + slack
         && b->x + b->width > a->x + slack && a->y + a->height > b->y + slack
         && b->y + b->height > a->y + slack;
}

/* Every maximum survives the reduction; no column gets more than two points. */
static void
test_series_line (void)
{
  for (guint round = 0; round < 300; round++)
    {
      guint n_bins = (guint) g_test_rand_int_range (1, 5000);
      MsRect rect = { 10, 20, g_test_rand_double_range (0, 1500), 50 };
      g_autofree guint64 *max = g_new (guint64, n_bins);
      g_autofree guint64 *min = g_new (guint64, n_bins);
      g_autofree MsPoint *points = g_new (MsPoint, ms_series_line_max_points (n_bins, &rect) + 1);
      guint64 top = 0;

      for (guint i = 0; i < n_bins; i++)
        {
          max[i] = (guint64) g_test_rand_int_range (0, 1000000);
          min[i] = max[i] / 2;
          top = MAX (top, max[i]);
        }
      guint n_points = ms_series_line_layout (max, min, n_bins, top, &rect, points);
      g_assert_cmpuint (n_points, <=, 2 * (guint) rect.width);
      g_assert_cmpuint (n_points, <=, 2 * n_bins);
      if (n_points == 0)
        continue;

      double highest = G_MAXDOUBLE;
      for (guint i = 0; i < n_points; i++)
        {
          highest = MIN (highest, points[i].y);
          g_assert_cmpfloat (points[i].x, >=, rect.x);
          g_assert_cmpfloat (points[i].x, <=, rect.x + rect.width);
          g_assert_cmpfloat (points[i].y, >=, rect.y - 0.001);
          g_assert_cmpfloat (points[i].y, <=, rect.y + rect.height + 0.001);
          if (i > 0)
            g_assert_cmpfloat (points[i].x, >=, points[i - 1].x);
        }
      g_assert_cmpfloat_with_epsilon (highest, top > 0 ? rect.y : rect.y + rect.height, 0.001);
    }
}

static void
random_board (MsBoardLayout *layout)
{
  MsBoardSizes sizes = {
    .n_tracked = (guint) g_test_rand_int_range (0, 60),
    .n_untracked = (guint) g_test_rand_int_range (0, 60),
    .width_px = g_test_rand_double_range (200, 2000),
    .least_card_width_px = g_test_rand_double_range (150, 500),
    .card_height_px = 140,
    .compact_height_px = 58,
    .heading_height_px = 34,
    .gap_px = 12,
  };

  ms_board_layout (layout, &sizes);
}

static void
test_board (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      MsBoardLayout layout;

      random_board (&layout);
      guint n_cards = layout.sizes.n_tracked + layout.sizes.n_untracked;
      MsRect heading = { 0, layout.heading_y_px, layout.sizes.width_px,
                         layout.sizes.heading_height_px };
      double bottom = 0;
      for (guint card = 0; card < n_cards; card++)
        {
          MsRect rect, previous;

          ms_board_layout_get_card (&layout, card, &rect);
          g_assert_cmpfloat (rect.x, >=, 0);
          g_assert_cmpfloat (rect.x + rect.width, <=, layout.sizes.width_px + 0.001);
          /* Flush with what is above and below the board. */
          if (rect.x + 1.5 * rect.width > layout.sizes.width_px)
            g_assert_cmpfloat (rect.x + rect.width, >, layout.sizes.width_px - 1);
          bottom = MAX (bottom, rect.y + rect.height);
          if (layout.heading_y_px >= 0)
            g_assert_false (overlap (&rect, &heading));
          if (card > 0)
            {
              ms_board_layout_get_card (&layout, card - 1, &previous);
              g_assert_false (overlap (&rect, &previous));
            }
        }
      if (n_cards > 0)
        g_assert_cmpfloat_with_epsilon (layout.height_px, bottom, 0.001);
      g_assert_cmpint (layout.heading_y_px >= 0, ==, layout.sizes.n_untracked > 0);
    }
}

/* The visible stretch holds every card that touches the band, and no more than whole rows. */
static void
test_board_visible (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      MsBoardLayout layout;
      guint first, end;

      random_board (&layout);
      double top = g_test_rand_double_range (-500, layout.height_px + 500);
      double bottom = top + g_test_rand_double_range (1, 900);
      ms_board_layout_get_visible (&layout, top, bottom, &first, &end);
      g_assert_cmpuint (first, <=, end);
      g_assert_cmpuint (end, <=, layout.sizes.n_tracked + layout.sizes.n_untracked);
      for (guint card = 0; card < layout.sizes.n_tracked + layout.sizes.n_untracked; card++)
        {
          MsRect rect;

          ms_board_layout_get_card (&layout, card, &rect);
          if (rect.y < bottom && rect.y + rect.height > top)
            {
              g_assert_cmpuint (card, >=, first);
              g_assert_cmpuint (card, <, end);
            }
          else if (rect.y > bottom + rect.height + layout.sizes.gap_px)
            g_assert_cmpuint (card, >=, end);
        }
    }
}

static void
test_board_lift (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      MsBoardLayout layout;
      MsRect flat, lifted;

      random_board (&layout);
      if (layout.sizes.n_tracked == 0)
        continue;
      ms_board_layout_get_card (&layout,
                                (guint) g_test_rand_int_range (0, (gint32) layout.sizes.n_tracked),
                                &flat);
      lifted = flat;
      ms_board_layout_lift (&layout, &lifted, 1.15, 10);
      g_assert_cmpfloat (lifted.x, >=, -10.001);
      g_assert_cmpfloat (lifted.x + lifted.width, <=, layout.sizes.width_px + 10.001);
      g_assert_cmpfloat (lifted.width, >=, flat.width);
      g_assert_cmpfloat_with_epsilon (lifted.height / flat.height, lifted.width / flat.width, 1e-9);
      if (layout.n_columns > 1)
        g_assert_cmpfloat_with_epsilon (lifted.width / flat.width, 1.15, 1e-9);
      lifted = flat;
      ms_board_layout_lift (&layout, &lifted, 1, 10);
      g_assert_cmpfloat (lifted.width, ==, flat.width);
      g_assert_cmpfloat (lifted.x, ==, flat.x);
    }
}

static void
test_card (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      MsCardMetrics metrics = { .small_line_px = 14,
                                .name_line_px = 17,
                                .figure_line_px = 25,
                                .tid_px = g_test_rand_double_range (0, 60),
                                .role_word_px = g_test_rand_double_range (20, 90) };
      MsCardData data = { .name = "x",
                          .tracked = TRUE,
                          .alert = (MsAlert) g_test_rand_int_range (0, 3) };
      double width = g_test_rand_double_range (240, 600);
      MsCardLayout layout;

      for (guint i = 0; i < MS_CARD_N_FIGURES; i++)
        {
          metrics.figure_px[i] = g_test_rand_double_range (30, 120);
          metrics.figure_measured[i] = g_test_rand_bit ();
        }
      ms_card_layout (&layout, &metrics, &data, width);

      const MsRect *rects[] = { &layout.glyph,      &layout.name,       &layout.alert_mark,
                                &layout.tid,        &layout.peak,       &layout.pill,
                                &layout.spark,      &layout.figures[0], &layout.figures[1],
                                &layout.figures[2], &layout.figures[3] };
      for (guint i = 0; i < G_N_ELEMENTS (rects); i++)
        {
          g_assert_cmpfloat (rects[i]->y + rects[i]->height, <=, layout.height_px);
          if (rects[i]->width > 0)
            g_assert_cmpfloat (rects[i]->x + rects[i]->width, <=, width - 11.99);
          for (guint j = i + 1; j < G_N_ELEMENTS (rects); j++)
            g_assert_false (overlap (rects[i], rects[j]));
        }
      /* How much it allocated is never left out, nor a measured figure before one that is not. */
      g_assert_cmpfloat (layout.figures[MS_CARD_ALLOCATIONS].width, >, 0);
      for (guint i = 1; i < MS_CARD_N_FIGURES; i++)
        for (guint j = 1; j < MS_CARD_N_FIGURES; j++)
          if (metrics.figure_measured[i] && !metrics.figure_measured[j]
              && layout.figures[i].width <= 0)
            g_assert_cmpfloat (layout.figures[j].width, <=, 0);
    }
}

/* Where one figure too many is to be shown, the one that gives the thread its role stays. */
static void
test_card_figure_of_role (void)
{
  static const struct {
    MsRole role;
    MsCardFigure kept, first_left;
  } cases[] = {
    { MS_ROLE_IO_INTENSIVE, MS_CARD_IO, MS_CARD_RATE },
    { MS_ROLE_CPU_INTENSIVE, MS_CARD_CPU, MS_CARD_IO },
    { MS_ROLE_MEMORY_INTENSIVE, MS_CARD_RATE, MS_CARD_IO },
  };
  MsCardMetrics metrics = { .small_line_px = 14, .name_line_px = 17, .figure_line_px = 25 };

  for (guint i = 0; i < MS_CARD_N_FIGURES; i++)
    {
      metrics.figure_px[i] = 60;
      metrics.figure_measured[i] = TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint n_shown = 2; n_shown <= 3; n_shown++)
      {
        MsCardData data = { .name = "x", .tracked = TRUE, .role = cases[i].role };
        MsCardLayout layout;

        ms_card_layout (&layout, &metrics, &data, n_shown == 3 ? 260 : 190);
        g_assert_cmpfloat (layout.figures[cases[i].kept].width, >, 0);
        g_assert_cmpfloat (layout.figures[cases[i].first_left].width, <=, 0);
      }
}

static void
test_compact_card (void)
{
  MsCardMetrics metrics = { .small_line_px = 14, .name_line_px = 17, .figure_line_px = 25 };
  MsCardData data = { .name = "idle" };
  MsCardLayout layout;

  ms_card_layout (&layout, &metrics, &data, 260);
  g_assert_true (layout.compact);
  g_assert_cmpfloat (layout.height_px, <, ms_card_height_px (&metrics, FALSE) / 2);
  g_assert_cmpfloat (layout.spark.width, ==, 0);
  g_assert_cmpfloat (layout.note.y + layout.note.height, <, layout.height_px);
}

static void
test_strip (void)
{
  guint64 max[] = { 1, 5, 9, 4 }, min[] = { 0, 2, 5, 1 };
  MsStripData data = { .duration_ns = 4000,
                       .max = max,
                       .min = min,
                       .n_bins = 4,
                       .peak_bytes = 9,
                       .peak_time_ns = 2500 };
  MsStripLayout layout;

  ms_strip_layout (&layout, &data, 400, 80, 14);
  g_assert_true (layout.has_peak);
  g_assert_cmpfloat_with_epsilon (layout.peak.x, layout.plot.x + layout.plot.width * 0.625, 0.01);
  g_assert_cmpfloat (layout.label_y_px + 14, <=, 80);
  /* The peak stands on the curve, not over a valley of it. */
  gboolean found = FALSE;
  for (guint i = 0; i < layout.n_points; i++)
    found |= fabs (layout.points[i].x - layout.peak.x) < 1
             && fabs (layout.points[i].y - layout.peak.y) < 0.01;
  g_assert_true (found);

  g_assert_cmpuint (ms_strip_layout_get_bin (&layout, &data, -100), ==, 0);
  g_assert_cmpuint (ms_strip_layout_get_bin (&layout, &data, 10000), ==, 3);
  for (guint bin = 0; bin < 4; bin++)
    {
      gint64 time_ns = ms_strip_get_bin_time_ns (&data, bin);
      double x = ms_strip_layout_get_x (&layout, &data, time_ns);

      g_assert_cmpuint (ms_strip_layout_get_bin (&layout, &data, x), ==, bin);
    }
  ms_strip_layout_clear (&layout);
}

/* Degenerate data and sizes draw nothing rather than something wrong. */
static void
test_strip_degenerate (void)
{
  MsStripData empty = { .peak_time_ns = MS_TIME_NONE };
  guint64 one = 7;
  MsStripData instant = { .max = &one, .n_bins = 1, .peak_bytes = 7, .peak_time_ns = 0 };
  MsStripLayout layout;

  ms_strip_layout (&layout, &empty, 400, 80, 14);
  g_assert_false (layout.has_peak);
  g_assert_cmpuint (layout.n_points, ==, 0);
  ms_strip_layout_clear (&layout);
  ms_strip_layout (&layout, &instant, 3, 2, 14);
  g_assert_false (layout.has_peak);
  g_assert_cmpuint (layout.axis.n_ticks, ==, 0);
  ms_strip_layout_clear (&layout);
}

/* A handle can be taken on either side of it, and what is between them, however narrow the range. */
static void
test_strip_parts (void)
{
  guint64 max[10] = { 1 };
  MsStripData data = { .duration_ns = 1000000,
                       .max = max,
                       .n_bins = 10,
                       .peak_time_ns = MS_TIME_NONE };
  MsStripLayout layout;

  ms_strip_layout (&layout, &data, 1036, 90, 12);
  for (gint64 length_ns = 1000; length_ns <= 900000; length_ns += 1777)
    {
      double start = ms_strip_layout_get_x (&layout, &data, 50000);
      double end = ms_strip_layout_get_x (&layout, &data, 50000 + length_ns);

#define PART(x) ms_strip_layout_find_part (&layout, &data, 50000, 50000 + length_ns, x)
      g_assert_cmpint (PART (start - 3), ==, MS_STRIP_START_HANDLE);
      g_assert_cmpint (PART ((start + end) / 2), ==, MS_STRIP_INSIDE);
      g_assert_cmpint (PART (end + 3), ==, MS_STRIP_END_HANDLE);
      g_assert_cmpint (PART (start - 20), ==, MS_STRIP_OUTSIDE);
      g_assert_cmpint (PART (end + 20), ==, MS_STRIP_OUTSIDE);
#undef PART
      g_assert_cmpfloat_with_epsilon ((double) ms_strip_layout_get_time (&layout, &data, end),
                                      50000 + (double) length_ns, 2);
    }
  g_assert_cmpint (ms_strip_layout_get_time (&layout, &data, -1e9), ==, 0);
  g_assert_cmpint (ms_strip_layout_get_time (&layout, &data, 1e9), ==, 1000000);
  ms_strip_layout_clear (&layout);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/series-line", test_series_line);
  g_test_add_func ("/layout/board", test_board);
  g_test_add_func ("/layout/board-visible", test_board_visible);
  g_test_add_func ("/layout/board-lift", test_board_lift);
  g_test_add_func ("/layout/card", test_card);
  g_test_add_func ("/layout/card-figure-of-role", test_card_figure_of_role);
  g_test_add_func ("/layout/compact-card", test_compact_card);
  g_test_add_func ("/layout/strip", test_strip);
  g_test_add_func ("/layout/strip-degenerate", test_strip_degenerate);
  g_test_add_func ("/layout/strip-parts", test_strip_parts);
  return g_test_run ();
}
