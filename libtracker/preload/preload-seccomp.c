/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Programs that forbid themselves system calls, by prctl (preload-thread.c) or by syscall (SYS_seccomp),
 * which is how libseccomp does it, as the C library has no function of that name.
 *
 * So syscall (3) is hooked: one comparison, then a jump, with nothing on the stack and every register as
 * it was, because callers of raw clone (2) count on that.  Other calls that are made by instruction are
 * not seen.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload-real.h"
#include "trk-hooks.h"

void
preload_filter_coming (unsigned long flags, const void *program)
{
  if (program)
    trk_hook_filter_coming (program, flags & SECCOMP_FILTER_FLAG_TSYNC);
}

#if defined(__x86_64__)

#define HIDDEN __attribute__ ((visibility ("hidden"), used))

HIDDEN long preload_syscall_raw (long number, ...);
HIDDEN long preload_syscall_seccomp (long number,
                                     unsigned long operation,
                                     unsigned long flags,
                                     const void *arguments);

/* The next one in the loader's order, once that is known; libc's is the same as ours. */
HIDDEN long (*preload_syscall_next) (long, ...) = preload_syscall_raw;

__asm__(".text\n"
        ".p2align 4\n"
        ".globl syscall\n"
        ".type syscall, @function\n"
        "syscall:\n"
        ".cfi_startproc\n"
        "  endbr64\n"
        "  cmpq $317, %rdi\n" /* SYS_seccomp */
        "  je preload_syscall_seccomp\n"
        "  jmp *preload_syscall_next(%rip)\n"
        ".cfi_endproc\n"
        ".size syscall, .-syscall\n"
        ".p2align 4\n"
        ".hidden preload_syscall_raw\n"
        ".globl preload_syscall_raw\n"
        ".type preload_syscall_raw, @function\n"
        "preload_syscall_raw:\n"
        ".cfi_startproc\n"
        "  endbr64\n"
        "  movq %rdi, %rax\n"
        "  movq %rsi, %rdi\n"
        "  movq %rdx, %rsi\n"
        "  movq %rcx, %rdx\n"
        "  movq %r8, %r10\n"
        "  movq %r9, %r8\n"
        "  movq 8(%rsp), %r9\n"
        "  syscall\n"
        "  cmpq $-4095, %rax\n"
        "  jae preload_syscall_failed\n"
        "  ret\n"
        ".cfi_endproc\n"
        ".size preload_syscall_raw, .-preload_syscall_raw\n");

_Static_assert(SYS_seccomp == 317, "the number in the code above");

HIDDEN long preload_syscall_set_errno (long result);

/* Jumped to, with the negative errno where a result is. */
__asm__(".text\n"
        ".type preload_syscall_failed, @function\n"
        "preload_syscall_failed:\n"
        ".cfi_startproc\n"
        "  movq %rax, %rdi\n"
        "  jmp preload_syscall_set_errno\n"
        ".cfi_endproc\n"
        ".size preload_syscall_failed, .-preload_syscall_failed\n");

HIDDEN long
preload_syscall_set_errno (long result)
{
  errno = (int) -result;
  return -1;
}

HIDDEN long
preload_syscall_seccomp (long number,
                         unsigned long operation,
                         unsigned long flags,
                         const void *arguments)
{
  /* With flags the strict mode is refused: programs so ask whether the call is there at all. */
  if (operation == SECCOMP_SET_MODE_STRICT && flags == 0 && !arguments)
    trk_hook_thread_give_up (TRK_GAVE_UP_CALLS);
  else if (operation == SECCOMP_SET_MODE_FILTER)
    preload_filter_coming (flags, arguments);
  return preload_syscall_next (number, operation, flags, arguments, 0UL, 0UL, 0UL);
}

void
preload_resolve_syscall (void)
{
  void *next = preload_next ("syscall");

  if (next)
    preload_syscall_next = (long (*) (long, ...)) next;
}

#else

void
preload_resolve_syscall (void)
{
}

#endif
