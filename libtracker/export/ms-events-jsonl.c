/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-events-jsonl.h"

#include "ms-json-figures.h"
#include "ms-text-writer.h"

#define U64 "%" G_GUINT64_FORMAT

typedef struct {
  MsTrace *trace;
  MsTextWriter *writer;
  GCancellable *cancellable;
  gboolean is_sampled;
} Lines;

static guint
id_of (const Lines *self, guint index)
{
  return index < ms_trace_get_n_threads (self->trace)
             ? ms_thread_get_id (ms_trace_get_thread (self->trace, index))
             : index;
}

/* No text in it comes from the program. */
static gboolean
write_line (const MsViewEvent *e, gpointer user_data)
{
  const Lines *self = user_data;
  MsTextWriter *writer = self->writer;
  const char *kind = e->is_free ? "free" : e->is_realloc ? "reallocation" : "allocation";

  ms_text_writer_printf (writer,
                         "{\"event\":" U64 ",\"time_ns\":%" G_GINT64_FORMAT
                         ",\"kind\":\"%s\",\"thread\":%u",
                         e->number, e->time_ns, kind, id_of (self, e->thread));
  if (e->is_free)
    ms_text_writer_printf (writer, ",\"owner\":%u", id_of (self, e->owner));
  ms_text_writer_printf (writer, ",\"stack\":%u,\"domain\":\"%s\",\"block\":" U64 ",\"bytes\":" U64,
                         e->stack, ms_domain_to_string (e->domain), e->block, e->bytes);
  if (e->is_free)
    ms_text_writer_add (writer, e->is_temporary ? ",\"temporary\":true" : ",\"temporary\":false");
  if (e->has_old_block)
    ms_text_writer_printf (writer, ",\"old_block\":" U64 ",\"old_bytes\":" U64, e->old_block,
                           e->old_bytes);
  if (self->is_sampled)
    {
      char number[G_ASCII_DTOSTR_BUF_SIZE];

      ms_text_writer_printf (writer, ",\"weight\":%s",
                             g_ascii_dtostr (number, sizeof number, e->weight));
    }
  ms_text_writer_add (writer, "}\n");
  return !g_cancellable_is_cancelled (self->cancellable);
}

gboolean
ms_events_jsonl_write (GOutputStream *stream,
                       MsExportView *view,
                       GCancellable *cancellable,
                       GError **error)
{
  MsTextWriter *writer = ms_text_writer_new (stream);
  Lines lines = { view->trace, writer, cancellable, ms_trace_is_sampled (view->trace) };

  if (!ms_view_foreach_event (view->view, write_line, &lines, cancellable, error))
    {
      ms_text_writer_free (writer);
      return FALSE;
    }
  return ms_text_writer_close (writer, cancellable, error);
}
