/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Event records against a plain list: what is encoded comes back, whatever the widths. */
#include <glib.h>
#include <string.h>

#include "trk-event-decoder.h"
#include "trk-event-encoder.h"
#include "trk-event-tally.h"
#include "trk-event-widths.h"
#include "trk-mapping-encoder.h"

#define PAYLOAD_BYTES 4096
#define N_ROUNDS 400

static guint64
random_u64 (GRand *random)
{
  guint64 value = (guint64) g_rand_int (random) << 32 | g_rand_int (random);

  /* Of every length alike: small numbers are what traces are made of. */
  return value >> g_rand_int_range (random, 0, 64);
}

typedef struct {
  GRand *random;
  TrkEventEncoder encoder;
  GArray *addresses; /* by allocation number */
  GArray *wanted;    /* of TrkEvent */
  guint64 ticks;
  guint32 stacks[PAYLOAD_BYTES];
  guint32 n_stacks;
} EventModel;

/* Any, but the same ones again for a thread with the same processor time. */
static TrkExitFigures
make_exit_figures (guint64 cpu_ns)
{
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) cpu_ns);
  TrkExitFigures figures = { 0 };

  for (guint i = 0; i < TRK_N_EXIT_FIGURES; i++)
    if (g_rand_boolean (random))
      trk_exit_figures_set (&figures, i, random_u64 (random));
  return figures;
}

static guint8
random_width (GRand *random, gint32 most)
{
  return (guint8) g_rand_int_range (random, 0, most + 1);
}

static TrkEventWidths
random_widths (GRand *random)
{
  TrkEventWidths widths;

  /* Sums at their limit now and then. */
  do
    widths = (TrkEventWidths) { .alloc_time = random_width (random, 24),
                                .alloc_size = random_width (random, 24),
                                .alloc_stack = random_width (random, 12),
                                .alloc_distance = random_width (random, 18),
                                .alloc_delta = random_width (random, 28),
                                .free_time = random_width (random, 31),
                                .free_distance = random_width (random, 31),
                                .free_near = random_width (random, 31),
                                .free_far = random_width (random, 40),
                                .region_bits = random_width (random, TRK_MAX_REGION_BITS) };
  while (!trk_event_widths_are_possible (widths));
  return widths;
}

static guint32
any_local_stack (EventModel *self)
{
  if (self->n_stacks == 0 || g_rand_int_range (self->random, 0, 8) == 0)
    {
      self->stacks[self->n_stacks] = g_rand_int (self->random);
      g_assert_cmpuint (trk_event_put_stack (&self->encoder, self->stacks[self->n_stacks]), ==,
                        self->n_stacks);
      self->n_stacks++;
    }
  return (guint32) g_rand_int_range (self->random, 0, (gint32) self->n_stacks);
}

static guint32
any_distance (EventModel *self)
{
  guint n = MIN (self->addresses->len, TRK_MAX_DISTANCE);

  return n ? (guint32) g_rand_int_range (self->random, 1, (gint32) n + 1) : 0;
}

static void
expect_alloc (EventModel *self, TrkEvent *event, guint64 address, guint32 local)
{
  event->stack = self->stacks[local];
  event->address = address;
  event->address_known = TRUE;
  event->sequence = self->addresses->len;
  g_array_append_val (self->addresses, address);
}

/* Of any sort, and often what allocators give: near the one before, or in one of a few arenas. */
static guint64
any_address (EventModel *self)
{
  gint what = g_rand_int_range (self->random, 0, 8);

  if (what < 2)
    return random_u64 (self->random) | 1;
  if (what < 4 && self->encoder.last_address != 0)
    return trk_address_behind (self->encoder.last_address, self->encoder.last_size);
  return 0x7f0000000000 + ((guint64) g_rand_int_range (self->random, 0, what < 6 ? 1 : 40) << 26)
         + 16 * (guint64) g_rand_int_range (self->random, 0, what == 7 ? 8 : 40000);
}

