/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   frames    MsFrame, strings in `text`; a frame with a function has address 0, so that two calls
 *             from one line are one frame
 *   labels    one string a frame
 *   known     frame → its index + 1, for interning
 *   indices   the stacks end to end;  starts[s] … starts[s + 1] is stack s
 */
#include "ms-stack-names.h"

struct _MsStackNames {
  GStringChunk *text;
  GArray *frames;
  GPtrArray *labels;
  GHashTable *known;
  GArray *indices;
  GArray *starts;
  GArray *truncated; /* guint8 a stack */
};

/* Strings were interned before, so pointers are equal exactly if the texts are. */
static guint
frame_hash (gconstpointer key)
{
  const MsFrame *frame = key;

  return g_direct_hash (frame->function) ^ (g_direct_hash (frame->file) * 31)
         ^ (g_direct_hash (frame->module) * 131) ^ (frame->line * 2654435761u)
         ^ g_int64_hash (&frame->address) ^ (guint) frame->inlined;
}

static gboolean
frame_equal (gconstpointer a, gconstpointer b)
{
  const MsFrame *x = a, *y = b;

  return x->function == y->function && x->file == y->file && x->module == y->module
         && x->line == y->line && x->address == y->address && x->inlined == y->inlined;
}

static const char *
intern (MsStackNames *self, const char *text)
{
  return text ? g_string_chunk_insert_const (self->text, text) : NULL;
}

static const char *
make_label (MsStackNames *self, const MsFrame *frame)
{
  g_autofree char *label = NULL;

  if (frame->function)
    return frame->function;
  if (frame->module)
    label = g_strdup_printf ("%s+0x%" G_GINT64_MODIFIER "x", frame->module, frame->address);
  else
    label = g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", frame->address);
  return intern (self, label);
}

static guint
intern_frame (MsStackNames *self, const MsFrame *frame)
{
  MsFrame own = *frame;
  gpointer known;

  own.function = intern (self, frame->function);
  own.file = intern (self, frame->file);
  own.module = intern (self, frame->module);
  own.inlined = frame->inlined != FALSE;
  if (own.function)
    own.address = 0;

  known = g_hash_table_lookup (self->known, &own);
  if (known)
    return GPOINTER_TO_UINT (known) - 1;
  g_array_append_val (self->frames, own);
  g_ptr_array_add (self->labels, (gpointer) make_label (self, &own));
  g_hash_table_insert (self->known, g_memdup2 (&own, sizeof own),
                       GUINT_TO_POINTER (self->frames->len));
  return self->frames->len - 1;
}

static void
add_stack (MsStackNames *self, MsTrace *trace, MsNameResolver *resolver, guint stack)
{
  g_autoptr (GArray) frames = ms_name_resolver_resolve_stack (resolver, trace, stack);
  gboolean is_truncated = FALSE;
  guint depth;
  guint8 truncated;

  ms_trace_get_stack_frames (trace, stack, &depth, &is_truncated);
  for (guint i = 0; i < frames->len; i++)
    {
      guint index = intern_frame (self, &g_array_index (frames, MsFrame, i));

      g_array_append_val (self->indices, index);
    }
  truncated = is_truncated != FALSE;
  g_array_append_val (self->truncated, truncated);
}

MsStackNames *
ms_stack_names_new (MsTrace *trace, MsNameResolver *resolver, GCancellable *cancellable)
{
  MsStackNames *self = g_new0 (MsStackNames, 1);
  guint n_stacks = ms_trace_get_n_stacks (trace);

  self->text = g_string_chunk_new (16 * 1024);
  self->frames = g_array_new (FALSE, FALSE, sizeof (MsFrame));
  self->labels = g_ptr_array_new ();
  self->known = g_hash_table_new_full (frame_hash, frame_equal, g_free, NULL);
  /* Not empty: a stack without frames still has a place in it. */
  self->indices = g_array_sized_new (FALSE, FALSE, sizeof (guint), 64);
  self->starts = g_array_sized_new (FALSE, FALSE, sizeof (guint), n_stacks + 1);
  self->truncated = g_array_sized_new (FALSE, TRUE, sizeof (guint8), n_stacks);

  for (guint s = 0; s < n_stacks; s++)
    {
      g_array_append_val (self->starts, self->indices->len);
      if (!g_cancellable_is_cancelled (cancellable))
        add_stack (self, trace, resolver, s);
    }
  g_array_append_val (self->starts, self->indices->len);
  g_array_set_size (self->truncated, n_stacks);
  return self;
}

void
ms_stack_names_free (MsStackNames *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->known);
  g_string_chunk_free (self->text);
  g_array_unref (self->frames);
  g_ptr_array_unref (self->labels);
  g_array_unref (self->indices);
  g_array_unref (self->starts);
  g_array_unref (self->truncated);
  g_free (self);
}

guint
ms_stack_names_get_n_frames (MsStackNames *self)
{
  return self->frames->len;
}

const MsFrame *
ms_stack_names_get_frame (MsStackNames *self, guint frame)
{
  return &g_array_index (self->frames, MsFrame, frame);
}

const char *
ms_stack_names_get_label (MsStackNames *self, guint frame)
{
  return g_ptr_array_index (self->labels, frame);
}

const guint *
ms_stack_names_get_stack (MsStackNames *self, guint stack, guint *depth, gboolean *truncated)
{
  guint start = g_array_index (self->starts, guint, stack);

  *depth = g_array_index (self->starts, guint, stack + 1) - start;
  if (truncated)
    *truncated = g_array_index (self->truncated, guint8, stack);
  return &g_array_index (self->indices, guint, start);
}
