/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The state of the writer is a stack of open containers, one byte each:
 *
 *   '{'  an object, '['  an array          nothing in it yet
 *   'o'  an object, 'a'  an array          has members: the next one needs a comma
 *   ':'  on top of an object               a key was written, its value is due
 *
 * In pretty style an array's numbers stay on one line: only a container or a string inside an array
 * begins a new line, so a series of 256 bins is one line and a list of threads is a block.
 */
#include "ms-json-writer.h"

#include <math.h>
#include <string.h>

#define FLUSH_BYTES (64 * 1024)

struct _MsJsonWriter {
  GOutputStream *stream;
  GString *buffer;
  GString *open;
  guint64 flushed_bytes;
  GError *error;
  MsJsonStyle style;
  guint digits;
  gboolean broken_line; /* pretty: the innermost array was broken over lines */
};

MsJsonWriter *
ms_json_writer_new (GOutputStream *stream, MsJsonStyle style)
{
  MsJsonWriter *self = g_new0 (MsJsonWriter, 1);

  g_set_object (&self->stream, stream);
  self->buffer = g_string_sized_new (stream ? FLUSH_BYTES + 4096 : 4096);
  self->open = g_string_new (NULL);
  self->style = style;
  return self;
}

void
ms_json_writer_free (MsJsonWriter *self)
{
  if (!self)
    return;
  g_clear_object (&self->stream);
  g_string_free (self->buffer, TRUE);
  g_string_free (self->open, TRUE);
  g_clear_error (&self->error);
  g_free (self);
}

MsJsonStyle
ms_json_writer_get_style (MsJsonWriter *self)
{
  return self->style;
}

void
ms_json_writer_set_style (MsJsonWriter *self, MsJsonStyle style)
{
  self->style = style;
}

void
ms_json_writer_set_digits (MsJsonWriter *self, guint digits)
{
  self->digits = digits;
}

/* --- structure --- */

static char *
top (MsJsonWriter *self)
{
  return self->open->len ? &self->open->str[self->open->len - 1] : NULL;
}

static void
flush (MsJsonWriter *self, GCancellable *cancellable)
{
  if (self->stream && !self->error)
    g_output_stream_write_all (self->stream, self->buffer->str, self->buffer->len, NULL,
                               cancellable, &self->error);
  self->flushed_bytes += self->buffer->len;
  g_string_truncate (self->buffer, 0);
}

static void
new_line (MsJsonWriter *self)
{
  g_string_append_c (self->buffer, '\n');
  for (gsize i = 0; i < self->open->len; i++)
    g_string_append (self->buffer, "  ");
}

/* Puts the comma and the white space that belong before a value. */
static void
begin_value (MsJsonWriter *self, gboolean wants_line)
{
  char *container = top (self);

  if (self->stream && self->buffer->len >= FLUSH_BYTES)
    flush (self, NULL);
  if (!container)
    return;
  if (*container == ':')
    {
      g_string_truncate (self->open, self->open->len - 1);
      return;
    }

  g_return_if_fail (*container == '[' || *container == 'a');
  if (*container == 'a')
    g_string_append_c (self->buffer, ',');
  if (self->style == MS_JSON_PRETTY && wants_line)
    new_line (self);
  else if (self->style == MS_JSON_PRETTY && *container == 'a')
    g_string_append_c (self->buffer, ' ');
  *container = 'a';
  self->broken_line = wants_line;
}

static void
begin_container (MsJsonWriter *self, char bracket)
{
  begin_value (self, TRUE);
  g_string_append_c (self->buffer, bracket);
  g_string_append_c (self->open, bracket);
  self->broken_line = FALSE;
}

static void
end_container (MsJsonWriter *self, char empty, char filled, char bracket)
{
  const char *container = top (self);
  gboolean has_members;

  g_return_if_fail (container && (*container == empty || *container == filled));
  has_members = *container == filled;
  g_string_truncate (self->open, self->open->len - 1);
  if (self->style == MS_JSON_PRETTY && has_members && (filled == 'o' || self->broken_line))
    new_line (self);
  g_string_append_c (self->buffer, bracket);
  /* Whatever holds this container was broken over lines to begin it. */
  self->broken_line = TRUE;
}

void
ms_json_writer_begin_object (MsJsonWriter *self)
{
  begin_container (self, '{');
}

void
ms_json_writer_end_object (MsJsonWriter *self)
{
  end_container (self, '{', 'o', '}');
}

void
ms_json_writer_begin_array (MsJsonWriter *self)
{
  begin_container (self, '[');
}

void
ms_json_writer_end_array (MsJsonWriter *self)
{
  end_container (self, '[', 'a', ']');
}

/* --- strings --- */

/* True for what a JSON string, an HTML script element, JavaScript or a terminal could take amiss.
 * The bidirectional controls are here because they reorder the text around them for a person who
 * reads the file as text; escaped they mean the same to every parser. */
