/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Records that stand for themselves: what a ring says of the time before it, and mappings that cannot be. */
#include <glib.h>

#include "trk-earlier-encoder.h"
#include "trk-event-decoder.h"
#include "trk-event-widths.h"
#include "trk-mapping-encoder.h"

#define PAYLOAD_BYTES 4096

/* What a block of a ring says first; one that is cut says nothing. */
static void
test_earlier (void)
{
  g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
  TrkBlockHeader header = { .first_ticks = 100, .widths = trk_event_widths_default () };
  TrkEarlier wanted = { 77, TRUE, 3, 0x1234, TRUE, { { 1, G_MAXUINT64, 3 }, { 4, 5, 6 } } };
  TrkEarlier found = { 0 };
  guint8 payload[PAYLOAD_BYTES + 8] = { 0 };
  guint32 local_stacks[64];
  TrkEventEncoder encoder = { 0 };
  TrkEventDecoder decoder;
  TrkEvent event;

  trk_address_ring_reset (ring);
  trk_event_encoder_begin (&encoder, payload, PAYLOAD_BYTES, 100, header.widths);
  trk_event_put_earlier (&encoder, &wanted);
  trk_event_put_thread_name (&encoder, 105, "a", 1);
  trk_event_decoder_begin (&decoder, &header, payload, trk_event_encoder_get_bytes (&encoder), ring,
                           local_stacks, 64);
  g_assert_cmpint (trk_event_decoder_next (&decoder, &event), ==, TRK_DECODE_OK);
  g_assert_cmpint (event.kind, ==, TRK_EVENT_EARLIER);
  g_assert_cmpuint (event.ticks, ==, 100);
  g_assert_true (trk_earlier_get (&found, event.u.rule.bytes, event.u.rule.n_bytes));
  g_assert_cmpuint (found.age_ticks, ==, 77);
  g_assert_true (found.has_parent && found.tracked);
  g_assert_cmpuint (found.parent_thread_id, ==, 3);
  g_assert_cmphex (found.start_routine, ==, 0x1234);
  g_assert_cmpmem (found.counts, sizeof found.counts, wanted.counts, sizeof wanted.counts);
  for (guint32 n = 0; n < event.u.rule.n_bytes; n++)
    g_assert_false (trk_earlier_get (&found, event.u.rule.bytes, n));
  g_assert_cmpint (trk_event_decoder_next (&decoder, &event), ==, TRK_DECODE_OK);
  g_assert_cmpint (event.kind, ==, TRK_EVENT_THREAD_NAME);
}

/* A range beyond the end of the address space, a stack that was not given, a record cut short. */
static void
test_event_bad_mappings (void)
{
  g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
  TrkBlockHeader header = { .first_ticks = 100, .widths = trk_event_widths_default () };
  TrkMappingMade made = { 1, 1, TRK_MAPPING_FILE, 0, G_MAXUINT64 - 4095, 4096 };

  trk_address_ring_reset (ring);
  for (guint i = 0; i < 4; i++)
    {
      guint8 payload[PAYLOAD_BYTES + 8] = { 0 };
      guint32 local_stacks[64];
      TrkEventEncoder encoder = { 0 };
      TrkEventDecoder decoder;
      TrkEvent event;

      trk_event_encoder_begin (&encoder, payload, PAYLOAD_BYTES, 100, header.widths);
      trk_event_put_stack (&encoder, 7);
      if (i == 0)
        trk_event_put_map (&encoder, &made, 0);
      else if (i == 1)
        trk_event_put_remap (&encoder, &made, 0, 4096, 1);
      else if (i == 2)
        trk_event_put_unmap (&encoder, 101, 4096, G_MAXUINT64 - 4095);
      else
        trk_put_extensible (&encoder, TRK_OP_UNMAP, (const uint8_t *) "\200", 1);
      trk_event_decoder_begin (&decoder, &header, payload, trk_event_encoder_get_bytes (&encoder),
                               ring, local_stacks, 64);
      g_assert_cmpint (trk_event_decoder_next (&decoder, &event), ==, TRK_DECODE_DAMAGED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-records/earlier", test_earlier);
  g_test_add_func ("/event-records/bad-mappings", test_event_bad_mappings);
  return g_test_run ();
}
