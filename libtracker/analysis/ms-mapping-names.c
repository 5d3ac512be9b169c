/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-mapping-names.h"

static const struct {
  const char *name, *key;
} kinds_named[MS_N_MAPPING_KINDS] = {
  [MS_MAPPING_ANONYMOUS] = { "anonymous", "anonymous" },
  [MS_MAPPING_RESERVED] = { "reserved (no access)", "reserved" },
  [MS_MAPPING_FILE] = { "files", "file" },
  [MS_MAPPING_THREAD_STACK] = { "thread stacks", "thread_stack" },
  [MS_MAPPING_BREAK] = { "break (brk, sbrk)", "break" },
};

const char *
ms_mapping_kind_get_name (MsMappingKind kind)
{
  g_return_val_if_fail ((guint) kind < MS_N_MAPPING_KINDS, "");
  return kinds_named[kind].name;
}

const char *
ms_mapping_kind_to_key (MsMappingKind kind)
{
  g_return_val_if_fail ((guint) kind < MS_N_MAPPING_KINDS, "");
  return kinds_named[kind].key;
}

char *
ms_mapping_kinds_to_string (guint kinds)
{
  GString *text = g_string_new (NULL);

  for (guint k = 0; k < MS_N_MAPPING_KINDS; k++)
    if (kinds & 1U << k)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", kinds_named[k].name);
  return g_string_free (text, FALSE);
}
