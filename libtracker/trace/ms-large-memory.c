/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-large-memory.h"

#include <sys/mman.h>

#define LINE_BYTES 64
#define LARGE_PAGE_BYTES ((gsize) 2 << 20)

gpointer
ms_large_alloc (gsize n_bytes)
{
  gpointer memory;

  if (n_bytes < LARGE_PAGE_BYTES)
    return g_aligned_alloc (1, n_bytes, LINE_BYTES);
  memory = g_aligned_alloc (1, n_bytes, LARGE_PAGE_BYTES);
#ifdef MADV_HUGEPAGE
  madvise (memory, n_bytes, MADV_HUGEPAGE); /* a wish */
#endif
  return memory;
}
