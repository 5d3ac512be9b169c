/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What to do about a module whose symbols are missing, in one line: what to install on this
 * distribution, or how to build the program, or where the file can be fetched from.
 *
 * Pure functions over the texts of /etc/os-release and of dpkg's file lists; for this machine's,
 * ms_missing_symbols_dup_advice() in ms-symbolizer.h.  No package manager is run: dpkg's lists are text, and Fedora's and openSUSE's accept a
 * build-id in place of a package's name.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  const char *path;     /* of the module */
  const char *build_id; /* or NULL */
  const char *package;  /* that owns it, or NULL: not known, or none does */
  gboolean is_here;     /* the module's file, of the recorded build, is on this machine */
} MsAdviceModule;

/* @os_release: the text of /etc/os-release, any bytes, or NULL.  NULL where there is nothing that could be
 * done: code that is in no file. (transfer full) */
char *ms_symbol_advice_for (const char *os_release, const MsAdviceModule *module);

/* Whether @list, the text of a /var/lib/dpkg/info/PACKAGE.list, has @path, also where /lib is a link to
 * /usr/lib. */
gboolean ms_symbol_advice_list_has (const char *list, const char *path);

/* The package of @path by dpkg's lists in @folder ("/var/lib/dpkg/info"): "libc6", without an
 * architecture.  NULL: none. (transfer full) */
char *ms_symbol_advice_find_package (const char *folder, const char *path);

G_END_DECLS
