/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-tree.h"

#include "ms-call-tree.h"
#include "ms-estimate-text.h"
#include "ms-function-totals.h"
#include "ms-json-figures.h"
#include "ms-report-lines.h"
#include "ms-short-name.h"
#include "ms-stack-filter.h"
#include "ms-terminal-text.h"

#define DEFAULT_NODES 60U
#define MAX_INDENT 40U
#define BYTES_COLUMNS 8U
#define ESTIMATE_COLUMNS 18U /* "12.4 MB ± 0.31 MB" */
#define NAME_COLUMNS 8U      /* at least */

typedef enum { TREE_OF_ALL, TREE_OF_CALLERS, TREE_OF_CALLEES } TreeKind;

/* Of @function, which a tree of everything does without; at most report->top nodes.  NULL: cancelled. */
static MsCallTree *
new_tree (MsReport *report, TreeKind kind, guint function)
{
  MsFrameNames *names = ms_report_get_names (report);
  g_autofree guint64 *values =
      ms_stack_values_new (report->view, report->domain, MS_FIGURE_BYTES_AT_PROCESS_PEAK,
                           report->cancellable, NULL);
  g_autofree double *errors =
      ms_stack_errors_new (report->view, report->domain, MS_FIGURE_BYTES_AT_PROCESS_PEAK,
                           report->cancellable);
  const guint64 *columns[] = { values };
  const double *error_columns[] = { errors };
  const MsPeak *peak;
  guint most = report->top_is_set         ? MAX (report->top, 1)
               : report->terminal != NULL ? DEFAULT_NODES
                                          : 0;
  g_autoptr (MsCallTree) tree = NULL;

  if (names == NULL || values == NULL)
    return NULL;
  tree = kind == TREE_OF_ALL       ? ms_call_tree_new (names, MS_CALL_TREE_TOP_DOWN, columns, 1)
         : kind == TREE_OF_CALLERS ? ms_call_tree_new_callers (names, function, columns, 1)
                                   : ms_call_tree_new_callees (names, function, columns, 1);
  if (errors != NULL)
    {
      ms_call_tree_set_errors (tree, error_columns);
      peak = ms_report_get_peak (report, report->domain);
      if (kind == TREE_OF_ALL && peak != NULL)
        ms_call_tree_set_root_error (tree, 0, peak->standard_error);
    }
  return most > 0 ? ms_call_tree_new_cut (tree, most) : g_steal_pointer (&tree);
}

/* --- for a person ---------------------------------------------------------------------------- */

static char *
dup_label (MsReport *report, MsCallTree *tree, guint node)
{
  const MsCallNode *it = ms_call_tree_get_node (tree, node);
  const MsFunction *function = it->function < ms_frame_names_get_n_functions (report->names)
                                   ? ms_frame_names_get_function (report->names, it->function)
                                   : NULL;
  g_autofree char *name = NULL;

  if (it->function == MS_FUNCTION_OTHERS)
    return g_strdup_printf ("(%u others)", it->n_folded);
  if (function == NULL || function->module == NULL || !function->is_named)
    return g_strdup (ms_call_tree_get_label (tree, node));
  name = report->terminal->has_full_names ? g_strdup (function->label)
                                          : ms_short_name_new (function->label);
  return g_strdup_printf ("%s  %s", name, function->module);
}

static guint
get_figure_columns (MsReport *report)
{
  return ms_trace_is_sampled (report->trace) ? ESTIMATE_COLUMNS : BYTES_COLUMNS;
}

/* To the right of @columns. */
static void
append_cell (GString *line, const char *text, guint columns)
{
  guint width = ms_terminal_text_width (text);

  g_string_append_printf (line, "  %*s%s", (int) (columns - MIN (columns, width)), "", text);
}

/* Total, share and self of @node. (transfer full) */
static char *
dup_figures (MsReport *report, MsCallTree *tree, guint node)
{
  guint64 total = ms_call_tree_get_total (tree, node, 0);
  guint columns = get_figure_columns (report);
  g_autofree char *total_text =
      ms_estimate_text_bytes (total, ms_call_tree_get_total_error (tree, node, 0));
  g_autofree char *share = ms_format_share (total, ms_call_tree_get_total (tree, 0, 0));
  g_autofree char *self_text = ms_estimate_text_bytes (ms_call_tree_get_self (tree, node, 0),
                                                       ms_call_tree_get_self_error (tree, node, 0));
  GString *line = g_string_new (NULL);

  append_cell (line, total_text, columns);
  append_cell (line, share, 7);
  append_cell (line, self_text, columns);
  g_string_append (line, "  ");
  return g_string_free (line, FALSE);
}

static void
append_node (GString *out, MsReport *report, MsCallTree *tree, guint node)
{
  const MsTerminal *terminal = report->terminal;
  const MsCallNode *it = ms_call_tree_get_node (tree, node);
  g_autofree char *label = dup_label (report, tree, node);
  g_autofree char *clean = ms_terminal_text_clean (label);
  g_autofree char *numbers = dup_figures (report, tree, node);
  guint taken = ms_terminal_text_width (numbers) + NAME_COLUMNS;
  /* A deep node's name keeps some room on a narrow terminal. */
  guint most_indent = MIN (MAX_INDENT, MAX (terminal->width, taken) - taken);
  g_autofree char *figures =
      g_strdup_printf ("%s%*s", numbers, (int) MIN (2 * it->depth, most_indent), "");
  guint width = ms_terminal_text_width (figures);
  /* A function's own name is at its end. */
  g_autofree char *shown =
      terminal->has_full_names || terminal->width == G_MAXUINT
          ? g_strdup (clean)
          : ms_terminal_text_shorten_start (clean, terminal->width - MIN (terminal->width, width));

  g_string_append_printf (out, "%s%s\n", figures, shown);
  for (guint i = 0; i < it->n_children; i++)
    append_node (out, report, tree, it->first_child + i);
}

