/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The windows of memscope_pool.bin: what threads had not flushed yet when the process died, or still
 * have not.  A window that its thread rewrites while we copy it is copied again.
 */
#pragma once

#include "ms-block-index.h"

G_BEGIN_DECLS

/* Adds every window that holds something to @index, and the pool's header.  No pool file is no
 * error.  FALSE: MS_ERROR_VERSION. */
gboolean ms_pool_read (MsBlockIndex *index, GError **error);

G_END_DECLS
