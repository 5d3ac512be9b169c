/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The rows of buttons of the page Memory, of which one in each group is pressed: which picture, by what, and
 * which list. */
#pragma once

#include <gtk/gtk.h>
#include "ms-memory-table.h"

G_BEGIN_DECLS

typedef enum {
  MS_MEMORY_SHAPE_FLAME,
  MS_MEMORY_SHAPE_ICICLE,
  MS_MEMORY_SHAPE_CALLERS, /* an icicle of who allocates, and who calls that */
  MS_N_MEMORY_SHAPES
} MsMemoryShape;

/* What the actions memory.shape and memory.list take; unknown words are the first. */
const char *ms_memory_shape_to_string (MsMemoryShape shape);
MsMemoryShape ms_memory_shape_from_string (const char *text);
const char *ms_memory_list_to_string (MsMemoryList list);
MsMemoryList ms_memory_list_from_string (const char *text);

/* Fills an empty box, which wraps from then on. */
void ms_memory_choices_fill (GtkWidget *box);
void ms_memory_choices_fill_lists (GtkWidget *box);

G_END_DECLS
