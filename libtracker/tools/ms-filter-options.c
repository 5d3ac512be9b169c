/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-filter-options.h"

#include <gio/gio.h>

#include "ms-command-line.h"
#include "ms-stack-filter.h"
#include "ms-thread-names.h"

static void
add_options (MsFilterOptions *self, GOptionContext *context, gboolean with_letters)
{
  GOptionEntry entries[] = {
    { "range", 'r', 0, G_OPTION_ARG_STRING, &self->range,
      "only this stretch of time: 1.5s..3s, 200ms.., ..12us, 1s..+50ms", "A..B" },
    { "thread", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->threads,
      "only what this thread allocated: a name, with * and ?, or an id; may be repeated",
      "NAME|ID" },
    { "function", 'f', 0, G_OPTION_ARG_STRING_ARRAY, &self->functions,
      "only call stacks with this function: its name, or with * and ?; may be repeated",
      "PATTERN" },
    { "file", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->files, "likewise with this source file",
      "PATTERN" },
    { "module", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->modules,
      "likewise with this library or program", "PATTERN" },
    G_OPTION_ENTRY_NULL,
  };

  for (guint i = 0; i < G_N_ELEMENTS (entries) && !with_letters; i++)
    entries[i].short_name = 0;
  ms_command_line_add (context, entries);
}

void
ms_filter_options_add (MsFilterOptions *self, GOptionContext *context)
{
  add_options (self, context, TRUE);
}

void
ms_filter_options_add_words (MsFilterOptions *self, GOptionContext *context)
{
  add_options (self, context, FALSE);
}

void
ms_filter_options_clear (MsFilterOptions *self)
{
  g_free (self->range);
  g_strfreev (self->threads);
  g_strfreev (self->functions);
  g_strfreev (self->files);
  g_strfreev (self->modules);
}

gboolean
ms_filter_options_check (MsFilterOptions *self)
{
  g_autoptr (GError) error = NULL;

  self->range_ns.option = self->range_option;
  if (self->range == NULL || ms_time_range_parse (&self->range_ns, self->range, &error))
    return TRUE;
  ms_complain ("%s", error->message);
  return FALSE;
}

gboolean
ms_filter_options_has_names (const MsFilterOptions *self)
{
  return self->functions != NULL || self->files != NULL || self->modules != NULL;
}

gboolean
ms_filter_options_is_empty (const MsFilterOptions *self)
{
  return self->range == NULL && self->threads == NULL && !ms_filter_options_has_names (self);
}

/* --- threads --------------------------------------------------------------------------------- */

/* "thread ingest-1 (4)", "threads ingest-* (3)" */
static void
describe_threads (GString *text, MsTrace *trace, const char *word, const GArray *indices)
{
  MsThread *first = ms_trace_get_thread (trace, g_array_index (indices, guint, 0));

  if (text->len > 0)
    g_string_append (text, ", ");
  if (indices->len == 1)
    g_string_append_printf (text, "thread %s (%u)", ms_thread_get_name (first),
                            ms_thread_get_id (first));
  else
    g_string_append_printf (text, "threads %s (%u)", word, indices->len);
}

static MsFilter *
apply_threads (const MsFilterOptions *self,
               MsTrace *trace,
               MsFilter *filter,
               GString *text,
               GError **error)
{
  g_autoptr (MsFilter) old = filter;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; self->threads[i] != NULL; i++)
    {
      g_autoptr (GArray) indices = ms_thread_names_find (trace, self->threads[i], error);

      if (indices == NULL)
        return NULL;
      describe_threads (text, trace, self->threads[i], indices);
      for (guint k = 0; k < indices->len; k++)
        {
          guint id =
              ms_thread_get_id (ms_trace_get_thread (trace, g_array_index (indices, guint, k)));

          g_array_append_val (ids, id);
        }
    }
  return ms_filter_with_threads (old, (const guint *) ids->data, ids->len);
}

/* --- names of frames ------------------------------------------------------------------------- */

static void
add_patterns (GArray *patterns,
              GString *text,
              MsStackField field,
              const char *word,
              const char *const *texts)
{
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      MsStackPattern pattern = { field, texts[i] };

      g_array_append_val (patterns, pattern);
      g_string_append_printf (text, "%s%s %s",
                              i > 0           ? " or "
                              : text->len > 0 ? ", "
                                              : "",
                              word, texts[i]);
    }
}

static MsFilter *
apply_names (const MsFilterOptions *self,
             MsFrameNames *names,
             MsFilter *filter,
             GString *text,
             GError **error)
{
  g_autoptr (MsFilter) old = filter;
  g_autoptr (GArray) patterns = g_array_new (FALSE, FALSE, sizeof (MsStackPattern));
  g_autofree guint *stacks = NULL;
  guint n_stacks = 0;

  add_patterns (patterns, text, MS_STACKS_BY_FUNCTION, "function",
                (const char *const *) self->functions);
  add_patterns (patterns, text, MS_STACKS_BY_FILE, "file", (const char *const *) self->files);
  add_patterns (patterns, text, MS_STACKS_BY_MODULE, "module", (const char *const *) self->modules);
  stacks = ms_stack_filter_select (names, (const MsStackPattern *) patterns->data, patterns->len,
                                   &n_stacks, error);
  if (stacks == NULL)
    return NULL;
  if (n_stacks == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no call stack has all of: %s",
                   text->str);
      return NULL;
    }
  return ms_filter_with_stacks (old, stacks, n_stacks);
}

MsFilter *
ms_filter_options_apply (const MsFilterOptions *self,
                         MsTrace *trace,
                         MsFrameNames *names,
                         char **text,
                         GError **error)
{
  g_autoptr (GString) said = g_string_new (NULL);
  gint64 duration_ns = ms_trace_get_duration_ns (trace);
  MsFilter *filter = ms_filter_new ();

  if (self->threads != NULL)
    filter = apply_threads (self, trace, filter, said, error);
  if (filter != NULL && self->range != NULL)
    {
      g_autoptr (MsFilter) old = filter;
      g_autofree char *range = ms_time_range_to_string (&self->range_ns, duration_ns);

      if (!ms_time_range_check (&self->range_ns, self->range, duration_ns, error))
        return NULL;
      g_string_append_printf (said, "%s%s", said->len > 0 ? ", " : "", range);
      filter = ms_filter_with_range (old, self->range_ns.from_ns, self->range_ns.to_ns);
    }
  if (filter != NULL && ms_filter_options_has_names (self))
    filter = apply_names (self, names, filter, said, error);
  if (filter != NULL)
    *text = g_strdup (said->str);
  return filter;
}
