/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How to leave one frame, in one word, so that a row of the rule table is 16 bytes and is read and
 * written with two plain atomic accesses:
 *
 *   bits 0–2   kind          where the CFA (the caller's sp) is; 0 is no rule
 *   bits 3–4   bp            where the caller's bp is
 *   bits 5–32  generation    the number of trk_unwind_forget calls when it was read
 *   bits 33–43 bp offset     signed, in 8-byte words
 *   bits 44–63 CFA offset    signed, in 8-byte words; on top, where it costs one shift
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

#define TRK_RULE_GENERATION_SHIFT 5
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

/* CFA from sp or bp, bp kept or at CFA + offset. */
static inline bool
trk_rule_is_common (TrkUnwindRule rule)
{
  return trk_rule_kind (rule) - 1U <= TRK_RULE_CFA_BP - 1U
         && trk_rule_bp (rule) <= TRK_RULE_BP_AT_CFA;
}

static inline int64_t
trk_rule_cfa_offset (TrkUnwindRule rule)
{
  return ((int64_t) rule >> 44) * 8;
}

static inline int64_t
trk_rule_bp_offset (TrkUnwindRule rule)
{
  return ((int64_t) (rule << 20) >> 53) * 8;
}

static inline uint32_t
trk_rule_generation (TrkUnwindRule rule)
{
  return (uint32_t) (rule >> TRK_RULE_GENERATION_SHIFT) & TRK_RULE_MAX_GENERATION;
}

static inline TrkUnwindRule
trk_rule_with_generation (TrkUnwindRule rule, uint32_t generation)
{
  return rule | (uint64_t) generation << TRK_RULE_GENERATION_SHIFT;
}

/* Packs a rule of generation 0. Where bp is kept, its offset is that of the return address, so that a
 * walk may read it before it knows. */
static inline TrkUnwindRule
trk_rule_pack (TrkRuleKind kind, int64_t cfa_offset, TrkRuleBp bp, int64_t bp_offset)
{
  if (bp == TRK_RULE_BP_KEPT)
    bp_offset = -8;
  if ((cfa_offset & 7) || (bp_offset & 7) || cfa_offset < -(1 << 22) || cfa_offset >= 1 << 22
      || bp_offset < -(1 << 13) || bp_offset >= 1 << 13)
    return TRK_RULE_UNSUPPORTED;
  return (uint64_t) kind | (uint64_t) bp << 3 | (uint64_t) (cfa_offset / 8) << 44
         | ((uint64_t) (bp_offset / 8) & 0x7ff) << 33;
}
