/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-language.h"
#include "ms-figures.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* GLib has no call for a plural with a context; the key is what gettext's own macro looks up. */
static const char *
translate (const char *context, const char *text, const char *many, gulong n, gpointer data)
{
  g_autofree char *key = g_strconcat (context, "\004", text, NULL);
  const char *found;

  if (many == NULL)
    return g_dpgettext2 (GETTEXT_PACKAGE, context, text);
  found = g_dngettext (GETTEXT_PACKAGE, key, many, n);
  return found == key ? text : found;
}

static char *
format_value (double value, const char *unit, gpointer data)
{
  if (strcmp (unit, "bytes") == 0)
    return ms_figure_bytes ((guint64) llround (MAX (value, 0)));
  if (strcmp (unit, "bytes/s") == 0)
    return ms_figure_byte_rate (MAX (value, 0));
  if (strcmp (unit, "percent") == 0)
    return ms_figure_percent (value);
  if (strcmp (unit, "1/s") == 0)
    /* Translators: how often a second. */
    return g_strdup_printf (C_ ("figure", "%.*f\u202f/s"), value < 100 ? 1 : 0, value);
  return fabs (value) < 99.95 ? ms_figure_number (value, 1)
         : value > 0          ? ms_figure_count ((guint64) llround (value))
                              : ms_figure_number (value, 0);
}

static char *
format_limit (double value, const char *unit, gpointer data)
{
  if (strcmp (unit, "percent") == 0)
    return ms_figure_chosen_percent (value);
  if (*unit == '\0' && fabs (value) < 99.95 && fabs (value - round (value)) < 0.05)
    return ms_figure_number (value, 0);
  return format_value (value, unit, data);
}

const MsLanguage *
ms_language_get (void)
{
  static const MsLanguage language = { translate, format_value, format_limit, NULL };

  return &language;
}

const char *
ms_language_word (const char *context, const char *text)
{
  return g_dpgettext2 (GETTEXT_PACKAGE, context, text);
}

const char *
ms_language_reason (const char *reason)
{
  return reason != NULL ? ms_language_word ("not measured", reason) : NULL;
}

const char *
ms_language_get_comma (void)
{
  /* Translators: between the items of a list, with its space: "Processor, Memory, I/O". */
  return C_ ("list", ", ");
}
