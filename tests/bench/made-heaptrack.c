/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "made-heaptrack.h"

#include <stdio.h>
#include <string.h>

#define BUFFER_BYTES (1 << 20)
#define LONGEST_LINE_BYTES 256
#define FUNCTION_BYTES 256 /* as in made-stacks.c */
#define TIME_STEP_NS 10000000

struct _MadeHeaptrack {
  const MadeProgram *program;
  FILE *pipe;
  char *buffer;
  gsize n_buffer;
  GHashTable *functions, *addresses, *frames; /* → number */
  GHashTable *allocations;                    /* kind of allocation → number + 1 */
  guint32 n_strings, n_addresses, n_frames, n_allocations;
  guint32 *traces;      /* by stack: number, 0: not yet */
  guint32 *block_kinds; /* by slot */
  guint32 n_block_kinds;
  guint64 next_time_ns;
};

/* --- lines --------------------------------------------------------------------------------------- */

static void
flush (MadeHeaptrack *self)
{
  if (fwrite (self->buffer, 1, self->n_buffer, self->pipe) != self->n_buffer)
    g_error ("Cannot write to zstd: %s", g_strerror (errno));
  self->n_buffer = 0;
}

static void
put_text (MadeHeaptrack *self, const char *text, gsize n)
{
  memcpy (self->buffer + self->n_buffer, text, n);
  self->n_buffer += n;
}

static void
put_number (MadeHeaptrack *self, guint64 number)
{
  guint n_digits = (67 - (guint) __builtin_clzll (number | 1)) / 4;

  self->buffer[self->n_buffer++] = ' ';
  for (guint i = n_digits; i > 0; i--)
    self->buffer[self->n_buffer++] = "0123456789abcdef"[number >> 4 * (i - 1) & 15];
}

static void
begin_line (MadeHeaptrack *self, char letter)
{
  if (self->n_buffer + LONGEST_LINE_BYTES > BUFFER_BYTES)
    flush (self);
  self->buffer[self->n_buffer++] = letter;
}

static void
end_line (MadeHeaptrack *self)
{
  self->buffer[self->n_buffer++] = '\n';
}

static guint32
put_string (MadeHeaptrack *self, const char *text)
{
  gsize n = strlen (text);

  begin_line (self, 's');
  put_number (self, n);
  put_text (self, " ", 1);
  put_text (self, text, n);
  end_line (self);
  return ++self->n_strings;
}

MadeHeaptrack *
made_heaptrack_new (const char *path, const MadeProgram *program)
{
  static const char head[] = "v 10400 3\nX made-up\nI 1000 5e298d\n";
  MadeHeaptrack *self = g_new0 (MadeHeaptrack, 1);
  g_autofree char *quoted = g_shell_quote (path);
  g_autofree char *command = g_strdup_printf ("zstd -q -f -o %s", quoted);
  guint n_modules;
  const MadeModule *modules = made_stacks_get_modules (&n_modules);

  self->program = program;
  self->pipe = popen (command, "w");
  if (self->pipe == NULL)
    g_error ("Cannot run zstd: %s", g_strerror (errno));
  self->buffer = g_malloc (BUFFER_BYTES);
  self->functions = g_hash_table_new (g_direct_hash, g_direct_equal);
  self->addresses = g_hash_table_new (g_direct_hash, g_direct_equal);
  self->frames = g_hash_table_new (g_direct_hash, g_direct_equal);
  self->allocations = g_hash_table_new (g_direct_hash, g_direct_equal);
  self->traces = g_new0 (guint32, made_program_get_stacks (program)->n);
  put_text (self, head, strlen (head));
  for (guint i = 0; i < n_modules; i++)
    put_string (self, modules[i].path); /* numbers 1 to n_modules */
  return self;
}

void
made_heaptrack_free (MadeHeaptrack *self)
{
  if (self->pipe != NULL)
    pclose (self->pipe);
  g_hash_table_unref (self->functions);
  g_hash_table_unref (self->addresses);
  g_hash_table_unref (self->frames);
  g_hash_table_unref (self->allocations);
  g_free (self->traces);
  g_free (self->block_kinds);
  g_free (self->buffer);
  g_free (self);
}

/* --- call stacks --------------------------------------------------------------------------------- */

/* The low half of a pointer is all that g_direct_hash() takes. */
static gpointer
key_of (guint64 high, guint64 low)
{
  guint64 mixed = (high << 32 | low) * 0x9e3779b97f4a7c15ULL;

  return GSIZE_TO_POINTER (mixed >> 32 | mixed << 32);
}

static guint32
lookup (GHashTable *table, gpointer key)
{
  return (guint32) GPOINTER_TO_SIZE (g_hash_table_lookup (table, key));
}

