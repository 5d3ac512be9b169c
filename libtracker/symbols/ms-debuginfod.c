/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-debuginfod.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ms-debug-places.h"

/* elfutils/debuginfod.h, which need not be there to build. */
typedef struct debuginfod_client Client;
typedef int (*ClientProgress) (Client *client, long done, long total);

typedef struct {
  gboolean is_there;
  Client *(*begin) (void);
  void (*end) (Client *client);
  void (*set_progressfn) (Client *client, ClientProgress progress);
  void (*set_user_data) (Client *client, void *data);
  void *(*get_user_data) (Client *client);
  int (*find_debuginfo) (Client *client, const unsigned char *build_id, int n, char **path);
} Library;

static const Library *
get_library (void)
{
  static Library library;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      const struct {
        const char *name;
        void **place;
      } functions[] = {
        { "debuginfod_begin", (void **) &library.begin },
        { "debuginfod_end", (void **) &library.end },
        { "debuginfod_set_progressfn", (void **) &library.set_progressfn },
        { "debuginfod_set_user_data", (void **) &library.set_user_data },
        { "debuginfod_get_user_data", (void **) &library.get_user_data },
        { "debuginfod_find_debuginfo", (void **) &library.find_debuginfo },
      };
      /* Never closed: its HTTP library does not survive that. */
      void *handle = dlopen ("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL);

      library.is_there = handle != NULL;
      for (guint i = 0; i < G_N_ELEMENTS (functions) && library.is_there; i++)
        {
          *functions[i].place = dlsym (handle, functions[i].name);
          library.is_there = *functions[i].place != NULL;
        }
      g_once_init_leave (&once, 1);
    }
  return &library;
}

gboolean
ms_debuginfod_is_configured (void)
{
  const char *urls = g_getenv ("DEBUGINFOD_URLS");

  return urls != NULL && urls[strspn (urls, " \t")] != '\0' && get_library ()->is_there;
}

typedef struct {
  GCancellable *cancellable;
  MsDebuginfodProgress progress;
  gpointer user_data;
} Fetch;

/* Called some times a second, also while nothing comes; not 0 ends the fetch. */
static int
progress_cb (Client *client, long done, long total)
{
  const Fetch *fetch = get_library ()->get_user_data (client);

  if (g_cancellable_is_cancelled (fetch->cancellable))
    return 1;
  if (fetch->progress != NULL)
    fetch->progress (done > 0 ? (guint64) done : 0, total > 0 ? (guint64) total : 0,
                     fetch->user_data);
  return 0;
}

gboolean
ms_debuginfod_fetch (const char *build_id,
                     GCancellable *cancellable,
                     MsDebuginfodProgress progress,
                     gpointer user_data,
                     GError **error)
{
  const Library *library = get_library ();
  Fetch fetch = { cancellable, progress, user_data };
  Client *client;
  int fd;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  client = ms_debuginfod_is_configured () && ms_debug_places_is_build_id (build_id)
               ? library->begin ()
               : NULL;
  if (client == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "no debuginfod server is configured");
      return FALSE;
    }
  library->set_user_data (client, &fetch);
  library->set_progressfn (client, progress_cb);
  /* A length of 0: hexadecimal text. */
  fd = library->find_debuginfo (client, (const unsigned char *) build_id, 0, NULL);
  library->end (client);
  if (fd >= 0)
    {
      close (fd);
      return TRUE;
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (fd == -ENOENT)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no debuginfod server has it");
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "it could not be fetched: %s",
                 g_strerror (-fd));
  return FALSE;
}
