/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Input: the payload of a frequency block. */
#include "fuzz-target.h"

#include "trk-frequency-codec.h"

const guint fuzz_n_mutations = 10000;

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  guint8 bytes[8192], *end = trk_frequency_encode_header (bytes, 12, 0x123456789abcdef);
  TrkFrequencyRecord domain = { .kind = TRK_FREQUENCY_DOMAIN,
                                .domain = 1,
                                .allocations = 1000,
                                .frees = 900,
                                .bytes = 123456,
                                .size_bins = { 1, 2, 3, 0, 5 } };

  end = trk_frequency_encode (end, &domain);
  for (guint i = 0; i < 10; i++)
    {
      TrkFrequencyRecord stack = { .kind = TRK_FREQUENCY_STACK,
                                   .domain = 1,
                                   .stack = i + 1,
                                   .allocations = 100,
                                   .bytes = 1 << i };

      end = trk_frequency_encode (end, &stack);
    }
  add (bytes, (gsize) (end - bytes), user_data);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  const guint8 *p, *end = bytes + n_bytes;
  TrkFrequencyRecord record = { .domain = TRK_N_DOMAINS };
  guint64 n_blocks, digest;

  for (p = trk_frequency_decode_header (bytes, end, &n_blocks, &digest); p != NULL && p < end;)
    {
      p = trk_frequency_decode (p, end, &record);
      g_assert_true (p == NULL || (p <= end && record.domain < TRK_N_DOMAINS));
    }
  return 0;
}
