/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The user's cache: entries come and go whole, oldest first, whoever else is at it. */
#include "ms-cache-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test-folder.h"

#define KIND "thing-1"

typedef struct {
  char *root, *path;
  MsCacheFolder *cache;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->root = test_folder_new ();
  self->path = g_build_filename (self->root, "cache", "memscope", NULL);
  self->cache = ms_cache_folder_new (self->path, 1000);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  ms_cache_folder_free (self->cache);
  test_folder_remove (self->root);
  g_free (self->path);
  g_free (self->root);
}

static MsFolderDigest
digest_of (guint8 number)
{
  MsFolderDigest digest;

  memset (digest.bytes, number, sizeof digest.bytes);
  return digest;
}

static gboolean
put (MsCacheFolder *cache, guint8 number, gsize n_bytes)
{
  MsFolderDigest digest = digest_of (number);
  g_autoptr (MsCacheEntry) entry = ms_cache_folder_begin (cache, &digest, KIND, n_bytes, NULL);
  g_autofree char *bytes = g_malloc (n_bytes + 1);

  memset (bytes, 'a' + number, n_bytes);
  return entry != NULL && write (ms_cache_entry_get_fd (entry), bytes, n_bytes) == (gssize) n_bytes
         && ms_cache_entry_commit (entry, NULL);
}

/* How many bytes the entry has, all of them its own; -1 if it is not there. */
static gssize
get (MsCacheFolder *cache, guint8 number)
{
  MsFolderDigest digest = digest_of (number);
  int fd = ms_cache_folder_open (cache, &digest, KIND, NULL);
  char bytes[2000];
  gssize n;

  if (fd < 0)
    return -1;
  n = read (fd, bytes, sizeof bytes);
  for (gssize i = 0; i < n; i++)
    g_assert_cmpint (bytes[i], ==, 'a' + number);
  close (fd);
  return n;
}

static char *
path_of (Fixture *self, guint8 number)
{
  MsFolderDigest digest = digest_of (number);
  g_autofree char *text = ms_folder_digest_to_text (&digest);
  g_autofree char *name = g_strdup_printf ("%s.%s", text, KIND);

  return g_build_filename (self->path, name, NULL);
}

static void
set_age (Fixture *self, guint8 number, gint seconds)
{
  g_autofree char *path = path_of (self, number);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const struct timespec times[2] = { { now - seconds, 0 }, { now - seconds, 0 } };

  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

static guint
count_files (Fixture *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->path, 0, NULL);
  guint n = 0;

  while (dir && g_dir_read_name (dir))
    n++;
  return n;
}

