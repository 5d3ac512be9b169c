/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-host-access.h"

#include <string.h>

#define PRELOAD MEMSCOPE_PKGLIBDIR "/libmemscope-preload.so"
#define PREFIX_IN_SANDBOX "/app/"
#define SERVICE "org.freedesktop.Flatpak"

struct _MsHostAccess {
  char *application;
  char *files;   /* what is /app in here */
  char *preload; /* below it */
  gboolean is_allowed;
};

MsHostAccess *
ms_host_access_new (const char *info)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *policy = NULL;
  const char *preload;
  MsHostAccess *self;

  if (!g_key_file_load_from_file (keys, info, G_KEY_FILE_NONE, NULL))
    return NULL;
  policy = g_key_file_get_string (keys, "Session Bus Policy", SERVICE, NULL);
  self = g_new0 (MsHostAccess, 1);
  self->application = g_key_file_get_string (keys, "Application", "name", NULL);
  self->files = g_key_file_get_string (keys, "Instance", "app-path", NULL);
  preload = PRELOAD;
  self->preload =
      g_strdup (g_str_has_prefix (preload, PREFIX_IN_SANDBOX) ? preload + strlen (PREFIX_IN_SANDBOX)
                                                              : preload);
  self->is_allowed =
      self->files != NULL && (g_strcmp0 (policy, "talk") == 0 || g_strcmp0 (policy, "own") == 0);
  return self;
}

void
ms_host_access_free (MsHostAccess *self)
{
  g_free (self->application);
  g_free (self->files);
  g_free (self->preload);
  g_free (self);
}

gboolean
ms_host_access_is_allowed (const MsHostAccess *self)
{
  return self->is_allowed;
}

static void
add_variable (GStrvBuilder *builder, const char *name, const char *value)
{
  g_autofree char *option = g_strdup_printf ("--env=%s=%s", name, value);

  g_strv_builder_add (builder, option);
}

GStrv
ms_host_access_build_arguments (const MsHostAccess *self,
                                const char *const *command,
                                const char *working,
                                const char *folder,
                                const char *threads,
                                guint depth)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *preload = g_build_filename (self->files, self->preload, NULL);
  g_autofree char *depth_text = g_strdup_printf ("%u", depth);

  /* Whoever closes the window ends the program, as without a sandbox. */
  g_strv_builder_add_many (builder, "flatpak-spawn", "--host", "--watch-bus", NULL);
  if (working != NULL)
    {
      g_autofree char *option = g_strconcat ("--directory=", working, NULL);

      g_strv_builder_add (builder, option);
    }
  add_variable (builder, "LD_PRELOAD", preload);
  add_variable (builder, "MEMSCOPE_OUTPUT", folder);
  if (*threads != '\0')
    add_variable (builder, "MEMSCOPE_THREADS", threads);
  add_variable (builder, "MEMSCOPE_STACK_DEPTH", depth_text);
  /* An agent samples from outside and serves those who attach, if the host can run ours. */
  add_variable (builder, "MEMSCOPE_LIVE", "1");
  g_strv_builder_addv (builder, (const char **) command);
  return g_strv_builder_end (builder);
}

char *
ms_host_access_dup_permit_line (const MsHostAccess *self)
{
  return g_strdup_printf ("flatpak override --user --talk-name=" SERVICE " %s", self->application);
}

/* By flatpak's own word for the place, which stays true after an update. */
char *
ms_host_access_dup_record_line (const MsHostAccess *self, const char *folder)
{
  g_autofree char *quoted = g_shell_quote (folder);

  return g_strdup_printf ("mkdir -p %s && LD_PRELOAD=$(flatpak info --show-location %s)/files/%s "
                          "MEMSCOPE_OUTPUT=%s MEMSCOPE_LIVE=1 PROGRAM",
                          quoted, self->application, self->preload, quoted);
}
