/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-symbol-advice.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ms-debug-places.h"
#include "ms-symbolizer.h"

#define DPKG_FOLDER "/var/lib/dpkg/info"
/* The largest list of Debian 12 has 3 MB. */
#define MAX_LIST_BYTES (16 << 20)

/* --- which distribution ---------------------------------------------------------------------- */

typedef struct {
  const char *id;     /* as ID or ID_LIKE have it */
  const char *server; /* its debuginfod */
  enum { DEBIAN, UBUNTU, FEDORA, SUSE, ARCH } kind;
} Distribution;

static const Distribution distributions[] = {
  { "ubuntu", "https://debuginfod.ubuntu.com", UBUNTU },
  { "debian", "https://debuginfod.debian.net", DEBIAN },
  { "fedora", "https://debuginfod.fedoraproject.org", FEDORA },
  { "centos", "https://debuginfod.centos.org", FEDORA },
  { "rhel", "https://debuginfod.centos.org", FEDORA },
  { "opensuse", "https://debuginfod.opensuse.org", SUSE },
  { "suse", "https://debuginfod.opensuse.org", SUSE },
  { "arch", "https://debuginfod.archlinux.org", ARCH },
};

#define ANY_SERVER "https://debuginfod.elfutils.org"

/* The words of the line "KEY=…", without quotes, or an empty list. (transfer full) */
static GStrv
get_words (const char *os_release, const char *key)
{
  g_auto (GStrv) lines = g_strsplit (os_release != NULL ? os_release : "", "\n", 256);
  gsize n = strlen (key);

  for (guint i = 0; lines[i] != NULL; i++)
    if (strncmp (lines[i], key, n) == 0 && lines[i][n] == '=')
      {
        g_autofree char *value = g_strdelimit (g_strdup (lines[i] + n + 1), "\"'\r\t", ' ');

        return g_strsplit (g_strstrip (value), " ", 32);
      }
  return g_new0 (char *, 1);
}

static const Distribution *
find_distribution (const char *os_release)
{
  static const char *const keys[] = { "ID", "ID_LIKE" };

  for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
    {
      g_auto (GStrv) words = get_words (os_release, keys[k]);

      for (guint w = 0; words[w] != NULL; w++)
        for (guint i = 0; i < G_N_ELEMENTS (distributions); i++)
          if (g_str_equal (words[w], distributions[i].id)
              || (distributions[i].kind == SUSE && g_str_has_prefix (words[w], "opensuse-")))
            return &distributions[i];
    }
  return NULL;
}

/* --- advice ---------------------------------------------------------------------------------- */

/* Not from a package: people build these themselves. */
static gboolean
is_peoples_own (const char *path)
{
  static const char *const system[] = { "/usr/",  "/lib",  "/bin/", "/sbin/", "/opt/",
                                        "/snap/", "/nix/", "/gnu/", "/app/" };

  if (g_str_has_prefix (path, "/usr/local/"))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (system); i++)
    if (g_str_has_prefix (path, system[i]))
      return FALSE;
  return TRUE;
}

static const char *
dbgsym_archive (const Distribution *distribution)
{
  return distribution->kind == UBUNTU ? "the archive ddebs.ubuntu.com"
                                      : "Debian's archive debian-debug";
}

/* What to install, or NULL. */
static char *
get_install (const Distribution *distribution, const MsAdviceModule *module)
{
  gboolean has_build_id =
      module->build_id != NULL && ms_debug_places_is_build_id (module->build_id);

  switch (distribution->kind)
    {
    case DEBIAN:
    case UBUNTU:
      if (module->package == NULL)
        return NULL;
      if (g_str_equal (module->package, "libc6"))
        return g_strdup ("apt install libc6-dbg");
      return g_strdup_printf ("apt install %s-dbgsym (from %s)", module->package,
                              dbgsym_archive (distribution));
    case FEDORA:
      return has_build_id ? g_strdup_printf ("dnf --enablerepo='*debug*' install "
                                             "/usr/lib/debug/.build-id/%.2s/%s.debug",
                                             module->build_id, module->build_id + 2)
                          : NULL;
    case SUSE:
      return has_build_id ? g_strdup_printf ("zypper --plus-content debug install --capability "
                                             "'debuginfo(build-id)=%s'",
                                             module->build_id)
                          : NULL;
    case ARCH: /* has no packages of debug files */
    default:
      return NULL;
    }
}

