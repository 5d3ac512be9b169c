/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-losses.h"

#include <string.h>

#include "ms-diagnostic.h"

static const char *
explain (guint reason)
{
  switch (reason)
    {
    case TRK_DROP_REENTERED:
      return "a signal handler came while the recorder was at work in its thread";
    case TRK_DROP_NO_MEMORY:
      return "the recorder could get no memory for them, or was allowed no system call";
    case TRK_DROP_NO_SPACE:
      return "the file system refused to write them";
    case TRK_DROP_UNKEPT:
      return "there was no room to remember which allocations were sampled";
    default:
      return "for a reason that this Memscope does not know";
    }
}

static void
add_loss (MsTrace *trace, guint reason, guint64 n_events, const char *error)
{
  MsLoss loss = { .n_events = n_events };

  if (n_events == 0)
    return;
  loss.reason = reason == TRK_DROP_NO_SPACE && error != NULL
                    ? g_strdup_printf ("%s: %s", explain (reason), error)
                    : g_strdup (explain (reason));
  g_array_append_val (trace->losses, loss);
}

/* "5 events could not be recorded: reason.", or with the number of each before several reasons. */
static void
say (MsTrace *trace)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < trace->losses->len; i++)
    {
      const MsLoss *loss = &g_array_index (trace->losses, MsLoss, i);

      g_string_append (text, i > 0 ? "; " : "");
      if (trace->losses->len > 1)
        g_string_append_printf (text, "%" G_GUINT64_FORMAT ", ", loss->n_events);
      g_string_append (text, loss->reason);
    }
  ms_diagnostics_add (trace->diagnostics, MS_DIAGNOSTIC_WARNING, NULL, 0,
                      "%" G_GUINT64_FORMAT " event%s could not be recorded: %s.",
                      trace->dropped_events, trace->dropped_events == 1 ? "" : "s", text->str);
}

void
ms_losses_collect (MsTrace *trace, const MsMatcher *matcher, const MsBlockIndex *index)
{
  const MsManifest *manifest = &trace->manifest;
  guint64 n[MS_N_DROP_REASONS];
  guint64 n_failed_writes = manifest->failed_writes;
  g_autofree char *error = g_strdup (manifest->last_write_error);

  trace->dropped_events = MAX (trace->dropped_events, manifest->dropped_events);
  if (index->has_pool)
    {
      trace->dropped_events = MAX (trace->dropped_events, index->pool.dropped_events);
      n_failed_writes = MAX (n_failed_writes, index->pool.failed_writes);
      if (error == NULL && index->pool.last_errno > 0)
        error = g_strdup (g_strerror (index->pool.last_errno));
    }
  memcpy (n, matcher->n_dropped_for, sizeof n);
  n[n_failed_writes > 0 ? TRK_DROP_NO_SPACE : TRK_DROP_NO_MEMORY] +=
      trace->dropped_events - matcher->n_dropped;
  for (guint reason = 0; reason < MS_N_DROP_REASONS; reason++)
    add_loss (trace, reason, n[reason], error);
  if (trace->dropped_events > 0)
    say (trace);
}
