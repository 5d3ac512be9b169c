/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finds the readable range of a stack, page by page.  Everything here is out of the hot path: once
 * when a thread's stack is first seen, and again when it is seen deeper than ever.
 */
#include "trk-unwind-stack.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE_BYTES UINT64_C (4096) /* or a divisor of the real page size */
#define MAX_OWN_PAGES 4096U        /* a first walk deeper than 16 MiB is treated as foreign */
#define MAX_BEGIN_BYTES 65536U     /* more is not between a thread's start and its start routine */
/* A thread that runs fibers in memory below its own stack asks in vain each time it sees a new one:
 * after so many pages, about a millisecond, it takes every stack that it does not know for foreign. */
#define MAX_WASTED_PAGES 8192U

__thread TrkOwnStack trk_own_stack __attribute__ ((tls_model ("initial-exec")));

/* Where the kernel put argc; set by the dynamic linker. */
extern void *__libc_stack_end __attribute__ ((weak));

static uint64_t main_thread;

void
trk_unwind_stack_init (void)
{
  if (syscall (SYS_gettid) == getpid ())
    main_thread = (uint64_t) pthread_self ();
}

bool
trk_unwind_page_is_readable (uint64_t address)
{
  int saved_errno = errno;
  bool readable;

  /* Every kernel copies the set in before it looks at the operation. */
  syscall (SYS_rt_sigprocmask, ~0, address & ~(PAGE_BYTES - 1), NULL, (size_t) 8);
  readable = errno == EINVAL;
  errno = saved_errno;
  return readable;
}

/* glibc puts a thread's control block on top of its stack, also of one that the caller of
 * pthread_create provided, and pthread_self is its address. */
static uint64_t
top_of_own_stack (void)
{
  uint64_t self = (uint64_t) pthread_self ();

  if (self == main_thread)
    return &__libc_stack_end ? (uint64_t) (uintptr_t) __libc_stack_end : 0;
  return self;
}

void
trk_unwind_stack_begin (uint64_t sp)
{
  TrkOwnStack *own = &trk_own_stack;
  uint64_t top = top_of_own_stack ();

  if (own->high || sp >= top || top - sp > MAX_BEGIN_BYTES)
    return;
  own->low = sp & ~(PAGE_BYTES - 1);
  atomic_signal_fence (memory_order_release);
  own->high = top;
}

/* Is every page from @sp up to @end readable? Else @end becomes the first that is not. */
static bool
pages_are_readable (uint64_t sp, uint64_t *end)
{
  uint64_t page = sp & ~(PAGE_BYTES - 1);

  for (unsigned i = 0; page < *end; i++, page += PAGE_BYTES)
    if (i == MAX_OWN_PAGES || !trk_unwind_page_is_readable (page))
      {
        *end = page;
        return false;
      }
  return true;
}

void
trk_unwind_stack_find (uint64_t sp, uint64_t *low, uint64_t *high)
{
  TrkOwnStack *own = &trk_own_stack;
  uint64_t page = sp & ~(PAGE_BYTES - 1);
  bool foreign =
      (sp >= own->foreign_low && sp < own->foreign_high) || own->n_wasted_pages >= MAX_WASTED_PAGES;
  uint64_t top = foreign ? 0 : top_of_own_stack ();

  if (sp < top)
    {
      uint64_t end = own->high && sp < own->low ? own->low : top;

      if (pages_are_readable (sp, &end))
        {
          /* In this order: a signal handler in between finds an empty range, or a right one. */
          own->low = page;
          atomic_signal_fence (memory_order_release);
          own->high = top;
          *low = page;
          *high = top;
          return;
        }
      own->n_wasted_pages += (uint32_t) ((end - page) / PAGE_BYTES) + 1;
      own->foreign_high = 0;
      atomic_signal_fence (memory_order_release);
      own->foreign_low = page;
      atomic_signal_fence (memory_order_release);
      own->foreign_high = end;
    }

  *low = *high = sp;
  trk_unwind_stack_reach (sp & ~UINT64_C (7), low, high);
}

bool
trk_unwind_stack_reach (uint64_t address, uint64_t *low, uint64_t *high)
{
  uint64_t page = address & ~(PAGE_BYTES - 1);

  if ((address & 7) || address < PAGE_BYTES || address >= UINT64_C (1) << 56
      || !trk_unwind_page_is_readable (page))
    return false;
  if (page != *high)
    *low = page;
  *high = page + PAGE_BYTES;
  return true;
}
