/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-call-paths.h"

/* --- from stacks ----------------------------------------------------------------------------- */

/* Length of the cycle that ends @functions[0 … n − 1], or 0. */
static guint
ending_cycle (const guint *functions, guint n)
{
  for (guint k = 1; k <= MS_LONGEST_CYCLE && 2 * k <= n; k++)
    {
      guint i = 0;

      while (i < k && functions[n - 1 - i] == functions[n - 1 - i - k])
        i++;
      if (i == k)
        return k;
    }
  return 0;
}

guint
ms_call_path_collapse (guint *functions, guint n_functions)
{
  guint n = 0;

  for (guint i = 0; i < n_functions; i++)
    {
      functions[n++] = functions[i];
      n -= ending_cycle (functions, n);
    }
  return n;
}

/* Appends the functions of @stack from the outermost inwards, collapsed. */
static guint
append_functions (GArray *functions, MsFrameNames *names, guint stack)
{
  guint depth, n, first = functions->len;
  const guint *frames = ms_frame_names_get_stack (names, stack, &depth, NULL);
  guint *path;

  g_array_set_size (functions, first + depth);
  path = &g_array_index (functions, guint, first);
  for (guint i = 0; i < depth; i++)
    path[i] = ms_frame_names_get_function_of (names, frames[depth - 1 - i]);
  n = ms_call_path_collapse (path, depth);
  g_array_set_size (functions, first + n);
  return n;
}

static void
reverse (guint *functions, guint n)
{
  for (guint i = 0; i < n / 2; i++)
    {
      guint swap = functions[i];

      functions[i] = functions[n - 1 - i];
      functions[n - 1 - i] = swap;
    }
}

/* Leaves the wanted part of path @path, which is still from the outermost inwards, at its place.
 * FALSE: it has no place in the tree. */
static gboolean
take_part (MsCallPath *path, guint *functions, MsCallPathKind kind, guint function)
{
  guint at = 0;

  switch (kind)
    {
    case MS_CALL_PATH_FROM_INNERMOST:
      reverse (functions, path->n);
      return TRUE;
    case MS_CALL_PATH_CALLEES:
      for (at = path->n; at > 0 && functions[at - 1] != function; at--)
        ;
      if (at == 0)
        return FALSE;
      path->first += at;
      path->n -= at;
      return TRUE;
    case MS_CALL_PATH_CALLERS:
      while (at < path->n && functions[at] != function)
        at++;
      if (at == path->n)
        return FALSE;
      path->n = at;
      reverse (functions, path->n);
      return TRUE;
    case MS_CALL_PATH_FROM_OUTERMOST:
    default:
      return TRUE;
    }
}

static gboolean
has_value (const guint64 *const *columns, guint n_columns, guint stack)
{
  for (guint c = 0; c < n_columns; c++)
    if (columns[c][stack] != 0)
      return TRUE;
  return FALSE;
}

void
ms_call_paths_init (MsCallPaths *self,
                    MsFrameNames *names,
                    MsCallPathKind kind,
                    guint function,
                    const guint64 *const *columns,
                    guint n_columns)
{
  guint n_stacks = ms_frame_names_get_n_stacks (names);

  self->paths = g_array_new (FALSE, FALSE, sizeof (MsCallPath));
  /* Not empty: a stack without frames still has a place in it. */
  self->functions = g_array_sized_new (FALSE, FALSE, sizeof (guint), 64);
  for (guint s = 0; s < n_stacks; s++)
    {
      MsCallPath path = { .stack = s, .first = self->functions->len };

      if (!has_value (columns, n_columns, s))
        continue;
      path.n = append_functions (self->functions, names, s);
      if (take_part (&path, &g_array_index (self->functions, guint, path.first), kind, function))
        g_array_append_val (self->paths, path);
      else
        g_array_set_size (self->functions, path.first);
    }
}

void
ms_call_paths_clear (MsCallPaths *self)
{
  g_array_unref (self->paths);
  g_array_unref (self->functions);
}

/* --- order ----------------------------------------------------------------------------------- */

/* Paths @first … @first + @n − 1 are equal before place @at. */
typedef struct {
  guint first, n, at;
} Range;

/* What stands at place @at, 0 beyond the end. */
static guint64
key_at (const MsCallPaths *self, const MsCallPath *path, guint at)
{
  return at < path->n ? (guint64) g_array_index (self->functions, guint, path->first + at) + 1 : 0;
}

static guint64
middle_of (guint64 a, guint64 b, guint64 c)
{
  return a < b ? (b < c ? b : MAX (a, c)) : (a < c ? a : MAX (b, c));
}

static void
swap (MsCallPath *paths, guint i, guint j)
{
  MsCallPath kept = paths[i];

  paths[i] = paths[j];
  paths[j] = kept;
}

static void
push (GArray *work, guint first, guint n, guint at)
{
  Range range = { first, n, at };

  if (n > 1)
    g_array_append_val (work, range);
}

/* Three parts by one place of the paths: less, equal, greater (Bentley and Sedgewick, 1997).  Most
 * stacks share their outer frames, which so are looked at once a path and not once a comparison.
 * Work to do is in a list and not on the C stack: a trace can make it deep. */
static void
split (MsCallPaths *self, Range range, GArray *work)
{
  MsCallPath *paths = &g_array_index (self->paths, MsCallPath, range.first);
  guint less = 0, i = 0, greater = range.n;
  guint64 pivot =
      middle_of (key_at (self, &paths[0], range.at), key_at (self, &paths[range.n / 2], range.at),
                 key_at (self, &paths[range.n - 1], range.at));

  while (i < greater)
    {
      guint64 key = key_at (self, &paths[i], range.at);

      if (key < pivot)
        swap (paths, less++, i++);
      else if (key > pivot)
        swap (paths, i, --greater);
      else
        i++;
    }
  push (work, range.first, less, range.at);
  push (work, range.first + greater, range.n - greater, range.at);
  if (pivot > 0)
    push (work, range.first + less, greater - less, range.at + 1);
}

void
ms_call_paths_sort (MsCallPaths *self)
{
  g_autoptr (GArray) work = g_array_new (FALSE, FALSE, sizeof (Range));

  push (work, 0, self->paths->len, 0);
  while (work->len > 0)
    {
      Range range = g_array_index (work, Range, work->len - 1);

      g_array_set_size (work, work->len - 1);
      split (self, range, work);
    }
}
