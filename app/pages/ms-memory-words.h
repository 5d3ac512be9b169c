/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the page Memory says in sentences. */
#pragma once

#include <gtk/gtk.h>
#include "ms-memory-figures.h"
#include "ms-memory-row.h"

G_BEGIN_DECLS

/* How much was never freed, and what of it is not accused because it is too young or the C library's own.  @ends_early: the process
 * went on after what was recorded, and all this is in use; or it @was_killed then. (transfer full) */
char *ms_memory_leak_note_new (const MsLeakReport *leaks, gboolean ends_early, gboolean was_killed);

/* Of a ring: not known by this measure.  @trace NULL: there is none. */
gboolean ms_memory_is_hidden (MsTrace *trace, MsMemoryMeasure measure);
/* There is nothing by this measure: the heading of the empty page. (transfer none) */
const char *ms_memory_empty_title (MsMemoryMeasure measure, gboolean ends_early);
/* The heading of its figures. */
const char *ms_memory_value_title (MsMemoryMeasure measure, gboolean ends_early);

/* The function in strong letters if @is_strong, who called it not. */
void ms_memory_show_name (GtkLabel *label, MsMemoryRow *row, gboolean is_strong);

G_END_DECLS
