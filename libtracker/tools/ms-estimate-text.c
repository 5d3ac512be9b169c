/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-estimate-text.h"

#include <math.h>

#include "ms-terminal-text.h"

typedef char *(*Format) (guint64 number);

/* Less than half of the unit is nothing that whole numbers could show. */
static char *
dup_error (Format format, double standard_error)
{
  g_autofree char *text = NULL;

  if (!(standard_error >= 0.5))
    return g_strdup ("");
  text = format ((guint64) MIN (standard_error + 0.5, 0x1p62));
  return g_strconcat ("± ", text, " ", NULL);
}

static char *
dup_estimate (Format format, guint64 number, double standard_error)
{
  g_autofree char *text = format (number);
  g_autofree char *error = dup_error (format, standard_error);

  return g_strchomp (g_strconcat (text, " ", error, NULL));
}

char *
ms_estimate_text_bytes (guint64 bytes, double standard_error)
{
  return dup_estimate (ms_format_bytes, bytes, standard_error);
}

char *
ms_estimate_text_count (guint64 count, double standard_error)
{
  return dup_estimate (ms_format_count, count, standard_error);
}

char *
ms_estimate_text_error_bytes (double standard_error)
{
  return dup_error (ms_format_bytes, standard_error);
}

char *
ms_estimate_text_error_count (double standard_error)
{
  return dup_error (ms_format_count, standard_error);
}

/* With the probability p each, n blocks are all missed with (1 − p)ⁿ; with one in so many bytes, b bytes with
 * e^(−b / interval).  Less than 5 % is unlikely. */
char *
ms_estimate_text_none (MsTrace *trace)
{
  const double unlikely = log (0.05);
  guint64 interval_bytes;
  double rate;
  g_autofree char *most = NULL;

  if (!ms_trace_is_sampled (trace) || !ms_trace_get_sampling (trace, &rate, &interval_bytes))
    return g_strdup ("");
  if (interval_bytes > 0)
    {
      most = ms_format_bytes ((guint64) (-unlikely * (double) interval_bytes));
      return g_strdup_printf ("; up to %s could have been missed (95 %%)", most);
    }
  most = ms_format_count ((guint64) ceil (unlikely / log1p (-rate)));
  return g_strdup_printf ("; fewer than %s could have been missed (95 %%)", most);
}
