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
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>

#include "preload-real.h"
#include "trk-hooks.h"

#define HOOK __attribute__ ((visibility ("default")))

static void *
trampoline (void *data)
{
  TrkThreadBirth birth = *(TrkThreadBirth *) data;

  preload_real.free (data);
  trk_hook_thread_begin (&birth);
  return birth.routine (birth.argument);
}

typedef int (*CreateFunction) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);

HOOK int
pthread_create (pthread_t *thread,
                const pthread_attr_t *attributes,
                void *(*routine) (void *),
                void *argument)
{
  static CreateFunction real;
  TrkThreadBirth *birth;
  int error;

  if (!real)
    real = (CreateFunction) preload_next ("pthread_create");
  birth = preload_real.malloc (sizeof *birth);
  if (!birth)
    return real (thread, attributes, routine, argument);

  *birth = (TrkThreadBirth) { .routine = routine, .argument = argument };
  trk_hook_thread_birth (birth);
  error = real (thread, attributes, trampoline, birth);
  if (error)
    preload_real.free (birth);
  return error;
}

HOOK int
pthread_setname_np (pthread_t thread, const char *name)
{
  static int (*real) (pthread_t, const char *);
  int error;

  if (!real)
    real = (int (*) (pthread_t, const char *)) preload_next ("pthread_setname_np");
  error = real (thread, name);
  /* Another thread's new name is noticed by that thread: at the latest when its window is full or it
   * ends. */
  if (error == 0 && pthread_equal (thread, pthread_self ()))
    trk_hook_thread_renamed ();
  return error;
}

HOOK int
prctl (int operation, ...)
{
  static int (*real) (int, ...);
  unsigned long a[4];
  va_list arguments;
  int result;

  va_start (arguments, operation);
  for (unsigned i = 0; i < 4; i++)
    a[i] = va_arg (arguments, unsigned long);
  va_end (arguments);

  if (!real)
    real = (int (*) (int, ...)) preload_next ("prctl");
  result = real (operation, a[0], a[1], a[2], a[3]);
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
  static int (*real) (void *);
  int result;

  if (!real)
    real = (int (*) (void *)) preload_next ("dlclose");
  trk_hook_module_unloaded ();
  result = real (handle);
  trk_hook_module_unloaded ();
  return result;
}
