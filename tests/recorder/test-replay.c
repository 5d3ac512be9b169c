/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Random call trees, each event's stack as it would be recorded, through the replay cache, against a
 * fresh walk and against libunwind, frame for frame.
 *
 *   script  7 2 2 9 0 …    which shape each level of the tree is; a few scripts, with one level changed
 *                          now and then: the same sp and pc with other frames in the middle
 *
 * Shapes: frames of equal and of different sizes, by rsp and by rbp, alloca, realigned, tail calls,
 * callbacks of libc, signal handlers on both stacks, fibers whose stacks are unmapped and come again,
 * longjmp over all of it.  meson builds this at several optimisations.
 *
 * REPLAY_ROUNDS=100 does a hundred times as much.
 */
#include <alloca.h>
#include <glib.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include "replay-checker.h"
#include "unwind-oracle.h"

#define NOINLINE __attribute__ ((noinline))
#define KEEP_FRAME() __asm__ volatile("" ::: "memory")

#define MAX_LEVELS 24
#define N_SCRIPTS 8
#define N_TREES 6000
#define SHORT_STACK_BYTES ((size_t) 256 * 1024)

static const unsigned depths[] = { 1, 2, 3, 8, 32, 128 };

typedef struct {
  GRand *random;
  ReplayChecker *checkers[G_N_ELEMENTS (depths)];
  guint8 scripts[N_SCRIPTS][MAX_LEVELS], script[MAX_LEVELS];
  unsigned level, n_levels;
  unsigned n_foreign, n_handlers, n_by_rbx; /* that the tree is in */
  unsigned n_compared;
  char *region;            /* a fiber's stack of twice that size; NULL while it is in use */
  sigjmp_buf *jump_target; /* left for at the end of a tree, or NULL */
  OracleStacks stacks;
} Player;

static __thread Player *player;

/* --- the hook ------------------------------------------------------------------------------------ */

static void
explain (const ReplayStack *recorded)
{
  const OracleStacks *stacks = &player->stacks;

  for (unsigned i = 0; i < MAX (MAX (stacks->n_ours, stacks->n_oracle), recorded->depth); i++)
    g_test_message ("%3u recorded %#14" G_GINT64_MODIFIER "x walked %#14" G_GINT64_MODIFIER
                    "x libunwind %14p",
                    i, i < recorded->depth ? recorded->frames[i] : 0,
                    i < stacks->n_ours ? stacks->ours[i] : 0,
                    i < stacks->n_oracle ? stacks->oracle[stacks->skip + i] : NULL);
  g_test_message ("level %u of %u, %u foreign stacks, %u handlers, %u frames by rbx", player->level,
                  player->n_levels, player->n_foreign, player->n_handlers, player->n_by_rbx);
  for (unsigned i = 0; i < player->n_levels; i++)
    g_test_message ("  shape %u", player->script[i]);
}

/* libunwind's own cache outlives nothing here: no code is unmapped. */
static NOINLINE void
hook (void)
{
  unsigned which = (unsigned) g_rand_int_range (player->random, 0, G_N_ELEMENTS (depths));
  ReplayChecker *checker = player->checkers[which];
  OracleVerdict verdict;
  TrkUnwindStart start;
  ReplayStack recorded;

  TRK_UNWIND_START (&start);
  recorded = replay_checker_capture (checker, &start);
  verdict = oracle_compare (&player->stacks, &start, depths[which], unw_backtrace);
  player->n_compared++;
  /* libunwind alone follows a frame by rbx.  It is not asked on a stack of unknown size, and with our
   * accessors it does not pass through a signal frame. */
  if (verdict == ORACLE_WE_STOP_EARLY && player->n_by_rbx
      && (player->n_foreign || player->n_handlers))
    verdict = ORACLE_EQUAL;
  if (verdict == ORACLE_EQUAL && recorded.depth == player->stacks.n_ours
      && recorded.truncated == player->stacks.truncated
      && memcmp (recorded.frames, player->stacks.ours, recorded.depth * sizeof (uint64_t)) == 0)
    return;
  g_test_message ("verdict %d, depth %u", verdict, depths[which]);
  explain (&recorded);
  g_test_fail ();
}

static void (*volatile leaf) (void) = hook;

/* --- shapes -------------------------------------------------------------------------------------- */

static NOINLINE void descend (void);
static void (*volatile next) (void) = descend;

/* Three of the same frame, and two places in each. */
#define PLAIN(name) \
  static NOINLINE void name (void) \
  { \
    volatile long local = 1; \
    if (player->level % 2) \
      next (); \
    else \
      { \
        local++; \
        next (); \
      } \
    KEEP_FRAME (); \
    (void) local; \
  }
