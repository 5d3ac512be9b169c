/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The data block of the dashboard, which data/dashboard/model.js reads.
 */
#pragma once

#include "ms-export-view.h"
#include "ms-json-writer.h"

G_BEGIN_DECLS

/* How much of a large trace goes in.  What is left out is summed, and the page says so. */
typedef struct {
  guint threads; /* rows */
  guint stacks;  /* rows */
  guint depth;   /* frames of a row */
  guint flame_nodes;
  guint sampled;    /* threads with what was sampled of them over time */
  guint name_chars; /* of one name; a longer one ends in its length */
} MsDashboardLimits;

/* Sentences in @language, fixed texts in English: the page looks those up. */
void ms_dashboard_data_write (MsJsonWriter *writer,
                              MsExportView *view,
                              const MsDashboardLimits *limits,
                              const MsLanguage *language);

G_END_DECLS
