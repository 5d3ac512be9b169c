/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-heaptrack-converter.h"

#include <string.h>

#define NEWEST_FORMAT 3
#define MAX_MS (G_GUINT64_CONSTANT (1000) * 86400 * 366 * 100)
/* Nothing can be larger than the address space. */
#define MAX_SIZE (G_GUINT64_CONSTANT (1) << 47)
#define BLOCK_BYTES (64U << 10)
#define CHECK_LINES (1U << 16)
/* One more would have an address or a number that does not fit. */
#define MAX_LIVE_BLOCKS 0xf0000000U
#define MAX_TABLE_ROWS 0x7fffffffU

static void
bad_line (MsHeaptrackConverter *self)
{
  if (self->n_bad_lines++ == 0)
    self->first_bad_line = self->lines->n_lines;
}

/* --- events ---------------------------------------------------------------------------------------- */

static void
begin_block (MsHeaptrackConverter *self, guint32 slot, guint64 n_bytes, guint32 stack)
{
  MsHeaptrackTotals *totals = &self->totals;

  ms_stream_writer_alloc (self->stream, self->now_ns, ms_block_slots_address (slot), n_bytes,
                          stack);
  self->n_live++;
  totals->allocations++;
  totals->live_bytes += n_bytes;
  if (totals->live_bytes > totals->peak_bytes)
    {
      totals->peak_bytes = totals->live_bytes;
      totals->peak_ms = totals->end_ms;
    }
}

static void
end_block (MsHeaptrackConverter *self, guint32 slot, guint64 n_bytes)
{
  ms_stream_writer_free_block (self->stream, self->now_ns, ms_block_slots_address (slot));
  self->n_live--;
  self->totals.live_bytes -= n_bytes;
}

static void
read_alloc (MsHeaptrackConverter *self, const char *p)
{
  guint64 n_bytes, stack, pointer, number;
  gboolean replaced;

  if (self->n_live >= MAX_LIVE_BLOCKS)
    {
      bad_line (self);
      return;
    }
  if (self->has_pointers)
    {
      if (!ms_heaptrack_get_number (&p, &n_bytes) || !ms_heaptrack_get_number (&p, &stack)
          || !ms_heaptrack_get_number (&p, &pointer) || n_bytes > MAX_SIZE)
        {
          bad_line (self);
          return;
        }
      begin_block (self, ms_block_slots_put (&self->blocks, pointer, n_bytes, &replaced), n_bytes,
                   ms_heaptrack_tables_use_stack (&self->tables, stack));
      self->n_replaced += replaced;
      return;
    }
  if (!ms_heaptrack_get_number (&p, &number) || number >= self->infos->len)
    {
      bad_line (self);
      return;
    }
  {
    MsHeaptrackInfo *info = &g_array_index (self->infos, MsHeaptrackInfo, number);

    begin_block (self, ms_block_slots_push (&self->blocks, &info->first_slot), info->n_bytes,
                 info->stack);
  }
}

static void
read_free (MsHeaptrackConverter *self, const char *p)
{
  guint64 number, n_bytes;
  MsHeaptrackInfo *info;
  guint32 slot;

  if (!ms_heaptrack_get_number (&p, &number) || (!self->has_pointers && number >= self->infos->len))
    {
      bad_line (self);
      return;
    }
  if (self->has_pointers)
    {
      slot = ms_block_slots_take (&self->blocks, number, &n_bytes);
      if (slot != MS_NO_SLOT)
        end_block (self, slot, n_bytes);
      else /* from before heaptrack began; no address of ours */
        ms_stream_writer_free_block (self->stream, self->now_ns,
                                     number | G_GUINT64_CONSTANT (1) << 63);
      return;
    }
  info = &g_array_index (self->infos, MsHeaptrackInfo, number);
  if (info->first_slot == MS_NO_SLOT)
    bad_line (self);
  else
    end_block (self, ms_block_slots_pop (&self->blocks, &info->first_slot), info->n_bytes);
}

/* --- other lines ----------------------------------------------------------------------------------- */

