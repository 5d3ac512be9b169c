/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   frames     [label, file, line, module, inlined, whether it allocates for who calls it: no site]
 *   stacks     [at peak, bytes, calls, leaked bytes, leaked calls, temporary, own peak, truncated, frames,
 *              and, if sampled, errors of the first measures]
 *   flame      [parent, label, module, at peak, bytes, calls, leaked bytes, temporary]
 *   strings    every name once
 *
 * An index of −1 is "unknown".
 */
#include "ms-dashboard-stacks.h"

#include <math.h>
#include <string.h>

#include "ms-call-tree.h"
#include "ms-change.h"
#include "ms-short-text.h"

/* --- names --- */

/* Every string once; the caller asks in the first pass and the strings are written last. */
typedef struct {
  GHashTable *known; /* char* → index + 1; the strings are the view's */
  GPtrArray *list;
  guint most_chars;
} Strings;

static gint
intern (Strings *strings, const char *text)
{
  gpointer index;

  if (!text)
    return -1;
  index = g_hash_table_lookup (strings->known, text);
  if (!index)
    {
      g_ptr_array_add (strings->list, (gpointer) text);
      index = GUINT_TO_POINTER (strings->list->len);
      g_hash_table_insert (strings->known, (gpointer) text, index);
    }
  return (gint) GPOINTER_TO_UINT (index) - 1;
}

/* --- stacks --- */

static double
get_error (const MsTotals *totals, MsStackMetric metric)
{
  static const MsFigureKind kinds[MS_N_STACK_METRICS] = {
    [MS_STACK_PEAK] = MS_FIGURE_BYTES_AT_PROCESS_PEAK,
    [MS_STACK_BYTES] = MS_FIGURE_ALLOCATED_BYTES,
    [MS_STACK_CALLS] = MS_FIGURE_ALLOCATIONS,
    [MS_STACK_LEAKED] = MS_FIGURE_LEAKED_BYTES,
    [MS_STACK_TEMPORARY] = MS_FIGURE_TEMPORARY_ALLOCATIONS,
  };

  return ms_totals_get_standard_error (totals, kinds[metric]);
}

/* In the order of the measures that stacks are compared by. */
static void
write_errors (MsJsonWriter *writer, const double *errors)
{
  ms_json_writer_begin_array (writer);
  for (guint m = 0; m < MS_N_STACK_METRICS; m++)
    ms_json_writer_double (writer, floor (errors[m] + 0.5));
  ms_json_writer_end_array (writer);
}

static void
write_stack_errors (MsJsonWriter *writer, const MsTotals *totals)
{
  double errors[MS_N_STACK_METRICS];

  for (guint m = 0; m < MS_N_STACK_METRICS; m++)
    errors[m] = get_error (totals, m);
  write_errors (writer, errors);
}

static void
write_stack (MsJsonWriter *writer,
             MsExportView *view,
             const MsExportStack *s,
             guint most_frames,
             GArray *used,
             gint *places)
{
  gboolean truncated;
  guint depth;
  const guint *frames = ms_frame_names_get_stack (view->names, s->stack, &depth, &truncated);
  const MsTotals *t = s->totals;
  const guint64 figures[] = { t->bytes_at_process_peak,
                              t->allocated_bytes,
                              t->allocations,
                              t->leaked_bytes,
                              t->leaked_allocations,
                              t->temporary_allocations,
                              t->peak_bytes,
                              truncated || depth > most_frames };

  ms_json_writer_begin_array (writer);
  for (gsize i = 0; i < G_N_ELEMENTS (figures); i++)
    if (figures[i] == MS_EXPORT_UNKNOWN)
      ms_json_writer_null (writer);
    else
      ms_json_writer_uint (writer, figures[i]);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (depth, most_frames); i++)
    {
      if (places[frames[i]] < 0)
        {
          places[frames[i]] = (gint) used->len;
          g_array_append_val (used, frames[i]);
        }
      ms_json_writer_int (writer, places[frames[i]]);
    }
  ms_json_writer_end_array (writer);
  if (ms_trace_is_sampled (view->trace))
    write_stack_errors (writer, t);
  ms_json_writer_end_array (writer);
}

static void
add_cut_stacks (MsJsonWriter *writer, MsExportView *view, guint n_shown)
{
  static const char *const keys[] = { "peak", "bytes", "calls", "leaked", "temporary" };
  guint64 sums[MS_N_STACK_METRICS] = { 0 };

  ms_json_writer_key (writer, "stacks_cut");
  if (n_shown == view->stacks->len)
    {
      ms_json_writer_null (writer);
      return;
    }
  for (guint i = n_shown; i < view->stacks->len; i++)
    for (guint m = 0; m < MS_N_STACK_METRICS; m++)
      sums[m] += ms_stack_metric_get (g_array_index (view->stacks, MsExportStack, i).totals, m);
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "stacks", view->stacks->len - n_shown);
  for (guint m = 0; m < MS_N_STACK_METRICS; m++)
    ms_json_writer_add_uint (writer, keys[m], sums[m]);
  ms_json_writer_end_object (writer);
}

static void
add_frame_table (MsJsonWriter *writer, MsExportView *view, GArray *used, Strings *strings)
{
  ms_json_writer_key (writer, "frames");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < used->len; i++)
    {
      guint index = g_array_index (used, guint, i);
      const MsFrame *frame = ms_frame_names_get_frame (view->names, index);

      ms_json_writer_begin_array (writer);
      ms_json_writer_int (writer, intern (strings, ms_frame_names_get_label (view->names, index)));
      ms_json_writer_int (writer, intern (strings, frame->file));
      ms_json_writer_uint (writer, frame->line);
      ms_json_writer_int (writer, intern (strings, frame->module));
      ms_json_writer_uint (writer, frame->inlined != FALSE);
      ms_json_writer_uint (writer, ms_frame_is_machinery (frame));
      ms_json_writer_end_array (writer);
    }
  ms_json_writer_end_array (writer);
}

