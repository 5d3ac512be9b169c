/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * ms-json-writer.c: exact text for small documents; for hostile strings, that json-glib reads back
 * what was meant and that no dangerous byte is left in the text.
 */
#include "ms-json-writer.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

static char *
write_string (const char *value, gsize length)
{
  MsJsonWriter *writer = ms_json_writer_new (NULL, MS_JSON_COMPACT);

  ms_json_writer_string_length (writer, value, length);
  return ms_json_writer_close_to_string (writer);
}

static char *
write_double (double value)
{
  MsJsonWriter *writer = ms_json_writer_new (NULL, MS_JSON_COMPACT);

  ms_json_writer_double (writer, value);
  return ms_json_writer_close_to_string (writer);
}

static void
test_structure (void)
{
  g_autofree char *compact = NULL, *pretty = NULL;

  for (MsJsonStyle style = MS_JSON_COMPACT; style <= MS_JSON_PRETTY; style++)
    {
      MsJsonWriter *w = ms_json_writer_new (NULL, style);

      ms_json_writer_begin_object (w);
      ms_json_writer_add_uint (w, "most", G_MAXUINT64);
      ms_json_writer_add_int (w, "least", G_MININT64);
      ms_json_writer_add_time (w, "never", G_MININT64);
      ms_json_writer_add_boolean (w, "yes", TRUE);
      ms_json_writer_add_string (w, "none", NULL);
      ms_json_writer_key (w, "series");
      ms_json_writer_begin_array (w);
      for (guint i = 1; i <= 3; i++)
        ms_json_writer_uint (w, i);
      ms_json_writer_end_array (w);
      ms_json_writer_key (w, "list");
      ms_json_writer_begin_array (w);
      ms_json_writer_begin_object (w);
      ms_json_writer_end_object (w);
      ms_json_writer_begin_array (w);
      ms_json_writer_end_array (w);
      ms_json_writer_end_array (w);
      ms_json_writer_end_object (w);
      *(style == MS_JSON_PRETTY ? &pretty : &compact) = ms_json_writer_close_to_string (w);
    }

  g_assert_cmpstr (compact, ==,
                   "{\"most\":18446744073709551615,\"least\":-9223372036854775808,\"never\":null,"
                   "\"yes\":true,\"none\":null,\"series\":[1,2,3],\"list\":[{},[]]}");
  g_assert_cmpstr (pretty, ==,
                   "{\n"
                   "  \"most\": 18446744073709551615,\n"
                   "  \"least\": -9223372036854775808,\n"
                   "  \"never\": null,\n"
                   "  \"yes\": true,\n"
                   "  \"none\": null,\n"
                   "  \"series\": [1, 2, 3],\n"
                   "  \"list\": [\n"
                   "    {},\n"
                   "    []\n"
                   "  ]\n"
                   "}\n");
}

