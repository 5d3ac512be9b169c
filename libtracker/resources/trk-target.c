/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-target.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_INTERPRETERS 5 /* as many as the kernel follows */
#define MAX_PROGRAM_HEADERS 64
#define MAX_LOADER_PATH 256
#define MAX_SYMBOL_NAMES (8U << 20) /* of dynamic strings that are looked through */

#if defined(__x86_64__)
#define OUR_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OUR_MACHINE EM_AARCH64
#else
#define OUR_MACHINE EM_NONE
#endif

static int
open_file (int folder_fd, const char *path)
{
  return (int) syscall (SYS_openat, folder_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                        0);
}

static bool
read_at (int fd, void *buffer, size_t n_bytes, uint64_t offset)
{
  return syscall (SYS_pread64, fd, buffer, n_bytes, offset) == (long) n_bytes;
}

/* Programs that gain rights have LD_PRELOAD taken away by the loader. */
static bool
gains_rights (int fd)
{
  struct stat status;

  if (syscall (SYS_fstat, fd, &status) != 0)
    return false;
  if ((status.st_mode & S_ISUID) && status.st_uid != geteuid ())
    return true;
  if ((status.st_mode & S_ISGID) && (status.st_mode & S_IXGRP) && status.st_gid != getegid ())
    return true;
  return geteuid () != 0 && syscall (SYS_fgetxattr, fd, "security.capability", NULL, 0) > 0;
}

static const char *
base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash ? slash + 1 : path;
}

/* ld-linux-x86-64.so.2, ld-linux-aarch64.so.1, ld64.so.2, ld.so.1, and ld-2.31.so of old. */
static bool
is_glibc_loader (const char *path)
{
  static const char *const names[] = { "ld-linux", "ld64.so", "ld.so", "ld-2." };

  for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strncmp (base_name (path), names[i], strlen (names[i])) == 0)
      return true;
  return false;
}

/* Where virtual address @address lies in the file; 0 if in no segment. */
static uint64_t
file_offset (const Elf64_Phdr *segments, unsigned n_segments, uint64_t address)
{
  for (unsigned i = 0; i < n_segments; i++)
    if (segments[i].p_type == PT_LOAD && address >= segments[i].p_vaddr
        && address - segments[i].p_vaddr < segments[i].p_filesz)
      return address - segments[i].p_vaddr + segments[i].p_offset;
  return 0;
}

/* The dynamic strings hold the names of needed libraries and of all imported and exported symbols: a
 * sanitizer's runtime, linked in or not, shows there. */
static bool
names_sanitizer (int fd, uint64_t offset, uint64_t n_bytes)
{
  static const char *const names[] = { "__asan_init", "__tsan_init", "__msan_init", "__hwasan_init",
                                       "liblsan.so" };
  enum { PART_BYTES = 1024, OVERLAP = 16 };
  char buffer[PART_BYTES + OVERLAP]; /* the callers' stack may be small */
  uint64_t done = 0;

  if (n_bytes > MAX_SYMBOL_NAMES)
    n_bytes = MAX_SYMBOL_NAMES;
  memset (buffer, 0, OVERLAP);
  while (done < n_bytes)
    {
      size_t part = n_bytes - done < PART_BYTES ? (size_t) (n_bytes - done) : PART_BYTES;

      if (!read_at (fd, buffer + OVERLAP, part, offset + done))
        return false;
      for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (memmem (buffer, part + OVERLAP, names[i], strlen (names[i])))
          return true;
      memmove (buffer, buffer + part, OVERLAP);
      done += part;
    }
  return false;
}

static bool
is_sanitized (int fd, const Elf64_Phdr *segments, unsigned n_segments)
{
  uint64_t strings = 0, n_strings = 0;

  for (unsigned i = 0; i < n_segments; i++)
    if (segments[i].p_type == PT_DYNAMIC)
      for (uint64_t at = 0; at + sizeof (Elf64_Dyn) <= segments[i].p_filesz;
           at += sizeof (Elf64_Dyn))
        {
          Elf64_Dyn entry;

          if (!read_at (fd, &entry, sizeof entry, segments[i].p_offset + at)
              || entry.d_tag == DT_NULL)
            break;
          if (entry.d_tag == DT_STRTAB)
            strings = file_offset (segments, n_segments, entry.d_un.d_ptr);
          else if (entry.d_tag == DT_STRSZ)
            n_strings = entry.d_un.d_val;
        }
  return strings && n_strings && names_sanitizer (fd, strings, n_strings);
}

