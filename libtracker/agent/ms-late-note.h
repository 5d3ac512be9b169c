/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program that is not followed leaves a folder with a manifest that says so (docs/FORMAT.md).  Who
 * started it in a sandbox, without a way to the recording, left its path and the reason in its own pool
 * instead; the closer of that pool makes the folder.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "trk-format.h"

G_BEGIN_DECLS

/* Makes the folder that @pool, of the closed trace folder @folder with @manifest, asks for.  Returns its
 * manifest, with its path in @note_folder; NULL: nothing is asked for, or it could not be made.
 * (transfer full) */
JsonObject *ms_late_note_write (const char *folder,
                                const TrkPoolHeader *pool,
                                JsonObject *manifest,
                                char **note_folder);

G_END_DECLS
