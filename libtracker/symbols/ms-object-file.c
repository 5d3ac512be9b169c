/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Opening by libdwfl, which also finds the compressed "mini" symbol table of Fedora's stripped
 * programs and relocates what needs it.  The search for the separate debug file is our own because
 * libdwfl's standard one goes to the network where DEBUGINFOD_URLS is set.
 */
#include "ms-object-file.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEBUG_ROOT "/usr/lib/debug"
#define OBJECT_ROOT "/usr/lib"

struct _MsObjectFile {
  Dwfl *dwfl;
  Dwfl_Module *module;
};

/* --- files ----------------------------------------------------------------------------------- */

/* A descriptor of a regular file, or −1 with errno; never waits for a FIFO or a device. */
static int
open_regular (const char *path)
{
  struct stat st;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd >= 0 && (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode)))
    {
      close (fd);
      errno = EINVAL;
      return -1;
    }
  return fd;
}

static char *
to_hexadecimal (const guint8 *bytes, gsize n)
{
  GString *text = g_string_sized_new (2 * n);

  for (gsize i = 0; i < n; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  return g_string_free (text, FALSE);
}

/* NULL: it has none, or it is no ELF file at all (then *is_elf is FALSE). */
static char *
read_build_id (int fd, gboolean *is_elf)
{
  Elf *elf = elf_begin (fd, ELF_C_READ_MMAP, NULL);
  const void *bits = NULL;
  ssize_t n = -1;

  *is_elf = elf != NULL && elf_kind (elf) == ELF_K_ELF;
  if (*is_elf)
    n = dwelf_elf_gnu_build_id (elf, &bits);
  char *build_id = n > 0 ? to_hexadecimal (bits, (gsize) n) : NULL;
  elf_end (elf);
  return build_id;
}

/* Opens @path if it is an ELF file with @build_id (any, if NULL). */
static int
open_object (const char *path, const char *build_id, char **reason)
{
  g_autofree char *found = NULL;
  gboolean is_elf = FALSE;
  int fd = open_regular (path);

  if (fd < 0)
    {
      int error = errno;
      *reason = error == ENOENT   ? g_strdup ("the file is not on this machine")
                : error == EINVAL ? g_strdup ("not a regular file")
                                  : g_strdup_printf ("cannot be opened: %s", g_strerror (error));
      return -1;
    }
  found = read_build_id (fd, &is_elf);
  if (!is_elf)
    *reason = g_strdup ("not an ELF file");
  else if (build_id != NULL && found == NULL)
    *reason = g_strdup ("the file here has no build-id: another build than the recorded one");
  else if (build_id != NULL && !g_str_equal (build_id, found))
    *reason = g_strdup_printf ("the file here is another build (build-id %s)", found);
  else
    return fd;
  close (fd);
  return -1;
}

static gboolean
is_build_id (const char *text)
{
  gsize n = 0;

  for (; text[n] != '\0'; n++)
    if (!g_ascii_isxdigit (text[n]))
      return FALSE;
  return n >= 4 && n <= 128;
}

static char *
build_id_path (const char *root, const char *build_id, const char *suffix)
{
  return g_strdup_printf ("%s/.build-id/%.2s/%s%s", root, build_id, build_id + 2, suffix);
}

/* --- the separate debug file ----------------------------------------------------------------- */

/* The checksum of .gnu_debuglink: CRC-32 as zlib has it. */
static guint32
file_crc32 (int fd)
{
  guint8 buffer[65536];
  guint32 crc = 0xffffffff;
  off_t at = 0;
  ssize_t n;

  while ((n = pread (fd, buffer, sizeof buffer, at)) > 0)
    {
      for (ssize_t i = 0; i < n; i++)
        {
          crc ^= buffer[i];
          for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0xedb88320 & -(crc & 1));
        }
      at += n;
    }
  return ~crc;
}