static void
play_alloc (EventModel *self, TrkEvent *event, guint64 size)
{
  guint32 local = any_local_stack (self), distance = any_distance (self);
  guint64 address = any_address (self);

  event->kind = TRK_EVENT_ALLOC;
  event->size = size;
  if (distance && g_rand_boolean (self->random))
    {
      event->has_distance = TRUE;
      event->origin = self->addresses->len - distance;
      address = g_array_index (self->addresses, guint64, event->origin);
      trk_event_put_alloc_reuse (&self->encoder, self->ticks, size, local, distance);
      expect_alloc (self, event, address, local);
    }
  else
    {
      trk_event_put_alloc (&self->encoder, self->ticks, address, size, local);
      expect_alloc (self, event, address, local);
    }
}

static void
play_free (EventModel *self, TrkEvent *event)
{
  guint32 distance = any_distance (self);

  event->kind = TRK_EVENT_FREE;
  event->address_known = TRUE;
  if (g_rand_int_range (self->random, 0, 6) == 0)
    {
      guint32 local = any_local_stack (self);

      trk_event_put_free_stack (&self->encoder, local);
      event->stack = self->stacks[local];
    }
  if (distance && g_rand_int_range (self->random, 0, 4))
    {
      event->has_distance = TRUE;
      event->origin = self->addresses->len - distance;
      event->address = g_array_index (self->addresses, guint64, event->origin);
      trk_event_put_free_distance (&self->encoder, self->ticks, distance);
    }
  else
    {
      event->address = any_address (self);
      trk_event_put_free (&self->encoder, self->ticks, event->address);
      g_array_append_val (self->addresses, event->address);
    }
}

static void
play_realloc (EventModel *self, TrkEvent *event, guint64 size)
{
  guint64 address = random_u64 (self->random) | 1;
  guint32 local = any_local_stack (self);

  event->kind = TRK_EVENT_REALLOC;
  event->size = size;
  event->old_address = random_u64 (self->random);
  event->end_ticks = event->ticks + random_u64 (self->random) % 1000;
  self->ticks = event->end_ticks;
  trk_event_put_realloc (&self->encoder, event->ticks, event->end_ticks, event->old_address,
                         address, size, local);
  expect_alloc (self, event, address, local);
}

static void
play_rare (EventModel *self, TrkEvent *event)
{
  GRand *r = self->random;
  TrkExitFigures figures;

  event->domain = 0;
  switch (g_rand_int_range (r, 0, 7))
    {
    case 0:
      event->kind = TRK_EVENT_FOREIGN_FREE;
      event->domain = (guint8) self->encoder.domain;
      event->address = random_u64 (r);
      event->address_known = TRUE;
      trk_event_put_foreign_free (&self->encoder, self->ticks, event->address);
      break;
    case 1:
      event->kind = TRK_EVENT_SKIPPED;
      event->domain = (guint8) self->encoder.domain;
      event->u.skipped.allocations = random_u64 (r);
      event->u.skipped.bytes = random_u64 (r);
      event->u.skipped.frees = random_u64 (r);
      event->ticks = event->end_ticks = self->encoder.last_ticks;
      trk_event_put_skipped (&self->encoder, event->u.skipped.allocations, event->u.skipped.bytes,
                             event->u.skipped.frees);
      break;
    case 2:
      event->kind = TRK_EVENT_SAMPLING;
      event->u.sampling.rate_q32 = random_u64 (r);
      event->u.sampling.interval_bytes = random_u64 (r);
      event->ticks = event->end_ticks = self->encoder.last_ticks;
      trk_event_put_sampling (&self->encoder, event->u.sampling.rate_q32,
                              event->u.sampling.interval_bytes);
      break;
    case 3:
      event->kind = TRK_EVENT_DROPPED;
      event->u.dropped.n_events = random_u64 (r);
      event->u.dropped.reason = TRK_DROP_NO_MEMORY;
      event->ticks = event->end_ticks = self->encoder.last_ticks;
      trk_event_put_dropped (&self->encoder, event->u.dropped.n_events, TRK_DROP_NO_MEMORY);
      break;
    case 4:
      event->kind = TRK_EVENT_TRACKING;
      event->u.tracking.on = g_rand_boolean (r);
      trk_event_put_tracking (&self->encoder, self->ticks, event->u.tracking.on);
      break;
    case 5:
      event->kind = TRK_EVENT_THREAD_START;
      event->u.start.has_parent = TRUE;
      event->u.start.parent_thread_id = g_rand_int (r);
      event->u.start.start_routine = random_u64 (r);
      trk_event_put_thread_start (&self->encoder, self->ticks, event->u.start.parent_thread_id,
                                  TRUE, event->u.start.start_routine);
      break;
    default:
      event->kind = TRK_EVENT_THREAD_EXIT;
      event->u.exit.cpu_ns = random_u64 (r);
      figures = make_exit_figures (event->u.exit.cpu_ns);
      trk_event_put_thread_exit (&self->encoder, self->ticks, event->u.exit.cpu_ns, &figures);
      break;
    }
}

