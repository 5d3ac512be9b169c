/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Input: a block header's widths and first sequence, then a payload. */
#include "fuzz-target.h"

#include <string.h>

#include "trk-event-decoder.h"
#include "trk-event-encoder.h"
#include "trk-event-run.h"
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
  TrkExitFigures figures = { 0 };
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
  trk_exit_figures_set (&figures, TRK_EXIT_MAJOR_FAULTS, 3);
  trk_exit_figures_set (&figures, TRK_EXIT_READ_BYTES, G_MAXUINT64);
  trk_exit_figures_set (&figures, TRK_EXIT_SOCKET_SENT_BYTES, 10000000);
  trk_event_put_thread_exit (&e, 970, 12345, &figures);
  add (bytes, PREFIX_BYTES + trk_event_encoder_get_bytes (&e), user_data);
}

/* One event after the other, by the function for all records. */
typedef struct {
  TrkEventDecoder decoder;
  TrkAddressRing ring;
  guint32 *stacks;
} Walk;

static gboolean
begin_walk (Walk *self, const TrkBlockHeader *header, const guint8 *payload, guint32 n_bytes)
{
  guint32 n_stacks = TRK_LOCAL_STACKS_FOR (n_bytes);

  trk_address_ring_reset (&self->ring);
  self->stacks = g_renew (guint32, self->stacks, n_stacks);
  return trk_event_decoder_begin (&self->decoder, header, payload, n_bytes, &self->ring,
                                  self->stacks, n_stacks)
         == TRK_DECODE_OK;
}

/* What the loop for the common records makes of a block is what the function for all makes of it. */
static void
compare_runs (const TrkBlockHeader *header, const guint8 *payload, guint32 n_bytes)
{
  static Walk one, many;
  TrkBriefEvent events[7];
  TrkDecodeStatus status;
  TrkEvent event, other;
  guint64 floor_ticks = 0;

  if (!begin_walk (&one, header, payload, n_bytes) || !begin_walk (&many, header, payload, n_bytes))
    return;
  do
    {
      gsize n;

      trk_event_decoder_run_stacks (&many.decoder);
      n = trk_event_decoder_run (&many.decoder, many.stacks, floor_ticks, events,
                                 G_N_ELEMENTS (events));
      for (gsize i = 0; i < n; i++)
        {
          g_assert_cmpint (trk_event_decoder_next (&one.decoder, &event), ==, TRK_DECODE_OK);
          g_assert_cmpint (event.kind, ==, (gint) events[i].kind);
          floor_ticks = MAX (floor_ticks, event.ticks);
          g_assert_cmpuint (events[i].ticks, ==, floor_ticks);
          g_assert_true (event.address_known);
          g_assert_cmphex (events[i].address, ==, event.address);
          g_assert_cmpuint (events[i].domain, ==, event.domain);
          g_assert_cmpuint (event.call, ==, TRK_CALL_PLAIN);
          if (event.kind == TRK_EVENT_ALLOC)
            {
              g_assert_cmpuint (events[i].size, ==, event.size);
              g_assert_cmpuint (events[i].stack, ==, event.stack);
            }
        }
      status = trk_event_decoder_next (&many.decoder, &other);
      g_assert_cmpint (trk_event_decoder_next (&one.decoder, &event), ==, status);
      if (status == TRK_DECODE_OK)
        {
          g_assert_cmpint (event.kind, ==, other.kind);
          g_assert_cmpuint (event.ticks, ==, other.ticks);
          g_assert_cmphex (event.address, ==, other.address);
          floor_ticks = MAX (floor_ticks, event.ticks);
        }
    }
  while (status == TRK_DECODE_OK);
  g_assert_cmpuint (one.decoder.n_bits_read, ==, many.decoder.n_bits_read);
  g_assert_cmpuint (one.decoder.sequence, ==, many.decoder.sequence);
  g_assert_cmpuint (one.ring.n_known, ==, many.ring.n_known);
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
  compare_runs (&header, bytes + PREFIX_BYTES, n_payload);
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
