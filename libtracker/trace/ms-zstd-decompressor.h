/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A GConverter out of Zstandard, as GLib has one for gzip.  Frames one behind the other are one stream.
 * Memory is bounded by the library's limit on windows, 128 MiB.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MS_TYPE_ZSTD_DECOMPRESSOR (ms_zstd_decompressor_get_type ())
G_DECLARE_FINAL_TYPE (MsZstdDecompressor, ms_zstd_decompressor, MS, ZSTD_DECOMPRESSOR, GObject)

/* NULL with G_IO_ERROR_NOT_SUPPORTED where this program was built without it. (transfer full) */
GConverter *ms_zstd_decompressor_new (GError **error);

G_END_DECLS
