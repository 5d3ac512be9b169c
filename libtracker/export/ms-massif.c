/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-massif.h"

#include "ms-call-tree.h"
#include "ms-short-text.h"
#include "ms-text-writer.h"

#define N_SNAPSHOTS 120
/* The heaviest of the peak's tree; the others are summed up where they are cut. */
#define MOST_NODES 1000

static void
write_command (MsTextWriter *writer, MsExportView *view)
{
  const char *const *arguments = (const char *const *) view->arguments;
  g_autofree char *joined = g_strjoinv (" ", (char **) arguments);
  /* '#' begins a comment in these files. */
  g_autofree char *line = ms_line_text_new (*joined != '\0' ? joined : view->program, "#");

  ms_text_writer_printf (writer, "desc: memscope %s\ncmd: %s\ntime_unit: ms\n", MEMSCOPE_VERSION,
                         line);
}

static void
write_snapshot (MsTextWriter *writer, guint number, gint64 time_ns, guint64 bytes, const char *tree)
{
  char time[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (time, sizeof time, "%.3f", (double) time_ns / 1e6);
  ms_text_writer_printf (
      writer,
      "#-----------\nsnapshot=%u\n#-----------\ntime=%s\nmem_heap_B=%" G_GUINT64_FORMAT
      "\nmem_heap_extra_B=0\nmem_stacks_B=0\nheap_tree=%s\n",
      number, time, bytes, tree);
}

static void
write_node (MsTextWriter *writer, MsCallTree *tree, guint i)
{
  const MsCallNode *node = ms_call_tree_get_node (tree, i);
  guint64 bytes = ms_call_tree_get_total (tree, i, 0);

  ms_text_writer_printf (writer, "%*sn%u: %" G_GUINT64_FORMAT " ", (int) node->depth, "",
                         node->n_children, bytes);
  if (node->function == MS_FUNCTION_NONE)
    ms_text_writer_add (writer,
                        "(heap allocation functions) malloc/new/new[], --alloc-fns, etc.\n");
  else if (node->function == MS_FUNCTION_OTHERS)
    ms_text_writer_printf (writer, "in %u places, all below memscope's threshold\n",
                           node->n_folded);
  else
    {
      MsFrameNames *names = ms_call_tree_get_names (tree);
      const MsFunction *function = ms_frame_names_get_function (names, node->function);
      g_autofree char *label = ms_line_text_new (function->label, "#");
      g_autofree char *module =
          ms_line_text_new (function->module != NULL ? function->module : "no file", "#");

      /* massif-visualizer wants an address before the name; a function has many. */
      ms_text_writer_printf (writer, "0x0: %s (in %s)\n", label, module);
    }
  for (guint child = 0; child < node->n_children; child++)
    write_node (writer, tree, node->first_child + child);
}

static void
write_peak (MsTextWriter *writer, MsExportView *view, guint number, const MsPeak *peak)
{
  const guint64 *columns[] = { peak->stack_bytes };
  g_autoptr (MsCallTree) whole = ms_call_tree_new (view->names, MS_CALL_TREE_BOTTOM_UP, columns, 1);
  g_autoptr (MsCallTree) tree = ms_call_tree_new_cut (whole, MOST_NODES);

  write_snapshot (writer, number, peak->time_ns, peak->bytes, "peak");
  write_node (writer, tree, 0);
}

gboolean
ms_massif_write (GOutputStream *stream,
                 MsExportView *view,
                 GCancellable *cancellable,
                 GError **error)
{
  const MsPeak *peak = ms_view_find_peak (view->view, view->domain, cancellable, error);
  gint64 start_ns = ms_view_get_start_ns (view->view);
  double step_ns = (double) (ms_view_get_end_ns (view->view) - start_ns) / N_SNAPSHOTS;
  guint64 highest[N_SNAPSHOTS];
  gboolean is_peak_due;
  MsTextWriter *writer;
  guint number = 0;

  if (peak == NULL)
    {
      g_prefix_error (error, "massif, a curve of live bytes: ");
      return FALSE;
    }
  is_peak_due = peak->bytes > 0;
  ms_view_get_live_series (view->view, NULL, view->domain, N_SNAPSHOTS, highest, NULL);
  writer = ms_text_writer_new (stream);
  write_command (writer, view);
  for (guint i = 0; i < N_SNAPSHOTS; i++)
    {
      gint64 from_ns = start_ns + (gint64) (i * step_ns);

      if (is_peak_due && (peak->time_ns < from_ns + (gint64) step_ns || i + 1 == N_SNAPSHOTS))
        {
          write_peak (writer, view, number++, peak);
          is_peak_due = FALSE;
        }
      else
        write_snapshot (writer, number++, from_ns, highest[i], "empty");
    }
  return ms_text_writer_close (writer, cancellable, error);
}
