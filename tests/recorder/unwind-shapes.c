/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program for the preloaded unwind-check module that is nothing but frames: it allocates below alloca,
 * variable arrays, realigned and large frames, tail calls, callbacks of libc, signal handlers on both
 * stacks and fibers.  meson builds it with the compilers that there are, at several optimisations.
 */
#include <alloca.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#define NOINLINE __attribute__ ((noinline))
#define KEEP_FRAME() __asm__ volatile("" ::: "memory")
#define STACK_BYTES ((size_t) 128 * 1024)
#define N_SHAPES 9
#define N_ROUNDS 3000

static unsigned level, script;
static ucontext_t outside, inside;
static char signal_stack[STACK_BYTES];

static void descend (void);
static void (*volatile next) (void) = descend;

static NOINLINE void
with_alloca (void)
{
  volatile char *block = alloca (16 + script % 5 * 40);

  block[0] = 1;
  next ();
  KEEP_FRAME ();
}

static NOINLINE void
with_array (void)
{
  volatile long array[1 + script % 7];

  array[0] = 1;
  next ();
  KEEP_FRAME ();
  (void) array[0];
}

static NOINLINE void
realigned (void)
{
  volatile char block[512] __attribute__ ((aligned (128)));

  block[level] = 1;
  next ();
  KEEP_FRAME ();
  (void) block[0];
}

static NOINLINE void
large (void)
{
  volatile char block[20000];

  block[level] = 1;
  next ();
  KEEP_FRAME ();
  (void) block[0];
}

static NOINLINE void
tail (void)
{
  next ();
}

static void (*volatile tail_pointer) (void) = tail;

static NOINLINE void
calls_tail (void)
{
  tail_pointer ();
  KEEP_FRAME ();
}

static int
compare (const void *left, const void *right)
{
  if (*(const int *) left == 3)
    next ();
  return *(const int *) left - *(const int *) right;
}

static NOINLINE void
callback (void)
{
  int numbers[] = { 1, 3, 2 };

  qsort (numbers, 3, sizeof numbers[0], compare);
}

static void
handle (int signal_number)
{
  (void) signal_number;
  next ();
}

static NOINLINE void
handler (void)
{
  raise (level == 2 ? SIGUSR2 : SIGUSR1);
  KEEP_FRAME ();
}

static void
fiber_main (void)
{
  next ();
  swapcontext (&inside, &outside);
}

static NOINLINE void
fiber (void)
{
  static char *stack;

  if (level > 1)
    {
      next ();
      return;
    }
  if (!stack)
    stack = mmap (NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  getcontext (&inside);
  inside.uc_stack.ss_sp = stack;
  inside.uc_stack.ss_size = STACK_BYTES;
  makecontext (&inside, fiber_main, 0);
  swapcontext (&outside, &inside);
  if (script % 3)
    return;
  munmap (stack, STACK_BYTES);
  stack = NULL;
}

static void (*const shapes[N_SHAPES]) (void) = {
  with_alloca, with_array, realigned, large, calls_tail, callback, handler, fiber, with_alloca,
};

static NOINLINE void
descend (void)
{
  unsigned saved_level = level, saved_script = script;
  void *volatile block;

  if (level == 6)
    {
      block = malloc (100);
      free (block);
      block = calloc (1, 50);
      free (realloc (block, 500));
    }
  else
    {
      level++;
      script /= N_SHAPES;
      shapes[saved_script % N_SHAPES]();
    }
  level = saved_level;
  script = saved_script;
}

int
main (void)
{
  struct sigaction action = { .sa_handler = handle, .sa_flags = SA_NODEFER };
  stack_t alternate = { .ss_sp = signal_stack, .ss_size = sizeof signal_stack };
  uint64_t random = 88172645463325252U;

  sigaction (SIGUSR1, &action, NULL);
  action.sa_flags |= SA_ONSTACK;
  sigaction (SIGUSR2, &action, NULL);
  sigaltstack (&alternate, NULL);
  for (unsigned i = 0; i < N_ROUNDS; i++)
    {
      random = random * 6364136223846793005U + 1442695040888963407U;
      script = (unsigned) (random >> 33);
      /* The same tree again, and one that differs in the middle. */
      for (unsigned j = 0; j < 3; j++)
        {
          level = 0;
          descend ();
          script ^= j << 10;
        }
    }
  return 0;
}
