/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Against scipy 1.10.1 (theilslopes, median_abs_deviation, rankdata, norm.ppf) and, for the trend test,
 * Hamed and Rao's formula worked out in numpy 1.24.2 with the same ranks.
 */
#include <math.h>

#include "ms-statistics.h"

static const double tied[] = {
  1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 4.0, 5.0, 5.0, 7.0, 8.0, 8.0,
};

static const double serial[] = {
  22.0, 21.8, 22.8, 22.1, 17.4, 17.6, 19.0, 16.5, 22.8, 21.6, 18.8, 24.8, 26.2, 22.8,
  20.5, 21.9, 23.1, 20.9, 19.7, 16.8, 17.5, 12.2, 13.8, 11.3, 14.4, 13.8, 14.1, 9.5,
  12.7, 16.7, 15.1, 11.4, 13.9, 9.2,  9.3,  14.5, 16.9, 19.1, 21.0, 19.1,
};

static void
test_order (void)
{
  static const double expected[] = { 1, 3, 3, 3, 5.5, 5.5, 7, 8.5, 8.5, 10, 11.5, 11.5 };
  const double even[] = { 4, 1, 3, 2 }, one[] = { 7 }, huge[] = { 1.7e308, 1.7e308 };
  double ranks[12];

  g_assert_cmpfloat (ms_median (even, 4), ==, 2.5);
  g_assert_cmpfloat (ms_median (one, 1), ==, 7);
  g_assert_cmpfloat (ms_median (huge, 2), ==, 1.7e308);
  g_assert_cmpfloat (ms_median (serial, 40), ==, 17.55);
  g_assert_cmpfloat_with_epsilon (ms_median_deviation (serial, 40, 17.55), 5.48562, 1e-12);
  g_assert_cmpfloat (ms_median_deviation (one, 1, 7), ==, 0);
  ms_ranks (tied, 12, ranks);
  for (guint i = 0; i < 12; i++)
    g_assert_cmpfloat (ranks[i], ==, expected[i]);
}

static void
test_trend (void)
{
  g_assert_cmpfloat_with_epsilon (ms_trend_slope (tied, 12), 0.6666666666666666, 1e-12);
  g_assert_cmpfloat_with_epsilon (ms_trend_slope (serial, 40), -0.23426724137931038, 1e-12);
  g_assert_cmpfloat_with_epsilon (ms_trend_z (tied, 12), 4.11072478432054, 1e-12);
  g_assert_cmpfloat_with_epsilon (ms_trend_z (serial, 40), -2.18942916130019, 1e-12);
  g_assert_cmpfloat_with_epsilon (ms_autocorrelation (serial, 40), 0.7732111561274921, 1e-12);
}

static void
test_little (void)
{
  const double flat[] = { 5, 5, 5, 5, 5 }, three[] = { 1, 2, 3 };

  g_assert_cmpfloat (ms_trend_z (flat, 5), ==, 0);
  g_assert_cmpfloat (ms_trend_slope (flat, 5), ==, 0);
  g_assert_cmpfloat (ms_trend_z (three, 3), ==, 0);
  g_assert_cmpfloat (ms_trend_slope (three, 3), ==, 1);
  g_assert_cmpfloat (ms_trend_slope (three, 1), ==, 0);
  g_assert_cmpfloat (ms_autocorrelation (flat, 5), ==, 0);
  g_assert_cmpfloat (ms_autocorrelation (flat, 1), ==, 0);
}

static void
test_normal (void)
{
  g_assert_cmpfloat_with_epsilon (ms_normal_two_sided (0.95), 1.959963984540054, 1e-12);
  g_assert_cmpfloat_with_epsilon (ms_normal_two_sided (0.999), 3.2905267314919255, 1e-12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/statistics/order", test_order);
  g_test_add_func ("/statistics/trend", test_trend);
  g_test_add_func ("/statistics/little", test_little);
  g_test_add_func ("/statistics/normal", test_normal);
  return g_test_run ();
}