PLAIN (plain_a)
PLAIN (plain_b)
PLAIN (plain_c)

static NOINLINE void
large (void)
{
  volatile char locals[1000];

  locals[player->level] = 1;
  next ();
  KEEP_FRAME ();
  (void) locals[0];
}

static NOINLINE void
with_alloca (void)
{
  size_t n_bytes = 16U * (1 + player->script[(player->level + 1) % MAX_LEVELS] % 4U);
  volatile char *block = alloca (n_bytes);

  block[n_bytes - 1] = 1;
  next ();
  KEEP_FRAME ();
  (void) block[0];
}

static NOINLINE void
with_frame_pointer (void)
{
  void *volatile frame = __builtin_frame_address (0);

  next ();
  KEEP_FRAME ();
  (void) frame;
}

static NOINLINE void
saves_registers (void)
{
  __asm__ volatile("" ::: "rbx", "r12", "r13", "r14", "r15");
  next ();
  __asm__ volatile("" ::: "rbx", "r12", "r13", "r14", "r15");
}

static NOINLINE void
realigned (void)
{
  volatile char block[256] __attribute__ ((aligned (64)));

  block[player->level] = 1;
  next ();
  KEEP_FRAME ();
  (void) block[0];
}

static NOINLINE void
tail_last (void)
{
  next ();
}

static void (*volatile tail) (void) = tail_last;

static NOINLINE void
tail_calls (void)
{
  volatile long local = 1;

  tail ();
  KEEP_FRAME ();
  (void) local;
}

static NOINLINE void
two_branches (void)
{
  unsigned level = player->level;
  guint8 *choice = &player->script[level % MAX_LEVELS], old = *choice;

  next ();
  player->level = level;
  *choice = (guint8) (old ^ 1);
  next ();
  *choice = old;
  KEEP_FRAME ();
}

static int
compare_by_descending (const void *left, const void *right)
{
  next ();
  return *(const int *) left - *(const int *) right;
}

static NOINLINE void
libc_callback (void)
{
  int numbers[] = { 1, 2 }, key = 1;

  (void) bsearch (&key, numbers, 2, sizeof key, compare_by_descending);
  KEEP_FRAME ();
}

static void
handle (int signal_number)
{
  (void) signal_number;
  next ();
}

static NOINLINE void
signal_handler (void)
{
  player->n_handlers++;
  raise (SIGUSR1);
  player->n_handlers--;
  KEEP_FRAME ();
}

/* Not from a fiber that a handler started: the kernel would begin at the signal stack's top again. */
static NOINLINE void
signal_stack (void)
{
  player->n_foreign++;
  raise (player->n_foreign == 1 ? SIGUSR2 : SIGUSR1);
  player->n_foreign--;
  KEEP_FRAME ();
}

/* All that is called from here is left by a jump; not out of fibers, whose stacks would stay. */
static NOINLINE void
jumped_out_of (void)
{
  sigjmp_buf target;
  volatile unsigned level = player->level, n_foreign = player->n_foreign,
                    n_handlers = player->n_handlers, n_by_rbx = player->n_by_rbx;

  if (sigsetjmp (target, 1) == 0)
    {
      sigjmp_buf *outer = player->jump_target;

      player->jump_target = &target;
      next ();
      player->jump_target = outer;
    }
  else
    {
      player->jump_target = NULL;
      player->level = level;
      player->n_foreign = n_foreign;
      player->n_handlers = n_handlers;
      player->n_by_rbx = n_by_rbx;
    }
  KEEP_FRAME ();
}

typedef struct {
  ucontext_t outside, inside;
  size_t n_sunk_bytes;
} Fiber;

static __thread Fiber *fiber;

/* The same sp on a short stack as so much deeper on a long one. */
static NOINLINE void
sink (size_t n_bytes)
{
  volatile char *block = alloca (n_bytes + 16);

  next ();
  KEEP_FRAME ();
  (void) block;
}

static void (*volatile sink_pointer) (size_t n_bytes) = sink;

static void
fiber_main (void)
{
  Fiber *self = fiber;

  sink_pointer (self->n_sunk_bytes);
  swapcontext (&self->inside, &self->outside);
}

