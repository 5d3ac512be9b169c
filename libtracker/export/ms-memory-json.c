/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-json.h"

#include <math.h>

#include "ms-json-figures.h"
#include "ms-mapping-names.h"
#include "ms-memory-split.h"
#include "ms-site-text.h"
#include "ms-verdicts-json.h"
#include "ms-waste.h"

static void
add_site (MsJsonWriter *writer, MsExportView *view, guint stack)
{
  g_autofree char *site = ms_site_text_new (view->names, stack);

  ms_json_writer_add_uint (writer, "stack", stack);
  ms_json_writer_add_string (writer, "site", site);
}

/* --- where it is --- */

void
ms_memory_json_add_split (MsJsonWriter *writer, MsView *view, const MsProcessResources *process)
{
  MsMemorySplit split;
  MsJsonMeasured kinds[MS_N_MAPPING_KINDS];

  ms_memory_split_init (&split, view, process);
  const MsJsonMeasured entries[] = {
    { "requested_bytes", split.requested_bytes },
    { "requested_peak_bytes", split.requested_peak_bytes },
    { "held_low_bytes", split.held_low_bytes },
    { "held_high_bytes", split.held_high_bytes },
    { "mapped_bytes", split.mapped_bytes },
    { "mapped_peak_bytes", split.mapped_peak_bytes },
    { "resident_bytes", split.resident_bytes },
    { "resident_anonymous_bytes", split.resident_anonymous_bytes },
    { "resident_file_bytes", split.resident_file_bytes },
    { "resident_shared_bytes", split.resident_shared_bytes },
    { "swapped_bytes", split.swapped_bytes },
    { "beyond_low_bytes", split.beyond_low_bytes },
    { "beyond_high_bytes", split.beyond_high_bytes },
  };

  ms_json_writer_key (writer, "memory_split");
  ms_json_writer_begin_object (writer);
  ms_json_add_measured (writer, entries, G_N_ELEMENTS (entries));
  for (guint k = 0; k < MS_N_MAPPING_KINDS; k++)
    kinds[k] = (MsJsonMeasured) { ms_mapping_kind_to_key (k), split.mapped_kind_bytes[k] };
  ms_json_writer_key (writer, "mapped_kind_bytes");
  ms_json_writer_begin_object (writer);
  ms_json_add_measured (writer, kinds, G_N_ELEMENTS (kinds));
  ms_json_writer_end_object (writer);
  ms_json_writer_end_object (writer);
}

/* --- how large, how old --- */

/* Bin 0 is 0, bin b from 2^(b−1) to 2^b − 1; sizes and ages have as many. */
G_STATIC_ASSERT (MS_SIZE_BINS == 65 && MS_LIFETIME_BINS == 65);

void
ms_memory_json_add_bins (MsJsonWriter *writer,
                         MsTrace *trace,
                         const char *key,
                         const guint64 *bins,
                         const double *errors,
                         const char *from,
                         const char *to,
                         const char *count)
{
  MsJsonStyle style = ms_json_writer_get_style (writer);

  ms_json_writer_key (writer, key);
  ms_json_writer_begin_array (writer);
  for (guint b = 0; bins != NULL && b < MS_SIZE_BINS; b++)
    {
      if (bins[b] == 0)
        continue;
      ms_json_writer_begin_object (writer);
      ms_json_writer_set_style (writer, MS_JSON_COMPACT);
      ms_json_writer_add_uint (writer, from, b == 0 ? 0 : G_GUINT64_CONSTANT (1) << (b - 1));
      ms_json_writer_add_uint (writer, to, b == 0 ? 0 : G_MAXUINT64 >> (64 - b));
      ms_json_add_estimate (writer, trace, count, bins[b], errors ? errors[b] : 0);
      ms_json_writer_end_object (writer);
      ms_json_writer_set_style (writer, style);
    }
  ms_json_writer_end_array (writer);
}

void
ms_memory_json_add_histograms (MsJsonWriter *writer, MsExportView *view)
{
  ms_json_writer_key (writer, "histograms");
  ms_json_writer_begin_object (writer);
  ms_memory_json_add_bins (writer, view->trace, "sizes",
                           ms_view_get_size_histogram (view->view, NULL, view->domain),
                           ms_view_get_size_histogram_errors (view->view, NULL, view->domain),
                           "from_bytes", "to_bytes", "allocations");
  ms_memory_json_add_bins (writer, view->trace, "lifetimes",
                           ms_view_get_lifetime_histogram (view->view, NULL, view->domain),
                           ms_view_get_lifetime_histogram_errors (view->view, NULL, view->domain),
                           "from_ns", "to_ns", "deallocations");
  ms_json_writer_end_object (writer);
}