static void
test_round_trip (Fixture *self, gconstpointer data)
{
  struct stat status;

  g_assert_cmpint (get (self->cache, 1), ==, -1);
  g_assert_true (put (self->cache, 1, 100));
  g_assert_cmpint (get (self->cache, 1), ==, 100);
  g_assert_cmpint (get (self->cache, 2), ==, -1);
  g_assert_true (put (self->cache, 1, 50)); /* in place of the older one */
  g_assert_cmpint (get (self->cache, 1), ==, 50);
  g_assert_cmpint (stat (self->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);
  g_assert_cmpuint (count_files (self), ==, 1);
}

static void
test_forgets (Fixture *self, gconstpointer data)
{
  MsFolderDigest digest = digest_of (1);

  g_assert_true (put (self->cache, 1, 10));
  ms_cache_folder_remove (self->cache, &digest, KIND);
  g_assert_cmpint (get (self->cache, 1), ==, -1);
}

static void
test_abandoned (Fixture *self, gconstpointer data)
{
  MsFolderDigest digest = digest_of (1);
  MsCacheEntry *entry = ms_cache_folder_begin (self->cache, &digest, KIND, 10, NULL);

  g_assert_nonnull (entry);
  g_assert_cmpuint (count_files (self), ==, 1);
  ms_cache_entry_free (entry);
  g_assert_cmpuint (count_files (self), ==, 0);
}

/* A writer that was killed leaves a file that the next but one, an hour later, removes. */
static void
test_dead_writer (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->path, ".0123.new", NULL);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const struct timespec times[2] = { { now - 4000, 0 }, { now - 4000, 0 } };

  g_assert_true (put (self->cache, 1, 10));
  g_assert_true (g_file_set_contents (path, "half", -1, NULL));
  g_assert_true (put (self->cache, 2, 10));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
  g_assert_true (put (self->cache, 3, 10));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_oldest_goes_first (Fixture *self, gconstpointer data)
{
  g_autofree char *foreign = g_build_filename (self->path, "notes.txt", NULL);

  for (guint8 i = 0; i < 3; i++)
    {
      g_assert_true (put (self->cache, i, 300));
      set_age (self, i, 3000 - i * 1000);
    }
  g_assert_true (g_file_set_contents (foreign, "mine", -1, NULL));
  g_assert_cmpint (get (self->cache, 0), ==, 300); /* used now: the oldest is 1 */
  g_assert_true (put (self->cache, 3, 300));
  g_assert_cmpint (get (self->cache, 0), ==, 300);
  g_assert_cmpint (get (self->cache, 1), ==, -1);
  g_assert_cmpint (get (self->cache, 2), ==, 300);
  g_assert_cmpint (get (self->cache, 3), ==, 300);
  g_assert_true (g_file_test (foreign, G_FILE_TEST_EXISTS));
}

static void
test_too_large (Fixture *self, gconstpointer data)
{
  MsFolderDigest digest = digest_of (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsCacheEntry) entry = NULL;
  char bytes[1001] = { 0 };

  g_assert_null (ms_cache_folder_begin (self->cache, &digest, KIND, 1001, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_clear_error (&error);
  g_assert_null (
      ms_cache_folder_begin (self->cache, &digest, KIND, G_GUINT64_CONSTANT (1) << 60, NULL));
  /* One that grew larger than was said. */
  entry = ms_cache_folder_begin (self->cache, &digest, KIND, 10, NULL);
  g_assert_cmpint (write (ms_cache_entry_get_fd (entry), bytes, sizeof bytes), ==, sizeof bytes);
  g_assert_false (ms_cache_entry_commit (entry, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

/* What was given up, grew too large or was too large from the start has cost no other entry. */
static void
test_failures_cost_nothing (Fixture *self, gconstpointer data)
{
  MsFolderDigest digest = digest_of (4);
  MsCacheEntry *entry;
  char bytes[1001] = { 0 };

  for (guint8 i = 0; i < 3; i++)
    g_assert_true (put (self->cache, i, 300));
  for (guint round = 0; round < 2; round++)
    {
      entry = ms_cache_folder_begin (self->cache, &digest, KIND, 900, NULL);
      g_assert_nonnull (entry);
      g_assert_cmpint (write (ms_cache_entry_get_fd (entry), bytes, sizeof bytes), ==,
                       sizeof bytes);
      if (round == 1)
        g_assert_false (ms_cache_entry_commit (entry, NULL));
      g_assert_true (put (self->cache, 3, 50)); /* beside one that is being written */
      ms_cache_entry_free (entry);
      for (guint8 i = 0; i < 3; i++)
        g_assert_cmpint (get (self->cache, i), ==, 300);
    }
  g_assert_true (put (self->cache, 4, 900));
  g_assert_cmpint (get (self->cache, 4), ==, 900);
  g_assert_cmpuint (count_files (self), <=, 2); /* and the one of 50 bytes */
}

static guint64
free_bytes (const char *path)
{
  struct statvfs system;

  g_assert_cmpint (statvfs (path, &system), ==, 0);
  return (guint64) system.f_bavail * system.f_frsize;
}

/* Files with a hole of a terabyte or more stand in for what fills a file system. */
static void
test_full_file_system (Fixture *self, gconstpointer data)
{
  const guint64 terabyte = G_GUINT64_CONSTANT (1000) * 1000 * 1000 * 1000;
  g_autoptr (MsCacheFolder) cache = ms_cache_folder_new (self->path, G_MAXUINT64);
  MsFolderDigest digest = digest_of (9);
  g_autoptr (GError) error = NULL;
  guint64 n_free;

  for (guint8 i = 0; i < 3; i++)
    {
      g_autofree char *path = path_of (self, i);

      g_assert_true (put (cache, i, 10));
      if (truncate (path, (off_t) terabyte) != 0)
        {
          g_test_skip ("no file of a terabyte here");
          return;
        }
      set_age (self, i, 3000 - i * 1000);
    }
  n_free = free_bytes (self->path);
  g_assert_null (ms_cache_folder_begin (cache, &digest, KIND, n_free + 4 * terabyte, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_null (ms_cache_folder_begin (cache, &digest, KIND, G_MAXUINT64 - 1, NULL));
  g_assert_cmpuint (count_files (self), ==, 3);
  ms_cache_entry_free (ms_cache_folder_begin (cache, &digest, KIND, n_free + terabyte / 2, NULL));
  g_assert_cmpint (ms_cache_folder_open (cache, &(MsFolderDigest) { 0 }, KIND, NULL), ==, -1);
  g_assert_cmpuint (count_files (self), ==, 2);
}

static void
test_removed_in_use (Fixture *self, gconstpointer data)
{
  MsFolderDigest digest = digest_of (1), other = digest_of (2);
  g_autoptr (MsCacheEntry) entry = NULL;
  char byte;
  int fd;

  g_assert_true (put (self->cache, 1, 10));
  fd = ms_cache_folder_open (self->cache, &digest, KIND, NULL);
  entry = ms_cache_folder_begin (self->cache, &other, KIND, 10, NULL);
  g_assert_nonnull (entry);
  test_folder_remove (self->path);
  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  close (fd);
  g_assert_false (ms_cache_entry_commit (entry, NULL));
  g_assert_cmpint (get (self->cache, 1), ==, -1);
  g_assert_true (put (self->cache, 1, 10)); /* made anew */
}

/* A link under an entry's name, and a folder that others may write to, are not used. */
static void
test_not_ours (Fixture *self, gconstpointer data)
{
  g_autofree char *path = path_of (self, 1);
  g_autofree char *elsewhere = g_build_filename (self->root, "elsewhere", NULL);
  g_autofree char *content = NULL;

  g_assert_true (put (self->cache, 0, 10));
  g_assert_true (g_file_set_contents (elsewhere, "theirs", -1, NULL));
  g_assert_cmpint (symlink (elsewhere, path), ==, 0);
  g_assert_cmpint (get (self->cache, 1), ==, -1);
  g_assert_true (put (self->cache, 1, 10));
  g_assert_cmpint (get (self->cache, 1), ==, 10);
  g_assert_true (g_file_get_contents (elsewhere, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "theirs");

  g_assert_cmpint (chmod (self->path, 0777), ==, 0);
  g_assert_cmpint (get (self->cache, 1), ==, -1);
  g_assert_false (put (self->cache, 1, 10));
  test_folder_remove (self->path);
  g_assert_cmpint (symlink (self->root, self->path), ==, 0);
  g_assert_false (put (self->cache, 1, 10));
}

static void
write_and_read (MsCacheFolder *cache, guint seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);

  for (guint i = 0; i < 400; i++)
    {
      guint8 number = (guint8) g_rand_int_range (random, 0, 8);
      gsize n_bytes = 100 + (gsize) number * 20;
      gssize n = get (cache, number);

      if (n != -1 && n != (gssize) n_bytes)
        _exit (1);
      put (cache, number, n_bytes); /* may lose its file to nobody: names are its own */
    }
}

static void
test_many_processes (Fixture *self, gconstpointer data)
{
  pid_t pids[4];
  guint64 n_bytes = 0;

  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    {
      pids[i] = fork ();
      g_assert_cmpint (pids[i], >=, 0);
      if (pids[i] == 0)
        {
          write_and_read (self->cache, i);
          _exit (0);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    {
      int status;

      g_assert_cmpint (waitpid (pids[i], &status, 0), ==, pids[i]);
      g_assert_cmpint (status, ==, 0);
    }
  for (guint8 i = 0; i < 8; i++)
    n_bytes += (guint64) MAX (0, get (self->cache, i));
  g_assert_cmpuint (n_bytes, >, 0);
  g_assert_cmpuint (n_bytes, <=, 1000);
  g_assert_cmpuint (count_files (self), <=, 8);
}

static void
test_variable (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsCacheFolder) cache = NULL;

  g_setenv ("MEMSCOPE_CACHE_MB", "0", TRUE);
  g_assert_null (ms_cache_folder_new_for_user (&error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_setenv ("MEMSCOPE_CACHE_MB", "17", TRUE);
  cache = ms_cache_folder_new_for_user (NULL);
  g_assert_true (g_str_has_suffix (ms_cache_folder_get_path (cache), "/memscope"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/cache-folder/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("forgets", test_forgets);
  ADD ("abandoned", test_abandoned);
  ADD ("dead-writer", test_dead_writer);
  ADD ("oldest-goes-first", test_oldest_goes_first);
  ADD ("too-large", test_too_large);
  ADD ("failures-cost-nothing", test_failures_cost_nothing);
  ADD ("full-file-system", test_full_file_system);
  ADD ("removed-in-use", test_removed_in_use);
  ADD ("not-ours", test_not_ours);
  ADD ("many-processes", test_many_processes);
  g_test_add_func ("/cache-folder/variable", test_variable);
  return g_test_run ();
}
