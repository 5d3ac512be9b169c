/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-glibc-blocks.h"

#include <string.h>

#define WORD 8u
#define ALIGNMENT 16u
#define SMALLEST_CHUNK 32u

static guint64
round_up (guint64 bytes, guint64 multiple)
{
  return (bytes + multiple - 1) / multiple * multiple;
}

static guint64
chunk_of (guint64 request)
{
  return MAX (SMALLEST_CHUNK, round_up (request + WORD, ALIGNMENT));
}

MsGlibcUsable
ms_glibc_usable_bytes (guint64 request, guint64 page_bytes)
{
  guint64 chunk = chunk_of (request);
  guint64 mapped = round_up (chunk + WORD, page_bytes) - 2 * WORD;
  MsGlibcUsable usable = { chunk - WORD, chunk - WORD + ALIGNMENT };

  if (request >= MS_GLIBC_MMAP_THRESHOLD)
    usable.high = MAX (usable.high, mapped);
  return usable;
}

/* Least: each block just fits (24 bytes in a chunk of 32, 40 in 48, …), which also needs 32 a block.  Most: each
 * is one byte longer than what just fits, or empty, and got 16 bytes more; and as many as can be are mappings. */
MsGlibcUsable
ms_glibc_held_bytes (guint64 n_blocks, guint64 requested_bytes, guint64 page_bytes)
{
  guint64 n_mapped = MIN (n_blocks, requested_bytes / MS_GLIBC_MMAP_THRESHOLD);

  return (MsGlibcUsable) {
    MAX (requested_bytes + WORD * n_blocks, SMALLEST_CHUNK * n_blocks),
    requested_bytes + (SMALLEST_CHUNK + ALIGNMENT) * n_blocks + (page_bytes + 2 * WORD) * n_mapped,
  };
}

gboolean
ms_trace_uses_glibc_malloc (MsTrace *trace)
{
  static const char *const others[] = { "libjemalloc", "libtcmalloc",  "libmimalloc",
                                        "libsnmalloc", "librpmalloc",  "libhoard",
                                        "libscudo",    "libtbbmalloc", "libhardened_malloc" };
  gboolean has_glibc = FALSE;

  for (guint i = 0; i < ms_trace_get_n_modules (trace); i++)
    {
      const char *path = ms_trace_get_module (trace, i)->path;
      const char *slash = strrchr (path, '/');
      const char *name = slash != NULL ? slash + 1 : path;

      for (guint k = 0; k < G_N_ELEMENTS (others); k++)
        if (g_str_has_prefix (name, others[k]))
          return FALSE;
      has_glibc = has_glibc || strcmp (name, "libc.so.6") == 0;
    }
  return has_glibc;
}
