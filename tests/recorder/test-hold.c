/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * test-hold PRELOAD: a program that is held before its main, as `memscope record --open` does until a window shows
 * it, goes on when it is let go, and by itself if nobody comes.
 */
#include <gio/gio.h>
#include <glib/gstdio.h>

#include "ms-hold.h"
#include "ms-output-folder.h"
#include "test-folder.h"
#include "trk-format.h"

static const char *preload;

typedef struct {
  char *folder, *recording, *proof; /* that main ran */
  GSubprocess *program;
} Fixture;

static void
set_up (Fixture *self, gconstpointer is_held)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  GError *error = NULL;

  self->folder = test_folder_new ();
  self->recording = g_build_filename (self->folder, "recording", NULL);
  self->proof = g_build_filename (self->folder, "proof", NULL);
  g_assert_cmpint (g_mkdir (self->recording, 0700), ==, 0);
  g_assert_true (ms_output_folder_add_control_page (self->recording, &error));
  if (GPOINTER_TO_INT (is_held))
    ms_hold_begin (self->recording);
  g_subprocess_launcher_setenv (launcher, "LD_PRELOAD", preload, TRUE);
  g_subprocess_launcher_setenv (launcher, "MEMSCOPE_OUTPUT", self->recording, TRUE);
  g_subprocess_launcher_setenv (launcher, "MEMSCOPE_THREADS", "all", TRUE);
  self->program = g_subprocess_launcher_spawn (launcher, &error, "touch", self->proof, NULL);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer is_held)
{
  g_object_unref (self->program);
  test_folder_remove (self->folder);
  g_free (self->folder);
  g_free (self->recording);
  g_free (self->proof);
}

/* Until the program has its trace, which it has before main. */
static void
wait_for_trace (Fixture *self)
{
  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr (GDir) dir = g_dir_open (self->recording, 0, NULL);

      for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
        {
          g_autofree char *manifest =
              g_build_filename (self->recording, name, TRK_MANIFEST_FILE_NAME, NULL);

          if (g_file_test (manifest, G_FILE_TEST_EXISTS))
            return;
        }
      g_usleep (5000);
    }
  g_error ("no trace came");
}

static void
assert_ended (Fixture *self)
{
  g_assert_true (g_subprocess_wait (self->program, NULL, NULL));
  g_assert_true (g_subprocess_get_successful (self->program));
  g_assert_true (g_file_test (self->proof, G_FILE_TEST_EXISTS));
}

static void
test_let_go (Fixture *self, gconstpointer is_held)
{
  gint64 since_us = g_get_monotonic_time ();

  wait_for_trace (self);
  g_usleep (200000);
  if (g_get_monotonic_time () - since_us < (gint64) TRK_LONGEST_HOLD_NS / 2000)
    g_assert_false (g_file_test (self->proof, G_FILE_TEST_EXISTS));
  ms_hold_end (self->recording);
  assert_ended (self);
}

/* The window never comes, or nothing was held. */
static void
test_by_itself (Fixture *self, gconstpointer is_held)
{
  assert_ended (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  g_autofree char *path = g_canonicalize_filename (argv[1], NULL);
  preload = path;
#define ADD(path, held, function) \
  g_test_add (path, Fixture, GINT_TO_POINTER (held), set_up, function, tear_down)
  ADD ("/hold/let-go", TRUE, test_let_go);
  ADD ("/hold/nobody-comes", TRUE, test_by_itself);
  ADD ("/hold/not-held", FALSE, test_by_itself);
  return g_test_run ();
}
