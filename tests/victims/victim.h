/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the victims share: programs that are run twice, untraced and traced, and must do the same.
 *
 *   victim-threads cancel      runs one case; exit status 0, or what the case is about
 *
 * A victim checks its own behaviour with CHECK, prints what it saw, and makes a known number of
 * *marked* allocations: so large that nothing else in the program is, never touched, so that a
 * trace can be asked how many of them it has.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VICTIM_MARK_BYTES ((size_t) 1 << 21)
#define VICTIM_FAILED 99

#define CHECK(condition) \
  do \
    if (!(condition)) \
      { \
        dprintf (2, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
        _exit (VICTIM_FAILED); \
      } \
  while (0)

/* One marked allocation. */
static inline void *
victim_mark (void)
{
  void *volatile block = malloc (VICTIM_MARK_BYTES);

  CHECK (block);
  return block;
}

/* Events enough to fill the tracker's windows several times; frees all that it allocates. */
static inline void
victim_churn (unsigned n_pairs)
{
  void *volatile blocks[32] = { NULL };

  for (unsigned i = 0; i < n_pairs; i++)
    {
      free (blocks[i % 32]);
      blocks[i % 32] = malloc (1 + i % 900);
    }
  for (unsigned i = 0; i < 32; i++)
    free (blocks[i]);
}

typedef struct {
  const char *name;
  int (*run) (void);
} VictimCase;

static inline int
victim_main (int argc, char **argv, const VictimCase *cases, size_t n_cases)
{
  for (size_t i = 0; argc > 1 && i < n_cases; i++)
    if (strcmp (argv[1], cases[i].name) == 0)
      return cases[i].run ();
  dprintf (2, "usage: %s CASE\n", argv[0]);
  return 2;
}

#define VICTIM_MAIN(cases) \
  int main (int argc, char **argv) \
  { \
    return victim_main (argc, argv, cases, sizeof cases / sizeof cases[0]); \
  }

#ifdef __cplusplus
}
#endif
