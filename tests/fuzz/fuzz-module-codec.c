/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Input: the payload of a block of modules. */
#include "fuzz-target.h"

#include <string.h>

#include "trk-module-codec.h"

const guint fuzz_n_mutations = 10000;

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  guint8 bytes[3 * TRK_MODULE_RECORD_MAX_BYTES], *end = bytes;

  for (guint i = 0; i < 3; i++)
    {
      TrkModuleRecord record = { .generation = i,
                                 .start = 0x400000,
                                 .end = 0x410000,
                                 .bias = 0x400000 - i,
                                 .build_id = (const guint8 *) "0123456789abcdefghij",
                                 .n_build_id = 10 * i,
                                 .path = "/usr/lib/x86_64-linux-gnu/libc.so.6",
                                 .n_path = 35 };

      end = trk_module_encode (end, &record);
    }
  add (bytes, (gsize) (end - bytes), user_data);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  const guint8 *p = bytes, *end = bytes + n_bytes;
  TrkModuleRecord record;
  guint8 sum = 0;

  while (p != NULL && p < end)
    {
      p = trk_module_decode (p, end, &record);
      if (p == NULL)
        break;
      g_assert_true (p <= end && record.start <= record.end);
      for (guint i = 0; i < record.n_build_id; i++)
        sum ^= record.build_id[i];
      for (guint i = 0; i < record.n_path; i++)
        sum ^= (guint8) record.path[i];
    }
  return sum == 1 ? 1 : 0;
}