static guint32
function_of (MadeHeaptrack *self, guint64 address)
{
  gpointer key = GSIZE_TO_POINTER (address / FUNCTION_BYTES);
  guint32 number = lookup (self->functions, key);
  char name[64];

  if (number == 0)
    {
      g_snprintf (name, sizeof name, "function_%" G_GINT64_MODIFIER "x", address / FUNCTION_BYTES);
      number = put_string (self, name);
      g_hash_table_insert (self->functions, key, GSIZE_TO_POINTER (number));
    }
  return number;
}

static guint32
module_of (guint64 address)
{
  guint n_modules;
  const MadeModule *modules = made_stacks_get_modules (&n_modules);

  for (guint i = 0; i < n_modules; i++)
    if (address >= modules[i].start && address < modules[i].end)
      return i + 1;
  g_assert_not_reached ();
}

static guint32
address_number (MadeHeaptrack *self, guint64 address)
{
  gpointer key = GSIZE_TO_POINTER (address);
  guint32 number = lookup (self->addresses, key), function;

  if (number == 0)
    {
      function = function_of (self, address);
      begin_line (self, 'i');
      put_number (self, address);
      put_number (self, module_of (address));
      put_number (self, function);
      end_line (self);
      number = ++self->n_addresses;
      g_hash_table_insert (self->addresses, key, GSIZE_TO_POINTER (number));
    }
  return number;
}

static guint32
trace_of (MadeHeaptrack *self, guint32 stack)
{
  guint depth;
  guint32 parent = 0;
  const guint64 *frames;

  if (self->traces[stack] != 0)
    return self->traces[stack];
  frames = made_stacks_get_frames (made_program_get_stacks (self->program), stack, &depth);
  for (guint i = depth; i > 0; i--)
    {
      guint32 address = address_number (self, frames[i - 1]);
      gpointer key = key_of (parent, address);
      guint32 number = lookup (self->frames, key);

      if (number == 0)
        {
          begin_line (self, 't');
          put_number (self, address);
          put_number (self, parent);
          end_line (self);
          number = ++self->n_frames;
          g_hash_table_insert (self->frames, key, GSIZE_TO_POINTER (number));
        }
      parent = number;
    }
  return self->traces[stack] = parent;
}

/* --- events -------------------------------------------------------------------------------------- */

static guint32
allocation_of (MadeHeaptrack *self, guint32 stack, guint64 size)
{
  gpointer key = key_of (stack, size);
  guint32 number = lookup (self->allocations, key), trace;

  if (number != 0)
    return number - 1;
  trace = trace_of (self, stack);
  begin_line (self, 'a');
  put_number (self, size);
  put_number (self, trace);
  end_line (self);
  number = self->n_allocations++;
  g_hash_table_insert (self->allocations, key, GSIZE_TO_POINTER (number + 1));
  return number;
}

static void
put_free (MadeHeaptrack *self, guint32 slot)
{
  begin_line (self, '-');
  put_number (self, self->block_kinds[slot]);
  end_line (self);
}

static void
put_alloc (MadeHeaptrack *self, const MadeEvent *event)
{
  guint32 kind = allocation_of (self, event->stack, event->size);

  if (event->slot >= self->n_block_kinds)
    {
      self->n_block_kinds = MAX (1024, 2 * event->slot);
      self->block_kinds = g_renew (guint32, self->block_kinds, self->n_block_kinds);
    }
  self->block_kinds[event->slot] = kind;
  begin_line (self, '+');
  put_number (self, kind);
  end_line (self);
}

static void
put_time (MadeHeaptrack *self, guint64 ns)
{
  begin_line (self, 'c');
  put_number (self, ns / 1000000);
  end_line (self);
  begin_line (self, 'R');
  put_number (self, made_program_get_truth (self->program)->process.live_bytes / 4096);
  end_line (self);
  self->next_time_ns = ns + TIME_STEP_NS;
}

void
made_heaptrack_add (MadeHeaptrack *self, const MadeEvent *event)
{
  if (event->ns >= self->next_time_ns)
    put_time (self, event->ns);
  if (event->kind == MADE_REALLOC)
    put_free (self, event->old_slot);
  if (event->kind == MADE_FREE)
    put_free (self, event->slot);
  if (event->kind == MADE_ALLOC || event->kind == MADE_REALLOC)
    put_alloc (self, event);
}

void
made_heaptrack_finish (MadeHeaptrack *self)
{
  int status;

  put_time (self, made_program_get_truth (self->program)->duration_ns);
  flush (self);
  status = pclose (self->pipe);
  self->pipe = NULL;
  if (status != 0)
    g_error ("zstd failed with status %d", status);
}
