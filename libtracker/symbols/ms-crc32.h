/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* CRC-32 as zlib has it: what .gnu_debuglink carries, and what guards the kept names. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @crc: 0 to begin with, then the result so far. */
guint32 ms_crc32 (guint32 crc, const guint8 *bytes, gsize n);
/* Of a whole file; FALSE if it cannot be read. */
gboolean ms_crc32_file (int fd, guint32 *crc);

G_END_DECLS
