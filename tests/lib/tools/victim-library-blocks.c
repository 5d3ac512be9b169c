/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Makes the C library keep what it keeps until the process ends, of every kind that ms-library-blocks.h knows, and leaks
 * one thing of its own beside each that looks like it: a stream, a string, a list of addresses.
 */
#include <dlfcn.h>
#include <iconv.h>
#include <locale.h>
#include <netdb.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void *volatile sink;

static void
do_nothing (void)
{
}

static void *
run_thread (void *data)
{
  sink = dlsym (RTLD_DEFAULT, "no_such_function");
  sink = strerror (9999);
  return NULL;
}

__attribute__ ((noinline)) static void
use_the_library (void)
{
  pthread_t threads[4];
  time_t now = 0;
  iconv_t conversion;

  printf ("%s\n", setlocale (LC_ALL, "C.UTF-8") != NULL ? "" : "no locale");
  setlocale (LC_ALL, "german"); /* an alias, which is looked up in a file */
  sink = getpwuid (getuid ());
  sink = getservbyname ("ssh", "tcp");
  setenv ("TZ", "Europe/Berlin", 1);
  sink = localtime (&now);
  for (int i = 0; i < 100; i++)
    atexit (do_nothing);
  sink = dlopen ("no-such-library.so", RTLD_NOW);
  sink = dlerror ();
  conversion = iconv_open ("UTF-16", "ISO-8859-1");
  if (conversion != (iconv_t) -1)
    iconv_close (conversion);
  for (int i = 0; i < 4; i++)
    if (pthread_create (&threads[i], NULL, run_thread, NULL) != 0)
      exit (1);
  for (int i = 0; i < 4; i++)
    pthread_join (threads[i], NULL);
}

__attribute__ ((noinline)) static void
leak (void)
{
  sink = fopen ("/dev/null", "r"); /* 472 bytes */
  sink = strdup ("a string of thirty-two bytes...");
}

int
main (void)
{
  use_the_library ();
  leak ();
  return 0;
}
