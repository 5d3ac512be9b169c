/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-dashboard-words.h"

#include <string.h>

#include "ms-evidence.h"
#include "ms-json-writer.h"

#define WORDS "/org/memscope/Memscope/export/dashboard-words.txt"
#define MILLION 1000000

struct _MsDashboardWords {
  char *tag, *decimal, *html, *words;
  char *plural; /* the form of 0 … 199, a digit each */
  guint plural_of_millions;
  GHashTable *texts; /* context, 4, text: GStrv of its forms */
  MsLanguage language;
};

/* --- the file --- */

/* Of the registered resources, so that G_RESOURCE_OVERLAYS may replace it: tests have a language of their own. */
static char *
dup_file (void)
{
  g_autoptr (GBytes) bytes = g_resources_lookup_data (WORDS, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  return g_strndup (text, size);
}

/* The fields of a line. */
static GStrv
split_line (const char *line)
{
  GStrv fields = g_strsplit (line, "\t", -1);

  for (char **field = fields; *field != NULL; field++)
    {
      char *plain = g_strcompress (*field);

      g_free (*field);
      *field = plain;
    }
  return fields;
}

GStrv
ms_dashboard_words_dup_languages (void)
{
  g_autofree char *file = dup_file ();
  g_auto (GStrv) lines = g_strsplit (file, "\n", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "language\t"))
      g_strv_builder_add (builder, strchr (*line, '\t') + 1);
  return g_strv_builder_end (builder);
}

/* --- which language --- */

/* "zh-CN" and "de_AT.UTF-8@euro" become "zh_CN" and "de_AT". */
static char *
dup_plain (const char *language)
{
  char *plain = g_strdelimit (g_strdup (language), "-", '_');

  plain[strcspn (plain, ".@")] = '\0';
  return plain;
}

/* One of @known for @language, or NULL: itself, else without its country, else the same language anywhere. */
static const char *
find_language (const char *const *known, const char *language)
{
  g_autofree char *plain = dup_plain (language);
  gsize n = strcspn (plain, "_");

  for (gsize i = 0; known[i] != NULL; i++)
    if (strcmp (known[i], plain) == 0)
      return known[i];
  for (gsize i = 0; known[i] != NULL; i++)
    if (strlen (known[i]) == n && strncmp (known[i], plain, n) == 0)
      return known[i];
  for (gsize i = 0; known[i] != NULL; i++)
    if (strncmp (known[i], plain, n) == 0 && known[i][n] == '_')
      return known[i];
  return NULL;
}

static char *
choose_language (const char *wanted)
{
  g_auto (GStrv) known = ms_dashboard_words_dup_languages ();
  const char *const one[] = { wanted, NULL };
  const char *const *list = wanted != NULL ? one : g_get_language_names ();

  for (; *list != NULL && strcmp (*list, "C") != 0; list++)
    {
      const char *found = find_language ((const char *const *) known, *list);

      if (found != NULL)
        return g_strdup (found);
    }
  return g_strdup ("en");
}

/* --- texts --- */

static char *
dup_key (const char *context, const char *text)
{
  return g_strconcat (context != NULL ? context : "", "\004", text, NULL);
}

/* As the page does it (words.js). */
static guint
form_of (MsDashboardWords *self, gulong n)
{
  if (n > 0 && n % MILLION == 0)
    return self->plural_of_millions;
  return (guint) (self->plural[n < 200 ? n : 100 + n % 100] - '0');
}

static const char *
translate (const char *context, const char *text, const char *many, gulong n, gpointer data)
{
  MsDashboardWords *self = data;
  g_autofree char *key = dup_key (context, text);
  char **forms = g_hash_table_lookup (self->texts, key);

  if (forms == NULL || *forms == NULL)
    return many != NULL && n != 1 ? many : text;
  return many != NULL ? forms[MIN (form_of (self, n), g_strv_length (forms) - 1)] : *forms;
}

/* Takes @text. */
static char *
put_decimal (MsDashboardWords *self, char *text)
{
  g_autofree char *english = text;
  g_auto (GStrv) parts = g_strsplit (english, ".", 2);

  return g_strjoinv (self->decimal, parts);
}

