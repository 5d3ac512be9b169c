/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Input: the payload of a block of resource samples. */
#include "fuzz-target.h"

#include "trk-resource-codec.h"
#include "trk-resource-fields.h"

const guint fuzz_n_mutations = 10000;

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  g_autofree TrkResourceEncoder *encoder = g_new (TrkResourceEncoder, 1);
  guint8 payload[16384], reasons[TRK_THREAD_N_FIELDS] = { 0 };
  guint64 values[TRK_THREAD_N_FIELDS] = { 0 };

  trk_resource_encoder_begin (encoder, payload, sizeof payload, 1000000);
  trk_resource_encode_interval (encoder, 100000000);
  for (guint i = 0; i < 12; i++)
    {
      TrkResourceKey key = { TRK_RESOURCE_THREAD, 4211 + i % 3, 1433565, "worker", 6 };

      values[TRK_THREAD_CPU_NS] += 30000000;
      values[TRK_THREAD_VOLUNTARY_SWITCHES] -= i;
      reasons[TRK_THREAD_READ_BYTES] = i > 6 ? 3 : 0;
      reasons[TRK_THREAD_VOLUNTARY_SWITCHES] = i % 5 == 0 ? 0 : 10;
      trk_resource_encode_sample (encoder, &key, 1000000 + i * 100000000U, values, reasons,
                                  TRK_THREAD_N_FIELDS, 10);
    }
  add (payload, (gsize) (encoder->at - payload), user_data);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  static TrkResourceDecoder decoder; /* 1 MiB */
  static volatile guint64 sink;      /* all is read, for the sanitizers to see */
  TrkResourceRecord record;
  TrkResourceRecordType type;
  guint32 n_sources = 0;
  guint64 sum = 0;

  trk_resource_decoder_begin (&decoder, bytes, n_bytes, 0);
  while ((type = trk_resource_decode (&decoder, &record)) < TRK_RESOURCE_END)
    {
      if (type == TRK_RESOURCE_INTERVAL)
        continue;
      if (type == TRK_RESOURCE_SOURCE)
        {
          n_sources++;
          for (guint32 i = 0; i < record.key.n_name; i++)
            sum += (guint8) record.key.name[i];
        }
      g_assert_cmpuint (record.source, <, n_sources);
      if (type == TRK_RESOURCE_SAMPLE)
        for (guint i = 0; i < TRK_RESOURCE_MAX_FIELDS; i++)
          sum += record.values[i];
    }
  g_assert_cmpint (trk_resource_decode (&decoder, &record), ==, TRK_RESOURCE_END);
  sink = sum;
  return sink == sum ? 0 : 1;
}
