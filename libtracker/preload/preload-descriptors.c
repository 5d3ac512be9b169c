/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Functions by which a program closes descriptors that it may never have opened.  Those that the recorder
 * has open for a moment in another thread are spared; see trk-descriptors.h.  And by which a number comes to
 * mean another file: trk-hook-socket.h wants to hear of it, before and after.
 *
 * May run in the child of a vfork, in signal handlers and before our constructor: until the real functions
 * are known, the system calls take their place.
 */
#undef _FILE_OFFSET_BITS /* freopen and freopen64 are two names here */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload-real.h"
#include "trk-descriptors.h"
#include "trk-hook-socket.h"

#define HOOK __attribute__ ((visibility ("default")))

static struct {
  int (*close) (int);
  int (*close_range) (unsigned, unsigned, int);
  int (*dup2) (int, int);
  int (*dup3) (int, int, int);
  int (*fclose) (FILE *);
  FILE *(*freopen) (const char *, const char *, FILE *);
  FILE *(*freopen64) (const char *, const char *, FILE *);
} real;

void
preload_resolve_descriptors (void)
{
  real.close = (__typeof__ (real.close)) preload_next ("close");
  real.close_range = (__typeof__ (real.close_range)) preload_next ("close_range");
  real.dup2 = (__typeof__ (real.dup2)) preload_next ("dup2");
  real.dup3 = (__typeof__ (real.dup3)) preload_next ("dup3");
  real.fclose = (__typeof__ (real.fclose)) preload_next ("fclose");
  real.freopen = (__typeof__ (real.freopen)) preload_next ("freopen");
  real.freopen64 = (__typeof__ (real.freopen64)) preload_next ("freopen64");
}

HOOK int
close (int fd)
{
  int result;

  if (TRK_UNLIKELY (!trk_hook_may_close_descriptor (fd)))
    {
      errno = EBADF; /* as it would be without us */
      return -1;
    }
  trk_hook_descriptor_changes (fd);
  result = real.close ? real.close (fd) : (int) syscall (SYS_close, fd);
  trk_hook_descriptor_changes (fd);
  return result;
}

static int
close_part (unsigned first, unsigned last, int flags)
{
  int result;

  trk_hook_descriptors_change (first, last);
  result = real.close_range ? real.close_range (first, last, flags)
                            : (int) syscall (SYS_close_range, first, last, flags);
  trk_hook_descriptors_change (first, last);
  return result;
}

/* In parts, around what is ours. */
static int
close_around (unsigned first, unsigned last, int flags)
{
  int own, result = 0;

  while ((own = trk_hook_next_descriptor (first)) >= 0 && (unsigned) own <= last)
    {
      if ((unsigned) own > first && (result = close_part (first, (unsigned) own - 1, flags)) < 0)
        return result;
      first = (unsigned) own + 1;
      if ((unsigned) own == last)
        return result;
    }
  return close_part (first, last, flags);
}

HOOK int
close_range (unsigned first, unsigned last, int flags)
{
  int result;

  /* What it says of flags and of a range that is none is the kernel's to say. */
  if (flags != 0 || first > last)
    return close_part (first, last, flags);
  trk_hook_bulk_close_begin ();
  result = close_around (first, last, flags);
  trk_hook_bulk_close_end ();
  return result;
}

HOOK void
closefrom (int lowest)
{
  unsigned first = lowest < 0 ? 0 : (unsigned) lowest;
  int saved_errno = errno;

  /* Before Linux 5.9, as far as the table goes. */
  if (close_range (first, ~0U, 0) < 0)
    for (int fd = (int) sysconf (_SC_OPEN_MAX) - 1; fd >= (int) first; fd--)
      close (fd);
  errno = saved_errno;
}

HOOK int
dup2 (int fd, int target)
{
  int result;

  trk_hook_await_descriptor (target);
  trk_hook_descriptor_changes (target);
#ifdef SYS_dup2
  result = real.dup2 ? real.dup2 (fd, target) : (int) syscall (SYS_dup2, fd, target);
#else
  result = real.dup2 (fd, target);
#endif
  trk_hook_descriptor_changes (target);
  return result;
}

HOOK int
dup3 (int fd, int target, int flags)
{
  int result;

  trk_hook_await_descriptor (target);
  trk_hook_descriptor_changes (target);
  result = real.dup3 ? real.dup3 (fd, target, flags) : (int) syscall (SYS_dup3, fd, target, flags);
  trk_hook_descriptor_changes (target);
  return result;
}

/* --- streams, which the C library closes inside ------------------------------------------------ */

static int
get_descriptor (FILE *stream)
{
  int saved_errno = errno, fd = fileno_unlocked (stream);

  errno = saved_errno;
  return fd;
}

HOOK int
fclose (FILE *stream)
{
  int fd = get_descriptor (stream), result;

  if (!real.fclose)
    preload_resolve_descriptors ();
  trk_hook_descriptor_changes (fd);
  result = real.fclose (stream);
  trk_hook_descriptor_changes (fd);
  return result;
}

HOOK FILE *
freopen (const char *path, const char *mode, FILE *stream)
{
  int fd = get_descriptor (stream);
  FILE *result;

  if (!real.freopen)
    preload_resolve_descriptors ();
  trk_hook_descriptor_changes (fd);
  result = real.freopen (path, mode, stream);
  trk_hook_descriptor_changes (fd);
  return result;
}

HOOK FILE *
freopen64 (const char *path, const char *mode, FILE *stream)
{
  int fd = get_descriptor (stream);
  FILE *result;

  if (!real.freopen64)
    preload_resolve_descriptors ();
  trk_hook_descriptor_changes (fd);
  result = real.freopen64 (path, mode, stream);
  trk_hook_descriptor_changes (fd);
  return result;
}
