/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-coded-series.h"

#include <math.h>

#define LEAST_UNIT 0.01
#define MOST_CODE 4095
#define MOST_RUN 64
#define GAP (-1)

static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

double
ms_coded_series_unit (double most)
{
  static const double STEPS[] = { 1, 2, 5 };

  for (double power = LEAST_UNIT;; power *= 10)
    for (gsize i = 0; i < G_N_ELEMENTS (STEPS); i++)
      {
        double unit = power * STEPS[i];

        /* 0.01 × 10 × 10 is not quite 1. */
        if (unit > 0.8)
          unit = floor (unit + 0.5);
        if (most / unit <= MOST_CODE || !isfinite (most))
          return unit;
      }
}

static gint
code_of (double value, double unit)
{
  return !isfinite (value) ? GAP : (gint) floor (fmax (0, value) / unit + 0.5);
}

void
ms_coded_series_write (MsJsonWriter *writer, const double *values, guint n)
{
  g_autoptr (GString) text = g_string_new (NULL);
  double most = 0, unit;

  for (guint i = 0; i < n; i++)
    if (isfinite (values[i]))
      most = fmax (most, values[i]);
  unit = ms_coded_series_unit (most);
  for (guint i = 0, run; i < n; i += run)
    {
      gint code = code_of (values[i], unit);

      for (run = 1; i + run < n && code_of (values[i + run], unit) == code;)
        run++;
      if (code == GAP)
        g_string_append_c (text, '!');
      else
        g_string_append_printf (text, "%c%c", LETTERS[MIN (code, MOST_CODE) / 64],
                                LETTERS[MIN (code, MOST_CODE) % 64]);
      for (guint more = run - 1; more > 0; more -= MIN (more, MOST_RUN))
        g_string_append_printf (text, ".%c", LETTERS[MIN (more, MOST_RUN) - 1]);
    }
  ms_json_writer_begin_array (writer);
  ms_json_writer_double (writer, unit);
  ms_json_writer_string (writer, text->str);
  ms_json_writer_end_array (writer);
}
