/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads: who created whom, where they start, what they are called.
 *
 * A new thread runs our trampoline, which takes its id (creation order is known only in the creator),
 * and then the program's routine.  The little block that carries both from creator to thread comes
 * from the real allocator, so that no hook sees it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>

#include "preload-real.h"
#include "trk-hooks.h"
#include "trk-old-glibc.h"

TRK_BIND_OLD (pthread_attr_getguardsize);
TRK_BIND_OLD (pthread_attr_getstack);
TRK_BIND_OLD (pthread_attr_getstacksize);

#define HOOK __attribute__ ((visibility ("default")))

static void *
trampoline (void *data)
{
  TrkThreadBirth birth = *(TrkThreadBirth *) data;

  preload_real.free (data);
  trk_hook_thread_begin (&birth);
  return birth.routine (birth.argument);
}

/* Looked up before main; see preload-process.c. */
static struct {
  int (*create) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);
  int (*set_name) (pthread_t, const char *);
  int (*prctl) (int, ...);
  int (*dlclose) (void *);
} real;

void
preload_resolve_threads (void)
{
  real.create = (__typeof__ (real.create)) preload_next ("pthread_create");
  real.set_name = (__typeof__ (real.set_name)) preload_next ("pthread_setname_np");
  real.prctl = (__typeof__ (real.prctl)) preload_next ("prctl");
  real.dlclose = (__typeof__ (real.dlclose)) preload_next ("dlclose");
}

/* Of the stack that the C library will give the thread, its guard included; 0: the program gives one. */
static size_t
get_stack_bytes (const pthread_attr_t *attributes)
{
  size_t n_bytes = 0, n_guard_bytes = 0;
  pthread_attr_t defaults;
  void *given = NULL;

  if (!attributes)
    {
      size_t of_default;

      if (pthread_attr_init (&defaults) != 0)
        return 0;
      of_default = get_stack_bytes (&defaults);
      pthread_attr_destroy (&defaults);
      return of_default;
    }
  /* Of an attribute without a stack this is the size below the address 0. */
  if (pthread_attr_getstack (attributes, &given, &n_bytes) == 0 && (uintptr_t) given + n_bytes != 0)
    return 0;
  if (pthread_attr_getstacksize (attributes, &n_bytes) != 0
      || pthread_attr_getguardsize (attributes, &n_guard_bytes) != 0)
    return 0;
  return n_bytes + n_guard_bytes;
}

HOOK int
pthread_create (pthread_t *thread,
                const pthread_attr_t *attributes,
                void *(*routine) (void *),
                void *argument)
{
  TrkUnwindStart start;
  TrkThreadBirth *birth;
  int error;

  TRK_UNWIND_START (&start);
  if (!real.create)
    preload_resolve_threads ();
  birth = preload_real.malloc (sizeof *birth);
  if (!birth)
    return real.create (thread, attributes, routine, argument);

  *birth = (TrkThreadBirth) { .routine = routine,
                              .argument = argument,
                              .stack_bytes = get_stack_bytes (attributes) };
  trk_hook_thread_birth (birth, &start);
  error = real.create (thread, attributes, trampoline, birth);
  if (error)
    preload_real.free (birth);
  return error;
}

HOOK int
pthread_setname_np (pthread_t thread, const char *name)
{
  int error;

  if (!real.set_name)
    preload_resolve_threads ();
  error = real.set_name (thread, name);
  if (error == 0 && pthread_equal (thread, pthread_self ()))
    trk_hook_thread_renamed ();
  else if (error == 0)
    trk_hook_other_thread_renamed ();
  return error;
}

HOOK int
prctl (int operation, ...)
{
  unsigned long a[4];
  va_list arguments;
  int result;

  va_start (arguments, operation);
  for (unsigned i = 0; i < 4; i++)
    a[i] = va_arg (arguments, unsigned long);
  va_end (arguments);

  if (!real.prctl)
    preload_resolve_threads ();
  /* From here on the kernel kills a thread that opens a file, or that reads the time stamp counter. */
  if (operation == PR_SET_SECCOMP && a[0] == SECCOMP_MODE_STRICT)
    trk_hook_thread_give_up (TRK_GAVE_UP_CALLS);
  else if (operation == PR_SET_SECCOMP && a[0] == SECCOMP_MODE_FILTER)
    preload_filter_coming (0, (const void *) a[1]);
  else if (operation == PR_SET_TSC && a[0] == PR_TSC_SIGSEGV)
    trk_hook_thread_give_up (TRK_GAVE_UP_CLOCK);
  result = real.prctl (operation, a[0], a[1], a[2], a[3]);
  if (operation == PR_SET_NAME && result == 0)
    trk_hook_thread_renamed ();
  return result;
}

/* --- modules --------------------------------------------------------------------------------- */

/* Code may come back to the same addresses with another meaning: both before the unmapping, for
 * threads that run meanwhile, and after it. */
HOOK int
dlclose (void *handle)
{
  int result;

  if (!real.dlclose)
    preload_resolve_threads ();
  trk_hook_module_unloaded ();
  result = real.dlclose (handle);
  trk_hook_module_unloaded ();
  return result;
}
