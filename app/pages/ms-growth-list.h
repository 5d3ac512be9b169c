/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * "What grew?": the call stacks whose live bytes rose most in the range that is focused.  A row focuses
 * its stack.  Computed on a worker when it is shown, from the lens's view.
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"

G_BEGIN_DECLS

#define MS_TYPE_GROWTH_LIST (ms_growth_list_get_type ())
G_DECLARE_FINAL_TYPE (MsGrowthList, ms_growth_list, MS, GROWTH_LIST, AdwBin)

/* NULL: nothing.  Computes when @lens has the view of its range, and again when that is another. */
void ms_growth_list_set_lens (MsGrowthList *self, MsLens *lens);
/* How many stacks are listed; for tests. */
guint ms_growth_list_get_n_rows (MsGrowthList *self);

G_END_DECLS
