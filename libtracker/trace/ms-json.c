/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading JSON that somebody else may have written: types are checked, depth is bounded. */
#include "ms-manifest.h"

#include <string.h>

#include "ms-trace.h"

#define MAX_DEPTH 32

static gboolean
is_shallow (const char *text, gsize n_bytes)
{
  gboolean in_string = FALSE;
  gint depth = 0;

  for (gsize i = 0; i < n_bytes; i++)
    {
      char c = text[i];

      if (in_string)
        {
          if (c == '\\')
            i++;
          else if (c == '"')
            in_string = FALSE;
        }
      else if (c == '"')
        in_string = TRUE;
      else if (c == '{' || c == '[')
        {
          if (++depth > MAX_DEPTH)
            return FALSE;
        }
      else if (c == '}' || c == ']')
        depth--;
    }
  return TRUE;
}

/* "\ud83d" and what of it follows its backslash: the unit, or -1. */
static gint
read_unit (const char *at, const char *end)
{
  gint unit = 0;

  if (end - at < 5 || at[0] != 'u')
    return -1;
  for (guint i = 1; i < 5; i++)
    {
      if (!g_ascii_isxdigit (at[i]))
        return -1;
      unit = unit << 4 | g_ascii_xdigit_value (at[i]);
    }
  return unit;
}

/* Half a character can be spelled, as "\ud83d" without its other half, and the parser makes bytes of it that are no
 * UTF-8: what has them is not for the bus, a label, or another JSON.  No more than the escapes is looked at. */
static gboolean
has_whole_characters (const char *text, gsize n_bytes)
{
  const char *end = text + n_bytes;

  for (const char *at = text; (at = memchr (at, '\\', (gsize) (end - at))) != NULL;)
    {
      gint unit = read_unit (++at, end);

      if (at == end || (unit >= 0xdc00 && unit < 0xe000))
        return FALSE;
      at += unit < 0 ? 1 : 5;
      if (unit < 0xd800 || unit >= 0xdc00)
        continue;
      if (end - at < 6 || at[0] != '\\')
        return FALSE;
      unit = read_unit (at + 1, end);
      if (unit < 0xdc00 || unit >= 0xe000)
        return FALSE;
      at += 6;
    }
  return TRUE;
}

JsonNode *
ms_json_parse (const char *text, gsize n_bytes, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root;

  if (!is_shallow (text, n_bytes))
    {
      g_set_error_literal (error, MS_ERROR, MS_ERROR_DAMAGED, "nested too deeply");
      return NULL;
    }
  if (!g_utf8_validate (text, (gssize) n_bytes, NULL) || !has_whole_characters (text, n_bytes))
    {
      g_set_error_literal (error, MS_ERROR, MS_ERROR_DAMAGED, "not UTF-8 text");
      return NULL;
    }
  if (!json_parser_load_from_data (parser, text, (gssize) n_bytes, error))
    return NULL;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error_literal (error, MS_ERROR, MS_ERROR_DAMAGED, "not a JSON object");
      return NULL;
    }
  return json_node_ref (root);
}

static JsonNode *
get_value (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && JSON_NODE_HOLDS_VALUE (node) ? node : NULL;
}

gint64
ms_json_get_int (JsonObject *object, const char *name, gint64 fallback)
{
  JsonNode *node = get_value (object, name);

  return node && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node)
                                                                 : fallback;
}

double
ms_json_get_double (JsonObject *object, const char *name, double fallback)
{
  JsonNode *node = get_value (object, name);
  GType type = node ? json_node_get_value_type (node) : G_TYPE_INVALID;

  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : fallback;
}

gboolean
ms_json_get_boolean (JsonObject *object, const char *name, gboolean fallback)
{
  JsonNode *node = get_value (object, name);

  return node && json_node_get_value_type (node) == G_TYPE_BOOLEAN ? json_node_get_boolean (node)
                                                                   : fallback;
}

const char *
ms_json_get_string (JsonObject *object, const char *name)
{
  JsonNode *node = get_value (object, name);

  return node && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                  : NULL;
}

JsonObject *
ms_json_get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

char **
ms_json_dup_strings (JsonObject *object, const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  JsonArray *array = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; array && i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (element) && json_node_get_value_type (element) == G_TYPE_STRING)
        g_strv_builder_add (builder, json_node_get_string (element));
    }
  return g_strv_builder_end (builder);
}
