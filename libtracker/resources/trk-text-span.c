/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-text-span.h"

#include <string.h>

#include "trk-reason.h"

bool
trk_text_line (TrkTextSpan *text, TrkTextSpan *line)
{
  const char *newline = memchr (text->at, '\n', (size_t) (text->end - text->at));

  if (!newline)
    return false;
  *line = (TrkTextSpan) { text->at, newline + 1 };
  text->at = newline + 1;
  return true;
}

bool
trk_text_skip (TrkTextSpan *text, const char *word)
{
  const char *p = text->at;

  for (; *word; word++, p++)
    if (p == text->end || *p != *word)
      return false;
  text->at = p;
  return true;
}

void
trk_text_skip_blanks (TrkTextSpan *text)
{
  while (text->at < text->end && (*text->at == ' ' || *text->at == '\t'))
    text->at++;
}

bool
trk_text_word (TrkTextSpan *text, TrkTextSpan *word)
{
  const char *p;

  trk_text_skip_blanks (text);
  for (p = text->at; p < text->end && *p != ' ' && *p != '\t' && *p != '\n'; p++)
    ;
  *word = (TrkTextSpan) { text->at, p };
  text->at = p;
  return word->at < word->end;
}

bool
trk_text_skip_words (TrkTextSpan *text, unsigned n_words)
{
  TrkTextSpan word;

  for (; n_words > 0; n_words--)
    if (!trk_text_word (text, &word))
      return false;
  return true;
}

bool
trk_text_number (TrkTextSpan *text, uint64_t *value)
{
  const char *p = text->at, *end = text->end;
  uint64_t result = 0;

  while (p < end && (*p == ' ' || *p == '\t'))
    p++;
  if (p == end || *p < '0' || *p > '9')
    return false;
  for (; p < end && *p >= '0' && *p <= '9'; p++)
    {
      uint64_t digit = (uint64_t) (*p - '0');

      if (result > (UINT64_MAX - digit) / 10)
        return false;
      result = result * 10 + digit;
    }
  if (p == end)
    return false;
  text->at = p;
  *value = result;
  return true;
}

bool
trk_text_signed (TrkTextSpan *text, int64_t *value)
{
  TrkTextSpan rest = *text;
  uint64_t magnitude;
  bool is_negative;

  trk_text_skip_blanks (&rest);
  is_negative = trk_text_skip (&rest, "-");
  if (!trk_text_number (&rest, &magnitude) || magnitude > INT64_MAX)
    return false;
  *value = is_negative ? -(int64_t) magnitude : (int64_t) magnitude;
  *text = rest;
  return true;
}

bool
trk_text_hundredths (TrkTextSpan *text, uint64_t *value)
{
  TrkTextSpan rest = *text;
  uint64_t whole, part = 0;
  unsigned n_digits = 0;

  if (!trk_text_number (&rest, &whole) || whole > UINT64_MAX / 100 - 1)
    return false;
  if (trk_text_skip (&rest, "."))
    for (; rest.at < rest.end && *rest.at >= '0' && *rest.at <= '9'; rest.at++)
      if (n_digits++ < 2)
        part = part * 10 + (uint64_t) (*rest.at - '0');
  if (rest.at == rest.end)
    return false;
  *value = whole * 100 + (n_digits == 1 ? part * 10 : part);
  *text = rest;
  return true;
}

void
trk_text_copy (TrkTextSpan text, char *to, size_t size)
{
  size_t n = (size_t) (text.end - text.at);

  if (n >= size)
    n = size - 1;
  for (size_t i = 0; i < n; i++)
    to[i] = text.at[i] ? text.at[i] : '?';
  to[n] = '\0';
}

unsigned
trk_text_keys (TrkTextSpan text, const TrkTextKey *keys, unsigned n_keys)
{
  unsigned n_found = 0, next = 0;
  TrkTextSpan line;

  for (unsigned i = 0; i < n_keys; i++)
    *keys[i].value = TRK_UNKNOWN;
  while (n_found < n_keys && trk_text_line (&text, &line))
    for (unsigned i = 0; i < n_keys; i++)
      {
        const TrkTextKey *key = &keys[(next + i) % n_keys];
        uint64_t value;

        if (!trk_text_skip (&line, key->key))
          continue;
        next = (unsigned) (key - keys) + 1;
        /* Of two lines with one key the first counts. */
        if (*key->value == TRK_UNKNOWN && trk_text_number (&line, &value)
            && value <= (TRK_UNKNOWN - 1) / key->scale)
          {
            *key->value = value * key->scale;
            n_found++;
          }
        break;
      }
  return n_found;
}
