/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A library that allocates when it is loaded, used and unloaded; see victim-loader.c. */
#include "victim.h"

void *plugin_mark (void);

static void *block, *table[2000];

__attribute__ ((constructor)) static void
construct (void)
{
  block = victim_mark ();
  for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
    table[i] = malloc (50);
}

/* Libraries give back their tables after main's own destructors have run: many frees, very late. */
__attribute__ ((destructor)) static void
destruct (void)
{
  free (block);
  for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
    free (table[i]);
  free (victim_mark ());
}

void *
plugin_mark (void)
{
  return victim_mark ();
}
