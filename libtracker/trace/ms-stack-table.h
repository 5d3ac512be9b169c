/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The call stacks of a trace, in the order in which they were found.  Number 0 stands for "no call
 * stack" and for those whose block was lost, so that sums over stacks are whole.  Two threads that met
 * a stack at once gave it an id each: both ids get one number here.
 */
#pragma once

#include "ms-block-index.h"
#include "ms-key-map.h"

G_BEGIN_DECLS

typedef struct {
  guint64 first_frame; /* index into frames */
  guint32 depth;
  guint32 generation;
  guint32 id; /* in the file: its first */
  gboolean truncated;
  guint32 next_same_hash; /* number, 0: none */
} MsStack;

typedef struct {
  GArray *stacks;    /* of MsStack */
  GArray *frames;    /* of guint64, innermost first */
  MsKeyMap numbers;  /* id in the file → number */
  MsKeyMap contents; /* hash of the frames → number of the first such stack */
  guint64 n_truncated;
} MsStackTable;

void ms_stack_table_init (MsStackTable *self);
void ms_stack_table_clear (MsStackTable *self);
/* Adds those that it does not have yet. */
void ms_stack_table_load (MsStackTable *self, MsBlockIndex *index);

typedef struct {
  guint64 start, end; /* addresses from start on and before end */
} MsAddressRange;

/* After load(), once: leaves out frames within @ranges, but never a stack's last one. */
void ms_stack_table_drop_frames (MsStackTable *self, const MsAddressRange *ranges, guint n_ranges);

/* The stacks and frames alone: ids are not known to the copy. */
void ms_stack_table_copy (MsStackTable *self, const MsStackTable *from);

/* 0 for an id that is not there. */
guint32 ms_stack_table_number_of (MsStackTable *self, guint32 id);

G_END_DECLS
