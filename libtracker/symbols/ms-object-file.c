/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Opening by libdwfl, which also reads the compressed "mini" symbol table of Fedora's stripped
 * programs (.gnu_debugdata) and relocates what needs it.  The search for separate debug files is our
 * own, because libdwfl's standard one goes to the network where DEBUGINFOD_URLS is set and its other one
 * opens whatever lies at a path.
 */
#include "ms-object-file.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-crc32.h"
#include "ms-file-witness.h"
#include "ms-name-resolver.h"

struct _MsObjectFile {
  Dwfl *dwfl;
  Dwfl_Module *module;
  char *path;
  char *build_id; /* the file's own, or NULL */
  const MsDebugPlaces *places;
  GArray *witnesses;
  /* .gnu_debugaltlink of the object or, once found, of its debug file. */
  char *shared_name, *shared_build_id;
  char *shared_holder; /* the file that says so: names are relative to its folder */
  gboolean is_shared_found;
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
open_object (GArray *witnesses, const char *path, const char *build_id, char **reason)
{
  g_autofree char *found = NULL;
  gboolean is_elf = FALSE;
  int fd = open_regular (path);

  ms_file_witness_take (witnesses, path);

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

/* --- the separate debug file ----------------------------------------------------------------- */

/* "name\0build-id" of .gnu_debugaltlink; libdw's own reading of it needs the DWARF first. */
static void
note_shared_link (MsObjectFile *self, int fd, const char *holder)
{
  Elf *elf = elf_begin (fd, ELF_C_READ_MMAP, NULL);
  Elf_Scn *section = NULL;
  size_t names = 0;

  if (elf != NULL && elf_getshdrstrndx (elf, &names) == 0)
    while (self->shared_name == NULL && (section = elf_nextscn (elf, section)) != NULL)
      {
        GElf_Shdr header;
        const char *name = gelf_getshdr (section, &header) != NULL
                               ? elf_strptr (elf, names, header.sh_name)
                               : NULL;
        Elf_Data *data =
            g_strcmp0 (name, ".gnu_debugaltlink") == 0 ? elf_rawdata (section, NULL) : NULL;
        gsize length =
            data != NULL && data->d_buf != NULL ? strnlen (data->d_buf, data->d_size) : 0;

        if (length == 0 || length + 1 >= data->d_size)
          continue;
        self->shared_name = g_strndup (data->d_buf, length);
        self->shared_build_id = to_hexadecimal ((const guint8 *) data->d_buf + length + 1,
                                                MIN (data->d_size - length - 1, 64));
        self->shared_holder = g_strdup (holder);
      }
  elf_end (elf);
}

/* The first of @paths that is an ELF file with @build_id. */
static int
open_first (GArray *witnesses, GPtrArray *paths, const char *build_id, char **found_path)
{
  int fd = -1;

  for (guint i = 0; i < paths->len && fd < 0; i++)
    {
      g_autofree char *reason = NULL;
      const char *path = g_ptr_array_index (paths, i);

      fd = open_object (witnesses, path, build_id, &reason);
      if (fd >= 0)
        *found_path = g_strdup (path);
    }
  return fd;
}

/* As open_object(), but a file without a build-id, or for an object without one, must have @crc. */
static int
open_linked (MsObjectFile *self, const char *path, guint32 crc)
{
  g_autofree char *reason = NULL;
  g_autofree char *found = NULL;
  gboolean is_elf;
  guint32 actual;
  int fd = open_object (self->witnesses, path, NULL, &reason);

  if (fd < 0)
    return -1;
  found = read_build_id (fd, &is_elf);
  if (found != NULL && self->build_id != NULL ? g_str_equal (found, self->build_id)
                                              : ms_crc32_file (fd, &actual) && actual == crc)
    return fd;
  close (fd);
  return -1;
}

static int
open_debug_link (MsObjectFile *self, const char *link, guint32 crc, char **found_path)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_path_get_dirname (self->path);
  const char *const *folders = ms_debug_places_get_folders (self->places);
  int fd = -1;

  g_ptr_array_add (paths, g_build_filename (folder, link, NULL));
  g_ptr_array_add (paths, g_build_filename (folder, ".debug", link, NULL));
  for (guint i = 0; folders[i] != NULL; i++)
    g_ptr_array_add (paths, g_build_filename (folders[i], folder, link, NULL));
  for (guint i = 0; i < paths->len && fd < 0; i++)
    {
      const char *path = g_ptr_array_index (paths, i);

      /* A link may name the object itself: stripped in place without a rename. */
      if (!g_str_equal (path, self->path))
        fd = open_linked (self, path, crc);
      if (fd >= 0)
        *found_path = g_strdup (path);
    }
  return fd;
}

static int
open_debug_file (MsObjectFile *self, const char *link, guint32 crc, char **found_path)
{
  int fd = -1;

  if (self->build_id != NULL)
    {
      g_autoptr (GPtrArray) paths =
          ms_debug_places_by_build_id (self->places, self->build_id, FALSE);

      fd = open_first (self->witnesses, paths, self->build_id, found_path);
    }
  /* What dwz and objcopy write is a name, never a path. */
  if (fd < 0 && link != NULL && strchr (link, '/') == NULL)
    fd = open_debug_link (self, link, crc, found_path);
  if (fd >= 0)
    note_shared_link (self, fd, *found_path);
  return fd;
}

/* dwz's file, which several debug files share. */
static int
open_shared (MsObjectFile *self, char **found_path)
{
  g_autoptr (GPtrArray) paths =
      ms_debug_places_by_build_id (self->places, self->shared_build_id, FALSE);
  g_autofree char *base = g_path_get_basename (self->shared_name);
  g_autofree char *real = realpath (self->shared_holder, NULL);
  g_autofree char *folder = g_path_get_dirname (real != NULL ? real : self->shared_holder);
  const char *const *folders = ms_debug_places_get_folders (self->places);
  int fd;

  g_ptr_array_add (paths, g_path_is_absolute (self->shared_name)
                              ? g_strdup (self->shared_name)
                              : g_canonicalize_filename (self->shared_name, folder));
  for (guint i = 0; folders[i] != NULL; i++)
    g_ptr_array_add (paths, g_build_filename (folders[i], ".dwz", base, NULL));
  fd = open_first (self->witnesses, paths, self->shared_build_id, found_path);
  self->is_shared_found = fd >= 0;
  return fd;
}

/* libdwfl asks for the debug file and, if that or the object has such a link, for the shared one. */
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
  MsObjectFile *self = *user_data;
  g_autofree char *path = NULL;
  int fd;

