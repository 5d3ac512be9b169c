/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-collapsed.h"

#include <string.h>

#include "ms-function-totals.h"
#include "ms-short-text.h"
#include "ms-text-writer.h"

/* The path of a stack: its functions, outermost first.  Two stacks that differ in lines are one path. */
typedef struct {
  guint n;
  gboolean truncated;
  guint functions[];
} Path;

static guint
path_hash (gconstpointer key)
{
  const Path *path = key;
  guint hash = path->truncated ? 5381 : 0;

  for (guint i = 0; i < path->n; i++)
    hash = (hash ^ path->functions[i]) * 0x9e3779b1U;
  return hash ^ hash >> 15;
}

static gboolean
path_equal (gconstpointer a, gconstpointer b)
{
  const Path *x = a, *y = b;

  return x->n == y->n && x->truncated == y->truncated
         && memcmp (x->functions, y->functions, x->n * sizeof *x->functions) == 0;
}

static Path *
path_new (MsFrameNames *names, guint stack)
{
  guint depth;
  gboolean truncated;
  const guint *frames = ms_frame_names_get_stack (names, stack, &depth, &truncated);
  Path *path = g_malloc (sizeof *path + depth * sizeof *path->functions);

  path->n = depth;
  path->truncated = truncated;
  for (guint i = 0; i < depth; i++)
    path->functions[i] = ms_frame_names_get_function_of (names, frames[depth - 1 - i]);
  return path;
}

/* From Path to its sum, as guint64 *. */
static GHashTable *
add_up (MsFrameNames *names, const guint64 *values)
{
  GHashTable *sums = g_hash_table_new_full (path_hash, path_equal, g_free, g_free);

  for (guint stack = 0; stack < ms_frame_names_get_n_stacks (names); stack++)
    if (values[stack] > 0)
      {
        g_autofree Path *path = path_new (names, stack);
        guint64 *sum = g_hash_table_lookup (sums, path);

        if (sum != NULL)
          *sum += values[stack];
        else
          g_hash_table_insert (sums, g_steal_pointer (&path),
                               g_memdup2 (&values[stack], sizeof values[stack]));
      }
  return sums;
}

static char *
line_new (MsFrameNames *names, const Path *path, guint64 sum)
{
  GString *line = g_string_new (path->truncated ? "(deeper)" : NULL);

  for (guint i = 0; i < path->n; i++)
    {
      const MsFunction *function = ms_frame_names_get_function (names, path->functions[i]);
      g_autofree char *word = ms_line_text_new (function->label, ";");

      if (line->len > 0)
        g_string_append_c (line, ';');
      g_string_append (line, word);
    }
  if (line->len == 0)
    g_string_append (line, "(no call stack)");
  g_string_append_printf (line, " %" G_GUINT64_FORMAT "\n", sum);
  return g_string_free (line, FALSE);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

gboolean
ms_collapsed_write (GOutputStream *stream,
                    MsExportView *view,
                    MsFigureKind figure,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autofree guint64 *values =
      ms_stack_values_new (view->view, view->domain, figure, cancellable, error);
  g_autoptr (GHashTable) sums = NULL;
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  MsTextWriter *writer;
  GHashTableIter iter;
  gpointer path, sum;

  if (values == NULL)
    return FALSE;
  sums = add_up (view->names, values);
  g_hash_table_iter_init (&iter, sums);
  while (g_hash_table_iter_next (&iter, &path, &sum))
    g_ptr_array_add (lines, line_new (view->names, path, *(const guint64 *) sum));
  g_ptr_array_sort (lines, compare_lines);
  writer = ms_text_writer_new (stream);
  for (guint i = 0; i < lines->len; i++)
    ms_text_writer_add (writer, g_ptr_array_index (lines, i));
  return ms_text_writer_close (writer, cancellable, error);
}
