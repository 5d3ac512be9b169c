/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows in the order of their offsets, which is preorder: the row of the innermost scope around an
 * offset is the last that starts before it, or one of that row's parents.
 */
#include "ms-scope-index.h"

typedef struct {
  guint64 start, end;
  const char *name;
  guint parent;
} Row;

struct _MsScopeIndex {
  GArray *rows;
};

MsScopeIndex *
ms_scope_index_new (void)
{
  MsScopeIndex *self = g_new0 (MsScopeIndex, 1);

  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  return self;
}

void
ms_scope_index_free (MsScopeIndex *self)
{
  g_array_unref (self->rows);
  g_free (self);
}

guint
ms_scope_index_open (MsScopeIndex *self, guint64 offset, const char *name, guint parent)
{
  Row row = { .start = offset, .end = G_MAXUINT64, .name = name, .parent = parent };

  g_array_append_val (self->rows, row);
  return self->rows->len - 1;
}

void
ms_scope_index_close (MsScopeIndex *self, guint scope, guint64 end)
{
  if (end != 0)
    g_array_index (self->rows, Row, scope).end = end;
}

/* The innermost scope around @offset, not the DIE at @offset itself. */
static guint
find_scope (MsScopeIndex *self, guint64 offset)
{
  guint low = 0;
  guint high = self->rows->len;
  guint scope;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->rows, Row, middle).start < offset)
        low = middle + 1;
      else
        high = middle;
    }
  /* A last child has no sibling to end it, but its parent has: those ends are seen on the way. */
  for (scope = low > 0 ? low - 1 : MS_SCOPE_NONE; scope != MS_SCOPE_NONE;
       scope = g_array_index (self->rows, Row, scope).parent)
    {
      gboolean is_inside = TRUE;

      for (guint outer = scope; outer != MS_SCOPE_NONE && is_inside;
           outer = g_array_index (self->rows, Row, outer).parent)
        is_inside = offset < g_array_index (self->rows, Row, outer).end;
      if (is_inside)
        break;
    }
  return scope;
}

char *
ms_scope_index_qualify (MsScopeIndex *self, guint64 offset, const char *name)
{
  GString *text = g_string_new (name);

  for (guint scope = find_scope (self, offset); scope != MS_SCOPE_NONE;
       scope = g_array_index (self->rows, Row, scope).parent)
    {
      const char *outer = g_array_index (self->rows, Row, scope).name;

      g_string_prepend (text, "::");
      g_string_prepend (text, outer != NULL ? outer : "(anonymous)");
    }
  return g_string_free (text, FALSE);
}
