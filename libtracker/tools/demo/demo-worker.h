/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One of the demonstration's fifty threads: its plan, the blocks that it holds, and a ledger of what
 * it did, kept apart from the recorder so that a test can hold the one against the other.
 *
 * Everything a worker declares to the recorder is real: malloc'ed, written to, and freed when it is
 * declared free.  demo_take() and its like are called by the jobs, demo-jobs.c, from functions that
 * are named after what they do, because those names are what the recorder shows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct DemoWorker DemoWorker;

/* One step of a job: takes exactly one block of about @bytes, and does something with it. */
typedef void (*DemoStepFunc) (DemoWorker *self, uint32_t step, size_t bytes);

/* What a thread holds over its time, as a share of its peak. */
typedef enum {
  DEMO_SHAPE_RAMP,    /* grows until the end */
  DEMO_SHAPE_SAW,     /* grows and drops all, several times */
  DEMO_SHAPE_PLATEAU, /* grows at once and stays */
  DEMO_SHAPE_BURSTS,  /* little, and now and then a lot */
  DEMO_SHAPE_STEPS,   /* in five stairs */
  DEMO_SHAPE_WAVE,    /* up and down smoothly */
  DEMO_SHAPE_EARLY    /* takes everything in the first moments and then does nothing */
} DemoShape;

typedef struct {
  const char *name; /* at most 15 bytes */
  DemoStepFunc step;
  DemoShape shape;
  uint32_t peak_kb;     /* 1 kB = 1000 bytes; 0: not tracked */
  uint32_t allocations; /* not tracked: steps */
  uint8_t cpu_percent;  /* of one core, that it computes all the time */
  uint8_t leak_percent; /* of its blocks that it forgets to free at the end */
  bool hands_over;      /* lets the thread "gc" free what it holds at the end */
} DemoPlan;

typedef struct {
  unsigned char *bytes;
  size_t n_bytes;
} DemoBlock;

typedef struct {
  uint64_t allocations, deallocations, reallocations;
  uint64_t allocated_bytes, live_bytes, peak_bytes, leaked_bytes;
  uint64_t cpu_ns;                 /* its own clock, from its first line to its last */
  uint64_t file_calls, file_bytes; /* reads and writes of files */
  uint64_t socket_received_bytes, socket_sent_bytes;
} DemoLedger;

struct DemoWorker {
  const DemoPlan *plan;
  uint32_t id;
  bool tracked;
  uint64_t begin_ns, end_ns; /* of the thread, by CLOCK_MONOTONIC */
  DemoLedger ledger;
  DemoBlock *blocks; /* held, the oldest first, from first to end */
  uint32_t first, end;
  uint64_t random_state;
  uint64_t digest;        /* what its computations come to: keeps them from being optimised away */
  int socket_fd, file_fd; /* −1 where the job has none */
};

/* Sets up what @self needs; false with errno. */
bool demo_worker_init (DemoWorker *self, const DemoPlan *plan, uint32_t id);
void demo_worker_clear (DemoWorker *self);

/* Carries out the whole plan in the stretch from @start_ns to @end_ns of CLOCK_MONOTONIC. */
void demo_worker_run (DemoWorker *self, uint64_t start_ns, uint64_t end_ns);

/* Frees blocks that another worker took, which it left in @blocks. */
void demo_worker_free_for (DemoWorker *self, DemoWorker *owner);

/* --- for jobs --- */

/* A new block, written to. */
DemoBlock *demo_take (DemoWorker *self, size_t n_bytes);
/* The newest block grows by @n_bytes and may move: one allocation and one deallocation. */
DemoBlock *demo_grow (DemoWorker *self, size_t n_bytes);
uint32_t demo_random (DemoWorker *self, uint32_t below);

/* What a read or write of the job's file, a recv or a send has returned. */
void demo_count_file (DemoWorker *self, ssize_t n_bytes);
void demo_count_received (DemoWorker *self, ssize_t n_bytes);
void demo_count_sent (DemoWorker *self, ssize_t n_bytes);

uint64_t demo_now_ns (void);
uint64_t demo_thread_cpu_ns (void);
