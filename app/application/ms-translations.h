/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where the program's translations are. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Chooses the person's language.  Call it first of all, before any string is translated. */
void ms_translations_init (void);

/* The folder in which LANGUAGE/LC_MESSAGES/memscope.mo are looked for. (transfer full) */
char *ms_translations_dup_folder (void);

G_END_DECLS