static void
any_range (EventModel *self, guint64 *address, guint64 *n_bytes)
{
  guint64 wanted = random_u64 (self->random);

  *address = random_u64 (self->random);
  *n_bytes = MIN (wanted, G_MAXUINT64 - *address);
}

/* They move neither the clock of what follows, nor the previous address, nor the numbers. */
static void
play_mapping (EventModel *self, TrkEvent *event)
{
  TrkMappingMade made = { .begin_ticks = self->ticks, .flags = g_rand_int (self->random) };
  guint32 local = any_local_stack (self);

  event->domain = TRK_DOMAIN_MAPPING;
  event->address_known = TRUE;
  any_range (self, &event->address, &event->size);
  made.address = event->address;
  made.n_bytes = event->size;
  switch (g_rand_int_range (self->random, 0, 3))
    {
    case 0:
      event->kind = TRK_EVENT_UNMAP;
      trk_event_put_unmap (&self->encoder, self->ticks, event->address, event->size);
      return;
    case 1:
      event->kind = TRK_EVENT_MAP;
      made.kind = g_rand_int (self->random);
      made.end_ticks = event->end_ticks = self->ticks + random_u64 (self->random) % 1000;
      trk_event_put_map (&self->encoder, &made, local);
      break;
    default:
      event->kind = TRK_EVENT_REMAP;
      any_range (self, &event->old_address, &event->u.mapping.old_size);
      made.end_ticks = event->end_ticks = self->ticks + random_u64 (self->random) % 1000;
      trk_event_put_remap (&self->encoder, &made, event->old_address, event->u.mapping.old_size,
                           local);
      break;
    }
  event->stack = self->stacks[local];
  event->u.mapping.kind = made.kind;
  event->u.mapping.flags = made.flags;
}

static void
play_event (EventModel *self)
{
  TrkEvent event = { 0 };
  gint what = g_rand_int_range (self->random, 0, 100);
  guint64 size = random_u64 (self->random);

  self->ticks += random_u64 (self->random) % 100000;
  if (g_rand_int_range (self->random, 0, 20) == 0)
    trk_event_set_domain (&self->encoder,
                          (guint32) g_rand_int_range (self->random, 0, TRK_N_DOMAINS));
  event.domain = (guint8) self->encoder.domain;
  event.ticks = event.end_ticks = self->ticks;
  if (what < 50)
    play_alloc (self, &event, size);
  else if (what < 85)
    play_free (self, &event);
  else if (what < 90)
    play_realloc (self, &event, size);
  else if (what < 94)
    play_mapping (self, &event);
  else
    play_rare (self, &event);
  self->ticks = MAX (self->ticks, self->encoder.last_ticks);
  g_array_append_val (self->wanted, event);
}