/* --- who frees whose --- */

void
ms_memory_json_add_interactions (MsJsonWriter *writer, MsExportView *view, guint most)
{
  guint n_pairs = 0;
  const MsInteraction *pairs = ms_view_get_interactions (view->view, view->domain, &n_pairs);
  guint64 other_frees = 0, other_bytes = 0;
  double frees_error = 0, bytes_error = 0;

  ms_json_writer_key (writer, "thread_interactions");
  ms_json_writer_begin_object (writer);
  ms_json_writer_key (writer, "pairs");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (n_pairs, most); i++)
    {
      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "alloc_thread", pairs[i].alloc_thread);
      ms_json_writer_add_uint (writer, "free_thread", pairs[i].free_thread);
      ms_json_add_estimate (writer, view->trace, "frees", pairs[i].frees,
                            pairs[i].frees_standard_error);
      ms_json_add_estimate (writer, view->trace, "bytes", pairs[i].bytes,
                            pairs[i].bytes_standard_error);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  for (guint i = most; i < n_pairs; i++)
    {
      other_frees += pairs[i].frees;
      other_bytes += pairs[i].bytes;
      frees_error = hypot (frees_error, pairs[i].frees_standard_error);
      bytes_error = hypot (bytes_error, pairs[i].bytes_standard_error);
    }
  ms_json_writer_add_uint (writer, "other_pairs", n_pairs - MIN (n_pairs, most));
  ms_json_add_estimate (writer, view->trace, "other_frees", other_frees, frees_error);
  ms_json_add_estimate (writer, view->trace, "other_bytes", other_bytes, bytes_error);
  ms_json_writer_end_object (writer);
}

/* --- waste --- */

static void
add_temporary (MsJsonWriter *writer, MsExportView *view, guint most)
{
  g_autoptr (GArray) sites = ms_temporary_sites_new (view->view, view->domain, 0);

  ms_json_writer_key (writer, "temporary");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (sites->len, most); i++)
    {
      const MsTemporarySite *site = &g_array_index (sites, MsTemporarySite, i);

      ms_json_writer_begin_object (writer);
      add_site (writer, view, site->stack);
      ms_json_add_estimate (writer, view->trace, "temporary_allocations", site->temporary,
                            site->temporary_standard_error);
      ms_json_add_estimate (writer, view->trace, "allocations", site->allocations,
                            site->allocations_standard_error);
      ms_json_writer_add_double (writer, "percent", site->percent);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_add_uint (writer, "other_temporary", sites->len - MIN (sites->len, most));
}

static void
add_growth (MsJsonWriter *writer, MsExportView *view, guint most)
{
  g_autoptr (GArray) sites = ms_growth_sites_new (view->view, view->domain, 0);
  const char *why_none = ms_trace_why_no_growth_chains (view->trace);

  ms_json_writer_add_string (writer, "growth_chains_reason", why_none);
  ms_json_writer_key (writer, "growth_chains");
  if (why_none != NULL)
    {
      ms_json_writer_null (writer);
      ms_json_writer_key (writer, "other_growth_chains");
      ms_json_writer_null (writer);
      return;
    }
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (sites->len, most); i++)
    {
      const MsGrowthSite *site = &g_array_index (sites, MsGrowthSite, i);

      ms_json_writer_begin_object (writer);
      add_site (writer, view, site->stack);
      ms_json_writer_add_uint (writer, "chains", site->chains);
      ms_json_writer_add_uint (writer, "growths", site->growths);
      ms_json_writer_add_uint (writer, "longest_chain", site->longest_chain);
      ms_json_writer_add_uint (writer, "copied_bytes", site->copied_bytes);
      ms_json_writer_add_double (writer, "growths_a_chain", site->growths_a_chain);
      ms_json_writer_add_double (writer, "mean_first_bytes", site->first_bytes);
      ms_json_writer_add_double (writer, "mean_final_bytes", site->final_bytes);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_add_uint (writer, "other_growth_chains", sites->len - MIN (sites->len, most));
}

void
ms_memory_json_add_waste (MsJsonWriter *writer, MsExportView *view, guint most)
{
  ms_json_writer_key (writer, "waste");
  ms_json_writer_begin_object (writer);
  add_temporary (writer, view, most);
  add_growth (writer, view, most);
  ms_json_writer_end_object (writer);
}

