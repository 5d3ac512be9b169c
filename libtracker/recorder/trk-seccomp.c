/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-seccomp.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "unwind/trk-unwind-stack.h"

#if defined(__x86_64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define OUR_ARCHITECTURE 0
#endif

#define SOME_FD 7
#define SOME_POINTER UINT64_C (0x7f0000001000)
#define HERE ((uint32_t) AT_FDCWD)

/* Every call that is made after the start, as it is made: trk-system*.c, trk-child.c, the unwinder, and
 * what the manifest of a forked child asks for.  The victim filter-rare-calls has most of those. */
typedef struct {
  int32_t number;
  uint64_t arguments[4];
} Call;

static const Call calls[] = {
  { SYS_openat,
    { HERE, SOME_POINTER, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0 } },
  { SYS_openat, { HERE, SOME_POINTER, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0 } },
  { SYS_openat,
    { HERE, SOME_POINTER, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0666 } },
  { SYS_openat,
    { HERE, SOME_POINTER, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600 } },
  { SYS_write, { SOME_FD, SOME_POINTER, 4096, 0 } },
  { SYS_read, { SOME_FD, SOME_POINTER, 1024, 0 } },
  { SYS_pread64, { SOME_FD, SOME_POINTER, 64, 0 } },
  { SYS_pwrite64, { SOME_FD, SOME_POINTER, 4096, 4096 } },
  { SYS_close, { SOME_FD, 0, 0, 0 } },
  { SYS_fallocate, { SOME_FD, 0, 4096, 294912 } },
  { SYS_mmap, { 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE } },
  { SYS_mmap, { 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED } },
  { SYS_munmap, { SOME_POINTER, 4096, 0, 0 } },
  { SYS_madvise, { SOME_POINTER, 4096, MADV_DONTNEED, 0 } },
  { SYS_rt_sigprocmask, { SIG_SETMASK, SOME_POINTER, 0, 8 } },
  { SYS_rt_sigprocmask, { SIG_BLOCK, SOME_POINTER, SOME_POINTER, 8 } },
  { SYS_rt_sigprocmask, { (uint32_t) ~0, SOME_POINTER, 0, 8 } },
  { SYS_rt_sigpending, { SOME_POINTER, 8, 0, 0 } },
  { SYS_rt_sigtimedwait, { SOME_POINTER, 0, SOME_POINTER, 8 } },
  { SYS_prlimit64, { 0, 1, 0, SOME_POINTER } },
  { SYS_fstat, { SOME_FD, SOME_POINTER, 0, 0 } },
  { SYS_newfstatat, { HERE, SOME_POINTER, SOME_POINTER, AT_SYMLINK_NOFOLLOW } },
  { SYS_fchmod, { SOME_FD, 0600, 0, 0 } },
  { SYS_fchmodat, { HERE, SOME_POINTER, 0700, 0 } },
  { SYS_mkdirat, { HERE, SOME_POINTER, 0777, 0 } },
  { SYS_unlinkat, { HERE, SOME_POINTER, 0, 0 } },
  { SYS_renameat2, { HERE, SOME_POINTER, HERE, SOME_POINTER } },
  { SYS_readlinkat, { HERE, SOME_POINTER, SOME_POINTER, 4095 } },
#ifdef SYS_readlink
  { SYS_readlink, { SOME_POINTER, SOME_POINTER, 63, 0 } },
#endif
  { SYS_symlinkat, { SOME_POINTER, HERE, SOME_POINTER, 0 } },
  { SYS_faccessat2, { HERE, SOME_POINTER, 4, AT_EACCESS } },
  { SYS_fgetxattr, { SOME_FD, SOME_POINTER, 0, 0 } },
  { SYS_getcwd, { SOME_POINTER, 4096, 0, 0 } },
  { SYS_uname, { SOME_POINTER, 0, 0, 0 } },
  { SYS_sched_getaffinity, { 0, 128, SOME_POINTER, 0 } },
  { SYS_sched_yield, { 0, 0, 0, 0 } },
  { SYS_geteuid, { 0, 0, 0, 0 } },
  { SYS_getegid, { 0, 0, 0, 0 } },
  { SYS_getpid, { 0, 0, 0, 0 } },
  { SYS_getppid, { 0, 0, 0, 0 } },
  { SYS_gettid, { 0, 0, 0, 0 } },
  { SYS_clock_gettime, { CLOCK_MONOTONIC, SOME_POINTER, 0, 0 } },
  { SYS_clock_gettime, { CLOCK_THREAD_CPUTIME_ID, SOME_POINTER, 0, 0 } },
  { SYS_prctl, { PR_GET_NAME, SOME_POINTER, 0, 0 } },
  { SYS_prctl, { PR_GET_TSC, SOME_POINTER, 0, 0 } },
  { SYS_sigaltstack, { 0, SOME_POINTER, 0, 0 } },
  { SYS_getrandom, { SOME_POINTER, 16, 1, 0 } },
};

/* --- classic BPF ------------------------------------------------------------------------------ */

typedef struct {
  const struct sock_filter *code;
  uint32_t n_instructions;
  uint32_t a, x, memory[BPF_MEMWORDS];
} Machine;

