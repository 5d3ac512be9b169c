/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-debug.h"

#include <string.h>
#include <unistd.h>

#include "trk-reason.h"
#include "trk-resource-fields.h"

/* Further sources are not told: each costs memory for as long as its process is sampled. */
#define MAX_SOURCES 4096U

struct _MsResourceDebug {
  char *label;
  GHashTable *sources; /* kind, id, start and name to the reasons that were told */
};

static const char *const kinds[] = {
  [TRK_RESOURCE_PROCESSOR] = "processor",
  [TRK_RESOURCE_LOAD] = "load",
  [TRK_RESOURCE_MEMORY] = "memory",
  [TRK_RESOURCE_PRESSURE] = "pressure",
  [TRK_RESOURCE_DISK] = "disk",
  [TRK_RESOURCE_INTERFACE] = "network interface",
  [TRK_RESOURCE_TEMPERATURE] = "temperature",
  [TRK_RESOURCE_FREQUENCY] = "frequency",
  [TRK_RESOURCE_PROCESS] = "process",
  [TRK_RESOURCE_CGROUP] = "cgroup",
  [TRK_RESOURCE_THREAD] = "thread",
  [TRK_RESOURCE_SOCKET] = "TCP connection",
  [TRK_RESOURCE_GPU] = "GPU",
  [TRK_RESOURCE_GPU_ENGINE] = "GPU engine",
  [TRK_RESOURCE_GPU_MEMORY] = "GPU memory",
  [TRK_RESOURCE_GPU_CARD] = "GPU card",
};

MsResourceDebug *
ms_resource_debug_new (const char *label)
{
  const char *wanted = g_getenv ("MEMSCOPE_DEBUG");
  MsResourceDebug *self;

  if (wanted == NULL || *wanted == '\0' || *wanted == '0')
    return NULL;
  self = g_new0 (MsResourceDebug, 1);
  self->label = g_strdup (label);
  self->sources = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
ms_resource_debug_free (MsResourceDebug *self)
{
  g_hash_table_unref (self->sources);
  g_free (self->label);
  g_free (self);
}

/* Names come from programs and devices: what is not printable ASCII is a "?".  Of a connection it is two
 * addresses. */
static void
append_name (GString *line, const TrkResourceKey *key)
{
  if (key->n_name == 0 || key->kind == TRK_RESOURCE_SOCKET)
    return;
  g_string_append (line, " \"");
  for (guint32 i = 0; i < key->n_name; i++)
    g_string_append_c (line, g_ascii_isprint (key->name[i]) ? key->name[i] : '?');
  g_string_append_c (line, '"');
}

static void
write_line (const GString *line)
{
  /* Nothing can be done about a terminal that is gone. */
  if (write (STDERR_FILENO, line->str, line->len) < 0)
    return;
}

static guint
count_missing (const guint8 *reasons, guint32 n_fields)
{
  guint n = 0;

  for (guint32 i = 0; i < n_fields; i++)
    n += reasons[i] != TRK_REASON_NONE && reasons[i] != TRK_REASON_NOT_DUE;
  return n;
}

/* "; 3 4 not permitted; 9 ended" */
static void
append_missing (GString *line, const guint8 *reasons, guint32 n_fields)
{
  for (guint reason = TRK_REASON_NOT_YET; reason < TRK_REASON_NOT_DUE; reason++)
    {
      guint n = 0;

      for (guint32 i = 0; i < n_fields; i++)
        if (reasons[i] == reason)
          g_string_append_printf (line, "%s %u", n++ == 0 ? ";" : "", i);
      if (n > 0)
        g_string_append_printf (line, " %s", trk_reason_explain (reason));
    }
}

static void
tell (const MsResourceDebug *self,
      const TrkResourceKey *key,
      const guint8 *reasons,
      guint32 n_fields)
{
  const char *kind = key->kind < G_N_ELEMENTS (kinds) ? kinds[key->kind] : NULL;
  guint n_missing = count_missing (reasons, n_fields);
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_printf (line, "memscope: %s: %s %" G_GUINT64_FORMAT, self->label, kind ? kind : "?",
                   key->id);
  append_name (line, key);
  if (n_missing == 0)
    g_string_append_printf (line, ": %u figures", n_fields);
  else
    g_string_append_printf (line, ": %u of %u figures", n_fields - n_missing, n_fields);
  append_missing (line, reasons, n_fields);
  g_string_append_c (line, '\n');
  write_line (line);
}

void
ms_resource_debug_note (MsResourceDebug *self,
                        const TrkResourceKey *key,
                        const guint8 *reasons,
                        guint32 n_fields)
{
  g_autofree char *name = g_base64_encode ((const guchar *) key->name, key->n_name);
  g_autofree char *source = g_strdup_printf ("%u/%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT "/%s",
                                             (guint) key->kind, key->id, key->start, name);
  guint8 *told = g_hash_table_lookup (self->sources, source);
  gboolean is_new = told == NULL;

  n_fields = MIN (n_fields, TRK_RESOURCE_MAX_FIELDS);
  if (is_new && g_hash_table_size (self->sources) >= MAX_SOURCES)
    return;
  if (is_new)
    {
      told = g_malloc0 (TRK_RESOURCE_MAX_FIELDS);
      g_hash_table_insert (self->sources, g_steal_pointer (&source), told);
    }
  for (guint32 i = 0; i < n_fields; i++)
    if (reasons[i] != TRK_REASON_NOT_DUE && reasons[i] != told[i])
      {
        told[i] = reasons[i];
        is_new = TRUE;
      }
  if (is_new)
    tell (self, key, told, n_fields);
}

void
ms_resource_debug_say (const MsResourceDebug *self, const char *message)
{
  g_autoptr (GString) line = g_string_new (NULL);

  if (self == NULL)
    return;
  g_string_printf (line, "memscope: %s: %s\n", self->label, message);
  write_line (line);
}
