/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The page must stay under its size for any trace, however long the names in it.  Almost every trace
 * fits the first row of the table below; one that does not is written again with the next.
 */
#include "ms-dashboard.h"

#include <string.h>

#include "ms-dashboard-data.h"
#include "ms-export-resources.h"

#define TEMPLATE "/org/memscope/Memscope/export/dashboard.html"
#define DATA_MARK "@DATA@"

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
data_that_fits (MsExportView *view, gsize most_bytes)
{
  for (gsize i = 0;; i++)
    {
      MsJsonWriter *writer = ms_json_writer_new (NULL, MS_JSON_COMPACT);
      g_autofree char *data = NULL;

      ms_dashboard_data_write (writer, view, &levels[i]);
      data = ms_json_writer_close_to_string (writer);
      if (i + 1 == G_N_ELEMENTS (levels) || strlen (data) <= most_bytes)
        return g_steal_pointer (&data);
    }
}

GBytes *
ms_dashboard_new (MsExportView *view)
{
  g_autoptr (GBytes) template = g_resource_lookup_data (ms_export_get_resource (), TEMPLATE,
                                                        G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  gsize size;
  const char *page = g_bytes_get_data (template, &size);
  const char *mark = g_strstr_len (page, (gssize) size, DATA_MARK);
  g_autofree char *data = data_that_fits (view, MS_DASHBOARD_MOST_BYTES - size);
  GString *whole = g_string_sized_new (size + strlen (data));

  g_string_append_len (whole, page, mark - page);
  g_string_append (whole, data);
  mark += strlen (DATA_MARK);
  g_string_append_len (whole, mark, (gssize) (size - (gsize) (mark - page)));
  return g_string_free_to_bytes (whole);
}
