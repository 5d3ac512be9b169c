/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* For trk-system*.c alone: a system call as the kernel gives its result. */
#pragma once

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trk-system.h"

extern __thread TrkOwnIo trk_own_io
    __attribute__ ((tls_model ("initial-exec"), visibility ("hidden")));

/* The result of a system call as the kernel gives it: negative errno; the caller's errno is kept. */
#define KERNEL(...) \
  ({ \
    int saved_errno = errno; \
    long kernel_result = syscall (__VA_ARGS__); \
    if (kernel_result == -1) \
      kernel_result = -errno; \
    errno = saved_errno; \
    kernel_result; \
  })
