/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-fetch-symbols.h"

#include "ms-command-line.h"
#include "ms-interrupt.h"
#include "ms-progress-line.h"

static gboolean is_allowed;

gboolean
ms_fetch_symbols_allow (void)
{
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();

  is_allowed = ms_symbolizer_can_fetch (symbolizer);
  if (!is_allowed)
    ms_complain (g_getenv ("DEBUGINFOD_URLS") == NULL
                     ? "--fetch-symbols needs the servers' addresses in DEBUGINFOD_URLS"
                     : "--fetch-symbols needs libdebuginfod (elfutils), which is not installed");
  return is_allowed;
}

static void
progress_cb (const char *module,
             guint nth,
             guint n_modules,
             guint64 done_bytes,
             guint64 total_bytes,
             gpointer user_data)
{
  double part = total_bytes > 0 ? MIN ((double) done_bytes / (double) total_bytes, 1.0) : 0;

  ms_progress_line_update_cb ((nth + part) / n_modules, user_data);
}

void
ms_fetch_symbols (MsSymbolizer *symbolizer, MsTrace *trace)
{
  g_autoptr (GArray) stacks = NULL;
  g_autoptr (GError) error = NULL;
  GCancellable *cancellable = ms_interrupt_get_cancellable ();
  MsProgressLine progress;

  if (!is_allowed)
    return;
  stacks = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint stack = 0; stack < ms_trace_get_n_stacks (trace); stack++)
    g_array_append_val (stacks, stack);
  if (!ms_name_resolver_prepare_stacks (MS_NAME_RESOLVER (symbolizer), trace,
                                        (const guint *) (gconstpointer) stacks->data, stacks->len,
                                        cancellable, NULL))
    return;
  ms_progress_line_begin (&progress, "Fetching symbols");
  ms_symbolizer_fetch (symbolizer, cancellable, progress_cb, &progress, &error);
  ms_progress_line_end (&progress);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ms_complain ("%s", error->message);
}
