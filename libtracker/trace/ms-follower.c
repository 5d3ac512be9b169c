/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A loader that is kept.  A step that fails half-way leaves it in no state to go on from: it begins anew. */
#include "ms-follower.h"

#include "ms-diagnostic.h"
#include "ms-trace-loader.h"

struct _MsFollower {
  GObject parent_instance;

  char *folder;
  MsTraceLoader loader;
  gboolean is_open;
};

G_DEFINE_FINAL_TYPE (MsFollower, ms_follower, G_TYPE_OBJECT)

static void
close_loader (MsFollower *self)
{
  if (self->is_open)
    ms_trace_loader_clear (&self->loader);
  self->is_open = FALSE;
}

static gboolean
open_loader (MsFollower *self, GError **error)
{
  self->loader = (MsTraceLoader) { .is_followed = TRUE,
                                   .flags = MS_LOAD_WITHOUT_CACHE,
                                   .dir_fd = -1,
                                   .said = ms_diagnostics_new () };
  ms_stack_table_init (&self->loader.stacks);
  self->is_open = TRUE;
  if (ms_trace_loader_open (&self->loader, self->folder, error))
    return TRUE;
  close_loader (self);
  return FALSE;
}

static void
ms_follower_finalize (GObject *object)
{
  MsFollower *self = MS_FOLLOWER (object);

  close_loader (self);
  g_free (self->folder);
  G_OBJECT_CLASS (ms_follower_parent_class)->finalize (object);
}

static void
ms_follower_class_init (MsFollowerClass *class)
{
  G_OBJECT_CLASS (class)->finalize = ms_follower_finalize;
}

static void
ms_follower_init (MsFollower *self)
{
  (void) self;
}

MsFollower *
ms_follower_new (const char *folder, GError **error)
{
  g_autoptr (MsFollower) self = g_object_new (MS_TYPE_FOLLOWER, NULL);

  g_return_val_if_fail (folder != NULL, NULL);
  self->folder = g_strdup (folder);
  return open_loader (self, error) ? g_steal_pointer (&self) : NULL;
}

MsTrace *
ms_follower_read (MsFollower *self,
                  GCancellable *cancellable,
                  MsProgressFunc progress,
                  gpointer user_data,
                  GError **error)
{
  g_autoptr (MsTrace) trace = NULL;
  MsTraceLoader *loader = &self->loader;
  gboolean done;

  g_return_val_if_fail (MS_IS_FOLLOWER (self), NULL);
  if (!self->is_open && !open_loader (self, error))
    return NULL;
  trace = loader->trace = ms_trace_new (self->folder);
  loader->cancellable = cancellable;
  loader->progress = progress;
  loader->user_data = user_data;
  done = ms_trace_loader_read (loader, error);
  loader->trace = NULL;
  if (done)
    return g_steal_pointer (&trace);
  close_loader (self);
  return NULL;
}
