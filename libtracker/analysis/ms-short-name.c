/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two passes.  The first pairs brackets, so that the second never looks ahead: ends[i] is where the bracket
 * at i is closed, 0 if it never is or is none.  < and > are brackets, operators or arrows:
 *
 *   operator<  operator->  operator()   read as one word with what follows it
 *   (a)<(b)  (a)>(b)                    expressions, which demanglers put into parentheses
 *   fn() -> u8                          an arrow
 *
 * The second writes what stays.  At the top level a space ends a return type, which so is forgotten.
 */
#include "ms-short-name.h"

#include <string.h>

typedef struct {
  const char *name;
  gsize at, end;
  guint32 *ends;
  GString *out;
  guint depth;            /* brackets that were kept and are open */
  gboolean has_arguments; /* it is a function's with its parameters: spaces end a return type */
  gboolean is_conversion; /* behind "operator", in a type */
} Scan;

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '$' || (guchar) c >= 0x80;
}

static char
before (const char *name, gsize at)
{
  return at > 0 ? name[at - 1] : ' ';
}

/* Bytes of "operator<<" and its kin at @at, 0 if it is none.  A type it converts to is not part of it. */
static gsize
operator_length (const char *name, gsize at)
{
  static const char *const symbols[] = { "()", "[]", "<=>", "<<=", ">>=", "->*", "<<",
                                         ">>", "<=", ">=",  "->",  "<",   ">" };
  static const char *const words[] = { " new[]", " delete[]", " new", " delete", " co_await" };
  const gsize n = strlen ("operator");
  const char *rest = name + at + n;

  if (name[at] != 'o' || is_word (before (name, at)) || strncmp (name + at, "operator", n) != 0
      || is_word (*rest))
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_has_prefix (rest, words[i]) && !is_word (rest[strlen (words[i])]))
      return n + strlen (words[i]);
  for (guint i = 0; i < G_N_ELEMENTS (symbols); i++)
    {
      gsize length = strlen (symbols[i]);

      if (!g_str_has_prefix (rest, symbols[i]))
        continue;
      /* LLVM's "operator<<int>" is operator< of int. */
      return g_str_equal (symbols[i], "<<") && is_word (rest[2]) ? n + 1 : n + length;
    }
  return n;
}

/* --- pairs of brackets ----------------------------------------------------------------------- */

static void
close_bracket (guint32 *ends, GArray *open, const char *name, char opening, guint32 at)
{
  guint n = open->len;

  if (n == 0)
    return;
  if (opening == '<' && name[g_array_index (open, guint32, n - 1)] != '<')
    return; /* greater-than */
  /* What was opened inside and is still open was less-than. */
  while (n > 0 && name[g_array_index (open, guint32, n - 1)] == '<' && opening != '<')
    n--;
  if (n == 0 || name[g_array_index (open, guint32, n - 1)] != opening)
    return;
  ends[g_array_index (open, guint32, n - 1)] = at;
  g_array_set_size (open, n - 1);
}

static guint32 *
pair_brackets (const char *name, gsize n_bytes)
{
  static const char openings[] = "(<[{", closings[] = ")>]}";
  guint32 *ends = g_new0 (guint32, n_bytes + 1);
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (gsize i = 0; i < n_bytes; i++)
    {
      gsize skipped = operator_length (name, i);
      const char *closing = strchr (closings, name[i]);
      guint32 at = (guint32) i;

      if (skipped > 0)
        {
          i += skipped - 1;
          at = (guint32) i + 1;
          if (name[at] == '<')
            {
              g_array_append_val (open, at);
              i++;
            }
        }
      else if (name[i] == '<' && before (name, i) == ')')
        while (name[i + 1] == '<' || name[i + 1] == '=')
          i++;
      else if (strchr (openings, name[i]) != NULL)
        g_array_append_val (open, at);
      else if (closing != NULL && !(name[i] == '>' && before (name, i) == '-'))
        close_bracket (ends, open, name, openings[closing - closings], at);
    }
  return ends;
}

/* Whether a list of parameters stands anywhere outside of other brackets. */
static gboolean
has_arguments (const char *name, const guint32 *ends, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    {
      gsize skipped = operator_length (name, i);
      char previous = before (name, i);

      if (skipped > 0)
        {
          i += skipped - 1;
          if (name[i + 1] == '(' && ends[i + 1] > 0)
            return TRUE;
        }
      else if (ends[i] == 0)
        continue;
      else if (name[i] == '(' && (is_word (previous) || strchr (">]*&", previous) != NULL))
        return TRUE;
      else if (i > 0 && previous == ' ' && (name[i + 1] == '*' || name[i + 1] == '&'))
        return TRUE; /* int (*find(char const*))(int) */
      else
        i = ends[i];
    }
  return FALSE;
}

/* --- what stays ------------------------------------------------------------------------------ */

