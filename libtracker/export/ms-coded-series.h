/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Series for the page in few characters: [unit, "AkBl.CBlAA!.H…"].
 *
 *   two letters   a value: 64 × the first and the second, so many units; letters are those of base64url
 *   !             a gap
 *   .k            what is before it, once more for .A, 64 times more for ._
 *
 * The unit is 1, 2 or 5 times a power of ten, so that the greatest value is 819 to 4095 of them: what 10 Hz samples
 * measured stays a few characters a sample, however fine the page's stretches are.
 */
#pragma once

#include "ms-json-writer.h"

G_BEGIN_DECLS

/* Of @n values that are not negative; NaN is a gap. */
void ms_coded_series_write (MsJsonWriter *writer, const double *values, guint n);

/* The unit for values up to @most: not below 0.01. */
double ms_coded_series_unit (double most);

G_END_DECLS
