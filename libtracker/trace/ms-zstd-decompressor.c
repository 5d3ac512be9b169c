/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-zstd-decompressor.h"

#ifdef MS_HAVE_ZSTD
#include <zstd.h>

struct _MsZstdDecompressor {
  GObject parent_instance;

  ZSTD_DStream *stream;
  gboolean is_between_frames;
};

static GConverterResult
convert (GConverter *converter,
         const void *in,
         gsize n_in,
         void *out,
         gsize n_out,
         GConverterFlags flags,
         gsize *n_read,
         gsize *n_written,
         GError **error)
{
  MsZstdDecompressor *self = MS_ZSTD_DECOMPRESSOR (converter);
  ZSTD_inBuffer input = { in, n_in, 0 };
  ZSTD_outBuffer output = { out, n_out, 0 };
  size_t result;

  if (n_in == 0 && self->is_between_frames && (flags & G_CONVERTER_INPUT_AT_END) != 0)
    {
      *n_read = *n_written = 0;
      return G_CONVERTER_FINISHED;
    }
  result = ZSTD_decompressStream (self->stream, &output, &input);
  if (ZSTD_isError (result))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "damaged Zstandard data: %s",
                   ZSTD_getErrorName (result));
      return G_CONVERTER_ERROR;
    }
  self->is_between_frames = result == 0;
  *n_read = input.pos;
  *n_written = output.pos;
  if (input.pos > 0 || output.pos > 0)
    return G_CONVERTER_CONVERTED;
  if (n_out == 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "no room for the output");
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                         "the compressed data ends in the middle");
  return G_CONVERTER_ERROR;
}

static void
reset (GConverter *converter)
{
  MsZstdDecompressor *self = MS_ZSTD_DECOMPRESSOR (converter);

  ZSTD_initDStream (self->stream);
  self->is_between_frames = FALSE;
}

static void
converter_iface_init (GConverterIface *iface)
{
  iface->convert = convert;
  iface->reset = reset;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (MsZstdDecompressor,
                               ms_zstd_decompressor,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_CONVERTER, converter_iface_init))

static void
ms_zstd_decompressor_finalize (GObject *object)
{
  ZSTD_freeDStream (MS_ZSTD_DECOMPRESSOR (object)->stream);

  G_OBJECT_CLASS (ms_zstd_decompressor_parent_class)->finalize (object);
}

static void
ms_zstd_decompressor_class_init (MsZstdDecompressorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_zstd_decompressor_finalize;
}

static void
ms_zstd_decompressor_init (MsZstdDecompressor *self)
{
  self->stream = ZSTD_createDStream ();
  ZSTD_initDStream (self->stream);
}

GConverter *
ms_zstd_decompressor_new (GError **error)
{
  return g_object_new (MS_TYPE_ZSTD_DECOMPRESSOR, NULL);
}

#else

GConverter *
ms_zstd_decompressor_new (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       "it is compressed with Zstandard, which this memscope was built without; "
                       "decompress it first: zstd -d FILE");
  return NULL;
}
#endif
