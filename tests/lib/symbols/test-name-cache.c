/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Names kept between runs: what is written comes back, and no file that anybody could put there is
 * believed or does harm.
 */
#include "ms-name-cache.h"

#include <glib/gstdio.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-crc32.h"
#include "ms-file-witness.h"
#include "ms-name-cache-format.h"

#define BUILD_ID "0123456789abcdef"
#define PATH "/usr/lib/libexample.so"

static char *folder, *file;

static void
write_names (guint64 first, guint n, const char *reason)
{
  g_autoptr (GArray) witnesses = ms_file_witness_array_new ();
  g_autoptr (MsNameCacheWriter) writer = NULL;

  ms_file_witness_take (witnesses, "/nowhere/at/all");
  ms_file_witness_take (witnesses, "/proc/self/exe");
  writer = ms_name_cache_writer_new (BUILD_ID, PATH, reason, witnesses);
  for (guint i = 0; i < n; i++)
    {
      guint64 address = first + (n - i) * 16;
      g_autofree char *name = g_strdup_printf ("function_%" G_GINT64_MODIFIER "x", address);
      const MsCachedFrame frames[] = { { "inner", "/src/inner.h", 7, TRUE },
                                       { name, NULL, 0, FALSE } };

      ms_name_cache_writer_add (writer, address, frames, 2);
      ms_name_cache_writer_add (writer, address, frames, 1); /* of no effect */
    }
  g_assert_true (ms_name_cache_writer_save (writer, folder));
}

static void
assert_name (MsNameCache *cache, guint64 address)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (MsCachedFrame));
  g_autofree char *name = g_strdup_printf ("function_%" G_GINT64_MODIFIER "x", address);
  const MsCachedFrame *frame;

  g_assert_true (ms_name_cache_find (cache, address, frames));
  g_assert_cmpuint (frames->len, ==, 2);
  frame = &g_array_index (frames, MsCachedFrame, 0);
  g_assert_cmpstr (frame->function, ==, "inner");
  g_assert_cmpstr (frame->file, ==, "/src/inner.h");
  g_assert_cmpuint (frame->line, ==, 7);
  g_assert_true (frame->inlined);
  frame = &g_array_index (frames, MsCachedFrame, 1);
  g_assert_cmpstr (frame->function, ==, name);
  g_assert_null (frame->file);
  g_assert_false (frame->inlined);
}

static void
test_round (void)
{
  g_autoptr (MsNameCache) cache = NULL;
  g_autoptr (MsNameCache) other = NULL;
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (MsCachedFrame));

  write_names (0x1000, 100, "no line information");
  cache = ms_name_cache_load (folder, BUILD_ID, PATH);
  g_assert_nonnull (cache);
  g_assert_cmpuint (ms_name_cache_get_n_addresses (cache), ==, 100);
  for (guint i = 1; i <= 100; i++)
    {
      assert_name (cache, 0x1000 + i * 16);
      g_assert_cmphex (ms_name_cache_get_address (cache, i - 1), ==, 0x1000 + i * 16);
      g_assert_false (ms_name_cache_find (cache, 0x1000 + i * 16 + 1, frames));
    }
  g_assert_false (ms_name_cache_find (cache, 0, frames));
  g_assert_false (ms_name_cache_find (cache, G_MAXUINT64, frames));
  g_assert_false (ms_name_cache_is_complete (cache));
  g_assert_cmpstr (ms_name_cache_get_reason (cache), ==, "no line information");
  g_assert_true (ms_name_cache_holds (cache));
  other = ms_name_cache_load (folder, "fedcba9876543210", PATH);
  g_assert_null (other);
  other = ms_name_cache_load (folder, BUILD_ID, "/usr/lib/other.so");
  g_assert_null (other);
}

/* The same bytes as another object's file: what is in it counts, not its name. */
static void
test_renamed (void)
{
  g_autofree char *elsewhere = ms_name_cache_get_path (folder, "fedcba9876543210", PATH);

  write_names (0x1000, 3, NULL);
  g_assert_cmpint (g_rename (file, elsewhere), ==, 0);
  g_assert_null (ms_name_cache_load (folder, "fedcba9876543210", PATH));
  g_remove (elsewhere);
}

static void
read_everything (void)
{
  g_autoptr (MsNameCache) cache = ms_name_cache_load (folder, BUILD_ID, PATH);
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (MsCachedFrame));
  gsize n_bytes = 0;

  if (cache == NULL)
    return;
  for (guint i = 0; i < ms_name_cache_get_n_addresses (cache); i++)
    {
      g_array_set_size (frames, 0);
      ms_name_cache_find (cache, ms_name_cache_get_address (cache, i), frames);
      for (guint f = 0; f < frames->len; f++)
        {
          const MsCachedFrame *frame = &g_array_index (frames, MsCachedFrame, f);

          n_bytes += frame->function != NULL ? strlen (frame->function) : 0;
          n_bytes += frame->file != NULL ? strlen (frame->file) : 0;
        }
    }
  ms_name_cache_holds (cache);
  g_assert_cmpuint (n_bytes, <, 1 << 20);
}

