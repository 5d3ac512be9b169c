/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-output-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trk-format.h"

/* What a process writes at its start: header and first lanes of its pool, and small files. */
#define LEAST_FREE_BYTES (1 << 20)
#define PROBE_FILE_NAME ".memscope-probe"

G_DEFINE_QUARK (ms - output - error - quark, ms_output_error)

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *message = NULL;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, MS_OUTPUT_ERROR, 0, message);
  return FALSE;
}

char *
ms_output_folder_choose (const char *program)
{
  g_autofree char *base = g_path_get_basename (program);
  g_autofree char *valid = g_utf8_make_valid (base, -1);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%d-%H%M%S");
  g_autofree char *stem = NULL;
  g_autofree char *folder = NULL;

  stem = g_strdup_printf ("./memscope-%.64s-%s", valid, time);
  folder = g_strdup (stem);
  for (guint i = 2; g_file_test (folder, G_FILE_TEST_EXISTS); i++)
    {
      g_free (folder);
      folder = g_strdup_printf ("%s-%u", stem, i);
    }
  return g_steal_pointer (&folder);
}

static gboolean
check_empty (const char *folder, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &local_error);
  gboolean empty = TRUE, ours = FALSE;
  const char *name;

  if (!dir)
    return fail (error, "cannot read the output folder: %s", local_error->message);
  while ((name = g_dir_read_name (dir)))
    {
      empty = FALSE;
      ours |= strcmp (name, TRK_RECORDING_FILE_NAME) == 0
              || strcmp (name, TRK_MANIFEST_FILE_NAME) == 0
              || strcmp (name, TRK_CONTROL_FILE_NAME) == 0;
    }
  if (ours)
    return fail (
        error,
        "%s already holds a recording, and none is ever overwritten; choose another folder "
        "with -o, or remove this one first",
        folder);
  return empty
         || fail (error, "%s is not empty and holds no recording; choose another folder with -o",
                  folder);
}

static gboolean
write_all (int fd, const guint8 *bytes, gsize n_bytes)
{
  while (n_bytes > 0)
    {
      gssize written = write (fd, bytes, n_bytes);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      bytes += written;
      n_bytes -= (gsize) written;
    }
  return TRUE;
}

gboolean
ms_output_folder_add_control_page (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, TRK_CONTROL_FILE_NAME, NULL);
  guint8 page[MS_CONTROL_BYTES] = { 0 };
  TrkFileHeader header = { .version_major = TRK_VERSION_MAJOR,
                           .version_minor = TRK_VERSION_MINOR,
                           .header_size = MS_CONTROL_BYTES,
                           .kind = TRK_FILE_CONTROL };
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
  gboolean written;

  if (fd < 0)
    return fail (error, "cannot write into the output folder %s: %s", folder, g_strerror (errno));
  memcpy (header.magic, TRK_FILE_MAGIC, sizeof header.magic);
  if (getrandom (header.trace_id, sizeof header.trace_id, 0) != sizeof header.trace_id)
    memset (header.trace_id, 0, sizeof header.trace_id);
  memcpy (page, &header, sizeof header);
  written = write_all (fd, page, sizeof page);
  if (!written)
    fail (error, "cannot write into the output folder %s: %s", folder, g_strerror (errno));
  close (fd);
  if (!written)
    g_unlink (path);
  return written;
}

guint32
ms_output_folder_take_number (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, TRK_CONTROL_FILE_NAME, NULL);
  int fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  struct stat status;
  guint32 *page = MAP_FAILED, number = 0;

  if (fd >= 0 && fstat (fd, &status) == 0 && status.st_size >= MS_CONTROL_BYTES)
    page = mmap (NULL, MS_CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page != MAP_FAILED)
    {
      number = __atomic_fetch_add (&page[MS_CONTROL_NEXT_PROCESS_OFFSET / sizeof *page], 1,
                                   __ATOMIC_RELAXED);
      munmap (page, MS_CONTROL_BYTES);
    }
  if (fd >= 0)
    close (fd);
  return number;
}

/* A file system may accept a page and then be full: the traced program would lose everything. */
static gboolean
probe_free_space (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, PROBE_FILE_NAME, NULL);
  struct sigaction ignored = { .sa_handler = SIG_IGN }, before;
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), reason;

  if (fd < 0)
    return fail (error, "cannot write into the output folder %s: %s", folder, g_strerror (errno));
  /* Beyond the limit of ulimit -f the system sends a signal that kills, instead of an error alone. */
  sigaction (SIGXFSZ, &ignored, &before);
  reason = posix_fallocate (fd, 0, LEAST_FREE_BYTES);
  sigaction (SIGXFSZ, &before, NULL);
  close (fd);
  g_unlink (path);
  if (reason == EFBIG)
    return fail (error,
                 "the limit of file sizes (ulimit -f) is below the %d kB that a recording needs at "
                 "the least; raise it",
                 LEAST_FREE_BYTES / 1000);
  if (reason == ENOSPC || reason == EDQUOT)
    return fail (error,
                 "there is no room for a recording in %s: %s; free some space or choose another "
                 "folder with -o",
                 folder, g_strerror (reason));
  return TRUE;
}

char *
ms_output_folder_make (const char *folder, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (folder, NULL);
  gboolean existed = g_file_test (absolute, G_FILE_TEST_EXISTS);

  if (existed && !g_file_test (absolute, G_FILE_TEST_IS_DIR))
    {
      fail (error, "%s is there already and is no folder; choose another with -o", folder);
      return NULL;
    }
  if (!existed && g_mkdir_with_parents (absolute, 0777) != 0)
    {
      fail (error, "cannot make the output folder %s: %s; choose another with -o", folder,
            g_strerror (errno));
      return NULL;
    }
  if ((existed && !check_empty (absolute, error)) || !probe_free_space (absolute, error))
    {
      if (!existed)
        ms_output_folder_remove (absolute);
      return NULL;
    }
  return g_steal_pointer (&absolute);
}

void
ms_output_folder_remove (const char *folder)
{
  const char *names[] = { TRK_CONTROL_FILE_NAME, TRK_RECORDING_FILE_NAME };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_unlink (path);
    }
  g_rmdir (folder); /* only if nothing else is in it */
}
