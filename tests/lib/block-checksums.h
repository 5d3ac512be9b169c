/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Checksums made right again after a file's bytes were changed, so that a reader gets past them to what lies
 * behind. */
#pragma once

#include <glib.h>

/* From block to block of a trace's file, as far as their headers lead. */
void block_checksums_mend (guint8 *bytes, gsize n_bytes);
