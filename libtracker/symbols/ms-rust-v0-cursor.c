/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading is bounded by the symbol's length, writing by MAX_OUTPUT_BYTES, recursion by MAX_DEPTH.
 * After a failure nothing is printed any more and callers unwind at their own pace.
 */
#include "ms-rust-v0-cursor.h"

#include <string.h>

#include "ms-punycode.h"

#define MAX_DEPTH 200
#define MAX_OUTPUT_BYTES 16384

char
ms_v0_peek (MsV0Cursor *v)
{
  return v->at < v->n ? v->input[v->at] : '\0';
}

char
ms_v0_next (MsV0Cursor *v)
{
  if (v->at >= v->n)
    {
      v->failed = TRUE;
      return '\0';
    }
  return v->input[v->at++];
}

gboolean
ms_v0_eat (MsV0Cursor *v, char c)
{
  if (ms_v0_peek (v) != c)
    return FALSE;
  v->at++;
  return TRUE;
}

void
ms_v0_print (MsV0Cursor *v, const char *text)
{
  if (v->out == NULL || v->failed)
    return;
  if (v->out->len + strlen (text) > MAX_OUTPUT_BYTES)
    v->failed = TRUE;
  else
    g_string_append (v->out, text);
}

void
ms_v0_print_bytes (MsV0Cursor *v, const char *bytes, gsize n)
{
  if (v->out == NULL || v->failed)
    return;
  if (v->out->len + n > MAX_OUTPUT_BYTES)
    v->failed = TRUE;
  else
    g_string_append_len (v->out, bytes, (gssize) n);
}

void
ms_v0_print_number (MsV0Cursor *v, guint64 number)
{
  char text[32];

  g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, number);
  ms_v0_print (v, text);
}

gboolean
ms_v0_enter (MsV0Cursor *v)
{
  if (++v->depth > MAX_DEPTH)
    v->failed = TRUE;
  return !v->failed;
}

guint64
ms_v0_base_62 (MsV0Cursor *v)
{
  guint64 x = 0;

  if (ms_v0_eat (v, '_'))
    return 0;
  while (!v->failed && !ms_v0_eat (v, '_'))
    {
      char c = ms_v0_next (v);
      guint64 digit = 0;

      if (g_ascii_isdigit (c))
        digit = (guint64) (c - '0');
      else if (g_ascii_islower (c))
        digit = (guint64) (c - 'a') + 10;
      else if (g_ascii_isupper (c))
        digit = (guint64) (c - 'A') + 36;
      else
        v->failed = TRUE;
      if (x > (G_MAXUINT64 - digit) / 62)
        v->failed = TRUE;
      else
        x = x * 62 + digit;
    }
  return x + 1;
}

guint64
ms_v0_disambiguator (MsV0Cursor *v)
{
  return ms_v0_eat (v, 's') ? ms_v0_base_62 (v) + 1 : 0;
}

static gsize
decimal (MsV0Cursor *v)
{
  gsize x = 0;

  if (!g_ascii_isdigit (ms_v0_peek (v)))
    v->failed = TRUE;
  if (ms_v0_eat (v, '0'))
    return 0;
  while (g_ascii_isdigit (ms_v0_peek (v)))
    {
      x = x * 10 + (gsize) (ms_v0_next (v) - '0');
      if (x > v->n)
        {
          v->failed = TRUE;
          return 0;
        }
    }
  return x;
}

MsV0Identifier
ms_v0_identifier (MsV0Cursor *v)
{
  MsV0Identifier id = { NULL, 0, NULL, 0 };
  gboolean is_punycode = ms_v0_eat (v, 'u');
  gsize length = decimal (v);

  ms_v0_eat (v, '_'); /* parts a length from a name that begins with a digit or an underscore */
  if (v->failed || length > v->n - v->at)
    {
      v->failed = TRUE;
      return id;
    }
  id.ascii = v->input + v->at;
  id.n_ascii = length;
  v->at += length;
  if (is_punycode)
    {
      gsize split = length;

      while (split > 0 && id.ascii[split - 1] != '_')
        split--;
      id.punycode = id.ascii + split;
      id.n_punycode = length - split;
      id.n_ascii = split > 0 ? split - 1 : 0;
    }
  return id;
}

void
ms_v0_print_identifier (MsV0Cursor *v, const MsV0Identifier *id)
{
  g_autoptr (GArray) text = NULL;

  if (id->punycode == NULL)
    {
      ms_v0_print_bytes (v, id->ascii, id->n_ascii);
      return;
    }
  text = ms_punycode_decode (id->ascii, id->n_ascii, id->punycode, id->n_punycode);
  if (text == NULL)
    {
      v->failed = TRUE;
      return;
    }
  for (guint k = 0; k < text->len; k++)
    {
      char utf8[8];
      ms_v0_print_bytes (v, utf8,
                         (gsize) g_unichar_to_utf8 (g_array_index (text, gunichar, k), utf8));
    }
}

const char *
ms_v0_hex_digits (MsV0Cursor *v, gsize *n)
{
  const char *digits = v->input + v->at;

  *n = 0;
  while (!v->failed && !ms_v0_eat (v, '_'))
    {
      char c = ms_v0_next (v);

      if (!g_ascii_isxdigit (c) || g_ascii_isupper (c))
        v->failed = TRUE;
      ++*n;
    }
  while (*n > 1 && digits[0] == '0')
    {
      digits++;
      --*n;
    }
  return digits;
}