static gboolean
needs_escape (gunichar c)
{
  return c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&'
         || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f
         || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void
append_escaped (GString *buffer, gunichar c)
{
  static const char *const short_forms[] = {
    ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n",  ['\f'] = "\\f",
    ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\",
  };

  if (c < G_N_ELEMENTS (short_forms) && short_forms[c])
    g_string_append (buffer, short_forms[c]);
  else
    g_string_append_printf (buffer, "\\u%04x", c);
}

static void
append_string (GString *buffer, const char *value, gsize length)
{
  const char *p = value, *end = value + length, *plain = value;

  g_string_append_c (buffer, '"');
  while (p < end)
    {
      gunichar c = (guchar) *p;
      const char *next = p + 1;

      if (c >= 0x80)
        {
          c = g_utf8_get_char_validated (p, end - p);
          if (c == (gunichar) -1 || c == (gunichar) -2)
            c = 0xfffd;
          else
            next = g_utf8_next_char (p);
        }
      /* U+FFFD stands for one byte here, or is itself: both are copied as the character. */
      if (c == 0xfffd || needs_escape (c))
        {
          g_string_append_len (buffer, plain, p - plain);
          if (c == 0xfffd)
            g_string_append (buffer, "\357\277\275");
          else
            append_escaped (buffer, c);
          plain = next;
        }
      p = next;
    }
  g_string_append_len (buffer, plain, p - plain);
  g_string_append_c (buffer, '"');
}

void
ms_json_writer_key (MsJsonWriter *self, const char *key)
{
  char *container = top (self);

  g_return_if_fail (container && (*container == '{' || *container == 'o'));
  if (*container == 'o')
    g_string_append_c (self->buffer, ',');
  *container = 'o';
  if (self->style == MS_JSON_PRETTY)
    new_line (self);
  append_string (self->buffer, key, strlen (key));
  g_string_append (self->buffer, self->style == MS_JSON_PRETTY ? ": " : ":");
  g_string_append_c (self->open, ':');
}

void
ms_json_writer_string (MsJsonWriter *self, const char *value)
{
  if (value)
    ms_json_writer_string_length (self, value, strlen (value));
  else
    ms_json_writer_null (self);
}

void
ms_json_writer_string_length (MsJsonWriter *self, const char *value, gsize length)
{
  begin_value (self, TRUE);
  append_string (self->buffer, value, length);
}

/* --- numbers and words --- */

void
ms_json_writer_uint (MsJsonWriter *self, guint64 value)
{
  begin_value (self, FALSE);
  g_string_append_printf (self->buffer, "%" G_GUINT64_FORMAT, value);
}

void
ms_json_writer_int (MsJsonWriter *self, gint64 value)
{
  begin_value (self, FALSE);
  g_string_append_printf (self->buffer, "%" G_GINT64_FORMAT, value);
}

void
ms_json_writer_double (MsJsonWriter *self, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    {
      ms_json_writer_null (self);
      return;
    }
  if (self->digits > 0 && value > floor (value))
    {
      char format[16];

      g_snprintf (format, sizeof format, "%%.%ug", self->digits);
      g_ascii_formatd (text, sizeof text, format, value);
      begin_value (self, FALSE);
      g_string_append (self->buffer, text);
      return;
    }
  /* 15 digits are what people expect to read (0.1, not 0.1000…01); 17 always read back the same. */
  g_ascii_formatd (text, sizeof text, "%.15g", value);
  if (g_ascii_strtod (text, NULL) < value || g_ascii_strtod (text, NULL) > value)
    g_ascii_formatd (text, sizeof text, "%.17g", value);
  begin_value (self, FALSE);
  g_string_append (self->buffer, text);
}

void
ms_json_writer_boolean (MsJsonWriter *self, gboolean value)
{
  begin_value (self, FALSE);
  g_string_append (self->buffer, value ? "true" : "false");
}

void
ms_json_writer_null (MsJsonWriter *self)
{
  begin_value (self, FALSE);
  g_string_append (self->buffer, "null");
}

/* --- a key and its value --- */

void
ms_json_writer_add_string (MsJsonWriter *self, const char *key, const char *value)
{
  ms_json_writer_key (self, key);
  ms_json_writer_string (self, value);
}

void
ms_json_writer_add_uint (MsJsonWriter *self, const char *key, guint64 value)
{
  ms_json_writer_key (self, key);
  ms_json_writer_uint (self, value);
}

void
ms_json_writer_add_int (MsJsonWriter *self, const char *key, gint64 value)
{
  ms_json_writer_key (self, key);
  ms_json_writer_int (self, value);
}

void
ms_json_writer_add_double (MsJsonWriter *self, const char *key, double value)
{
  ms_json_writer_key (self, key);
  ms_json_writer_double (self, value);
}

void
ms_json_writer_add_boolean (MsJsonWriter *self, const char *key, gboolean value)
{
  ms_json_writer_key (self, key);
  ms_json_writer_boolean (self, value);
}

void
ms_json_writer_add_null (MsJsonWriter *self, const char *key)
{
  ms_json_writer_key (self, key);
  ms_json_writer_null (self);
}

void
ms_json_writer_add_time (MsJsonWriter *self, const char *key, gint64 time_ns)
{
  ms_json_writer_key (self, key);
  if (time_ns == G_MININT64)
    ms_json_writer_null (self);
  else
    ms_json_writer_int (self, time_ns);
}

/* --- the end --- */

guint64
ms_json_writer_get_size (MsJsonWriter *self)
{
  return self->flushed_bytes + self->buffer->len;
}

gboolean
ms_json_writer_close (MsJsonWriter *self, GCancellable *cancellable, GError **error)
{
  gboolean ok;

  g_warn_if_fail (self->open->len == 0);
  if (self->style == MS_JSON_PRETTY)
    g_string_append_c (self->buffer, '\n');
  flush (self, cancellable);
  ok = self->error == NULL;
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&self->error));
  ms_json_writer_free (self);
  return ok;
}

char *
ms_json_writer_close_to_string (MsJsonWriter *self)
{
  char *document;

  g_return_val_if_fail (self->stream == NULL, NULL);
  g_warn_if_fail (self->open->len == 0);
  if (self->style == MS_JSON_PRETTY)
    g_string_append_c (self->buffer, '\n');
  document = g_string_free (g_steal_pointer (&self->buffer), FALSE);
  self->buffer = g_string_new (NULL);
  ms_json_writer_free (self);
  return document;
}
