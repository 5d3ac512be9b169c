/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program that a recorded one starts; built in the ways that keep it from being followed, and once
 * plainly.  Says what it was given, allocates, and exits with status 3.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
main (int argc, char **argv)
{
  const char *preload = getenv ("LD_PRELOAD");

  for (volatile int i = 0; i < 100; i++)
    free (malloc (1000));
  printf ("user %d, %d arguments, LD_PRELOAD %s\n", (int) geteuid (), argc - 1,
          preload ? preload : "unset");
  return 3;
}
