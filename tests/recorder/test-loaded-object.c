/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of objects that stands in for _dl_find_object () on an older C library, against
 * _dl_find_object (): the same range, bias and unwind information for code of every object, also for one that
 * comes later, also from several threads; nothing for code of no object, nor for what is gone.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <link.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trk-loaded-object.h"

#define LATER "libm.so.6"
#define N_THREADS 4

typedef struct {
  guint64 code[64];
  guint n;
} Codes;

/* An address of code in each object. */
static int
add_code (struct dl_phdr_info *info, size_t size, void *data)
{
  Codes *codes = data;

  for (guint i = 0; i < info->dlpi_phnum && codes->n < G_N_ELEMENTS (codes->code); i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X))
      {
        codes->code[codes->n++] =
            info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz / 2;
        return 0;
      }
  return 0;
}

static void
assert_as_the_loader_says (guint64 code)
{
  struct dl_find_object expected;
  TrkLoadedObject object;
  char *expected_path;

  g_assert_cmpint (_dl_find_object ((void *) code, &expected), ==, 0);
  g_assert_true (trk_loaded_object_find (code, &object));
  g_assert_cmphex (object.bias, ==, expected.dlfo_link_map->l_addr);
  g_assert_cmphex (object.start, ==, (guint64) expected.dlfo_map_start);
  g_assert_cmphex (object.end, ==, (guint64) expected.dlfo_map_end);
  g_assert_cmphex (object.eh_frame_hdr, ==, (guint64) expected.dlfo_eh_frame);
  /* The loader's may lead there by links. */
  expected_path = *expected.dlfo_link_map->l_name ? realpath (expected.dlfo_link_map->l_name, NULL)
                                                  : realpath ("/proc/self/exe", NULL);
  if (expected_path)
    g_assert_cmpstr (object.path, ==, expected_path);
  else
    g_assert_cmpstr (object.path, ==, "linux-vdso.so.1");
  free (expected_path);
}

static void
test_every_object (void)
{
  Codes codes = { 0 };

  dl_iterate_phdr (add_code, &codes);
  g_assert_cmpuint (codes.n, >, 3);
  for (guint i = 0; i < codes.n; i++)
    assert_as_the_loader_says (codes.code[i]);
}

static void
test_comes_and_goes (void)
{
  TrkLoadedObject object;
  guint64 code;

  for (guint turn = 0; turn < 50; turn++)
    {
      void *library = dlopen (LATER, RTLD_NOW | RTLD_LOCAL);

      g_assert_nonnull (library);
      code = (guint64) dlsym (library, "cbrt");
      g_assert_cmphex (code, !=, 0);
      assert_as_the_loader_says (code);
      assert_as_the_loader_says ((guint64) (guintptr) assert_as_the_loader_says);
      trk_loaded_object_forget ();
      dlclose (library);
      trk_loaded_object_forget ();
      if (!dlopen (LATER, RTLD_NOW | RTLD_NOLOAD))
        g_assert_false (trk_loaded_object_find (code, &object));
    }
}

static void
test_no_object (void)
{
  void *code = mmap (NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  TrkLoadedObject object;

  g_assert_true (code != MAP_FAILED);
  for (guint i = 0; i < 5000; i++)
    g_assert_false (trk_loaded_object_find ((guint64) code + i % 4096, &object));
  g_assert_false (trk_loaded_object_find ((guint64) &object, &object));
  g_assert_false (trk_loaded_object_find (1, &object));
  munmap (code, 4096);
}

/* Code that is loaded where there was none: found after a thousand questions at the latest. */
static void
test_object_where_none_was (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  int fd = g_open (program, O_RDONLY | O_CLOEXEC);
  TrkLoadedObject object;
  guint n = 0;
  void *copy;

  copy = mmap (NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  g_assert_true (copy != MAP_FAILED);
  g_assert_false (trk_loaded_object_find ((guint64) copy, &object));
  g_assert_true (mmap (copy, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0) == copy);
  close (fd);
  while (!trk_loaded_object_find ((guint64) copy, &object))
    g_assert_cmpuint (++n, <, 2000);
  g_assert_cmphex (object.start, ==, (guint64) copy);
  munmap (copy, 4096);
  trk_loaded_object_forget ();
}

/* A copy of a library with its program headers at its end, as patchelf leaves them. (transfer full) */
static char *
copy_with_headers_at_end (const char *original)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) bytes = NULL;
  ElfW (Ehdr) * header;
  char *contents, *path;
  gsize n_bytes;
  guint64 at;
  int fd;

  g_assert_true (g_file_get_contents (original, &contents, &n_bytes, NULL));
  bytes = g_byte_array_new_take ((guint8 *) contents, n_bytes);
  at = (n_bytes + 4095) & ~(guint64) 4095;
  g_byte_array_set_size (bytes, (guint) at);
  header = (ElfW (Ehdr) *) (gpointer) bytes->data;
  {
    g_autofree guint8 *segments =
        g_memdup2 (bytes->data + header->e_phoff, header->e_phnum * sizeof (ElfW (Phdr)));

    memset (bytes->data + header->e_phoff, 0xee, header->e_phnum * sizeof (ElfW (Phdr)));
    header->e_phoff = at;
    g_byte_array_append (bytes, segments, header->e_phnum * (guint) sizeof (ElfW (Phdr)));
  }
  fd = g_file_open_tmp ("memscope-XXXXXX", &path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (write (fd, bytes->data, bytes->len), ==, (gssize) bytes->len);
  close (fd);
  return path;
}

static void
test_headers_at_end (void)
{
  void *original = dlopen (LATER, RTLD_NOW | RTLD_LOCAL), *library;
  struct dl_find_object found;
  g_autofree char *path = NULL;
  TrkLoadedObject object;
  guint64 code;

  g_assert_nonnull (original);
  g_assert_cmpint (_dl_find_object (dlsym (original, "cbrt"), &found), ==, 0);
  path = copy_with_headers_at_end (found.dlfo_link_map->l_name);
  library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL)
    g_error ("%s", dlerror ());
  code = (guint64) dlsym (library, "cbrt");
  trk_loaded_object_forget ();
  assert_as_the_loader_says (code);
  /* Another file has its place: of that one nothing is taken. */
  g_assert_true (g_file_set_contents (path, "another", -1, NULL));
  trk_loaded_object_forget ();
  g_assert_false (trk_loaded_object_find (code, &object));
  g_unlink (path);
  dlclose (library);
  dlclose (original);
  trk_loaded_object_forget ();
}

