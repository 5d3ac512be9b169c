/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Unicode in the clothes of ASCII (RFC 3492), as Rust's mangling uses it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @ascii: the basic characters.  @punycode: where the others go and which.  NULL if it cannot be.
 * (transfer full) (element-type gunichar) */
GArray *ms_punycode_decode (const char *ascii,
                            gsize n_ascii,
                            const char *punycode,
                            gsize n_punycode);

G_END_DECLS
