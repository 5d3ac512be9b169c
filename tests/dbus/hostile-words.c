/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "hostile-words.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static const char *const texts[] = {
  "",
  "1.0",
  "2.0",
  "recording",
  "ended",
  "all",
  "memscope_trace.json",
  "memscope_pool.bin",
  "memscope_thread_1-1.bin",
  "memscope_watched",
  "memscope_../../x",
  "memscope_/x",
  "../memscope_x.bin",
  ".new",
  "/",
  "/proc/self/fd",
  "<b>&amp;</script>",
  "\x1b[31m\n\r\t",
  "\u202edrow",
  "%s%n%d",
};

gboolean
hostile_is_one_in (GRand *random, gint n)
{
  return g_rand_int_range (random, 0, n) == 0;
}

static char *
make_text (GRand *random)
{
  if (hostile_is_one_in (random, 10))
    return g_strnfill (g_rand_int_range (random, 1, 5000), 'x');
  if (hostile_is_one_in (random, 4))
    return g_strdup_printf ("memscope_thread_%d-1.bin", g_rand_int_range (random, 0, 50));
  return g_strdup (texts[g_rand_int_range (random, 0, G_N_ELEMENTS (texts))]);
}

static guint64
make_number (GRand *random)
{
  static const guint64 numbers[] = { 0,           1,           2,          16,
                                     G_MAXINT32,  G_MAXUINT32, G_MAXINT64, G_MAXUINT64,
                                     1ULL << 63U, 1ULL << 31U, 4711,       1700000000000000 };

  return numbers[g_rand_int_range (random, 0, G_N_ELEMENTS (numbers))];
}

static double
make_double (GRand *random)
{
  static const double doubles[] = { 0,      -0.0,   1,    0.5,      -1,        1e308,
                                    -1e308, 1e-310, 99.5, INFINITY, -INFINITY, NAN };

  return doubles[g_rand_int_range (random, 0, G_N_ELEMENTS (doubles))];
}

static GVariant *
make_basic (GRand *random, char kind)
{
  guint64 number = make_number (random);
  g_autofree char *text = NULL;

  switch (kind)
    {
    case 'b':
      return g_variant_new_boolean (number & 1);
    case 'y':
      return g_variant_new_byte ((guchar) number);
    case 'i':
      return g_variant_new_int32 ((gint32) number);
    case 'u':
      return g_variant_new_uint32 ((guint32) number);
    case 'x':
      return g_variant_new_int64 ((gint64) number);
    case 't':
      return g_variant_new_uint64 (number);
    case 'd':
      return g_variant_new_double (make_double (random));
    case 'h':
      return g_variant_new_handle (hostile_is_one_in (random, 3)
                                       ? (gint32) number
                                       : g_rand_int_range (random, 0, HOSTILE_MAX_DESCRIPTORS));
    case 's':
    default:
      text = make_text (random);
      return g_variant_new_string (text);
    }
}

/* Bytes are mostly a path. */
static GVariant *
make_array (GRand *random, const GVariantType *type)
{
  const GVariantType *element = g_variant_type_element (type);
  gint n = hostile_is_one_in (random, 20) ? 300 : g_rand_int_range (random, 0, 12);
  g_autofree char *text = make_text (random);
  GVariantBuilder builder;

  if (g_variant_type_equal (element, G_VARIANT_TYPE_BYTE))
    return hostile_is_one_in (random, 4)
               ? g_variant_new_fixed_array (element, text, strlen (text), 1)
               : g_variant_new_bytestring (text);
  g_variant_builder_init (&builder, type);
  for (gint i = 0; i < n; i++)
    g_variant_builder_add_value (&builder, hostile_make_value (random, element));
  return g_variant_builder_end (&builder);
}

GVariant *
hostile_make_value (GRand *random, const GVariantType *type)
{
  GVariantBuilder builder;

  if (g_variant_type_is_array (type))
    return make_array (random, type);
  if (!g_variant_type_is_tuple (type))
    return make_basic (random, g_variant_type_peek_string (type)[0]);
  g_variant_builder_init (&builder, type);
  for (const GVariantType *item = g_variant_type_first (type); item != NULL;
       item = g_variant_type_next (item))
    g_variant_builder_add_value (&builder, hostile_make_value (random, item));
  return g_variant_builder_end (&builder);
}

static const char *const types[] = { "s", "x", "t", "u", "d", "b", "ay", "as", "a(sh)", "(si)" };

GVariant *
hostile_make_some (GRand *random, const char *type)
{
  if (hostile_is_one_in (random, 12))
    type = types[g_rand_int_range (random, 0, G_N_ELEMENTS (types))];
  return hostile_make_value (random, G_VARIANT_TYPE (type));
}

typedef struct {
  const char *key, *type;
} Key;

static GVariant *
make_dictionary (GRand *random, const Key *keys, gsize n_keys)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  for (gsize i = 0; i < n_keys; i++)
    if (!hostile_is_one_in (random, 10))
      g_variant_dict_insert_value (&dict, keys[i].key, hostile_make_some (random, keys[i].type));
  return g_variant_dict_end (&dict);
}

GVariant *
hostile_make_properties (GRand *random)
{
  static const Key inner[] = {
    { "threads", "s" },     { "sampling-rate", "d" }, { "sample-interval-bytes", "t" },
    { "stack-depth", "u" }, { "ring-bytes", "t" },    { "pending", "b" }
  };
  static const Key outer[] = { { "Command", "as" },
                               { "State", "s" },
                               { "StartTime", "x" },
                               { "Threads", "a(uisb)" },
                               { "TraceDirectory", "ay" } };
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (outer); i++)
    if (!hostile_is_one_in (random, 10))
      g_variant_dict_insert_value (&dict, outer[i].key, hostile_make_some (random, outer[i].type));
  /* Without these two nothing more is asked. */
  g_variant_dict_insert (&dict, "Pid", "u",
                         hostile_is_one_in (random, 20) ? 1U : (guint) getpid ());
  if (hostile_is_one_in (random, 20))
    g_variant_dict_insert_value (&dict, "Version", hostile_make_some (random, "s"));
  else
    g_variant_dict_insert (&dict, "Version", "s", "1.7");
  g_variant_dict_insert_value (&dict, "Configuration",
                               hostile_is_one_in (random, 10)
                                   ? hostile_make_some (random, "s")
                                   : make_dictionary (random, inner, G_N_ELEMENTS (inner)));
  return g_variant_dict_end (&dict);
}

GVariant *
hostile_make_sample (GRand *random)
{
  static const Key keys[] = { { "cpu-percent", "d" },
                              { "resident-bytes", "t" },
                              { "threads", "u" },
                              { "suspended", "b" },
                              { "recorded-bytes", "t" } };

  return g_variant_new ("(@a{sv})", make_dictionary (random, keys, G_N_ELEMENTS (keys)));
}
