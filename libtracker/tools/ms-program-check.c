/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-program-check.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MAX_INTERPRETERS 5 /* as many as the kernel follows */
#define MAX_FIRST_LINE 255
#define MAX_PROGRAM_HEADERS 512

#if defined(__x86_64__)
#define OUR_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OUR_MACHINE EM_AARCH64
#else
#define OUR_MACHINE EM_NONE
#endif

G_DEFINE_QUARK (ms - program - error - quark, ms_program_error)

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *message = NULL;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, MS_PROGRAM_ERROR, 0, message);
  return FALSE;
}

char *
ms_program_find (const char *name, GError **error)
{
  g_autofree char *denied = NULL;
  g_auto (GStrv) folders = NULL;
  const char *path = g_getenv ("PATH");
  struct stat status;

  if (strchr (name, '/'))
    {
      if (stat (name, &status) != 0)
        fail (error, "%s: %s", name, g_strerror (errno));
      else if (S_ISDIR (status.st_mode))
        fail (error, "%s is a folder, not a program", name);
      else if (access (name, X_OK) != 0)
        fail (error, "%s may not be executed: %s", name, g_strerror (errno));
      else
        return g_strdup (name);
      return NULL;
    }

  folders = g_strsplit (path ? path : "/bin:/usr/bin", ":", -1);
  for (guint i = 0; folders[i]; i++)
    {
      /* An empty element is the current folder. */
      g_autofree char *candidate = g_build_filename (*folders[i] ? folders[i] : ".", name, NULL);

      if (stat (candidate, &status) != 0 || !S_ISREG (status.st_mode))
        continue;
      if (access (candidate, X_OK) == 0)
        return g_steal_pointer (&candidate);
      if (!denied)
        denied = g_steal_pointer (&candidate);
    }
  if (denied)
    fail (error, "%s may not be executed: %s", denied, g_strerror (EACCES));
  else
    fail (error, "there is no program \"%s\" in any folder of PATH", name);
  return NULL;
}

/* Programs that gain rights have LD_PRELOAD taken away by the loader. */
static gboolean
check_rights (const char *path, int fd, GError **error)
{
  struct stat status;

  if (fstat (fd, &status) != 0)
    return fail (error, "%s: %s", path, g_strerror (errno));
  if (((status.st_mode & S_ISUID) && status.st_uid != geteuid ())
      || ((status.st_mode & S_ISGID) && (status.st_mode & S_IXGRP) && status.st_gid != getegid ()))
    return fail (error,
                 "%s is setuid or setgid: such programs ignore preloaded libraries and cannot be "
                 "recorded; run it as its owner",
                 path);
  if (geteuid () != 0 && fgetxattr (fd, "security.capability", NULL, 0) > 0)
    return fail (error,
                 "%s has file capabilities: such programs ignore preloaded libraries and cannot be "
                 "recorded; record a copy of it without them",
                 path);
  return TRUE;
}

/* The loader that the file asks for; NULL and no error if it asks for none. */
static char *
read_loader_path (const char *path, int fd, const Elf64_Ehdr *header, GError **error)
{
  gsize n_headers = MIN (header->e_phnum, MAX_PROGRAM_HEADERS);
  g_autofree Elf64_Phdr *headers = g_new0 (Elf64_Phdr, n_headers + 1);
  gssize n_bytes = (gssize) (n_headers * sizeof headers[0]);

  if (header->e_phentsize != sizeof headers[0]
      || pread (fd, headers, (gsize) n_bytes, (off_t) header->e_phoff) != n_bytes)
    {
      fail (error, "%s is damaged: its program headers cannot be read", path);
      return NULL;
    }
  for (gsize i = 0; i < n_headers; i++)
    if (headers[i].p_type == PT_INTERP)
      {
        g_autofree char *loader = g_malloc0 (PATH_MAX);

        if (headers[i].p_filesz >= PATH_MAX
            || pread (fd, loader, headers[i].p_filesz, (off_t) headers[i].p_offset)
                   != (gssize) headers[i].p_filesz)
          {
            fail (error, "%s is damaged: the name of its loader cannot be read", path);
            return NULL;
          }
        return g_steal_pointer (&loader);
      }
  return NULL;
}