static char *
format_value (double value, const char *unit, gpointer data)
{
  return put_decimal (data, ms_evidence_format_value (value, unit));
}

static char *
format_limit (double value, const char *unit, gpointer data)
{
  return put_decimal (data, ms_evidence_format_limit (value, unit));
}

/* --- reading a section --- */

static void
take_line (MsDashboardWords *self, GStrv fields)
{
  if (strcmp (fields[0], "decimal") == 0)
    self->decimal = g_strdup (fields[1]);
  else if (strcmp (fields[0], "html") == 0)
    self->html = g_strdup (fields[1]);
  else if (strcmp (fields[0], "words") == 0)
    self->words = g_strdup (fields[1]);
  else if (strcmp (fields[0], "plural") == 0)
    {
      self->plural_of_millions = (guint) g_ascii_strtoull (fields[1], NULL, 10);
      self->plural = g_strdup (fields[2]);
    }
  else if (strcmp (fields[0], "text") == 0)
    g_hash_table_insert (self->texts, dup_key (fields[1], fields[2]), g_strdupv (fields + 3));
}

MsDashboardWords *
ms_dashboard_words_new (const char *language)
{
  MsDashboardWords *self = g_new0 (MsDashboardWords, 1);
  g_autofree char *chosen = choose_language (language);
  g_autofree char *heading = g_strconcat ("language\t", chosen, NULL);
  g_autofree char *file = dup_file ();
  g_auto (GStrv) lines = g_strsplit (file, "\n", -1);
  gboolean is_it = FALSE;

  self->tag = g_strdelimit (g_steal_pointer (&chosen), "_", '-');
  self->texts =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  self->language = (MsLanguage) { translate, format_value, format_limit, self };
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) fields = NULL;

      if (g_str_has_prefix (*line, "language\t"))
        is_it = strcmp (*line, heading) == 0;
      if (!is_it)
        continue;
      fields = split_line (*line);
      if (g_strv_length (fields) > 1)
        take_line (self, fields);
    }
  return self;
}

void
ms_dashboard_words_free (MsDashboardWords *self)
{
  if (self == NULL)
    return;
  g_free (self->tag);
  g_free (self->decimal);
  g_free (self->html);
  g_free (self->words);
  g_free (self->plural);
  g_hash_table_unref (self->texts);
  g_free (self);
}

const char *
ms_dashboard_words_get_tag (MsDashboardWords *self)
{
  return self->tag;
}

const char *
ms_dashboard_words_get_html (MsDashboardWords *self)
{
  return self->html;
}

const MsLanguage *
ms_dashboard_words_get_language (MsDashboardWords *self)
{
  return g_hash_table_size (self->texts) > 0 ? &self->language : NULL;
}

/* --- the page's block --- */

/* As the data has it, between its quotes. */
static char *
dup_json_string (const char *text)
{
  MsJsonWriter *writer = ms_json_writer_new (NULL, MS_JSON_COMPACT);

  ms_json_writer_string (writer, text);
  return ms_json_writer_close_to_string (writer);
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char *
ms_dashboard_words_dup_block (MsDashboardWords *self, const char *data)
{
  MsJsonWriter *writer = ms_json_writer_new (NULL, MS_JSON_COMPACT);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *texts = NULL;
  guint n_keys;
  g_autofree const char **keys =
      (const char **) g_hash_table_get_keys_as_array (self->texts, &n_keys);

  qsort (keys, n_keys, sizeof *keys, compare_keys);
  ms_json_writer_begin_object (writer);
  for (guint i = 0; i < n_keys; i++)
    {
      const char *text = strchr (keys[i], '\004') + 1;
      char **forms = g_hash_table_lookup (self->texts, keys[i]);
      g_autofree char *quoted = dup_json_string (text);

      if (strstr (data, quoted) != NULL && g_hash_table_add (seen, (gpointer) text))
        ms_json_writer_add_string (writer, text, *forms);
    }
  ms_json_writer_end_object (writer);
  texts = ms_json_writer_close_to_string (writer);
  return g_strconcat ("{", self->words, ",\"data\":", texts, "}", NULL);
}
