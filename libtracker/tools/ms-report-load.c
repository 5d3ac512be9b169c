/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-load.h"

#include "ms-fetch-symbols.h"
#include "ms-interrupt.h"

static MsReport *
new_report (MsTrace *trace, MsFilter *filter, MsSymbolizer *symbolizer, GError **error)
{
  g_autoptr (MsView) view = ms_view_new (trace, filter, ms_interrupt_get_cancellable (), error);

  return view != NULL ? ms_report_new (view, symbolizer) : NULL;
}

/* Names of frames that were looked up to choose stacks serve the report as well. */
static MsReport *
load_part (MsTrace *trace, const MsFilterOptions *options, MsSymbolizer *symbolizer, GError **error)
{
  g_autoptr (MsFrameNames) names = NULL;
  g_autoptr (MsFilter) filter = NULL;
  g_autofree char *part = NULL;
  MsReport *report;

  if (ms_filter_options_has_names (options))
    {
      names = ms_frame_names_new (trace, MS_NAME_RESOLVER (symbolizer),
                                  ms_interrupt_get_cancellable (), error);
      if (names == NULL)
        return NULL;
    }
  filter = ms_filter_options_apply (options, trace, names, &part, error);
  report = filter != NULL ? new_report (trace, filter, symbolizer, error) : NULL;
  if (report == NULL)
    return NULL;
  report->names = g_steal_pointer (&names);
  report->part = g_steal_pointer (&part);
  return report;
}

MsReport *
ms_report_load (MsSelection *selection,
                guint nth,
                gboolean needs_history,
                const MsFilterOptions *filter,
                GError **error)
{
  gboolean is_whole = ms_filter_options_is_empty (filter);
  g_autoptr (MsTrace) trace =
      ms_selection_load_full (selection, nth,
                              is_whole && !needs_history ? MS_LOAD_FIGURES : MS_LOAD_HISTORY);
  g_autoptr (MsSymbolizer) symbolizer = NULL;

  if (trace == NULL)
    return NULL;
  symbolizer = ms_symbolizer_new_for_user ();
  ms_fetch_symbols (symbolizer, trace);
  return is_whole ? new_report (trace, NULL, symbolizer, error)
                  : load_part (trace, filter, symbolizer, error);
}
