/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The names of all call stacks of a trace, found on a worker: for MsLens alone. */
#pragma once

#include <gio/gio.h>
#include "ms-frame-names.h"
#include "ms-name-resolver.h"

G_BEGIN_DECLS

/* @resolver NULL: addresses, which are there soon. */
void ms_lens_names_find_async (MsTrace *trace,
                               MsNameResolver *resolver,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/* *@trace, borrowed from the result, and *@has_names: as they were asked for, whatever comes of it.
 * (transfer full) (nullable) */
MsFrameNames *ms_lens_names_find_finish (GAsyncResult *result,
                                         MsTrace **trace,
                                         gboolean *has_names,
                                         GError **error);

G_END_DECLS
