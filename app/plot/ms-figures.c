/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-figures.h"

#include <math.h>
#include <string.h>

#define N_SCALES 5
#define MEGA 2

typedef struct {
  double factor;
  const char *bytes;
  const char *rate;
} Scale;

static const Scale SCALES[MS_N_BYTE_UNITS][N_SCALES] = {
  [MS_BYTE_UNITS_DECIMAL] = { { 1, "B", "B/s" },
                              { 1e3, "kB", "kB/s" },
                              { 1e6, "MB", "MB/s" },
                              { 1e9, "GB", "GB/s" },
                              { 1e12, "TB", "TB/s" } },
  [MS_BYTE_UNITS_BINARY] = { { 1, "B", "B/s" },
                             { 0x1p10, "KiB", "KiB/s" },
                             { 0x1p20, "MiB", "MiB/s" },
                             { 0x1p30, "GiB", "GiB/s" },
                             { 0x1p40, "TiB", "TiB/s" } },
};

/* Workers put figures into words, too. */
static int chosen_units = MS_BYTE_UNITS_DECIMAL;

void
ms_figures_set_byte_units (MsByteUnits units)
{
  g_return_if_fail (units < MS_N_BYTE_UNITS);

  g_atomic_int_set (&chosen_units, (int) units);
}

MsByteUnits
ms_figures_get_byte_units (void)
{
  return (MsByteUnits) g_atomic_int_get (&chosen_units);
}

double
ms_figures_get_mega (const char **bytes, const char **rate)
{
  const Scale *scale = &SCALES[ms_figures_get_byte_units ()][MEGA];

  if (bytes != NULL)
    *bytes = scale->bytes;
  if (rate != NULL)
    *rate = scale->rate;
  return scale->factor;
}

/* Picks the unit after rounding: 999 500 bytes are 1.00 MB, never "1000 kB"; and never "1023 KiB", which would be
 * wider than any other figure. */
static const Scale *
choose_scale (double value)
{
  const Scale *scales = SCALES[ms_figures_get_byte_units ()];
  guint scale = 0;

  while (scale + 1 < N_SCALES)
    {
      if (value / scales[scale].factor < 999.5)
        break;
      scale++;
    }
  return &scales[scale];
}

