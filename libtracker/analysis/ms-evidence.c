/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-evidence.h"

#include <math.h>
#include <string.h>

/* Three digits that count, as wherever bytes are shown: 1.20 kB, 16.3 MB, 812 GB. */
static char *
format_scaled (double value, const char *const *units, guint n_units)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  guint unit = 0;
  double size;

  while (fabs (value) >= 999.5 && unit + 1 < n_units)
    {
      value /= 1000;
      unit++;
    }
  size = fabs (value);
  g_ascii_formatd (text, sizeof text,
                   unit == 0 || size >= 99.95 ? "%.0f"
                   : size < 9.995             ? "%.2f"
                                              : "%.1f",
                   value);
  return g_strdup_printf ("%s %s", text, units[unit]);
}

/* @number: how one without a unit of its own is written. */
static char *
format (double value, const char *unit, const char *number)
{
  static const char *const bytes[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (strcmp (unit, "bytes") == 0)
    return format_scaled (value, bytes, G_N_ELEMENTS (bytes));
  if (strcmp (unit, "bytes/s") == 0)
    {
      g_autofree char *rate = format_scaled (value, bytes, G_N_ELEMENTS (bytes));

      return g_strconcat (rate, "/s", NULL);
    }
  g_ascii_formatd (text, sizeof text, number, value);
  if (strcmp (unit, "percent") == 0)
    return g_strconcat (text, " %", NULL);
  return strcmp (unit, "1/s") == 0 ? g_strconcat (text, " /s", NULL) : g_strdup (text);
}

char *
ms_evidence_format_value (double value, const char *unit)
{
  return format (value, unit, fabs (value) < 100 ? "%.1f" : "%.0f");
}

char *
ms_evidence_format_limit (double value, const char *unit)
{
  return format (value, unit, fabs (value - round (value)) < 0.05 ? "%.0f" : "%.1f");
}
