/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-suppressions.h"

#include <string.h>

#define PREFIX "leak:"
#define BLANKS " \t\r\v\f"
#define SHOWN_CHARS 40

G_DEFINE_QUARK (ms_suppressions_error, ms_suppressions_error)

typedef struct {
  char *pattern;
  guint line;
} Suppression;

struct _MsSuppressions {
  gint n_references;
  GArray *entries; /* of Suppression */
};

static void
clear_suppression (gpointer data)
{
  g_free (((Suppression *) data)->pattern);
}

MsSuppressions *
ms_suppressions_ref (MsSuppressions *self)
{
  g_atomic_int_inc (&self->n_references);
  return self;
}

void
ms_suppressions_unref (MsSuppressions *self)
{
  if (!g_atomic_int_dec_and_test (&self->n_references))
    return;
  g_array_unref (self->entries);
  g_free (self);
}

guint
ms_suppressions_get_n (MsSuppressions *self)
{
  return self->entries->len;
}

const char *
ms_suppressions_get_pattern (MsSuppressions *self, guint index)
{
  g_return_val_if_fail (index < self->entries->len, NULL);
  return g_array_index (self->entries, Suppression, index).pattern;
}

guint
ms_suppressions_get_line (MsSuppressions *self, guint index)
{
  g_return_val_if_fail (index < self->entries->len, 0);
  return g_array_index (self->entries, Suppression, index).line;
}

/* --- reading ------------------------------------------------------------------------------------ */

/* What of @line can be shown in an error. */
static char *
show (const char *line)
{
  g_autofree char *valid = g_utf8_make_valid (line, -1);

  if (g_utf8_strlen (valid, -1) > SHOWN_CHARS)
    {
      g_autofree char *start = g_utf8_substring (valid, 0, SHOWN_CHARS);

      return g_strconcat (start, "…", NULL);
    }
  return g_steal_pointer (&valid);
}

static gboolean
fail_line (GError **error, guint number, const char *line)
{
  g_autofree char *shown = show (line);

  if (line[0] == '{')
    g_set_error (error, MS_SUPPRESSIONS_ERROR, MS_SUPPRESSIONS_ERROR_SYNTAX,
                 "line %u: this is a suppression of Valgrind's; write leak:PATTERN, one to a line",
                 number);
  else if (g_str_has_prefix (line, PREFIX))
    g_set_error (error, MS_SUPPRESSIONS_ERROR, MS_SUPPRESSIONS_ERROR_SYNTAX,
                 "line %u: there is no pattern after leak:; leak:* suppresses everything", number);
  else
    g_set_error (error, MS_SUPPRESSIONS_ERROR, MS_SUPPRESSIONS_ERROR_SYNTAX,
                 "line %u: “%s” is neither leak:PATTERN nor a comment", number, shown);
  return FALSE;
}

static gboolean
parse_line (MsSuppressions *self, char *line, guint number, GError **error)
{
  Suppression entry = { .line = number };
  gsize length;

  line += strspn (line, BLANKS);
  for (length = strlen (line); length > 0 && strchr (BLANKS, line[length - 1]) != NULL; length--)
    line[length - 1] = '\0';
  if (line[0] == '\0' || line[0] == '#')
    return TRUE;
  if (!g_str_has_prefix (line, PREFIX) || line[strlen (PREFIX)] == '\0')
    return fail_line (error, number, line);
  entry.pattern = g_utf8_make_valid (line + strlen (PREFIX), -1);
  g_array_append_val (self->entries, entry);
  return TRUE;
}

MsSuppressions *
ms_suppressions_parse (const char *text, gssize n_bytes, GError **error)
{
  g_autoptr (MsSuppressions) self = g_new0 (MsSuppressions, 1);
  gsize n = n_bytes < 0 ? strlen (text) : (gsize) n_bytes;
  const char *end = text + n;
  guint number = 0;

  self->n_references = 1;
  self->entries = g_array_new (FALSE, FALSE, sizeof (Suppression));
  g_array_set_clear_func (self->entries, clear_suppression);
  while (text < end)
    {
      const char *newline = memchr (text, '\n', (gsize) (end - text));
      const char *stop = newline != NULL ? newline : end;
      g_autofree char *line = g_strndup (text, (gsize) (stop - text));

      if (!parse_line (self, line, ++number, error))
        return NULL;
      text = stop + 1;
    }
  return g_steal_pointer (&self);
}

/* --- matching ----------------------------------------------------------------------------------- */

/* Where @part of @length bytes is first found in @name, or NULL. */
static const char *
find_part (const char *name, const char *part, gsize length)
{
  gsize n = strlen (name);

  return length > n ? NULL : memmem (name, n, part, length);
}

