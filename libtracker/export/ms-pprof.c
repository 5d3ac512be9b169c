/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-pprof.h"

#include <string.h>

#include "ms-function-totals.h"
#include "ms-protobuf.h"

/* Numbers of fields, as profile.proto has them. */
enum {
  PROFILE_SAMPLE_TYPE = 1,
  PROFILE_SAMPLE = 2,
  PROFILE_MAPPING = 3,
  PROFILE_LOCATION = 4,
  PROFILE_FUNCTION = 5,
  PROFILE_STRING = 6,
  PROFILE_TIME_NANOS = 9,
  PROFILE_DURATION_NANOS = 10,
  PROFILE_DEFAULT_SAMPLE_TYPE = 14,
};
enum { VALUE_TYPE_TYPE = 1, VALUE_TYPE_UNIT = 2 };
enum { SAMPLE_LOCATION = 1, SAMPLE_VALUE = 2, SAMPLE_LABEL = 3 };
enum { LABEL_KEY = 1, LABEL_STRING = 2, LABEL_NUMBER = 3 };
enum { MAPPING_ID = 1, MAPPING_FILE = 5, MAPPING_HAS_FUNCTIONS = 7 };
enum { LOCATION_ID = 1, LOCATION_MAPPING = 2, LOCATION_ADDRESS = 3, LOCATION_LINE = 4 };
enum { LINE_FUNCTION = 1, LINE_LINE = 2 };
enum { FUNCTION_ID = 1, FUNCTION_NAME = 2, FUNCTION_SYSTEM_NAME = 3, FUNCTION_FILE = 4 };

typedef enum {
  ALLOC_OBJECTS,
  ALLOC_SPACE,
  INUSE_OBJECTS,
  INUSE_SPACE,
  PEAK_SPACE,
  TEMPORARY_OBJECTS,
  N_VALUES
} Value;

static const struct {
  const char *type, *unit;
} value_types[N_VALUES] = {
  [ALLOC_OBJECTS] = { "alloc_objects", "count" },
  [ALLOC_SPACE] = { "alloc_space", "bytes" },
  [INUSE_OBJECTS] = { "inuse_objects", "count" },
  [INUSE_SPACE] = { "inuse_space", "bytes" },
  [PEAK_SPACE] = { "peak_space", "bytes" },
  [TEMPORARY_OBJECTS] = { "temporary_objects", "count" },
};

/* Pieces are written out as they are made; the table of strings grows and comes last. */
typedef struct {
  GOutputStream *stream;
  GByteArray *piece;    /* of the profile */
  GHashTable *strings;  /* from text to its index + 1 */
  GPtrArray *texts;     /* in order of index; borrowed from @strings */
  GHashTable *mappings; /* from name to id */
  MsFrameNames *names;
  GError *error;
} Writer;

static guint64
string_index (Writer *self, const char *text)
{
  gpointer index = g_hash_table_lookup (self->strings, text);
  char *own;

  if (index != NULL)
    return GPOINTER_TO_UINT (index) - 1;
  own = g_strdup (text);
  g_ptr_array_add (self->texts, own);
  g_hash_table_insert (self->strings, own, GUINT_TO_POINTER (self->texts->len));
  return self->texts->len - 1;
}

static void
put (Writer *self, guint field, const GByteArray *message)
{
  ms_protobuf_add_message (self->piece, field, message);
  if (self->piece->len < 65536)
    return;
  if (self->error == NULL)
    g_output_stream_write_all (self->stream, self->piece->data, self->piece->len, NULL, NULL,
                               &self->error);
  g_byte_array_set_size (self->piece, 0);
}

static void
put_value_types (Writer *self)
{
  for (guint i = 0; i < N_VALUES; i++)
    {
      g_autoptr (GByteArray) type = g_byte_array_new ();

      ms_protobuf_add_number (type, VALUE_TYPE_TYPE, string_index (self, value_types[i].type));
      ms_protobuf_add_number (type, VALUE_TYPE_UNIT, string_index (self, value_types[i].unit));
      put (self, PROFILE_SAMPLE_TYPE, type);
    }
}