char *
ms_symbol_advice_for (const char *os_release, const MsAdviceModule *module)
{
  const Distribution *distribution = find_distribution (os_release);
  const char *server = distribution != NULL ? distribution->server : ANY_SERVER;
  g_autofree char *install = NULL;

  if (!g_path_is_absolute (module->path))
    return NULL;
  if (is_peoples_own (module->path))
    return g_strdup (module->is_here
                         ? "build it with -g, and do not strip it"
                         : "keep the build that was recorded, or its debug file in a folder "
                           "of MEMSCOPE_DEBUG_PATH");
  if (distribution != NULL)
    install = get_install (distribution, module);
  if (module->build_id == NULL)
    return g_steal_pointer (&install);
  if (install == NULL)
    return g_strdup_printf ("set DEBUGINFOD_URLS=%s", server);
  return g_strdup_printf ("%s, or set DEBUGINFOD_URLS=%s", install, server);
}

/* --- dpkg ------------------------------------------------------------------------------------ */

static gboolean
has_line (const char *list, const char *path)
{
  gsize n = strlen (path);

  for (const char *at = list; (at = strstr (at, path)) != NULL; at += n)
    if ((at == list || at[-1] == '\n') && (at[n] == '\n' || at[n] == '\0'))
      return TRUE;
  return FALSE;
}

gboolean
ms_symbol_advice_list_has (const char *list, const char *path)
{
  g_autofree char *other = g_str_has_prefix (path, "/usr/") ? g_strdup (path + strlen ("/usr"))
                                                            : g_strconcat ("/usr", path, NULL);

  if (path[0] != '/' || strchr (path, '\n') != NULL)
    return FALSE;
  return has_line (list, path) || has_line (list, other);
}

char *
ms_symbol_advice_find_package (const char *folder, const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = NULL;
      g_autofree char *list = NULL;
      struct stat st;

      if (!g_str_has_suffix (name, ".list"))
        continue;
      file = g_build_filename (folder, name, NULL);
      if (stat (file, &st) != 0 || !S_ISREG (st.st_mode) || st.st_size > MAX_LIST_BYTES
          || !g_file_get_contents (file, &list, NULL, NULL))
        continue;
      if (ms_symbol_advice_list_has (list, path))
        return g_strndup (name, strcspn (name, ":") < strlen (name) ? strcspn (name, ":")
                                                                    : strlen (name) - 5);
    }
  return NULL;
}

/* --- here ------------------------------------------------------------------------------------ */

char *
ms_missing_symbols_dup_advice (const MsMissingSymbols *missing)
{
  g_autofree char *os_release = NULL;
  g_autofree char *package = NULL;
  g_autofree char *real = realpath (missing->path, NULL);
  MsAdviceModule module = { missing->path, missing->build_id, NULL, FALSE };

  if (!g_file_get_contents ("/etc/os-release", &os_release, NULL, NULL))
    g_file_get_contents ("/usr/lib/os-release", &os_release, NULL, NULL);
  /* A package owns libc.so.6's file by whichever name it has there. */
  package = ms_symbol_advice_find_package (DPKG_FOLDER, missing->path);
  if (package == NULL && real != NULL && !g_str_equal (real, missing->path))
    package = ms_symbol_advice_find_package (DPKG_FOLDER, real);
  module.package = package;
  if (ms_debug_places_is_sandbox () && g_path_is_absolute (missing->path)
      && !g_str_has_prefix (missing->path, "/app/"))
    {
      g_autofree char *host_path = ms_debug_places_dup_host_path (missing->path);

      if (host_path == NULL)
        return g_strdup_printf (
            "let the sandbox read the system's programs: flatpak override --user "
            "--filesystem=host-os:ro %s",
            g_getenv ("FLATPAK_ID") != NULL ? g_getenv ("FLATPAK_ID") : "org.memscope.Memscope");
    }
  /* The reasons of a module that was read all say what it lacks. */
  module.is_here = real != NULL && strstr (missing->reason, "another build") == NULL
                   && strstr (missing->reason, "no build-id") == NULL;
  return ms_symbol_advice_for (os_release, &module);
}
