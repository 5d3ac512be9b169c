/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-place.h"

/* A row is made to be looked at: who opened one further down than this finds it closed. */
#define MAX_ROWS 4000

struct _MsMemoryPlace {
  GHashTable *open; /* paths */
  char *selected;   /* a path; NULL: none */
  double top_px;
};

/* Of rows in their order. */
typedef struct {
  GPtrArray *paths; /* by depth: of the row that was met last */
} Walk;

static void
walk_clear (Walk *walk)
{
  g_ptr_array_unref (walk->paths);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Walk, walk_clear)

/* The names on the way to it. */
static const char *
walk_on (Walk *walk, GtkTreeListRow *tree_row)
{
  g_autoptr (MsMemoryRow) row = gtk_tree_list_row_get_item (tree_row);
  guint depth = gtk_tree_list_row_get_depth (tree_row);
  g_autofree char *name = ms_memory_row_dup_full_name (row);
  const char *parent =
      depth > 0 && depth <= walk->paths->len ? g_ptr_array_index (walk->paths, depth - 1) : "";
  char *path = g_strconcat (parent, "\n", name, ms_memory_row_get_callers (row), "\t",
                            ms_memory_row_get_place (row), NULL);

  g_ptr_array_set_size (walk->paths, (gint) MIN (depth, walk->paths->len));
  g_ptr_array_add (walk->paths, path);
  return path;
}

MsMemoryPlace *
ms_memory_place_new (GtkTreeListModel *tree, guint selected, double top_px)
{
  MsMemoryPlace *self = g_new0 (MsMemoryPlace, 1);
  g_auto (Walk) walk = { g_ptr_array_new_with_free_func (g_free) };
  guint n_rows = MIN (g_list_model_get_n_items (G_LIST_MODEL (tree)), MAX_ROWS);

  self->open = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->top_px = top_px;
  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (GtkTreeListRow) row = gtk_tree_list_model_get_row (tree, i);
      const char *path = walk_on (&walk, row);

      if (gtk_tree_list_row_get_expanded (row))
        g_hash_table_add (self->open, g_strdup (path));
      if (i == selected)
        self->selected = g_strdup (path);
    }
  return self;
}

void
ms_memory_place_free (MsMemoryPlace *self)
{
  g_hash_table_unref (self->open);
  g_free (self->selected);
  g_free (self);
}

guint
ms_memory_place_restore (const MsMemoryPlace *self, GtkTreeListModel *tree)
{
  g_auto (Walk) walk = { g_ptr_array_new_with_free_func (g_free) };
  g_autoptr (GHashTable) opened = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint selected = GTK_INVALID_LIST_POSITION;

  /* There are more rows with each that is opened. */
  for (guint i = 0; i < MIN (g_list_model_get_n_items (G_LIST_MODEL (tree)), MAX_ROWS); i++)
    {
      g_autoptr (GtkTreeListRow) row = gtk_tree_list_model_get_row (tree, i);
      const char *path = walk_on (&walk, row);

      /* Rows may look alike; one of them was meant. */
      if (g_hash_table_contains (self->open, path) && g_hash_table_add (opened, g_strdup (path)))
        gtk_tree_list_row_set_expanded (row, TRUE);
      if (selected == GTK_INVALID_LIST_POSITION && g_strcmp0 (path, self->selected) == 0)
        selected = i;
    }
  return selected;
}

double
ms_memory_place_get_top_px (const MsMemoryPlace *self)
{
  return self->top_px;
}
