/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A module to preload into real programs: at every allocation it finds the stack through the replay
 * cache, as the recorder does; at every n-th it compares that with our walk, and our walk with
 * libunwind's.  At exit it appends one line of figures to a file.
 *
 *   UNWIND_CHECK_EVERY=100 UNWIND_CHECK_OUTPUT=/tmp/x LD_PRELOAD=…/libunwind-check.so python3 …
 *
 * UNWIND_CHECK_PRINT=n also prints the first n stacks that differ, with their modules.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trk-loaded-object.h"
#include "replay-checker.h"
#include "unwind-oracle.h"

#define STACK_DEPTH 128

#define EXPORT __attribute__ ((visibility ("default")))

extern void *__libc_malloc (size_t n_bytes);
extern void *__libc_calloc (size_t n, size_t n_bytes);
extern void *__libc_realloc (void *block, size_t n_bytes);

EXPORT void *malloc (size_t n_bytes);
EXPORT void *calloc (size_t n, size_t n_bytes);
EXPORT void *realloc (void *block, size_t n_bytes);
EXPORT int dlclose (void *handle);

static OracleBacktrace oracle_backtrace;
static int (*real_dlclose) (void *);
static unsigned long every = 1;
static long n_to_print;
static _Atomic unsigned long n_calls, n_checked, n_frames, verdicts[ORACLE_UNMARKED + 1];
static _Atomic unsigned long n_captured, n_replayed, n_replayed_wrongly;
static __thread bool inside __attribute__ ((tls_model ("initial-exec")));
static __thread ReplayChecker *checker __attribute__ ((tls_model ("initial-exec")));

static void
print_frame (const char *whose, uint64_t pc)
{
  Dl_info info = { 0 };

  if (dladdr ((void *) (uintptr_t) (pc - 1), &info))
    dprintf (2, "  %s %#llx %s+%#llx %s\n", whose, (unsigned long long) pc, info.dli_fname,
             (unsigned long long) (pc - (uint64_t) (uintptr_t) info.dli_fbase),
             info.dli_sname ? info.dli_sname : "?");
  else
    dprintf (2, "  %s %#llx\n", whose, (unsigned long long) pc);
}

static void
print_stacks (const OracleStacks *stacks, OracleVerdict verdict)
{
  dprintf (2, "unwind-check: verdict %d, %u frames against %u%s\n", verdict, stacks->n_ours,
           stacks->n_oracle, stacks->truncated ? ", truncated" : "");
  for (unsigned i = 0; i < stacks->n_ours; i++)
    print_frame ("ours  ", stacks->ours[i]);
  for (unsigned i = 0; i < stacks->n_oracle; i++)
    print_frame ("oracle", (uint64_t) (uintptr_t) stacks->oracle[stacks->skip + i]);
}

/* Each thread's own, and never given back. */
static ReplayStack
capture (const TrkUnwindStart *start)
{
  uint64_t n_walks;
  ReplayStack stack;

  if (!checker && !(checker = replay_checker_new (STACK_DEPTH)))
    abort ();
  n_walks = replay_checker_get_walks (checker);
  stack = replay_checker_capture (checker, start);
  n_captured++;
  n_replayed += replay_checker_get_walks (checker) == n_walks;
  return stack;
}

/* What was recorded is a walk's first frames. */
static bool
is_recorded (const OracleStacks *stacks, const ReplayStack *recorded)
{
  bool cut = stacks->n_ours > STACK_DEPTH;

  return recorded->depth == (cut ? STACK_DEPTH : stacks->n_ours)
         && recorded->truncated == (cut || stacks->truncated)
         && memcmp (recorded->frames, stacks->ours, recorded->depth * sizeof (uint64_t)) == 0;
}

