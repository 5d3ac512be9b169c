/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-split.h"

#include <glib/gi18n.h>

#include "ms-glibc-blocks.h"

#define PAGE_BYTES 4096
#define OF_A_PART NC_ ("not measured", "of a part of a trace it is not known")

/* --- the heap ----------------------------------------------------------------------------------- */

static void
fill_heap (MsMemorySplit *self, MsView *view)
{
  MsTrace *trace = ms_view_get_trace (view);
  const MsTotals *heap = ms_view_get_totals (view, MS_DOMAIN_HEAP);
  MsGlibcUsable held;

  self->requested_bytes = self->requested_peak_bytes = self->held_low_bytes =
      self->held_high_bytes = ms_not_measured (NC_ ("not measured", "the recording has no heap"));
  if (!ms_trace_has_domain (trace, MS_DOMAIN_HEAP))
    return;
  self->requested_bytes = ms_measured ((double) heap->live_bytes);
  self->requested_peak_bytes = ms_view_is_filtered (view) ? ms_not_measured (OF_A_PART)
                                                          : ms_measured ((double) heap->peak_bytes);
  if (!ms_trace_uses_glibc_malloc (trace))
    {
      self->held_low_bytes = self->held_high_bytes = ms_not_measured (
          NC_ ("not measured",
               "the program's malloc is not glibc's, and other rules are not known"));
      return;
    }
  held = ms_glibc_held_bytes (heap->live_blocks, heap->live_bytes, PAGE_BYTES);
  self->held_low_bytes = ms_measured ((double) held.low);
  self->held_high_bytes = ms_measured ((double) held.high);
}

/* --- mappings ----------------------------------------------------------------------------------- */

static void
set_mappings (MsMemorySplit *self, MsMeasured figure)
{
  self->mapped_bytes = self->mapped_peak_bytes = figure;
  for (guint kind = 0; kind < MS_N_MAPPING_KINDS; kind++)
    self->mapped_kind_bytes[kind] = figure;
}

static void
fill_mappings (MsMemorySplit *self, MsView *view)
{
  MsTrace *trace = ms_view_get_trace (view);
  const MsTotals *mapped = ms_view_get_totals (view, MS_DOMAIN_MAPPING);

  set_mappings (self, ms_not_measured (NC_ ("not measured", "mappings were not recorded")));
  if (!ms_trace_has_mappings (trace))
    return;
  set_mappings (self, ms_not_measured (OF_A_PART));
  self->mapped_bytes = ms_measured ((double) mapped->live_bytes);
  if (ms_view_is_filtered (view))
    return;
  self->mapped_peak_bytes = ms_measured ((double) mapped->peak_bytes);
  for (guint kind = 0; kind < MS_N_MAPPING_KINDS; kind++)
    self->mapped_kind_bytes[kind] =
        ms_measured ((double) ms_trace_get_mapping_totals (trace, kind)->live_bytes);
}

/* --- what the machine holds --------------------------------------------------------------------- */

/* Never below 0: what malloc holds need not be resident. */
static MsMeasured
beyond (MsMeasured resident, MsMeasured held)
{
  if (!resident.known)
    return resident;
  return held.known ? ms_measured (MAX (0, resident.value - held.value)) : held;
}

void
ms_memory_split_init (MsMemorySplit *self, MsView *view, const MsProcessResources *process)
{
  MsProcessResources none;

  if (process == NULL)
    {
      ms_process_resources_init (&none,
                                 NC_ ("not measured", "the recording has no resource samples"));
      process = &none;
    }
  fill_heap (self, view);
  fill_mappings (self, view);
  self->resident_bytes = process->resident_bytes;
  self->resident_anonymous_bytes = process->resident_anonymous_bytes;
  self->resident_file_bytes = process->resident_file_bytes;
  self->resident_shared_bytes = process->resident_shared_bytes;
  self->swapped_bytes = process->swapped_bytes;
  self->beyond_low_bytes = beyond (process->resident_anonymous_bytes, self->held_high_bytes);
  self->beyond_high_bytes = beyond (process->resident_anonymous_bytes, self->held_low_bytes);
  if (!self->beyond_low_bytes.known || !self->beyond_high_bytes.known)
    {
      MsMeasured unknown =
          self->beyond_low_bytes.known ? self->beyond_high_bytes : self->beyond_low_bytes;

      self->beyond_low_bytes = self->beyond_high_bytes = unknown;
    }
}