static void
read_info (MsHeaptrackConverter *self, const char *p)
{
  MsHeaptrackInfo info = { .first_slot = MS_NO_SLOT };
  guint64 stack;

  if (!ms_heaptrack_get_number (&p, &info.n_bytes) || !ms_heaptrack_get_number (&p, &stack)
      || info.n_bytes > MAX_SIZE)
    {
      bad_line (self);
      info.n_bytes = 0;
      stack = 0;
    }
  info.stack = ms_heaptrack_tables_use_stack (&self->tables, stack);
  g_array_append_val (self->infos, info);
}

static void
read_time (MsHeaptrackConverter *self, const char *p)
{
  guint64 ms;

  if (!ms_heaptrack_get_number (&p, &ms) || ms > MAX_MS)
    {
      bad_line (self);
      return;
    }
  self->totals.end_ms = MAX (self->totals.end_ms, ms);
  self->now_ns = MS_HEAPTRACK_START_NS + self->totals.end_ms * MS_HEAPTRACK_NS_PER_MS;
}

static void
read_text (MsHeaptrackConverter *self, const char *p)
{
  const char *text = "";
  gsize n_bytes = 0;

  if (!ms_heaptrack_get_text (&p, self->format >= 3, TRUE, &text, &n_bytes))
    bad_line (self);
  ms_heaptrack_tables_add_text (&self->tables, text, n_bytes);
}

static void
read_version (MsHeaptrackConverter *self, const char *p)
{
  self->has_version = ms_heaptrack_get_number (&p, &self->version);
  /* Before 1.0 the file's format had no number but in the version. */
  if (!ms_heaptrack_get_number (&p, &self->format))
    self->format = self->version == 0x010200;
  self->has_pointers = self->format == 0;
  if (self->has_version && self->format <= NEWEST_FORMAT)
    return;
  if (self->has_version)
    g_set_error (&self->error, MS_ERROR, MS_ERROR_VERSION,
                 "written by a newer heaptrack: its file format is %" G_GUINT64_FORMAT
                 ", known are those up to %d",
                 self->format, NEWEST_FORMAT);
  else
    g_set_error_literal (&self->error, MS_ERROR, MS_ERROR_NOT_A_TRACE,
                         "neither a trace folder nor a data file of heaptrack");
}

static void
use_module (MsHeaptrackConverter *self)
{
  self->is_raw = self->has_pointers = TRUE;
}

/* All but events. */
static void
read_rare_line (MsHeaptrackConverter *self, const char *line)
{
  const char *p = line + 1;
  guint64 ignored;

  switch (*line)
    {
    case 's':
      read_text (self, p);
      break;
    case 'i':
      if (!ms_heaptrack_tables_add_address (&self->tables, p))
        bad_line (self);
      break;
    case 't':
      if (!ms_heaptrack_tables_add_stack (&self->tables, p, self->is_raw))
        bad_line (self);
      break;
    case 'a':
      read_info (self, p);
      break;
    case 'c':
      read_time (self, p);
      break;
    case 'x':
      use_module (self);
      ms_heaptrack_tables_set_executable (&self->tables, p, self->format >= 3);
      break;
    case 'm':
      use_module (self);
      if (!ms_heaptrack_tables_add_module (&self->tables, p, self->format >= 3))
        bad_line (self);
      break;
    case 'X':
      if (self->command == NULL)
        self->command = g_strdup (*p == ' ' ? p + 1 : p);
      break;
    case 'A':
      self->was_attached = TRUE;
      break;
    case 'S':
      self->n_suppressions++;
      break;
    case 'I':
      if (!ms_heaptrack_get_number (&p, &self->page_bytes))
        bad_line (self);
      break;
    case 'R':
      if (!ms_heaptrack_get_number (&p, &ignored))
        bad_line (self);
      break;
    case '#':
    case '\0':
      break;
    default:
      bad_line (self);
      break;
    }
}

/* --- the whole ------------------------------------------------------------------------------------- */

