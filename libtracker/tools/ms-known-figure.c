/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-known-figure.h"

#include <stddef.h>

#include "ms-terminal-text.h"

#define NO_ERROR G_MAXSIZE
#define ERROR(member) offsetof (MsStandardErrors, member)
/* Name, source and place. */
#define TOTALS(member) #member, MS_SOURCE_TOTALS, offsetof(MsTotals, member)
#define LEAKS(name, member) name, MS_SOURCE_LEAKS, offsetof (MsTotals, member)
#define MAPPINGS(name, member) name, MS_SOURCE_MAPPINGS, offsetof (MsTotals, member)

static const MsKnownFigure figures[] = {
  { TOTALS (peak_bytes), ERROR (peak_bytes), MS_UNIT_BYTES, TRUE, TRUE },
  { TOTALS (leaked_bytes), ERROR (leaked_bytes), MS_UNIT_BYTES, TRUE, TRUE },
  { TOTALS (leaked_allocations), ERROR (leaked_blocks), MS_UNIT_COUNT, TRUE, TRUE },
  { LEAKS ("accused_bytes", leaked_bytes), ERROR (leaked_bytes), MS_UNIT_BYTES, TRUE, FALSE },
  { LEAKS ("accused_allocations", leaked_allocations), ERROR (leaked_blocks), MS_UNIT_COUNT, TRUE,
    FALSE },
  { TOTALS (live_bytes), ERROR (live_bytes), MS_UNIT_BYTES, TRUE, TRUE },
  { TOTALS (allocated_bytes), ERROR (allocated_bytes), MS_UNIT_BYTES, TRUE, TRUE },
  { TOTALS (allocations), ERROR (allocations), MS_UNIT_COUNT, TRUE, TRUE },
  { TOTALS (deallocations), ERROR (deallocations), MS_UNIT_COUNT, TRUE, TRUE },
  { TOTALS (reallocations), ERROR (reallocations), MS_UNIT_COUNT, TRUE, TRUE },
  { TOTALS (temporary_allocations), ERROR (temporary_allocations), MS_UNIT_COUNT, TRUE, TRUE },
  { TOTALS (freed_bytes_of_own), ERROR (freed_bytes_of_own), MS_UNIT_BYTES, FALSE, TRUE },
  { "cpu_ns", MS_SOURCE_THREAD, 0, NO_ERROR, MS_UNIT_TIME, FALSE, TRUE },
  { MAPPINGS ("mapped_peak_bytes", peak_bytes), NO_ERROR, MS_UNIT_BYTES, TRUE, FALSE },
  { MAPPINGS ("mapped_bytes", live_bytes), NO_ERROR, MS_UNIT_BYTES, TRUE, FALSE },
  { "duration_ns", MS_SOURCE_TRACE, 0, NO_ERROR, MS_UNIT_TIME, TRUE, FALSE },
  { "dropped_events", MS_SOURCE_TRACE, 0, NO_ERROR, MS_UNIT_COUNT, TRUE, FALSE },
  { "damaged_places", MS_SOURCE_TRACE, 0, NO_ERROR, MS_UNIT_COUNT, TRUE, FALSE },
  { TOTALS (foreign_frees), NO_ERROR, MS_UNIT_COUNT, TRUE, FALSE },
  { TOTALS (inherited_frees), NO_ERROR, MS_UNIT_COUNT, TRUE, FALSE },
  { TOTALS (prior_frees), NO_ERROR, MS_UNIT_COUNT, TRUE, FALSE },
  { TOTALS (unmatched_frees), NO_ERROR, MS_UNIT_COUNT, TRUE, FALSE },
};

const MsKnownFigure *
ms_known_figure_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    if (g_str_equal (figures[i].name, name))
      return &figures[i];
  return NULL;
}

char *
ms_known_figure_list (gboolean of_thread)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    if (of_thread ? figures[i].of_thread : figures[i].of_process)
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", figures[i].name);
  return g_string_free (list, FALSE);
}

double
ms_known_figure_get (const MsKnownFigure *self, const MsTotals *totals, double *standard_error)
{
  g_return_val_if_fail (self->source != MS_SOURCE_TRACE && self->source != MS_SOURCE_THREAD, 0);

  if (standard_error != NULL)
    *standard_error = self->error_offset == NO_ERROR
                          ? 0
                          : G_STRUCT_MEMBER (double, &totals->standard_errors, self->error_offset);
  return (double) G_STRUCT_MEMBER (guint64, totals, self->offset);
}

guint
ms_known_figure_count_damage (MsTrace *trace)
{
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);
  guint n = 0;

  for (guint i = 0; i < diagnostics->len; i++)
    n += ((const MsDiagnostic *) g_ptr_array_index (diagnostics, i))->level == MS_DIAGNOSTIC_DAMAGE;
  return n;
}

double
ms_known_figure_get_of_trace (const MsKnownFigure *self, MsTrace *trace, MsView *view)
{
  g_return_val_if_fail (self->source == MS_SOURCE_TRACE, 0);

  if (g_str_equal (self->name, "duration_ns"))
    return (double) (ms_view_get_end_ns (view) - ms_view_get_start_ns (view));
  if (g_str_equal (self->name, "damaged_places"))
    return ms_known_figure_count_damage (trace);
  return (double) ms_trace_get_dropped_events (trace);
}

const char *
ms_known_figure_not_of_part (const MsKnownFigure *self)
{
  if (self->source == MS_SOURCE_THREAD)
    return "processor time is known of the whole recording only";
  if (g_str_has_suffix (self->name, "_frees"))
    return "frees of blocks that are not in the recording are known of the whole recording only";
  if (g_str_equal (self->name, "dropped_events"))
    return "events that were lost are known of the whole recording only";
  if (g_str_equal (self->name, "damaged_places"))
    return "damage is known of the whole recording only";
  return NULL;
}

char *
ms_known_figure_format (const MsKnownFigure *self, double value)
{
  switch (self->unit)
    {
    case MS_UNIT_BYTES:
      return ms_format_bytes ((guint64) value);
    case MS_UNIT_TIME:
      return ms_format_duration ((gint64) value);
    case MS_UNIT_COUNT:
    default:
      return ms_format_count ((guint64) value);
    }
}