  if (self->shared_name != NULL && g_strcmp0 (link, self->shared_name) == 0)
    fd = open_shared (self, &path);
  else
    fd = open_debug_file (self, link, crc, &path);
  if (fd >= 0)
    *debug_path = strdup (path); /* libdwfl frees it */
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

static const Dwfl_Callbacks callbacks = {
  .find_elf = find_elf_cb,
  .find_debuginfo = find_debug_file_cb,
  .section_address = dwfl_offline_section_address,
};

/* --- object ---------------------------------------------------------------------------------- */

static gboolean
report (MsObjectFile *self, int fd)
{
  void **user_data;
  gboolean is_elf;

  self->build_id = read_build_id (fd, &is_elf);
  note_shared_link (self, fd, self->path);
  self->dwfl = dwfl_begin (&callbacks);
  if (self->dwfl != NULL)
    {
      dwfl_report_begin (self->dwfl);
      /* Base 0 plus p_vaddr: libdwfl's addresses are the object's own.  Takes over fd if it works. */
      self->module = dwfl_report_elf (self->dwfl, self->path, self->path, fd, 0, TRUE);
      dwfl_report_end (self->dwfl, NULL, NULL);
    }
  if (self->module == NULL)
    {
      close (fd);
      return FALSE;
    }
  dwfl_module_info (self->module, &user_data, NULL, NULL, NULL, NULL, NULL, NULL);
  *user_data = self;
  return TRUE;
}

static const char *
why_no_path (const char *path)
{
  if (g_str_has_prefix (path, "linux-vdso") || path[0] == '[')
    return "code that the kernel provides, not a file";
  if (g_str_has_prefix (path, MS_REDACTED_MODULE))
    return "its path was redacted";
  return "not a path from the root";
}

MsObjectFile *
ms_object_file_open (const char *path,
                     const char *build_id,
                     const MsDebugPlaces *places,
                     GArray *witnesses,
                     char **reason)
{
  g_autofree char *first_reason = NULL;
  g_autofree char *other_path = NULL;
  g_autoptr (MsObjectFile) self = NULL;
  g_autofree char *host_path =
      g_path_is_absolute (path) ? ms_debug_places_dup_host_path (path) : NULL;
  int fd = -1;

  elf_version (EV_CURRENT);
  if (host_path != NULL)
    {
      g_autofree char *host_reason = NULL;

      fd = open_object (witnesses, host_path, build_id, &host_reason);
      if (fd >= 0)
        other_path = g_strdup (host_path);
    }
  if (fd < 0 && g_path_is_absolute (path))
    fd = open_object (witnesses, path, build_id, &first_reason);
  else if (fd < 0)
    first_reason = g_strdup (why_no_path (path));
  if (fd < 0 && build_id != NULL)
    {
      g_autoptr (GPtrArray) paths = ms_debug_places_by_build_id (places, build_id, TRUE);

      fd = open_first (witnesses, paths, build_id, &other_path);
    }
  if (fd < 0)
    {
      *reason = g_steal_pointer (&first_reason);
      return NULL;
    }
  self = g_new0 (MsObjectFile, 1);
  self->path = g_strdup (other_path != NULL ? other_path : path);
  self->places = places;
  self->witnesses = witnesses;
  if (!report (self, fd))
    {
      *reason = g_strdup_printf ("cannot be read: %s", dwfl_errmsg (-1));
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
ms_object_file_free (MsObjectFile *self)
{
  if (self->dwfl != NULL)
    dwfl_end (self->dwfl);
  g_free (self->path);
  g_free (self->build_id);
  g_free (self->shared_name);
  g_free (self->shared_build_id);
  g_free (self->shared_holder);
  g_free (self);
}

Dwfl_Module *
ms_object_file_get_module (MsObjectFile *self)
{
  return self->module;
}

const char *
ms_object_file_get_missing_shared (MsObjectFile *self)
{
  return self->shared_name != NULL && !self->is_shared_found ? self->shared_name : NULL;
}
