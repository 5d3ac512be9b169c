/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is wanted of this process, from the environment (preload) or from the caller (explicit API).
 * Read once; no allocation.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <memscope/tracker.h>

#define TRK_PATH_BYTES 4096
#define TRK_RULE_BYTES 1024

typedef struct {
  double sampling_rate;
  uint64_t sample_interval_bytes;
  uint32_t stack_depth;
  bool frequency;
  bool dormant; /* hooks are in, and nothing is recorded until somebody says so (trk-control.h) */
  bool free_stacks;
  bool mappings; /* the mmap family is recorded */
  bool sockets;  /* bytes on sockets are counted */
  bool preload;  /* hooks are in: the heap is recorded */
  bool debug;
  bool live; /* MEMSCOPE_LIVE: the recording is to have an agent */
  uint64_t
      ring_bytes; /* each thread keeps only its last so many bytes of events; 0: all (trk-ring.h) */
  bool has_seed;
  uint64_t seed; /* MEMSCOPE_SEED: the same draws in each run, for tests */
  char thread_rule[TRK_RULE_BYTES];
  char pool_folder
      [256]; /* MEMSCOPE_POOL_FOLDER: where pools lie, in memory; empty: in trace folders */
} TrkConfig;

/* From MEMSCOPE_*; what is absent or unreadable keeps the default preset's value. */
void trk_config_from_environment (TrkConfig *self);

/* 0 or MEMSCOPE_ERROR_CONFIG. */
int trk_config_from_sampling (TrkConfig *self, const MemscopeSamplingConfig *sampling);
