/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Address space in the exports: totals by kind and the stacks that had most mapped.  It is no part of
 * the figures around it, and all its members say "mapped".
 */
#pragma once

#include "ms-export-view.h"
#include "ms-json-writer.h"

G_BEGIN_DECLS

/* A member "mappings"; null where mappings were not recorded.  Of frames the whole description. */
void ms_mappings_json_add (MsJsonWriter *writer, MsExportView *view);

/* The same for the page, which has little room: of frames a line of text, cut after @most_chars. */
void ms_mappings_json_add_short (MsJsonWriter *writer, MsExportView *view, guint most_chars);

/* A member "kinds", into the object that is open: the totals of each. */
void ms_mappings_json_add_kinds (MsJsonWriter *writer, MsTrace *trace);

G_END_DECLS
