/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Series for the page in few characters: [unit, code, code, …].
 *
 *   null    a gap
 *   v ≥ 0   a value of v units
 *   −k      the value before it, k times more
 *
 * The unit is a power of ten, of which the greatest value has no more than so many digits: what 10 Hz samples
 * measured stays a few characters a sample, however fine the page's stretches are.
 */
#pragma once

#include "ms-json-writer.h"

G_BEGIN_DECLS

/* Of @n values that are not negative; NaN is a gap. */
void ms_coded_series_write (MsJsonWriter *writer, const double *values, guint n, guint digits);

/* The unit for values up to @most: not below 0.01. */
double ms_coded_series_unit (double most, guint digits);

G_END_DECLS
