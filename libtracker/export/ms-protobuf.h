/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Just enough of protocol buffers (https://protobuf.dev/programming-guides/encoding) to write a message:
 * fields are appended to a GByteArray, and a message within a message is one that was written before.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* int64, uint64, bool; a value of 0 is what a reader assumes and is not written. */
void ms_protobuf_add_number (GByteArray *message, guint field, guint64 value);
/* string, bytes, message. */
void ms_protobuf_add_bytes (GByteArray *message, guint field, const void *bytes, gsize n_bytes);
void ms_protobuf_add_message (GByteArray *message, guint field, const GByteArray *inner);
/* repeated int64 or uint64, packed; nothing if there are none. */
void ms_protobuf_add_numbers (GByteArray *message,
                              guint field,
                              const guint64 *values,
                              guint n_values);

G_END_DECLS
