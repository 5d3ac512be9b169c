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

/* An address of a module, see ms_name_resolver_resolve(). */
typedef struct {
  const MsModule *module;
  guint64 address;
  gboolean is_exact;
} MsNameQuery;

/* What paths of modules begin with in a trace that was redacted. */
#define MS_REDACTED_MODULE "module-"

struct _MsNameResolverInterface {
  GTypeInterface parent;

  /* Appends the frames at @address of @module, innermost (inlined) first, at least one.  @address is a
   * return address, or the exact one when @is_exact.  The strings live as long as the resolver. */
  void (*resolve) (MsNameResolver *self,
                   const MsModule *module,
                   guint64 address,
                   gboolean is_exact,
                   GArray *frames /* of MsFrame */);

  /* As resolve(), if the answer is known; else FALSE and nothing is appended.  Never waits for a file.
   * NULL: resolve() itself is as quick. */
  gboolean (*lookup) (MsNameResolver *self,
                      const MsModule *module,
                      guint64 address,
                      gboolean is_exact,
                      GArray *frames);

  /* Makes the answers to @queries known, in any order and with as many threads as are of use.  NULL:
   * there is nothing to prepare. */
  void (*prepare) (MsNameResolver *self,
                   const MsNameQuery *queries,
                   guint n_queries,
                   GCancellable *cancellable);
};

/* The same.  @self or @module NULL: one frame with the address alone, and its module. */
MS_API void ms_name_resolver_resolve (MsNameResolver *self,
                                      const MsModule *module,
                                      guint64 address,
                                      gboolean is_exact,
                                      GArray *frames);

/* The whole of @stack, innermost first, inlined frames expanded.  @self NULL: addresses only, with
 * their modules. (transfer full) (element-type MsFrame) */
MS_API GArray *ms_name_resolver_resolve_stack (MsNameResolver *self, MsTrace *trace, guint stack);

/* Makes the answers to @queries known: the quicker way to resolve many addresses, as each object is read
 * once, in order, and several at a time. */
MS_API void ms_name_resolver_prepare (MsNameResolver *self,
                                      const MsNameQuery *queries,
                                      guint n_queries,
                                      GCancellable *cancellable);

/* --- without waiting: addresses first, names when they are there
 *
 * A page shows what ms_name_resolver_lookup_stack() gives, starts ms_name_resolver_prepare_stacks_async()
 * for the stacks that it shows, and looks up again when that calls back. */

/* As resolve_stack(), but frames whose names are not known yet are addresses with their modules, and then
 * @is_complete is FALSE.  Never waits for a file. */
MS_API GArray *ms_name_resolver_lookup_stack (MsNameResolver *self,
                                              MsTrace *trace,
                                              guint stack,
                                              gboolean *is_complete);

/* As ms_name_resolver_prepare(), for the frames of @stacks whose names the trace does not bring along.
 * FALSE: cancelled. */
MS_API gboolean ms_name_resolver_prepare_stacks (MsNameResolver *self,
                                                 MsTrace *trace,
                                                 const guint *stacks,
                                                 guint n_stacks,
                                                 GCancellable *cancellable,
                                                 GError **error);

/* The same on threads of its own; holds @self and @trace until it calls back.  Which addresses are
 * asked for is read from @trace now. */
MS_API void ms_name_resolver_prepare_stacks_async (MsNameResolver *self,
                                                   MsTrace *trace,
                                                   const guint *stacks,
                                                   guint n_stacks,
                                                   GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
MS_API gboolean ms_name_resolver_prepare_stacks_finish (MsNameResolver *self,
                                                        GAsyncResult *result,
                                                        GError **error);

G_END_DECLS
