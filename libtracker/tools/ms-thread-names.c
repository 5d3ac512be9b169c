/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-thread-names.h"

static MsThread *
find_parent (MsTrace *trace, MsThread *thread)
{
  guint id;

  if (!ms_thread_get_parent (thread, &id))
    return NULL;
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    if (ms_thread_get_id (ms_trace_get_thread (trace, i)) == id)
      return ms_trace_get_thread (trace, i);
  return NULL;
}

static gboolean
ever_had (MsThread *thread, const char *name)
{
  guint n_names = 0;
  const MsNameSpan *names = ms_thread_get_names (thread, &n_names);

  for (guint i = 0; i < n_names; i++)
    if (g_str_equal (names[i].name, name))
      return TRUE;
  return g_str_equal (ms_thread_get_name (thread), name);
}

/* A thread begins with its creator's name.  Where it takes one of its own, nobody calls it by that one:
 * "redis-server" is not its I/O threads too. */
static guint
count_inherited (MsTrace *trace, MsThread *thread)
{
  guint n_names = 0;
  const MsNameSpan *names = ms_thread_get_names (thread, &n_names);
  MsThread *parent = n_names > 1 ? find_parent (trace, thread) : NULL;

  return parent != NULL && parent != thread && ever_had (parent, names[0].name) ? 1 : 0;
}

/* By any name of its own that it had; @pattern NULL: by @text to the letter. */
static gboolean
has_name (MsTrace *trace, MsThread *thread, const char *text, GPatternSpec *pattern)
{
  guint n_names = 0;
  const MsNameSpan *names = ms_thread_get_names (thread, &n_names);

  for (guint i = count_inherited (trace, thread); i < n_names; i++)
    if (pattern != NULL ? g_pattern_spec_match_string (pattern, names[i].name)
                        : g_str_equal (names[i].name, text))
      return TRUE;
  return pattern != NULL ? g_pattern_spec_match_string (pattern, ms_thread_get_name (thread))
                         : g_str_equal (ms_thread_get_name (thread), text);
}

static void
add_named (MsTrace *trace, const char *text, GPatternSpec *pattern, GArray *indices)
{
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    if (has_name (trace, ms_trace_get_thread (trace, i), text, pattern))
      g_array_append_val (indices, i);
}

/* "main, ingest-0, ingest-1, …" */
static char *
list_names (MsTrace *trace)
{
  GString *list = g_string_new (NULL);
  guint n = ms_trace_get_n_threads (trace);

  for (guint i = 0; i < MIN (n, 6); i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "",
                            ms_thread_get_name (ms_trace_get_thread (trace, i)));
  if (n > 6)
    g_string_append_printf (list, " and %u more (--threads lists them)", n - 6);
  return g_string_free (list, FALSE);
}

static void
add_with_id (MsTrace *trace, guint64 id, GArray *indices)
{
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    if (ms_thread_get_id (ms_trace_get_thread (trace, i)) == id)
      g_array_append_val (indices, i);
}

GArray *
ms_thread_names_find (MsTrace *trace, const char *text, GError **error)
{
  g_autoptr (GPatternSpec) pattern = g_pattern_spec_new (text);
  g_autoptr (GArray) indices = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree char *list = NULL;
  guint64 id;

  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT, &id, NULL))
    add_with_id (trace, id, indices);
  if (indices->len == 0)
    add_named (trace, text, NULL, indices);
  if (indices->len == 0)
    add_named (trace, text, pattern, indices);
  if (indices->len == 0 && g_str_equal (text, "main"))
    add_with_id (trace, 0, indices); /* as the rules of `memscope record --threads` have it */
  if (indices->len > 0)
    return g_steal_pointer (&indices);
  list = list_names (trace);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no thread is called \"%s\"; there are: %s",
               text, list);
  return NULL;
}
