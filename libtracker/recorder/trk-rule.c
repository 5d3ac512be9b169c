/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-rule.h"

#include <string.h>

static bool
glob_matches (const char *pattern, const char *text)
{
  const char *star = NULL, *star_text = NULL;

  while (*text)
    {
      if (*pattern == '*')
        {
          star = pattern++;
          star_text = text;
        }
      else if (*pattern == '?' || *pattern == *text)
        {
          pattern++;
          text++;
        }
      else if (star)
        {
          pattern = star + 1;
          text = ++star_text;
        }
      else
        {
          return false;
        }
    }
  while (*pattern == '*')
    pattern++;
  return *pattern == '\0';
}

static bool
parse_number (const char *text, uint64_t *number)
{
  uint64_t value = 0;

  if (!*text)
    return false;
  for (; *text; text++)
    {
      if (*text < '0' || *text > '9' || value > UINT32_MAX)
        return false;
      value = value * 10 + (uint64_t) (*text - '0');
    }
  *number = value;
  return true;
}

static const char *
parse_term (TrkTerm *term, const char *text, TrkSymbolLookup lookup)
{
  static const struct {
    const char *word;
    TrkTermKind kind;
  } words[] = {
    { "all", TRK_TERM_ALL },   { "none", TRK_TERM_NONE }, { "main", TRK_TERM_MAIN },
    { "even", TRK_TERM_EVEN }, { "odd", TRK_TERM_ODD },
  };

  term->number = 0;
  term->text = text;
  for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcmp (text, words[i].word) == 0)
      {
        term->kind = words[i].kind;
        return NULL;
      }
  if (strncmp (text, "every:", 6) == 0)
    {
      term->kind = TRK_TERM_EVERY;
      return parse_number (text + 6, &term->number) && term->number > 0
                 ? NULL
                 : "every: needs a number above 0";
    }
  if (strncmp (text, "tid:", 4) == 0)
    {
      term->kind = TRK_TERM_TID;
      return parse_number (text + 4, &term->number) ? NULL : "tid: needs a number";
    }
  if (strncmp (text, "start:", 6) == 0)
    {
      term->kind = TRK_TERM_START;
      term->text = text + 6;
      if (!*term->text)
        return "start: needs the name of a function";
      term->number = lookup ? lookup (term->text, term->routines, TRK_RULE_ROUTINES) : 0;
      return NULL;
    }
  term->kind = TRK_TERM_NAME;
  return *text ? NULL : "an empty term";
}

const char *
trk_rule_parse (TrkRule *self, const char *text, TrkSymbolLookup lookup)
{
  char *term, *comma;

  memset (self, 0, sizeof *self);
  if (strlen (text) >= sizeof self->text)
    return "the rule is too long";
  memcpy (self->text, text, strlen (text) + 1);

  for (term = self->text; term; term = comma)
    {
      const char *error;

      comma = strchr (term, ',');
      if (comma)
        *comma++ = '\0';
      if (self->n_terms == TRK_RULE_TERMS)
        return "more than 32 terms";
      if ((error = parse_term (&self->terms[self->n_terms], term, lookup)))
        return error;
      self->uses_names |= self->terms[self->n_terms].kind == TRK_TERM_NAME;
      self->n_terms++;
    }
  return NULL;
}

static bool
term_matches (const TrkTerm *self,
              uint32_t id,
              int32_t tid,
              const char *name,
              uint64_t start_routine)
{
  switch (self->kind)
    {
    case TRK_TERM_ALL:
      return true;
    case TRK_TERM_NONE:
      return false;
    case TRK_TERM_MAIN:
      return id == 0;
    case TRK_TERM_EVEN:
      return id % 2 == 0;
    case TRK_TERM_ODD:
      return id % 2 == 1;
    case TRK_TERM_EVERY:
      return id % self->number == 0;
    case TRK_TERM_TID:
      return (uint64_t) tid == self->number;
    case TRK_TERM_START:
      for (uint64_t i = 0; i < self->number && i < TRK_RULE_ROUTINES; i++)
        if (self->routines[i] == start_routine)
          return true;
      return false;
    case TRK_TERM_NAME:
      return glob_matches (self->text, name);
    }
  return false;
}

bool
trk_rule_matches (const TrkRule *self,
                  uint32_t id,
                  int32_t tid,
                  const char *name,
                  uint64_t start_routine)
{
  for (unsigned i = 0; i < self->n_terms; i++)
    if (term_matches (&self->terms[i], id, tid, name, start_routine))
      return true;
  return false;
}

const char *
trk_rule_find (const TrkRule *self,
               uint32_t id,
               int32_t tid,
               const char *name,
               uint64_t start_routine)
{
  const char *text = self->text; /* where each comma was, a zero is */

  for (unsigned i = 0; i < self->n_terms; i++, text += strlen (text) + 1)
    if (term_matches (&self->terms[i], id, tid, name, start_routine))
      return text;
  return NULL;
}

const char *
trk_rule_get_missing (const TrkRule *self)
{
  for (unsigned i = 0; i < self->n_terms; i++)
    if (self->terms[i].kind == TRK_TERM_START && self->terms[i].number == 0)
      return self->terms[i].text;
  return NULL;
}

bool
trk_rule_is_all (const TrkRule *self)
{
  for (unsigned i = 0; i < self->n_terms; i++)
    if (self->terms[i].kind == TRK_TERM_ALL)
      return true;
  return false;
}

bool
trk_rule_is_none (const TrkRule *self)
{
  for (unsigned i = 0; i < self->n_terms; i++)
    if (self->terms[i].kind != TRK_TERM_NONE)
      return false;
  return true;
}
