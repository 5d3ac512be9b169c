/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-system.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "trk-system-call.h"

#define SIGNAL_BIT(number) ((uint64_t) 1 << ((number) -1))

uint64_t
trk_system_block_signals (void)
{
  uint64_t all = UINT64_MAX, before = 0;

  (void) KERNEL (SYS_rt_sigprocmask, SIG_BLOCK, &all, &before, sizeof all);
  return before;
}

void
trk_system_restore_signals (uint64_t signals)
{
  (void) KERNEL (SYS_rt_sigprocmask, SIG_SETMASK, &signals, NULL, sizeof signals);
}

static bool
is_file_limit_signal_pending (void)
{
  uint64_t pending = 0;

  return KERNEL (SYS_rt_sigpending, &pending, sizeof pending) == 0
         && (pending & SIGNAL_BIT (SIGXFSZ));
}

static void
take_file_limit_signal (void)
{
  static const struct timespec now = { 0, 0 };
  uint64_t signals = SIGNAL_BIT (SIGXFSZ);

  (void) KERNEL (SYS_rt_sigtimedwait, &signals, NULL, &now, sizeof signals);
}

/* The size that a file may have; UINT64_MAX where there is no limit. */
static uint64_t
get_file_limit (void)
{
  struct rlimit limit;

  if (KERNEL (SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
    return UINT64_MAX;
  return limit.rlim_cur;
}

/* Initial-exec, as trk_thread_gate: reading it never allocates. */
__thread TrkOwnIo trk_own_io;

TrkOwnIo
trk_system_get_own_io (void)
{
  return trk_own_io;
}

/* A failed call is counted as well, without bytes. */
static void
count_own_write (long n_bytes)
{
  trk_own_io.write_calls++;
  trk_own_io.written_bytes += n_bytes > 0 ? (uint64_t) n_bytes : 0;
}

static int
write_all (int fd, const char *p, size_t n_bytes)
{
  while (n_bytes > 0)
    {
      long n = KERNEL (SYS_write, fd, p, n_bytes);
      count_own_write (n);
      if (n == -EINTR)
        continue;
      if (n < 0)
        return (int) n;
      if (n == 0)
        return -ENOSPC;
      p += n;
      n_bytes -= (size_t) n;
    }
  return 0;
}

int
trk_system_write_all (int fd, const void *data, size_t n_bytes)
{
  uint64_t limit = get_file_limit ();
  struct stat status;
  bool was_pending;
  int error;

  if (limit == UINT64_MAX)
    return write_all (fd, data, n_bytes);
  if (KERNEL (SYS_fstat, fd, &status) == 0 && S_ISREG (status.st_mode)
      && (uint64_t) status.st_size + n_bytes > limit)
    return -EFBIG;
  was_pending = is_file_limit_signal_pending ();
  error = write_all (fd, data, n_bytes);
  /* Another thread's block came first, and ours met the limit. */
  if (error == -EFBIG && !was_pending)
    take_file_limit_signal ();
  return error;
}

int64_t
trk_system_read (int fd, void *buffer, size_t n_bytes)
{
  long n;

  do
    {
      n = KERNEL (SYS_read, fd, buffer, n_bytes);
      trk_own_io.read_calls++;
    }
  while (n == -EINTR);
  trk_own_io.read_bytes += n > 0 ? (uint64_t) n : 0;
  return n;
}

int
trk_system_allocate (int fd, uint64_t offset, uint64_t n_bytes)
{
  static const char zeros[4096];
  long result;

  if (offset + n_bytes > get_file_limit ())
    return -EFBIG;
  do
    result = KERNEL (SYS_fallocate, fd, 0, offset, n_bytes);
  while (result == -EINTR);
  if (result != -EOPNOTSUPP && result != -ENOSYS)
    return (int) result;

  /* A file system without fallocate: written zeros are storage as well. */
  for (uint64_t done = 0; done < n_bytes; done += sizeof zeros)
    {
      size_t part = n_bytes - done < sizeof zeros ? (size_t) (n_bytes - done) : sizeof zeros;
      result = KERNEL (SYS_pwrite64, fd, zeros, part, offset + done);
      count_own_write (result);
      if (result != (long) part)
        return result < 0 ? (int) result : -ENOSPC;
    }
  return 0;
}

int
trk_system_is_socket (int fd)
{
  struct stat status;
  int error = (int) KERNEL (SYS_fstat, fd, &status);

  return error < 0 ? error : S_ISSOCK (status.st_mode);
}

int
trk_system_make_folder (const char *path)
{
  int error = (int) KERNEL (SYS_mkdirat, AT_FDCWD, path, 0777);
  struct stat status;

  if (error == 0 && KERNEL (SYS_newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0
      && (status.st_mode & 0700) != 0700)
    (void) KERNEL (SYS_fchmodat, AT_FDCWD, path, (status.st_mode & 0777) | 0700);
  return error;
}

int
trk_system_symlink (const char *target, const char *path)
{
  return (int) KERNEL (SYS_symlinkat, target, AT_FDCWD, path);
}

int
trk_system_unlink (const char *path)
{
  return (int) KERNEL (SYS_unlinkat, AT_FDCWD, path, 0);
}

int
trk_system_remove_folder (const char *path)
{
  return (int) KERNEL (SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

/* By the effective rights, as open (2) judges; a kernel before 5.8 knows the real ones only, and then no
 * is no answer. */
static bool
has_access (const char *path, int mode)
{
  long result = KERNEL (SYS_faccessat2, AT_FDCWD, path, mode, AT_EACCESS);

  return result == 0 || result == -ENOSYS || result == -EPERM;
}

bool
trk_system_may_read (const char *path)
{
  return has_access (path, R_OK);
}

bool
trk_system_may_write_folder (const char *path)
{
  /* A program that is executed keeps none of the capabilities that its user has not: the real user's
   * rights are looked up without them. */
  long real = KERNEL (SYS_faccessat2, AT_FDCWD, path, W_OK | X_OK, 0);

  return has_access (path, W_OK | X_OK) && real != -EACCES;
}

int
trk_system_rename (const char *from, const char *to)
{
  return (int) KERNEL (SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

bool
trk_system_has_address_limit (void)
{
  struct rlimit limit;

  return KERNEL (SYS_prlimit64, 0, RLIMIT_AS, NULL, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

/* A negative errno is no address: the last page is never mapped. */
static void *
map (void *address, size_t n_bytes, int flags, int fd, uint64_t offset)
{
  long result = KERNEL (SYS_mmap, address, n_bytes, PROT_READ | PROT_WRITE, flags, fd, offset);

  return result < 0 && result > -4096 ? NULL : (void *) result;
}

void *
trk_system_map_anonymous (size_t n_bytes)
{
  return map (NULL, n_bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

bool
trk_system_map_anonymous_at (void *address, size_t n_bytes)
{
  return map (address, n_bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
}

void *
trk_system_map_file (int fd, uint64_t offset, size_t n_bytes, void *fixed)
{
  return map (fixed, n_bytes, MAP_SHARED | (fixed ? MAP_FIXED : 0), fd, offset);
}

void *
trk_system_map_file_to_read (int fd, uint64_t *n_bytes)
{
  struct stat status;
  long result;

  if (KERNEL (SYS_fstat, fd, &status) < 0 || !S_ISREG (status.st_mode) || status.st_size <= 0)
    return NULL;
  *n_bytes = (uint64_t) status.st_size;
  result = KERNEL (SYS_mmap, NULL, (size_t) status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  return result < 0 && result > -4096 ? NULL : (void *) result;
}

void
trk_system_unmap (void *address, size_t n_bytes)
{
  (void) KERNEL (SYS_munmap, address, n_bytes);
}

int32_t
trk_system_get_pid (void)
{
  return (int32_t) KERNEL (SYS_getpid);
}

int32_t
trk_system_get_tid (void)
{
  return (int32_t) KERNEL (SYS_gettid);
}

uint64_t
trk_system_get_monotonic_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;
}

uint64_t
trk_system_get_monotonic_ns_slowly (void)
{
  struct timespec now = { 0, 0 };

  (void) KERNEL (SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;
}

uint64_t
trk_system_get_thread_cpu_ns (void)
{
  struct timespec now;

  /* The C library's would set errno; and the vDSO does not know this clock anyway. */
  if (KERNEL (SYS_clock_gettime, CLOCK_THREAD_CPUTIME_ID, &now) < 0)
    return TRK_SYSTEM_NO_TIME;
  return (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;
}

int
trk_system_get_thread_usage (struct rusage *usage)
{
  return (int) KERNEL (SYS_getrusage, RUSAGE_THREAD, usage);
}

void
trk_system_get_thread_name (char name[16])
{
  memset (name, 0, 16);
  (void) KERNEL (SYS_prctl, PR_GET_NAME, name, 0, 0, 0);
  name[15] = '\0';
}

bool
trk_system_is_on_signal_stack (void)
{
  stack_t stack;

  return KERNEL (SYS_sigaltstack, NULL, &stack) == 0 && (stack.ss_flags & SS_ONSTACK);
}

int
trk_system_get_tsc_mode (int *mode)
{
  return (int) KERNEL (SYS_prctl, PR_GET_TSC, mode, 0, 0, 0);
}

void
trk_system_yield (void)
{
  (void) KERNEL (SYS_sched_yield);
}

void
trk_system_random (void *bytes, size_t n_bytes)
{
  if (KERNEL (SYS_getrandom, bytes, n_bytes, 1 /* GRND_NONBLOCK */) == (long) n_bytes)
    return;
  /* Before the kernel's pool is ready: unique is enough here, secret is not needed. */
  uint64_t seed = trk_system_get_monotonic_ns () ^ (uint64_t) trk_system_get_pid () << 40;
  for (size_t i = 0; i < n_bytes; i++)
    {
      seed = seed * 6364136223846793005U + 1442695040888963407U;
      ((uint8_t *) bytes)[i] = (uint8_t) (seed >> 56);
    }
}
