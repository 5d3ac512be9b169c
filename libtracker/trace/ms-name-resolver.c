/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-name-resolver.h"

#include <string.h>

#include "ms-file-names.h"

G_DEFINE_INTERFACE (MsNameResolver, ms_name_resolver, G_TYPE_OBJECT)

static void
ms_name_resolver_default_init (MsNameResolverInterface *iface)
{
}

static void
append_address (GArray *frames, const MsModule *module, guint64 address)
{
  const char *slash = module != NULL ? strrchr (module->path, '/') : NULL;
  MsFrame frame = { .address = address,
                    .module = slash != NULL    ? slash + 1
                              : module != NULL ? module->path
                                               : NULL };

  g_array_append_val (frames, frame);
}

/* Frames from @first on are said to be in what the program was started as, not in the file that is. */
static void
give_title (GArray *frames, guint first, const MsModule *module)
{
  const char *slash, *name;

  if (module == NULL || module->title == NULL)
    return;
  slash = strrchr (module->path, '/');
  name = slash != NULL ? slash + 1 : module->path;
  for (guint i = first; i < frames->len; i++)
    {
      MsFrame *frame = &g_array_index (frames, MsFrame, i);

      if (frame->module != NULL && strcmp (frame->module, name) == 0)
        frame->module = module->title;
    }
}

/* What the trace itself says comes first.  FALSE: nothing. */
static gboolean
resolve_from_trace (const MsModule *module, guint64 address, GArray *frames)
{
  return module != NULL && module->names != NULL
         && ms_file_names_resolve (module->names, address + module->bias, frames);
}

void
ms_name_resolver_resolve (MsNameResolver *self,
                          const MsModule *module,
                          guint64 address,
                          gboolean is_exact,
                          GArray *frames)
{
  guint first = frames->len;

  g_return_if_fail (self == NULL || MS_IS_NAME_RESOLVER (self));
  if (resolve_from_trace (module, address, frames))
    return;
  if (self != NULL && module != NULL)
    MS_NAME_RESOLVER_GET_IFACE (self)->resolve (self, module, address, is_exact, frames);
  else
    append_address (frames, module, address);
  give_title (frames, first, module);
}

/* --- whole stacks ---------------------------------------------------------------------------- */

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

      ms_name_resolver_resolve (self, module, address, FALSE, frames);
    }
  return frames;
}

GArray *
ms_name_resolver_lookup_stack (MsNameResolver *self,
                               MsTrace *trace,
                               guint stack,
                               gboolean *is_complete)
{
  MsNameResolverInterface *iface = MS_NAME_RESOLVER_GET_IFACE (self);
  GArray *frames = g_array_new (FALSE, TRUE, sizeof (MsFrame));
  guint depth = 0;

  *is_complete = TRUE;
  ms_trace_get_stack_frames (trace, stack, &depth, NULL);
  for (guint i = 0; i < depth; i++)
    {
      guint64 address = 0;
      guint first = frames->len;
      const MsModule *module = ms_trace_find_module (trace, stack, i, &address);

      if (resolve_from_trace (module, address, frames))
        continue;
      if (module == NULL)
        append_address (frames, NULL, address);
      else if (iface->lookup == NULL)
        iface->resolve (self, module, address, FALSE, frames);
      else if (!iface->lookup (self, module, address, FALSE, frames))
        {
          append_address (frames, module, address);
          *is_complete = FALSE;
        }
      give_title (frames, first, module);
    }
  return frames;
}

/* --- many stacks ----------------------------------------------------------------------------- */

/* (transfer full) (element-type MsNameQuery) */
static GArray *
collect_queries (MsTrace *trace, const guint *stacks, guint n_stacks)
{
  GArray *queries = g_array_new (FALSE, FALSE, sizeof (MsNameQuery));

  for (guint s = 0; s < n_stacks; s++)
    {
      guint depth = 0;

      ms_trace_get_stack_frames (trace, stacks[s], &depth, NULL);
      for (guint i = 0; i < depth; i++)
        {
          MsNameQuery query = { 0 };

          query.module = ms_trace_find_module (trace, stacks[s], i, &query.address);
          if (query.module != NULL
              && !ms_module_has_names_at (query.module, query.address + query.module->bias))
            g_array_append_val (queries, query);
        }
    }
  return queries;
}

void
ms_name_resolver_prepare (MsNameResolver *self,
                          const MsNameQuery *queries,
                          guint n_queries,
                          GCancellable *cancellable)
{
  MsNameResolverInterface *iface;

  g_return_if_fail (MS_IS_NAME_RESOLVER (self));
  iface = MS_NAME_RESOLVER_GET_IFACE (self);
  if (iface->prepare != NULL && n_queries > 0)
    iface->prepare (self, queries, n_queries, cancellable);
}

static void
prepare_array (MsNameResolver *self, const GArray *queries, GCancellable *cancellable)
{
  ms_name_resolver_prepare (self, (const MsNameQuery *) (gconstpointer) queries->data, queries->len,
                            cancellable);
}

gboolean
ms_name_resolver_prepare_stacks (MsNameResolver *self,
                                 MsTrace *trace,
                                 const guint *stacks,
                                 guint n_stacks,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr (GArray) queries = collect_queries (trace, stacks, n_stacks);

  prepare_array (self, queries, cancellable);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

typedef struct {
  MsTrace *trace; /* the modules are its own */
  GArray *queries;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->trace);
  g_array_unref (job->queries);
  g_free (job);
}

static void
prepare_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Job *job = task_data;

  prepare_array (source, job->queries, cancellable);
  g_task_return_boolean (task, TRUE);
}

void
ms_name_resolver_prepare_stacks_async (MsNameResolver *self,
                                       MsTrace *trace,
                                       const guint *stacks,
                                       guint n_stacks,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  g_task_set_source_tag (task, ms_name_resolver_prepare_stacks_async);
  job->trace = g_object_ref (trace);
  job->queries = collect_queries (trace, stacks, n_stacks);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, prepare_thread);
}

gboolean
ms_name_resolver_prepare_stacks_finish (MsNameResolver *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
