/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86-64, System V ABI.  A call pushes the return address, so it is always the word below the CFA.
 *
 * Signal frame, when the handler has returned into the restorer (__restore_rt in glibc):
 *
 *   sp ──▶ ucontext   uc_mcontext.gregs: every register of the interrupted code
 *          siginfo
 */
#include "trk-unwind-arch.h"

#include <string.h>
#include <ucontext.h>
#include "trk-unwind-stack.h"

#define OP_AND 0x1a
#define OP_DEREF 0x06
#define OP_GE 0x2a
#define OP_PLUS 0x22
#define OP_SHL 0x24
#define OP_LIT0 0x30
#define OP_BREG_BP (0x70 + TRK_DWARF_BP)
#define OP_BREG_SP (0x70 + TRK_DWARF_SP)
#define OP_BREG_PC (0x70 + TRK_DWARF_RA)

/* The CFA in a PLT: every entry of 16 bytes pushes one word before its byte @n, so
 * sp + 8 + ((pc & 15) >= n) * 8. */
static bool
read_plt_expression (const uint8_t *code, size_t n_bytes, uint64_t pc, int64_t *offset)
{
  static const uint8_t head[] = { OP_BREG_SP, 8, OP_BREG_PC, 0, OP_LIT0 + 15, OP_AND };
  static const uint8_t tail[] = { OP_GE, OP_LIT0 + 3, OP_SHL, OP_PLUS };
  uint8_t n;

  if (n_bytes != sizeof head + 1 + sizeof tail || memcmp (code, head, sizeof head) != 0
      || memcmp (code + sizeof head + 1, tail, sizeof tail) != 0)
    return false;
  n = code[sizeof head] - OP_LIT0;
  if (n > 15)
    return false;
  *offset = (pc & 15) >= n ? 16 : 8;
  return true;
}

TrkExpression
trk_unwind_read_expression (TrkBytes expression, uint64_t pc)
{
  TrkExpression value = { TRK_EXPRESSION_OTHER, 0 };
  uint8_t operation;

  if (expression.bad)
    return value;
  if (read_plt_expression (expression.at, (size_t) (expression.end - expression.at), pc,
                           &value.offset))
    {
      value.kind = TRK_EXPRESSION_SP_PLUS;
      return value;
    }

  operation = (uint8_t) trk_bytes_get (&expression, 1);
  value.offset = trk_bytes_get_sleb (&expression);
  if (expression.bad)
    return value;
  if (expression.at == expression.end)
    value.kind = operation == OP_BREG_SP   ? TRK_EXPRESSION_SP_PLUS
                 : operation == OP_BREG_BP ? TRK_EXPRESSION_BP_PLUS
                                           : TRK_EXPRESSION_OTHER;
  else if (operation == OP_BREG_BP && expression.end - expression.at == 1
           && *expression.at == OP_DEREF)
    value.kind = TRK_EXPRESSION_AT_BP_PLUS;
  return value;
}

bool
trk_unwind_is_signal_return (const uint8_t *code, const uint8_t *end)
{
  /* mov $SYS_rt_sigreturn, %rax (or %eax); syscall */
  static const uint8_t with_rax[] = { 0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05 };
  static const uint8_t with_eax[] = { 0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05 };
  size_t n_bytes = (size_t) (end - code);

  return (n_bytes >= sizeof with_rax && memcmp (code, with_rax, sizeof with_rax) == 0)
         || (n_bytes >= sizeof with_eax && memcmp (code, with_eax, sizeof with_eax) == 0);
}

bool
trk_unwind_leave_signal (TrkUnwindCursor *cursor)
{
  const ucontext_t *context = (const ucontext_t *) (uintptr_t) cursor->sp;
  const greg_t *registers = context->uc_mcontext.gregs;
  uint64_t first = (uint64_t) (uintptr_t) &registers[0];
  uint64_t last = (uint64_t) (uintptr_t) &registers[REG_RIP];

  /* Less than a page apart, so nothing between them is unknown. */
  if (!trk_unwind_cursor_reach (cursor, first) || !trk_unwind_cursor_reach (cursor, last))
    return false;

  cursor->pc = (uint64_t) registers[REG_RIP];
  cursor->sp = (uint64_t) registers[REG_RSP];
  cursor->bp = (uint64_t) registers[REG_RBP];
  cursor->pc_slot = last;
  cursor->bp_slot = (uint64_t) (uintptr_t) &registers[REG_RBP];
  cursor->interrupted = true;
  cursor->repeatable = false;
  trk_unwind_stack_range (cursor->sp, &cursor->low, &cursor->high);
  return true;
}
