/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-summary-file.h"

#include <string.h>

#include "trk-checksum.h"

static guint64
checksum_of_header (const MsSummaryHeader *header)
{
  MsSummaryHeader copy = *header;

  copy.checksum = 0;
  return trk_checksum (&copy, sizeof copy);
}

static guint64
checksum_of_section (const MsSummarySection *section, const guint8 *payload)
{
  MsSummarySection copy = *section;

  copy.checksum = 0;
  return trk_checksum (&copy, sizeof copy) + trk_checksum (payload, section->payload_bytes);
}

/* --- writing ------------------------------------------------------------------------------------ */

GByteArray *
ms_summary_file_begin (const guint8 trace_id[16],
                       const MsFolderDigest *inputs,
                       const MsFolderDigest *stamp)
{
  MsSummaryHeader header = { .file = { .version_major = TRK_VERSION_MAJOR,
                                       .version_minor = TRK_VERSION_MINOR,
                                       .header_size = sizeof header,
                                       .kind = TRK_FILE_SUMMARY },
                             .version = MS_SUMMARY_VERSION,
                             .inputs = *inputs,
                             .stamp = *stamp };

  memcpy (header.file.magic, TRK_FILE_MAGIC, sizeof header.file.magic);
  memcpy (header.file.trace_id, trace_id, sizeof header.file.trace_id);
  return g_byte_array_append (g_byte_array_new (), (const guint8 *) &header, sizeof header);
}

void
ms_summary_file_append (GByteArray *self, guint32 type, const GByteArray *payload)
{
  MsSummarySection section = { .type = type, .payload_bytes = payload->len };

  section.checksum = checksum_of_section (&section, payload->data);
  g_byte_array_append (self, (const guint8 *) &section, sizeof section);
  g_byte_array_append (self, payload->data, payload->len);
  ((MsSummaryHeader *) (gpointer) self->data)->n_sections++;
}

void
ms_summary_file_end (GByteArray *self)
{
  MsSummaryHeader *header = (MsSummaryHeader *) (gpointer) self->data;

  header->n_bytes = self->len;
  header->checksum = checksum_of_header (header);
}

/* --- reading ------------------------------------------------------------------------------------ */

gboolean
ms_summary_file_is_header (const MsSummaryHeader *header)
{
  return memcmp (header->file.magic, TRK_FILE_MAGIC, sizeof header->file.magic) == 0
         && header->file.header_size >= sizeof *header && header->version == MS_SUMMARY_VERSION
         && checksum_of_header (header) == header->checksum;
}

MsSummaryFit
ms_summary_file_check_header (const MsSummaryHeader *header,
                              const guint8 trace_id[16],
                              const MsFolderDigest *inputs)
{
  if (memcmp (header->file.magic, TRK_FILE_MAGIC, sizeof header->file.magic) != 0)
    return MS_SUMMARY_DAMAGED;
  if (header->file.version_major != TRK_VERSION_MAJOR
      || (header->file.incompatible & ~TRK_INCOMPATIBLE_KNOWN))
    return MS_SUMMARY_STALE;
  if (header->file.header_size < sizeof *header || checksum_of_header (header) != header->checksum)
    return header->version == MS_SUMMARY_VERSION ? MS_SUMMARY_DAMAGED : MS_SUMMARY_STALE;
  if (header->version != MS_SUMMARY_VERSION || header->file.kind != TRK_FILE_SUMMARY
      || memcmp (header->file.trace_id, trace_id, 16) != 0
      || !ms_folder_digest_equal (&header->inputs, inputs))
    return MS_SUMMARY_STALE;
  return MS_SUMMARY_FITS;
}

/* The section at *@at, which moves behind it; NULL if there is none whose end is in the file.  Its payload
 * is not looked at. */
static const guint8 *
next_section (const guint8 *bytes, gsize n_bytes, gsize *at, MsSummarySection *section)
{
  const guint8 *payload;

  if (*at > n_bytes || n_bytes - *at < sizeof *section)
    return NULL;
  memcpy (section, bytes + *at, sizeof *section);
  payload = bytes + *at + sizeof *section;
  if (section->payload_bytes > n_bytes - *at - sizeof *section)
    return NULL;
  *at += sizeof *section + section->payload_bytes;
  return payload;
}

const guint8 *
ms_summary_file_find (const guint8 *bytes, gsize n_bytes, guint32 type, gsize *n_payload)
{
  const guint8 *found = NULL;
  MsSummaryHeader header;
  MsSummarySection section;
  gsize at;

  if (n_bytes < sizeof header)
    return NULL;
  memcpy (&header, bytes, sizeof header);
  at = header.file.header_size;
  if (header.n_bytes != n_bytes)
    return NULL;
  for (guint32 i = 0; i < header.n_sections; i++)
    {
      const guint8 *payload = next_section (bytes, n_bytes, &at, &section);

      if (payload == NULL)
        return NULL;
      if (section.type != type)
        continue;
      if (found != NULL || checksum_of_section (&section, payload) != section.checksum)
        return NULL;
      found = payload;
      *n_payload = section.payload_bytes;
    }
  return at == n_bytes ? found : NULL;
}

gboolean
ms_summary_file_is_whole (const guint8 *bytes, gsize n_bytes)
{
  MsSummaryHeader header;
  MsSummarySection section;
  gsize at;

  if (n_bytes < sizeof header)
    return FALSE;
  memcpy (&header, bytes, sizeof header);
  if (checksum_of_header (&header) != header.checksum || header.n_bytes != n_bytes)
    return FALSE;
  at = header.file.header_size;
  for (guint32 i = 0; i < header.n_sections; i++)
    {
      const guint8 *payload = next_section (bytes, n_bytes, &at, &section);

      if (payload == NULL || checksum_of_section (&section, payload) != section.checksum)
        return FALSE;
    }
  return at == n_bytes;
}
