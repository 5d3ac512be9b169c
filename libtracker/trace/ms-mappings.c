/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-mappings.h"

#define NO_MAPPING G_MAXUINT32

typedef struct {
  guint64 bytes_left;
  guint32 site; /* who mapped it */
  guint32 next_unused;
  guint8 kind; /* MsMappingKind */
} Mapping;

static MsMappings *
get_mappings (MsMatcher *matcher)
{
  MsMappings *self = matcher->mappings;

  if (self != NULL)
    return self;
  self = matcher->mappings = g_new0 (MsMappings, 1);
  ms_interval_map_init (&self->intervals);
  self->mappings = g_array_new (FALSE, FALSE, sizeof (Mapping));
  self->first_unused = NO_MAPPING;
  return self;
}

void
ms_mappings_free (MsMappings *self)
{
  ms_interval_map_clear (&self->intervals);
  g_array_unref (self->mappings);
  g_free (self);
}

static Mapping *
get_mapping (MsMappings *self, guint32 number)
{
  return &g_array_index (self->mappings, Mapping, number);
}

static guint32
add_mapping (MsMappings *self, Mapping mapping)
{
  guint32 number = self->first_unused;

  if (number == NO_MAPPING)
    {
      g_array_append_val (self->mappings, mapping);
      return self->mappings->len - 1;
    }
  self->first_unused = get_mapping (self, number)->next_unused;
  *get_mapping (self, number) = mapping;
  return number;
}

/* The curve of the kind, then those of thread, stack and process. */
static void
change_live (MsMatcher *matcher, guint kind, MsSite *site, guint64 n_bytes, gboolean add)
{
  MsFigure *figure = &matcher->mappings->kinds[kind].figure;
  guint64 change = add ? n_bytes : 0 - n_bytes;

  ms_figure_change (figure, figure->live_bytes + change, matcher->process[MS_DOMAIN_MAPPING].epoch);
  ms_account_change_live (matcher, site, n_bytes, add);
  ms_figure_note_peak (figure, matcher->now);
}

/* --- ends ---------------------------------------------------------------------------------------- */

typedef struct {
  MsMatcher *matcher;
  MsThreadLife *thread; /* that unmaps; NULL: nobody was seen doing it, so the owner */
} Removal;

static void
remove_piece (guint64 n_bytes, guint32 number, gpointer user_data)
{
  const Removal *removal = user_data;
  MsMatcher *matcher = removal->matcher;
  MsMappings *self = matcher->mappings;
  Mapping *mapping = get_mapping (self, number);
  MsSite *site = ms_matcher_site (matcher, mapping->site);
  MsTally *owner = site->tally;
  MsTally *tally =
      removal->thread ? ms_account_tally (matcher, removal->thread, MS_DOMAIN_MAPPING) : owner;
  gboolean ends;

  mapping->bytes_left -= n_bytes;
  ends = mapping->bytes_left == 0;
  owner->freed_bytes_of_own += n_bytes;
  if (owner != tally)
    ms_account_pairing (matcher, owner, tally->thread, ends, n_bytes);
  change_live (matcher, mapping->kind, site, n_bytes, FALSE);
  if (!ends)
    return;

  /* A number that another thread has by now is not what this one made. */
  if (removal->thread && owner == tally && removal->thread->last_mapping == number + 1)
    {
      tally->temporary_allocations++;
      site->temporary_allocations++;
    }
  tally->deallocations++;
  tally->frees_made++;
  owner->live_blocks--;
  site->live_blocks--;
  self->kinds[mapping->kind].live_mappings--;
  mapping->next_unused = self->first_unused;
  self->first_unused = number;
}

/* Returns whether anything lay there. */
static gboolean
unmap (MsMatcher *matcher, MsThreadLife *thread, guint64 address, guint64 n_bytes)
{
  Removal removal = { matcher, thread };

  return ms_interval_map_remove (&matcher->mappings->intervals, address, address + n_bytes,
                                 remove_piece, &removal)
         > 0;
}

/* --- begins -------------------------------------------------------------------------------------- */

