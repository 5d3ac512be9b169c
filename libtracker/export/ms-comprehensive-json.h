/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* <prefix>_comprehensive.json: everything that was measured.  Its schema is data/schema/comprehensive.schema.json. */
#pragma once

#include "ms-export-view.h"
#include "ms-json-writer.h"

G_BEGIN_DECLS

/* Stops early, leaving the document incomplete, once @cancellable is. */
void ms_comprehensive_write (MsJsonWriter *writer, MsExportView *view, GCancellable *cancellable);

G_END_DECLS
