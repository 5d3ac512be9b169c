/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-coded-series.h"

#include <math.h>

#define LEAST_UNIT 0.01

double
ms_coded_series_unit (double most, guint digits)
{
  double limit = pow (10, digits), unit = LEAST_UNIT;

  while (most / unit >= limit)
    unit *= 10;
  /* 0.01 × 10 × 10 is not quite 1. */
  return unit < 0.5 ? unit : floor (unit + 0.5);
}

static gboolean
is_same (double a, double b)
{
  return isnan (a) ? isnan (b) : !isnan (b) && !(a < b) && !(a > b);
}

void
ms_coded_series_write (MsJsonWriter *writer, const double *values, guint n, guint digits)
{
  double most = 0, unit;

  for (guint i = 0; i < n; i++)
    if (isfinite (values[i]))
      most = fmax (most, values[i]);
  unit = ms_coded_series_unit (most, digits);
  ms_json_writer_begin_array (writer);
  ms_json_writer_double (writer, unit);
  for (guint i = 0; i < n;)
    {
      double code = floor (fmax (0, values[i]) / unit + 0.5);
      guint run = 1;

      if (isnan (values[i]))
        code = NAN;
      while (i + run < n
             && is_same (code, isnan (values[i + run])
                                   ? NAN
                                   : floor (fmax (0, values[i + run]) / unit + 0.5)))
        run++;
      ms_json_writer_double (writer, code);
      if (run > 1)
        ms_json_writer_int (writer, -(gint64) (run - 1));
      i += run;
    }
  ms_json_writer_end_array (writer);
}