static void
check_event (const TrkEvent *found, const TrkEvent *wanted)
{
  g_assert_cmpint (found->kind, ==, wanted->kind);
  g_assert_cmpuint (found->domain, ==, wanted->domain);
  g_assert_cmpuint (found->ticks, ==, wanted->ticks);
  g_assert_cmpuint (found->end_ticks, ==, wanted->end_ticks);
  g_assert_cmpuint (found->address_known, ==, wanted->address_known);
  g_assert_cmphex (found->address, ==, wanted->address);
  g_assert_cmphex (found->old_address, ==, wanted->old_address);
  g_assert_cmpuint (found->size, ==, wanted->size);
  g_assert_cmpuint (found->sequence, ==, wanted->sequence);
  g_assert_cmpuint (found->has_distance, ==, wanted->has_distance);
  g_assert_cmpuint (found->origin, ==, wanted->origin);
  g_assert_cmpuint (found->stack, ==, wanted->stack);
  if (found->kind == TRK_EVENT_THREAD_EXIT)
    {
      TrkExitFigures figures, expected = make_exit_figures (wanted->u.exit.cpu_ns);

      g_assert_cmpuint (found->u.exit.cpu_ns, ==, wanted->u.exit.cpu_ns);
      g_assert_true (
          trk_exit_figures_get (&figures, found->u.exit.figures, found->u.exit.n_figures));
      g_assert_cmpmem (&figures, sizeof figures, &expected, sizeof expected);
      return;
    }
  g_assert_cmpmem (&found->u, sizeof found->u, &wanted->u, sizeof wanted->u);
}

/* The first @n_wanted events are in @payload, and then what returns @last. */
static TrkDecodeStatus
check_payload (EventModel *self,
               const TrkBlockHeader *header,
               const guint8 *payload,
               guint32 n_bytes,
               TrkAddressRing *ring,
               guint n_wanted)
{
  g_autofree guint32 *local_stacks = g_new (guint32, TRK_LOCAL_STACKS_FOR (n_bytes));
  /* A copy of just that size: reading past it shows under a sanitizer. */
  g_autofree guint8 *copy = g_memdup2 (payload, n_bytes);
  TrkEventDecoder decoder;
  TrkDecodeStatus status;
  TrkEvent found;

  g_assert_cmpint (trk_event_decoder_begin (&decoder, header, copy, n_bytes, ring, local_stacks,
                                            TRK_LOCAL_STACKS_FOR (n_bytes)),
                   ==, TRK_DECODE_OK);
  for (guint i = 0; i < n_wanted; i++)
    {
      g_assert_cmpint (trk_event_decoder_next (&decoder, &found), ==, TRK_DECODE_OK);
      check_event (&found, &g_array_index (self->wanted, TrkEvent, i));
    }
  status = trk_event_decoder_next (&decoder, &found);
  g_assert_cmpint (status, !=, TRK_DECODE_OK);
  if (status == TRK_DECODE_END)
    g_assert_cmpuint (trk_event_decoder_get_offset (&decoder), ==, n_bytes);
  return status;
}

/* Counting without decoding comes to the same. */
static void
check_tally (EventModel *self, TrkEventWidths widths, const guint8 *payload)
{
  TrkCounts wanted[TRK_N_DOMAINS] = { { 0, 0, 0 } }, found[TRK_N_COUNTED_DOMAINS];

  memset (found, 0, sizeof found);
  for (guint i = 0; i < self->wanted->len; i++)
    {
      const TrkEvent *event = &g_array_index (self->wanted, TrkEvent, i);
      TrkCounts *counts = &wanted[event->domain];
      gboolean is_alloc = event->kind == TRK_EVENT_ALLOC || event->kind == TRK_EVENT_REALLOC;

      counts->allocations += is_alloc;
      counts->allocated_bytes += is_alloc ? event->size : 0;
      counts->deallocations += event->kind == TRK_EVENT_FREE || event->kind == TRK_EVENT_REALLOC;
      if (event->kind != TRK_EVENT_SKIPPED)
        continue;
      counts->allocations += event->u.skipped.allocations;
      counts->allocated_bytes += event->u.skipped.bytes;
      counts->deallocations += event->u.skipped.frees;
    }
  trk_event_tally_add (found, widths, payload, trk_event_encoder_get_bytes (&self->encoder));
  g_assert_cmpmem (found, sizeof found, wanted, sizeof found);
}

