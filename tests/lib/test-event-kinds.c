/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each kind of compact record: when it is chosen, what it takes, and bits that are none. */
#include <glib.h>

#include "trk-event-decoder.h"
#include "trk-event-encoder.h"
#include "trk-event-run.h"
#include "trk-event-widths.h"

#define PAYLOAD_BYTES 4096

/* The kinds one by one, and that each is chosen where it is meant to be. */
static void
test_event_kinds (void)
{
  g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
  TrkBlockHeader header = { .widths = { .alloc_time = 7,
                                        .alloc_size = 11,
                                        .alloc_stack = 6,
                                        .alloc_distance = 12,
                                        .alloc_delta = 20,
                                        .free_time = 6,
                                        .free_distance = 10,
                                        .free_near = 5,
                                        .free_far = 20,
                                        .region_bits = 4 } };
  const guint64 arena = 0x7f0000000000;
  guint8 payload[PAYLOAD_BYTES + 8];
  guint32 local_stacks[PAYLOAD_BYTES], local, before;
  TrkEventEncoder e = { 0 };
  TrkEventDecoder decoder;
  TrkEvent event;

  trk_event_encoder_begin (&e, payload, PAYLOAD_BYTES, 0, header.widths);
  local = trk_event_put_stack (&e, 7);
  trk_event_put_alloc (&e, 1, arena, 24, local);
#define PUTS(call, n) \
  before = e.n_bits; \
  call; \
  g_assert_cmpuint (e.n_bits - before, ==, n)
  PUTS (trk_event_put_alloc (&e, 2, arena + 32, 41, local), 4 + 24);        /* next */
  PUTS (trk_event_put_alloc (&e, 3, arena + 96, 24, local), 4 + 24);        /* next */
  PUTS (trk_event_put_alloc (&e, 4, arena + 160, 24, local), 4 + 24 + 20);  /* far */
  PUTS (trk_event_put_alloc_reuse (&e, 5, 24, local, 4), 2 + 36);           /* reuse */
  PUTS (trk_event_put_alloc (&e, 5, arena + 192, 24, local), 4 + 24);       /* next all the same */
  PUTS (trk_event_put_free_distance (&e, 6, 1), 2 + 16);                    /* distance */
  PUTS (trk_event_put_free (&e, 7, arena + 192), 4 + 6 + 5);                /* near */
  PUTS (trk_event_put_free (&e, 8, arena + 192 + 16 * 16), 5 + 6 + 20);     /* far: 32 > 31 */
  PUTS (trk_event_put_free_distance (&e, 8 + 64, 1), 15 + 2 + 16);          /* late */
  PUTS (trk_event_put_alloc (&e, 72 + 128, arena, 24, local), 15 + 4 + 44); /* late */
  PUTS (trk_event_put_free (&e, 200 + 65535, arena + 16), 15 + 4 + 6 + 5);  /* as late as can be */
#undef PUTS
  before = trk_event_encoder_get_bytes (&e) * 8;
  trk_event_put_free (&e, 200 + 65535 + 65536, arena); /* and more: long, from the next byte on */
  g_assert_cmpuint (payload[before / 8], ==, TRK_OP_FREE << 2);
  g_assert_cmpuint (e.n_bits % 8, ==, 0);

  trk_address_ring_reset (ring);
  trk_event_decoder_begin (&decoder, &header, payload, trk_event_encoder_get_bytes (&e), ring,
                           local_stacks, PAYLOAD_BYTES);
  {
    const guint64 wanted[] = { arena,       arena + 32,  arena + 96,  arena + 160, arena,
                               arena + 192, arena + 192, arena + 192, arena + 448, arena + 448,
                               arena,       arena + 16,  arena };

    for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
      {
        g_assert_cmpint (trk_event_decoder_next (&decoder, &event), ==, TRK_DECODE_OK);
        g_assert_cmphex (event.address, ==, wanted[i]);
      }
  }
  g_assert_cmpuint (event.ticks, ==, 200 + 65535 + 65536);
  g_assert_cmpint (trk_event_decoder_next (&decoder, &event), ==, TRK_DECODE_END);
}

