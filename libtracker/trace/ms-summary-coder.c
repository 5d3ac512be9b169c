/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-summary-coder.h"

#include <math.h>
#include <string.h>

#include "trk-varint.h"

void
ms_summary_coder_fail (MsSummaryCoder *self)
{
  self->failed = TRUE;
  self->p = self->end;
}

void
ms_summary_code_number (MsSummaryCoder *self, guint64 *value)
{
  guint8 bytes[TRK_VARINT_MAX_BYTES];
  const guint8 *next;

  if (!ms_summary_coder_reads (self))
    {
      g_byte_array_append (self->out, bytes, (guint) (trk_varint_put (bytes, *value) - bytes));
      return;
    }
  *value = 0;
  next = trk_varint_get (self->p, self->end, value);
  if (next != NULL)
    self->p = next;
  else
    ms_summary_coder_fail (self);
}

/* A number of at most @most. */
static guint64
code_bounded (MsSummaryCoder *self, guint64 value, guint64 most)
{
  ms_summary_code_number (self, &value);
  if (value <= most)
    return value;
  ms_summary_coder_fail (self);
  return 0;
}

void
ms_summary_code_uint (MsSummaryCoder *self, guint *value)
{
  *value = (guint) code_bounded (self, *value, G_MAXUINT32);
}

void
ms_summary_code_int (MsSummaryCoder *self, gint *value)
{
  *value = (gint) trk_unzigzag (code_bounded (self, trk_zigzag (*value), G_MAXUINT32));
}

void
ms_summary_code_boolean (MsSummaryCoder *self, gboolean *value)
{
  *value = (gboolean) code_bounded (self, *value != FALSE, 1);
}

void
ms_summary_code_time (MsSummaryCoder *self, gint64 *value_ns)
{
  guint64 value = trk_zigzag (*value_ns) + 1;

  ms_summary_code_number (self, &value);
  *value_ns = trk_unzigzag (value - 1);
}

void
ms_summary_code_error (MsSummaryCoder *self, double *value)
{
  guint64 bits;

  if (!ms_summary_coder_reads (self))
    {
      memcpy (&bits, value, sizeof bits);
      bits = GUINT64_TO_LE (bits);
      g_byte_array_append (self->out, (const guint8 *) &bits, sizeof bits);
      return;
    }
  *value = 0;
  if (self->end - self->p < (gssize) sizeof bits)
    {
      ms_summary_coder_fail (self);
      return;
    }
  memcpy (&bits, self->p, sizeof bits);
  self->p += sizeof bits;
  bits = GUINT64_FROM_LE (bits);
  memcpy (value, &bits, sizeof bits);
  if (isfinite (*value) && *value >= 0)
    return;
  *value = 0;
  ms_summary_coder_fail (self);
}

void
ms_summary_code_fields (MsSummaryCoder *self,
                        gpointer structure,
                        const guint16 *offsets,
                        guint n_offsets)
{
  guint64 present = 0;

  for (guint i = 0; i < n_offsets && !ms_summary_coder_reads (self); i++)
    if (G_STRUCT_MEMBER (guint64, structure, offsets[i]) != 0)
      present |= G_GUINT64_CONSTANT (1) << i;
  present = code_bounded (self, present, (G_GUINT64_CONSTANT (1) << n_offsets) - 1);
  for (guint i = 0; i < n_offsets; i++)
    if (present >> i & 1)
      ms_summary_code_number (self, &G_STRUCT_MEMBER (guint64, structure, offsets[i]));
}

void
ms_summary_code_errors (MsSummaryCoder *self,
                        gpointer structure,
                        const guint16 *offsets,
                        guint n_offsets)
{
  guint64 present = 0;

  for (guint i = 0; i < n_offsets && !ms_summary_coder_reads (self); i++)
    if (G_STRUCT_MEMBER (double, structure, offsets[i]) > 0)
      present |= G_GUINT64_CONSTANT (1) << i;
  present = code_bounded (self, present, (G_GUINT64_CONSTANT (1) << n_offsets) - 1);
  for (guint i = 0; i < n_offsets; i++)
    if (present >> i & 1)
      ms_summary_code_error (self, &G_STRUCT_MEMBER (double, structure, offsets[i]));
}

/* Written as its length + 1; 0: NULL. */
void
ms_summary_code_text (MsSummaryCoder *self, char **text, gboolean nullable)
{
  guint64 n = !ms_summary_coder_reads (self) && *text != NULL ? strlen (*text) + 1 : 0;

  ms_summary_code_number (self, &n);
  if (!ms_summary_coder_reads (self))
    {
      if (n > 1)
        g_byte_array_append (self->out, (const guint8 *) *text, (guint) (n - 1));
      return;
    }
  *text = NULL;
  if (n == 0 && nullable && !self->failed)
    return;
  if (n == 0 || n - 1 > (guint64) (self->end - self->p)
      || !g_utf8_validate_len ((const char *) self->p, n - 1, NULL)
      || !(*text = ms_summary_coder_alloc (self, n, 1)))
    {
      ms_summary_coder_fail (self);
      *text = g_strdup (nullable ? NULL : "");
      return;
    }
  memcpy (*text, self->p, n - 1);
  self->p += n - 1;
}

void
ms_summary_code_count (MsSummaryCoder *self, guint *n, gsize n_bytes)
{
  ms_summary_code_uint (self, n);
  if (!ms_summary_coder_reads (self))
    return;
  if (*n > (guint64) (self->end - self->p) || (guint64) *n * n_bytes > self->budget)
    {
      ms_summary_coder_fail (self);
      *n = 0;
    }
}

gpointer
ms_summary_coder_alloc (MsSummaryCoder *self, guint64 n, gsize n_bytes)
{
  if (n > G_MAXUINT32 || n * n_bytes > self->budget)
    {
      ms_summary_coder_fail (self);
      return NULL;
    }
  self->budget -= n * n_bytes;
  return g_malloc0 ((n + 1) * n_bytes);
}