static void
check_block (EventModel *self,
             const TrkBlockHeader *header,
             const guint8 *payload,
             TrkAddressRing *ring)
{
  g_assert_cmpint (check_payload (self, header, payload,
                                  trk_event_encoder_get_bytes (&self->encoder), ring,
                                  self->wanted->len),
                   ==, TRK_DECODE_END);
}

static void
test_events (gconstpointer chosen)
{
  for (guint seed = 0; seed < N_ROUNDS; seed++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (guint64));
      g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (TrkEvent));
      g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
      g_autofree EventModel *model = g_new0 (EventModel, 1);
      TrkEventWidths widths = trk_event_widths_default ();
      guint8 payload[PAYLOAD_BYTES + 8];

      model->random = random;
      model->addresses = addresses;
      model->wanted = wanted;
      trk_address_ring_reset (ring);
      for (guint block = 0; block < 4; block++)
        {
          TrkBlockHeader header = { .first_ticks = model->ticks, .first_sequence = addresses->len };

          header.widths = GPOINTER_TO_INT (chosen) ? widths : random_widths (random);
          g_array_set_size (wanted, 0);
          model->n_stacks = 0;
          trk_event_encoder_begin (&model->encoder, payload, PAYLOAD_BYTES, model->ticks,
                                   header.widths);
          while (trk_event_encoder_has_room (&model->encoder))
            play_event (model);
          check_block (model, &header, payload, ring);
          check_tally (model, header.widths, payload);
          widths = trk_event_widths_choose (&header, payload,
                                            trk_event_encoder_get_bytes (&model->encoder));
        }
    }
}

/* A block's bytes that end anywhere give the events that are whole; and a window the committed ones,
 * whatever has been begun behind them in their last byte. */
static void
test_events_cut_anywhere (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint round = 0; round < 20; round++)
    {
      g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (guint64));
      g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (TrkEvent));
      g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
      g_autofree EventModel *model = g_new0 (EventModel, 1);
      TrkBlockHeader header = { .widths = random_widths (random) };
      guint8 payload[PAYLOAD_BYTES + 8];
      guint32 n_bytes;
      guint n_whole = 0;

      model->random = random;
      model->addresses = addresses;
      model->wanted = wanted;
      memset (payload, 0xff, sizeof payload); /* a window has been used before */
      trk_event_encoder_begin (&model->encoder, payload, PAYLOAD_BYTES, 0, header.widths);
      while (model->encoder.n_bits < 8 * 600)
        {
          play_event (model);
          g_array_append_val (ends, model->encoder.n_bits);
        }
      n_bytes = trk_event_encoder_get_bytes (&model->encoder);
      for (guint32 cut = 0; cut <= n_bytes; cut++)
        {
          while (n_whole < ends->len && g_array_index (ends, guint32, n_whole) <= cut * 8)
            n_whole++;
          trk_address_ring_reset (ring);
          check_payload (model, &header, payload, cut, ring, n_whole);
        }
      for (guint i = ends->len; i-- > 0;)
        {
          trk_event_encoder_cut (&model->encoder, g_array_index (ends, guint32, i));
          trk_address_ring_reset (ring);
          g_assert_cmpint (check_payload (model, &header, payload,
                                          trk_event_encoder_get_bytes (&model->encoder), ring,
                                          i + 1),
                           ==, TRK_DECODE_END);
        }
    }
}