static void
append_tree (GString *out, MsReport *report, const char *title, MsCallTree *tree)
{
  g_autoptr (GString) titles = g_string_new (NULL);

  ms_report_heading (out, report->terminal, title);
  if (tree == NULL)
    return; /* cancelled */
  if (ms_call_tree_get_total (tree, 0, 0) == 0)
    {
      ms_report_remark (out, report->terminal, "nothing of it was live at the peak");
      return;
    }
  append_cell (titles, "TOTAL", get_figure_columns (report));
  append_cell (titles, "SHARE", 7);
  append_cell (titles, "SELF", get_figure_columns (report));
  g_string_append_c (titles, '\n');
  ms_terminal_append (report->terminal, out, MS_STYLE_DIM, titles->str);
  append_node (out, report, tree, 0);
}

void
ms_report_tree_append (GString *out, MsReport *report)
{
  g_autoptr (MsCallTree) tree = new_tree (report, TREE_OF_ALL, 0);

  append_tree (out, report, "Live at the peak, by call", tree);
}

static void
append_functions (GString *out, MsReport *report, TreeKind kind, const GArray *functions)
{
  for (guint i = 0; functions != NULL && i < functions->len; i++)
    {
      guint function = g_array_index (functions, guint, i);
      g_autoptr (MsCallTree) tree = new_tree (report, kind, function);
      g_autofree char *label =
          ms_terminal_text_clean (ms_frame_names_get_function (report->names, function)->label);
      g_autofree char *title =
          g_strdup_printf ("Live at the peak, by %s %s",
                           kind == TREE_OF_CALLERS ? "callers of" : "what is called by", label);

      append_tree (out, report, title, tree);
    }
}

void
ms_report_butterflies_append (GString *out, MsReport *report)
{
  append_functions (out, report, TREE_OF_CALLERS, report->callers);
  append_functions (out, report, TREE_OF_CALLEES, report->callees);
}

/* --- for a program --------------------------------------------------------------------------- */

static void
write_node (MsJsonWriter *writer, MsReport *report, MsCallTree *tree, guint node)
{
  const MsCallNode *it = ms_call_tree_get_node (tree, node);
  gboolean is_function = it->function < ms_frame_names_get_n_functions (report->names);

  ms_json_writer_begin_object (writer);
  ms_json_writer_add_string (writer, "function", ms_call_tree_get_label (tree, node));
  ms_json_writer_add_string (writer, "module",
                             is_function
                                 ? ms_frame_names_get_function (report->names, it->function)->module
                                 : NULL);
  ms_json_add_estimate (writer, report->trace, "total_bytes",
                        ms_call_tree_get_total (tree, node, 0),
                        ms_call_tree_get_total_error (tree, node, 0));
  ms_json_add_estimate (writer, report->trace, "self_bytes", ms_call_tree_get_self (tree, node, 0),
                        ms_call_tree_get_self_error (tree, node, 0));
  ms_json_writer_add_uint (writer, "folded", it->n_folded);
  ms_json_writer_key (writer, "children");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < it->n_children; i++)
    write_node (writer, report, tree, it->first_child + i);
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
}

static void
write_tree (MsJsonWriter *writer, MsReport *report, TreeKind kind, guint function)
{
  g_autoptr (MsCallTree) tree = new_tree (report, kind, function);

  if (tree == NULL)
    ms_json_writer_null (writer);
  else
    write_node (writer, report, tree, 0);
}

void
ms_report_tree_write (MsJsonWriter *writer, MsReport *report)
{
  write_tree (writer, report, TREE_OF_ALL, 0);
}

static void
write_functions (MsJsonWriter *writer,
                 MsReport *report,
                 const char *key,
                 TreeKind kind,
                 const GArray *functions)
{
  if (functions == NULL)
    return;
  ms_json_writer_key (writer, key);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < functions->len; i++)
    write_tree (writer, report, kind, g_array_index (functions, guint, i));
  ms_json_writer_end_array (writer);
}

void
ms_report_butterflies_write (MsJsonWriter *writer, MsReport *report)
{
  write_functions (writer, report, "callers", TREE_OF_CALLERS, report->callers);
  write_functions (writer, report, "callees", TREE_OF_CALLEES, report->callees);
}

gboolean
ms_report_find_functions (MsReport *report,
                          const char *const *patterns,
                          GArray **functions,
                          GError **error)
{
  MsFrameNames *names = patterns != NULL ? ms_report_get_names (report) : NULL;

  for (guint i = 0; names != NULL && patterns[i] != NULL; i++)
    {
      guint n_found = 0;
      g_autofree guint *found =
          ms_stack_filter_find_functions (names, patterns[i], &n_found, error);

      if (found == NULL)
        return FALSE;
      if (*functions == NULL)
        *functions = g_array_new (FALSE, FALSE, sizeof (guint));
      g_array_append_vals (*functions, found, n_found);
    }
  return TRUE;
}