static NOINLINE void
run_fiber (char *stack, size_t n_bytes, size_t n_sunk_bytes)
{
  sigjmp_buf *outside = player->jump_target;
  Fiber self;

  g_assert_cmpint (getcontext (&self.inside), ==, 0);
  self.inside.uc_stack.ss_sp = stack;
  self.inside.uc_stack.ss_size = n_bytes;
  self.n_sunk_bytes = n_sunk_bytes;
  makecontext (&self.inside, fiber_main, 0);
  fiber = &self;
  player->jump_target = NULL;
  player->n_foreign++;
  swapcontext (&self.outside, &self.inside);
  player->n_foreign--;
  player->jump_target = outside;
}

/* The stack comes again and again, sometimes shorter: what lay above its end cannot be read then. */
static NOINLINE void
in_fiber (void)
{
  size_t n_sunk_bytes = g_rand_boolean (player->random) ? SHORT_STACK_BYTES : 0;
  char *stack;

  if (player->region)
    {
      stack = g_steal_pointer (&player->region);
      g_assert_cmpint (mprotect (stack + SHORT_STACK_BYTES, SHORT_STACK_BYTES,
                                 n_sunk_bytes ? PROT_READ | PROT_WRITE : PROT_NONE),
                       ==, 0);
      run_fiber (stack, SHORT_STACK_BYTES + n_sunk_bytes, n_sunk_bytes);
      player->region = stack;
      return;
    }
  stack =
      mmap (NULL, SHORT_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  g_assert_true (stack != MAP_FAILED);
  run_fiber (stack, SHORT_STACK_BYTES, 0);
  munmap (stack, SHORT_STACK_BYTES);
}

/* Two frames whose sizes make up for each other, so that sp and pc are the same and rbp is not; and in the
 * memory that the inner one does not touch the old return address still lies where it was. */
static NOINLINE void
inner_half (size_t n_bytes)
{
  volatile char *block = alloca (256 - n_bytes);

  leaf ();
  KEEP_FRAME ();
  (void) block;
}

static void (*volatile inner) (size_t n_bytes) = inner_half;

static NOINLINE void
outer_half (size_t n_bytes)
{
  volatile char *block = alloca (n_bytes);

  inner (n_bytes);
  KEEP_FRAME ();
  (void) block;
}

static void (*volatile outer) (size_t n_bytes) = outer_half;

static NOINLINE void
in_halves (void)
{
  outer (16 + 16 * (gsize) g_rand_int_range (player->random, 0, 12));
  KEEP_FRAME ();
}

/* A frame whose CFA is in rbx, as in the dynamic linker's trampolines. */
void call_by_rbx (void (*function) (void));
__asm__(".text\n"
        ".type call_by_rbx, @function\n"
        "call_by_rbx:\n"
        ".cfi_startproc\n"
        "pushq %rbx\n"
        ".cfi_def_cfa_offset 16\n"
        ".cfi_offset rbx, -16\n"
        "movq %rsp, %rbx\n"
        ".cfi_def_cfa_register rbx\n"
        "andq $-64, %rsp\n"
        "subq $128, %rsp\n"
        "call *%rdi\n"
        "movq %rbx, %rsp\n"
        ".cfi_def_cfa_register rsp\n"
        "popq %rbx\n"
        ".cfi_def_cfa_offset 8\n"
        "ret\n"
        ".cfi_endproc\n");

static NOINLINE void
by_rbx (void)
{
  player->n_by_rbx++;
  call_by_rbx (next);
  player->n_by_rbx--;
  KEEP_FRAME ();
}

/* Common ones more than once. */
static void (*const shapes[]) (void) = {
  plain_a,
  plain_b,
  plain_c,
  plain_a,
  plain_b,
  plain_c,
  large,
  with_alloca,
  with_alloca,
  with_alloca,
  with_frame_pointer,
  saves_registers,
  with_frame_pointer,
  realigned,
  tail_calls,
  libc_callback,
  two_branches,
  two_branches,
  jumped_out_of,
  in_fiber,
  signal_handler,
  signal_stack,
  by_rbx,
};

static NOINLINE void
descend (void)
{
  unsigned level = player->level;

  if (level == player->n_levels)
    {
      leaf ();
      leaf ();
      in_halves ();
      if (player->jump_target && player->n_levels % 2)
        siglongjmp (*player->jump_target, 1);
    }
  else
    {
      player->level++;
      shapes[player->script[level] % G_N_ELEMENTS (shapes)]();
    }
  player->level = level;
  KEEP_FRAME ();
}

/* --- the game ------------------------------------------------------------------------------------ */

/* What lay on the stack before is not what lies there now. */
static NOINLINE void
scribble (guint32 value)
{
  volatile guint32 *words = alloca (8192);

  for (unsigned i = 0; i < 8192 / sizeof *words; i++)
    words[i] = value;
}

static NOINLINE void
play_tree (void)
{
  unsigned which = (unsigned) g_rand_int_range (player->random, 0, N_SCRIPTS);

  memcpy (player->script, player->scripts[which], sizeof player->script);
  player->n_levels = (unsigned) g_rand_int_range (player->random, 1, MAX_LEVELS);
  player->n_levels = 3 + player->n_levels % 4 * 7;
  if (g_rand_boolean (player->random))
    player->script[g_rand_int_range (player->random, 0, (gint32) player->n_levels)] =
        (guint8) g_rand_int_range (player->random, 0, 6);
  g_assert_nonnull (player->region);
  player->level = player->n_foreign = player->n_handlers = player->n_by_rbx = 0;
  player->jump_target = NULL;
  descend ();
}

static void
make_script (guint8 *script, GRand *random)
{
  gboolean simple = g_rand_boolean (random);

  /* Few with many branches, or a tree has no end. */
  for (unsigned i = 0, n_branches = 0; i < MAX_LEVELS; i++)
    {
      script[i] = (guint8) g_rand_int_range (random, 0, simple ? 15 : G_N_ELEMENTS (shapes));
      if (shapes[script[i]] == two_branches && ++n_branches > 2)
        script[i] = 0;
    }
}

static void
rarely (void)
{
  unsigned what = (unsigned) g_rand_int_range (player->random, 0, 2000);

  if (what < 3)
    replay_checker_forget ();
  else if (what < 40)
    replay_checker_next_block (player->checkers[what % G_N_ELEMENTS (depths)]);
}

static void *
play (void *data)
{
  const char *rounds = g_getenv ("REPLAY_ROUNDS");
  unsigned n_trees = N_TREES * (rounds ? (unsigned) g_ascii_strtoull (rounds, NULL, 10) : 1);
  Player self = { .random = g_rand_new_with_seed (GPOINTER_TO_UINT (data)) };
  uint64_t n_captures = 0, n_walks = 0;
  g_autofree char *block = g_malloc (256 * 1024);
  stack_t alternate = { .ss_sp = block, .ss_size = 256 * 1024 }, none = { .ss_flags = SS_DISABLE };

  player = &self;
  self.region = mmap (NULL, 2 * SHORT_STACK_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  g_assert_true (self.region != MAP_FAILED);
  g_assert_cmpint (sigaltstack (&alternate, NULL), ==, 0);
  for (unsigned i = 0; i < G_N_ELEMENTS (depths); i++)
    g_assert_nonnull (self.checkers[i] = replay_checker_new (depths[i]));
  for (unsigned i = 0; i < n_trees && !g_test_failed (); i++)
    {
      if (i % 1500 == 0)
        for (unsigned j = 0; j < N_SCRIPTS; j++)
          make_script (self.scripts[j], self.random);
      rarely ();
      scribble (g_rand_int (self.random));
      play_tree ();
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      n_captures += replay_checker_get_captures (self.checkers[i]);
      n_walks += replay_checker_get_walks (self.checkers[i]);
      replay_checker_free (self.checkers[i]);
    }
  g_assert_cmpint (sigaltstack (&none, NULL), ==, 0);
  g_test_message ("%u stacks equal, %" G_GUINT64_FORMAT " of them walked", self.n_compared,
                  n_walks);
  g_assert_cmpuint (n_captures, ==, self.n_compared);
  /* Else it is not the replay that was tested. */
  g_assert_cmpuint (n_walks, <, n_captures / 10 * 9);
  g_assert_cmpuint (n_walks, >, 1000);
  munmap (self.region, 2 * SHORT_STACK_BYTES);
  g_rand_free (self.random);
  return NULL;
}

static void
test_main_thread (void)
{
  play (GUINT_TO_POINTER (1));
}

static void
test_threads (void)
{
  pthread_t threads[2];

  for (unsigned i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, play, GUINT_TO_POINTER (i + 2)), ==, 0);
  for (unsigned i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
}

int
main (int argc, char **argv)
{
  struct sigaction action = { .sa_handler = handle, .sa_flags = SA_NODEFER };

  g_test_init (&argc, &argv, NULL);
  trk_unwind_init ();
  g_assert_cmpint (sigaction (SIGUSR1, &action, NULL), ==, 0);
  action.sa_flags |= SA_ONSTACK;
  g_assert_cmpint (sigaction (SIGUSR2, &action, NULL), ==, 0);
  g_test_add_func ("/replay/main-thread", test_main_thread);
  g_test_add_func ("/replay/threads", test_threads);
  return g_test_run ();
}
