/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-diagnostic.h"

#define MAX_TEXT_BYTES 4096

static void
diagnostic_free (gpointer data)
{
  MsDiagnostic *self = data;

  g_free (self->file);
  g_free (self->message);
  g_free (self);
}

GPtrArray *
ms_diagnostics_new (void)
{
  return g_ptr_array_new_with_free_func (diagnostic_free);
}

void
ms_diagnostics_add (GPtrArray *self,
                    MsDiagnosticLevel level,
                    const char *file,
                    guint64 offset,
                    const char *format,
                    ...)
{
  MsDiagnostic *diagnostic;
  va_list args;

  if (self->len > MS_MAX_DIAGNOSTICS)
    return;
  diagnostic = g_new0 (MsDiagnostic, 1);
  if (self->len == MS_MAX_DIAGNOSTICS)
    {
      diagnostic->level = MS_DIAGNOSTIC_WARNING;
      diagnostic->message = g_strdup ("There are more problems than are listed here.");
    }
  else
    {
      diagnostic->level = level;
      diagnostic->file = g_strdup (file);
      diagnostic->offset = offset;
      va_start (args, format);
      diagnostic->message = g_strdup_vprintf (format, args);
      va_end (args);
    }
  g_ptr_array_add (self, diagnostic);
}

char *
ms_text_from_bytes (const char *bytes, gsize n_bytes)
{
  return g_utf8_make_valid (bytes, (gssize) MIN (n_bytes, MAX_TEXT_BYTES));
}
