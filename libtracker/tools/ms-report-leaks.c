/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   Leaks
 *     leaked         13.4 MB  in 77 356 blocks never freed by the end
 *     accused        13.3 MB  in 77 347 blocks
 *     young          1.20 kB  in 3 blocks made in the last 100 ms: not accused
 *     suppressed     12.0 kB  in 5 blocks
 *     C library      4.10 kB  in 1 block that it keeps for itself
 *     1. 2.84 MB leaked in 1 allocation
 *        …
 *     Suppressions
 */
#include "ms-report-leaks.h"

#include "ms-estimate-text.h"
#include "ms-json-figures.h"
#include "ms-left-words.h"
#include "ms-library-blocks.h"
#include "ms-report-lines.h"
#include "ms-report-stacks.h"
#include "ms-table.h"
#include "ms-terminal-text.h"

/* Of which the sums of a MsLeakReport are parts. */
static MsLeakSum
sum_of_all (MsReport *report)
{
  const MsTotals *totals = ms_view_get_totals (report->view, report->domain);

  return (MsLeakSum) { totals->leaked_allocations, totals->leaked_bytes,
                       totals->standard_errors.leaked_blocks,
                       totals->standard_errors.leaked_bytes };
}

/* --- for a person ---------------------------------------------------------------------------- */

static void
append_sum (GString *out,
            MsReport *report,
            const char *label,
            const MsLeakSum *sum,
            const char *comment)
{
  g_autofree char *blocks = ms_estimate_text_count (sum->blocks, sum->blocks_standard_error);
  g_autofree char *error = ms_estimate_text_error_bytes (sum->bytes_standard_error);
  g_autofree char *missed =
      sum->blocks == 0 ? ms_estimate_text_none (report->trace) : g_strdup ("");

  ms_report_figure (out, report->terminal, label, ms_format_bytes (sum->bytes),
                    "%sin %s block%s%s%s", error, blocks, ms_plural (sum->blocks), comment, missed);
}

static void
append_sums (GString *out, MsReport *report, const MsLeakReport *leaks)
{
  static const char *const comments[] = {
    [MS_LEFT_LEAKED] = " never freed by the end",
    [MS_LEFT_KILLED] = " not freed when the process was killed",
    [MS_LEFT_RUNNING] = ": the process still runs",
    [MS_LEFT_UNKNOWN] = ": whether the process still runs cannot be seen from here",
    [MS_LEFT_IN_PART] = " that were made in this part and not freed in it",
    [MS_LEFT_REPLACED] = " not freed when another program took its place",
  };
  g_autofree char *tail = ms_format_duration ((gint64) leaks->tail_ns.value);
  MsLeftKind kind = ms_left_get_kind (report->view);
  MsLeakSum all = sum_of_all (report);
  gboolean is_trimmed =
      kind == MS_LEFT_IN_PART
      && ms_view_get_end_ns (report->view) == ms_trace_get_duration_ns (report->trace);
  g_autofree char *site =
      leaks->young.blocks > 0 ? ms_report_site_text (report, leaks->largest_young.stack) : NULL;
  g_autofree char *young =
      g_strdup_printf (" made in the last %s%s%s: not accused; --tail 0 does", tail,
                       site == NULL              ? ""
                       : leaks->young.blocks > 1 ? ", most "
                                                 : ", ",
                       site != NULL ? site : "");

  append_sum (out, report, ms_left_get_word (kind), &all,
              is_trimmed ? ": the process went on after this part" : comments[kind]);
  if (leaks->accused.blocks != all.blocks)
    append_sum (out, report, kind == MS_LEFT_LEAKED ? "accused" : "listed", &leaks->accused,
                kind == MS_LEFT_LEAKED ? "" : ", below");
  if (leaks->tail_ns.known && leaks->young.blocks > 0)
    append_sum (out, report, "young", &leaks->young, young);
  if (leaks->suppressions != NULL)
    append_sum (out, report, "suppressed", &leaks->suppressed, "");
  if (leaks->libraries.blocks > 0)
    append_sum (out, report, "C library", &leaks->libraries,
                " that it keeps for itself: not accused; --no-default-suppressions does");
  if (!leaks->tail_ns.known)
    {
      g_autofree char *remark =
          g_strdup_printf ("the youngest are accused as well: %s", leaks->tail_ns.reason);

      ms_report_remark (out, report->terminal, remark);
    }
}

/* Frames that every thread has: a pattern that fits one of them suppresses all that threads allocate.  The
 * best known, leak:pthread_create, fits the file of start_thread(). */
