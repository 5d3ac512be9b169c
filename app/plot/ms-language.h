/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the analysis says (ms-sentence.h), in the user's language and with figures as everywhere on screen. */
#pragma once

#include <glib.h>

#include "ms-sentence.h"

G_BEGIN_DECLS

/* Of any thread. */
const MsLanguage *ms_language_get (void);

/* @text, static, that the analysis marked with @context. */
const char *ms_language_word (const char *context, const char *text);

/* Why a figure is not there: a clause that begins with a small letter and has no full stop.  NULL: NULL. */
const char *ms_language_reason (const char *reason);

/* What stands between the items of a list, with its space: ", ". */
const char *ms_language_get_comma (void);

G_END_DECLS
