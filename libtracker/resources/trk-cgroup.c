/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOKUP_INTERVAL_NS 1000000000LL
#define MAX_LEVELS 64

void
trk_cgroup_init (TrkCgroupCollector *self, TrkReader *reader, int32_t pid)
{
  memset (self, 0, sizeof *self);
  self->reader = reader;
  self->pid = pid;
  self->leaf_fd = self->memory_fd = -1;
  self->lookup_reason = TRK_REASON_NOT_YET;
}

void
trk_cgroup_clear (TrkCgroupCollector *self)
{
  trk_kept_file_close (&self->current);
  trk_kept_file_close (&self->peak);
  trk_kept_file_close (&self->events);
  trk_kept_file_close (&self->cpu);
  for (unsigned i = 0; i < TRK_N_PRESSURES; i++)
    trk_kept_file_close (&self->pressures[i]);
  if (self->memory_fd >= 0)
    close (self->memory_fd);
  if (self->leaf_fd >= 0)
    close (self->leaf_fd);
  self->leaf_fd = self->memory_fd = -1;
  self->path[0] = '\0';
}

/* --- where it is -------------------------------------------------------------------------------- */

/* "0::/a/b" → "/a/b"; the other lines are of version 1. */
static TrkReason
find_group (TrkCgroupCollector *self, char group[TRK_CGROUP_PATH_BYTES])
{
  static const char deleted[] = " (deleted)";
  char path[TRK_READER_PATH_BYTES];
  TrkTextSpan text, line;
  TrkReason reason;

  snprintf (path, sizeof path, "proc/%d/cgroup", self->pid);
  reason = trk_reader_read (self->reader, -1, path, &text);
  if (reason != TRK_REASON_NONE)
    return reason == TRK_REASON_NOT_HERE ? TRK_REASON_ENDED : reason;
  while (trk_text_line (&text, &line))
    if (trk_text_skip (&line, "0::/"))
      {
        size_t n = (size_t) (line.end - 1 - line.at);

        if (n >= TRK_CGROUP_PATH_BYTES - 1)
          return TRK_REASON_MALFORMED;
        group[0] = '/';
        memcpy (group + 1, line.at, n);
        group[n + 1] = '\0';
        if (memmem (group, n + 1, "/..", 3))
          return TRK_REASON_OTHER_NAMESPACE;
        if (n + 1 >= sizeof deleted && strcmp (group + n + 2 - sizeof deleted, deleted) == 0)
          return TRK_REASON_NOT_HERE;
        return TRK_REASON_NONE;
      }
  return TRK_REASON_NOT_HERE;
}

