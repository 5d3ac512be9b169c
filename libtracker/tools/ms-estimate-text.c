/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-estimate-text.h"

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
