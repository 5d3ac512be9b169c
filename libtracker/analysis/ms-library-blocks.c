/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-library-blocks.h"

#include <string.h>

#define MOST_FUNCTIONS 24

/* Of more blocks than that by one call stack, not all are the library's: a program that opens a thousand files and closes
 * none has a thousand buffers by one. */
#define ANY G_MAXUINT64

typedef struct {
  const char *title;
  guint64 most_blocks;
  /* With * at the end: all that begin so; with = in front: only as the one that called malloc. */
  const char *functions[MOST_FUNCTIONS];
} Kind;

/* Where the library has no debug symbols, only those are found that it exports. */
static const Kind kinds[] = {
  { "buffers of standard streams", 1, { "_IO_file_doallocate", "_IO_wfile_doallocate" } },
  { "users, groups, hosts and services",
    ANY,
    { "__nss_*",       "nss_*",         "__resolv_conf_*", "__res_vinit",    "__check_pf",
      "getpwnam",      "getpwuid",      "getpwent",        "getgrnam",       "getgrgid",
      "getgrent",      "getspnam",      "gethostbyname",   "gethostbyname2", "gethostbyaddr",
      "getservbyname", "getservbyport", "getservent",      "getprotobyname", "getprotobynumber",
      "getnetbyname" } },
  { "locales, character sets and messages",
    ANY,
    { "setlocale", "_nl_*", "__dcigettext", "dcgettext", "dcngettext", "bindtextdomain",
      "textdomain", "__gconv_find_transform", "__gconv_lookup_cache", "__gconv_load_cache",
      "__gconv_load_conf", "__gconv_read_conf", "__wcsmbs_load_conv" } },
  { "time zones",
    ANY,
    { "tzset", "tzset_internal", "__tzset", "__tz_convert", "__tzfile_read", "localtime",
      "localtime_r", "mktime", "strftime", "strftime_l" } },
  { "the environment", 1, { "__add_to_environ", "setenv", "putenv" } },
  { "functions to call at exit",
    ANY,
    { "__new_exitfn", "__cxa_atexit", "__internal_atexit", "atexit", "on_exit" } },
  { "thread-local storage", ANY, { "_dl_allocate_tls", "allocate_dtv" } },
  { "tables of the loader", 1, { "_dl_find_object_update", "_dlfo_*", "_dl_exception_create*" } },
  { "messages of dlerror and strerror",
    ANY,
    { "=_dlerror_run", "dlerror", "__dlerror", "strerror", "strerror_l" } },
  { "memory for exceptions when there is none", 1, { "(anonymous namespace)::pool::pool*" } },
};

#define EXCEPTIONS (G_N_ELEMENTS (kinds) - 1)

typedef enum { OTHER, C_LIBRARY, LOADER, CXX_RUNTIME } Object;

static Object
object_of (const MsModule *module)
{
  const char *slash = module != NULL ? strrchr (module->path, '/') : NULL;
  const char *name = slash != NULL ? slash + 1 : module != NULL ? module->path : "";

  if (g_str_equal (name, "libc.so.6"))
    return C_LIBRARY;
  if (g_str_has_prefix (name, "ld-linux"))
    return LOADER;
  return g_str_has_prefix (name, "libstdc++.so.") ? CXX_RUNTIME : OTHER;
}

static gboolean
is_one_of (const Kind *kind, const char *function, gboolean is_innermost)
{
  for (guint i = 0; i < MOST_FUNCTIONS && kind->functions[i] != NULL; i++)
    {
      const char *wanted = kind->functions[i];
      gsize n;

      if (wanted[0] == '=' && !is_innermost)
        continue;
      wanted += wanted[0] == '=';
      n = strlen (wanted);
      if (wanted[n - 1] == '*' ? strncmp (function, wanted, n - 1) == 0
                               : strcmp (function, wanted) == 0)
        return TRUE;
    }
  return FALSE;
}

static gint
find_kind (const GArray *frames)
{
  for (guint f = 0; f < frames->len; f++)
    {
      const MsFrame *frame = &g_array_index (frames, MsFrame, f);

      for (guint i = 0; i < G_N_ELEMENTS (kinds) && frame->function != NULL; i++)
        if (is_one_of (&kinds[i], frame->function, f == 0))
          return (gint) i;
    }
  return -1;
}

guint
ms_library_blocks_get_n_kinds (void)
{
  return G_N_ELEMENTS (kinds);
}

const char *
ms_library_blocks_get_title (guint kind)
{
  g_return_val_if_fail (kind < G_N_ELEMENTS (kinds), NULL);
  return kinds[kind].title;
}

gint
ms_library_blocks_find_kind (MsTrace *trace,
                             guint stack,
                             guint64 n_blocks,
                             MsNameResolver *resolver)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, TRUE, sizeof (MsFrame));
  Object first = OTHER, last = OTHER;
  guint depth = 0;
  gint kind;

  ms_trace_get_stack_frames (trace, stack, &depth, NULL);
  for (guint i = 0; i < depth; i++)
    {
      guint64 address;
      const MsModule *module = ms_trace_find_module (trace, stack, i, &address);
      Object object = object_of (module);

      if (object == OTHER)
        break;
      if (i == 0)
        first = object;
      last = object;
      ms_name_resolver_resolve (resolver, module, address, FALSE, frames);
    }
  if (first == OTHER)
    return -1;
  /* libstdc++'s own initialisation, which the loader calls, takes one block and keeps it. */
  if (first == CXX_RUNTIME)
    kind = last == LOADER ? (gint) EXCEPTIONS : find_kind (frames);
  else
    kind = find_kind (frames);
  return kind >= 0 && n_blocks <= kinds[kind].most_blocks ? kind : -1;
}
