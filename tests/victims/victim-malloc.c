/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The contracts of the malloc family that a hook could break. */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <wchar.h>

#include "victim.h"

/* The compiler must not know what these numbers do to an allocation. */
static volatile size_t huge = (size_t) PTRDIFF_MAX - 4096, half = SIZE_MAX / 2 + 1, none = 0;

/* What errno is after each call, which was @before it: the same with and without a tracer. */
static int
errno_kept (void)
{
  void *volatile block, *volatile other = NULL;

#define SHOW(call) \
  errno = 1234; \
  call; \
  printf ("%s: errno %d\n", #call, errno)

  free (malloc (1)); /* an allocator's first call may be another */
  SHOW (block = malloc (100));
  SHOW (block = realloc (block, 5000));
  SHOW (free (block));
  SHOW (block = calloc (10, 10));
  SHOW (free (block));
  SHOW (CHECK (posix_memalign ((void **) &block, 256, 100) == 0));
  SHOW (free (block));
  SHOW (block = aligned_alloc (64, 640));
  SHOW (free (block));
  SHOW (block = memalign (64, 100));
  SHOW (free (block));
  SHOW (block = valloc (100));
  SHOW (free (block));
  SHOW (block = reallocarray (NULL, 5, 7));
  SHOW (free (block));
  SHOW (block = pvalloc (100));
  SHOW (free (block));
  SHOW (block = reallocarray (malloc (10), 70, 70));
  SHOW (block = realloc (block, 10));
  SHOW (free (block));
  SHOW (free (NULL));
  SHOW (CHECK (!malloc (huge)));
  SHOW (CHECK (!calloc (half, 4)));
  SHOW (CHECK (!realloc (NULL, huge)));
  SHOW (CHECK (!reallocarray (NULL, half, 4)));
  SHOW (CHECK (posix_memalign ((void **) &other, 3, 8) == EINVAL));
  SHOW (CHECK (posix_memalign ((void **) &other, 64, huge) == ENOMEM));
  SHOW (CHECK (!memalign (64, huge)));
  SHOW (CHECK (!aligned_alloc (64, huge)));
  SHOW (CHECK (!valloc (huge)));
  SHOW (CHECK (!pvalloc (huge)));
  SHOW (block = malloc (10));
  SHOW (CHECK (!realloc (block, huge)));
  SHOW (CHECK (!reallocarray (block, half, 4)));
  SHOW (free (block));
#undef SHOW
  return 0;
}

static int
alignment (void)
{
  static const size_t sizes[] = { 0, 1, 24, 25, 1000, 70000, 3000000 };

  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    {
      void *plain = malloc (sizes[i]);
      void *zeroed = calloc (1, sizes[i]);

      CHECK (plain && zeroed);
      CHECK ((uintptr_t) plain % 16 == 0 && (uintptr_t) zeroed % 16 == 0);
      CHECK (malloc_usable_size (plain) >= sizes[i]);
      printf ("%zu usable %zu\n", sizes[i], malloc_usable_size (plain));
      free (plain);
      free (zeroed);
      for (size_t align = 8; align <= 65536; align *= 2)
        {
          void *block = NULL;

          CHECK (posix_memalign (&block, align, sizes[i]) == 0 && (uintptr_t) block % align == 0);
          memset (block, 1, sizes[i]);
          free (block);
          block = memalign (align, sizes[i]);
          CHECK ((uintptr_t) block % align == 0);
          free (block);
          block = aligned_alloc (align, sizes[i]);
          CHECK ((uintptr_t) block % align == 0);
          free (block);
        }
    }
  void *page = pvalloc (1);
  CHECK ((uintptr_t) page % 4096 == 0 && malloc_usable_size (page) >= 4096);
  free (page);
  return 0;
}

/* realloc as malloc, as free, moving, in place and failing. */
static int
reallocation (void)
{
  char *volatile block = realloc (NULL, VICTIM_MARK_BYTES), *volatile old;

  CHECK (block);
  memset (block, 7, 100);
  old = block;
  CHECK (!realloc (block, huge)); /* fails: the block is as it was */
  CHECK (block == old && block[99] == 7);
  block = realloc (block, VICTIM_MARK_BYTES + 5);
  CHECK (block && block[0] == 7 && block[99] == 7);
  block = reallocarray (block, VICTIM_MARK_BYTES, 1);
  CHECK (block && block[99] == 7);
  CHECK (!realloc (block, none)); /* glibc: frees, and says so with NULL */

  block = malloc (none);
  CHECK (block && block != malloc (none));
  free (block);
  return 0;
}

static int
overflow (void)
{
  errno = 0;
  CHECK (!calloc (half, 2) && errno == ENOMEM);
  CHECK (!calloc (2, half));
  CHECK (!calloc (half, half));
  CHECK (!reallocarray (NULL, half, 2));
  char *volatile block = malloc (10);
  errno = 0;
  CHECK (!reallocarray (block, half, 3) && errno == ENOMEM);
  free (block);
  CHECK (!malloc (huge));
  free (NULL);
  free (victim_mark ());
  return 0;
}

/* Functions of libc that allocate for their caller. */
static int
by_libc (void)
{
  char *line = NULL, *text = NULL;
  size_t n = 0;
  FILE *file = tmpfile ();

  CHECK (file && fputs ("one\ntwo\n", file) >= 0);
  rewind (file);
  while (getline (&line, &n, file) >= 0)
    fputs (line, stdout);
  free (line);
  fclose (file);
  CHECK (asprintf (&text, "%s %ls", "bytes", L"wide") > 0);
  puts (text);
  free (text);
  text = strdup ("copied");
  puts (text);
  free (text);
  free (realpath ("/usr/../usr", NULL));
  return 0;
}

/* Not in every C library, and so not to be linked with; ours has them all. */
static int
rare_frees (void)
{
  void (*free_sized) (void *, size_t) = (void (*) (void *, size_t)) dlsym (NULL, "free_sized");
  void (*free_aligned_sized) (void *, size_t, size_t) =
      (void (*) (void *, size_t, size_t)) dlsym (NULL, "free_aligned_sized");
  void (*cfree) (void *) = (void (*) (void *)) dlsym (NULL, "cfree");
  void *block = victim_mark ();

  errno = 1234;
  free_sized ? free_sized (block, VICTIM_MARK_BYTES) : free (block);
  CHECK (errno == 1234);
  block = aligned_alloc (4096, VICTIM_MARK_BYTES);
  errno = 1234;
  free_aligned_sized ? free_aligned_sized (block, 4096, VICTIM_MARK_BYTES) : free (block);
  CHECK (errno == 1234);
  block = victim_mark ();
  errno = 1234;
  cfree ? cfree (block) : free (block);
  CHECK (errno == 1234);
  return 0;
}

/* What programs of other allocators may count on too. */
static int
any_allocator (void)
{
  static const size_t sizes[] = { 1, 24, 25, 1000, 70000, 3000000 };

  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    {
      char *volatile plain = malloc (sizes[i]), *volatile zeroed = calloc (1, sizes[i]);

      CHECK (plain && zeroed && !zeroed[sizes[i] - 1]);
      CHECK (malloc_usable_size (plain) >= sizes[i]);
      printf ("%zu usable %zu\n", sizes[i], malloc_usable_size (plain));
      plain[sizes[i] - 1] = 5;
      plain = realloc (plain, sizes[i] * 2);
      CHECK (plain && plain[sizes[i] - 1] == 5);
      free (plain);
      free (zeroed);
      for (size_t align = 16; align <= 4096; align *= 2)
        {
          void *block = NULL;

          CHECK (posix_memalign (&block, align, sizes[i]) == 0 && (uintptr_t) block % align == 0);
          memset (block, 1, sizes[i]);
          free (block);
        }
    }
  CHECK (!calloc (half, 4));
  CHECK (!malloc (huge));
  free (NULL);
  free (realloc (NULL, 100));
  free (victim_mark ());
  return 0;
}

static const VictimCase cases[] = {
  { "errno", errno_kept },  { "alignment", alignment },   { "realloc", reallocation },
  { "overflow", overflow }, { "rare-frees", rare_frees }, { "libc", by_libc },
  { "any", any_allocator },
};

VICTIM_MAIN (cases)