static void
warn_of_pattern (GString *out, MsReport *report, const char *pattern)
{
  static const struct {
    const char *name, *what;
  } everywhere[] = {
    { "start_thread", "start_thread()" },
    { "./nptl/pthread_create.c", "pthread_create.c, the file of start_thread()" },
    { "clone3", "clone3()" },
    { "__libc_start_main_impl", "__libc_start_main_impl()" },
    { "../csu/libc-start.c", "libc-start.c, the file of __libc_start_main()" },
    { "_start", "_start()" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (everywhere); i++)
    if (ms_suppression_pattern_matches (pattern, everywhere[i].name))
      {
        g_autofree char *text = g_strdup_printf (
            "leak:%s fits %s, which is in the call stack of every thread: it suppresses more than "
            "is meant. Anchor it: leak:^%s$",
            pattern, everywhere[i].what, pattern);

        ms_report_prose (out, report->terminal, MS_STYLE_YELLOW, 2, text);
        return;
      }
}

static void
append_uses (GString *out, MsReport *report, const MsLeakReport *leaks)
{
  static const MsColumn columns[] = {
    { "LINE", TRUE, FALSE, 0 },
    { "SUPPRESSION", FALSE, TRUE, 0 },
    { "BLOCKS", TRUE, FALSE, 0 },
    { "BYTES", TRUE, FALSE, 0 },
  };
  g_autoptr (MsTable) table = NULL;

  if (leaks->suppressions == NULL || ms_suppressions_get_n (leaks->suppressions) == 0)
    return;
  table = ms_table_new (columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < leaks->suppression_uses->len; i++)
    {
      const MsSuppressionUse *use = &g_array_index (leaks->suppression_uses, MsSuppressionUse, i);
      MsStyle style = use->n_stacks > 0 ? MS_STYLE_PLAIN : MS_STYLE_DIM;

      ms_table_add (table, style,
                    g_strdup_printf ("%u", ms_suppressions_get_line (leaks->suppressions, i)));
      ms_table_add (table, style,
                    g_strconcat ("leak:", ms_suppressions_get_pattern (leaks->suppressions, i),
                                 NULL));
      ms_table_add (table, style,
                    use->n_stacks > 0 ? ms_format_count (use->sum.blocks) : g_strdup ("unused"));
      ms_table_add (table, style,
                    use->n_stacks > 0 ? ms_format_bytes (use->sum.bytes) : g_strdup (""));
    }
  g_string_append_c (out, '\n');
  ms_table_print (table, report->terminal, out);
  for (guint i = 0; i < leaks->suppression_uses->len; i++)
    warn_of_pattern (out, report, ms_suppressions_get_pattern (leaks->suppressions, i));
}

/* What the C library keeps, in few words, once. */
static void
append_libraries (GString *out, MsReport *report, const MsLeakReport *leaks)
{
  static const MsColumn columns[] = {
    { "THE C LIBRARY'S OWN", FALSE, TRUE, 0 },
    { "BLOCKS", TRUE, FALSE, 0 },
    { "BYTES", TRUE, FALSE, 0 },
  };
  g_autoptr (MsTable) table = NULL;

  if (leaks->libraries.blocks == 0)
    return;
  table = ms_table_new (columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < leaks->library_uses->len; i++)
    {
      const MsSuppressionUse *use = &g_array_index (leaks->library_uses, MsSuppressionUse, i);

      if (use->n_stacks == 0)
        continue;
      ms_table_add (table, MS_STYLE_PLAIN, g_strdup (ms_library_blocks_get_title (i)));
      ms_table_add (table, MS_STYLE_PLAIN, ms_format_count (use->sum.blocks));
      ms_table_add (table, MS_STYLE_PLAIN, ms_format_bytes (use->sum.bytes));
    }
  g_string_append_c (out, '\n');
  ms_table_print (table, report->terminal, out);
}

static void
append_none (GString *out, MsReport *report)
{
  ms_report_heading (out, report->terminal, "Leaks");
  ms_report_remark (out, report->terminal, ms_trace_why_no_live (report->trace));
}

void
ms_report_leaks_append (GString *out, MsReport *report)
{
  static const char *const headings[] = {
    [MS_LEFT_LEAKED] = "Leaks",
    [MS_LEFT_KILLED] = "Not freed when it was killed",
    [MS_LEFT_RUNNING] = "Not freed so far",
    [MS_LEFT_UNKNOWN] = "Not freed so far",
    [MS_LEFT_IN_PART] = "Not freed in this part",
    [MS_LEFT_REPLACED] = "Not freed when another program took its place",
  };
  const MsLeakReport *leaks = ms_report_get_leaks (report);
  MsLeftKind kind;

  if (ms_trace_why_no_live (report->trace) != NULL)
    {
      append_none (out, report);
      return;
    }
  if (leaks == NULL)
    return; /* cancelled */
  kind = ms_left_get_kind (report->view);
  ms_report_heading (out, report->terminal, headings[kind]);
  append_sums (out, report, leaks);
  for (guint i = 0; i < MIN (leaks->leaks->len, report->top); i++)
    {
      const MsLeak *leak = &g_array_index (leaks->leaks, MsLeak, i);
      g_autofree char *bytes =
          ms_estimate_text_bytes (leak->sum.bytes, leak->sum.bytes_standard_error);
      g_autofree char *blocks =
          ms_estimate_text_count (leak->sum.blocks, leak->sum.blocks_standard_error);
      g_autofree char *title =
          g_strdup_printf ("%s %s", bytes, kind == MS_LEFT_LEAKED ? "leaked" : "in use");
      g_autofree char *comment =
          g_strdup_printf (" in %s allocation%s", blocks, ms_plural (leak->sum.blocks));

      ms_report_stack (out, report, i + 1, title, comment, leak->stack);
    }
  ms_report_more (out, report->terminal, leaks->leaks->len - MIN (leaks->leaks->len, report->top),
                  "stack");
  append_uses (out, report, leaks);
  append_libraries (out, report, leaks);
}

/* --- for a program --------------------------------------------------------------------------- */

static void
write_sum (MsJsonWriter *writer, MsReport *report, const char *what, const MsLeakSum *sum)
{
  g_autofree char *bytes = g_strconcat (what, "_bytes", NULL);
  g_autofree char *blocks = g_strconcat (what, "_allocations", NULL);

  ms_json_add_estimate (writer, report->trace, bytes, sum->bytes, sum->bytes_standard_error);
  ms_json_add_estimate (writer, report->trace, blocks, sum->blocks, sum->blocks_standard_error);
}

static void
write_uses (MsJsonWriter *writer, MsReport *report, const MsLeakReport *leaks)
{
  ms_json_writer_key (writer, "suppressions");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; leaks->suppressions != NULL && i < leaks->suppression_uses->len; i++)
    {
      const MsSuppressionUse *use = &g_array_index (leaks->suppression_uses, MsSuppressionUse, i);

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "line", ms_suppressions_get_line (leaks->suppressions, i));
      ms_json_writer_add_string (writer, "pattern",
                                 ms_suppressions_get_pattern (leaks->suppressions, i));
      ms_json_writer_add_uint (writer, "stacks", use->n_stacks);
      write_sum (writer, report, "suppressed", &use->sum);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

static void
write_libraries (MsJsonWriter *writer, MsReport *report, const MsLeakReport *leaks)
{
  ms_json_writer_key (writer, "library_kinds");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < leaks->library_uses->len; i++)
    {
      const MsSuppressionUse *use = &g_array_index (leaks->library_uses, MsSuppressionUse, i);

      if (use->n_stacks == 0)
        continue;
      ms_json_writer_begin_object (writer);
      ms_json_writer_add_string (writer, "title", ms_library_blocks_get_title (i));
      ms_json_writer_add_uint (writer, "stacks", use->n_stacks);
      write_sum (writer, report, "library", &use->sum);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

void
ms_report_leaks_write (MsJsonWriter *writer, MsReport *report)
{
  const MsLeakReport *leaks = ms_report_get_leaks (report);
  MsLeakSum all = sum_of_all (report);

  if (leaks == NULL || ms_trace_why_no_live (report->trace) != NULL)
    {
      ms_json_writer_null (writer);
      return;
    }
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_time (writer, "tail_ns",
                           leaks->tail_ns.known ? (gint64) leaks->tail_ns.value : MS_TIME_NONE);
  write_sum (writer, report, "leaked", &all);
  write_sum (writer, report, "accused", &leaks->accused);
  write_sum (writer, report, "young", &leaks->young);
  write_sum (writer, report, "suppressed", &leaks->suppressed);
  write_sum (writer, report, "library", &leaks->libraries);
  ms_json_writer_key (writer, "stacks");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (leaks->leaks->len, report->top); i++)
    {
      const MsLeak *leak = &g_array_index (leaks->leaks, MsLeak, i);

      ms_json_writer_begin_object (writer);
      write_sum (writer, report, "accused", &leak->sum);
      ms_report_frames_write (writer, report, leak->stack);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  write_uses (writer, report, leaks);
  write_libraries (writer, report, leaks);
  ms_json_writer_end_object (writer);
}