/* --- leaks --- */

static void
add_leak_sum (MsJsonWriter *writer, MsTrace *trace, const char *what, const MsLeakSum *sum)
{
  g_autofree char *blocks = g_strconcat (what, "_allocations", NULL);
  g_autofree char *bytes = g_strconcat (what, "_bytes", NULL);

  ms_json_add_estimate (writer, trace, blocks, sum->blocks, sum->blocks_standard_error);
  ms_json_add_estimate (writer, trace, bytes, sum->bytes, sum->bytes_standard_error);
}

void
ms_memory_json_add_leaks (MsJsonWriter *writer, MsExportView *view, guint most)
{
  const MsLeakReport *report = view->leaks;
  const MsJsonMeasured tail = { "tail_ns", report->tail_ns };
  const MsTotals *totals = view->totals;
  const MsLeakSum all = { totals->leaked_allocations, totals->leaked_bytes,
                          totals->standard_errors.leaked_blocks,
                          totals->standard_errors.leaked_bytes };
  guint n = report->leaks->len;

  ms_json_writer_key (writer, "leaks");
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_boolean (writer, "still_running", report->still_running);
  ms_json_add_measured (writer, &tail, 1);
  add_leak_sum (writer, view->trace, "leaked", &all);
  add_leak_sum (writer, view->trace, "accused", &report->accused);
  add_leak_sum (writer, view->trace, "young", &report->young);
  add_leak_sum (writer, view->trace, "library", &report->libraries);
  ms_json_writer_key (writer, "stacks");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (n, most); i++)
    {
      const MsLeak *leak = &g_array_index (report->leaks, MsLeak, i);

      ms_json_writer_begin_object (writer);
      add_site (writer, view, leak->stack);
      add_leak_sum (writer, view->trace, "accused", &leak->sum);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_add_uint (writer, "other_stacks", n - MIN (n, most));
  ms_json_writer_end_object (writer);
}

/* --- one thread's stacks --- */

static void
add_thread_stack_figures (MsJsonWriter *writer, MsTrace *trace, const MsThreadStack *s)
{
  ms_json_add_estimate (writer, trace, "allocations", s->allocations,
                        s->allocations_standard_error);
  ms_json_add_estimate (writer, trace, "allocated_bytes", s->allocated_bytes,
                        s->allocated_bytes_standard_error);
  ms_json_add_estimate (writer, trace, "live_bytes", s->live_bytes, s->live_bytes_standard_error);
  ms_json_add_estimate (writer, trace, "temporary_allocations", s->temporary_allocations,
                        s->temporary_allocations_standard_error);
}

/* Of several stacks, which were drawn for independently. */
static void
add_to_sum (MsThreadStack *sum, const MsThreadStack *more)
{
  sum->allocations += more->allocations;
  sum->allocated_bytes += more->allocated_bytes;
  sum->live_bytes += more->live_bytes;
  sum->temporary_allocations += more->temporary_allocations;
  sum->allocations_standard_error =
      hypot (sum->allocations_standard_error, more->allocations_standard_error);
  sum->allocated_bytes_standard_error =
      hypot (sum->allocated_bytes_standard_error, more->allocated_bytes_standard_error);
  sum->live_bytes_standard_error =
      hypot (sum->live_bytes_standard_error, more->live_bytes_standard_error);
  sum->temporary_allocations_standard_error =
      hypot (sum->temporary_allocations_standard_error, more->temporary_allocations_standard_error);
}

void
ms_memory_json_add_thread_stacks (MsJsonWriter *writer,
                                  MsExportView *view,
                                  MsThread *thread,
                                  guint most)
{
  guint n = 0;
  const MsThreadStack *stacks = ms_view_get_thread_stacks (view->view, thread, view->domain, &n);
  MsThreadStack cut = { 0 };

  ms_json_writer_key (writer, "call_stacks");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (n, most); i++)
    {
      ms_json_writer_begin_object (writer);
      add_site (writer, view, stacks[i].stack);
      add_thread_stack_figures (writer, view->trace, &stacks[i]);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  for (guint i = most; i < n; i++)
    add_to_sum (&cut, &stacks[i]);
  ms_json_writer_key (writer, "other_call_stacks");
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "call_stacks", n - MIN (n, most));
  add_thread_stack_figures (writer, view->trace, &cut);
  ms_json_writer_end_object (writer);
}
