/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A /proc and a /sys of a test's own, in a temporary folder, for collectors to read instead of the
 * machine's.  Files are rewritten in place, so that a kept descriptor sees what was written last, as it
 * does in /proc.
 */
#pragma once

#include <glib.h>

#include "trk-reader.h"

typedef struct {
  char *path;
  TrkReader reader;
} ResourceTree;

ResourceTree *resource_tree_new (void);
void resource_tree_free (ResourceTree *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ResourceTree, resource_tree_free)

/* @name as in "proc/stat"; folders are made as needed.  @n_bytes −1: text that ends with a zero. */
void resource_tree_write (ResourceTree *self, const char *name, const char *text, gssize n_bytes);
void resource_tree_link (ResourceTree *self, const char *name, const char *target);
void resource_tree_remove (ResourceTree *self, const char *name);

TrkTextSpan text_span (const char *text);