/* "\040" and the like stand for what would end a word. */
static bool
unescape (TrkTextSpan word, char *to, size_t size)
{
  size_t n = 0;

  for (const char *p = word.at; p < word.end; p++)
    {
      char byte = *p;

      if (byte == '\\' && word.end - p > 3)
        {
          byte = (char) ((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
          p += 3;
        }
      if (n + 1 >= size || byte == '\0')
        return false;
      to[n++] = byte;
    }
  to[n] = '\0';
  return true;
}

/* 41 31 0:38 <part of it> <mount point> rw,relatime … - cgroup2 … */
static bool
parse_mount (TrkTextSpan line, char part[TRK_CGROUP_PATH_BYTES], char mount[TRK_CGROUP_PATH_BYTES])
{
  static const char separator[] = " - cgroup2 ";
  TrkTextSpan part_word, mount_word;

  return memmem (line.at, (size_t) (line.end - line.at), separator, sizeof separator - 1)
         && trk_text_skip_words (&line, 3) && trk_text_word (&line, &part_word)
         && trk_text_word (&line, &mount_word) && unescape (part_word, part, TRK_CGROUP_PATH_BYTES)
         && unescape (mount_word, mount, TRK_CGROUP_PATH_BYTES);
}

/* The mounts that count are the reader's own: these are the paths it can open. */
static TrkReason
find_path (TrkCgroupCollector *self, const char *group, char path[TRK_CGROUP_PATH_BYTES])
{
  char part[TRK_CGROUP_PATH_BYTES], mount[TRK_CGROUP_PATH_BYTES];
  TrkTextSpan text, line;
  TrkReason reason = trk_reader_read (self->reader, -1, "proc/self/mountinfo", &text);

  if (reason != TRK_REASON_NONE)
    return reason;
  while (trk_text_line (&text, &line))
    if (parse_mount (line, part, mount))
      {
        size_t n = strcmp (part, "/") == 0 ? 0 : strlen (part);
        int length;

        /* A mount of a part that the group does not lie in. */
        if (strncmp (group, part, n) != 0 || (group[n] != '/' && group[n] != '\0'))
          continue;
        length = snprintf (path, TRK_CGROUP_PATH_BYTES, "%s%s", mount, group + n);
        return length < TRK_CGROUP_PATH_BYTES ? TRK_REASON_NONE : TRK_REASON_MALFORMED;
      }
  return TRK_REASON_NOT_HERE;
}

static TrkReason
read_number (TrkCgroupCollector *self, int folder_fd, const char *name, uint64_t *value)
{
  TrkTextSpan text;
  TrkReason reason = trk_reader_read (self->reader, folder_fd, name, &text);

  if (reason == TRK_REASON_NONE && trk_text_skip (&text, "max"))
    *value = TRK_UNKNOWN;
  else if (reason == TRK_REASON_NONE && !trk_text_number (&text, value))
    reason = TRK_REASON_MALFORMED;
  return reason;
}

/* Takes @fd.  TRUE if that is another folder than before: its counters are others. */
static bool
set_memory_folder (TrkCgroupCollector *self, int fd)
{
  struct stat before, after;
  int old_fd = self->memory_fd;
  bool is_other = old_fd >= 0
                  && (fd < 0 || fstat (old_fd, &before) != 0 || fstat (fd, &after) != 0
                      || before.st_ino != after.st_ino);

  if (is_other)
    {
      trk_kept_file_close (&self->current);
      trk_kept_file_close (&self->peak);
      trk_kept_file_close (&self->events);
    }
  if (old_fd >= 0)
    close (old_fd);
  self->memory_fd = fd;
  return is_other;
}

/* From the leaf upwards: the first folder with a memory controller, and the least limit. */
static bool
find_memory (TrkCgroupCollector *self)
{
  int fd = fcntl (self->leaf_fd, F_DUPFD_CLOEXEC, 3), memory_fd = -1;
  uint64_t least = TRK_UNKNOWN;

  for (unsigned level = 0; fd >= 0 && level < MAX_LEVELS; level++)
    {
      uint64_t limit = TRK_UNKNOWN;
      int parent_fd;

      if (memory_fd < 0 && faccessat (fd, "memory.current", F_OK, 0) == 0)
        memory_fd = fcntl (fd, F_DUPFD_CLOEXEC, 3);
      if (read_number (self, fd, "memory.max", &limit) == TRK_REASON_NONE && limit < least)
        least = limit;
      /* The top is the last folder with cgroup.procs. */
      parent_fd = faccessat (fd, "../cgroup.procs", F_OK, 0) == 0
                      ? trk_reader_open_folder (self->reader, fd, "..")
                      : -1;
      close (fd);
      fd = parent_fd;
    }
  if (fd >= 0)
    close (fd);
  self->memory_limit_bytes = least;
  return set_memory_folder (self, memory_fd);
}

/* TRUE: it is in another cgroup than before. */
static bool
look_up (TrkCgroupCollector *self)
{
  char group[TRK_CGROUP_PATH_BYTES], path[TRK_CGROUP_PATH_BYTES];
  bool is_other;

  self->lookup_reason = find_group (self, group);
  if (self->lookup_reason == TRK_REASON_NONE)
    self->lookup_reason = find_path (self, group, path);
  if (self->lookup_reason != TRK_REASON_NONE)
    {
      trk_cgroup_clear (self);
      return false;
    }
  is_other = self->path[0] != '\0' && strcmp (path, self->path) != 0;
  if (is_other || self->leaf_fd < 0)
    {
      trk_cgroup_clear (self);
      self->leaf_fd = trk_reader_open_folder (self->reader, -1, path);
      if (self->leaf_fd < 0)
        {
          self->lookup_reason = trk_reason_from_errno (-self->leaf_fd);
          self->leaf_fd = -1;
          return false;
        }
      memcpy (self->path, path, strlen (path) + 1);
    }
  return find_memory (self) || is_other;
}

/* --- its figures -------------------------------------------------------------------------------- */

static TrkReason
read_kept_number (TrkCgroupCollector *self, TrkKeptFile *file, const char *name, uint64_t *value)
{
  TrkTextSpan text;
  TrkReason reason = trk_reader_read_short (self->reader, file, self->memory_fd, name, &text);

  *value = TRK_UNKNOWN;
  if (reason == TRK_REASON_NONE && !trk_text_number (&text, value))
    reason = TRK_REASON_MALFORMED;
  return reason;
}

static void
read_memory (TrkCgroupCollector *self, TrkCgroupFigures *figures)
{
  const TrkTextKey keys[] = { { "high ", 1, &figures->n_high },
                              { "max ", 1, &figures->n_max },
                              { "oom ", 1, &figures->n_oom },
                              { "oom_kill ", 1, &figures->n_oom_kill } };
  TrkTextSpan text = { NULL, NULL };

  figures->memory_reason = TRK_REASON_NOT_HERE;
  if (self->memory_fd < 0)
    return;
  figures->memory_reason =
      read_kept_number (self, &self->current, "memory.current", &figures->memory_bytes);
  /* Since Linux 5.19. */
  read_kept_number (self, &self->peak, "memory.peak", &figures->memory_peak_bytes);
  figures->memory_limit_bytes = self->memory_limit_bytes;
  if (trk_reader_read_short (self->reader, &self->events, self->memory_fd, "memory.events", &text)
      != TRK_REASON_NONE)
    text.at = text.end = "";
  trk_text_keys (text, keys, sizeof keys / sizeof keys[0]);
}

static void
read_cpu (TrkCgroupCollector *self, TrkCgroupFigures *figures)
{
  const TrkTextKey keys[] = { { "usage_usec ", 1000, &figures->cpu_ns },
                              { "nr_periods ", 1, &figures->n_periods },
                              { "nr_throttled ", 1, &figures->n_throttled },
                              { "throttled_usec ", 1000, &figures->throttled_ns } };
  TrkTextSpan text;

  figures->cpu_reason =
      trk_reader_read_short (self->reader, &self->cpu, self->leaf_fd, "cpu.stat", &text);
  if (figures->cpu_reason != TRK_REASON_NONE)
    return;
  trk_text_keys (text, keys, sizeof keys / sizeof keys[0]);
  if (figures->cpu_ns == TRK_UNKNOWN)
    figures->cpu_reason = TRK_REASON_MALFORMED;
}

void
trk_cgroup_read (TrkCgroupCollector *self, TrkCgroupFigures *figures)
{
  static const char *const pressures[TRK_N_PRESSURES] = { "cpu.pressure", "memory.pressure",
                                                          "io.pressure" };

  memset (figures, 0, sizeof *figures);
  figures->time_ns = trk_reader_now_ns ();
  if (figures->time_ns >= self->lookup_due_ns)
    {
      self->lookup_due_ns = figures->time_ns + LOOKUP_INTERVAL_NS;
      figures->is_moved = look_up (self);
    }
  figures->reason = self->lookup_reason;
  if (figures->reason != TRK_REASON_NONE)
    {
      figures->memory_reason = figures->cpu_reason = figures->reason;
      for (unsigned i = 0; i < TRK_N_PRESSURES; i++)
        figures->pressures[i].reason = figures->reason;
      return;
    }
  read_memory (self, figures);
  read_cpu (self, figures);
  if (figures->time_ns < self->pressures_due_ns)
    {
      for (unsigned i = 0; i < TRK_N_PRESSURES; i++)
        figures->pressures[i].reason = TRK_REASON_NOT_DUE;
      return;
    }
  self->pressures_due_ns = figures->time_ns + self->pressures_interval_ns;
  for (unsigned i = 0; i < TRK_N_PRESSURES; i++)
    trk_pressure_read (self->reader, &self->pressures[i], self->leaf_fd, pressures[i],
                       &figures->pressures[i]);
}