char *
ms_figure_count (guint64 count)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GUINT64_FORMAT, count);
  gsize n_digits = strlen (digits);
  GString *text = g_string_sized_new (n_digits * 2);

  for (gsize i = 0; i < n_digits; i++)
    {
      if (i > 0 && (n_digits - i) % 3 == 0)
        g_string_append (text, MS_THIN_SPACE);
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

/* Three digits that count: 1.20, 16.3, 812. */
static char *
format_scaled (double value, const Scale *scale)
{
  double shown = value / scale->factor;
  gboolean is_whole = scale->factor <= 1;

  if (!is_whole && shown >= 999.5)
    return ms_figure_count ((guint64) shown);
  return g_strdup_printf ("%.*f", is_whole || shown >= 99.95 ? 0 : shown < 9.995 ? 2 : 1, shown);
}

char *
ms_figure_split_bytes (double bytes, const char **unit)
{
  const Scale *scale = choose_scale (bytes);

  *unit = scale->bytes;
  return format_scaled (bytes, scale);
}

char *
ms_figure_split_byte_rate (double bytes_per_second, const char **unit)
{
  const Scale *scale = choose_scale (bytes_per_second);

  *unit = scale->rate;
  return format_scaled (bytes_per_second, scale);
}

char *
ms_figure_bytes (guint64 bytes)
{
  const char *unit;
  g_autofree char *number = ms_figure_split_bytes ((double) bytes, &unit);

  return g_strconcat (number, MS_THIN_SPACE, unit, NULL);
}

char *
ms_figure_byte_rate (double bytes_per_second)
{
  const char *unit;
  g_autofree char *number = ms_figure_split_byte_rate (bytes_per_second, &unit);

  return g_strconcat (number, MS_THIN_SPACE, unit, NULL);
}

char *
ms_figure_number (double value, guint n_decimals)
{
  g_autofree char *size = g_strdup_printf ("%.*f", (int) n_decimals, fabs (value));
  gboolean is_negative = value < 0 && strpbrk (size, "123456789") != NULL;

  return g_strconcat (is_negative ? MS_MINUS : "", size, NULL);
}

/* Half of the unit and less is nothing that whole numbers could show. */
gboolean
ms_figure_has_error (double standard_error)
{
  return !(standard_error < 0.5);
}

char *
ms_figure_about (char *figure)
{
  char *text = g_strconcat ("≈" MS_THIN_SPACE, figure, NULL);

  g_free (figure);
  return text;
}

/* Takes @figure. */
static char *
add_error (char *figure, double standard_error, char *(*format) (guint64))
{
  if (!ms_figure_has_error (standard_error))
    return figure;
  if (isnan (standard_error))
    return ms_figure_about (figure);

  g_autofree char *owned = figure;
  g_autofree char *error = format ((guint64) MIN (standard_error + 0.5, 0x1p62));
  return g_strconcat (owned, " ± ", error, NULL);
}

char *
ms_figure_bytes_with_error (guint64 bytes, double standard_error)
{
  return add_error (ms_figure_bytes (bytes), standard_error, ms_figure_bytes);
}

char *
ms_figure_count_with_error (guint64 count, double standard_error)
{
  return add_error (ms_figure_count (count), standard_error, ms_figure_count);
}

char *
ms_figure_byte_rate_with_error (double bytes_per_second, double standard_error)
{
  g_autofree char *rate = ms_figure_byte_rate (bytes_per_second);
  g_autofree char *error = NULL;

  if (!ms_figure_has_error (standard_error))
    return g_steal_pointer (&rate);
  if (isnan (standard_error))
    return ms_figure_about (g_steal_pointer (&rate));
  error = ms_figure_byte_rate (standard_error);
  return g_strconcat (rate, " ± ", error, NULL);
}

char *
ms_figure_percent (double percent)
{
  g_autofree char *number = ms_figure_number (percent, 1);

  return g_strconcat (number, MS_THIN_SPACE "%", NULL);
}

char *
ms_figure_duration (gint64 duration_ns)
{
  double seconds = (double) MAX (duration_ns, 0) / 1e9;

  if (seconds < 1e-6)
    return g_strdup_printf ("%" G_GINT64_FORMAT MS_THIN_SPACE "ns", MAX (duration_ns, 0));
  if (seconds < 1e-3 - 5e-7)
    return g_strdup_printf ("%.0f" MS_THIN_SPACE "µs", seconds * 1e6);
  if (seconds < 1 - 5e-5)
    return g_strdup_printf ("%.1f" MS_THIN_SPACE "ms", seconds * 1e3);
  if (seconds < 59.95)
    return g_strdup_printf ("%.1f" MS_THIN_SPACE "s", seconds);

  guint64 whole = (guint64) round (seconds);
  if (whole < 3600)
    return g_strdup_printf ("%u" MS_THIN_SPACE "min" MS_THIN_SPACE "%02u" MS_THIN_SPACE "s",
                            (guint) (whole / 60), (guint) (whole % 60));
  return g_strdup_printf ("%" G_GUINT64_FORMAT MS_THIN_SPACE "h" MS_THIN_SPACE "%02u" MS_THIN_SPACE
                          "min",
                          whole / 3600, (guint) (whole / 60 % 60));
}

/* What would be ".0". */
static guint
count_decimals (double value)
{
  return fabs (value - round (value)) < 0.05 ? 0 : 1;
}

char *
ms_figure_chosen_percent (double percent)
{
  g_autofree char *number = ms_figure_number (percent, count_decimals (percent));

  return g_strconcat (number, MS_THIN_SPACE "%", NULL);
}

char *
ms_figure_chosen_duration (gint64 duration_ns)
{
  double seconds = (double) duration_ns / 1e9;
  gboolean is_below_second = seconds < 1 - 5e-5;
  double value = is_below_second ? seconds * 1e3 : seconds;

  if (seconds < 1e-3 - 5e-7 || seconds >= 59.95)
    return ms_figure_duration (duration_ns); /* has none */

  g_autofree char *number = ms_figure_number (value, count_decimals (value));
  return g_strconcat (number, MS_THIN_SPACE, is_below_second ? "ms" : "s", NULL);
}

char *
ms_figure_range (gint64 start_ns, gint64 end_ns)
{
  static const struct {
    double ns;
    const char *unit;
  } UNITS[] = { { 1e9, "s" }, { 1e6, "ms" }, { 1e3, "µs" }, { 1, "ns" } };
  double length_ns = (double) MAX (end_ns - start_ns, 0);
  guint unit = 0;
  int n_decimals;

  /* At least twenty steps of the last digit lie between the ends, which are in a unit that is not larger than the
   * later of them. */
  while (unit + 1 < G_N_ELEMENTS (UNITS)
         && (length_ns < 0.2 * UNITS[unit].ns || (double) end_ns < UNITS[unit].ns))
    unit++;
  n_decimals = length_ns < 2 * UNITS[unit].ns ? 2 : 1;
  if (UNITS[unit].ns <= 1) /* whole nanoseconds are all there is */
    n_decimals = 0;
  if (unit == 0 && (double) end_ns / 1e9 >= 59.95 && length_ns >= 2e9)
    {
      g_autofree char *start = start_ns > 0 ? ms_figure_duration (start_ns) : g_strdup ("0");
      g_autofree char *end = ms_figure_duration (end_ns);

      return g_strdup_printf ("%s–%s", start, end);
    }
  return g_strdup_printf ("%.*f–%.*f" MS_THIN_SPACE "%s", n_decimals,
                          (double) start_ns / UNITS[unit].ns, n_decimals,
                          (double) end_ns / UNITS[unit].ns, UNITS[unit].unit);
}
