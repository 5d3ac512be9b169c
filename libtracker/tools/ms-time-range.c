/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-time-range.h"

#include <string.h>

#include <gio/gio.h>

#include "ms-quantity.h"
#include "ms-terminal-text.h"

static gboolean
fail (GError **error, const MsTimeRange *self, const char *text, const char *why)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s %s: %s",
               self->option != NULL ? self->option : "--range", text, why);
  return FALSE;
}

gboolean
ms_time_range_parse (MsTimeRange *self, const char *text, GError **error)
{
  const char *dots = strstr (text, "..");
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  gboolean is_length;

  if (dots == NULL)
    return fail (error, self, text, "write FROM..TO, such as 1.5s..3s, 200ms.. or 1s..+50ms");
  from = g_strstrip (g_strndup (text, (gsize) (dots - text)));
  to = g_strstrip (g_strdup (dots + 2));
  is_length = to[0] == '+';
  self->from_ns = self->to_ns = MS_TIME_NONE;
  if ((from[0] != '\0' && !ms_quantity_parse_time (from, &self->from_ns))
      || (to[0] != '\0' && !ms_quantity_parse_time (to + is_length, &self->to_ns)))
    return fail (error, self, text,
                 "times are numbers of seconds, or have ns, us, ms, s, min or h behind them");
  if (is_length)
    {
      gint64 from_ns = MAX (self->from_ns, 0); /* MS_TIME_NONE is the start */

      self->to_ns = self->to_ns > G_MAXINT64 - from_ns ? G_MAXINT64 : self->to_ns + from_ns;
    }
  if (self->to_ns != MS_TIME_NONE && self->to_ns <= MAX (self->from_ns, 0))
    return fail (error, self, text, "its end is not after its start");
  return TRUE;
}

gboolean
ms_time_range_check (const MsTimeRange *self, const char *text, gint64 duration_ns, GError **error)
{
  g_autofree char *length = NULL;
  g_autofree char *why = NULL;

  if (self->from_ns == MS_TIME_NONE || self->from_ns <= 0 || self->from_ns < duration_ns)
    return TRUE;
  length = ms_format_duration (duration_ns);
  why = g_strdup_printf ("it lies outside the recording, which is %s long", length);
  return fail (error, self, text, why);
}

char *
ms_time_range_to_string (const MsTimeRange *self, gint64 duration_ns)
{
  gint64 to_ns = self->to_ns == MS_TIME_NONE ? duration_ns : MIN (self->to_ns, duration_ns);
  g_autofree char *from = ms_format_duration (MAX (self->from_ns, 0));
  g_autofree char *to = ms_format_duration (to_ns);

  return g_strdup_printf ("%s to %s", from, to);
}
