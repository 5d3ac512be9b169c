/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rust's older mangling: a C++ nested name whose last part is a hash.
 *
 *   _ZN4core3fmt5Write9write_fmt17h0123456789abcdefE
 *
 * Punctuation that linkers do not take is spelled $LT$, $u20$ or, for "::", two dots.  The hash is
 * left out, as it is in backtraces.  The input is hostile; reading is bounded by its length.
 */
#include "ms-demangle.h"

#include <string.h>

static const struct {
  const char *escape;
  const char *text;
} legacy_escapes[] = {
  { "$SP$", "@" }, { "$BP$", "*" }, { "$RF$", "&" }, { "$LT$", "<" },
  { "$GT$", ">" }, { "$LP$", "(" }, { "$RP$", ")" }, { "$C$", "," },
};

/* Appends what the escape at @p says; returns its length, or 0 if it is none. */
static gsize
append_legacy_escape (GString *out, const char *p, gsize n)
{
  for (guint i = 0; i < G_N_ELEMENTS (legacy_escapes); i++)
    {
      gsize length = strlen (legacy_escapes[i].escape);

      if (n >= length && memcmp (p, legacy_escapes[i].escape, length) == 0)
        {
          g_string_append (out, legacy_escapes[i].text);
          return length;
        }
    }
  if (n >= 4 && p[1] == 'u')
    {
      const char *end = memchr (p + 2, '$', n - 2);
      gunichar c = 0;

      if (end == NULL || end - p > 8)
        return 0;
      for (const char *digit = p + 2; digit < end; digit++)
        {
          if (!g_ascii_isxdigit (*digit))
            return 0;
          c = c * 16 + (gunichar) g_ascii_xdigit_value (*digit);
        }
      if (end == p + 2 || !g_unichar_validate (c) || g_unichar_iscntrl (c))
        return 0;
      g_string_append_unichar (out, c);
      return (gsize) (end - p) + 1;
    }
  return 0;
}

static void
append_legacy_part (GString *out, const char *p, gsize n)
{
  /* A part that begins with an escape has an underscore put before it. */
  if (n >= 2 && p[0] == '_' && p[1] == '$')
    {
      p++;
      n--;
    }
  while (n > 0)
    {
      gsize used = 1;

      if (p[0] == '.' && n >= 2 && p[1] == '.')
        {
          g_string_append (out, "::");
          used = 2;
        }
      else if (p[0] == '$' && (used = append_legacy_escape (out, p, n)) > 0)
        ;
      else
        {
          g_string_append_c (out, p[0]);
          used = 1;
        }
      p += used;
      n -= used;
    }
}

static gboolean
is_legacy_hash (const char *p, gsize n)
{
  if (n != 17 || p[0] != 'h')
    return FALSE;
  for (gsize i = 1; i < n; i++)
    if (!g_ascii_isxdigit (p[i]) || g_ascii_isupper (p[i]))
      return FALSE;
  return TRUE;
}

char *
ms_demangle_rust_legacy (const char *symbol)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *p;
  gsize left;

  if (!g_str_has_prefix (symbol, "_ZN"))
    return NULL;
  p = symbol + strlen ("_ZN");
  left = strlen (p);
  for (guint part = 0; left > 0 && g_ascii_isdigit (*p); part++)
    {
      gsize n = 0;

      for (; left > 0 && g_ascii_isdigit (*p) && n < 100000; p++, left--)
        n = n * 10 + (gsize) (*p - '0');
      if (n == 0 || n > left)
        return NULL;
      /* Only the hash tells this from C++. */
      if (part > 0 && is_legacy_hash (p, n) && p[n] == 'E')
        return g_string_free (g_steal_pointer (&out), FALSE);
      if (part > 0)
        g_string_append (out, "::");
      append_legacy_part (out, p, n);
      p += n;
      left -= n;
    }
  return NULL;
}
