/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The events of a view one after the other: one pass over the history's columns, which keeps nothing. */
#include "ms-view-private.h"

#include "ms-history-run.h"
#include "ms-trace-private.h"

/* Where a scan of one segment is: its event, and how many of each sort came before. */
typedef struct {
  const MsHistory *history;
  MsHistoryColumns columns;
  guint32 at, frees, reallocs;
  guint64 byte; /* of times */
  guint64 now;
} Walk;

static void
walk_to_time (Walk *self)
{
  const MsHistoryColumns *c = &self->columns;
  guint64 more = 0;

  if (self->at % MS_HISTORY_GROUP_EVENTS == 0)
    {
      self->byte = c->groups[self->at / MS_HISTORY_GROUP_EVENTS].first_time_byte;
      self->now = (guint64) c->groups[self->at / MS_HISTORY_GROUP_EVENTS].first_ns;
      return;
    }
  for (guint shift = 0; self->byte < c->n_time_bytes && shift < 64; shift += 7)
    {
      guint8 b = c->times[self->byte++];

      more |= (guint64) (b & 0x7f) << shift;
      if (b < 0x80)
        break;
    }
  self->now += more;
}

static void
fill_free (const Walk *self, MsViewEvent *event)
{
  const MsHistoryColumns *c = &self->columns;

  event->is_free = TRUE;
  event->is_temporary = (c->sizes[self->at] & MS_HISTORY_FLAG) != 0;
  event->block = c->births[self->frees];
  event->thread = ms_history_free_thread (c, self->frees);
}

static void
fill_allocation (const Walk *self, MsViewEvent *event)
{
  const MsHistoryColumns *c = &self->columns;

  event->block = c->first_block + self->at - self->frees;
  event->is_realloc = (c->sizes[self->at] & MS_HISTORY_FLAG) != 0;
  event->has_old_block = event->is_realloc && self->reallocs < c->n_reallocs
                         && c->old_blocks[self->reallocs] != MS_HISTORY_NO_BLOCK;
  if (!event->has_old_block)
    return;
  event->old_block = c->old_blocks[self->reallocs];
  event->old_bytes = c->old_bytes[self->reallocs];
}

/* FALSE: it is none of the view's. */
static gboolean
fill_event (const Walk *self, const MsView *view, MsViewEvent *event)
{
  const MsHistoryColumns *c = &self->columns;
  guint32 site = c->sites[self->at];
  const MsHistorySite *what;

  if (site >= ms_history_get_n_sites (self->history)
      || (view->chosen != NULL && view->chosen[site] == 0))
    return FALSE;
  what = &ms_history_get_sites (self->history)[site];
  *event = (MsViewEvent) {
    .number = c->first_event + self->at,
    .time_ns = (gint64) self->now,
    .thread = what->thread,
    .owner = what->thread,
    .stack = what->stack,
    .domain = what->domain,
    .bytes = ms_history_requested (self->history, c, self->at),
    .weight = ms_history_weight (c, self->at),
  };
  if (c->sizes[self->at] & MS_HISTORY_FREE)
    fill_free (self, event);
  else
    fill_allocation (self, event);
  return TRUE;
}

/* FALSE: @func had enough. */
static gboolean
walk_segment (Walk *self,
              MsView *view,
              guint64 first,
              guint64 end,
              MsViewEventFunc func,
              gpointer data)
{
  const MsHistoryColumns *c = &self->columns;

  for (self->at = 0; self->at < c->n_events && c->first_event + self->at < end; self->at++)
    {
      guint32 size = c->sizes[self->at];
      gboolean is_free = (size & MS_HISTORY_FREE) != 0;
      MsViewEvent event;

      if (is_free && self->frees >= c->n_frees)
        return TRUE; /* a damaged one */
      walk_to_time (self);
      if (c->first_event + self->at >= first && fill_event (self, view, &event)
          && !func (&event, data))
        return FALSE;
      self->frees += is_free;
      self->reallocs += !is_free && (size & MS_HISTORY_FLAG) != 0;
    }
  return TRUE;
}

gboolean
ms_view_foreach_event (MsView *self,
                       MsViewEventFunc func,
                       gpointer user_data,
                       GCancellable *cancellable,
                       GError **error)
{
  const MsHistory *history;
  guint64 first, end;

  g_return_val_if_fail (MS_IS_VIEW (self), FALSE);
  history = self->history != NULL ? self->history : self->trace->history;
  if (history == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "its events are not at hand: the trace has no history");
      return FALSE;
    }
  first = self->history != NULL ? self->first : 0;
  end = self->history != NULL ? self->end : ms_history_get_n_events (history);
  for (guint s = ms_history_find_segment (history, first); s < ms_history_get_n_segments (history);
       s++)
    {
      Walk walk = { .history = history };

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      ms_history_get_columns (history, s, &walk.columns);
      if (walk.columns.first_event >= end
          || !walk_segment (&walk, self, first, end, func, user_data))
        break;
    }
  return TRUE;
}
