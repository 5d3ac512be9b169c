/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-speedscope.h"

#include "ms-function-totals.h"
#include "ms-json-writer.h"

static const struct {
  MsFigureKind figure;
  const char *name, *unit;
} profiles[] = {
  { MS_FIGURE_BYTES_AT_PROCESS_PEAK, "Live at the peak", "bytes" },
  { MS_FIGURE_ALLOCATED_BYTES, "Allocated", "bytes" },
  { MS_FIGURE_ALLOCATIONS, "Allocations", "none" },
  { MS_FIGURE_LIVE_BYTES, "Live at the end", "bytes" },
  { MS_FIGURE_TEMPORARY_ALLOCATIONS, "Temporary allocations", "none" },
};

typedef struct {
  MsJsonWriter *writer;
  MsFrameNames *names;
  GArray *order; /* of guint: stacks, by path */
} Writer;

/* The @i-th function of @frames, counted from the outermost. */
static guint
function_at (MsFrameNames *names, const guint *frames, guint depth, guint i)
{
  return ms_frame_names_get_function_of (names, frames[depth - 1 - i]);
}

static int
compare_paths (gconstpointer a, gconstpointer b, gpointer data)
{
  guint x_depth, y_depth;
  const guint *x = ms_frame_names_get_stack (data, *(const guint *) a, &x_depth, NULL);
  const guint *y = ms_frame_names_get_stack (data, *(const guint *) b, &y_depth, NULL);

  for (guint i = 0; i < MIN (x_depth, y_depth); i++)
    {
      guint xf = function_at (data, x, x_depth, i), yf = function_at (data, y, y_depth, i);

      if (xf != yf)
        return xf < yf ? -1 : 1;
    }
  if (x_depth != y_depth)
    return x_depth < y_depth ? -1 : 1;
  return *(const guint *) a < *(const guint *) b ? -1 : 1;
}

static GArray *
order_new (MsFrameNames *names)
{
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint stack = 0; stack < ms_frame_names_get_n_stacks (names); stack++)
    g_array_append_val (order, stack);
  g_array_sort_with_data (order, compare_paths, names);
  return order;
}

static void
write_functions (Writer *self)
{
  ms_json_writer_key (self->writer, "shared");
  ms_json_writer_begin_object (self->writer);
  ms_json_writer_key (self->writer, "frames");
  ms_json_writer_begin_array (self->writer);
  for (guint i = 0; i < ms_frame_names_get_n_functions (self->names); i++)
    {
      const MsFunction *function = ms_frame_names_get_function (self->names, i);

      ms_json_writer_begin_object (self->writer);
      ms_json_writer_add_string (self->writer, "name", function->label);
      if (function->module != NULL)
        ms_json_writer_add_string (self->writer, "file", function->module);
      ms_json_writer_end_object (self->writer);
    }
  ms_json_writer_end_array (self->writer);
  ms_json_writer_end_object (self->writer);
}

static void
write_sample (Writer *self, guint stack)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (self->names, stack, &depth, NULL);

  ms_json_writer_begin_array (self->writer);
  for (guint i = 0; i < depth; i++)
    ms_json_writer_uint (self->writer, function_at (self->names, frames, depth, i));
  ms_json_writer_end_array (self->writer);
}

static void
write_profile (Writer *self, const char *name, const char *unit, const guint64 *values)
{
  const guint *order = (const guint *) (gpointer) self->order->data;
  guint64 sum = 0;

  ms_json_writer_begin_object (self->writer);
  ms_json_writer_add_string (self->writer, "type", "sampled");
  ms_json_writer_add_string (self->writer, "name", name);
  ms_json_writer_add_string (self->writer, "unit", unit);
  ms_json_writer_key (self->writer, "samples");
  ms_json_writer_begin_array (self->writer);
  for (guint i = 0; i < self->order->len; i++)
    if (values[order[i]] > 0)
      write_sample (self, order[i]);
  ms_json_writer_end_array (self->writer);
  ms_json_writer_key (self->writer, "weights");
  ms_json_writer_begin_array (self->writer);
  for (guint i = 0; i < self->order->len; i++)
    if (values[order[i]] > 0)
      {
        ms_json_writer_uint (self->writer, values[order[i]]);
        sum += values[order[i]];
      }
  ms_json_writer_end_array (self->writer);
  ms_json_writer_add_uint (self->writer, "startValue", 0);
  ms_json_writer_add_uint (self->writer, "endValue", sum);
  ms_json_writer_end_object (self->writer);
}

