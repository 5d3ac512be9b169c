/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The marks of the stretch. */
#include <string.h>

#include "ms-trim-private.h"
#include "trk-varint.h"

static void
write_mark (MsTraceWriter *writer, const MsMark *mark, gint64 start_ns)
{
  guint64 time_ns = (guint64) (start_ns + mark->time_ns);
  gsize n_name = strlen (mark->name);
  /* A name may have become longer by the U+FFFD of what was no text. */
  gsize n_kept = n_name <= TRK_MARK_NAME_BYTES
                     ? n_name
                     : (gsize) (g_utf8_find_prev_char (mark->name, mark->name + TRK_MARK_NAME_BYTES)
                                - mark->name);
  g_autofree guint8 *block =
      g_malloc0 (sizeof (TrkBlockHeader) + 3 * TRK_VARINT_MAX_BYTES + TRK_MARK_NAME_BYTES);
  TrkBlockHeader header = { .type = TRK_BLOCK_MARKS,
                            .clock = TRK_CLOCK_MONOTONIC,
                            .thread_id = TRK_THREAD_ID_PROCESS,
                            .n_records = 1,
                            .first_ticks = time_ns,
                            .last_ticks = time_ns,
                            .open_pair_ticks = time_ns,
                            .open_pair_ns = time_ns,
                            .seal_pair_ticks = time_ns,
                            .seal_pair_ns = time_ns };
  guint8 *end = block + sizeof header;

  end = trk_varint_put (end, mark->kind);
  end = trk_varint_put (end, 0);
  end = trk_varint_put (end, n_kept);
  memcpy (end, mark->name, n_kept);
  end += n_kept;
  memcpy (block, &header, sizeof header);
  ms_trace_writer_append_block (writer, TRK_MARKS_FILE_NAME, TRK_FILE_MARKS,
                                (TrkBlockHeader *) (gpointer) block,
                                (guint32) (end - block - (gssize) sizeof header));
}

void
ms_trim_copy_marks (MsTrace *trace, MsTraceWriter *writer, const MsTrimFacts *facts)
{
  guint n_marks;
  const MsMark *marks = ms_trace_get_marks (trace, &n_marks);

  for (guint i = 0; i < n_marks; i++)
    if (marks[i].time_ns >= facts->from_ns && marks[i].time_ns < facts->to_ns)
      write_mark (writer, &marks[i], facts->start_ns);
}