static gboolean
is_glibc_loader (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  /* ld-linux-x86-64.so.2, ld-linux-aarch64.so.1, ld64.so.2, ld.so.1, and ld-2.31.so of old. */
  return g_str_has_prefix (name, "ld-linux") || g_str_has_prefix (name, "ld64.so")
         || g_str_has_prefix (name, "ld.so") || g_str_has_prefix (name, "ld-2.");
}

static gboolean
check_elf (const char *path, int fd, const Elf64_Ehdr *header, GError **error)
{
  g_autofree char *loader = NULL;
  g_autofree char *real_path = NULL;
  g_autoptr (GError) local_error = NULL;

  if (header->e_ident[EI_CLASS] != ELFCLASS64)
    return fail (error, "%s is a 32-bit program: only 64-bit programs can be recorded", path);
  if (header->e_machine != OUR_MACHINE)
    return fail (error, "%s is built for another kind of processor and cannot be recorded here",
                 path);
  loader = read_loader_path (path, fd, header, &local_error);
  if (local_error)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (!loader)
    {
      /* The loader itself, called as "ld.so PROGRAM", is static and yet preloads. */
      real_path = realpath (path, NULL);
      if (is_glibc_loader (real_path ? real_path : path))
        return TRUE;
      return fail (error,
                   "%s is statically linked: nothing can be preloaded into it; link it "
                   "dynamically, or use <memscope/tracker.h> in it",
                   path);
    }
  if (!is_glibc_loader (loader))
    return fail (error,
                 "%s uses the C library of %s: the recorder is built for glibc and cannot be "
                 "loaded into it",
                 path, loader);
  return TRUE;
}

/* "#! /usr/bin/env python3" → "/usr/bin/env" */
static char *
parse_interpreter (const char *line)
{
  line += 2;
  line += strspn (line, " \t");
  return g_strndup (line, strcspn (line, " \t\n"));
}

static gboolean
check_file (const char *path, guint depth, gboolean *needs_shell, GError **error)
{
  union {
    Elf64_Ehdr elf;
    char line[MAX_FIRST_LINE + 1];
  } start = { 0 };
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gssize n_bytes;
  gboolean ok;

  if (fd < 0) /* executable and not readable: the kernel decides, and so does the loader */
    return errno == EACCES || fail (error, "%s: %s", path, g_strerror (errno));
  n_bytes = pread (fd, start.line, MAX_FIRST_LINE, 0);
  if (n_bytes >= (gssize) sizeof start.elf && memcmp (start.line, ELFMAG, SELFMAG) == 0)
    {
      ok = check_rights (path, fd, error) && check_elf (path, fd, &start.elf, error);
    }
  else if (n_bytes >= 2 && start.line[0] == '#' && start.line[1] == '!')
    {
      g_autofree char *interpreter = parse_interpreter (start.line);

      if (depth >= MAX_INTERPRETERS)
        ok =
            fail (error, "%s: a script of a script of a script; the system would not run it", path);
      else if (access (interpreter, X_OK) != 0)
        ok = fail (error, "%s asks for the interpreter \"%s\": %s", path, interpreter,
                   g_strerror (errno));
      else
        ok = check_file (interpreter, depth + 1, needs_shell, error);
    }
  else
    {
      *needs_shell = depth == 0;
      ok = depth == 0 ? check_file ("/bin/sh", depth + 1, needs_shell, error)
                      : fail (error, "%s is no program that this system can run", path);
      *needs_shell = depth == 0;
    }
  close (fd);
  return ok;
}

gboolean
ms_program_check (const char *path, gboolean *needs_shell, GError **error)
{
  *needs_shell = FALSE;
  return check_file (path, 0, needs_shell, error);
}