static void
write_thread (Writer *self, MsExportView *view, const MsExportThread *entry)
{
  g_autofree guint64 *values = g_new0 (guint64, MAX (1, ms_frame_names_get_n_stacks (view->names)));
  g_autofree char *name = NULL;
  guint n;
  const MsThreadStack *stacks =
      ms_view_get_thread_stacks (view->view, entry->thread, view->domain, &n);

  for (guint i = 0; i < n; i++)
    values[stacks[i].stack] = stacks[i].allocated_bytes;
  name = g_strdup_printf ("Allocated by %s (thread %u)", ms_thread_get_name (entry->thread),
                          entry->id);
  write_profile (self, name, "bytes", values);
}

/* Allocated bytes in the part that is exported. */
static guint64
thread_bytes (MsExportView *view, const MsExportThread *entry)
{
  return ms_view_get_thread_totals (view->view, entry->index, view->domain)->allocated_bytes;
}

static int
compare_threads (gconstpointer a, gconstpointer b, gpointer data)
{
  const MsExportThread *x = *(const MsExportThread *const *) a;
  const MsExportThread *y = *(const MsExportThread *const *) b;
  guint64 xb = thread_bytes (data, x), yb = thread_bytes (data, y);

  if (xb != yb)
    return xb > yb ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

static void
write_threads (Writer *self, MsExportView *view, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) threads = g_ptr_array_new ();

  for (guint i = 0; i < view->threads->len; i++)
    {
      MsExportThread *entry = &g_array_index (view->threads, MsExportThread, i);

      if (thread_bytes (view, entry) > 0)
        g_ptr_array_add (threads, entry);
    }
  g_ptr_array_sort_with_data (threads, compare_threads, view);
  for (guint i = 0; i < MIN (threads->len, MS_SPEEDSCOPE_THREADS); i++)
    if (!g_cancellable_is_cancelled (cancellable))
      write_thread (self, view, g_ptr_array_index (threads, i));
}

static gboolean
write_figures (Writer *self, MsExportView *view, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (profiles); i++)
    {
      g_autofree guint64 *values =
          ms_stack_values_new (view->view, view->domain, profiles[i].figure, cancellable, error);

      if (values == NULL)
        return FALSE;
      write_profile (self, profiles[i].name, profiles[i].unit, values);
    }
  return TRUE;
}

gboolean
ms_speedscope_write (GOutputStream *stream,
                     MsExportView *view,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (MsJsonWriter) writer = ms_json_writer_new (stream, MS_JSON_COMPACT);
  g_autoptr (GArray) order = order_new (view->names);
  Writer self = { writer, view->names, order };

  ms_json_writer_begin_object (writer);
  ms_json_writer_add_string (writer, "$schema",
                             "https://www.speedscope.app/file-format-schema.json");
  ms_json_writer_add_string (writer, "exporter", "memscope " MEMSCOPE_VERSION);
  ms_json_writer_add_string (writer, "name", view->program);
  ms_json_writer_add_uint (writer, "activeProfileIndex", 0);
  write_functions (&self);
  ms_json_writer_key (writer, "profiles");
  ms_json_writer_begin_array (writer);
  if (!write_figures (&self, view, cancellable, error))
    return FALSE;
  write_threads (&self, view, cancellable);
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
  return ms_json_writer_close (g_steal_pointer (&writer), cancellable, error);
}
