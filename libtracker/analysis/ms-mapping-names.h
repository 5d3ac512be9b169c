/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What kinds of mappings are called, by people and in JSON. */
#pragma once

#include "ms-types.h"

G_BEGIN_DECLS

/* "thread stacks" */
MS_API const char *ms_mapping_kind_get_name (MsMappingKind kind);
/* "thread_stack" */
MS_API const char *ms_mapping_kind_to_key (MsMappingKind kind);

/* @kinds: bit 1 << kind for each: "anonymous, file". (transfer full) */
MS_API char *ms_mapping_kinds_to_string (guint kinds);

G_END_DECLS
