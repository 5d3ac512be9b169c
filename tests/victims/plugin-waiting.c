/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A library whose constructor waits for a thread that allocates; see victim-loader.c. */
#include <pthread.h>

#include "victim.h"

static void *
allocate (void *data)
{
  victim_churn (20000);
  free (victim_mark ());
  return NULL;
}

__attribute__ ((constructor)) static void
construct (void)
{
  pthread_t thread;

  CHECK (pthread_create (&thread, NULL, allocate, NULL) == 0);
  CHECK (pthread_join (thread, NULL) == 0);
}
