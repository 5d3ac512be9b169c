/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-thread-rule.h"

#include <gio/gio.h>
#include <string.h>

#define MAX_THREAD_NAME_BYTES 15
#define MAX_TERMS 32
/* The recorder's buffer for it. */
#define MAX_BYTES 1023

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *message = NULL;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, message);
  return FALSE;
}

static gboolean
is_number (const char *text, guint64 least)
{
  guint64 number;

  return g_ascii_string_to_unsigned (text, 10, least, G_MAXUINT32, &number, NULL);
}

/* "evry:3" is a slip of the pen and not a thread's name. */
static gboolean
looks_like_unknown_word (const char *term)
{
  const char *colon = strchr (term, ':');

  if (!colon || colon == term)
    return FALSE;
  for (const char *p = term; p < colon; p++)
    if (!g_ascii_islower (*p))
      return FALSE;
  return TRUE;
}

static gboolean
check_term (const char *term, GError **error)
{
  if (!*term)
    return fail (error, "an empty term; separate terms by one comma");
  if (g_str_has_prefix (term, "every:"))
    return is_number (term + 6, 1)
           || fail (error, "\"%s\": every: needs a number above 0, as in every:4", term);
  if (g_str_has_prefix (term, "tid:"))
    return is_number (term + 4, 1)
           || fail (error, "\"%s\": tid: needs a thread number, as in tid:1234", term);
  if (g_str_has_prefix (term, "start:"))
    return term[6] || fail (error, "start: needs a function, as in start:worker_main");
  if (looks_like_unknown_word (term))
    return fail (error,
                 "\"%s\" is no rule (all, none, main, even, odd, every:N, tid:N, "
                 "start:FUNCTION or a name); for a name with a colon write ? in its place",
                 term);
  if (!strpbrk (term, "*?") && strlen (term) > MAX_THREAD_NAME_BYTES)
    return fail (error, "\"%s\" can match no thread: names have at most %d bytes", term,
                 MAX_THREAD_NAME_BYTES);
  return TRUE;
}

gboolean
ms_thread_rule_check (const char *rule, GError **error)
{
  g_auto (GStrv) terms = NULL;

  if (!*rule)
    return fail (error, "the rule is empty; \"all\" tracks every thread");
  /* Whoever is on the bus may have written it: one that is too long is not taken apart. */
  if (strlen (rule) <= MAX_BYTES)
    terms = g_strsplit (rule, ",", -1);
  if (!terms || g_strv_length (terms) > MAX_TERMS)
    return fail (error, "the rule is too long (at most %d terms and %d bytes)", MAX_TERMS,
                 MAX_BYTES);
  for (guint i = 0; terms[i]; i++)
    if (!check_term (terms[i], error))
      return FALSE;
  return TRUE;
}