static void
test_numbers (void)
{
  static const struct {
    double value;
    const char *text;
  } cases[] = {
    { 0.1, "0.1" },        { 1.0, "1" },     { 1.0 / 3, "0.33333333333333331" },
    { 1e300, "1e+300" },   { NAN, "null" },  { INFINITY, "null" },
    { -INFINITY, "null" }, { -0.5, "-0.5" }, { 5e-324, "4.94065645841247e-324" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = write_double (cases[i].value);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_hostile_strings (void)
{
  static const struct {
    const char *raw, *text;
  } cases[] = {
    { "</script><script>alert(1)", "\"\\u003c/script\\u003e\\u003cscript\\u003ealert(1)\"" },
    { "a&b\"c\\d", "\"a\\u0026b\\\"c\\\\d\"" },
    { "\x1f\x7f\x1b[2J\n\t", "\"\\u001f\\u007f\\u001b[2J\\n\\t\"" },
    { "\xe2\x80\xa8\xe2\x80\xa9", "\"\\u2028\\u2029\"" },
    { "\342\200\256gpj.exe", "\"\\u202egpj.exe\"" }, /* right-to-left override */
    { "\xc2\x85", "\"\\u0085\"" },                   /* C1 control */
    { "ok \xff\xfe", "\"ok \xef\xbf\xbd\xef\xbf\xbd\"" },
    { "cut \xe2\x82", "\"cut \xef\xbf\xbd\xef\xbf\xbd\"" },         /* ends inside a character */
    { "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },                 /* overlong '/' */
    { "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }, /* surrogate */
    { "\xef\xbf\xbd", "\"\xef\xbf\xbd\"" },
    { "d\xc3\xa9j\xc3\xa0 \xf0\x9f\xa7\xb5", "\"d\xc3\xa9j\xc3\xa0 \xf0\x9f\xa7\xb5\"" },
    { "", "\"\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = write_string (cases[i].raw, strlen (cases[i].raw));

      g_assert_cmpstr (text, ==, cases[i].text);
    }

  {
    g_autofree char *text = write_string ("nul\0inside", 10);

    g_assert_cmpstr (text, ==, "\"nul\\u0000inside\"");
  }
}

/* Random bytes: the output is always UTF-8 that json-glib reads, without a raw control or '<'. */
static void
test_random_strings (void)
{
  for (guint round = 0; round < 2000; round++)
    {
      char bytes[48];
      gsize length = (gsize) g_test_rand_int_range (0, sizeof bytes);
      g_autofree char *text = NULL;
      g_autofree char *document = NULL;
      g_autoptr (JsonNode) node = NULL;
      g_autoptr (GError) error = NULL;

      for (gsize i = 0; i < length; i++)
        bytes[i] = (char) g_test_rand_int_range (1, 256);
      text = write_string (bytes, length);
      for (const char *p = text; *p; p++)
        g_assert_true ((guchar) *p >= 0x20 && *p != '<' && *p != '>' && *p != '&' && *p != 0x7f);
      g_assert_true (g_utf8_validate (text, -1, NULL));

      document = g_strdup_printf ("[%s]", text);
      node = json_from_string (document, &error);
      g_assert_no_error (error);
      if (g_utf8_validate (bytes, (gssize) length, NULL))
        {
          g_autofree char *raw = g_strndup (bytes, length);

          g_assert_cmpstr (json_array_get_string_element (json_node_get_array (node), 0), ==, raw);
        }
    }
}

/* More than one piece: what arrives is what was written, and its size was counted. */
static void
test_stream (void)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  MsJsonWriter *w = ms_json_writer_new (stream, MS_JSON_COMPACT);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *array;
  guint64 size;

  ms_json_writer_begin_array (w);
  for (guint i = 0; i < 100000; i++)
    ms_json_writer_uint (w, i);
  ms_json_writer_end_array (w);
  size = ms_json_writer_get_size (w);
  g_assert_true (ms_json_writer_close (w, NULL, &error));
  g_assert_no_error (error);

  g_assert_cmpuint (size, ==,
                    g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream)));
  g_assert_true (
      json_parser_load_from_data (parser,
                                  g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (stream)),
                                  (gssize) size, &error));
  array = json_node_get_array (json_parser_get_root (parser));
  g_assert_cmpuint (json_array_get_length (array), ==, 100000);
  g_assert_cmpint (json_array_get_int_element (array, 99999), ==, 99999);
}

/* A full device: the error arrives once, at the end. */
static void
test_failing_stream (void)
{
  static char small[100];
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new (small, sizeof small, NULL, NULL);
  MsJsonWriter *w = ms_json_writer_new (stream, MS_JSON_PRETTY);
  g_autoptr (GError) error = NULL;

  ms_json_writer_begin_array (w);
  for (guint i = 0; i < 100000; i++)
    ms_json_writer_string (w, "does not fit");
  ms_json_writer_end_array (w);
  g_assert_false (ms_json_writer_close (w, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-writer/structure", test_structure);
  g_test_add_func ("/json-writer/numbers", test_numbers);
  g_test_add_func ("/json-writer/hostile-strings", test_hostile_strings);
  g_test_add_func ("/json-writer/random-strings", test_random_strings);
  g_test_add_func ("/json-writer/stream", test_stream);
  g_test_add_func ("/json-writer/failing-stream", test_failing_stream);
  return g_test_run ();
}
