/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-symbol-advice.h"

#include <glib/gstdio.h>
#include <string.h>

#include "ms-symbolizer.h"

#define DEBIAN "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"
#define UBUNTU "ID_LIKE=debian\nID=ubuntu\n"
#define MINT "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"
#define FEDORA "NAME=\"Fedora Linux\"\nID=fedora\n"
#define ROCKY "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\r\n"
#define TUMBLEWEED "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n"
#define ARCH "ID=arch\n"

#define ID "0123456789abcdef"

static void
assert_advice (const char *os_release,
               const char *path,
               const char *build_id,
               const char *package,
               const char *expected)
{
  MsAdviceModule module = { path, build_id, package, TRUE };
  g_autofree char *advice = ms_symbol_advice_for (os_release, &module);

  g_assert_cmpstr (advice, ==, expected);
  if (advice != NULL)
    g_assert_null (strchr (advice, '\n'));
}

static void
test_distributions (void)
{
  const char *library = "/usr/lib/libx.so.1";

  assert_advice (DEBIAN, "/lib/x86_64-linux-gnu/libc.so.6", ID, "libc6",
                 "apt install libc6-dbg, or set DEBUGINFOD_URLS=https://debuginfod.debian.net");
  assert_advice (DEBIAN, library, ID, "libx1",
                 "apt install libx1-dbgsym (from Debian's archive debian-debug), or set "
                 "DEBUGINFOD_URLS=https://debuginfod.debian.net");
  assert_advice (DEBIAN, library, ID, NULL, "set DEBUGINFOD_URLS=https://debuginfod.debian.net");
  assert_advice (UBUNTU, library, ID, "libx1",
                 "apt install libx1-dbgsym (from the archive ddebs.ubuntu.com), or set "
                 "DEBUGINFOD_URLS=https://debuginfod.ubuntu.com");
  assert_advice (MINT, library, NULL, "libx1",
                 "apt install libx1-dbgsym (from the archive ddebs.ubuntu.com)");
  assert_advice (
      FEDORA, library, ID, NULL,
      "dnf --enablerepo='*debug*' install /usr/lib/debug/.build-id/01/23456789abcdef.debug"
      ", or set DEBUGINFOD_URLS=https://debuginfod.fedoraproject.org");
  assert_advice (ROCKY, library, NULL, NULL, NULL);
  assert_advice (TUMBLEWEED, library, ID, NULL,
                 "zypper --plus-content debug install --capability 'debuginfo(build-id)=" ID
                 "', or set DEBUGINFOD_URLS=https://debuginfod.opensuse.org");
  assert_advice (ARCH, library, ID, NULL, "set DEBUGINFOD_URLS=https://debuginfod.archlinux.org");
  assert_advice (NULL, library, ID, NULL, "set DEBUGINFOD_URLS=https://debuginfod.elfutils.org");
  assert_advice ("\xff\xfe ID", library, ID, NULL,
                 "set DEBUGINFOD_URLS=https://debuginfod.elfutils.org");
}

static void
test_own (void)
{
  assert_advice (DEBIAN, "/home/me/build/prog", ID, NULL, "build it with -g, and do not strip it");
  assert_advice (FEDORA, "/usr/local/bin/prog", ID, NULL, "build it with -g, and do not strip it");
  assert_advice (DEBIAN, "linux-vdso.so.1", NULL, NULL, NULL);
  assert_advice (DEBIAN, "[heap]", NULL, NULL, NULL);
}

/* A build-id is the trace's and may be anything. */
static void
test_hostile (void)
{
  assert_advice (FEDORA, "/usr/lib/x", "'; rm -rf /; '", NULL,
                 "set DEBUGINFOD_URLS=https://debuginfod.fedoraproject.org");
  assert_advice (TUMBLEWEED, "/usr/lib/x", "../../x", NULL,
                 "set DEBUGINFOD_URLS=https://debuginfod.opensuse.org");
}

static void
test_lists (void)
{
  const char *list = "/.\n/usr\n/usr/lib\n/usr/lib/libx.so.1\n/lib/liby.so.2";

  g_assert_true (ms_symbol_advice_list_has (list, "/usr/lib/libx.so.1"));
  g_assert_true (ms_symbol_advice_list_has (list, "/lib/libx.so.1"));
  g_assert_true (ms_symbol_advice_list_has (list, "/usr/lib/liby.so.2"));
  g_assert_false (ms_symbol_advice_list_has (list, "/usr/lib/libx.so"));
  g_assert_false (ms_symbol_advice_list_has (list, "/libx.so.1"));
  g_assert_false (ms_symbol_advice_list_has (list, ""));
  g_assert_false (ms_symbol_advice_list_has (list, "/usr\n/usr/lib"));
  g_assert_false (ms_symbol_advice_list_has ("", "/usr/lib/libx.so.1"));
}

static void
test_packages (void)
{
  g_autofree char *folder = g_dir_make_tmp ("memscope-dpkg-XXXXXX", NULL);
  const struct {
    const char *name, *text;
  } files[] = { { "libx1:amd64.list", "/usr/lib/libx.so.1\n" },
                { "tools.list", "/usr/bin/tool\n" },
                { "other.md5sums", "/usr/lib/libz.so.1\n" } };
  const struct {
    const char *path, *package;
  } cases[] = { { "/lib/libx.so.1", "libx1" },
                { "/usr/bin/tool", "tools" },
                { "/usr/lib/libz.so.1", NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i].name, NULL);

      g_assert_true (g_file_set_contents (path, files[i].text, -1, NULL));
    }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *package = ms_symbol_advice_find_package (folder, cases[i].path);

      g_assert_cmpstr (package, ==, cases[i].package);
    }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i].name, NULL);

      g_remove (path);
    }
  g_rmdir (folder);
  g_assert_null (ms_symbol_advice_find_package ("/nowhere", "/usr/bin/tool"));
}

/* On this machine, whatever it is: one line or nothing. */
static void
test_here (void)
{
  const MsMissingSymbols missing = { "/usr/lib/x86_64-linux-gnu/libc.so.6", ID,
                                     "no line information: names come from its symbol table" };
  g_autofree char *advice = ms_missing_symbols_dup_advice (&missing);

  g_assert_nonnull (advice);
  g_assert_nonnull (strstr (advice, "DEBUGINFOD_URLS="));
  if (g_file_test ("/var/lib/dpkg/info/libc6:amd64.list", G_FILE_TEST_EXISTS))
    g_assert_nonnull (strstr (advice, "libc6-dbg"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/symbol-advice/distributions", test_distributions);
  g_test_add_func ("/symbol-advice/own", test_own);
  g_test_add_func ("/symbol-advice/hostile", test_hostile);
  g_test_add_func ("/symbol-advice/lists", test_lists);
  g_test_add_func ("/symbol-advice/packages", test_packages);
  g_test_add_func ("/symbol-advice/here", test_here);
  return g_test_run ();
}
