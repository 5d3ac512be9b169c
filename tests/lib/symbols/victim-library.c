/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "victim-library.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

static int
find_build_id (struct dl_phdr_info *info, size_t size, void *data)
{
  VictimLibrary *library = data;

  if (g_strcmp0 (info->dlpi_name, library->path) != 0)
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    {
      const guint8 *p = (const guint8 *) (gsize) (info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
      const guint8 *end = p + info->dlpi_phdr[i].p_memsz;

      while (info->dlpi_phdr[i].p_type == PT_NOTE && p + sizeof (ElfW (Nhdr)) < end)
        {
          const ElfW (Nhdr) *note = (const void *) p;
          const guint8 *bytes = p + sizeof *note + (note->n_namesz + 3U) / 4 * 4;
          GString *text;

          p = bytes + (note->n_descsz + 3U) / 4 * 4;
          if (note->n_type != NT_GNU_BUILD_ID || memcmp (note + 1, "GNU", 4) != 0)
            continue;
          text = g_string_new (NULL);
          for (guint b = 0; b < note->n_descsz; b++)
            g_string_append_printf (text, "%02x", bytes[b]);
          library->build_id = g_string_free (text, FALSE);
          return 1;
        }
    }
  return 0;
}

void
victim_library_load (VictimLibrary *self, const char *path)
{
  g_autofree char *full_path = g_canonicalize_filename (path, NULL);
  void *handle = dlopen (full_path, RTLD_NOW | RTLD_LOCAL);
  struct link_map *map = NULL;

  if (handle == NULL)
    g_error ("%s", dlerror ());
  g_assert_cmpint (dlinfo (handle, RTLD_DI_LINKMAP, &map), ==, 0);
  self->path = g_strdup (map->l_name);
  self->bias = map->l_addr;
  self->calls = dlsym (handle, "victim_calls");
  g_assert_nonnull (self->calls);
  dl_iterate_phdr (find_build_id, self);
}

void
victim_library_clear (VictimLibrary *self)
{
  g_free (self->path);
  g_free (self->build_id);
}

static GArray *notes;

__attribute__ ((noinline)) static void
note_call (int line)
{
  VictimNote note = { (guint64) (gsize) __builtin_return_address (0), line };

  g_array_append_val (notes, note);
}

GArray *
victim_library_call (void (*function) (VictimCall call))
{
  notes = g_array_new (FALSE, FALSE, sizeof (VictimNote));
  function (note_call);
  return g_steal_pointer (&notes);
}

void
victim_run_script (const char *folder, const char *script)
{
  const char *const arguments[] = { "sh", "-ec", script, NULL };
  g_autofree char *said = NULL;
  int status = -1;

  g_assert_true (g_spawn_sync (folder, (char **) arguments, NULL,
                               G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                               &said, &status, NULL));
  if (status != 0)
    g_error ("%s\n%s", script, said);
}
