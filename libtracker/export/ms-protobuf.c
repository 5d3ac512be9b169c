/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-protobuf.h"

enum { WIRE_VARINT = 0, WIRE_BYTES = 2 };

static void
add_varint (GByteArray *message, guint64 value)
{
  guint8 bytes[10];
  guint n = 0;

  do
    {
      bytes[n++] = (guint8) ((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
      value >>= 7;
    }
  while (value > 0);
  g_byte_array_append (message, bytes, n);
}

void
ms_protobuf_add_number (GByteArray *message, guint field, guint64 value)
{
  if (value == 0)
    return;
  add_varint (message, field << 3 | WIRE_VARINT);
  add_varint (message, value);
}

void
ms_protobuf_add_bytes (GByteArray *message, guint field, const void *bytes, gsize n_bytes)
{
  add_varint (message, field << 3 | WIRE_BYTES);
  add_varint (message, n_bytes);
  g_byte_array_append (message, bytes, (guint) n_bytes);
}

void
ms_protobuf_add_message (GByteArray *message, guint field, const GByteArray *inner)
{
  ms_protobuf_add_bytes (message, field, inner->data, inner->len);
}

void
ms_protobuf_add_numbers (GByteArray *message, guint field, const guint64 *values, guint n_values)
{
  g_autoptr (GByteArray) packed = g_byte_array_new ();

  if (n_values == 0)
    return;
  for (guint i = 0; i < n_values; i++)
    add_varint (packed, values[i]);
  ms_protobuf_add_message (message, field, packed);
}
