/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-flame-marks.h"

#include <string.h>

gboolean *
ms_flame_find_matches (MsFrameNames *names, const char *needle, guint *n_found)
{
  g_autofree char *folded = g_utf8_casefold (needle, -1);
  guint n = ms_frame_names_get_n_functions (names);
  gboolean *is_match;

  *n_found = 0;
  if (*folded == '\0')
    return NULL;
  is_match = g_new0 (gboolean, n + 1);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *label = g_utf8_casefold (ms_frame_names_get_function (names, i)->label, -1);

      is_match[i] = strstr (label, folded) != NULL;
      *n_found += is_match[i] != FALSE;
    }
  return is_match;
}

gboolean *
ms_flame_find_kept (MsCallTree *tree, const guint *stacks, guint n)
{
  guint n_all = ms_frame_names_get_n_stacks (ms_call_tree_get_names (tree));
  guint n_nodes = ms_call_tree_get_n_nodes (tree);
  g_autofree gboolean *is_chosen = g_new0 (gboolean, n_all + 1);
  gboolean *is_kept = g_new0 (gboolean, n_nodes);

  for (guint i = 0; i < n; i++)
    if (stacks[i] < n_all)
      is_chosen[stacks[i]] = TRUE;
  for (guint node = 0; node < n_nodes; node++)
    {
      guint n_through;
      const guint *through = ms_call_tree_get_stacks (tree, node, &n_through);

      for (guint i = 0; i < n_through && !is_kept[node]; i++)
        is_kept[node] = is_chosen[through[i]];
    }
  return is_kept;
}

/* Not by recursion: a trace can make paths of any length. */
gint
ms_flame_find_same (MsCallTree *tree, MsCallTree *from, guint node)
{
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint));
  guint at = 0;

  for (; ms_call_tree_get_node (from, node)->parent >= 0;
       node = (guint) ms_call_tree_get_node (from, node)->parent)
    g_array_append_val (path, node);
  for (guint i = path->len; i > 0; i--)
    {
      const char *label = ms_call_tree_get_label (from, g_array_index (path, guint, i - 1));
      const MsCallNode *below = ms_call_tree_get_node (tree, at);
      guint child = 0;

      while (child < below->n_children
             && !g_str_equal (ms_call_tree_get_label (tree, below->first_child + child), label))
        child++;
      if (child == below->n_children)
        return -1;
      at = below->first_child + child;
    }
  return (gint) at;
}