static void
add_label (Writer *self, GByteArray *sample, const char *key, const char *text, guint64 number)
{
  g_autoptr (GByteArray) label = g_byte_array_new ();

  ms_protobuf_add_number (label, LABEL_KEY, string_index (self, key));
  if (text != NULL)
    ms_protobuf_add_number (label, LABEL_STRING, string_index (self, text));
  ms_protobuf_add_number (label, LABEL_NUMBER, number);
  ms_protobuf_add_message (sample, SAMPLE_LABEL, label);
}

/* Locations are frames, numbered from 1; the innermost comes first, here as there. */
static GByteArray *
sample_new (Writer *self, guint stack, const guint64 *values)
{
  GByteArray *sample = g_byte_array_new ();
  guint depth;
  const guint *frames = ms_frame_names_get_stack (self->names, stack, &depth, NULL);
  g_autofree guint64 *locations = g_new (guint64, depth + 1);

  for (guint i = 0; i < depth; i++)
    locations[i] = (guint64) frames[i] + 1;
  ms_protobuf_add_numbers (sample, SAMPLE_LOCATION, locations, depth);
  ms_protobuf_add_numbers (sample, SAMPLE_VALUE, values, N_VALUES);
  return sample;
}

static void
put_thread (Writer *self, MsExportView *view, const MsExportThread *entry)
{
  guint n;
  const MsThreadStack *stacks =
      ms_view_get_thread_stacks (view->view, entry->thread, view->domain, &n);

  for (guint i = 0; i < n; i++)
    {
      const MsThreadStack *at = &stacks[i];
      guint64 values[N_VALUES] = {
        [ALLOC_OBJECTS] = at->allocations,
        [ALLOC_SPACE] = at->allocated_bytes,
        [INUSE_OBJECTS] = at->live_blocks,
        [INUSE_SPACE] = at->live_bytes,
        [TEMPORARY_OBJECTS] = at->temporary_allocations,
      };
      g_autoptr (GByteArray) sample = sample_new (self, at->stack, values);

      add_label (self, sample, "thread", ms_thread_get_name (entry->thread), 0);
      add_label (self, sample, "thread_id", NULL, entry->id);
      put (self, PROFILE_SAMPLE, sample);
    }
}

static void
put_peak (Writer *self, const guint64 *peak)
{
  for (guint stack = 0; stack < ms_frame_names_get_n_stacks (self->names); stack++)
    if (peak[stack] > 0)
      {
        guint64 values[N_VALUES] = { [PEAK_SPACE] = peak[stack] };
        g_autoptr (GByteArray) sample = sample_new (self, stack, values);

        put (self, PROFILE_SAMPLE, sample);
      }
}

/* The id of the mapping for @module; 0: code of no file. */
static guint64
mapping_id (Writer *self, const char *module)
{
  g_autoptr (GByteArray) mapping = NULL;
  guint id;

  if (module == NULL)
    return 0;
  id = GPOINTER_TO_UINT (g_hash_table_lookup (self->mappings, module));
  if (id > 0)
    return id;
  id = g_hash_table_size (self->mappings) + 1;
  g_hash_table_insert (self->mappings, (gpointer) module, GUINT_TO_POINTER (id));
  mapping = g_byte_array_new ();
  ms_protobuf_add_number (mapping, MAPPING_ID, id);
  ms_protobuf_add_number (mapping, MAPPING_FILE, string_index (self, module));
  /* So that nobody looks for symbols here again. */
  ms_protobuf_add_number (mapping, MAPPING_HAS_FUNCTIONS, 1);
  put (self, PROFILE_MAPPING, mapping);
  return id;
}

