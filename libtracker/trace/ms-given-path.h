/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a person, or a file manager, gives for a recording. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The folder of a manifest, which stands for it: files are what file managers know by their type.  All else as it
 * was given. (transfer full) */
char *ms_given_path_dup_folder (const char *path);

G_END_DECLS