/* Every byte changed: not believed.  With a checksum to match, as an attacker would: no harm. */
static void
test_damage (void)
{
  const gsize guarded = G_STRUCT_OFFSET (MsNameCacheHeader, total_bytes);
  g_autofree char *bytes = NULL;
  gsize n = 0;

  write_names (0x1000, 3, "no line information");
  g_assert_true (g_file_get_contents (file, &bytes, &n, NULL));
  for (gsize i = 0; i < n; i++)
    for (guint change = 0; change < 4; change++)
      {
        g_autofree char *changed = g_memdup2 (bytes, n);
        MsNameCacheHeader *header = (MsNameCacheHeader *) (gpointer) changed;
        const guint8 masks[] = { 0x01, 0x80, 0xff, 0x7f };

        changed[i] ^= (char) masks[change];
        g_assert_true (g_file_set_contents_full (file, changed, (gssize) n,
                                                 G_FILE_SET_CONTENTS_NONE, 0600, NULL));
        g_assert_null (ms_name_cache_load (folder, BUILD_ID, PATH));
        header->crc = ms_crc32 (0, (guint8 *) changed + guarded, n - guarded);
        g_assert_true (g_file_set_contents_full (file, changed, (gssize) n,
                                                 G_FILE_SET_CONTENTS_NONE, 0600, NULL));
        read_everything ();
      }
}

static void
test_truncated (void)
{
  GStatBuf st;

  write_names (0x1000, 3, NULL);
  g_assert_cmpint (g_stat (file, &st), ==, 0);
  for (off_t length = st.st_size - 1; length >= 0; length--)
    {
      g_assert_cmpint (truncate (file, length), ==, 0);
      g_assert_null (ms_name_cache_load (folder, BUILD_ID, PATH));
    }
}

static void
test_no_file (void)
{
  g_remove (file);
  g_assert_null (ms_name_cache_load (folder, BUILD_ID, PATH));
  g_assert_cmpint (mkfifo (file, 0600), ==, 0);
  g_assert_null (ms_name_cache_load (folder, BUILD_ID, PATH));
  g_remove (file);
  g_assert_cmpint (g_mkdir (file, 0700), ==, 0);
  g_assert_null (ms_name_cache_load (folder, BUILD_ID, PATH));
  g_rmdir (file);
}

static gint n_running;

static gpointer
write_often (gpointer data)
{
  for (guint i = 0; i < 50; i++)
    write_names (0x1000 * (GPOINTER_TO_UINT (data) + 1), 50, NULL);
  g_atomic_int_add (&n_running, -1);
  return NULL;
}

/* Whoever wins, what a reader gets is one writer's whole file. */
static void
test_writers (void)
{
  GThread *writers[4];
  guint n_read = 0;

  write_names (0x1000, 50, NULL);
  g_atomic_int_set (&n_running, G_N_ELEMENTS (writers));
  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    writers[i] = g_thread_new ("writer", write_often, GUINT_TO_POINTER (i));
  while (g_atomic_int_get (&n_running) > 0 || n_read == 0)
    {
      g_autoptr (MsNameCache) cache = ms_name_cache_load (folder, BUILD_ID, PATH);

      g_assert_nonnull (cache);
      g_assert_cmpuint (ms_name_cache_get_n_addresses (cache), ==, 50);
      assert_name (cache, ms_name_cache_get_address (cache, 49));
      n_read++;
    }
  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    g_thread_join (writers[i]);
}

static void
test_prune (void)
{
  g_autofree char *stranger = g_build_filename (folder, "notes.txt", NULL);
  const char *const names[] = { "a.names", "b.names", "c.names.XYZ123" };

  g_remove (file);
  g_assert_true (g_file_set_contents (stranger, "0123456789", 10, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      struct timespec times[2] = { { 1000 + (time_t) i, 0 }, { 1000 + (time_t) i, 0 } };

      g_assert_true (g_file_set_contents (path, "0123456789", 10, NULL));
      g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
    }
  ms_name_cache_prune (folder, 20);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS) == (i > 0));
    }
  ms_name_cache_prune (folder, 0);
  g_assert_true (g_file_test (stranger, G_FILE_TEST_EXISTS));
  g_remove (stranger);
}

int
main (int argc, char **argv)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-names-XXXXXX", NULL);
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_build_filename (top, "not", "there", "yet", NULL);
  file = ms_name_cache_get_path (folder, BUILD_ID, PATH);
  g_test_add_func ("/name-cache/round", test_round);
  g_test_add_func ("/name-cache/renamed", test_renamed);
  g_test_add_func ("/name-cache/damage", test_damage);
  g_test_add_func ("/name-cache/truncated", test_truncated);
  g_test_add_func ("/name-cache/no-file", test_no_file);
  g_test_add_func ("/name-cache/writers", test_writers);
  g_test_add_func ("/name-cache/prune", test_prune);
  status = g_test_run ();
  g_rmdir (folder);
  *strrchr (folder, '/') = '\0';
  g_rmdir (folder);
  *strrchr (folder, '/') = '\0';
  g_rmdir (folder);
  g_rmdir (top);
  g_free (folder);
  g_free (file);
  return status;
}
