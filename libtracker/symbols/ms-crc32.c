/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Eight bytes a step from eight tables ("slicing"): a debug file may have hundreds of megabytes, and
 * bit by bit is 20 times slower.
 */
#include "ms-crc32.h"

#include <errno.h>
#include <unistd.h>

#define POLYNOMIAL 0xedb88320u
#define N_SLICES 8

static const guint32 (*get_tables (void))[256]
{
  static guint32 tables[N_SLICES][256];
  static gsize once;

  if (g_once_init_enter (&once))
    {
      for (guint32 i = 0; i < 256; i++)
        {
          guint32 crc = i;

          for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (POLYNOMIAL & -(crc & 1));
          tables[0][i] = crc;
        }
      for (guint slice = 1; slice < N_SLICES; slice++)
        for (guint i = 0; i < 256; i++)
          tables[slice][i] = (tables[slice - 1][i] >> 8) ^ tables[0][tables[slice - 1][i] & 0xff];
      g_once_init_leave (&once, 1);
    }
  return (const guint32 (*)[256]) tables;
}

static guint32
read_le32 (const guint8 *p)
{
  return (guint32) p[0] | (guint32) p[1] << 8 | (guint32) p[2] << 16 | (guint32) p[3] << 24;
}

guint32
ms_crc32 (guint32 crc, const guint8 *p, gsize n)
{
  const guint32 (*t)[256] = get_tables ();

  crc = ~crc;
  for (; n >= 8; p += 8, n -= 8)
    {
      guint32 a = crc ^ read_le32 (p);
      guint32 b = read_le32 (p + 4);

      crc = t[7][a & 0xff] ^ t[6][a >> 8 & 0xff] ^ t[5][a >> 16 & 0xff] ^ t[4][a >> 24]
            ^ t[3][b & 0xff] ^ t[2][b >> 8 & 0xff] ^ t[1][b >> 16 & 0xff] ^ t[0][b >> 24];
    }
  for (; n > 0; p++, n--)
    crc = (crc >> 8) ^ t[0][(crc ^ *p) & 0xff];
  return ~crc;
}

gboolean
ms_crc32_file (int fd, guint32 *crc)
{
  guint8 buffer[65536];
  off_t at = 0;
  ssize_t n;

  *crc = 0;
  while ((n = pread (fd, buffer, sizeof buffer, at)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      *crc = ms_crc32 (*crc, buffer, (gsize) n);
      at += n;
    }
  return TRUE;
}