/* The loader has the path that was typed. */
static void
test_typed_path (void)
{
  void *original = dlopen (LATER, RTLD_NOW | RTLD_LOCAL), *library;
  g_autofree char *before = g_get_current_dir ();
  g_autofree char *path = NULL, *folder = NULL, *base = NULL, *typed = NULL;
  struct dl_find_object found;
  guint64 code;

  g_assert_nonnull (original);
  g_assert_cmpint (_dl_find_object (dlsym (original, "cbrt"), &found), ==, 0);
  path = copy_with_headers_at_end (found.dlfo_link_map->l_name);
  folder = g_path_get_dirname (path);
  base = g_path_get_basename (path);
  typed = g_strconcat ("./", base, NULL);
  g_assert_cmpint (g_chdir (folder), ==, 0);
  library = dlopen (typed, RTLD_NOW | RTLD_LOCAL);
  g_assert_nonnull (library);
  g_assert_cmpint (g_chdir (before), ==, 0);
  code = (guint64) dlsym (library, "cbrt");
  g_assert_cmpint (_dl_find_object ((void *) code, &found), ==, 0);
  g_assert_cmpstr (found.dlfo_link_map->l_name, ==, typed);
  trk_loaded_object_forget ();
  g_assert_cmpstr (trk_loaded_object_find_path (code), ==, path);
  g_assert_null (trk_loaded_object_find_path (1));
  g_unlink (path);
  dlclose (library);
  dlclose (original);
  trk_loaded_object_forget ();
}

/* A program may map and run what no loader has looked at: its header may say anything. */
static void
test_false_header (void)
{
  ElfW (Ehdr) header = { .e_ident = ELFMAG,
                         .e_phentsize = sizeof (ElfW (Phdr)),
                         .e_phoff = G_MAXUINT64 - 2 * sizeof (ElfW (Phdr)) + 1,
                         .e_phnum = 3 };
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("memscope-XXXXXX", &path, NULL);
  TrkLoadedObject object;
  guint8 *code;

  g_assert_cmpint (ftruncate (fd, 4096), ==, 0);
  g_assert_cmpint (pwrite (fd, &header, sizeof header, 0), ==, sizeof header);
  /* Nothing lies before it. */
  code = mmap (NULL, 3 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  g_assert_true (code != MAP_FAILED);
  g_assert_true (mmap (code + 4096, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0)
                 == code + 4096);
  g_assert_false (trk_loaded_object_find ((guint64) code + 4096 + 100, &object));
  munmap (code, 3 * 4096);
  close (fd);
  g_unlink (path);
  trk_loaded_object_forget ();
}

static gpointer
ask_and_forget (gpointer data)
{
  Codes codes = { 0 };

  dl_iterate_phdr (add_code, &codes);
  for (guint turn = 0; turn < 40; turn++)
    {
      for (guint i = 0; i < codes.n; i++)
        assert_as_the_loader_says (codes.code[i]);
      if (turn % 10 == GPOINTER_TO_UINT (data))
        trk_loaded_object_forget ();
    }
  return NULL;
}

static void
test_threads (void)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new (NULL, ask_and_forget, GUINT_TO_POINTER (i));
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  trk_loaded_object_use_own_table ();
  g_test_add_func ("/loaded-object/every-object", test_every_object);
  g_test_add_func ("/loaded-object/comes-and-goes", test_comes_and_goes);
  g_test_add_func ("/loaded-object/no-object", test_no_object);
  g_test_add_func ("/loaded-object/where-none-was", test_object_where_none_was);
  g_test_add_func ("/loaded-object/headers-at-end", test_headers_at_end);
  g_test_add_func ("/loaded-object/typed-path", test_typed_path);
  g_test_add_func ("/loaded-object/false-header", test_false_header);
  g_test_add_func ("/loaded-object/threads", test_threads);
  return g_test_run ();
}