static void
add_stacks (MsJsonWriter *writer,
            MsExportView *view,
            const MsDashboardLimits *limits,
            Strings *strings)
{
  guint n_shown = MIN (view->stacks->len, limits->stacks);
  g_autoptr (GArray) used = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree gint *places = g_new (gint, ms_frame_names_get_n_frames (view->names) + 1);

  memset (places, 0xff, sizeof (gint) * ms_frame_names_get_n_frames (view->names));
  ms_json_writer_key (writer, "stacks");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n_shown; i++)
    write_stack (writer, view, &g_array_index (view->stacks, MsExportStack, i), limits->depth, used,
                 places);
  ms_json_writer_end_array (writer);
  add_cut_stacks (writer, view, n_shown);
  add_frame_table (writer, view, used, strings);
}

/* The call stacks from the outermost frame inwards, the heaviest nodes. (transfer full) */
static MsCallTree *
make_flame_tree (MsExportView *view, guint most_nodes)
{
  guint n_stacks = ms_frame_names_get_n_stacks (view->names);
  guint64 *columns[MS_N_STACK_METRICS];
  double *errors[MS_N_STACK_METRICS];
  const MsPeak *peak = ms_view_find_peak (view->view, view->domain, NULL, NULL);
  g_autoptr (MsCallTree) tree = NULL;

  for (guint m = 0; m < MS_N_STACK_METRICS; m++)
    {
      columns[m] = g_new0 (guint64, n_stacks + 1);
      errors[m] = g_new0 (double, n_stacks + 1);
    }
  for (guint i = 0; i < view->stacks->len; i++)
    {
      const MsExportStack *s = &g_array_index (view->stacks, MsExportStack, i);

      for (guint m = 0; m < MS_N_STACK_METRICS; m++)
        {
          columns[m][s->stack] = ms_stack_metric_get (s->totals, m);
          errors[m][s->stack] = get_error (s->totals, m);
        }
    }
  tree = ms_call_tree_new (view->names, MS_CALL_TREE_TOP_DOWN, (const guint64 *const *) columns,
                           MS_N_STACK_METRICS);
  if (ms_trace_is_sampled (view->trace))
    {
      ms_call_tree_set_errors (tree, (const double *const *) errors);
      if (peak != NULL)
        ms_call_tree_set_root_error (tree, MS_STACK_PEAK, peak->standard_error);
    }
  for (guint m = 0; m < MS_N_STACK_METRICS; m++)
    {
      g_free (columns[m]);
      g_free (errors[m]);
    }
  return ms_call_tree_new_cut (tree, most_nodes);
}

static void
write_flame_node (MsJsonWriter *writer,
                  MsCallTree *tree,
                  guint node,
                  gint parent,
                  gboolean is_sampled,
                  Strings *strings)
{
  double errors[MS_N_STACK_METRICS];
  guint number = ms_call_tree_get_node (tree, node)->function;
  const MsFunction *function =
      node > 0 ? ms_frame_names_get_function (ms_call_tree_get_names (tree), number) : NULL;

  ms_json_writer_begin_array (writer);
  ms_json_writer_int (writer, parent);
  ms_json_writer_int (writer, intern (strings, function != NULL ? function->label : NULL));
  ms_json_writer_int (writer, intern (strings, function != NULL ? function->module : NULL));
  for (guint m = 0; m < MS_N_STACK_METRICS; m++)
    ms_json_writer_uint (writer, ms_call_tree_get_total (tree, node, m));
  if (is_sampled)
    {
      for (guint m = 0; m < MS_N_STACK_METRICS; m++)
        errors[m] = ms_call_tree_get_total_error (tree, node, m);
      write_errors (writer, errors);
    }
  ms_json_writer_end_array (writer);
}

/* What was cut is not written: the page shows it as the parent's own. */
static void
add_flame (MsJsonWriter *writer, MsExportView *view, guint most_nodes, Strings *strings)
{
  g_autoptr (MsCallTree) tree = make_flame_tree (view, most_nodes);
  guint n_nodes = ms_call_tree_get_n_nodes (tree), n_written = 0, n_folded = 0;
  g_autofree gint *places = g_new (gint, n_nodes);

  ms_json_writer_key (writer, "flame");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n_nodes; i++)
    {
      const MsCallNode *node = ms_call_tree_get_node (tree, i);

      n_folded += node->n_folded;
      if (node->function == MS_FUNCTION_OTHERS)
        continue;
      places[i] = (gint) n_written++;
      write_flame_node (writer, tree, i, node->parent < 0 ? -1 : places[node->parent],
                        ms_trace_is_sampled (view->trace), strings);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_add_uint (writer, "flame_folded", n_folded);
}

static void
add_strings (MsJsonWriter *writer, const Strings *strings)
{
  ms_json_writer_key (writer, "strings");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < strings->list->len; i++)
    {
      g_autofree char *shown =
          ms_short_text_new (g_ptr_array_index (strings->list, i), strings->most_chars);

      ms_json_writer_string (writer, shown);
    }
  ms_json_writer_end_array (writer);
}

void
ms_dashboard_stacks_write (MsJsonWriter *writer,
                           MsExportView *view,
                           const MsDashboardLimits *limits)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  Strings strings = { known, list, limits->name_chars };

  add_stacks (writer, view, limits, &strings);
  add_flame (writer, view, limits->flame_nodes, &strings);
  add_strings (writer, &strings);
}
