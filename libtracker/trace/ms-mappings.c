/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-mappings.h"

#include <string.h>

#include "ms-history-writer.h"

#define NO_MAPPING G_MAXUINT32
#define NOBODY G_MAXUINT32

typedef struct {
  guint64 bytes_left;
  gint64 birth_ns;
  guint32 site; /* who mapped it */
  guint32 next_unused;
  guint8 kind; /* MsMappingKind */
} Mapping;

static MsMappings *
get_mappings (MsAccounting *accounting)
{
  MsMappings *self = accounting->mappings;

  if (self != NULL)
    return self;
  self = accounting->mappings = g_new0 (MsMappings, 1);
  ms_interval_map_init (&self->intervals);
  self->mappings = g_array_new (FALSE, FALSE, sizeof (Mapping));
  self->stack_kinds = g_new0 (guint8, accounting->n_stacks);
  self->first_unused = NO_MAPPING;
  return self;
}

void
ms_mappings_free (MsMappings *self)
{
  ms_interval_map_clear (&self->intervals);
  g_array_unref (self->mappings);
  g_free (self->stack_kinds);
  g_free (self);
}

void
ms_mappings_renew (MsMappings *self, guint n_stacks_before, guint n_stacks)
{
  if (n_stacks <= n_stacks_before)
    return;
  self->stack_kinds = g_renew (guint8, self->stack_kinds, n_stacks);
  memset (self->stack_kinds + n_stacks_before, 0, n_stacks - n_stacks_before);
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
change_live (MsAccounting *accounting, guint kind, MsSite *site, guint64 n_bytes, gboolean add)
{
  MsFigure *figure = &accounting->mappings->kinds[kind].figure;
  guint64 change = add ? n_bytes : 0 - n_bytes;

  ms_figure_change (figure, figure->live_bytes + change,
                    accounting->process[MS_DOMAIN_MAPPING].epoch);
  ms_accounting_change_live (accounting, site, n_bytes, add);
  ms_figure_note_peak (figure, accounting->now);
}

static void
tell_history (MsAccounting *accounting,
              const Mapping *mapping,
              guint64 n_bytes,
              guint32 thread,
              guint flags)
{
  MsHistoryMapping change = { .ns = ms_clock_to_ns (accounting->clock, accounting->now),
                              .birth_ns = mapping->birth_ns,
                              .bytes = n_bytes,
                              .site = mapping->site,
                              .thread = thread,
                              .flags = flags };

  if (accounting->history != NULL)
    ms_history_writer_take_mapping (accounting->history, &change);
}

/* --- ends ---------------------------------------------------------------------------------------- */

typedef struct {
  MsAccounting *accounting;
  guint32 thread; /* that unmaps; NOBODY was seen doing it: the owner */
} Removal;

static void
remove_piece (guint64 n_bytes, guint32 number, gpointer user_data)
{
  const Removal *removal = user_data;
  MsAccounting *accounting = removal->accounting;
  MsMappings *self = accounting->mappings;
  Mapping *mapping = get_mapping (self, number);
  MsSite *site = &accounting->sites[mapping->site];
  MsTally *owner = site->tally;
  MsTally *tally = owner;
  gboolean ends, temporary;

  if (removal->thread != NOBODY)
    tally = ms_accounting_tally (accounting, removal->thread, MS_DOMAIN_MAPPING);
  mapping->bytes_left -= n_bytes;
  ends = mapping->bytes_left == 0;
  owner->freed_bytes_of_own += n_bytes;
  if (owner != tally)
    ms_accounting_pairing (accounting, owner, tally->thread, ends, n_bytes);
  change_live (accounting, mapping->kind, site, n_bytes, FALSE);
  /* A number that another thread has by now is not what this one made. */
  temporary = ends && removal->thread != NOBODY && owner == tally
              && accounting->threads[removal->thread].last_mapping == number + 1;
  tell_history (accounting, mapping, n_bytes, tally->thread,
                (ends ? MS_HISTORY_MAPPING_ENDS : 0U)
                    | (temporary ? MS_HISTORY_MAPPING_TEMPORARY : 0U));
  if (!ends)
    return;

  if (temporary)
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
unmap (MsAccounting *accounting, guint32 thread, guint64 address, guint64 n_bytes)
{
  Removal removal = { accounting, thread };

  return ms_interval_map_remove (&accounting->mappings->intervals, address, address + n_bytes,
                                 remove_piece, &removal)
         > 0;
}

/* --- begins -------------------------------------------------------------------------------------- */

static guint
kind_of (const MsAccountThread *thread, const TrkEvent *event)
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
map (MsAccounting *accounting, const MsMatched *event, const TrkEvent *note)
{
  MsMappings *self = accounting->mappings;
  MsAccountThread *thread = &accounting->threads[event->thread];
  MsTally *tally = ms_accounting_tally (accounting, event->thread, MS_DOMAIN_MAPPING);
  Mapping mapping = { .bytes_left = note->size,
                      .birth_ns = ms_clock_to_ns (accounting->clock, accounting->now),
                      .site = event->site,
                      .kind = (guint8) kind_of (thread, note) };
  MsSite *site = &accounting->sites[mapping.site];
  gboolean is_remap = note->u.mapping.kind == MS_MAPPING_OF_REMAP;
  guint32 number;

  unmap (accounting, NOBODY, note->address, note->size);
  ms_accounting_count_alloc (tally, site, note->size);
  tally->reallocations += is_remap;
  site->reallocations += is_remap;
  self->stack_kinds[site->stack] |= (guint8) (1U << mapping.kind);
  self->kinds[mapping.kind].mappings++;
  self->kinds[mapping.kind].mapped_bytes += note->size;
  self->kinds[mapping.kind].live_mappings++;
  number = add_mapping (self, mapping);
  ms_interval_map_insert (&self->intervals, note->address, note->address + note->size, number);
  /* A stack's end is no decision of the thread. */
  thread->last_mapping = mapping.kind == MS_MAPPING_THREAD_STACK ? 0 : number + 1;
  change_live (accounting, mapping.kind, site, note->size, TRUE);
  tell_history (accounting, &mapping, note->size, event->thread,
                MS_HISTORY_MAPPED | (is_remap ? MS_HISTORY_MAPPING_MOVED : 0U));
}

static void
say_unmatched (MsAccounting *accounting, const MsMatched *event)
{
  ms_accounting_unmatched (ms_accounting_tally (accounting, event->thread, MS_DOMAIN_MAPPING),
                           event->detail);
}

/* The old range, at the call's beginning. */
static void
begin_remap (MsAccounting *accounting, const MsMatched *event, const TrkEvent *note)
{
  MsMappings *self = accounting->mappings;
  MsAccountThread *thread = &accounting->threads[event->thread];
  gboolean known = TRUE;
  guint32 number;

  thread->remap_kind = MS_MAPPING_ANONYMOUS;
  if (ms_interval_map_find (&self->intervals, note->old_address, &number))
    thread->remap_kind = get_mapping (self, number)->kind;
  if (!(note->u.mapping.flags & TRK_MAPPING_KEEPS_OLD))
    known = unmap (accounting, event->thread, note->old_address, note->u.mapping.old_size);
  if (note->u.mapping.flags & TRK_MAPPING_REPLACES)
    unmap (accounting, event->thread, note->address, note->size);
  if (!known)
    say_unmatched (accounting, event);
  thread->last_mapping = 0;
}

void
ms_mappings_take (MsAccounting *accounting, const MsMatched *event, const TrkEvent *note)
{
  get_mappings (accounting);
  if (note->kind == TRK_EVENT_REMAP)
    {
      begin_remap (accounting, event, note);
    }
  else if (note->kind == TRK_EVENT_UNMAP)
    {
      gboolean replaced = note->u.mapping.flags & TRK_MAPPING_REPLACES;

      /* Of the place of a fixed mapping nobody expects that something lay there. */
      if (!unmap (accounting, event->thread, note->address, note->size) && !replaced)
        say_unmatched (accounting, event);
      accounting->threads[event->thread].last_mapping = 0;
    }
  else if (note->size > 0)
    {
      map (accounting, event, note);
    }
}
