/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The domain mapping in a view.  A mapping may be unmapped piece by piece, so that its history is a
 * list of changes, in order, each with the time at which its mapping was made.  There are few: each
 * question walks through all of them.
 */
#include "ms-trace-private.h"
#include "ms-view-private.h"

static gboolean
is_before (const MsView *self, gint64 ns)
{
  return ns < self->start_ns;
}

static gboolean
is_after (const MsView *self, gint64 ns)
{
  return !self->to_end && ns >= self->end_ns;
}

static void
change (MsSiteFigures *self, MsFigureKind kind, gint n_blocks, gint64 bytes)
{
  self->blocks[kind] += n_blocks;
  self->bytes[kind] += (guint64) bytes;
}

static void
count (const MsView *self, const MsHistoryMapping *mapping, MsSiteFigures *figures)
{
  gboolean made = (mapping->flags & MS_HISTORY_MAPPED) != 0;
  gboolean before = is_before (self, mapping->ns);
  gint n = made ? 1 : -((mapping->flags & MS_HISTORY_MAPPING_ENDS) != 0);
  gint64 bytes = made ? (gint64) mapping->bytes : -(gint64) mapping->bytes;

  change (figures, MS_LIVE, n, bytes);
  if (before)
    change (figures, MS_LIVE_AT_START, n, bytes);
  if (!is_before (self, mapping->birth_ns))
    change (figures, MS_LEAKED, n, bytes);
  if (before)
    return;
  if (made)
    {
      change (figures, MS_ALLOCATED, 1, bytes);
      figures->blocks[MS_REALLOCATED] += (mapping->flags & MS_HISTORY_MAPPING_MOVED) != 0;
    }
  else
    {
      change (figures, MS_FREED, -n, -bytes);
      figures->blocks[MS_TEMPORARY] += (mapping->flags & MS_HISTORY_MAPPING_TEMPORARY) != 0;
    }
}

void
ms_view_sum_mappings (MsView *self)
{
  guint32 n_sites = ms_history_get_n_sites (self->history), n_mapped = 0;
  const MsHistorySite *sites = ms_history_get_sites (self->history);
  guint64 n;
  const MsHistoryMapping *mappings = ms_history_get_mappings (self->history, &n);

  self->mapped_numbers = g_new0 (guint32, n_sites + 1);
  for (guint32 i = 0; i < n_sites; i++)
    if (sites[i].domain == MS_DOMAIN_MAPPING)
      self->mapped_numbers[i] = n_mapped++;
  self->mapped = g_new0 (MsSiteFigures, n_mapped + 1);
  for (guint64 i = 0; i < n && !is_after (self, mappings[i].ns); i++)
    if (sites[mappings[i].site].domain == MS_DOMAIN_MAPPING)
      count (self, &mappings[i], &self->mapped[self->mapped_numbers[mappings[i].site]]);
}

void
ms_view_walk_unmaps (const MsView *self, MsViewUnmap function, gpointer data)
{
  const MsHistorySite *sites = ms_history_get_sites (self->history);
  guint64 n;
  const MsHistoryMapping *mappings = ms_history_get_mappings (self->history, &n);

  for (guint64 i = 0; i < n && !is_after (self, mappings[i].ns); i++)
    if (!(mappings[i].flags & MS_HISTORY_MAPPED) && !is_before (self, mappings[i].ns)
        && self->chosen[mappings[i].site] == 1 + MS_DOMAIN_MAPPING)
      function (sites[mappings[i].site].thread, mappings[i].thread,
                (mappings[i].flags & MS_HISTORY_MAPPING_ENDS) != 0, mappings[i].bytes, data);
}

void
ms_view_walk_mappings (const MsView *self,
                       const guint8 *marks,
                       MsViewChange function,
                       gpointer data)
{
  guint64 n;
  const MsHistoryMapping *mappings = ms_history_get_mappings (self->history, &n);

  for (guint64 i = 0; i < n && !is_after (self, mappings[i].ns); i++)
    if (marks[mappings[i].site])
      function (mappings[i].ns, mappings[i].bytes, (mappings[i].flags & MS_HISTORY_MAPPED) != 0,
                mappings[i].site, data);
}
