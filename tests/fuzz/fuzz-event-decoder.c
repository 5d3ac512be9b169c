/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Input: a block header's widths and first sequence, then a payload. */
#include "fuzz-target.h"

#include <string.h>

#include "trk-event-decoder.h"
#include "trk-event-encoder.h"
#include "trk-event-widths.h"
#include "trk-mapping-encoder.h"

#define PREFIX_BYTES (sizeof (TrkEventWidths) + 2)

const guint fuzz_n_mutations = 4000;

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  guint8 bytes[PREFIX_BYTES + 1024 + 8] = { 0 };
  TrkEventWidths widths = trk_event_widths_default ();
  TrkEventEncoder e = { 0 };
  TrkMappingMade made = { 951, 955, TRK_MAPPING_FILE, 5, 0x7f0000000000, 8192 };

  memcpy (bytes, &widths, sizeof widths);
  trk_event_encoder_begin (&e, bytes + PREFIX_BYTES, 1024, 100, widths);
  trk_event_put_thread_start (&e, 101, 0, true, 0x401000);
  trk_event_put_thread_name (&e, 102, "worker", 6);
  trk_event_put_stack (&e, 5);
  for (guint i = 0; i < 20; i++)
    {
      trk_event_put_alloc (&e, 200 + 10 * i, 0x5000 + 64 * i, 24 + i, 0);
      trk_event_put_free_distance (&e, 205 + 10 * i, 1);
      trk_event_put_alloc_reuse (&e, 206 + 10 * i, 1 << i, 0, 1);
      trk_event_put_alloc (&e, 207 + 10 * i + 100 * (i & 8), 0x9000 + 32 * i, 24, 0);
      trk_event_put_free (&e, 208 + 10 * i + 100 * (i & 8),
                          0x70000000 + (0x4000000 * (i & 3)) + 64 * i);
    }
  trk_event_set_domain (&e, 1);
  trk_event_put_realloc (&e, 900, 910, 0x5000, 0x9000, 77, 0);
  trk_event_put_free_stack (&e, 0);
  trk_event_put_free (&e, 920, 0x9000);
  trk_event_put_foreign_free (&e, 930, 0x5040);
  trk_event_put_sampling (&e, 1u << 30, 0);
  trk_event_put_skipped (&e, 3, 300, 2);
  trk_event_put_dropped (&e, 9, TRK_DROP_NO_SPACE);
  trk_event_put_tracking (&e, 940, false);
  trk_event_put_map (&e, &made, 0);
  trk_event_put_unmap (&e, 960, 0x7f0000000000, 4096);
  trk_event_put_remap (&e, &made, 0x7f0000000000, 4096, 0);
  trk_event_put_thread_exit (&e, 970, 12345);
  add (bytes, PREFIX_BYTES + trk_event_encoder_get_bytes (&e), user_data);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  static TrkAddressRing ring;
  TrkBlockHeader header = { .first_ticks = 100 };
  guint32 n_payload = (guint32) (n_bytes - PREFIX_BYTES);
  g_autofree guint32 *local_stacks = NULL;
  TrkEventDecoder decoder;
  TrkEvent event;
  guint64 last_ticks = 100;
  guint8 sum = 0;

  if (n_bytes < PREFIX_BYTES || n_bytes > TRK_MAX_BLOCK_BYTES)
    return 0;
  memcpy (&header.widths, bytes, sizeof header.widths);
  header.first_sequence = (guint64) bytes[PREFIX_BYTES - 2] << bytes[PREFIX_BYTES - 1] % 64;
  local_stacks = g_new (guint32, TRK_LOCAL_STACKS_FOR (n_payload));
  trk_address_ring_reset (&ring);
  if (trk_event_decoder_begin (&decoder, &header, bytes + PREFIX_BYTES, n_payload, &ring,
                               local_stacks, TRK_LOCAL_STACKS_FOR (n_payload))
      != TRK_DECODE_OK)
    return 0;
  while (trk_event_decoder_next (&decoder, &event) == TRK_DECODE_OK)
    {
      g_assert_cmpuint (trk_event_decoder_get_offset (&decoder), <=, n_payload);
      g_assert_cmpint (event.kind, <=, TRK_EVENT_REMAP);
      g_assert_cmpuint (event.domain, <, TRK_N_DOMAINS);
      g_assert_cmpuint (event.kind >= TRK_EVENT_MAP ? event.address + event.size : G_MAXUINT64, >=,
                        event.kind >= TRK_EVENT_MAP ? event.address : 0);
      for (guint i = 0; event.kind == TRK_EVENT_THREAD_NAME && i < event.u.name.n_bytes; i++)
        sum ^= (guint8) event.u.name.bytes[i];
      last_ticks += sum & 1; /* the bytes are really read */
    }
  return last_ticks == 0;
}
