/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-findings.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ms-leaks.h"
#include "ms-rankings.h"
#include "ms-site-text.h"
#include "ms-thread-label.h"

#define NAME_CHARS 100

typedef struct {
  MsView *view;
  MsTrace *trace;
  MsDomain domain;
  MsFrameNames *names;
  const MsProcessResources *process; /* NULL: not measured */
  const MsAnalysisSettings *settings;
  const MsTotals *totals;
  const MsPeak *peak; /* NULL: not known */
  GPtrArray *found;
} Search;

static void
finding_free (gpointer data)
{
  MsFinding *finding = data;

  g_free (finding->text);
  ms_sentence_free (finding->sentence);
  g_free (finding);
}

static guint
percent_of (guint64 part, guint64 whole)
{
  return (guint) (100.0 * (double) part / (double) whole + 0.5);
}

/* Whether @part is at least @percent of @whole. */
static gboolean
is_share (guint64 part, guint64 whole, double percent)
{
  return (double) part * 100 >= (double) whole * percent;
}

/* Takes @sentence, which is complete. */
static MsFinding *
add_finding (Search *search, const char *code, MsSentence *sentence, const char *recommendation)
{
  MsFinding *finding = g_new0 (MsFinding, 1);

  finding->code = code;
  finding->thread_id = finding->stack = -1;
  finding->sentence = sentence;
  finding->text = ms_sentence_write (sentence, NULL);
  finding->recommendation = recommendation;
  g_ptr_array_add (search->found, finding);
  return finding;
}

static void
set_figures (MsFinding *finding,
             const char *part_name,
             guint64 part,
             const char *whole_name,
             guint64 whole)
{
  finding->part_name = part_name;
  finding->part = part;
  finding->whole_name = whole_name;
  finding->whole = whole;
}

/* Of the heap, or of what was declared: which an estimate is, if the trace was sampled. */
static void
add_bytes (Search *search, MsSentence *sentence, guint64 bytes)
{
  ms_sentence_add_estimate (sentence, (double) bytes, ms_trace_is_sampled (search->trace) ? NAN : 0,
                            "bytes");
}

/* The index of the greatest of @values. */
static guint
find_greatest (const guint64 *values, guint n)
{
  guint greatest = 0;

  for (guint i = 1; i < n; i++)
    if (values[i] > values[greatest])
      greatest = i;
  return greatest;
}

static gboolean
has_several_threads (Search *search)
{
  guint n_tracked = 0;

  for (guint i = 0; i < ms_trace_get_n_threads (search->trace) && n_tracked < 2; i++)
    {
      MsThread *thread = ms_trace_get_thread (search->trace, i);

      n_tracked +=
          ms_thread_is_tracked (thread)
          && ms_filter_has_thread (ms_view_get_filter (search->view), ms_thread_get_id (thread));
    }
  return n_tracked > 1;
}

static gboolean
has_peak (Search *search)
{
  return search->peak != NULL && search->peak->bytes > 0
         && (double) search->peak->bytes >= search->settings->finding_bytes;
}

static void
find_heavy_thread (Search *search)
{
  const MsPeak *peak = search->peak;
  g_autofree char *name = NULL;
  MsSentence *sentence;
  MsFinding *finding;
  MsThread *thread;
  guint64 part;
  guint index;

  if (!has_peak (search) || peak->n_threads == 0 || !has_several_threads (search))
    return;
  index = find_greatest (peak->thread_bytes, peak->n_threads);
  part = peak->thread_bytes[index];
  if (!is_share (part, peak->bytes, search->settings->finding_thread_percent))
    return;
  thread = ms_trace_get_thread (search->trace, index);
  name = ms_thread_label_new (search->trace, thread, NAME_CHARS);
  sentence =
      ms_sentence_new ("finding", "Thread %s held %s of the memory at the peak, %s %% of it.");
  ms_sentence_add_name (sentence, name);
  add_bytes (search, sentence, part);
  ms_sentence_add_count (sentence, percent_of (part, peak->bytes));
  finding = add_finding (search, "thread_dominates_peak", sentence,
                         NC_ ("recommendation",
                              "Look at what it keeps: the process's peak falls with its own."));
  finding->thread_id = (gint) ms_thread_get_id (thread);
  set_figures (finding, "bytes_at_process_peak", part, "peak_bytes", peak->bytes);
}

