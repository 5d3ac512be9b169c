/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-marks.h"

#include <string.h>

#include "ms-diagnostic.h"
#include "ms-folder-reader.h"
#include "ms-trace-private.h"
#include "trk-checksum.h"
#include "trk-format.h"
#include "trk-varint.h"

/* Every mark in a block of its own, and as much again of damage. */
#define MAX_BYTES (2ULL * TRK_MAX_MARKS * (TRK_BLOCK_HEADER_BYTES + 32 + TRK_MARK_NAME_BYTES))

static void
mark_clear (gpointer data)
{
  MsMark *self = data;

  g_free ((char *) self->name);
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  const MsMark *x = a, *y = b;

  return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

/* Whoever may write to the folder has written it. */
static char *
dup_name (const char *bytes, gsize n_bytes)
{
  g_autofree char *text = ms_text_from_bytes (bytes, n_bytes);
  GString *name = g_string_new (NULL);

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    g_string_append_unichar (name, g_unichar_iscntrl (g_utf8_get_char (at)) ? 0xfffd
                                                                            : g_utf8_get_char (at));
  return g_string_free (name, FALSE);
}

/* FALSE: the rest of the payload makes no sense. */
static gboolean
take_record (GArray *marks, gint64 time_ns, const guint8 **at, const guint8 *end)
{
  guint64 kind, reserved, n_bytes;

  if ((*at = trk_varint_get (*at, end, &kind)) == NULL
      || (*at = trk_varint_get (*at, end, &reserved)) == NULL
      || (*at = trk_varint_get (*at, end, &n_bytes)) == NULL || n_bytes > (guint64) (end - *at)
      || n_bytes > TRK_MARK_NAME_BYTES)
    return FALSE;
  /* Of a kind that a later version knows. */
  if (kind < MS_N_MARK_KINDS && time_ns >= 0 && marks->len < TRK_MAX_MARKS)
    {
      MsMark mark = { time_ns, (MsMarkKind) kind, dup_name ((const char *) *at, n_bytes) };

      g_array_append_val (marks, mark);
    }
  *at += n_bytes;
  return TRUE;
}

/* How long the whole block at @position is; 0: there is none. */
static guint64
take_block (MsFileReader *reader, guint64 position, gint64 start_ns, GArray *marks)
{
  const guint8 *bytes = ms_file_reader_peek (reader, position, sizeof (TrkBlockHeader)), *end;
  TrkBlockHeader header;

  if (bytes == NULL)
    return 0;
  memcpy (&header, bytes, sizeof header);
  if (header.magic != TRK_BLOCK_MAGIC || header.header_size != sizeof header
      || header.payload_bytes > TRK_MAX_BLOCK_BYTES - sizeof header)
    return 0;
  bytes = ms_file_reader_peek (reader, position, sizeof header + header.payload_bytes);
  if (bytes == NULL
      || trk_block_checksum (&header, bytes + sizeof header, header.payload_bytes)
             != header.checksum)
    return 0;
  end = bytes + sizeof header + header.payload_bytes;
  bytes += sizeof header;
  if (header.type == TRK_BLOCK_MARKS && header.clock == TRK_CLOCK_MONOTONIC
      && header.first_ticks <= G_MAXINT64)
    while (bytes < end && take_record (marks, (gint64) header.first_ticks - start_ns, &bytes, end))
      ;
  return sizeof header + header.payload_bytes;
}

static void
read_blocks (MsFileReader *reader, gint64 start_ns, GArray *marks, GPtrArray *diagnostics)
{
  guint64 most = MIN (reader->size, MAX_BYTES), position = sizeof (TrkFileHeader);
  gboolean is_damaged = FALSE;

  while (position < most && marks->len < TRK_MAX_MARKS)
    {
      guint64 n_bytes = take_block (reader, position, start_ns, marks);

      if (n_bytes == 0 && !is_damaged)
        ms_diagnostics_add (diagnostics, MS_DIAGNOSTIC_WARNING, TRK_MARKS_FILE_NAME, position,
                            "no whole mark is here");
      is_damaged |= n_bytes == 0;
      position = n_bytes > 0 ? position + n_bytes
                             : ms_file_reader_find_word (reader, position + 1, TRK_BLOCK_MAGIC);
    }
}

static gboolean
is_of_trace (MsFileReader *reader, const guint8 trace_id[16])
{
  const guint8 *bytes = ms_file_reader_peek (reader, 0, sizeof (TrkFileHeader));
  TrkFileHeader header;

  if (bytes == NULL)
    return FALSE;
  memcpy (&header, bytes, sizeof header);
  return memcmp (header.magic, TRK_FILE_MAGIC, sizeof header.magic) == 0
         && header.version_major == TRK_VERSION_MAJOR && header.incompatible == 0
         && header.kind == TRK_FILE_MARKS
         && memcmp (header.trace_id, trace_id, sizeof header.trace_id) == 0;
}

GArray *
ms_marks_read (int dir_fd, const guint8 trace_id[16], gint64 start_ns, GPtrArray *diagnostics)
{
  GArray *marks = g_array_new (FALSE, FALSE, sizeof (MsMark));
  MsFileReader reader;

  g_array_set_clear_func (marks, mark_clear);
  if (!ms_file_reader_open (&reader, dir_fd, TRK_MARKS_FILE_NAME, NULL))
    return marks;
  if (is_of_trace (&reader, trace_id))
    read_blocks (&reader, start_ns, marks, diagnostics);
  ms_file_reader_close (&reader);
  g_array_sort (marks, compare_times);
  return marks;
}

/* --- the trace's ---------------------------------------------------------------------------------- */

const char *
ms_mark_kind_to_string (MsMarkKind kind)
{
  static const char *const names[] = { "mark",    "snapshot",    "started",
                                       "stopped", "thread-rule", "sampling" };

  g_return_val_if_fail (kind < MS_N_MARK_KINDS, NULL);
  return names[kind];
}

const MsMark *
ms_trace_get_marks (MsTrace *self, guint *n_marks)
{
  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  *n_marks = self->marks != NULL ? self->marks->len : 0;
  return self->marks != NULL ? (const MsMark *) (gconstpointer) self->marks->data : NULL;
}