/* A block is missing: what lies before it stays known, what lies in it does not. */
static void
test_events_after_a_gap (void)
{
  g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
  TrkEventWidths widths = trk_event_widths_default ();
  TrkBlockHeader header = { .widths = widths };
  guint8 payload[PAYLOAD_BYTES + 8] = { 0 };
  guint32 local_stacks[64];
  TrkEventEncoder encoder = { 0 };
  TrkEventDecoder decoder;
  TrkEvent event;

  trk_address_ring_reset (ring);
  trk_event_encoder_begin (&encoder, payload, PAYLOAD_BYTES, 0, widths);
  trk_event_put_alloc (&encoder, 1, 0x1000, 8, trk_event_put_stack (&encoder, 7));
  trk_event_decoder_begin (&decoder, &header, payload, trk_event_encoder_get_bytes (&encoder), ring,
                           local_stacks, 64);
  g_assert_cmpint (trk_event_decoder_next (&decoder, &event), ==, TRK_DECODE_OK);

  header.first_sequence = encoder.sequence = 3; /* allocations 1 and 2 are lost */
  trk_event_encoder_begin (&encoder, payload, PAYLOAD_BYTES, 10, widths);
  trk_event_put_free_distance (&encoder, 11, 3);
  trk_event_put_free_distance (&encoder, 12, 1);
  trk_event_put_alloc_reuse (&encoder, 13, 8, trk_event_put_stack (&encoder, 7), 2);
  trk_event_put_alloc (&encoder, 14, 0x2000, 8, 0);
  trk_event_put_free_distance (&encoder, 15, 2);
  trk_event_put_free_distance (&encoder, 16, 1);
  trk_event_decoder_begin (&decoder, &header, payload, trk_event_encoder_get_bytes (&encoder), ring,
                           local_stacks, 64);
  trk_event_decoder_next (&decoder, &event);
  g_assert_true (event.address_known);
  g_assert_cmphex (event.address, ==, 0x1000);
  trk_event_decoder_next (&decoder, &event);
  g_assert_false (event.address_known);
  g_assert_cmpuint (event.origin, ==, 2);
  trk_event_decoder_next (&decoder, &event);
  g_assert_false (event.address_known);
  g_assert_cmpuint (event.sequence, ==, 3);
  trk_event_decoder_next (&decoder, &event);
  g_assert_cmphex (event.address, ==, 0x2000);
  trk_event_decoder_next (&decoder, &event);
  g_assert_false (event.address_known);
  g_assert_cmpuint (event.origin, ==, 3);
  trk_event_decoder_next (&decoder, &event);
  g_assert_true (event.address_known);
  g_assert_cmphex (event.address, ==, 0x2000);
}

static void
test_event_names_and_unknown_records (void)
{
  g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
  TrkBlockHeader header = { .first_ticks = 100, .widths = trk_event_widths_default () };
  guint8 payload[PAYLOAD_BYTES + 8] = { 0 };
  guint32 local_stacks[64];
  TrkEventEncoder encoder = { 0 };
  TrkEventDecoder decoder;
  TrkEvent event;

  trk_address_ring_reset (ring);
  trk_event_encoder_begin (&encoder, payload, PAYLOAD_BYTES, 100, header.widths);
  trk_put_extensible (&encoder, 60, (const uint8_t *) "later", 5);
  trk_event_put_thread_name (&encoder, 105, "a\377\0b", 4);
  trk_put_long (&encoder, 31, NULL, 0);
  trk_event_decoder_begin (&decoder, &header, payload, trk_event_encoder_get_bytes (&encoder), ring,
                           local_stacks, 64);
  g_assert_cmpint (trk_event_decoder_next (&decoder, &event), ==, TRK_DECODE_OK);
  g_assert_cmpint (event.kind, ==, TRK_EVENT_THREAD_NAME);
  g_assert_cmpuint (event.ticks, ==, 105);
  g_assert_cmpmem (event.u.name.bytes, event.u.name.n_bytes, "a\377\0b", 4);
  g_assert_cmpint (trk_event_decoder_next (&decoder, &event), ==, TRK_DECODE_UNKNOWN);

  header.widths.alloc_time = 30;
  header.widths.alloc_size = 30;
  g_assert_cmpint (trk_event_decoder_begin (&decoder, &header, payload, 0, ring, local_stacks, 64),
                   ==, TRK_DECODE_DAMAGED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/event-codec/random-widths", GINT_TO_POINTER (FALSE), test_events);
  g_test_add_data_func ("/event-codec/chosen-widths", GINT_TO_POINTER (TRUE), test_events);
  g_test_add_func ("/event-codec/cut-anywhere", test_events_cut_anywhere);
  g_test_add_func ("/event-codec/gap", test_events_after_a_gap);
  g_test_add_func ("/event-codec/names-and-unknown", test_event_names_and_unknown_records);
  return g_test_run ();
}
