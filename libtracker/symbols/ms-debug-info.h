/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What DWARF knows about an address: the function, those inlined into it, and lines.
 *
 * Three sorted tables make a lookup logarithmic where libdw's own walk the whole unit, and make
 * units without .debug_aranges (clang, Rust) as good as others: address ranges of the units, built
 * at the start; functions and name scopes of one unit, built when the first address falls into it.
 */
#pragma once

#include <elfutils/libdwfl.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct _MsDebugInfo MsDebugInfo;

typedef struct {
  const char *linkage_name; /* mangled, or an alias ("__GI_puts"); NULL: there is none */
  char *name;            /* as written; without a linkage name, with scopes: "a::B::f"; or NULL */
  const char *file;      /* NULL: unknown */
  const char *directory; /* what a relative file is relative to, or NULL */
  guint line;            /* 0: unknown */
  gboolean inlined;      /* into the next one */
} MsDebugFrame;

/* NULL if there is no DWARF for @module. */
MsDebugInfo *ms_debug_info_new (Dwfl_Module *module);
void ms_debug_info_free (MsDebugInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsDebugInfo, ms_debug_info_free)

/* Appends to @frames (of MsDebugFrame) those at @address, innermost first; none if no unit covers
 * it.  The outermost may have neither name: a unit that was assembled by hand has lines and no
 * functions. */
void ms_debug_info_resolve (MsDebugInfo *self, guint64 address, GArray *frames);

/* Units met so far whose functions are in a .dwo file (gcc -gsplit-dwarf) that is not here. */
guint ms_debug_info_get_missing_units (MsDebugInfo *self);

/* How much of .debug_info was walked so far: what libdw and the tables keep in memory is about in
 * proportion to it. */
guint64 ms_debug_info_get_read_bytes (MsDebugInfo *self);

/* For g_array_set_clear_func(). */
void ms_debug_frame_clear (gpointer frame);

G_END_DECLS
