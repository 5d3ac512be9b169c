/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the walk by rules has to know about a processor: three DWARF columns, where a call leaves
 * its return address, the few DWARF expressions that occur in practice, and the kernel's signal
 * frame.  x86-64 has a trk-unwind-x86-64.c.
 *
 * A new processor needs the same of its own.  aarch64: columns 29, 31 and 30; the return address is
 * saved at any offset or still in x30 (in a frame that a signal interrupted), so a rule needs an
 * offset for it as well; it may be signed (strip it with xpaclri); the signal frame's registers
 * are at sp + 0x130.  Until then other processors use trk-unwind-frame-pointer.c.
 */
#pragma once

#include <stdint.h>
#include "trk-unwind.h"
#include "trk-unwind-eh-frame.h"
#include "trk-unwind-stack.h"

#if defined(__x86_64__)
#define TRK_DWARF_BP 6U
#define TRK_DWARF_SP 7U
#define TRK_DWARF_RA 16U
#define TRK_DWARF_NO_REGISTER UINT64_MAX
#define TRK_RETURN_ADDRESS_OFFSET (-8) /* from the CFA */
#define TRK_RED_ZONE_BYTES 128U        /* below sp, a leaf function's own */
#define TRK_DWARF_N_COLUMNS 17U
#define TRK_FALLBACK_LIBRARY "libunwind-x86_64.so.8"

/* The registers at this very place that a function must preserve, by DWARF column. */
#define TRK_REGISTERS_CAPTURE(columns) \
  __asm__ volatile("movq %%rbx, 24(%0)\n\t" \
                   "movq %%rbp, 48(%0)\n\t" \
                   "movq %%rsp, 56(%0)\n\t" \
                   "movq %%r12, 96(%0)\n\t" \
                   "movq %%r13, 104(%0)\n\t" \
                   "movq %%r14, 112(%0)\n\t" \
                   "movq %%r15, 120(%0)\n\t" \
                   "leaq 0f(%%rip), %%rax\n" \
                   "0:\tmovq %%rax, 128(%0)" \
                   : \
                   : "r"(columns) \
                   : "rax", "memory")
#else
#error "no rules for this processor"
#endif

typedef enum {
  TRK_EXPRESSION_OTHER,
  TRK_EXPRESSION_SP_PLUS,    /* sp + offset */
  TRK_EXPRESSION_BP_PLUS,    /* bp + offset */
  TRK_EXPRESSION_AT_BP_PLUS, /* the word at bp + offset */
} TrkExpressionKind;

typedef struct {
  TrkExpressionKind kind;
  int64_t offset;
} TrkExpression;

/* @pc: where the frame goes on. */
TrkExpression trk_unwind_read_expression (TrkBytes expression, uint64_t pc);

/* Are the instructions at @pc those that end a signal handler? @pc must be readable code. */
bool trk_unwind_is_signal_return (const uint8_t *code, const uint8_t *end);

/* Can the word at @address be read? */
static inline bool
trk_unwind_cursor_reach (TrkUnwindCursor *cursor, uint64_t address)
{
  if (__builtin_expect (address - cursor->low < cursor->high - cursor->low && !(address & 7), 1))
    return true;
  return trk_unwind_stack_reach (address, &cursor->low, &cursor->high);
}

/* Moves the cursor, which is in such code, to the interrupted frame. */
bool trk_unwind_leave_signal (TrkUnwindCursor *cursor);
