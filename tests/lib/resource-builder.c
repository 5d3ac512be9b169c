/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "resource-builder.h"

#include <string.h>

#include "trace-builder.h"
#include "trk-resource-codec.h"

/* As TRK_REASON_NOT_DUE: nothing is said of such a field. */
#define NOT_DUE 10

struct _ResourceBuilder {
  char *path;
  GByteArray *file;
  TrkResourceEncoder *encoder;
  guint64 interval_ns, start;
  gboolean is_open;
  guint32 n_blocks;
  guint64 values[TRK_RESOURCE_MAX_FIELDS];
  guint8 reasons[TRK_RESOURCE_MAX_FIELDS];
  guint8 payload[64 << 10];
};

static void
forget_fields (ResourceBuilder *self)
{
  memset (self->reasons, NOT_DUE, sizeof self->reasons);
}

ResourceBuilder *
resource_builder_new (const char *folder, gint64 interval_ns)
{
  ResourceBuilder *self = g_new0 (ResourceBuilder, 1);
  TrkFileHeader header = { .version_major = TRK_VERSION_MAJOR,
                           .version_minor = TRK_VERSION_MINOR,
                           .header_size = sizeof header,
                           .kind = TRK_FILE_RESOURCES };

  self->path = g_build_filename (folder, TRK_RESOURCES_FILE_NAME, NULL);
  self->file = g_byte_array_new ();
  self->encoder = g_new (TrkResourceEncoder, 1);
  self->interval_ns = (guint64) interval_ns;
  memcpy (header.magic, TRK_FILE_MAGIC, sizeof header.magic);
  for (guint i = 0; i < sizeof header.trace_id; i++)
    header.trace_id[i] = (guint8) (0xa0 + i); /* the trace builder's */
  g_byte_array_append (self->file, (const guint8 *) &header, sizeof header);
  forget_fields (self);
  return self;
}

void
resource_builder_end_block (ResourceBuilder *self)
{
  TrkBlockHeader header = { .block_number = self->n_blocks++ };
  guint32 n_bytes;

  if (!self->is_open)
    return;
  n_bytes = trk_resource_encoder_end (self->encoder, &header);
  g_byte_array_append (self->file, (const guint8 *) &header, sizeof header);
  g_byte_array_append (self->file, self->payload, n_bytes);
  self->is_open = FALSE;
}

void
resource_builder_free (ResourceBuilder *self)
{
  g_autoptr (GError) error = NULL;

  resource_builder_end_block (self);
  g_file_set_contents (self->path, (const char *) self->file->data, self->file->len, &error);
  g_assert_no_error (error);
  g_byte_array_unref (self->file);
  g_free (self->encoder);
  g_free (self->path);
  g_free (self);
}

void
resource_builder_set (ResourceBuilder *self, guint field, guint64 value)
{
  self->values[field] = value;
  self->reasons[field] = 0;
}

void
resource_builder_set_absent (ResourceBuilder *self, guint field, guint8 reason)
{
  self->reasons[field] = reason;
}

void
resource_builder_set_start (ResourceBuilder *self, guint64 start)
{
  self->start = start;
}

void
resource_builder_sample (ResourceBuilder *self,
                         TrkResourceKind kind,
                         guint64 id,
                         const char *name,
                         gint64 time_ns)
{
  guint64 clock_ns = (guint64) (TRACE_BUILDER_START_NS + time_ns);
  TrkResourceKey key = { .kind = kind,
                         .id = id,
                         .start = self->start,
                         .name = name,
                         .n_name = (guint32) strlen (name) };

  if (!self->is_open)
    {
      trk_resource_encoder_begin (self->encoder, self->payload, sizeof self->payload, clock_ns);
      g_assert_true (trk_resource_encode_interval (self->encoder, self->interval_ns));
      self->is_open = TRUE;
    }
  g_assert_true (trk_resource_encode_sample (self->encoder, &key, clock_ns, self->values,
                                             self->reasons, TRK_RESOURCE_MAX_FIELDS, NOT_DUE));
  forget_fields (self);
}
