/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which threads are tracked: a comma-separated list of terms, any of which may match.
 *
 *   all   none   main   even   odd   every:N   tid:N   start:SYMBOL   any other text: a name glob
 *
 * even, odd and every:N test the thread's id (creation order, main = 0).  A glob has * and ?.
 * Parsed once into this fixed structure; matching allocates nothing and takes no lock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TRK_RULE_TERMS 32
#define TRK_RULE_ROUTINES 4

typedef enum {
  TRK_TERM_ALL,
  TRK_TERM_NONE,
  TRK_TERM_MAIN,
  TRK_TERM_EVEN,
  TRK_TERM_ODD,
  TRK_TERM_EVERY,
  TRK_TERM_TID,
  TRK_TERM_START,
  TRK_TERM_NAME
} TrkTermKind;

typedef struct {
  TrkTermKind kind;
  uint64_t number; /* EVERY, TID; START: how many routines there are of that name, 0 if none */
  uint64_t routines[TRK_RULE_ROUTINES]; /* START; static functions may share a name */
  const char *text;                     /* NAME, START: into the rule's own copy */
} TrkTerm;

typedef struct {
  unsigned n_terms;
  bool uses_names; /* a rename may change the verdict */
  TrkTerm terms[TRK_RULE_TERMS];
  char text[1024];
} TrkRule;

/* Puts the addresses of the functions of that name, @n_max at most, and returns how many. */
typedef unsigned (*TrkSymbolLookup) (const char *name, uint64_t *addresses, unsigned n_max);

/* Returns NULL, or a sentence that says what is wrong with @text. */
const char *trk_rule_parse (TrkRule *self, const char *text, TrkSymbolLookup lookup);

bool trk_rule_matches (const TrkRule *self,
                       uint32_t id,
                       int32_t tid,
                       const char *name,
                       uint64_t start_routine);

/* The term that matches, as it was written; NULL: none does. */
const char *trk_rule_find (const TrkRule *self,
                           uint32_t id,
                           int32_t tid,
                           const char *name,
                           uint64_t start_routine);

/* The name of a function that no START term found, or NULL. */
const char *trk_rule_get_missing (const TrkRule *self);

/* Whether every thread, or none, is tracked whatever it is. */
bool trk_rule_is_all (const TrkRule *self);
bool trk_rule_is_none (const TrkRule *self);
