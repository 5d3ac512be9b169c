/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "preload-real.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "trk-old-glibc.h"

TRK_BIND_OLD (dlsym);

/* Exported by every glibc since 2.2.5. */
extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t n, size_t size);
extern void *__libc_realloc (void *block, size_t size);
extern void __libc_free (void *block);
extern void *__libc_memalign (size_t alignment, size_t size);

/* --- while resolving ------------------------------------------------------------------------- */

#define MAX_BOOTSTRAP 64
static struct {
  void *block;
  size_t n_bytes;
} bootstrap_blocks[MAX_BOOTSTRAP];
static unsigned n_bootstrap;
static __thread bool resolving __attribute__ ((tls_model ("initial-exec")));

static void *
remember (void *block, size_t n_bytes)
{
  unsigned index = __atomic_fetch_add (&n_bootstrap, 1, __ATOMIC_RELAXED);

  if (block && index < MAX_BOOTSTRAP)
    {
      bootstrap_blocks[index].n_bytes = n_bytes;
      bootstrap_blocks[index].block = block;
    }
  return block;
}

static bool
is_bootstrap (const void *block, size_t *n_bytes)
{
  for (unsigned i = 0; block && i < n_bootstrap && i < MAX_BOOTSTRAP; i++)
    if (bootstrap_blocks[i].block == block)
      {
        *n_bytes = bootstrap_blocks[i].n_bytes;
        return true;
      }
  return false;
}

static void *
first_malloc (size_t size)
{
  if (resolving)
    return remember (__libc_malloc (size), size);
  preload_resolve ();
  return preload_real.malloc (size);
}

static void *
first_calloc (size_t n, size_t size)
{
  if (resolving)
    return remember (__libc_calloc (n, size), n * size);
  preload_resolve ();
  return preload_real.calloc (n, size);
}

static void *
first_realloc (void *block, size_t size)
{
  if (resolving)
    return remember (__libc_realloc (block, size), size);
  preload_resolve ();
  return preload_real.realloc (block, size);
}

static void
first_free (void *block)
{
  if (resolving)
    {
      __libc_free (block);
      return;
    }
  preload_resolve ();
  preload_real.free (block);
}

static void *
first_memalign (size_t alignment, size_t size)
{
  if (resolving)
    return remember (__libc_memalign (alignment, size), size);
  preload_resolve ();
  return preload_real.memalign (alignment, size);
}

static void *
first_aligned_alloc (size_t alignment, size_t size)
{
  if (resolving)
    return remember (__libc_memalign (alignment, size), size);
  preload_resolve ();
  return preload_real.aligned_alloc (alignment, size);
}

static int
first_posix_memalign (void **block, size_t alignment, size_t size)
{
  preload_resolve ();
  return preload_real.posix_memalign (block, alignment, size);
}

static void *
first_valloc (size_t size)
{
  preload_resolve ();
  return preload_real.valloc (size);
}

static void *
first_pvalloc (size_t size)
{
  preload_resolve ();
  return preload_real.pvalloc (size);
}

PreloadReal preload_real = {
  .malloc = first_malloc,
  .calloc = first_calloc,
  .realloc = first_realloc,
  .free = first_free,
  .memalign = first_memalign,
  .aligned_alloc = first_aligned_alloc,
  .posix_memalign = first_posix_memalign,
  .valloc = first_valloc,
  .pvalloc = first_pvalloc,
};

/* --- another allocator than libc's ----------------------------------------------------------- */

static void (*foreign_free) (void *);
static void *(*foreign_realloc) (void *, size_t);

/* Only in programs with their own allocator, and only if dlsym allocated before it was found. */
static void
checking_free (void *block)
{
  size_t n_bytes;

  if (is_bootstrap (block, &n_bytes))
    __libc_free (block);
  else
    foreign_free (block);
}

static void *
checking_realloc (void *block, size_t size)
{
  size_t n_bytes;
  void *moved;

  if (!is_bootstrap (block, &n_bytes))
    return foreign_realloc (block, size);
  moved = preload_real.malloc (size);
  if (moved)
    memcpy (moved, block, size < n_bytes ? size : n_bytes);
  return moved;
}

void *
preload_next (const char *name)
{
  return dlsym (RTLD_NEXT, name);
}

static void *
next_or (const char *name, void *fallback)
{
  void *function = preload_next (name);

  return function ? function : fallback;
}

void
preload_resolve (void)
{
  PreloadReal real;

  if (resolving)
    return;
  resolving = true;
  real.malloc = (void *(*) (size_t)) next_or ("malloc", __libc_malloc);
  real.calloc = (void *(*) (size_t, size_t)) next_or ("calloc", __libc_calloc);
  real.realloc = (void *(*) (void *, size_t)) next_or ("realloc", __libc_realloc);
  real.free = (void (*) (void *)) next_or ("free", __libc_free);
  real.memalign = (void *(*) (size_t, size_t)) next_or ("memalign", __libc_memalign);
  real.aligned_alloc = (void *(*) (size_t, size_t)) next_or ("aligned_alloc", real.memalign);
  real.posix_memalign = (int (*) (void **, size_t, size_t)) preload_next ("posix_memalign");
  real.valloc = (void *(*) (size_t)) preload_next ("valloc");
  real.pvalloc = (void *(*) (size_t)) preload_next ("pvalloc");
  if (n_bootstrap > 0 && real.free != (void (*) (void *)) preload_next ("__libc_free")
      && real.free != __libc_free)
    {
      foreign_free = real.free;
      foreign_realloc = real.realloc;
      real.free = checking_free;
      real.realloc = checking_realloc;
    }
  preload_real = real;
  resolving = false;
}
