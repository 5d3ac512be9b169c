/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which file a line of a call stack is in, and the command that opens it. */
#include "ms-source-opener.h"
#include "widget-test.h"

#include <glib/gstdio.h>
#include <string.h>

/* Names that are relative to the top of the sources, as -ffile-prefix-map leaves them. */
static void
test_relative_source (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-source-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (top, "src", NULL);
  g_autofree char *text = g_build_filename (folder, "a.c", NULL);
  g_autofree char *other = g_build_filename (top, "other", NULL);
  g_autofree char *executable = g_build_filename (top, "build", "src", "a", NULL);
  const char *const folders[] = { "/nowhere", top, NULL };
  const char *const beside[] = { other, NULL };
  g_autoptr (GError) error = NULL;

  g_mkdir (folder, 0700);
  g_assert_true (g_file_set_contents (text, "int x;\n", -1, NULL));
  g_autofree char *below_folder = ms_source_find ("./build/../src/a.c", NULL, folders, &error);
  g_autofree char *above_program = ms_source_find ("src/a.c", executable, NULL, &error);
  g_assert_cmpstr (below_folder, ==, text);
  g_assert_cmpstr (above_program, ==, text);
  g_assert_no_error (error);
  /* Not what lies beside it. */
  g_assert_null (ms_source_find ("../src/a.c", NULL, beside, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_unlink (text);
  g_rmdir (folder);
  g_rmdir (top);
}

static void
test_source (void)
{
  g_autofree char *folder = g_dir_make_tmp ("memscope-source-XXXXXX", NULL);
  g_autofree char *text = g_build_filename (folder, "a {line} b.c", NULL);
  g_autofree char *binary = g_build_filename (folder, "b.c", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (text, "int x;\n", -1, NULL));
  g_assert_true (g_file_set_contents (binary, "a\0b", 3, NULL));
  g_autofree char *found = ms_source_find (text, NULL, NULL, &error);
  g_assert_cmpstr (found, ==, text);
  const char *const BAD[] = { NULL, "", "relative.c", "/nowhere/x.c", folder, binary, "/dev/zero" };
  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++)
    {
      g_assert_null (ms_source_find (BAD[i], NULL, NULL, &error));
      g_assert_nonnull (error);
      g_assert_null (strchr (error->message, '\n'));
      g_clear_error (&error);
    }

  g_auto (GStrv) words =
      ms_source_dup_command ("code --goto '{file}:{line}' $HOME;x", text, 7, &error);
  g_autofree char *place = g_strdup_printf ("%s:7", text);
  g_assert_cmpstr (words[0], ==, "code");
  g_assert_cmpstr (words[2], ==, place);
  g_assert_cmpstr (words[3], ==, "$HOME;x");
  g_assert_null (words[4]);
  g_auto (GStrv) added = ms_source_dup_command ("gedit +{line}", text, 0, &error);
  g_assert_cmpstr (added[1], ==, "+1");
  g_assert_cmpstr (added[2], ==, text);
  g_assert_null (ms_source_dup_command ("gedit '", text, 1, &error));
  g_assert_nonnull (error);
  g_unlink (text);
  g_unlink (binary);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/source-opener/file", test_source);
  g_test_add_func ("/source-opener/relative", test_relative_source);
  return g_test_run ();
}
