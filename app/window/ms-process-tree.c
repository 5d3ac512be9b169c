/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-process-tree.h"

#define NONE G_MAXUINT
/* So many are read within a blink; small folders have no summary. */
#define SOON_READ_ALLOCATIONS 2000000

/* Each process's first child and next sibling. */
typedef struct {
  guint *first, *last, *next;
} Links;

static void
append_child (Links *links, guint parent, guint child)
{
  if (links->first[parent] == NONE)
    links->first[parent] = child;
  else
    links->next[links->last[parent]] = child;
  links->last[parent] = child;
}

/* Place @n is the root. */
static void
link_all (MsRecording *recording, guint n, Links *links)
{
  g_autoptr (GHashTable) by_pid = g_hash_table_new (NULL, NULL); /* pid to index + 1 */

  for (guint i = 0; i < n; i++)
    {
      const MsProcess *process = ms_recording_get_process (recording, i);
      guint parent =
          GPOINTER_TO_UINT (g_hash_table_lookup (by_pid, GINT_TO_POINTER (process->parent_pid)));

      append_child (links, parent > 0 ? parent - 1 : n, i);
      g_hash_table_insert (by_pid, GINT_TO_POINTER (process->pid), GUINT_TO_POINTER (i + 1));
    }
}

GArray *
ms_process_tree_new (MsRecording *recording)
{
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (MsProcessNode));
  guint n = ms_recording_get_n_processes (recording);
  g_autofree guint *numbers = g_new (guint, 3 * (gsize) (n + 1));
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (MsProcessNode));
  Links links = { numbers, numbers + n + 1, numbers + 2 * (gsize) (n + 1) };
  MsProcessNode root = { n, 0 };

  for (guint i = 0; i < 3 * (n + 1); i++)
    numbers[i] = NONE;
  link_all (recording, n, &links);
  root.process = links.first[n];
  if (root.process != NONE)
    g_array_append_val (open, root);
  /* What is open: the next at each depth.  A build may nest deeper than a stack of calls should. */
  while (open->len > 0)
    {
      MsProcessNode node = g_array_index (open, MsProcessNode, open->len - 1);
      MsProcessNode next = { links.next[node.process], node.depth };
      MsProcessNode child = { links.first[node.process], node.depth + 1 };

      g_array_append_val (nodes, node);
      g_array_set_size (open, open->len - 1);
      if (next.process != NONE)
        g_array_append_val (open, next);
      if (child.process != NONE)
        g_array_append_val (open, child);
    }
  return nodes;
}

static MsTrace *
load (const MsProcess *process, GCancellable *cancellable)
{
  MsTrace *trace =
      ms_trace_load_full (process->folder, MS_LOAD_ONLY_SUMMARY, cancellable, NULL, NULL, NULL);

  if (trace == NULL && process->has_totals && process->allocations <= SOON_READ_ALLOCATIONS)
    trace =
        ms_trace_load_full (process->folder, MS_LOAD_ON_ONE_THREAD, cancellable, NULL, NULL, NULL);
  return trace;
}

gboolean
ms_process_load_curve (const MsProcess *process,
                       guint n_bins,
                       guint64 *bins,
                       GCancellable *cancellable)
{
  g_autoptr (MsTrace) trace = NULL;

  if (process->not_followed != NULL || process->folder == NULL)
    return FALSE;
  trace = load (process, cancellable);
  if (trace == NULL)
    return FALSE;
  ms_trace_get_live_series (trace, NULL, ms_trace_get_main_domain (trace), n_bins, bins, NULL);
  return TRUE;
}
