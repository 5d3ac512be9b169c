/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * resolve-addresses OBJECT [CACHE-FOLDER]: hexadecimal addresses of OBJECT on standard input, what the
 * symbolizer says about them on standard output, as `addr2line -a -i -f` prints it:
 *
 *   0x1234
 *   function            innermost first, "??" if unknown
 *   /file.c:12          "??:0"
 *
 * and on standard error how long that took and how much memory.  For compare-with-addr2line and by hand.
 */
#include <stdio.h>
#include <sys/resource.h>

#include "ms-symbolizer.h"

static GArray *
read_queries (const MsModule *module)
{
  GArray *queries = g_array_new (FALSE, FALSE, sizeof (MsNameQuery));
  char line[64];

  while (fgets (line, sizeof line, stdin) != NULL)
    {
      MsNameQuery query = { module, g_ascii_strtoull (line, NULL, 16), TRUE };

      g_array_append_val (queries, query);
    }
  return queries;
}

static void
print (MsNameResolver *resolver, const MsNameQuery *query)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (MsFrame));

  ms_name_resolver_resolve (resolver, query->module, query->address, TRUE, frames);
  printf ("0x%" G_GINT64_MODIFIER "x\n", query->address);
  for (guint i = 0; i < frames->len; i++)
    {
      const MsFrame *frame = &g_array_index (frames, MsFrame, i);

      printf ("%s\n%s:%u\n", frame->function != NULL ? frame->function : "??",
              frame->file != NULL ? frame->file : "??", frame->line);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (MsSymbolizer) symbolizer = NULL;
  g_autoptr (GArray) queries = NULL;
  g_autofree char *path = NULL;
  MsModule module = { 0 };
  const MsNameQuery *all;
  MsNameResolver *resolver;
  struct rusage usage;
  gint64 start_us, prepared_us;

  if (argc < 2)
    return 2;
  path = g_canonicalize_filename (argv[1], NULL);
  module.path = path;
  /* BUILD_ID: kept names are for objects that have one. */
  module.build_id = g_getenv ("BUILD_ID");
  symbolizer = ms_symbolizer_new_with_folders (NULL, argv[2]);
  queries = read_queries (&module);
  resolver = MS_NAME_RESOLVER (symbolizer);
  all = (const MsNameQuery *) (gconstpointer) queries->data;
  start_us = g_get_monotonic_time ();
  if (queries->len > 0)
    MS_NAME_RESOLVER_GET_IFACE (symbolizer)->prepare (resolver, all, 1, NULL);
  prepared_us = g_get_monotonic_time ();
  MS_NAME_RESOLVER_GET_IFACE (symbolizer)->prepare (resolver, all, queries->len, NULL);
  fprintf (stderr, "first %.3f s, %u addresses %.3f s", (double) (prepared_us - start_us) / 1e6,
           queries->len, (double) (g_get_monotonic_time () - start_us) / 1e6);
  getrusage (RUSAGE_SELF, &usage);
  fprintf (stderr, ", resident at most %ld MB\n", usage.ru_maxrss / 1000);
  for (guint i = 0; i < queries->len; i++)
    print (resolver, &all[i]);
  return 0;
}
