/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-leak-options.h"

#include "ms-command-line.h"
#include "ms-quantity.h"

void
ms_leak_options_add (MsLeakOptions *self, GOptionContext *context)
{
  const GOptionEntry entries[] = {
    { "suppressions", 's', 0, G_OPTION_ARG_FILENAME, &self->file,
      "leaks that are known, in LeakSanitizer's syntax", "FILE" },
    { "no-default-suppressions", 0, 0, G_OPTION_ARG_NONE, &self->no_defaults,
      "accuse the C library too of what it keeps until the process ends", NULL },
    { "tail", 0, 0, G_OPTION_ARG_STRING, &self->tail,
      "accuse no block that was made this short before the end, e.g. 100ms or 2% (1%)", "TIME" },
    G_OPTION_ENTRY_NULL,
  };

  ms_analysis_settings_init (&self->settings);
  ms_command_line_add (context, entries);
}

void
ms_leak_options_clear (MsLeakOptions *self)
{
  g_free (self->file);
  g_free (self->tail);
  g_clear_pointer (&self->suppressions, ms_suppressions_unref);
}

gboolean
ms_leak_options_is_set (const MsLeakOptions *self)
{
  return self->file != NULL || self->tail != NULL;
}

/* A time is the tail of any run; a percentage is not limited as the default is. */
static gboolean
parse_tail (MsLeakOptions *self)
{
  gsize length = ms_quantity_number_length (self->tail);
  double percent = g_ascii_strtod (self->tail, NULL);
  gint64 tail_ns;

  if (length > 0 && g_str_equal (self->tail + length, "%") && percent <= 100)
    {
      self->settings.leak_tail_percent = percent;
      self->settings.leak_tail_limit_ns = (double) G_MAXINT64;
      return TRUE;
    }
  if (!ms_quantity_parse_time (self->tail, &tail_ns))
    {
      ms_complain ("--tail is a time, such as 100ms, or a part of the run, such as 2%%, not \"%s\"",
                   self->tail);
      return FALSE;
    }
  self->settings.leak_tail_percent = 100;
  self->settings.leak_tail_limit_ns = (double) tail_ns;
  return TRUE;
}

static gboolean
read_suppressions (MsLeakOptions *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize n_bytes = 0;

  if (!g_file_get_contents (self->file, &text, &n_bytes, &error))
    {
      ms_complain ("%s", error->message);
      return FALSE;
    }
  self->suppressions = ms_suppressions_parse (text, (gssize) n_bytes, &error);
  if (self->suppressions == NULL)
    ms_complain ("%s: %s", self->file, error->message);
  return self->suppressions != NULL;
}

gboolean
ms_leak_options_check (MsLeakOptions *self)
{
  if (self->no_defaults)
    self->settings.leak_spares_libraries = 0;
  return (self->tail == NULL || parse_tail (self))
         && (self->file == NULL || read_suppressions (self));
}
