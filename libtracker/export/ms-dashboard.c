/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The page must stay under its size for any trace, however long the names in it.  Almost every trace
 * fits the first row of the table below; one that does not is written again with the next.
 */
#include "ms-dashboard.h"

#include <string.h>

#include "ms-dashboard-data.h"
#include "ms-dashboard-words.h"
#include "ms-export-resources.h"

/* The words of any language; that they are less is tested. */
#define MOST_WORDS_BYTES 60000
/* More than the page shows of any figure; counts and bytes are whole and stay exact. */
#define DIGITS 7
#define TEMPLATE "/org/memscope/Memscope/export/dashboard.html"

static const MsDashboardLimits levels[] = {
  { .threads = 2000,
    .stacks = 200,
    .depth = 128,
    .flame_nodes = 3000,
    .name_chars = 400,
    .sampled = 64 },
  { .threads = 1500,
    .stacks = 150,
    .depth = 64,
    .flame_nodes = 2000,
    .name_chars = 160,
    .sampled = 48 },
  { .threads = 600,
    .stacks = 100,
    .depth = 48,
    .flame_nodes = 1000,
    .name_chars = 80,
    .sampled = 24 },
  { .threads = 200, .stacks = 40, .depth = 24, .flame_nodes = 300, .name_chars = 40, .sampled = 8 },
};

static char *
data_that_fits (MsExportView *view, const MsLanguage *language, gsize most_bytes)
{
  for (gsize i = 0;; i++)
    {
      MsJsonWriter *writer = ms_json_writer_new (NULL, MS_JSON_COMPACT);
      g_autofree char *data = NULL;

      ms_json_writer_set_digits (writer, DIGITS);
      ms_dashboard_data_write (writer, view, &levels[i], language);
      data = ms_json_writer_close_to_string (writer);
      if (i + 1 == G_N_ELEMENTS (levels) || strlen (data) <= most_bytes)
        return g_steal_pointer (&data);
    }
}

/* @page to @mark, and @text in its place; returns what follows.  In order, so that no text is looked through for
 * marks.  A resource ends in a NUL that its size does not count. */
static const char *
append_to (GString *whole, const char *page, const char *mark, const char *text)
{
  const char *at = strstr (page, mark);

  g_string_append_len (whole, page, at - page);
  g_string_append (whole, text);
  return at + strlen (mark);
}

GBytes *
ms_dashboard_new (MsExportView *view)
{
  g_autoptr (GBytes) template = g_resource_lookup_data (ms_export_get_resource (), TEMPLATE,
                                                        G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  gsize size;
  const char *page = g_bytes_get_data (template, &size);
  g_autoptr (MsDashboardWords) words = ms_dashboard_words_new (view->language);
  g_autofree char *data = data_that_fits (view, ms_dashboard_words_get_language (words),
                                          MS_DASHBOARD_MOST_BYTES - size - MOST_WORDS_BYTES);
  g_autofree char *block = ms_dashboard_words_dup_block (words, data);
  GString *whole = g_string_sized_new (size + strlen (data) + strlen (block));

  page = append_to (whole, page, "@LANGUAGE@", ms_dashboard_words_get_tag (words));
  page = append_to (whole, page, "@NOSCRIPT@", ms_dashboard_words_get_html (words));
  page = append_to (whole, page, "@WORDS@", block);
  page = append_to (whole, page, "@DATA@", data);
  g_string_append (whole, page);
  return g_string_free_to_bytes (whole);
}