static void
find_heavy_stack (Search *search)
{
  const MsPeak *peak = search->peak;
  g_autofree char *site = NULL;
  MsSentence *sentence;
  MsFinding *finding;
  guint64 part;
  guint stack;

  if (!has_peak (search) || peak->n_stacks == 0)
    return;
  stack = find_greatest (peak->stack_bytes, peak->n_stacks);
  part = peak->stack_bytes[stack];
  if (!is_share (part, peak->bytes, search->settings->finding_stack_percent))
    return;
  site = ms_site_text_new (search->names, stack);
  sentence =
      ms_sentence_new ("finding", "One call stack, from %s, held %s at the peak, %s %% of it.");
  ms_sentence_add_name (sentence, site);
  add_bytes (search, sentence, part);
  ms_sentence_add_count (sentence, percent_of (part, peak->bytes));
  finding = add_finding (search, "stack_dominates_peak", sentence,
                         NC_ ("recommendation",
                              "Smaller or shorter-lived blocks there lower the peak most."));
  finding->stack = (gint) stack;
  set_figures (finding, "bytes_at_process_peak", part, "peak_bytes", peak->bytes);
}

/* --- memory that is not the heap's --- */

/* In what it mapped itself, and what of that is memory of its own: neither files nor threads' stacks. */
static guint64
get_mapped_bytes (Search *search)
{
  return ms_trace_has_mappings (search->trace)
             ? ms_trace_get_mapping_totals (search->trace, MS_MAPPING_ANONYMOUS)->peak_bytes
             : 0;
}

/* Samples and mappings are of the whole process: of some of its threads or stacks they say nothing. */
static gboolean
is_of_all (Search *search)
{
  MsFilter *filter = ms_view_get_filter (search->view);
  guint n = 0;

  return filter == NULL
         || (ms_filter_get_threads (filter, &n) == NULL
             && ms_filter_get_stacks (filter, &n) == NULL);
}

static MsSentence *
describe_outside (Search *search, guint64 resident, guint64 heap, guint64 mapped)
{
  MsSentence *sentence;

  if (resident == 0)
    sentence = ms_sentence_new ("finding", "Most of the memory is not in the heap: the program "
                                           "mapped %s itself, and the heap held %s at its peak.");
  else if (mapped > 0)
    sentence = ms_sentence_new ("finding",
                                "Most of the memory is not in the heap: %s were resident (RSS), "
                                "the heap held %s at its peak, and the program mapped %s "
                                "itself.");
  else
    sentence = ms_sentence_new ("finding",
                                "Most of the memory is not in the heap: %s were resident (RSS), "
                                "and the heap held %s at its peak.");
  ms_sentence_add_value (sentence, (double) (resident > 0 ? resident : mapped), "bytes");
  add_bytes (search, sentence, heap);
  if (resident > 0 && mapped > 0)
    ms_sentence_add_value (sentence, (double) mapped, "bytes");
  return sentence;
}

static void
find_outside (Search *search)
{
  double least = 10 * search->settings->finding_bytes;
  guint64 resident, mapped, heap;
  MsFinding *finding;

  if (search->peak == NULL || search->domain != MS_DOMAIN_HEAP || !is_of_all (search))
    return;
  heap = search->peak->bytes;
  mapped = ms_view_is_filtered (search->view) ? 0 : get_mapped_bytes (search);
  resident = search->process != NULL && search->process->resident_bytes.known
                 ? (guint64) search->process->resident_bytes.value
                 : 0;
  /* What was sampled too seldom, of a short life, says less than what was recorded. */
  if (mapped > resident)
    resident = 0;
  if ((double) MAX (resident, mapped) < least || heap >= MAX (resident, mapped) / 2)
    return;
  finding =
      add_finding (search, "memory_outside_heap", describe_outside (search, resident, heap, mapped),
                   NC_ ("recommendation",
                        "The mappings say who mapped what; the rest are programs, libraries and "
                        "files, stacks, and free memory that malloc keeps."));
  set_figures (finding, "peak_bytes", heap, resident > 0 ? "resident_bytes" : "mapped_peak_bytes",
               MAX (resident, mapped));
}