static int
open_debug_link (Dwfl_Module *module, const char *object_path, const char *link, guint32 crc)
{
  g_autofree char *folder = g_path_get_dirname (object_path);
  g_autofree char *build_id = NULL;
  const unsigned char *bits;
  GElf_Addr address;
  int n = dwfl_module_build_id (module, &bits, &address);
  char *candidates[] = {
    g_build_filename (folder, link, NULL),
    g_build_filename (folder, ".debug", link, NULL),
    g_build_filename (DEBUG_ROOT, folder, link, NULL),
  };
  int found = -1;

  if (n > 0)
    build_id = to_hexadecimal (bits, (gsize) n);
  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      g_autofree char *reason = NULL;
      int fd = -1;

      /* A link may name the object itself: stripped in place without a rename. */
      if (found < 0 && !g_str_equal (candidates[i], object_path))
        fd = open_object (candidates[i], build_id, &reason);
      if (fd >= 0 && (build_id != NULL || file_crc32 (fd) == crc))
        found = fd;
      else if (fd >= 0)
        close (fd);
      g_free (candidates[i]);
    }
  return found;
}

static int
find_debug_file_cb (Dwfl_Module *module,
                    void **user_data,
                    const char *name,
                    Dwarf_Addr base,
                    const char *object_path,
                    const char *link,
                    GElf_Word crc,
                    char **debug_path)
{
  int fd = dwfl_build_id_find_debuginfo (module, user_data, name, base, object_path, link, crc,
                                         debug_path);

  if (fd < 0 && object_path != NULL && link != NULL && !g_path_is_absolute (link))
    fd = open_debug_link (module, object_path, link, crc);
  return fd;
}

/* Modules are always reported with their file. */
static int
find_elf_cb (Dwfl_Module *module,
             void **user_data,
             const char *name,
             Dwarf_Addr base,
             char **path,
             Elf **elf)
{
  return -1;
}

static char debug_path_buffer[] = ":.debug:" DEBUG_ROOT;
static char *debug_path = debug_path_buffer;

static const Dwfl_Callbacks callbacks = {
  .find_elf = find_elf_cb,
  .find_debuginfo = find_debug_file_cb,
  .section_address = dwfl_offline_section_address,
  .debuginfo_path = &debug_path,
};

/* --- object ---------------------------------------------------------------------------------- */

static MsObjectFile *
report (const char *path, int fd)
{
  g_autoptr (MsObjectFile) self = g_new0 (MsObjectFile, 1);

  self->dwfl = dwfl_begin (&callbacks);
  if (self->dwfl == NULL)
    {
      close (fd);
      return NULL;
    }
  dwfl_report_begin (self->dwfl);
  /* Base 0 plus p_vaddr: libdwfl's addresses are the object's own.  Takes over fd if it works. */
  self->module = dwfl_report_elf (self->dwfl, path, path, fd, 0, TRUE);
  dwfl_report_end (self->dwfl, NULL, NULL);
  if (self->module == NULL)
    {
      close (fd);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* The places that a build-id leads to, after the path itself has failed. */
static int
open_by_build_id (const char *build_id, char **path)
{
  char *candidates[] = {
    build_id_path (OBJECT_ROOT, build_id, ""),
    build_id_path (DEBUG_ROOT, build_id, ".debug"),
    build_id_path (DEBUG_ROOT, build_id, ""),
  };
  int found = -1;

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      g_autofree char *reason = NULL;

      if (found < 0 && (found = open_object (candidates[i], build_id, &reason)) >= 0)
        *path = g_steal_pointer (&candidates[i]);
      g_free (candidates[i]);
    }
  return found;
}

MsObjectFile *
ms_object_file_open (const char *path, const char *build_id, char **reason)
{
  g_autofree char *first_reason = NULL;
  g_autofree char *other_path = NULL;
  MsObjectFile *self;
  int fd = -1;

  elf_version (EV_CURRENT);
  if (g_path_is_absolute (path))
    fd = open_object (path, build_id, &first_reason);
  else
    first_reason = g_strdup (g_str_has_prefix (path, "linux-vdso") || path[0] == '['
                                 ? "code that the kernel provides, not a file"
                                 : "not a path from the root");
  if (fd < 0 && build_id != NULL && is_build_id (build_id))
    fd = open_by_build_id (build_id, &other_path);
  if (fd < 0)
    {
      *reason = g_steal_pointer (&first_reason);
      return NULL;
    }
  self = report (other_path != NULL ? other_path : path, fd);
  if (self == NULL)
    *reason = g_strdup_printf ("cannot be read: %s", dwfl_errmsg (-1));
  return self;
}

void
ms_object_file_free (MsObjectFile *self)
{
  if (self->dwfl != NULL)
    dwfl_end (self->dwfl);
  g_free (self);
}

Dwfl_Module *
ms_object_file_get_module (MsObjectFile *self)
{
  return self->module;
}
