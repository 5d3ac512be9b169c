/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-json-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ms-folder-reader.h"
#include "ms-json-writer.h"
#include "ms-manifest.h"

#define MAX_DOCUMENT_BYTES ((gsize) 256 << 20)

JsonObject *
ms_json_file_load (int dir_fd, const char *name, GError **error)
{
  gsize n_bytes;
  g_autofree char *text = ms_folder_read_text (dir_fd, name, MAX_DOCUMENT_BYTES, &n_bytes, error);
  g_autoptr (JsonNode) node = text ? ms_json_parse (text, n_bytes, error) : NULL;

  return node ? json_object_ref (json_node_get_object (node)) : NULL;
}

static void write_node (MsJsonWriter *writer, JsonNode *node);

static void
write_member_cb (JsonObject *object, const char *name, JsonNode *node, gpointer user_data)
{
  ms_json_writer_key (user_data, name);
  write_node (user_data, node);
}

static void
write_element_cb (JsonArray *array, guint index, JsonNode *node, gpointer user_data)
{
  write_node (user_data, node);
}

static void
write_value (MsJsonWriter *writer, JsonNode *node)
{
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_INT64:
      ms_json_writer_int (writer, json_node_get_int (node));
      break;
    case G_TYPE_DOUBLE:
      ms_json_writer_double (writer, json_node_get_double (node));
      break;
    case G_TYPE_BOOLEAN:
      ms_json_writer_boolean (writer, json_node_get_boolean (node));
      break;
    case G_TYPE_STRING:
      ms_json_writer_string (writer, json_node_get_string (node));
      break;
    default:
      ms_json_writer_null (writer);
      break;
    }
}

/* The depth is bounded: what we load was checked by ms_json_parse(), the rest is our own. */
static void
write_node (MsJsonWriter *writer, JsonNode *node)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      ms_json_writer_begin_object (writer);
      json_object_foreach_member (json_node_get_object (node), write_member_cb, writer);
      ms_json_writer_end_object (writer);
      break;
    case JSON_NODE_ARRAY:
      ms_json_writer_begin_array (writer);
      json_array_foreach_element (json_node_get_array (node), write_element_cb, writer);
      ms_json_writer_end_array (writer);
      break;
    case JSON_NODE_VALUE:
      write_value (writer, node);
      break;
    case JSON_NODE_NULL:
    default:
      ms_json_writer_null (writer);
      break;
    }
}

static gboolean
write_file (int dir_fd, const char *name, const char *text)
{
  int fd = openat (dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  gsize n_left = strlen (text);
  int reason = 0;

  if (fd < 0)
    return FALSE;
  while (n_left > 0 && reason == 0)
    {
      gssize written = write (fd, text, n_left);

      if (written >= 0)
        {
          text += written;
          n_left -= (gsize) written;
        }
      else if (errno != EINTR)
        {
          reason = errno;
        }
    }
  if (close (fd) != 0 && reason == 0)
    reason = errno;
  errno = reason;
  return reason == 0;
}

gboolean
ms_json_file_save (int dir_fd, const char *name, JsonObject *object, GError **error)
{
  MsJsonWriter *writer = ms_json_writer_new (NULL, MS_JSON_PRETTY);
  g_autofree char *temporary = g_strconcat (name, ".tmp", NULL);
  g_autofree char *document = NULL;
  g_autofree char *text = NULL;

  ms_json_writer_begin_object (writer);
  json_object_foreach_member (object, write_member_cb, writer);
  ms_json_writer_end_object (writer);
  document = ms_json_writer_close_to_string (writer);
  text = g_strconcat (document, "\n", NULL);

  if (write_file (dir_fd, temporary, text) && renameat (dir_fd, temporary, dir_fd, name) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "cannot write %s: %s", name,
               g_strerror (errno));
  unlinkat (dir_fd, temporary, 0);
  return FALSE;
}
