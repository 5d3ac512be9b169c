/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The mmap family.
 *
 * glibc's own calls (malloc's arenas, the loader, pthread_create) do not come by here: they are bound
 * inside libc.  Thread stacks are recorded by the trampoline instead, see trk-thread-stack.h.
 *
 * Before our constructor the system calls themselves are made, without a look-up: whoever calls so
 * early may be an allocator that starts, and dlsym may allocate.  The break is libc's to move, as it
 * remembers where it is.
 */
#undef _FILE_OFFSET_BITS /* it would make our mmap another mmap64 */
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload-real.h"
#include "trk-hook-mapping.h"

#define HOOK __attribute__ ((visibility ("default")))
#define TRACKED __attribute__ ((noinline))

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* Exported by every glibc since 2.2.5. */
extern void *__sbrk (intptr_t increment);

/* --- the real ones ---------------------------------------------------------------------------- */

static void *
first_mmap (void *address, size_t n_bytes, int protection, int flags, int fd, off_t offset)
{
  return (void *) syscall (SYS_mmap, address, n_bytes, protection, flags, fd, offset);
}

static int
first_munmap (void *address, size_t n_bytes)
{
  return (int) syscall (SYS_munmap, address, n_bytes);
}

static void *
first_mremap (void *address, size_t old_n_bytes, size_t n_bytes, int flags, ...)
{
  va_list arguments;
  void *new_address;

  va_start (arguments, flags);
  new_address = va_arg (arguments, void *);
  va_end (arguments);
  return (void *) syscall (SYS_mremap, address, old_n_bytes, n_bytes, flags, new_address);
}

static int
first_brk (void *address)
{
  char *now = __sbrk (0);

  return __sbrk ((char *) address - now) == (void *) -1 ? -1 : 0;
}

static struct {
  void *(*mmap) (void *, size_t, int, int, int, off_t);
  int (*munmap) (void *, size_t);
  void *(*mremap) (void *, size_t, size_t, int, ...);
  int (*brk) (void *);
  void *(*sbrk) (intptr_t);
} real = { first_mmap, first_munmap, first_mremap, first_brk, __sbrk };

/* A static program's libc, or an odd one, may lack some: then the first ones go on. */
#define RESOLVE(name) \
  do \
    { \
      void *next = preload_next (#name); \
      if (next) \
        real.name = (__typeof__ (real.name)) next; \
    } \
  while (0)

void
preload_resolve_mappings (void)
{
  RESOLVE (mmap);
  RESOLVE (munmap);
  RESOLVE (mremap);
  RESOLVE (brk);
  RESOLVE (sbrk);
}

/* --- mmap ------------------------------------------------------------------------------------- */

static TRACKED void *
mmap_tracked (void *address, size_t n_bytes, int protection, int flags, int fd, off_t offset)
{
  TrkUnwindStart start;
  TrkMappingCall call;
  void *result;

  TRK_UNWIND_START (&start);
  trk_hook_mapping_begin (&call, &start);
  result = real.mmap (address, n_bytes, protection, flags, fd, offset);
  if (call.thread && result != MAP_FAILED)
    trk_hook_mapped (&call, result, n_bytes, protection, flags, &start);
  else if (call.thread)
    trk_hook_mapping_abandon (&call);
  return result;
}

/* What an untracked thread maps is not recorded, unless it maps it in place of something. */
static inline bool
is_untracked (int flags)
{
  return trk_thread_gate.untracked_gate == trk_gate_get () && !(flags & MAP_FIXED);
}

HOOK void *
mmap (void *address, size_t n_bytes, int protection, int flags, int fd, off_t offset)
{
  if (is_untracked (flags))
    return real.mmap (address, n_bytes, protection, flags, fd, offset);
  return mmap_tracked (address, n_bytes, protection, flags, fd, offset);
}

HOOK void *
mmap64 (void *address, size_t n_bytes, int protection, int flags, int fd, off64_t offset)
{
  if (is_untracked (flags))
    return real.mmap (address, n_bytes, protection, flags, fd, offset);
  return mmap_tracked (address, n_bytes, protection, flags, fd, offset);
}

/* --- munmap and mremap ------------------------------------------------------------------------ */

/* Nothing that this thread unmaps can be recorded. */
static inline bool
is_untracked_end (void)
{
  return trk_thread_gate.untracked_free_gate == trk_gate_get ();
}

static TRACKED int
munmap_tracked (void *address, size_t n_bytes)
{
  TrkUnwindStart start;
  TrkMappingCall call;
  int result;

  TRK_UNWIND_START (&start);
  trk_hook_mapping_begin (&call, &start);
  result = real.munmap (address, n_bytes);
  if (call.thread && result == 0)
    trk_hook_unmapped (&call, address, n_bytes);
  else if (call.thread)
    trk_hook_mapping_abandon (&call);
  return result;
}

HOOK int
munmap (void *address, size_t n_bytes)
{
  if (is_untracked_end ())
    return real.munmap (address, n_bytes);
  return munmap_tracked (address, n_bytes);
}

HOOK void *
mremap (void *address, size_t old_n_bytes, size_t n_bytes, int flags, ...)
{
  TrkUnwindStart start;
  TrkMappingCall call;
  void *new_address = NULL, *result;

  if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
    {
      va_list arguments;

      va_start (arguments, flags);
      new_address = va_arg (arguments, void *);
      va_end (arguments);
    }
  if (is_untracked_end ())
    return real.mremap (address, old_n_bytes, n_bytes, flags, new_address);

  TRK_UNWIND_START (&start);
  trk_hook_mapping_begin (&call, &start);
  result = real.mremap (address, old_n_bytes, n_bytes, flags, new_address);
  if (call.thread && result != MAP_FAILED)
    trk_hook_remapped (&call, address, old_n_bytes, result, n_bytes, flags, &start);
  else if (call.thread)
    trk_hook_mapping_abandon (&call);
  return result;
}

/* --- the break -------------------------------------------------------------------------------- */

static TRACKED int
brk_tracked (void *address)
{
  TrkUnwindStart start;
  TrkMappingCall call;
  void *before = NULL;
  int result;

  TRK_UNWIND_START (&start);
  trk_hook_mapping_begin (&call, &start);
  if (call.thread)
    before = real.sbrk (0);
  result = real.brk (address);
  if (call.thread && result == 0)
    trk_hook_break_moved (&call, before, address, &start);
  else if (call.thread)
    trk_hook_mapping_abandon (&call);
  return result;
}

HOOK int
brk (void *address)
{
  if (is_untracked_end ())
    return real.brk (address);
  return brk_tracked (address);
}

static TRACKED void *
sbrk_tracked (intptr_t increment)
{
  TrkUnwindStart start;
  TrkMappingCall call;
  char *before;

  TRK_UNWIND_START (&start);
  trk_hook_mapping_begin (&call, &start);
  before = real.sbrk (increment);
  if (call.thread && before != (char *) -1)
    trk_hook_break_moved (&call, before, before + increment, &start);
  else if (call.thread)
    trk_hook_mapping_abandon (&call);
  return before;
}

/* sbrk (0) asks where it is. */
HOOK void *
sbrk (intptr_t increment)
{
  if (increment == 0 || is_untracked_end ())
    return real.sbrk (increment);
  return sbrk_tracked (increment);
}
