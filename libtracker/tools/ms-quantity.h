/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Numbers with a unit as a person types them: "1.5s", "64Mi", "200 ms".  Nothing else is one: no sign,
 * no exponent, no hexadecimal, no infinity.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  const char *text;
  double factor;
} MsQuantityUnit;

/* ns us µs ms s min h, in nanoseconds. */
extern const MsQuantityUnit ms_quantity_time_units[];
/* k M G T (10³…) and Ki Mi Gi Ti (2¹⁰…). */
extern const MsQuantityUnit ms_quantity_count_units[];

/* The length of the number that @text begins with, 0: none. */
gsize ms_quantity_number_length (const char *text);

/* FALSE: @text is no unit of @units, whose last has no text. */
gboolean ms_quantity_find_unit (const MsQuantityUnit *units, const char *text, double *factor);

/* All of @text is a time; a number without a unit is one of seconds.  FALSE: it is none, or longer than
 * 292 years. */
gboolean ms_quantity_parse_time (const char *text, gint64 *time_ns);

G_END_DECLS