/* An upper time without a record that it could belong to, and kind 0 bits before another first byte. */
static void
test_event_loose_ends (void)
{
  g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
  TrkBlockHeader header = { .widths = trk_event_widths_default () };

  trk_address_ring_reset (ring);
  for (guint i = 0; i < 4; i++)
    {
      guint8 payload[64] = { 0 };
      guint32 local_stacks[64];
      TrkEventEncoder e = { .payload = payload };
      TrkEventDecoder decoder;
      TrkEvent event;

      if (i < 3)
        trk_put_compact (&e, TRK_KIND_LATE | 3 << 5, 5 + TRK_LATE_BITS);
      if (i == 1)
        trk_put_compact (&e, TRK_KIND_LATE | 3 << 5, 5 + TRK_LATE_BITS);
      if (i == 2)
        trk_put_long (&e, TRK_OP_TIME, (const guint64[]) { 3 }, 1);
      if (i == 3)
        trk_put_compact (&e, 0x500, 16); /* two bits of kind 0, and a byte of another kind */
      g_assert_cmpint (trk_event_decoder_begin (&decoder, &header, payload, i == 3 ? 2 : 20, ring,
                                                local_stacks, 64),
                       ==, TRK_DECODE_OK);
      if (i == 3)
        decoder.n_bits_read = 6;
      g_assert_cmpint (trk_event_decoder_next (&decoder, &event), ==, TRK_DECODE_DAMAGED);
    }
}

/* There is nothing that it could be behind. */
static void
test_event_behind_nothing (void)
{
  g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
  TrkBlockHeader header = { .widths = trk_event_widths_default () };
  guint8 payload[PAYLOAD_BYTES + 8];
  guint32 local_stacks[PAYLOAD_BYTES];
  TrkEventEncoder e = { 0 };
  TrkEventDecoder decoder;
  TrkEvent event;

  trk_event_encoder_begin (&e, payload, PAYLOAD_BYTES, 0, header.widths);
  trk_event_put_stack (&e, 7);
  trk_put_compact (&e, TRK_KIND_ALLOC_NEXT, 4U + 8 + 11 + 4);
  trk_event_put_free_distance (&e, 1, 1);
  trk_address_ring_reset (ring);
  trk_event_decoder_begin (&decoder, &header, payload, trk_event_encoder_get_bytes (&e), ring,
                           local_stacks, PAYLOAD_BYTES);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (trk_event_decoder_next (&decoder, &event), ==, TRK_DECODE_OK);
      g_assert_false (event.address_known);
      g_assert_cmphex (event.address, ==, 0);
    }
}

/* Records of one window before one that is wrong, the second of them in the ring where the first one's address
 * was told from. */
static void
test_run_before_a_wrong_record (void)
{
  g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
  TrkBlockHeader header = { .first_sequence = TRK_MAX_DISTANCE,
                            .widths = trk_event_widths_default () };
  guint8 payload[PAYLOAD_BYTES + 8] = { 0 };
  guint32 local_stacks[64], stacks[] = { 7 };
  TrkEventEncoder encoder = { .sequence = TRK_MAX_DISTANCE };
  TrkEventDecoder decoder;
  TrkBriefEvent events[8];
  guint32 local;

  trk_address_ring_reset (ring);
  for (guint64 i = 0; i < TRK_MAX_DISTANCE; i++)
    trk_address_ring_push (ring, 0x100000 + 64 * i);
  trk_event_encoder_begin (&encoder, payload, PAYLOAD_BYTES, 0, header.widths);
  local = trk_event_put_stack (&encoder, 7);
  trk_event_put_alloc_reuse (&encoder, 1, 8, local, TRK_MAX_DISTANCE - 1);
  trk_event_put_alloc (&encoder, 2, 0x9000, 8, local);
  trk_event_put_free_distance (&encoder, 3, 0);
  for (guint i = 0; i < 16; i++)
    trk_event_put_free (&encoder, 4 + i, 0x9000);
  g_assert_cmpint (trk_event_decoder_begin (&decoder, &header, payload,
                                            trk_event_encoder_get_bytes (&encoder), ring,
                                            local_stacks, G_N_ELEMENTS (local_stacks)),
                   ==, TRK_DECODE_OK);
  trk_event_decoder_run_stacks (&decoder);
  g_assert_cmpuint (trk_event_decoder_run (&decoder, stacks, 0, events, G_N_ELEMENTS (events)), ==,
                    2);
  g_assert_cmphex (events[0].address, ==, 0x100040);
  g_assert_cmphex (events[1].address, ==, 0x9000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-kinds/choice", test_event_kinds);
  g_test_add_func ("/event-kinds/loose-ends", test_event_loose_ends);
  g_test_add_func ("/event-kinds/behind-nothing", test_event_behind_nothing);
  g_test_add_func ("/event-kinds/run-before-a-wrong-record", test_run_before_a_wrong_record);
  return g_test_run ();
}
