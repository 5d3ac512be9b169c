/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Why a figure was not sampled, in words: a clause without full stop, static. */
#pragma once

#include "ms-resource-samples.h"

G_BEGIN_DECLS

#define MS_NO_SAMPLES "the recording has no resource samples"

/* Of a number that the file gives (docs/FORMAT.md, "Resources"). */
const char *ms_resource_reason_explain (guint reason);

/* Of @field of the source. */
const char *ms_resource_reason_of_field (MsResources *resources, guint source, guint field);

/* Of a field of a @kind of which there is no source with samples.  @resources NULL: there are no samples. */
const char *ms_resource_reason_of_kind (MsResources *resources, guint kind, guint field);

G_END_DECLS
