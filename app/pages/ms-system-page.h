/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The process and the machine it ran in, over the focus:
 *
 *   Processor  Memory  I/O  GPU  Health  Threads
 *   ┌ what holds it up ──────────┬ where the memory is ─┐
 *   │ out of the ordinary        │ what was sampled     │   below one another where it is narrow
 *   │ efficiency                 │ notes                │
 *   └────────────────────────────┴──────────────────────┘
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"

G_BEGIN_DECLS

#define MS_TYPE_SYSTEM_PAGE (ms_system_page_get_type ())
G_DECLARE_FINAL_TYPE (MsSystemPage, ms_system_page, MS, SYSTEM_PAGE, AdwBin)

GtkWidget *ms_system_page_new (void);
/* @lens NULL: nothing. */
void ms_system_page_set_lens (MsSystemPage *self, MsLens *lens);
/* Whether figures are still being looked for. */
gboolean ms_system_page_is_busy (MsSystemPage *self);

G_END_DECLS
