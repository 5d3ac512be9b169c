/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Statistics that a few odd values cannot spoil, and ranks.  All are deterministic: equal input, equal
 * output, whatever the order that sorting finds.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of @n > 0 finite values: the middle one, or the mean of the middle two. */
double ms_median (const double *values, guint n);

/* Median of the distances from @median, times 1.4826: the standard deviation, if the values are normal.  0
 * if more than half of them are equal. */
double ms_median_deviation (const double *values, guint n, double median);

/* Ranks from 1; equal values share the mean of their ranks.  @ranks has @n elements. */
void ms_ranks (const double *values, guint n, double *ranks);

/* Mann and Kendall's test of a trend, with Hamed and Rao's correction for what successive values know
 * of each other.  Returns z, positive for a rising series, and 0 for one without variance or of less than
 * four values. */
double ms_trend_z (const double *values, guint n);

/* Theil and Sen's slope, in units a step: the median over all pairs. */
double ms_trend_slope (const double *values, guint n);

/* The z beyond which @confidence (0 to 1) of a standard normal distribution does not lie on either
 * side: 1.96 for 0.95. */
double ms_normal_two_sided (double confidence);

/* Correlation of each value with the next. 0 if they do not vary. */
double ms_autocorrelation (const double *values, guint n);

G_END_DECLS
