/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Input: the payload of a block of call stacks. */
#include "fuzz-target.h"

#include <string.h>

#include "trk-stack-codec.h"

const guint fuzz_n_mutations = 10000;

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  guint64 frames[40], previous[40];
  guint8 bytes[4096], *end = bytes;

  for (guint i = 0; i < 40; i++)
    frames[i] = 0x7f0000000000 + i * 0x1234;
  for (guint n = 0; n < 6; n++)
    {
      memcpy (previous, frames, sizeof frames);
      frames[n] += 16;
      end =
          trk_stack_encode (end, n ? previous : NULL, n ? 40 : 0, n + 1, n / 3, frames, 40, n & 1);
    }
  add (bytes, (gsize) (end - bytes), user_data);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  const guint8 *p = bytes, *end = bytes + n_bytes;
  TrkStackRecord record;
  guint64 sum = 0;

  record.depth = 0;
  while (p != NULL && p < end)
    {
      p = trk_stack_decode (p, end, &record);
      if (p == NULL)
        break;
      g_assert_true (p <= end);
      g_assert_cmpuint (record.depth, <=, TRK_MAX_STACK_DEPTH);
      for (guint i = 0; i < record.depth; i++)
        sum += record.frames[i];
    }
  return sum == 1 ? 1 : 0;
}
