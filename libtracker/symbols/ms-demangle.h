/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From linker names to the names that people wrote: C++ (Itanium ABI), Rust v0 and Rust's older
 * scheme, told apart by their prefix.  Called by the symbolizer for every name that it shows.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Any input.  Returns NULL if @symbol is not mangled, or mangled in a way that is not understood:
 * show it as it is. (transfer full) */
char *ms_demangle (const char *symbol);

/* The Rust half, also alone. (transfer full) */
char *ms_demangle_rust_legacy (const char *symbol); /* "_ZN…17h<16 hex digits>E" */
char *ms_demangle_rust_v0 (const char *symbol);     /* "_R…" */

G_END_DECLS
