/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each distinct text is held against a pattern once; texts are interned, so its address names it. */
#include "ms-stack-filter.h"

#include "ms-name-pattern.h"

static const char *const field_names[MS_N_STACK_FIELDS] = { "function", "file", "module" };

/* What frame @frame has in @field; NULL: unknown. */
static const char *
text_of (MsFrameNames *names, guint frame, MsStackField field)
{
  const MsFrame *shown = ms_frame_names_get_frame (names, frame);

  switch (field)
    {
    case MS_STACKS_BY_FUNCTION:
      return ms_frame_names_get_label (names, frame);
    case MS_STACKS_BY_FILE:
      return shown->file;
    case MS_STACKS_BY_MODULE:
    default:
      return shown->module;
    }
}

static MsNameKind
kind_of (MsStackField field)
{
  return field == MS_STACKS_BY_FUNCTION ? MS_NAME_FUNCTION : MS_NAME_PATH;
}

/* --- nothing matches ------------------------------------------------------------------------- */

/* Short name of the text nearest to @pattern, or NULL if none is near. (transfer full) */
static char *
suggest (MsFrameNames *names, MsStackField field, const char *pattern)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint nearest = 1 + MIN (3, (guint) g_utf8_strlen (pattern, -1) / 3);
  char *best = NULL;

  for (guint f = 0; f < ms_frame_names_get_n_frames (names); f++)
    {
      const char *text = text_of (names, f, field);
      g_autofree char *part = NULL;
      guint distance;

      if (text == NULL || !g_hash_table_add (seen, (gpointer) text))
        continue;
      part = ms_name_short (kind_of (field), text);
      distance = ms_name_distance (pattern, part);
      if (distance >= nearest)
        continue;
      nearest = distance;
      g_free (best);
      best = g_steal_pointer (&part);
    }
  return best;
}

static gboolean
has_any (MsFrameNames *names, MsStackField field)
{
  for (guint f = 0; f < ms_frame_names_get_n_frames (names); f++)
    if (field == MS_STACKS_BY_FUNCTION ? ms_frame_names_get_frame (names, f)->function != NULL
                                       : text_of (names, f, field) != NULL)
      return TRUE;
  return FALSE;
}

/* What is recorded: call stacks end at who called it. */
static gboolean
is_recorded_function (const char *pattern)
{
  static const char *const names[] = {
    "malloc",   "calloc",        "realloc",        "free",   "reallocarray",
    "memalign", "aligned_alloc", "posix_memalign", "valloc", "pvalloc",
    "mmap",     "munmap",        "mremap",         "brk",    "sbrk",
  };
  gsize n = strcspn (pattern, "(");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i]) == n && strncmp (names[i], pattern, n) == 0)
      return TRUE;
  return FALSE;
}

static void
complain (MsFrameNames *names, MsStackField field, const char *pattern, GError **error)
{
  g_autofree char *nearest = suggest (names, field, pattern);

  if (field == MS_STACKS_BY_FUNCTION && is_recorded_function (pattern))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "no call stack has %s in it: each begins with the function that called it; name "
                 "that one, or see --stacks and --tree for all of them",
                 pattern);
  else if (!has_any (names, field))
    g_set_error (
        error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        "no %s matches '%s': the trace has no names of %ss, as there are no symbols for them",
        field_names[field], pattern, field_names[field]);
  else if (nearest != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no %s matches '%s'; did you mean '%s'?",
                 field_names[field], pattern, nearest);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no %s matches '%s'", field_names[field],
                 pattern);
}

/* --- matching -------------------------------------------------------------------------------- */