/* The parts between the asterisks are found one after the other, each as early as possible, which finds a
 * match if there is one; only an anchored last part has to be where the name ends. */
gboolean
ms_suppression_pattern_matches (const char *pattern, const char *name)
{
  gboolean at_start = pattern[0] == '^', at_end;
  const char *end;

  if (name == NULL || name[0] == '\0')
    return FALSE;
  pattern += at_start;
  end = pattern + strlen (pattern);
  at_end = end > pattern && end[-1] == '$';
  end -= at_end;
  for (;;)
    {
      const char *star = memchr (pattern, '*', (gsize) (end - pattern));
      gsize length = (gsize) ((star != NULL ? star : end) - pattern);
      const char *found;

      if (star == NULL && at_end)
        {
          gsize n = strlen (name);

          found = length <= n ? name + n - length : NULL;
          if (found != NULL
              && (memcmp (found, pattern, length) != 0 || (at_start && found != name)))
            found = NULL;
        }
      else
        {
          found = find_part (name, pattern, length);
          if (at_start && found != name)
            found = NULL;
        }
      if (found == NULL)
        return FALSE;
      if (star == NULL)
        return TRUE;
      name = found + length;
      pattern = star + 1;
      at_start = FALSE;
    }
}

static gint
match_name (MsSuppressions *self, const char *name)
{
  for (guint i = 0; i < self->entries->len; i++)
    if (ms_suppression_pattern_matches (ms_suppressions_get_pattern (self, i), name))
      return (gint) i;
  return -1;
}

typedef struct {
  const MsModule *module;
  guint64 address;
} FrameKey;

static guint
frame_key_hash (gconstpointer data)
{
  const FrameKey *key = data;
  guint64 mixed =
      (key->address ^ GPOINTER_TO_SIZE (key->module)) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);

  return (guint) (mixed >> 32);
}

static gboolean
frame_key_equal (gconstpointer a, gconstpointer b)
{
  const FrameKey *x = a, *y = b;

  return x->module == y->module && x->address == y->address;
}

struct _MsSuppressionMatcher {
  MsSuppressions *suppressions;
  MsTrace *trace;
  MsNameResolver *resolver;
  GHashTable *frames; /* FrameKey to index + 1; 0: none matches */
};

MsSuppressionMatcher *
ms_suppression_matcher_new (MsSuppressions *suppressions, MsTrace *trace, MsNameResolver *resolver)
{
  MsSuppressionMatcher *self = g_new0 (MsSuppressionMatcher, 1);

  self->suppressions = ms_suppressions_ref (suppressions);
  self->trace = g_object_ref (trace);
  self->resolver = resolver != NULL ? g_object_ref (resolver) : NULL;
  self->frames = g_hash_table_new_full (frame_key_hash, frame_key_equal, g_free, NULL);
  return self;
}

void
ms_suppression_matcher_free (MsSuppressionMatcher *self)
{
  g_hash_table_unref (self->frames);
  g_clear_object (&self->resolver);
  g_object_unref (self->trace);
  ms_suppressions_unref (self->suppressions);
  g_free (self);
}

/* LeakSanitizer's order: the module, then function and file of each inlined frame, innermost first. */
static gint
match_frame (MsSuppressionMatcher *self, const FrameKey *key)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (MsFrame));
  gint index = match_name (self->suppressions, key->module->path);

  if (index >= 0 || self->resolver == NULL)
    return index;
  ms_name_resolver_resolve (self->resolver, key->module, key->address, FALSE, frames);
  for (guint i = 0; i < frames->len && index < 0; i++)
    {
      const MsFrame *frame = &g_array_index (frames, MsFrame, i);

      index = match_name (self->suppressions, frame->function);
      if (index < 0)
        index = match_name (self->suppressions, frame->file);
    }
  return index;
}

gint
ms_suppression_matcher_match (MsSuppressionMatcher *self, guint stack)
{
  guint depth = 0;

  ms_trace_get_stack_frames (self->trace, stack, &depth, NULL);
  for (guint i = 0; i < depth; i++)
    {
      FrameKey key = { 0 };
      gpointer known = NULL;
      gint index;

      key.module = ms_trace_find_module (self->trace, stack, i, &key.address);
      if (key.module == NULL)
        continue;
      if (g_hash_table_lookup_extended (self->frames, &key, NULL, &known))
        index = GPOINTER_TO_INT (known) - 1;
      else
        {
          index = match_frame (self, &key);
          g_hash_table_insert (self->frames, g_memdup2 (&key, sizeof key),
                               GINT_TO_POINTER (index + 1));
        }
      if (index >= 0)
        return index;
    }
  return -1;
}
