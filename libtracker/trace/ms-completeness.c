/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-completeness.h"

#include <math.h>

#include "ms-diagnostic.h"
#include "trk-format.h"

/* A closed trace that lost nothing while it was recorded was whole once; of any other one it may be
 * that the rest was never written. */
static MsDiagnosticLevel
level_of (const MsTrace *trace)
{
  return trace->manifest.closed && trace->dropped_events == 0 ? MS_DIAGNOSTIC_DAMAGE
                                                              : MS_DIAGNOSTIC_WARNING;
}

/* The totals were counted when the folder was closed. */
static void
check_totals (MsTrace *trace)
{
  const MsManifest *manifest = &trace->manifest;
  guint64 n_threads = trace->threads->len + trace->n_forgotten_threads;
  guint64 allocations = trace->domains[trace->main_domain]
                            ? trace->domains[trace->main_domain]->totals.allocations
                            : 0;

  if (!manifest->closed || !manifest->has_totals)
    return;
  if (n_threads < manifest->n_threads)
    ms_diagnostics_add (
        trace->diagnostics, level_of (trace), NULL, 0,
        "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
        " threads are missing: their memscope_thread_*.bin files are missing or cut.",
        manifest->n_threads - n_threads, manifest->n_threads);
  if (allocations < manifest->allocations)
    ms_diagnostics_add (trace->diagnostics, level_of (trace), NULL, 0,
                        "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                        " allocations are missing: a memscope_thread_*.bin file is missing or cut.",
                        manifest->allocations - allocations, manifest->allocations);
}

static void
check_stacks (MsTrace *trace, const MsAccounting *accounting)
{
  guint64 n_all = 0, n_lost = 0;

  for (guint i = 0; i < accounting->n_sites; i++)
    {
      const MsSite *site = &accounting->sites[i];
      guint64 n = site->allocations > 0 ? (guint64) llround (site->allocations) : 0;

      n_all += n;
      n_lost += site->stack_id != 0 && site->stack == 0 ? n : 0;
    }
  if (n_lost > 0)
    ms_diagnostics_add (trace->diagnostics, level_of (trace), NULL, 0,
                        "Call stacks are missing for %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                        " allocations: %s.",
                        n_lost, n_all,
                        trace->pool_is_gone ? "they were in " TRK_POOL_FILE_NAME
                                            : TRK_STACKS_FILE_NAME " is missing or cut");
}

/* The recorder writes them when the first stack is seen; only a closed folder is sure to have them. */
static void
check_modules (MsTrace *trace)
{
  if (trace->manifest.has_totals && trace->stack_table.frames->len > 0
      && trace->module_table.modules->len == 0)
    ms_diagnostics_add (trace->diagnostics, level_of (trace), NULL, 0,
                        "No function has a name: " TRK_MODULES_FILE_NAME
                        ", which says where programs and libraries lay, is missing or cut.");
}

void
ms_completeness_check (MsTrace *trace, const MsAccounting *accounting)
{
  check_totals (trace);
  check_stacks (trace, accounting);
  check_modules (trace);
}

guint64
ms_completeness_lost_allocations (const MsManifest *manifest)
{
  return manifest->closed && manifest->has_totals ? manifest->allocations : 0;
}