/* Sets is_chosen[frame] for the frames that @text matches; FALSE if there is none. */
static gboolean
choose_frames (MsFrameNames *names,
               MsStackField field,
               const char *text,
               gboolean *is_chosen,
               GError **error)
{
  guint n_frames = ms_frame_names_get_n_frames (names), best = 1;
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL); /* text → match */
  g_autofree guint *matches = g_new0 (guint, n_frames + 1);
  MsNamePattern pattern = { 0 };
  gboolean is_found = FALSE;

  if (!ms_name_pattern_init (&pattern, text, error))
    {
      g_prefix_error (error, "%s '%s': ", field_names[field], text);
      return FALSE;
    }
  for (guint f = 0; f < n_frames; f++)
    {
      const char *name = text_of (names, f, field);
      gpointer match;

      if (name == NULL)
        continue;
      if (!g_hash_table_lookup_extended (known, name, NULL, &match))
        {
          match = GUINT_TO_POINTER (ms_name_pattern_match (&pattern, kind_of (field), name));
          g_hash_table_insert (known, (gpointer) name, match);
        }
      matches[f] = GPOINTER_TO_UINT (match);
      best = MAX (best, matches[f]);
    }
  for (guint f = 0; f < n_frames; f++)
    if (matches[f] == best)
      is_found = is_chosen[f] = TRUE;
  if (!is_found)
    complain (names, field, pattern.text, error);
  ms_name_pattern_clear (&pattern);
  return is_found;
}

static gboolean
has_chosen (MsFrameNames *names, guint stack, const gboolean *is_chosen)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (names, stack, &depth, NULL);

  for (guint i = 0; i < depth; i++)
    if (is_chosen[frames[i]])
      return TRUE;
  return FALSE;
}

/* Takes from @is_in the stacks that no pattern on @field matches. */
static gboolean
narrow (MsFrameNames *names,
        MsStackField field,
        const MsStackPattern *patterns,
        guint n_patterns,
        gboolean *is_in,
        GError **error)
{
  g_autofree gboolean *is_chosen = g_new0 (gboolean, ms_frame_names_get_n_frames (names) + 1);
  gboolean is_used = FALSE;

  for (guint p = 0; p < n_patterns; p++)
    {
      if (patterns[p].field != field)
        continue;
      is_used = TRUE;
      if (!choose_frames (names, field, patterns[p].text, is_chosen, error))
        return FALSE;
    }
  for (guint s = 0; is_used && s < ms_frame_names_get_n_stacks (names); s++)
    is_in[s] = is_in[s] && has_chosen (names, s, is_chosen);
  return TRUE;
}

guint *
ms_stack_filter_select (MsFrameNames *names,
                        const MsStackPattern *patterns,
                        guint n_patterns,
                        guint *n_stacks,
                        GError **error)
{
  guint n = ms_frame_names_get_n_stacks (names);
  g_autofree gboolean *is_in = g_new (gboolean, n + 1);
  guint *stacks;

  *n_stacks = 0;
  for (guint s = 0; s < n; s++)
    is_in[s] = TRUE;
  for (MsStackField field = 0; field < MS_N_STACK_FIELDS; field++)
    if (!narrow (names, field, patterns, n_patterns, is_in, error))
      return NULL;
  stacks = g_new (guint, n + 1);
  for (guint s = 0; s < n; s++)
    if (is_in[s])
      stacks[(*n_stacks)++] = s;
  return stacks;
}

guint *
ms_stack_filter_find_functions (MsFrameNames *names,
                                const char *pattern,
                                guint *n_functions,
                                GError **error)
{
  guint n_frames = ms_frame_names_get_n_frames (names);
  guint n = ms_frame_names_get_n_functions (names);
  g_autofree gboolean *is_chosen = g_new0 (gboolean, n_frames + 1);
  g_autofree gboolean *is_found = g_new0 (gboolean, n + 1);
  guint *functions;

  *n_functions = 0;
  if (!choose_frames (names, MS_STACKS_BY_FUNCTION, pattern, is_chosen, error))
    return NULL;
  for (guint f = 0; f < n_frames; f++)
    if (is_chosen[f])
      is_found[ms_frame_names_get_function_of (names, f)] = TRUE;
  functions = g_new (guint, n + 1);
  for (guint f = 0; f < n; f++)
    if (is_found[f])
      functions[(*n_functions)++] = f;
  return functions;
}