static guint
kind_of (const MsThreadLife *thread, const TrkEvent *event)
{
  const guint access = TRK_MAPPING_READABLE | TRK_MAPPING_WRITABLE | TRK_MAPPING_EXECUTABLE;

  switch (event->u.mapping.kind)
    {
    case MS_MAPPING_OF_REMAP:
      return thread->remap_kind;
    case TRK_MAPPING_FILE:
      return MS_MAPPING_FILE;
    case TRK_MAPPING_THREAD_STACK:
      return MS_MAPPING_THREAD_STACK;
    case TRK_MAPPING_BREAK:
      return MS_MAPPING_BREAK;
    default: /* anonymous, or what a newer writer knows */
      return event->u.mapping.flags & access ? MS_MAPPING_ANONYMOUS : MS_MAPPING_RESERVED;
    }
}

static void
map (MsMatcher *matcher, MsThreadLife *thread, const TrkEvent *event)
{
  MsMappings *self = matcher->mappings;
  MsTally *tally = ms_account_tally (matcher, thread, MS_DOMAIN_MAPPING);
  Mapping mapping = { .bytes_left = event->size,
                      .site = ms_account_site (matcher, tally, event->stack),
                      .kind = (guint8) kind_of (thread, event) };
  MsSite *site = ms_matcher_site (matcher, mapping.site);
  gboolean is_remap = event->u.mapping.kind == MS_MAPPING_OF_REMAP;
  guint32 number;

  unmap (matcher, NULL, event->address, event->size);
  ms_account_count_alloc (tally, site, event->size);
  tally->reallocations += is_remap;
  site->reallocations += is_remap;
  site->mapping_kinds |= (guint8) (1U << mapping.kind);
  self->kinds[mapping.kind].mappings++;
  self->kinds[mapping.kind].mapped_bytes += event->size;
  self->kinds[mapping.kind].live_mappings++;
  number = add_mapping (self, mapping);
  ms_interval_map_insert (&self->intervals, event->address, event->address + event->size, number);
  /* A stack's end is no decision of the thread. */
  thread->last_mapping = mapping.kind == MS_MAPPING_THREAD_STACK ? 0 : number + 1;
  change_live (matcher, mapping.kind, site, event->size, TRUE);
}

/* The old range, at the call's beginning. */
static void
begin_remap (MsMatcher *matcher, MsThreadLife *thread, const TrkEvent *event)
{
  MsMappings *self = matcher->mappings;
  gboolean known = TRUE;
  guint32 number;

  thread->remap_kind = MS_MAPPING_ANONYMOUS;
  if (ms_interval_map_find (&self->intervals, event->old_address, &number))
    thread->remap_kind = get_mapping (self, number)->kind;
  if (!(event->u.mapping.flags & TRK_MAPPING_KEEPS_OLD))
    known = unmap (matcher, thread, event->old_address, event->u.mapping.old_size);
  if (event->u.mapping.flags & TRK_MAPPING_REPLACES)
    unmap (matcher, thread, event->address, event->size);
  if (!known)
    ms_account_unmatched (matcher, thread, MS_DOMAIN_MAPPING, FALSE);
  thread->last_mapping = 0;
}

void
ms_mappings_account (MsMatcher *matcher, MsThreadLife *thread, const TrkEvent *event)
{
  get_mappings (matcher);
  if (event->kind == TRK_EVENT_REMAP)
    {
      begin_remap (matcher, thread, event);
      thread->recorded = TRUE;
      return;
    }
  if (event->kind == TRK_EVENT_UNMAP)
    {
      gboolean replaced = event->u.mapping.flags & TRK_MAPPING_REPLACES;

      /* Of the place of a fixed mapping nobody expects that something lay there. */
      if (!unmap (matcher, thread, event->address, event->size) && !replaced)
        ms_account_unmatched (matcher, thread, MS_DOMAIN_MAPPING, !thread->tracking);
      thread->last_mapping = 0;
      matcher->n_events += !replaced;
      return;
    }
  if (event->size > 0)
    map (matcher, thread, event);
  thread->recorded = TRUE;
  matcher->n_events++;
}
