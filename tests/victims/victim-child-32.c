/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A 32-bit program, which the 32-bit loader starts; without a 32-bit C library, so that none is needed to
 * build it.  Exits with status 3. */
#include <stddef.h>

void _start (void);

static int
call (int number, int a, const void *b, size_t c)
{
  int result;

  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
  return result;
}

void
_start (void)
{
  static const char text[] = "thirty-two bits\n";

  call (4 /* write */, 1, text, sizeof text - 1);
  for (;;)
    call (1 /* exit */, 3, NULL, 0);
}
