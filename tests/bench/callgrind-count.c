/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is read of callgrind's file, written with uncompressed names and positions:
 *
 *   fn=malloc            what follows is this function's own
 *   57 120               at line 57, 120 instructions
 *   calls=8 0            the next line is what eight calls of another function took: not counted here
 *   60 4711
 */
#include "callgrind-count.h"

#include <string.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

gboolean
callgrind_is_there (void)
{
  g_autofree char *path = g_find_program_in_path ("valgrind");

  return path != NULL;
}

static void
add (CallgrindCount *self, const char *name, gint64 n)
{
  gint64 *count = g_hash_table_lookup (self, name);

  if (count == NULL)
    {
      count = g_new0 (gint64, 1);
      g_hash_table_insert (self, g_strdup (name), count);
    }
  *count += n;
}

static CallgrindCount *
parse (const char *text)
{
  CallgrindCount *self = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  const char *name = "";

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *space = strchr (lines[i], ' ');

      if (g_str_has_prefix (lines[i], "fn="))
        name = lines[i] + strlen ("fn=");
      else if (g_str_has_prefix (lines[i], "calls="))
        i += lines[i + 1] != NULL;
      else if (g_ascii_isdigit (lines[i][0]) && space != NULL)
        add (self, name, g_ascii_strtoll (space, NULL, 10));
    }
  return self;
}

static char **
make_command (const char *const *argv, const char *file)
{
  g_autoptr (GStrvBuilder) command = g_strv_builder_new ();
  g_autofree char *output = g_strconcat ("--callgrind-out-file=", file, NULL);

  g_strv_builder_add_many (command, "valgrind", "--tool=callgrind", "--compress-strings=no",
                           "--compress-pos=no", output, NULL);
  g_strv_builder_addv (command, (const char **) argv);
  return g_strv_builder_end (command);
}

CallgrindCount *
callgrind_count_run (const char *const *argv, char **environment, GError **error)
{
  g_autofree char *file = NULL, *printed = NULL, *said = NULL, *text = NULL;
  g_auto (GStrv) command = NULL;
  int fd = g_file_open_tmp ("callgrind-XXXXXX", &file, error), status;
  gboolean done;

  if (fd < 0)
    return NULL;
  g_close (fd, NULL);
  command = make_command (argv, file);
  done = g_spawn_sync (NULL, command, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, &printed, &said,
                       &status, error)
         && g_spawn_check_wait_status (status, error)
         && g_file_get_contents (file, &text, NULL, error);
  g_unlink (file);
  if (!done)
    {
      g_prefix_error (error, "%s%s: ", said != NULL ? said : "", argv[0]);
      return NULL;
    }
  return parse (text);
}

void
callgrind_count_add (CallgrindCount *self, CallgrindCount *other, int factor)
{
  GHashTableIter iter;
  gpointer name, count;

  g_hash_table_iter_init (&iter, other);
  while (g_hash_table_iter_next (&iter, &name, &count))
    add (self, name, factor * *(gint64 *) count);
}

gint64
callgrind_count_total (CallgrindCount *self)
{
  gint64 total = 0;
  GHashTableIter iter;
  gpointer count;

  g_hash_table_iter_init (&iter, self);
  while (g_hash_table_iter_next (&iter, NULL, &count))
    total += *(gint64 *) count;
  return total;
}