static __attribute__ ((noinline)) void
compare (const TrkUnwindStart *start, const ReplayStack *recorded)
{
  OracleStacks stacks;
  OracleVerdict verdict = oracle_compare (&stacks, start, ORACLE_MAX_FRAMES, oracle_backtrace);

  n_checked++;
  n_frames += stacks.n_ours;
  verdicts[verdict]++;
  if (verdict == ORACLE_EQUAL && is_recorded (&stacks, recorded))
    return;
  n_replayed_wrongly += !is_recorded (&stacks, recorded);
  if (n_to_print > 0 && n_to_print-- > 0)
    {
      print_stacks (&stacks, verdict);
      for (unsigned i = 0; i < recorded->depth; i++)
        print_frame ("event ", recorded->frames[i]);
    }
}

static __attribute__ ((noinline)) void
check (const TrkUnwindStart *start)
{
  int saved_errno = errno;
  ReplayStack recorded;

  if (inside || !oracle_backtrace)
    return;
  inside = true;
  recorded = capture (start);
  if (n_calls++ % every == 0)
    compare (start, &recorded);
  inside = false;
  errno = saved_errno;
}

static __attribute__ ((noinline)) void
check_constructor (void)
{
  TrkUnwindStart start;

  TRK_UNWIND_START (&start);
  check (&start);
}

static __attribute__ ((constructor)) void
begin (void)
{
  const char *text;
  void *library;

  inside = true;
  if ((text = getenv ("UNWIND_CHECK_EVERY")) && strtoul (text, NULL, 10) > 0)
    every = strtoul (text, NULL, 10);
  if ((text = getenv ("UNWIND_CHECK_PRINT")))
    n_to_print = strtol (text, NULL, 10);
  real_dlclose = (int (*) (void *)) dlsym (RTLD_NEXT, "dlclose");
  trk_unwind_init ();
  if (getenv ("UNWIND_CHECK_OWN_TABLE"))
    trk_loaded_object_use_own_table ();
  if ((library = dlopen ("libunwind.so.8", RTLD_NOW | RTLD_LOCAL)))
    oracle_backtrace = (OracleBacktrace) dlsym (library, "unw_backtrace");
  inside = false;
  check_constructor ();
}

static __attribute__ ((destructor)) void
end (void)
{
  const char *path = getenv ("UNWIND_CHECK_OUTPUT");
  char line[512];
  int fd, n;

  if (!path || (fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) < 0)
    return;
  n = snprintf (line, sizeof line,
                "%s: checked %lu frames %lu equal %lu we-stop %lu it-stops %lu mismatch %lu "
                "unmarked %lu wrong %lu replayed %lu of %lu rules %lu full %lu fallback %lu of %lu "
                "stuck %lu\n",
                program_invocation_short_name, n_checked, n_frames, verdicts[ORACLE_EQUAL],
                verdicts[ORACLE_WE_STOP_EARLY], verdicts[ORACLE_IT_STOPS_EARLY],
                verdicts[ORACLE_MISMATCH], verdicts[ORACLE_UNMARKED], n_replayed_wrongly,
                n_replayed, n_captured, (unsigned long) trk_unwind_counters.n_rules,
                (unsigned long) trk_unwind_counters.n_table_full,
                (unsigned long) trk_unwind_counters.n_fallback_ends,
                (unsigned long) trk_unwind_counters.n_fallback,
                (unsigned long) trk_unwind_counters.n_stuck);
  if (write (fd, line, (size_t) n) != n)
    dprintf (2, "unwind-check: cannot write %s\n", path);
  close (fd);
}

void *
malloc (size_t n_bytes)
{
  TrkUnwindStart start;

  TRK_UNWIND_START (&start);
  check (&start);
  return __libc_malloc (n_bytes);
}

void *
calloc (size_t n, size_t n_bytes)
{
  TrkUnwindStart start;

  TRK_UNWIND_START (&start);
  check (&start);
  return __libc_calloc (n, n_bytes);
}

void *
realloc (void *block, size_t n_bytes)
{
  TrkUnwindStart start;

  TRK_UNWIND_START (&start);
  check (&start);
  return __libc_realloc (block, n_bytes);
}

int
dlclose (void *handle)
{
  int result;

  if (!real_dlclose)
    real_dlclose = (int (*) (void *)) dlsym (RTLD_NEXT, "dlclose");
  replay_checker_forget ();
  result = real_dlclose (handle);
  replay_checker_forget ();
  return result;
}