static gboolean
check (MsHeaptrackConverter *self, GCancellable *cancellable)
{
  gsize n_bytes = ms_heaptrack_tables_get_bytes (&self->tables)
                  + ms_block_slots_get_bytes (&self->blocks)
                  + self->infos->len * sizeof (MsHeaptrackInfo);

  if (self->error == NULL && self->lines->is_bomb)
    self->error = g_steal_pointer (&self->lines->error);
  if (self->error != NULL || g_cancellable_set_error_if_cancelled (cancellable, &self->error)
      || !ms_trace_writer_check (self->writer, &self->error))
    return FALSE;
  if (n_bytes <= self->max_table_bytes && self->infos->len < MAX_TABLE_ROWS
      && self->tables.stacks->len < MAX_TABLE_ROWS)
    return TRUE;
  g_set_error (&self->error, MS_ERROR, MS_ERROR_DAMAGED,
               "its names, call stacks and live blocks need more than %" G_GSIZE_FORMAT
               " MB of memory (line %" G_GUINT64_FORMAT ")",
               self->max_table_bytes / 1000000, self->lines->n_lines);
  return FALSE;
}

static void
read_lines (MsHeaptrackConverter *self,
            GCancellable *cancellable,
            MsProgressFunc progress,
            gpointer user_data)
{
  const char *line;
  gsize n_bytes;

  line = ms_heaptrack_lines_next (self->lines, &n_bytes);
  if (line != NULL && *line == 'v')
    read_version (self, line + 1);
  if (!self->has_version && self->error == NULL)
    {
      if (self->lines->error != NULL)
        self->error = g_steal_pointer (&self->lines->error);
      else
        g_set_error_literal (&self->error, MS_ERROR, MS_ERROR_NOT_A_TRACE,
                             "neither a trace folder nor a data file of heaptrack");
    }
  while (self->error == NULL && (line = ms_heaptrack_lines_next (self->lines, &n_bytes)) != NULL)
    {
      if (*line == '+')
        read_alloc (self, line + 1);
      else if (*line == '-')
        read_free (self, line + 1);
      else
        read_rare_line (self, line);
      if (self->lines->n_lines % CHECK_LINES != 0)
        continue;
      if (!check (self, cancellable))
        return;
      if (progress != NULL)
        progress (ms_heaptrack_lines_get_fraction (self->lines), user_data);
    }
  check (self, cancellable);
}

static void
converter_clear (MsHeaptrackConverter *self)
{
  g_clear_pointer (&self->stream, ms_stream_writer_free);
  ms_heaptrack_tables_clear (&self->tables);
  ms_block_slots_clear (&self->blocks);
  g_clear_pointer (&self->infos, g_array_unref);
  g_clear_pointer (&self->command, g_free);
  g_clear_error (&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MsHeaptrackConverter, converter_clear)

gboolean
ms_heaptrack_convert (MsHeaptrackLines *lines,
                      MsTraceWriter *writer,
                      gsize max_table_bytes,
                      GCancellable *cancellable,
                      MsProgressFunc progress,
                      gpointer user_data,
                      MsHeaptrackTotals *totals,
                      GError **error)
{
  static const char name[] = "all threads";
  g_auto (MsHeaptrackConverter) self = { .lines = lines,
                                         .writer = writer,
                                         .max_table_bytes = max_table_bytes,
                                         .now_ns = MS_HEAPTRACK_START_NS };
  g_autofree char *manifest = NULL;

  ms_heaptrack_tables_init (&self.tables, writer);
  ms_block_slots_init (&self.blocks);
  self.infos = g_array_new (FALSE, FALSE, sizeof (MsHeaptrackInfo));
  self.stream = ms_stream_writer_new (writer, 0, 0, BLOCK_BYTES);
  trk_event_put_thread_name (ms_stream_writer_prepare (self.stream, MS_HEAPTRACK_START_NS, 0),
                             MS_HEAPTRACK_START_NS, name, strlen (name));
  read_lines (&self, cancellable, progress, user_data);
  if (self.error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self.error));
      return FALSE;
    }
  ms_heaptrack_tables_end (&self.tables);
  g_clear_pointer (&self.stream, ms_stream_writer_free);
  manifest = ms_heaptrack_make_manifest (&self);
  if (totals != NULL)
    *totals = self.totals;
  return ms_trace_writer_finish (writer, manifest, FALSE, error);
}
