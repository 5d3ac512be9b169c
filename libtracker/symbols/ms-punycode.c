/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Each number of @punycode is a distance in the walk over (code point, position) pairs, written in
 * base 36 with a threshold a digit that follows the sizes of the numbers before it.  The parameters
 * are those of RFC 3492, section 5.
 */
#include "ms-punycode.h"

#define MAX_CHARACTERS 1000

static guint
punycode_digit (char c)
{
  if (g_ascii_islower (c))
    return (guint) (c - 'a');
  if (g_ascii_isdigit (c))
    return (guint) (c - '0') + 26;
  return G_MAXUINT;
}

GArray *
ms_punycode_decode (const char *ascii, gsize n_ascii, const char *punycode, gsize n_punycode)
{
  g_autoptr (GArray) text = g_array_new (FALSE, FALSE, sizeof (gunichar));
  guint64 n = 128, i = 0, bias = 72;
  gsize at = 0;

  for (gsize k = 0; k < n_ascii; k++)
    {
      gunichar c = (guchar) ascii[k];
      g_array_append_val (text, c);
    }
  for (gboolean first = TRUE; at < n_punycode; first = FALSE)
    {
      guint64 old_i = i, weight = 1, delta, n_steps = 0;
      gunichar c;

      for (guint64 k = 36;; k += 36)
        {
          guint digit = at < n_punycode ? punycode_digit (punycode[at++]) : G_MAXUINT;
          guint64 threshold = k <= bias ? 1 : MIN (k - bias, 26);

          if (digit == G_MAXUINT || weight > G_MAXUINT32)
            return NULL;
          i += digit * weight;
          if (digit < threshold)
            break;
          weight *= 36 - threshold;
        }
      delta = first ? (i - old_i) / 700 : (i - old_i) / 2;
      delta += delta / (text->len + 1);
      for (; delta > 455; n_steps += 36)
        delta /= 35;
      bias = n_steps + 36 * delta / (delta + 38);
      n += i / (text->len + 1);
      i %= text->len + 1;
      c = (gunichar) n;
      if (n > 0x10ffff || !g_unichar_validate (c) || text->len > MAX_CHARACTERS)
        return NULL;
      g_array_insert_val (text, (guint) i, c);
      i++;
    }
  return g_steal_pointer (&text);
}
