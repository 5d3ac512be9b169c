/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-text.h"

#include <string.h>

void
trk_text_begin (TrkText *self, char *buffer, size_t n_bytes)
{
  *self = (TrkText) { .buffer = buffer, .n_bytes = n_bytes };
  buffer[0] = '\0';
}

void
trk_text_add_bytes (TrkText *self, const char *bytes, size_t n_bytes)
{
  size_t room = self->n_bytes - 1 - self->length;

  if (n_bytes > room)
    {
      self->overflow = true;
      n_bytes = room;
    }
  memcpy (self->buffer + self->length, bytes, n_bytes);
  self->length += n_bytes;
  self->buffer[self->length] = '\0';
}

void
trk_text_add (TrkText *self, const char *text)
{
  trk_text_add_bytes (self, text, strlen (text));
}

void
trk_text_add_number (TrkText *self, uint64_t number)
{
  char digits[20];
  size_t n = sizeof digits;

  do
    digits[--n] = (char) ('0' + number % 10);
  while ((number /= 10) > 0);
  trk_text_add_bytes (self, digits + n, sizeof digits - n);
}

void
trk_text_add_hex (TrkText *self, const uint8_t *bytes, size_t n_bytes)
{
  static const char digits[] = "0123456789abcdef";

  for (size_t i = 0; i < n_bytes; i++)
    {
      char pair[2] = { digits[bytes[i] >> 4], digits[bytes[i] & 15] };
      trk_text_add_bytes (self, pair, sizeof pair);
    }
}

/* Length of the UTF-8 sequence at @p, 0 if it is none (overlong forms and surrogates included). */
static size_t
utf8_length (const uint8_t *p)
{
  static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
  size_t n = p[0] < 0x80             ? 1
             : (p[0] & 0xe0) == 0xc0 ? 2
             : (p[0] & 0xf0) == 0xe0 ? 3
             : (p[0] & 0xf8) == 0xf0 ? 4
                                     : 0;
  uint32_t point;

  if (n <= 1)
    return n;
  point = p[0] & (0x7fU >> n);
  for (size_t i = 1; i < n; i++)
    {
      if ((p[i] & 0xc0) != 0x80)
        return 0;
      point = point << 6 | (p[i] & 0x3f);
    }
  if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
    return 0;
  return n;
}

void
trk_text_add_json (TrkText *self, const char *text)
{
  const uint8_t *p = (const uint8_t *) text;

  trk_text_add (self, "\"");
  while (*p)
    {
      size_t n = utf8_length (p);

      if (n == 0)
        {
          trk_text_add (self, "\xef\xbf\xbd");
          p++;
          continue;
        }
      if (*p == '"' || *p == '\\')
        {
          trk_text_add (self, "\\");
          trk_text_add_bytes (self, (const char *) p, 1);
        }
      else if (*p < 0x20 || *p == 0x7f)
        {
          trk_text_add (self, "\\u00");
          trk_text_add_hex (self, p, 1);
        }
      else
        {
          trk_text_add_bytes (self, (const char *) p, n);
        }
      p += n;
    }
  trk_text_add (self, "\"");
}