/* Bytes of what may stand behind parameters, " const" or " &", at the space at @at; 0: something else. */
static gsize
qualifier_length (const char *name, gsize at)
{
  static const char *const qualifiers[] = { " const", " volatile", " restrict", " &&", " &" };

  for (guint i = 0; i < G_N_ELEMENTS (qualifiers); i++)
    {
      gsize length = strlen (qualifiers[i]);

      if (g_str_has_prefix (name + at, qualifiers[i]) && !is_word (name[at + length]))
        return length;
    }
  return 0;
}

static void
keep (Scan *self)
{
  g_string_append_c (self->out, self->name[self->at++]);
}

static void
scan_space (Scan *self)
{
  const char *rest = self->name + self->at;
  gsize qualifier;

  if (!self->has_arguments || self->depth > 0 || self->is_conversion)
    {
      keep (self);
      return;
    }
  qualifier = qualifier_length (self->name, self->at);
  if (qualifier > 0)
    self->at += qualifier;
  else if (self->out->len > 0
           && (g_str_has_prefix (rest, " [clone") || g_str_has_prefix (rest, " (.")
               || g_str_has_prefix (rest, " requires ")))
    self->at = self->end;
  else
    {
      g_string_truncate (self->out, 0);
      self->at++;
    }
}

static void
scan_parenthesis (Scan *self)
{
  gsize end = self->ends[self->at];
  char previous = before (self->name, self->at);

  if (g_str_has_prefix (self->name + self->at, "(anonymous "))
    {
      g_string_append (self->out, "(anon)");
      self->at = end + 1;
    }
  else if (self->depth == 0 && previous == ' ' && self->has_arguments && !self->is_conversion
           && strchr ("*&", self->name[self->at + 1]) != NULL)
    {
      /* int (*find(char const*))(int): the name is inside. */
      g_string_truncate (self->out, 0);
      self->at += 2;
      self->end = end;
    }
  else if (is_word (previous) || strchr (">]})'*&", previous) != NULL || self->is_conversion
           || (self->depth == 0 && self->has_arguments && previous == ' '))
    {
      if (self->depth > 0 && self->name[end + 1] != '#')
        g_string_append (self->out, "()");
      self->is_conversion = FALSE;
      self->at = end + 1;
    }
  else
    keep (self); /* Go's main.(*T).Method */
}

/* Arguments go; what Rust has in <type as trait> stays. */
static void
scan_angle (Scan *self)
{
  char previous = before (self->name, self->at);

  if (strchr (" <&(,*[!", previous) != NULL || g_str_has_prefix (self->name + self->at, "<impl "))
    {
      self->depth++;
      keep (self);
      return;
    }
  g_string_append (self->out, "<>");
  self->at = self->ends[self->at] + 1;
}

static void
scan_operator (Scan *self, gsize length)
{
  const char *rest = self->name + self->at + length;

  g_string_append_len (self->out, self->name + self->at, (gssize) length);
  self->at += length;
  self->is_conversion = length == strlen ("operator") && *rest == ' ';
  if (rest[0] == ' ' && rest[1] == '<' && self->ends[self->at + 1] > 0)
    {
      g_string_append (self->out, " <>");
      self->at = self->ends[self->at + 1] + 1;
      self->is_conversion = FALSE;
    }
  else if (*rest == '<' && self->ends[self->at] > 0)
    {
      g_string_append (self->out, "<>");
      self->at = self->ends[self->at] + 1;
    }
  else if (*rest == '(' && self->ends[self->at] > 0)
    self->at = self->ends[self->at] + 1;
}

static void
scan_other (Scan *self)
{
  char c = self->name[self->at];
  gsize end = self->ends[self->at];

  if (c == '[' && g_str_has_prefix (self->name + self->at, "[abi:") && end > 0)
    {
      self->at = end + 1;
      return;
    }
  if (strchr ("[{", c) != NULL && end > 0)
    self->depth++;
  else if (strchr (">]}", c) != NULL && self->depth > 0
           && !(c == '>' && before (self->name, self->at) == '-'))
    self->depth--;
  keep (self);
}

char *
ms_short_name_new (const char *name)
{
  gsize n_bytes = strlen (name);
  g_autofree guint32 *ends = NULL;
  Scan self = { .name = name, .end = n_bytes };

  if (n_bytes >= G_MAXUINT32 || strpbrk (name, "(<[") == NULL)
    return g_strdup (name);
  ends = pair_brackets (name, n_bytes);
  self.ends = ends;
  self.has_arguments = has_arguments (name, ends, n_bytes);
  self.out = g_string_sized_new (n_bytes + 1);
  while (self.at < self.end)
    {
      gsize operator_bytes = operator_length (name, self.at);

      if (operator_bytes > 0)
        scan_operator (&self, operator_bytes);
      else if (name[self.at] == ' ')
        scan_space (&self);
      else if (name[self.at] == '(' && ends[self.at] > 0)
        scan_parenthesis (&self);
      else if (name[self.at] == '<' && ends[self.at] > 0)
        scan_angle (&self);
      else
        scan_other (&self);
    }
  if (self.out->len == 0)
    g_string_assign (self.out, name);
  return g_string_free (self.out, FALSE);
}
