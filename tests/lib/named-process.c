/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "named-process.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

void
name_this_process (const char *folder, NamedWrong wrong)
{
  g_autofree char *path = g_build_filename (folder, "memscope_trace.json", NULL);
  g_autofree char *boot_id = NULL, *stat = NULL, *namespace = NULL, *manifest = NULL;
  g_autofree char *identity = NULL;
  g_autoptr (GString) text = NULL;
  g_auto (GStrv) fields = NULL;

  g_assert_true (g_file_get_contents (path, &manifest, NULL, NULL));
  text = g_string_new (manifest);
  g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot_id, NULL, NULL);
  g_file_get_contents ("/proc/self/stat", &stat, NULL, NULL);
  fields = g_strsplit (strrchr (stat, ')') + 2, " ", -1);
  namespace = g_file_read_link ("/proc/self/ns/pid", NULL);
  *strchr (namespace, ']') = '\0';

  identity =
      g_strdup_printf ("\"pid\":%d,\"process_start_ticks\":%s%s,\"pid_namespace\":%s%s,"
                       "\"boot_id\":\"%s%s\",\"parent_pid\":1",
                       getpid (), fields[19], wrong == NAMED_WRONG_START ? "1" : "",
                       strchr (namespace, '[') + 1, wrong == NAMED_WRONG_NAMESPACE ? "1" : "",
                       g_strstrip (boot_id), wrong == NAMED_WRONG_BOOT ? "x" : "");
  g_assert_cmpuint (g_string_replace (text,
                                      "\"pid\":999999,\"parent_pid\":1,\"process_start_ticks\":1,"
                                      "\"boot_id\":\"none\",\"pid_namespace\":1",
                                      identity, 1),
                    ==, 1);
  g_assert_true (g_file_set_contents (path, text->str, (gssize) text->len, NULL));
}
