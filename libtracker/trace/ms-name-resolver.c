/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-name-resolver.h"

#include <string.h>

G_DEFINE_INTERFACE (MsNameResolver, ms_name_resolver, G_TYPE_OBJECT)

static void
ms_name_resolver_default_init (MsNameResolverInterface *iface)
{
}

void
ms_name_resolver_resolve (MsNameResolver *self,
                          const MsModule *module,
                          guint64 address,
                          gboolean is_exact,
                          GArray *frames)
{
  g_return_if_fail (MS_IS_NAME_RESOLVER (self));
  MS_NAME_RESOLVER_GET_IFACE (self)->resolve (self, module, address, is_exact, frames);
}

GArray *
ms_name_resolver_resolve_stack (MsNameResolver *self, MsTrace *trace, guint stack)
{
  GArray *frames = g_array_new (FALSE, TRUE, sizeof (MsFrame));
  guint depth = 0;

  ms_trace_get_stack_frames (trace, stack, &depth, NULL);
  for (guint i = 0; i < depth; i++)
    {
      guint64 address = 0;
      const MsModule *module = ms_trace_find_module (trace, stack, i, &address);

      if (self != NULL && module != NULL)
        {
          ms_name_resolver_resolve (self, module, address, FALSE, frames);
        }
      else
        {
          const char *slash = module ? strrchr (module->path, '/') : NULL;
          MsFrame frame = { .address = address,
                            .module = slash    ? slash + 1
                                      : module ? module->path
                                               : NULL };

          g_array_append_val (frames, frame);
        }
    }
  return frames;
}
