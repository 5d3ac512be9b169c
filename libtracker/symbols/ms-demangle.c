/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * C++ names are left to the C++ runtime's own __cxa_demangle, found with dlopen when the first one
 * comes.  libstdc++ is on every desktop (GTK itself pulls it in) and knows each new mangling before
 * anybody else; linking it would make a C++ compiler a build dependency, libiberty's static copy is
 * not packaged everywhere and is under another licence than ours.  Where neither runtime is there,
 * C++ names stay mangled: a name is never guessed.
 */
#include "ms-demangle.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* Longer names exist (expression templates), but nobody reads them, and substitutions let a crafted
 * name of this length already grow a lot. */
#define MAX_SYMBOL_BYTES 16384

typedef char *(*CxxDemangle) (const char *name, char *buffer, size_t *length, int *status);

static CxxDemangle
get_cxx_demangle (void)
{
  static gsize once;
  static CxxDemangle function;

  if (g_once_init_enter (&once))
    {
      static const char *const runtimes[] = { "libstdc++.so.6", "libc++abi.so.1", "libc++.so.1" };

      for (guint i = 0; i < G_N_ELEMENTS (runtimes) && function == NULL; i++)
        {
          /* Never closed: a C++ runtime does not survive being unloaded. */
          void *runtime = dlopen (runtimes[i], RTLD_NOW | RTLD_LOCAL);

          if (runtime != NULL)
            *(void **) &function = dlsym (runtime, "__cxa_demangle");
        }
      g_once_init_leave (&once, 1);
    }
  return function;
}

static char *
demangle_cxx (const char *symbol)
{
  CxxDemangle demangle = get_cxx_demangle ();
  char *name, *copy;
  int status = 0;

  if (demangle == NULL)
    return NULL;
  name = demangle (symbol, NULL, NULL, &status);
  if (name == NULL)
    return NULL;
  /* The runtime's malloc, not GLib's. */
  copy = g_strdup (name);
  free (name);
  return copy;
}

char *
ms_demangle (const char *symbol)
{
  char *name;

  /* _Z is C++ and Rust's older scheme, ___Z the block of a clang "blocks" function, _R is Rust. */
  if (symbol[0] != '_' || strlen (symbol) > MAX_SYMBOL_BYTES)
    return NULL;
  name = symbol[1] == 'R' ? ms_demangle_rust_v0 (symbol) : ms_demangle_rust_legacy (symbol);
  if (name == NULL && (symbol[1] == 'Z' || g_str_has_prefix (symbol, "___Z")))
    name = demangle_cxx (symbol);
  return name;
}
