/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Calls and copies that could be saved, by call stack: blocks that are freed at once, and blocks that
 * realloc makes larger again and again.
 */
#pragma once

#include "ms-view.h"

G_BEGIN_DECLS

typedef struct {
  guint stack;
  guint64 temporary, allocations;
  double temporary_standard_error, allocations_standard_error; /* 0 unless sampled */
  double percent;                                              /* of the stack's allocations */
} MsTemporarySite;

/* Most temporary allocations first, at most @most (0: all); stacks without any are left out.
 * (transfer full) (element-type MsTemporarySite) */
MS_API GArray *ms_temporary_sites_new (MsView *view, MsDomain domain, guint most);

/* A chain is one block through two or more growths, see MsGrowthChains. */
typedef struct {
  guint stack;
  guint64 chains, growths, longest_chain;
  guint64 copied_bytes;   /* at most */
  double growths_a_chain; /* mean */
  double first_bytes;     /* mean size before the first growth… */
  double final_bytes;     /* …and after the last: what to ask for at once */
} MsGrowthSite;

/* Most bytes copied first, at most @most (0: all). (transfer full) (element-type MsGrowthSite) */
MS_API GArray *ms_growth_sites_new (MsView *view, MsDomain domain, guint most);

G_END_DECLS
