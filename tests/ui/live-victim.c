/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Three threads that allocate a few thousand blocks a second, for the time that a test needs: for a minute at most, or
 * for so many seconds. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define N_THREADS 3
#define N_BLOCKS 64
#define ROUND_US 10000

static unsigned n_rounds = 6000;

static void *
run (void *data)
{
  static _Thread_local void *blocks[N_BLOCKS];

  (void) data;
  for (unsigned round = 0; round < n_rounds; round++)
    {
      for (unsigned i = 0; i < N_BLOCKS / 2; i++)
        {
          unsigned at = (round * 7 + i * 3) % N_BLOCKS;

          free (blocks[at]);
          blocks[at] = malloc (16 + 8 * ((round + i) % 200));
        }
      usleep (ROUND_US);
    }
  return NULL;
}

int
main (int argc, char **argv)
{
  pthread_t threads[N_THREADS];

  if (argc > 1)
    n_rounds = (unsigned) atoi (argv[1]) * (1000000 / ROUND_US);
  for (unsigned i = 0; i < N_THREADS; i++)
    if (pthread_create (&threads[i], NULL, run, NULL) != 0)
      return 1;
  for (unsigned i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);
  return 0;
}
