/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Everything that a load of the events adds to an MsTrace, in sections of memscope_summary.bin.
 *
 * Not in them, as it is read anew and costs little: the manifest and what follows from it, and the
 * tables of call stacks and modules.  A checksum of these tables is in the file: numbers of stacks mean
 * nothing without the very same ones.
 */
#pragma once

#include "ms-folder-digest.h"
#include "ms-trace-private.h"

G_BEGIN_DECLS

/* The file for @trace, loaded from the inputs that @inputs and @stamp are of. (transfer full) */
GByteArray *ms_summary_model_encode (MsTrace *trace,
                                     const MsFolderDigest *inputs,
                                     const MsFolderDigest *stamp);

/* Fills @trace, which has its manifest, its tables and its state, from a file whose header fits.  FALSE:
 * the file is damaged, or is not of this trace; @trace is then of no use. */
gboolean ms_summary_model_decode (MsTrace *trace, const guint8 *bytes, gsize n_bytes);

G_END_DECLS
