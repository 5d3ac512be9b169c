/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-name-pattern.h"

#include <string.h>

#include "ms-trace.h"

#define MOST_BYTES 64

/* --- reading one ----------------------------------------------------------------------------- */

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, message);
  return FALSE;
}

/* GPatternSpec knows no escapes: within a glob, an asterisk that shall be one becomes any character. */
gboolean
ms_name_pattern_init (MsNamePattern *self, const char *text, GError **error)
{
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autoptr (GString) glob = g_string_new (NULL);
  gboolean is_glob = FALSE;

  if (text[0] == '\0')
    return fail (error, "an empty pattern would match everything");
  if (!g_utf8_validate (text, -1, NULL))
    return fail (error, "a pattern has to be UTF-8");
  for (const char *p = text; *p != '\0'; p++)
    {
      gboolean is_escaped = *p == '\\';

      if (is_escaped && *++p == '\0')
        return fail (error, "a pattern ends in a backslash, which belongs before a character");
      is_glob = is_glob || (!is_escaped && (*p == '*' || *p == '?'));
      g_string_append_c (plain, *p);
      g_string_append_c (glob, is_escaped && *p == '*' ? '?' : *p);
    }
  self->text = g_string_free (g_steal_pointer (&plain), FALSE);
  self->glob = is_glob ? g_pattern_spec_new (glob->str) : NULL;
  return TRUE;
}

void
ms_name_pattern_clear (MsNamePattern *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->glob, g_pattern_spec_free);
}

/* --- parts of names -------------------------------------------------------------------------- */

static gboolean
begins_part (MsNameKind kind, const char *name, const char *at)
{
  if (at == name)
    return TRUE;
  return kind == MS_NAME_PATH ? at[-1] == '/'
                              : at[-1] == ' ' || (at[-1] == ':' && at - name > 1 && at[-2] == ':');
}

static gboolean
ends_part (MsNameKind kind, const char *end)
{
  return *end == '\0' || (kind == MS_NAME_FUNCTION && (*end == '(' || *end == '<' || *end == ' '));
}

/* Where the part that counts begins, and its length.  What is in <> and () is passed over, as "::" and
 * spaces stand in there too; "operator<" and "operator()" are names nevertheless. */
static const char *
find_short (MsNameKind kind, const char *name, gsize *n_bytes)
{
  const char *slash = strrchr (name, '/');
  const char *symbol = strstr (name, "operator");
  const char *begin = name, *end = NULL;
  guint depth = 0;

  if (kind == MS_NAME_PATH)
    {
      begin = slash != NULL && slash[1] != '\0' ? slash + 1 : name;
      *n_bytes = strlen (begin);
      return begin;
    }
  if (symbol != NULL && begins_part (kind, name, symbol))
    {
      const char *open = strchr (symbol + strlen ("operator") + 1, '(');

      *n_bytes = open != NULL ? (gsize) (open - symbol) : strlen (symbol);
      return symbol;
    }
  for (const char *p = name; *p != '\0'; p++)
    {
      if (*p == '<' || *p == '(')
        {
          if (depth++ == 0 && end == NULL && p > begin)
            end = p;
        }
      else if ((*p == '>' || *p == ')') && depth > 0)
        depth--;
      else if (depth == 0 && ((*p == ':' && p[1] == ':') || (*p == ' ' && p[1] != '(')))
        {
          if (*p == ' ' && (g_str_has_prefix (p, " const") || p[1] == '['))
            break;
          p += *p == ':';
          begin = p + 1;
          end = NULL;
        }
    }
  *n_bytes = end != NULL ? (gsize) (end - begin) : strlen (begin);
  return begin;
}

char *
ms_name_short (MsNameKind kind, const char *name)
{
  gsize n_bytes;
  const char *begin = find_short (kind, name, &n_bytes);

  return n_bytes > 0 ? g_strndup (begin, n_bytes) : g_strdup (name);
}

/* --- matching -------------------------------------------------------------------------------- */

/* Whether @at is among the arguments of @name and not in the name itself. */
static gboolean
is_in_brackets (const char *name, const char *at)
{
  gint depth = 0;

  for (const char *p = name; p < at; p++)
    depth += *p == '<' || *p == '(' ? 1 : *p == '>' || *p == ')' ? -1 : 0;
  return depth > 0;
}

static gboolean
matches_glob (const MsNamePattern *self, const char *name)
{
  return g_pattern_spec_match_string (self->glob, name);
}

guint
ms_name_pattern_match (const MsNamePattern *self, MsNameKind kind, const char *name)
{
  gsize n_bytes = strlen (self->text);
  gboolean is_in = FALSE;

  if (self->glob != NULL)
    {
      g_autofree char *part = NULL;

      if (matches_glob (self, name))
        return 2;
      part = ms_name_short (kind, name);
      return matches_glob (self, part) ? 2 : 0;
    }
  for (const char *at = strstr (name, self->text); at != NULL; at = strstr (at + 1, self->text))
    {
      if (begins_part (kind, name, at) && ends_part (kind, at + n_bytes)
          && (kind == MS_NAME_PATH || !is_in_brackets (name, at)))
        return 2;
      is_in = TRUE;
    }
  return is_in ? 1 : 0;
}

guint
ms_name_distance (const char *a, const char *b)
{
  guint rows[3][MOST_BYTES + 1];
  gsize n = strlen (a), m = strlen (b);

  if (n > MOST_BYTES || m > MOST_BYTES)
    return G_MAXUINT;
  for (gsize j = 0; j <= m; j++)
    rows[1][j] = (guint) j;
  for (gsize i = 1; i <= n; i++)
    {
      guint *row = rows[(i + 1) % 3], *above = rows[i % 3], *above2 = rows[(i + 2) % 3];
      char x = g_ascii_tolower (a[i - 1]), x_before = i > 1 ? g_ascii_tolower (a[i - 2]) : '\0';

      row[0] = (guint) i;
      for (gsize j = 1; j <= m; j++)
        {
          char y = g_ascii_tolower (b[j - 1]), y_before = j > 1 ? g_ascii_tolower (b[j - 2]) : '\0';

          row[j] = MIN (MIN (above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
          if (i > 1 && j > 1 && x == y_before && x_before == y)
            row[j] = MIN (row[j], above2[j - 2] + 1);
        }
    }
  return rows[(n + 1) % 3][m];
}
