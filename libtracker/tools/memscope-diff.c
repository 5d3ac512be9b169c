/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope diff BEFORE AFTER: reads both, compares, and prints for a person, a merge request (--markdown)
 * or a program (--json).  One folder with --range1 and --range2 is compared with itself.
 */
#include <gio/gio.h>
#include <gio/gunixoutputstream.h>
#include <unistd.h>

#include "memscope-commands.h"
#include "ms-command-line.h"
#include "ms-diff-conditions.h"
#include "ms-diff-json.h"
#include "ms-diff-markdown.h"
#include "ms-diff-text.h"
#include "ms-filter-options.h"
#include "ms-interrupt.h"
#include "ms-selection.h"

#define DEFAULT_TOP 10
#define NOT_GIVEN G_MININT

typedef struct {
  gboolean has_full_names, is_json, is_markdown, by_lines, without_colours;
  gint top; /* NOT_GIVEN, or a number */
  char *by, *colour;
  char *process, *processes[2];
  char *ranges[2];
  MsFilterOptions filter; /* of both */
  GStrv conditions, operands;
  /* What they say. */
  MsFigureKind by_figure;
  MsFilterOptions filters[2]; /* of each; the strings are the above's */
  GPtrArray *parsed_conditions;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->by);
  g_free (options->colour);
  g_free (options->process);
  ms_filter_options_clear (&options->filter);
  for (guint i = 0; i < 2; i++)
    {
      g_free (options->processes[i]);
      g_free (options->ranges[i]);
    }
  g_strfreev (options->conditions);
  g_strfreev (options->operands);
  g_clear_pointer (&options->parsed_conditions, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* --- options --------------------------------------------------------------------------------- */

static gboolean
read_options (Options *options, int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "by", 'b', 0, G_OPTION_ARG_STRING, &options->by,
      "order by the change of this figure (that of the first condition that holds, else "
      "peak_bytes): leaked_bytes, allocated_bytes, allocations, …",
      "FIGURE" },
    { "top", 't', 0, G_OPTION_ARG_INT, &options->top,
      "only the N largest changes of each list (10; with --json all)", "N" },
    { "lines", 0, 0, G_OPTION_ARG_NONE, &options->by_lines,
      "call stacks are the same only if their files and lines are, too", NULL },
    { "range1", 0, 0, G_OPTION_ARG_STRING, &options->ranges[0],
      "only this stretch of time of the first", "A..B" },
    { "range2", 0, 0, G_OPTION_ARG_STRING, &options->ranges[1],
      "only this stretch of time of the second", "A..B" },
    { "process", 'p', 0, G_OPTION_ARG_STRING, &options->process,
      "the process of both recordings; without it, of each the one with the highest peak",
      "PID|NAME" },
    { "process1", 0, 0, G_OPTION_ARG_STRING, &options->processes[0], "likewise, of the first",
      "PID|NAME" },
    { "process2", 0, 0, G_OPTION_ARG_STRING, &options->processes[1], "likewise, of the second",
      "PID|NAME" },
    { "fail-on", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->conditions,
      "exit with 1 if CONDITION holds, e.g. 'peak_bytes>+5%' (may be repeated)", "CONDITION" },
    { "markdown", 'm', 0, G_OPTION_ARG_NONE, &options->is_markdown,
      "print Markdown, for a merge request", NULL },
    { "full-names", 0, 0, G_OPTION_ARG_NONE, &options->has_full_names,
      "functions with template arguments and parameters, uncut", NULL },
    { "json", 'j', 0, G_OPTION_ARG_NONE, &options->is_json, "print JSON", NULL },
    { "color", 0, 0, G_OPTION_ARG_STRING, &options->colour,
      "colours: auto (on a terminal), always or never", "WHEN" },
    { "no-color", 0, 0, G_OPTION_ARG_NONE, &options->without_colours, "the same as --color=never",
      NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->operands, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = ms_command_line_new (
      "diff", "BEFORE [AFTER]", entries,
      "Compares two recordings, or two stretches of one: totals, threads by name, call stacks\n"
      "by the names of their functions.",
      "BEFORE and AFTER are recordings, or trace folders of one process in them.\n"
      "\n"
      "  memscope diff old new                              what changed\n"
      "  memscope diff old new --by leaked_bytes --top 3    who leaks more\n"
      "  memscope diff run --range1 0s..10s --range2 60s..  the start, and what came later\n"
      "  memscope diff old new --fail-on 'peak_bytes>+5%,leaked_bytes>+1M' --markdown\n"
      "\n"
      "Call stacks are compared by what each held when its process was at its peak: these bytes\n"
      "add up to the peak.  Of sampled recordings every change has a standard error, and what is\n"
      "smaller than 1.96 of them may be by chance.  Conditions are figures of report --json, with\n"
      "a sign before the number for the change: allocations>+10k, "
      "thread:worker-*.leaked_bytes>+0.\n"
      "Of a range that ends before its process, and of one that was killed or still runs,\n"
      "leaked_bytes are the bytes allocated in it and not freed by its end.\n"
      "Exit status: 0; 1 if a condition holds, or after a failure; 2 for wrong usage.");

  ms_filter_options_add (&options->filter, context);
  return ms_command_line_parse (context, argc, argv);
}

static gboolean
choose_figure (Options *options)
{
  g_autoptr (GString) list = g_string_new (NULL);

  options->by_figure = MS_FIGURE_PEAK_BYTES;
  if (options->by == NULL)
    return TRUE;
  for (MsFigureKind kind = 0; kind < MS_N_FIGURES; kind++)
    {
      const char *name = ms_figure_kind_to_string (kind);

      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", name);
      if (!g_str_equal (name, options->by))
        continue;
      options->by_figure = kind == MS_FIGURE_BYTES_AT_PROCESS_PEAK ? MS_FIGURE_PEAK_BYTES : kind;
      return TRUE;
    }
  ms_complain ("--by %s: there is no such figure; there are: %s", options->by, list->str);
  return FALSE;
}

/* What is said of both holds for the one of which nothing else is said. */
static gboolean
share_options (Options *options)
{
  for (guint i = 0; i < 2; i++)
    {
      options->filters[i] = options->filter;
      if (options->ranges[i] != NULL)
        {
          options->filters[i].range = options->ranges[i];
          options->filters[i].range_option = i == 0 ? "--range1" : "--range2";
        }
      if (options->processes[i] == NULL)
        options->processes[i] = g_strdup (options->process);
      if (!ms_filter_options_check (&options->filters[i]))
        return FALSE;
      if (g_strcmp0 (options->processes[i], "all") == 0)
        {
          ms_complain ("diff compares one process with another one; --process takes no \"all\"");
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_operands (Options *options)
{
  guint n = options->operands != NULL ? g_strv_length (options->operands) : 0;
  gboolean has_two = options->ranges[0] != NULL && options->ranges[1] != NULL;

  if (n == 2 || (n == 1 && has_two)
      || (n == 1 && options->processes[0] != NULL && options->processes[1] != NULL))
    return TRUE;
  if (n == 0)
    ms_complain ("diff needs two recordings or trace folders (see memscope diff --help)");
  else if (n == 1 && (options->ranges[0] != NULL || options->ranges[1] != NULL))
    ms_complain ("%s by itself: to compare two stretches of one recording, diff needs %s as well",
                 options->ranges[0] != NULL ? "--range1" : "--range2",
                 options->ranges[0] != NULL ? "--range2" : "--range1");
  else if (n == 1)
    ms_complain ("diff needs a second recording to compare with, or --range1 and --range2 (see "
                 "memscope diff --help)");
  else
    ms_complain ("diff takes two folders, and \"%s\" is one too many (see memscope diff --help)",
                 options->operands[2]);
  return FALSE;
}

static gboolean
check (Options *options)
{
  g_autoptr (GError) error = NULL;

  if (options->top < 0 && options->top != NOT_GIVEN)
    ms_complain ("--top takes a number of rows, not %d", options->top);
  else if (options->is_json && options->is_markdown)
    ms_complain ("--json and --markdown exclude each other");
  else if (choose_figure (options) && check_operands (options) && share_options (options))
    {
      options->parsed_conditions =
          ms_conditions_parse ((const char *const *) options->conditions, TRUE, &error);
      if (options->parsed_conditions != NULL)
        return TRUE;
      ms_complain ("%s", error->message);
    }
  return FALSE;
}

/* --- reading --------------------------------------------------------------------------------- */

/* FALSE after complaining, or if interrupted. */
static gboolean
make_view (MsDiffSide *side, const MsFilterOptions *options, int *status)
{
  g_autoptr (MsFilter) filter = NULL;
  g_autoptr (GError) error = NULL;

  if (!ms_filter_options_is_empty (options))
    {
      filter = ms_filter_options_apply (options, side->trace, side->names, &side->part, &error);
      if (filter == NULL)
        {
          ms_complain ("%s: %s", side->folder, error->message);
          *status = MS_EXIT_USAGE;
          return FALSE;
        }
    }
  side->view = ms_view_new (side->trace, filter, ms_interrupt_get_cancellable (), &error);
  if (side->view == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ms_complain ("%s", error->message);
  return side->view != NULL;
}

static gboolean
load_side (MsDiffSide *side, const Options *options, guint nth, int *status)
{
  const char *folder =
      options->operands[nth] != NULL ? options->operands[nth] : options->operands[0];
  const MsFilterOptions *filter = &options->filters[nth];
  g_autoptr (MsSelection) selection = ms_selection_open (folder, options->processes[nth], status);

  if (selection == NULL)
    return FALSE;
  side->folder = g_strdup (folder);
  side->trace = ms_selection_load_full (selection, 0,
                                        ms_filter_options_is_empty (filter) ? 0 : MS_LOAD_HISTORY);
  if (side->trace == NULL)
    return FALSE;
  side->symbolizer = ms_symbolizer_new_for_user ();
  side->names = ms_frame_names_new (side->trace, MS_NAME_RESOLVER (side->symbolizer),
                                    ms_interrupt_get_cancellable (), NULL);
  return side->names != NULL && make_view (side, filter, status);
}

/* Of one process at two times there is one trace and one set of names. */
static gboolean
share_side (MsDiff *diff, const Options *options, int *status)
{
  MsDiffSide *from = &diff->sides[0], *to = &diff->sides[1];

  to->folder = g_strdup (from->folder);
  to->trace = g_object_ref (from->trace);
  to->symbolizer = g_object_ref (from->symbolizer);
  to->names = ms_frame_names_ref (from->names);
  return make_view (to, &options->filters[1], status);
}

/* Both sides', or where they have not the same, the heap. */
static MsDomain
choose_domain (const MsDiff *diff)
{
  MsDomain before = ms_trace_get_main_domain (diff->sides[0].trace);
  MsDomain after = ms_trace_get_main_domain (diff->sides[1].trace);

  return before == after ? before : MS_DOMAIN_HEAP;
}

static gboolean
load (MsDiff *diff, const Options *options, int *status)
{
  gboolean is_one =
      options->operands[1] == NULL && g_strcmp0 (options->processes[0], options->processes[1]) == 0;
  MsComparisonSide sides[2];

  if (!load_side (&diff->sides[0], options, 0, status))
    return FALSE;
  if (!(is_one ? share_side (diff, options, status)
               : load_side (&diff->sides[1], options, 1, status)))
    return FALSE;
  for (guint i = 0; i < 2; i++)
    sides[i] = (MsComparisonSide) { diff->sides[i].view, diff->sides[i].names };
  diff->comparison =
      ms_comparison_new (&sides[0], &sides[1], choose_domain (diff),
                         options->by_lines ? MS_COMPARE_BY_LINES : MS_COMPARE_BY_FUNCTIONS,
                         ms_interrupt_get_cancellable (), NULL);
  return diff->comparison != NULL;
}

/* --- printing -------------------------------------------------------------------------------- */

static gboolean
print_json (const MsDiff *diff)
{
  g_autoptr (GOutputStream) stream = g_unix_output_stream_new (STDOUT_FILENO, FALSE);
  MsJsonWriter *writer = ms_json_writer_new (stream, MS_JSON_PRETTY);
  g_autoptr (GError) error = NULL;

  ms_diff_json_write (writer, diff);
  if (ms_json_writer_close (writer, NULL, &error))
    return TRUE;
  ms_complain ("standard output cannot be written: %s", error->message);
  return FALSE;
}

static gboolean
print (const MsDiff *diff, const Options *options, const MsTerminal *terminal)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (options->is_json)
    return print_json (diff);
  if (options->is_markdown)
    ms_diff_markdown_append (out, diff);
  else
    ms_diff_text_append (out, terminal, diff);
  return ms_terminal_write (out);
}

int
ms_command_diff (int argc, char **argv)
{
  g_auto (Options) options = { .top = NOT_GIVEN };
  g_auto (MsDiff) diff = { 0 };
  int status = MS_EXIT_FAILURE;
  MsTerminal terminal;

  if (!read_options (&options, &argc, &argv) || !check (&options)
      || !ms_terminal_init (&terminal, options.without_colours ? "never" : options.colour))
    return MS_EXIT_USAGE;
  terminal.has_full_names = options.has_full_names;
  ms_interrupt_begin ();
  diff.by = options.by_figure;
  diff.top = options.top >= 0 ? (guint) options.top : options.is_json ? G_MAXUINT : DEFAULT_TOP;
  if (!load (&diff, &options, &status))
    return ms_interrupt_status (status);
  if (options.by == NULL)
    ms_diff_conditions_find_figure (options.parsed_conditions, &diff, &diff.by);
  if (ms_diff_why_unknown (&diff, diff.by) != NULL)
    {
      if (options.by != NULL)
        {
          ms_complain ("--by %s: %s", options.by, ms_diff_why_unknown (&diff, diff.by));
          return MS_EXIT_FAILURE;
        }
      diff.by = MS_FIGURE_ALLOCATED_BYTES;
    }
  if (!print (&diff, &options, &terminal))
    return ms_interrupt_status (status);
  return ms_interrupt_status (ms_diff_conditions_check (options.parsed_conditions, &diff));
}
