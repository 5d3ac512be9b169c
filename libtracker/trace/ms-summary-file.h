/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope_summary.bin as a container (docs/FORMAT.md, "Summary"):
 *
 *   [TrkFileHeader][rest of MsSummaryHeader][section][section]…
 *   a section       [MsSummarySection][payload]
 *
 * What the sections say is ms-summary-model.h's business.
 */
#pragma once

#include "ms-folder-digest.h"
#include "trk-format.h"

G_BEGIN_DECLS

/* Of what the sections mean, and of how the figures in them are computed: another one's file is not
 * read.  To be raised with every change of either. */
#define MS_SUMMARY_VERSION 4

/* Longer files are not read: 16 threads that all use 20 000 call stacks come to 7 MB. */
#define MS_SUMMARY_MAX_BYTES ((guint64) 256 << 20)

typedef struct {
  TrkFileHeader file; /* header_size: 160 */
  guint32 version;    /* MS_SUMMARY_VERSION */
  guint32 n_sections;
  MsFolderDigest inputs;
  MsFolderDigest stamp; /* of the folder when it was written: spares its reader the digest */
  guint64 n_bytes;      /* of the whole file */
  guint64 checksum;     /* XXH64 of this header with 0 in its place */
  guint8 reserved[8];
} MsSummaryHeader;
G_STATIC_ASSERT (sizeof (MsSummaryHeader) == 160);

typedef struct {
  guint32 type;
  guint32 reserved;
  guint64 payload_bytes;
  guint64 checksum; /* XXH64 of the payload + XXH64 of this header with 0 in its place */
} MsSummarySection;
G_STATIC_ASSERT (sizeof (MsSummarySection) == 24);

/* Begins a file; append sections, then end it. (transfer full) */
GByteArray *ms_summary_file_begin (const guint8 trace_id[16],
                                   const MsFolderDigest *inputs,
                                   const MsFolderDigest *stamp);
void ms_summary_file_append (GByteArray *self, guint32 type, const GByteArray *payload);
void ms_summary_file_end (GByteArray *self);

typedef enum {
  MS_SUMMARY_FITS,
  MS_SUMMARY_STALE, /* of other inputs, of another version: nothing is wrong with it */
  MS_SUMMARY_DAMAGED
} MsSummaryFit;

/* Whether the header is that of a summary of these inputs.  Looks at the header alone. */
MsSummaryFit ms_summary_file_check_header (const MsSummaryHeader *header,
                                           const guint8 trace_id[16],
                                           const MsFolderDigest *inputs);

/* Whether the header is a whole one of this version. */
gboolean ms_summary_file_is_header (const MsSummaryHeader *header);

/* The payload of the section @type in a file whose header fits; NULL if it is not there, there twice or
 * anything of the file is damaged. (transfer none) */
const guint8 *ms_summary_file_find (const guint8 *bytes,
                                    gsize n_bytes,
                                    guint32 type,
                                    gsize *n_payload);

/* Whether every byte is as it was written: of what inputs and which version, whatever these are. */
gboolean ms_summary_file_is_whole (const guint8 *bytes, gsize n_bytes);

G_END_DECLS