/* A function of pprof has one file; ours may have lines of several, by macros and includes. */
static void
put_location (Writer *self, guint i)
{
  const MsFrame *frame = ms_frame_names_get_frame (self->names, i);
  guint64 name = string_index (self, ms_frame_names_get_label (self->names, i));
  g_autoptr (GByteArray) location = g_byte_array_new ();
  g_autoptr (GByteArray) line = g_byte_array_new ();
  g_autoptr (GByteArray) function = g_byte_array_new ();

  ms_protobuf_add_number (function, FUNCTION_ID, (guint64) i + 1);
  ms_protobuf_add_number (function, FUNCTION_NAME, name);
  ms_protobuf_add_number (function, FUNCTION_SYSTEM_NAME, name);
  if (frame->file != NULL)
    ms_protobuf_add_number (function, FUNCTION_FILE, string_index (self, frame->file));
  put (self, PROFILE_FUNCTION, function);

  ms_protobuf_add_number (line, LINE_FUNCTION, (guint64) i + 1);
  ms_protobuf_add_number (line, LINE_LINE, frame->line);
  ms_protobuf_add_number (location, LOCATION_ID, (guint64) i + 1);
  ms_protobuf_add_number (location, LOCATION_MAPPING, mapping_id (self, frame->module));
  ms_protobuf_add_number (location, LOCATION_ADDRESS, frame->address);
  ms_protobuf_add_message (location, LOCATION_LINE, line);
  put (self, PROFILE_LOCATION, location);
}

static void
put_strings (Writer *self)
{
  for (guint i = 0; i < self->texts->len; i++)
    {
      const char *text = g_ptr_array_index (self->texts, i);

      ms_protobuf_add_bytes (self->piece, PROFILE_STRING, text, strlen (text));
    }
}

static const char *
base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static void
put_profile (Writer *self, MsExportView *view, const guint64 *peak)
{
  gint64 start_us = ms_trace_get_start_wall_us (view->trace);
  gint64 from_ns = ms_view_get_start_ns (view->view);

  string_index (self, "");
  put_value_types (self);
  /* A reader takes the first for the program's own. */
  if (*ms_trace_get_executable (view->trace) != '\0')
    mapping_id (self,
                view->redact ? view->program : base_name (ms_trace_get_executable (view->trace)));
  for (guint i = 0; i < view->threads->len; i++)
    put_thread (self, view, &g_array_index (view->threads, MsExportThread, i));
  put_peak (self, peak);
  for (guint i = 0; i < ms_frame_names_get_n_frames (self->names); i++)
    put_location (self, i);
  if (start_us > 0)
    ms_protobuf_add_number (self->piece, PROFILE_TIME_NANOS, (guint64) (start_us * 1000 + from_ns));
  ms_protobuf_add_number (self->piece, PROFILE_DURATION_NANOS,
                          (guint64) (ms_view_get_end_ns (view->view) - from_ns));
  ms_protobuf_add_number (self->piece, PROFILE_DEFAULT_SAMPLE_TYPE,
                          string_index (self, value_types[PEAK_SPACE].type));
  put_strings (self);
}

gboolean
ms_pprof_write (GOutputStream *stream,
                MsExportView *view,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (GZlibCompressor) gzip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
  g_autoptr (GOutputStream) packed = g_converter_output_stream_new (stream, G_CONVERTER (gzip));
  g_autofree guint64 *peak =
      ms_stack_values_new (view->view, view->domain, MS_FIGURE_BYTES_AT_PROCESS_PEAK, cancellable,
                           error);
  Writer writer = { .stream = packed, .names = view->names };
  gboolean is_good;

  if (peak == NULL)
    return FALSE;
  g_filter_output_stream_set_close_base_stream (G_FILTER_OUTPUT_STREAM (packed), FALSE);
  writer.piece = g_byte_array_new ();
  writer.strings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  writer.texts = g_ptr_array_new ();
  writer.mappings = g_hash_table_new (g_str_hash, g_str_equal);
  put_profile (&writer, view, peak);
  is_good = writer.error == NULL
            && g_output_stream_write_all (packed, writer.piece->data, writer.piece->len, NULL,
                                          cancellable, &writer.error)
            && g_output_stream_close (packed, cancellable, &writer.error);
  if (!is_good)
    g_propagate_error (error, writer.error);
  g_hash_table_unref (writer.mappings);
  g_ptr_array_unref (writer.texts);
  g_hash_table_unref (writer.strings);
  g_byte_array_unref (writer.piece);
  return is_good;
}
