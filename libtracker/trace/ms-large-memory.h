/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Memory for tables that are walked at random, in large pages where they can be had: there the page is as
 * seldom in a cache as the line.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Begins at a cache line; not cleared.  For g_aligned_free(). */
gpointer ms_large_alloc (gsize n_bytes);

G_END_DECLS
