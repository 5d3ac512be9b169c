/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-process-identity.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAT_LINE_BYTES 1024
#define PATH_BYTES 64

/* "/proc/<pid>/<leaf>" without stdio, which is not signal-safe. */
static void
format_path (char path[PATH_BYTES], int32_t pid, const char *leaf)
{
  char digits[12], *d = digits + sizeof digits, *p = path;
  uint32_t number = pid > 0 ? (uint32_t) pid : 0;

  memcpy (p, "/proc/", 6);
  p += 6;
  if (number == 0)
    {
      memcpy (p, "self", 4);
      p += 4;
    }
  else
    {
      for (; number > 0; number /= 10)
        *--d = (char) ('0' + number % 10);
      memcpy (p, d, (size_t) (digits + sizeof digits - d));
      p += digits + sizeof digits - d;
    }
  *p++ = '/';
  memcpy (p, leaf, strlen (leaf) + 1);
}

/* Returns the bytes read, terminated, or -errno. */
static int
read_small_file (const char *path, char *buffer, size_t n_bytes)
{
  size_t length = 0;
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return -errno;
  while (length < n_bytes - 1)
    {
      ssize_t got = read (fd, buffer + length, n_bytes - 1 - length);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          int error = -errno; /* ESRCH: it ended between the open and the read */
          close (fd);
          return error;
        }
      if (got == 0)
        break;
      length += (size_t) got;
    }
  close (fd);
  buffer[length] = '\0';
  return (int) length;
}

static const char *
parse_number (const char *p, uint64_t *value)
{
  *value = 0;
  if (*p < '0' || *p > '9')
    return NULL;
  for (; *p >= '0' && *p <= '9'; p++)
    *value = *value * 10 + (uint64_t) (*p - '0');
  return p;
}

static const char *
skip_field (const char *p)
{
  while (*p && *p != ' ')
    p++;
  return *p == ' ' ? p + 1 : NULL;
}

int
trk_process_parse (const char *stat_line, TrkProcess *process)
{
  const char *open_parenthesis = strchr (stat_line, '(');
  /* The name may hold anything, ") R 1" included: its end is the last parenthesis. */
  const char *close_parenthesis = strrchr (stat_line, ')');
  const char *p;
  size_t n_comm;
  uint64_t number;

  memset (process, 0, sizeof *process);
  if (!parse_number (stat_line, &number) || !open_parenthesis || !close_parenthesis
      || close_parenthesis < open_parenthesis || close_parenthesis[1] != ' ')
    return -EINVAL;
  process->pid = (int32_t) number;

  n_comm = (size_t) (close_parenthesis - open_parenthesis - 1);
  if (n_comm >= sizeof process->comm)
    n_comm = sizeof process->comm - 1;
  memcpy (process->comm, open_parenthesis + 1, n_comm);

  p = close_parenthesis + 2;
  process->run_state = *p;
  if (!*p || !(p = skip_field (p)) || !parse_number (p, &number))
    return -EINVAL;
  process->parent_pid = (int32_t) number;
  for (unsigned field = 4; field < 20; field++)
    if (!(p = skip_field (p)))
      return -EINVAL;
  if (!(p = parse_number (p, &number)))
    return -EINVAL;
  process->n_threads = (uint32_t) number;
  for (unsigned field = 20; field < 22; field++)
    if (!(p = skip_field (p)))
      return -EINVAL;
  return parse_number (p, &process->start_ticks) ? 0 : -EINVAL;
}

int
trk_process_read (int32_t pid, TrkProcess *process)
{
  char path[PATH_BYTES], line[STAT_LINE_BYTES];
  int length;

  format_path (path, pid, "stat");
  length = read_small_file (path, line, sizeof line);
  if (length < 0)
    {
      memset (process, 0, sizeof *process);
      return length == -ESRCH ? -ENOENT : length;
    }
  return trk_process_parse (line, process);
}

bool
trk_process_is_alive (int32_t pid, uint64_t start_ticks)
{
  TrkProcess process;

  if (pid <= 0)
    return false;
  if (trk_process_read (pid, &process) == 0)
    /* A main thread that has ended (pthread_exit) is a zombie for as long as the others live. */
    return ((process.run_state != 'Z' && process.run_state != 'X') || process.n_threads > 1)
           && (start_ticks == 0 || process.start_ticks == start_ticks);
  return !trk_process_can_read () && (kill (pid, 0) == 0 || errno == EPERM);
}

bool
trk_process_can_read (void)
{
  TrkProcess self;

  return trk_process_read (0, &self) == 0;
}

int
trk_boot_id_read (char boot_id[TRK_BOOT_ID_BYTES])
{
  char text[64];
  int length = read_small_file ("/proc/sys/kernel/random/boot_id", text, sizeof text);

  boot_id[0] = '\0';
  if (length < TRK_BOOT_ID_BYTES - 1)
    return length < 0 ? length : -EINVAL;
  memcpy (boot_id, text, TRK_BOOT_ID_BYTES - 1);
  boot_id[TRK_BOOT_ID_BYTES - 1] = '\0';
  return 0;
}

uint64_t
trk_pid_namespace_read (int32_t pid)
{
  char path[PATH_BYTES];
  struct stat status;

  format_path (path, pid, "ns/pid");
  return stat (path, &status) == 0 ? (uint64_t) status.st_ino : 0;
}