static void
load (Machine *self, const struct sock_filter *at, const struct seccomp_data *call)
{
  uint32_t value = at->k;

  switch (BPF_MODE (at->code))
    {
    case BPF_ABS:
      value = 0;
      if (at->k <= sizeof *call - sizeof value)
        memcpy (&value, (const char *) call + at->k, sizeof value);
      break;
    case BPF_LEN:
      value = sizeof *call;
      break;
    case BPF_MEM:
      value = self->memory[at->k % BPF_MEMWORDS];
      break;
    default:
      break;
    }
  if (BPF_CLASS (at->code) == BPF_LD)
    self->a = value;
  else
    self->x = value;
}

static void
compute (Machine *self, const struct sock_filter *at)
{
  uint32_t value = BPF_SRC (at->code) == BPF_X ? self->x : at->k;

  switch (BPF_OP (at->code))
    {
    case BPF_ADD:
      self->a += value;
      break;
    case BPF_SUB:
      self->a -= value;
      break;
    case BPF_MUL:
      self->a *= value;
      break;
    case BPF_DIV:
      self->a = value ? self->a / value : 0;
      break;
    case BPF_AND:
      self->a &= value;
      break;
    case BPF_OR:
      self->a |= value;
      break;
    case BPF_XOR:
      self->a ^= value;
      break;
    case BPF_LSH:
      self->a = value < 32 ? self->a << value : 0;
      break;
    case BPF_RSH:
      self->a = value < 32 ? self->a >> value : 0;
      break;
    case BPF_NEG:
      self->a = -self->a;
      break;
    default:
      break;
    }
}

/* How many instructions to skip. */
static uint32_t
jump (const Machine *self, const struct sock_filter *at)
{
  uint32_t value = BPF_SRC (at->code) == BPF_X ? self->x : at->k;
  bool taken = false;

  switch (BPF_OP (at->code))
    {
    case BPF_JA:
      return at->k;
    case BPF_JEQ:
      taken = self->a == value;
      break;
    case BPF_JGT:
      taken = self->a > value;
      break;
    case BPF_JGE:
      taken = self->a >= value;
      break;
    case BPF_JSET:
      taken = (self->a & value) != 0;
      break;
    default:
      break;
    }
  return taken ? at->jt : at->jf;
}

/* The filter's answer.  Jumps go forwards only, so that every program ends. */
static uint32_t
run (Machine *self, const struct seccomp_data *call)
{
  self->a = self->x = 0;
  for (uint64_t i = 0; i < self->n_instructions; i++)
    {
      const struct sock_filter *at = &self->code[i];

      switch (BPF_CLASS (at->code))
        {
        case BPF_LD:
        case BPF_LDX:
          load (self, at, call);
          break;
        case BPF_ST:
          self->memory[at->k % BPF_MEMWORDS] = self->a;
          break;
        case BPF_STX:
          self->memory[at->k % BPF_MEMWORDS] = self->x;
          break;
        case BPF_ALU:
          compute (self, at);
          break;
        case BPF_JMP:
          i += jump (self, at);
          break;
        case BPF_RET:
          return BPF_RVAL (at->code) == BPF_A ? self->a : at->k;
        default: /* BPF_MISC */
          if (BPF_MISCOP (at->code) == BPF_TAX)
            self->x = self->a;
          else
            self->a = self->x;
        }
    }
  return SECCOMP_RET_ALLOW; /* no program: the system will refuse it */
}

/* --- judging ---------------------------------------------------------------------------------- */

/* An error is counted as any other; a tracer sees all calls of the program anyway. */
static bool
is_bearable (uint32_t answer)
{
  switch (answer & SECCOMP_RET_ACTION_FULL)
    {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
    case SECCOMP_RET_ERRNO:
    case SECCOMP_RET_TRACE:
      return true;
    default:
      return false;
    }
}

static bool
is_readable (const void *address, size_t n_bytes)
{
  uint64_t first = (uint64_t) (uintptr_t) address;

  for (uint64_t page = first & ~UINT64_C (4095); page < first + n_bytes; page += 4096)
    if (page == 0 || !trk_unwind_page_is_readable (page))
      return false;
  return true;
}

static bool
is_filter (const struct sock_fprog *filter)
{
  return is_readable (filter, sizeof *filter) && filter->len > 0 && filter->len <= BPF_MAXINSNS
         && is_readable (filter->filter, filter->len * sizeof *filter->filter);
}

static bool
spares (const struct sock_fprog *filter, const Call *wanted, unsigned n_calls)
{
  Machine machine;

  if (!is_filter (filter))
    return true;
  memset (&machine, 0, sizeof machine);
  machine.code = filter->filter;
  machine.n_instructions = filter->len;
  for (unsigned i = 0; i < n_calls; i++)
    {
      struct seccomp_data call = { .nr = wanted[i].number, .arch = OUR_ARCHITECTURE };

      memcpy (call.args, wanted[i].arguments, sizeof wanted[i].arguments);
      if (!is_bearable (run (&machine, &call)))
        return false;
    }
  return true;
}

bool
trk_seccomp_spares_recorder (const void *program)
{
  return spares (program, calls, sizeof calls / sizeof calls[0]);
}

bool
trk_seccomp_spares_usage (const void *program)
{
  static const Call usage = { SYS_getrusage, { (uint32_t) RUSAGE_THREAD, SOME_POINTER, 0, 0 } };

  return spares (program, &usage, 1);
}