static TrkTarget
examine_elf (const char *path, int fd, const Elf64_Ehdr *header)
{
  Elf64_Phdr segments[MAX_PROGRAM_HEADERS];
  char loader[MAX_LOADER_PATH] = "";

  if (header->e_ident[EI_CLASS] != ELFCLASS64)
    return TRK_TARGET_OTHER_WORD_SIZE;
  if (header->e_machine != OUR_MACHINE)
    return TRK_TARGET_OTHER_MACHINE;
  if (gains_rights (fd))
    return TRK_TARGET_PRIVILEGED;
  if (header->e_phentsize != sizeof segments[0] || header->e_phnum > MAX_PROGRAM_HEADERS
      || !read_at (fd, segments, header->e_phnum * sizeof segments[0], header->e_phoff))
    return TRK_TARGET_UNKNOWN;

  for (unsigned i = 0; i < header->e_phnum; i++)
    if (segments[i].p_type == PT_INTERP)
      {
        if (segments[i].p_filesz >= sizeof loader
            || !read_at (fd, loader, segments[i].p_filesz, segments[i].p_offset))
          return TRK_TARGET_UNKNOWN;
        loader[segments[i].p_filesz] = '\0';
      }
  /* The loader itself, called as "ld.so PROGRAM", is static and yet preloads. */
  if (!*loader)
    return is_glibc_loader (path) ? TRK_TARGET_FOLLOWED : TRK_TARGET_STATIC;
  if (!is_glibc_loader (loader))
    return TRK_TARGET_OTHER_LIBC;
  return is_sanitized (fd, segments, header->e_phnum) ? TRK_TARGET_SANITIZED : TRK_TARGET_FOLLOWED;
}

/* "#! /usr/bin/env python3" → "/usr/bin/env"; in place. */
static const char *
parse_interpreter (char *line)
{
  char *start = line + 2;

  start += strspn (start, " \t");
  start[strcspn (start, " \t\n")] = '\0';
  return start;
}

static TrkTarget
examine (int folder_fd, const char *path, unsigned depth)
{
  union {
    Elf64_Ehdr elf;
    char line[256];
  } start;
  int fd = open_file (folder_fd, path);
  TrkTarget target = TRK_TARGET_UNKNOWN;
  long n_bytes;

  if (fd < 0)
    return TRK_TARGET_UNKNOWN;
  memset (&start, 0, sizeof start);
  n_bytes = syscall (SYS_pread64, fd, start.line, sizeof start.line - 1, 0);
  if (n_bytes >= (long) sizeof start.elf && memcmp (start.line, ELFMAG, SELFMAG) == 0)
    target = examine_elf (path, fd, &start.elf);
  else if (n_bytes > 2 && start.line[0] == '#' && start.line[1] == '!' && depth < MAX_INTERPRETERS)
    target = examine (AT_FDCWD, parse_interpreter (start.line), depth + 1);
  syscall (SYS_close, fd);
  return target;
}

TrkTarget
trk_target_examine (int folder_fd, const char *path)
{
  int saved_errno = errno;
  TrkTarget target = examine (folder_fd, path, 0);

  errno = saved_errno;
  return target;
}

const char *
trk_target_explain (TrkTarget target)
{
  switch (target)
    {
    case TRK_TARGET_STATIC:
      return "it is statically linked";
    case TRK_TARGET_OTHER_WORD_SIZE:
      return "it is a 32-bit program";
    case TRK_TARGET_OTHER_MACHINE:
      return "it is built for another kind of processor";
    case TRK_TARGET_OTHER_LIBC:
      return "it uses another C library than glibc";
    case TRK_TARGET_PRIVILEGED:
      return "it runs with more rights than its caller";
    case TRK_TARGET_SANITIZED:
      return "it is built with a sanitizer, whose runtime must come first";
    case TRK_TARGET_FOLLOWED:
    case TRK_TARGET_UNKNOWN:
      break;
    }
  return "it could not be examined";
}
