/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * export-fixture NAME OUT [FORMAT…]: exports the fixture NAME into the folder OUT as NAME_*, for the checks
 * that are not written in C.  Instead of a format: "part" for 35 to 75 ms of it, "thread=ID" for what
 * one thread did, "redact", "events", "language=L".
 */
#include "export-fixtures.h"
#include "ms-export.h"

#include <string.h>

int
main (int argc, char **argv)
{
  g_autoptr (MsNameResolver) resolver = NULL;
  g_autoptr (MsTrace) trace = argc >= 3 ? export_fixture_load (argv[1], &resolver) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsFilter) filter = NULL;
  MsExportOptions options;

  if (!trace)
    {
      g_printerr ("usage: export-fixture plain|hostile|many|untracked|sampled|measured|crowd|empty|"
                  "threadless OUT [FORMAT…]\n");
      return 2;
    }
  ms_export_options_init (&options);
  options.output_folder = argv[2];
  options.prefix = argv[1];
  options.resolver = resolver;
  options.language = "en";
  for (int i = 3; i < argc; i++)
    if (g_str_equal (argv[i], "part"))
      {
        g_autoptr (MsFilter) before = g_steal_pointer (&filter);

        filter = ms_filter_with_range (before, 35000000, 75000000);
        options.part = "35 ms to 75 ms";
      }
    else if (g_str_has_prefix (argv[i], "thread="))
      {
        g_autoptr (MsFilter) before = g_steal_pointer (&filter);
        guint id = (guint) g_ascii_strtoull (argv[i] + strlen ("thread="), NULL, 10);

        filter = ms_filter_with_threads (before, &id, 1);
      }
    else if (g_str_equal (argv[i], "events"))
      options.files |= MS_EXPORT_EVENTS;
    else if (g_str_has_prefix (argv[i], "language="))
      options.language = argv[i] + strlen ("language=");
    else if (g_str_equal (argv[i], "redact"))
      options.redact = TRUE;
    else
      options.files |= ms_export_files_from_name (argv[i]);
  options.filter = filter;
  if (!ms_export_trace (trace, &options, NULL, NULL, &error))
    {
      g_printerr ("export-fixture: %s\n", error->message);
      return 1;
    }
  return 0;
}
