/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-quantity.h"

#include <string.h>

const MsQuantityUnit ms_quantity_time_units[] = {
  { "ns", 1 },  { "us", 1e3 },   { "µs", 1e3 },   { "ms", 1e6 },
  { "s", 1e9 }, { "min", 60e9 }, { "h", 3600e9 }, { NULL, 0 },
};

const MsQuantityUnit ms_quantity_count_units[] = {
  { "k", 1e3 },     { "K", 1e3 },     { "M", 1e6 },     { "G", 1e9 },     { "T", 1e12 },
  { "Ki", 0x1p10 }, { "Mi", 0x1p20 }, { "Gi", 0x1p30 }, { "Ti", 0x1p40 }, { NULL, 0 },
};

gsize
ms_quantity_number_length (const char *text)
{
  gsize digits = strspn (text, "0123456789");
  gsize decimals = text[digits] == '.' ? strspn (text + digits + 1, "0123456789") : 0;

  if (digits == 0)
    return 0;
  return digits + (decimals > 0 ? 1 + decimals : 0);
}

gboolean
ms_quantity_find_unit (const MsQuantityUnit *units, const char *text, double *factor)
{
  for (guint i = 0; units[i].text != NULL; i++)
    if (g_str_equal (units[i].text, text))
      {
        *factor = units[i].factor;
        return TRUE;
      }
  return FALSE;
}

gboolean
ms_quantity_parse_time (const char *text, gint64 *time_ns)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  gsize length = ms_quantity_number_length (copy);
  const char *unit = copy + length;
  double factor = 1e9, ns;

  while (g_ascii_isspace (*unit))
    unit++;
  if (length == 0
      || (unit[0] != '\0' && !ms_quantity_find_unit (ms_quantity_time_units, unit, &factor)))
    return FALSE;
  ns = g_ascii_strtod (copy, NULL) * factor + 0.5;
  if (!(ns < 9.2e18))
    return FALSE;
  *time_ns = (gint64) ns;
  return TRUE;
}
