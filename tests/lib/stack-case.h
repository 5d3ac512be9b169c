/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A trace of stacks in words, and what a test needs to compare with: values, and each stack as the
 * functions on it with recursion collapsed.
 */
#pragma once

#include "ms-frame-names.h"
#include "name-table.h"
#include "trace-fixture.h"

#define STACK_CASE_COLUMNS 2

typedef struct {
  TraceFixture trace_fixture;
  NameTable *table;
  MsTrace *trace;
  MsFrameNames *names;
  guint64 *columns[STACK_CASE_COLUMNS]; /* 0 each until a test sets them */
  GPtrArray *lines;                     /* of GStrv: the stacks, outermost first, collapsed */
  guint n_stacks;
} StackCase;

void stack_case_set_up (StackCase *self, gconstpointer data);
void stack_case_tear_down (StackCase *self, gconstpointer data);
/* The @nth allocation, of 10 bytes, at the stack @words. */
void stack_case_add (StackCase *self, const char *words, guint nth);
/* When all are added. */
void stack_case_load (StackCase *self);
/* Stacks of up to @most_depth of @n_functions functions: few of them make much recursion. */
void stack_case_make_random (StackCase *self,
                             GRand *random,
                             guint n_stacks,
                             guint n_functions,
                             guint most_depth);
const guint64 *const *stack_case_columns (StackCase *self);
/* The number of a function. */
guint stack_case_find (StackCase *self, const char *label);
