/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a sandbox says of itself, and the command lines that follow from it. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "ms-host-access.h"

static MsHostAccess *
open_info (const char *policy)
{
  g_autofree char *text = g_strdup_printf ("[Application]\nname=org.memscope.Memscope\n"
                                           "[Instance]\napp-path=/var/lib/flatpak/x y/files\n"
                                           "[Session Bus Policy]\norg.memscope.*=talk\n%s",
                                           policy);
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("host-access-XXXXXX", &path, NULL);
  MsHostAccess *self;

  g_assert_cmpint (fd, >=, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  self = ms_host_access_new (path);
  g_unlink (path);
  g_close (fd, NULL);
  return self;
}

static void
test_host (void)
{
  g_assert_null (ms_host_access_new ("/nothing/is/here"));
}

static void
test_not_allowed (void)
{
  g_autoptr (MsHostAccess) access = open_info ("org.freedesktop.Flatpak=none\n");
  g_autofree char *permit = ms_host_access_dup_permit_line (access);
  g_autofree char *record = ms_host_access_dup_record_line (access, "/home/it's me/t");

  g_assert_false (ms_host_access_is_allowed (access));
  g_assert_cmpstr (
      permit, ==,
      "flatpak override --user --talk-name=org.freedesktop.Flatpak org.memscope.Memscope");
  g_assert_true (g_str_has_prefix (record, "mkdir -p '/home/it'\\''s me/t' && LD_PRELOAD=$(flatpak "
                                           "info --show-location org.memscope.Memscope)/files/"));
}

static void
test_allowed (void)
{
  const char *const command[] = { "prog", "a b", "--", NULL };
  g_autoptr (MsHostAccess) access = open_info ("org.freedesktop.Flatpak=talk\n");
  g_auto (GStrv) arguments =
      ms_host_access_build_arguments (access, command, "/w", "/f o", "main", 7);
  guint n = g_strv_length (arguments);

  g_assert_true (ms_host_access_is_allowed (access));
  g_assert_cmpstr (arguments[0], ==, "flatpak-spawn");
  g_assert_true (g_strv_contains ((const char *const *) arguments, "--directory=/w"));
  g_assert_true (g_strv_contains ((const char *const *) arguments, "--env=MEMSCOPE_OUTPUT=/f o"));
  g_assert_true (g_strv_contains ((const char *const *) arguments, "--env=MEMSCOPE_THREADS=main"));
  g_assert_true (g_strv_contains ((const char *const *) arguments, "--env=MEMSCOPE_STACK_DEPTH=7"));
  for (guint i = 0; i < n; i++)
    if (g_str_has_prefix (arguments[i], "--env=LD_PRELOAD="))
      g_assert_true (
          g_str_has_prefix (arguments[i], "--env=LD_PRELOAD=/var/lib/flatpak/x y/files/"));
  g_assert_cmpstr (arguments[n - 3], ==, "prog");
  g_assert_cmpstr (arguments[n - 2], ==, "a b");
  g_assert_cmpstr (arguments[n - 1], ==, "--");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host-access/host", test_host);
  g_test_add_func ("/host-access/not-allowed", test_not_allowed);
  g_test_add_func ("/host-access/allowed", test_allowed);
  return g_test_run ();
}
