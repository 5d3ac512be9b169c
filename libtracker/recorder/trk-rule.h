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
  uint64_t number;  /* EVERY, TID; START: the routine's address, 0 if not found */
  const char *text; /* NAME, START: into the rule's own copy */
} TrkTerm;

typedef struct {
  unsigned n_terms;
  bool uses_names; /* a rename may change the verdict */
  TrkTerm terms[TRK_RULE_TERMS];
  char text[1024];
} TrkRule;

/* The address of a function of this program by name, 0 if unknown. */
typedef uint64_t (*TrkSymbolLookup) (const char *name);

/* Returns NULL, or a sentence that says what is wrong with @text. */
const char *trk_rule_parse (TrkRule *self, const char *text, TrkSymbolLookup lookup);

bool trk_rule_matches (const TrkRule *self,
                       uint32_t id,
                       int32_t tid,
                       const char *name,
                       uint64_t start_routine);

/* Whether every thread, or none, is tracked whatever it is. */
bool trk_rule_is_all (const TrkRule *self);
bool trk_rule_is_none (const TrkRule *self);
