/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How the analysis learns names without knowing where they come from: symbols/ implements this
 * interface with libdw, tests implement it with a table.
 */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

#define MS_TYPE_NAME_RESOLVER (ms_name_resolver_get_type ())
MS_API
G_DECLARE_INTERFACE (MsNameResolver, ms_name_resolver, MS, NAME_RESOLVER, GObject)

struct _MsNameResolverInterface {
  GTypeInterface parent;

  /* Appends the frames at @address of @module, innermost (inlined) first, at least one.  @address is a
   * return address, or the exact one when @is_exact.  The strings live as long as the resolver. */
  void (*resolve) (MsNameResolver *self,
                   const MsModule *module,
                   guint64 address,
                   gboolean is_exact,
                   GArray *frames /* of MsFrame */);
};

MS_API void ms_name_resolver_resolve (MsNameResolver *self,
                                      const MsModule *module,
                                      guint64 address,
                                      gboolean is_exact,
                                      GArray *frames);

/* The whole of @stack, innermost first, inlined frames expanded.  @self NULL: addresses only, with
 * their modules. (transfer full) (element-type MsFrame) */
MS_API GArray *ms_name_resolver_resolve_stack (MsNameResolver *self, MsTrace *trace, guint stack);

G_END_DECLS
