/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-words.h"
#include "ms-figures.h"
#include "ms-language.h"

#include <glib/gi18n-lib.h>
#include <string.h>

char *
ms_memory_leak_note_new (const MsLeakReport *leaks, gboolean ends_early, gboolean was_killed)
{
  g_autofree char *bytes =
      ms_figure_bytes_with_error (leaks->accused.bytes, leaks->accused.bytes_standard_error);
  g_autofree char *blocks =
      ms_figure_count_with_error (leaks->accused.blocks, leaks->accused.blocks_standard_error);
  GString *text = g_string_new (NULL);
  gulong n = (gulong) MIN (leaks->accused.blocks, G_MAXLONG);

  if (was_killed)
    g_string_append_printf (text,
                            g_dngettext (GETTEXT_PACKAGE,
                                         "%s in %s block was in use when the process was killed.",
                                         "%s in %s blocks were in use when the process was killed.",
                                         n),
                            bytes, blocks);
  else if (ends_early || leaks->still_running)
    g_string_append_printf (text,
                            g_dngettext (GETTEXT_PACKAGE,
                                         "%s in %s block is in use: the process went on.",
                                         "%s in %s blocks are in use: the process went on.", n),
                            bytes, blocks);
  else
    g_string_append_printf (text,
                            g_dngettext (GETTEXT_PACKAGE,
                                         "%s in %s block is accused: it was never freed.",
                                         "%s in %s blocks are accused: they were never freed.", n),
                            bytes, blocks);
  if (leaks->tail_ns.known && leaks->young.blocks > 0)
    {
      g_autofree char *young =
          ms_figure_bytes_with_error (leaks->young.bytes, leaks->young.bytes_standard_error);
      g_autofree char *tail = ms_figure_duration ((gint64) leaks->tail_ns.value);

      /* Translators: a sentence; bytes, and a length of time. */
      g_string_append_printf (
          text, _ (" Not counted: %s allocated in the last %s, which the end may have overtaken."),
          young, tail);
    }
  if (leaks->libraries.blocks > 0)
    {
      g_autofree char *kept = ms_figure_bytes_with_error (leaks->libraries.bytes,
                                                          leaks->libraries.bytes_standard_error);

      /* Translators: a sentence; bytes that nobody but the C library could free. */
      g_string_append_printf (text, _ (" Not counted: %s that the C library keeps for itself."),
                              kept);
    }
  if (!leaks->tail_ns.known)
    /* Translators: a sentence; the reason begins with a small letter. */
    g_string_append_printf (text, _ (" The youngest are counted as well: %s."),
                            ms_language_reason (leaks->tail_ns.reason));
  return g_string_free (text, FALSE);
}

gboolean
ms_memory_is_hidden (MsTrace *trace, MsMemoryMeasure measure)
{
  return (measure == MS_MEASURE_PEAK || measure == MS_MEASURE_LEAKED) && trace != NULL
         && ms_trace_why_no_live (trace) != NULL;
}

const char *
ms_memory_empty_title (MsMemoryMeasure measure, gboolean ends_early)
{
  switch (measure)
    {
    case MS_MEASURE_LEAKED:
      return ends_early ? _ ("Nothing Is in Use") : _ ("Everything Was Freed");
    case MS_MEASURE_TEMPORARY:
      return _ ("Nothing Was Temporary");
    case MS_MEASURE_PEAK:
    case MS_MEASURE_ALLOCATED:
    case MS_MEASURE_COUNT:
    case MS_N_MEASURES:
    default:
      return _ ("Nothing Was Allocated Here");
    }
}

const char *
ms_memory_value_title (MsMemoryMeasure measure, gboolean ends_early)
{
  switch (measure)
    {
    /* Translators: headings of a column of bytes or of numbers of allocations. */
    case MS_MEASURE_PEAK:
      return _ ("At peak");
    case MS_MEASURE_ALLOCATED:
      return _ ("Allocated");
    case MS_MEASURE_LEAKED:
      return ends_early ? _ ("In use") : _ ("Accused");
    case MS_MEASURE_TEMPORARY:
      return _ ("Temporary");
    case MS_MEASURE_COUNT:
    case MS_N_MEASURES:
    default:
      return _ ("Allocations");
    }
}

/* By attributes, for the names are hostile. */
void
ms_memory_show_name (GtkLabel *label, MsMemoryRow *row, gboolean is_strong)
{
  const char *name = ms_memory_row_get_name (row), *callers = ms_memory_row_get_callers (row);
  g_autofree char *text = g_strconcat (name, callers, NULL);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  if (is_strong)
    {
      PangoAttribute *strong = pango_attr_weight_new (PANGO_WEIGHT_SEMIBOLD);

      strong->end_index = (guint) strlen (name);
      pango_attr_list_insert (attributes, strong);
    }
  gtk_label_set_attributes (label, attributes);
  gtk_label_set_text (label, text);
}