/* --- stacks --- */

/* The stack that leads by @kind; FALSE: none has any. */
static gboolean
find_leader (Search *search, MsFigureKind kind, guint *leader)
{
  guint64 most = 0;

  for (guint i = 0; i < ms_trace_get_n_stacks (search->trace); i++)
    {
      guint64 figure =
          ms_totals_get (ms_view_get_stack_totals (search->view, i, search->domain), kind);

      if (figure > most)
        {
          most = figure;
          *leader = i;
        }
    }
  return most > 0;
}

gboolean
ms_never_freed_is_telling (MsTrace *trace,
                           guint64 leaked_bytes,
                           guint64 peak_bytes,
                           const MsAnalysisSettings *settings)
{
  MsAnalysisSettings defaults;

  if (settings == NULL)
    {
      ms_analysis_settings_init (&defaults);
      settings = &defaults;
    }
  /* Blocks of a program that runs, or did when it was killed, are in use, not leaked. */
  return !ms_leaks_are_in_use (trace) && leaked_bytes > 0 && peak_bytes > 0
         && (double) leaked_bytes >= settings->finding_bytes
         && is_share (leaked_bytes, peak_bytes, settings->finding_never_freed_percent);
}

/* The thread that allocated at least half of what was never freed, or NULL: no thread did, or there is one. */
static MsThread *
find_leaking_thread (Search *search, guint64 *bytes)
{
  for (guint i = 0; i < ms_trace_get_n_threads (search->trace) && has_several_threads (search); i++)
    {
      *bytes = ms_view_get_thread_totals (search->view, i, search->domain)->leaked_bytes;
      if (is_share (*bytes, search->totals->leaked_bytes, 50))
        return ms_trace_get_thread (search->trace, i);
    }
  return NULL;
}

/* Of its stacks the one that left most, and how much; -1: none. */
static gint
find_leaking_stack (Search *search, MsThread *thread, guint64 *bytes)
{
  guint n = 0, leader = 0;
  const MsThreadStack *stacks;
  gint found = -1;

  *bytes = 0;
  if (thread == NULL)
    {
      if (!find_leader (search, MS_FIGURE_LEAKED_BYTES, &leader))
        return -1;
      *bytes = ms_view_get_stack_totals (search->view, leader, search->domain)->leaked_bytes;
      return (gint) leader;
    }
  stacks = ms_view_get_thread_stacks (search->view, thread, search->domain, &n);
  for (guint i = 0; i < n; i++)
    if (stacks[i].live_bytes > *bytes)
      {
        *bytes = stacks[i].live_bytes;
        found = (gint) stacks[i].stack;
      }
  return found;
}

static MsSentence *
describe_leak (Search *search, MsThread *thread, guint64 bytes, guint64 of_stack, const char *site)
{
  g_autofree char *name = NULL;
  MsSentence *sentence;

  if (thread == NULL)
    {
      sentence = ms_sentence_new ("finding", "%s were never freed, %s %% of them from %s.");
      add_bytes (search, sentence, bytes);
      ms_sentence_add_count (sentence, percent_of (of_stack, bytes));
      ms_sentence_add_name (sentence, site);
      return sentence;
    }
  sentence = ms_sentence_new ("finding", "Of what was never freed thread %s allocated %s, %s %% "
                                         "of it, and %s %% of that from %s.");
  name = ms_cut_text_new (ms_thread_get_name (thread), NAME_CHARS);
  ms_sentence_add_name (sentence, name);
  add_bytes (search, sentence, bytes);
  ms_sentence_add_count (sentence, percent_of (bytes, search->totals->leaked_bytes));
  ms_sentence_add_count (sentence, percent_of (of_stack, bytes));
  ms_sentence_add_name (sentence, site);
  return sentence;
}

