/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "recorder-stand-ins.h"

#include <glib.h>
#include <pthread.h>
#include <sys/mman.h>

#include "trk-clock.h"
#include "trk-gate.h"
#include "trk-process.h"

TrkProcess trk_process;
TrkClockSource trk_clock;
uint32_t trk_gate[2048];
__thread TrkThreadGate trk_thread_gate;

void
trk_clock_get_pair (uint64_t *ticks, uint64_t *ns)
{
  *ticks = *ns = 1;
}

void
trk_process_get_file (const char *name, char path[TRK_PATH_BYTES])
{
  path[0] = '\0';
}

/* By the linker's --wrap. */
void *__wrap_trk_system_map_anonymous (size_t n_bytes);
void __wrap_trk_system_unmap (void *address, size_t n_bytes);

void *
__wrap_trk_system_map_anonymous (size_t n_bytes)
{
  void *memory = mmap (NULL, n_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  return memory == MAP_FAILED ? NULL : memory;
}

void
__wrap_trk_system_unmap (void *address, size_t n_bytes)
{
  munmap (address, n_bytes);
}

unsigned
get_table_rounds (void)
{
  const char *rounds = g_getenv ("TABLE_ROUNDS");

  return rounds ? (unsigned) g_ascii_strtoull (rounds, NULL, 10) : 1;
}

typedef struct {
  pthread_t thread;
  pthread_barrier_t *begin;
  unsigned number, result;
  unsigned (*function) (unsigned number);
} Runner;

static void *
run (void *data)
{
  Runner *self = data;

  pthread_barrier_wait (self->begin);
  self->result = self->function (self->number);
  return NULL;
}

unsigned
run_at_once (unsigned n_threads, unsigned (*function) (unsigned number))
{
  g_autofree Runner *runners = g_new0 (Runner, n_threads);
  pthread_barrier_t begin;
  unsigned sum = 0;

  pthread_barrier_init (&begin, NULL, n_threads);
  for (unsigned i = 0; i < n_threads; i++)
    {
      runners[i] = (Runner) { .begin = &begin, .number = i, .function = function };
      g_assert_cmpint (pthread_create (&runners[i].thread, NULL, run, &runners[i]), ==, 0);
    }
  for (unsigned i = 0; i < n_threads; i++)
    {
      pthread_join (runners[i].thread, NULL);
      sum += runners[i].result;
    }
  pthread_barrier_destroy (&begin);
  return sum;
}

bool
trk_process_begin_calls (void)
{
  return true;
}

void
trk_process_end_calls (void)
{
}
