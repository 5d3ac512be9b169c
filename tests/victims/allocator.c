/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * An allocator that may be called from a signal handler which interrupted it: it hands out memory from
 * one stretch, by one atomic addition, and never takes any back.  A program that links it has another
 * allocator than libc's, as those with jemalloc have.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define AREA_BYTES ((size_t) 64 << 30) /* of addresses; memory only where it is touched */
#define HEADER_BYTES 16

static _Atomic (char *) area;
static _Atomic size_t used;

void *malloc (size_t size);
void *calloc (size_t n, size_t size);
void *realloc (void *block, size_t size);
void free (void *block);
void *memalign (size_t alignment, size_t size);
void *aligned_alloc (size_t alignment, size_t size);
int posix_memalign (void **block, size_t alignment, size_t size);

static char *
get_area (void)
{
  char *mine, *none = NULL;

  if (atomic_load (&area))
    return atomic_load (&area);
  mine = mmap (NULL, AREA_BYTES, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mine == MAP_FAILED)
    return NULL;
  if (!atomic_compare_exchange_strong (&area, &none, mine))
    munmap (mine, AREA_BYTES);
  return atomic_load (&area);
}

void *
memalign (size_t alignment, size_t size)
{
  char *base = get_area ();
  size_t need = (size + HEADER_BYTES + alignment + 15) & ~(size_t) 15, at;
  uintptr_t block;

  if (!base || size > AREA_BYTES / 4 || (at = atomic_fetch_add (&used, need)) + need > AREA_BYTES)
    {
      errno = ENOMEM;
      return NULL;
    }
  block = ((uintptr_t) base + at + HEADER_BYTES + alignment - 1) & ~(uintptr_t) (alignment - 1);
  ((size_t *) block)[-1] = size;
  return (void *) block;
}

void *
malloc (size_t size)
{
  return memalign (16, size);
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  return memalign (alignment, size);
}

int
posix_memalign (void **block, size_t alignment, size_t size)
{
  int saved_errno = errno;

  *block = memalign (alignment, size);
  errno = saved_errno;
  return *block ? 0 : ENOMEM;
}

void *
calloc (size_t n, size_t size)
{
  size_t n_bytes;

  if (__builtin_mul_overflow (n, size, &n_bytes))
    {
      errno = ENOMEM;
      return NULL;
    }
  return malloc (n_bytes); /* never used before: zero */
}

void *
realloc (void *block, size_t size)
{
  void *moved = malloc (size);

  if (moved && block)
    {
      size_t old_size = ((size_t *) block)[-1];
      memcpy (moved, block, old_size < size ? old_size : size);
    }
  return moved;
}

void
free (void *block)
{
}
