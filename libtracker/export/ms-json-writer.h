/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A streaming JSON writer: what is written goes out in 64 KiB pieces, so a document may be larger
 * than memory.
 *
 *   MsJsonWriter *w = ms_json_writer_new (stream, MS_JSON_PRETTY);
 *   ms_json_writer_begin_object (w);
 *   ms_json_writer_key (w, "peak_bytes");
 *   ms_json_writer_uint (w, 18446744073709551615u);   // exact: never through a double
 *   ms_json_writer_end_object (w);
 *   ok = ms_json_writer_close (w, cancellable, &error);
 *
 * Our own and not json-glib's, because json-glib 1.6 prints NaN as a bare word, leaves control
 * characters raw, does not escape '<', and needs the whole document as a tree.  Every string is
 * hostile: invalid UTF-8 becomes U+FFFD, and everything that could end an HTML script element, a
 * line of JavaScript or a terminal's calm is escaped, so the output is safe inside <script> too.
 * A number that is not finite becomes null.
 *
 * An error of the stream is kept; later calls do nothing, and ms_json_writer_close() reports it.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _MsJsonWriter MsJsonWriter;

typedef enum {
  MS_JSON_COMPACT, /* no white space at all */
  MS_JSON_PRETTY   /* two spaces a level; arrays of plain numbers stay on one line */
} MsJsonStyle;

/* @stream NULL: into memory, see ms_json_writer_close_to_string().  Does not close @stream. (transfer full) */
MsJsonWriter *ms_json_writer_new (GOutputStream *stream, MsJsonStyle style);
void ms_json_writer_free (MsJsonWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsJsonWriter, ms_json_writer_free)

/* For what follows: in a compact object on a line of its own, say, among others. */
MsJsonStyle ms_json_writer_get_style (MsJsonWriter *self);
void ms_json_writer_set_style (MsJsonWriter *self, MsJsonStyle style);
/* Of numbers that are not whole, so many digits; 0, as at first: all. */
void ms_json_writer_set_digits (MsJsonWriter *self, guint digits);

void ms_json_writer_begin_object (MsJsonWriter *self);
void ms_json_writer_end_object (MsJsonWriter *self);
void ms_json_writer_begin_array (MsJsonWriter *self);
void ms_json_writer_end_array (MsJsonWriter *self);

/* The name of the next value; only inside an object. */
void ms_json_writer_key (MsJsonWriter *self, const char *key);

/* @value NULL: null. */
void ms_json_writer_string (MsJsonWriter *self, const char *value);
/* @length bytes, which may hold NUL. */
void ms_json_writer_string_length (MsJsonWriter *self, const char *value, gsize length);
void ms_json_writer_uint (MsJsonWriter *self, guint64 value);
void ms_json_writer_int (MsJsonWriter *self, gint64 value);
/* Shortest text that reads back as the same number; null if not finite. */
void ms_json_writer_double (MsJsonWriter *self, double value);
void ms_json_writer_boolean (MsJsonWriter *self, gboolean value);
void ms_json_writer_null (MsJsonWriter *self);

/* A key and its value at once. */
void ms_json_writer_add_string (MsJsonWriter *self, const char *key, const char *value);
void ms_json_writer_add_uint (MsJsonWriter *self, const char *key, guint64 value);
void ms_json_writer_add_int (MsJsonWriter *self, const char *key, gint64 value);
void ms_json_writer_add_double (MsJsonWriter *self, const char *key, double value);
void ms_json_writer_add_boolean (MsJsonWriter *self, const char *key, gboolean value);
void ms_json_writer_add_null (MsJsonWriter *self, const char *key);
/* As ms_json_writer_add_int(), but null for MS_TIME_NONE (G_MININT64). */
void ms_json_writer_add_time (MsJsonWriter *self, const char *key, gint64 time_ns);

/* Bytes written so far, those still in memory included. */
guint64 ms_json_writer_get_size (MsJsonWriter *self);

/* Ends the document (a newline in pretty style), writes out what is left and frees @self.  FALSE with the
 * first error of the stream.  It is a bug of the caller to close with an object or array open. */
gboolean ms_json_writer_close (MsJsonWriter *self, GCancellable *cancellable, GError **error);
/* For a writer without a stream: frees @self and returns the document. (transfer full) */
char *ms_json_writer_close_to_string (MsJsonWriter *self);

G_END_DECLS
