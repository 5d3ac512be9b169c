/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How to leave one frame, in one word, so that a row of the rule table is 16 bytes and is read and
 * written with two plain atomic accesses:
 *
 *   bits 0–2   kind          where the CFA (the caller's sp) is; 0 is no rule
 *   bits 3–4   bp            where the caller's bp is
 *   bits 5–24  CFA offset    signed, in 8-byte words
 *   bits 25–35 bp offset     signed, in 8-byte words
 *   bits 36–63 generation    the number of trk_unwind_forget calls when it was read
 *
 * The return address is always the word below the CFA.  What does not fit is TRK_RULE_UNSUPPORTED.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t TrkUnwindRule;

typedef enum {
  TRK_RULE_NONE = 0,
  TRK_RULE_CFA_SP,      /* CFA = sp + offset */
  TRK_RULE_CFA_BP,      /* CFA = bp + offset */
  TRK_RULE_CFA_AT_BP,   /* CFA = the word at bp + offset: frames that realign their stack */
  TRK_RULE_END,         /* no caller: the outermost frame */
  TRK_RULE_SIGNAL,      /* the kernel's signal frame: registers are in its ucontext */
  TRK_RULE_BARE,        /* code of a module that has no unwind information for it */
  TRK_RULE_UNSUPPORTED, /* a rule that needs more than sp and bp */
} TrkRuleKind;

typedef enum {
  TRK_RULE_BP_KEPT,
  TRK_RULE_BP_AT_CFA, /* at CFA + offset */
  TRK_RULE_BP_AT_BP,  /* at bp + offset */
} TrkRuleBp;

#define TRK_RULE_GENERATION_SHIFT 36
#define TRK_RULE_MAX_GENERATION ((1U << 28) - 1)

static inline TrkRuleKind
trk_rule_kind (TrkUnwindRule rule)
{
  return (TrkRuleKind) (rule & 7);
}

static inline TrkRuleBp
trk_rule_bp (TrkUnwindRule rule)
{
  return (TrkRuleBp) (rule >> 3 & 3);
}

static inline int64_t
trk_rule_cfa_offset (TrkUnwindRule rule)
{
  return (int64_t) (rule << 39) >> 44 << 3;
}

static inline int64_t
trk_rule_bp_offset (TrkUnwindRule rule)
{
  return (int64_t) (rule << 28) >> 53 << 3;
}

static inline uint32_t
trk_rule_generation (TrkUnwindRule rule)
{
  return (uint32_t) (rule >> TRK_RULE_GENERATION_SHIFT);
}

static inline TrkUnwindRule
trk_rule_with_generation (TrkUnwindRule rule, uint32_t generation)
{
  return rule | (uint64_t) generation << TRK_RULE_GENERATION_SHIFT;
}

/* Packs a rule of generation 0. */
static inline TrkUnwindRule
trk_rule_pack (TrkRuleKind kind, int64_t cfa_offset, TrkRuleBp bp, int64_t bp_offset)
{
  if ((cfa_offset & 7) || (bp_offset & 7) || cfa_offset < -(1 << 22) || cfa_offset >= 1 << 22
      || bp_offset < -(1 << 13) || bp_offset >= 1 << 13)
    return TRK_RULE_UNSUPPORTED;
  return (uint64_t) kind | (uint64_t) bp << 3 | ((uint64_t) (cfa_offset >> 3) & 0xfffff) << 5
         | ((uint64_t) (bp_offset >> 3) & 0x7ff) << 25;
}