static void
find_leak (Search *search)
{
  guint64 bytes = search->totals->leaked_bytes, of_thread = 0, of_stack = 0;
  g_autofree char *site = NULL;
  MsFinding *finding;
  MsThread *thread;
  gint stack;

  /* At the end of a range they are live as well. */
  if (search->peak == NULL
      || ms_view_get_end_ns (search->view) < ms_trace_get_duration_ns (search->trace)
      || !ms_never_freed_is_telling (search->trace, bytes, search->peak->bytes, search->settings))
    return;
  thread = find_leaking_thread (search, &of_thread);
  stack = find_leaking_stack (search, thread, &of_stack);
  if (stack < 0)
    return;
  site = ms_site_text_new (search->names, (guint) stack);
  finding = add_finding (search, "never_freed",
                         describe_leak (search, thread, thread ? of_thread : bytes, of_stack, site),
                         NC_ ("recommendation", "Harmless if they are meant to last to the end; "
                                                "a leak if there is one for each request."));
  finding->stack = stack;
  if (thread != NULL)
    finding->thread_id = (gint) ms_thread_get_id (thread);
  set_figures (finding, "leaked_bytes", bytes, "peak_bytes", search->peak->bytes);
}

static void
find_temporary (Search *search)
{
  const MsTotals *t = search->totals;
  g_autofree char *site = NULL;
  MsSentence *sentence;
  MsFinding *finding;
  guint stack;

  if (t->allocations == 0 || (double) t->allocations < search->settings->finding_allocations
      || !is_share (t->temporary_allocations, t->allocations,
                    search->settings->finding_temporary_percent)
      || !find_leader (search, MS_FIGURE_TEMPORARY_ALLOCATIONS, &stack))
    return;
  site = ms_site_text_new (search->names, stack);
  /* Of a sample, an estimate over a count that is exact, or another estimate, may exceed it. */
  sentence =
      t->temporary_allocations > t->allocations
          ? ms_sentence_new ("finding",
                             "About all allocations were freed at once, most often those "
                             "from %s.")
          : ms_sentence_new ("finding", "%s %% of the allocations were freed at once, most often "
                                        "those from %s.");
  if (t->temporary_allocations <= t->allocations)
    ms_sentence_add_count (sentence, percent_of (t->temporary_allocations, t->allocations));
  ms_sentence_add_name (sentence, site);
  finding =
      add_finding (search, "temporary_allocations", sentence,
                   NC_ ("recommendation",
                        "A buffer that is kept and used again, or one on the stack, saves these "
                        "calls."));
  finding->stack = (gint) stack;
  set_figures (finding, "temporary_allocations", t->temporary_allocations, "allocations",
               t->allocations);
}

GPtrArray *
ms_findings_new (MsView *view,
                 MsDomain domain,
                 MsFrameNames *names,
                 const MsProcessResources *process,
                 const MsAnalysisSettings *settings,
                 GCancellable *cancellable)
{
  MsAnalysisSettings defaults;
  Search search = { .view = view,
                    .trace = ms_view_get_trace (view),
                    .domain = domain,
                    .names = names,
                    .process = process,
                    .settings = settings,
                    .totals = ms_view_get_totals (view, domain),
                    .found = g_ptr_array_new_with_free_func (finding_free) };

  if (settings == NULL)
    {
      ms_analysis_settings_init (&defaults);
      search.settings = &defaults;
    }
  search.peak = ms_view_find_peak (view, domain, cancellable, NULL);
  find_outside (&search);
  if (names != NULL)
    find_leak (&search);
  find_heavy_thread (&search);
  if (names != NULL)
    {
      find_heavy_stack (&search);
      find_temporary (&search);
    }
  return search.found;
}
