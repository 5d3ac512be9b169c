/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a card says in words: its accessible name, and what the pointer is told over its parts. */
#include "ms-card-paint.h"
#include "ms-figures.h"
#include "ms-role-look.h"
#include "ms-text.h"

#include <glib/gi18n-lib.h>

static char *
explain_level (const MsCardData *data)
{
  if (data->alert == MS_ALERT_NORMAL)
    return NULL;

  const char *word = data->alert == MS_ALERT_HIGH ? _ ("high alert") : _ ("medium alert");
  if (data->alert_bytes == 0)
    return g_strdup (word);

  g_autofree char *threshold = ms_figure_bytes (data->alert_bytes);
  /* Translators: "high alert: peak above 20.0 MB". */
  return g_strdup_printf (_ ("%s: peak above %s"), word, threshold);
}

char *
ms_card_explain_alert (const MsCardData *data)
{
  g_autofree char *level = explain_level (data);

  if (data->never_freed_bytes == 0)
    return g_steal_pointer (&level);

  g_autofree char *bytes = ms_figure_bytes (data->never_freed_bytes);
  /* Translators: of what a thread allocated, "6.00 MB". */
  g_autofree char *leak = g_strdup_printf (_ ("%s leaked"), bytes);
  return level != NULL ? g_strconcat (level, ", ", leak, NULL) : g_steal_pointer (&leak);
}

char *
ms_card_describe (const MsCardData *data)
{
  if (!data->tracked)
    return g_strdup_printf (_ ("%s, thread %d, not tracked"), data->name, data->tid);

  g_autofree char *peak =
      data->has_no_peak ? g_strdup (_ ("not available in ring mode"))
                        : ms_figure_bytes_with_error (data->peak_bytes, data->peak_standard_error);
  g_autofree char *count =
      ms_figure_count_with_error (data->allocations, data->allocations_standard_error);
  g_autofree char *rate = ms_figure_byte_rate (data->allocated_bytes_per_second);
  g_autofree char *alert = ms_card_explain_alert (data);
  GString *text = g_string_new (NULL);

  if (data->n_same > 1)
    g_string_append_printf (
        text,
        /* Translators: threads' name, how many, role of the first, what they held, allocations, rate. */
        g_dngettext (GETTEXT_PACKAGE, "%s, %u thread together, %s, at most %s, %s allocations, %s",
                     "%s, %u threads together, %s, at most %s, %s allocations, %s", data->n_same),
        data->name, data->n_same, ms_role_get_title (data->role), peak, count, rate);
  else
    /* Translators: thread's name, its number, its role, its peak memory, its allocations, its rate. */
    g_string_append_printf (text, _ ("%s, thread %d, %s, peak %s, %s allocations, %s"), data->name,
                            data->tid, ms_role_get_title (data->role), peak, count, rate);
  if (data->cpu_percent >= 0)
    {
      g_autofree char *cpu = ms_figure_percent (data->cpu_percent);

      /* Translators: percent of a processor's time. */
      g_string_append_printf (text, _ (", %s CPU"), cpu);
    }
  if (data->io_operations >= 0)
    {
      g_autofree char *io = ms_figure_count ((guint64) data->io_operations);

      /* Translators: how many reads and writes. */
      g_string_append_printf (text, _ (", %s I/O operations"), io);
    }
  if (data->has_ended)
    /* Translators: of a thread, while its process goes on. */
    g_string_append (text, _ (", ended"));
  if (alert != NULL)
    g_string_append_printf (text, ", %s", alert);
  return g_string_free (text, FALSE);
}

static gboolean
is_inside (const MsRect *rect, double x, double y)
{
  return x >= rect->x && x < rect->x + rect->width && y >= rect->y && y < rect->y + rect->height;
}

static char *
explain_peak (const MsCardData *data)
{
  g_autofree char *peak = NULL;

  if (data->has_no_peak || !ms_figure_has_error (data->peak_standard_error))
    return NULL;
  if (data->peak_bytes == 0)
    return g_strdup (_ ("nothing that was sampled was live"));
  peak = ms_figure_bytes_with_error (data->peak_bytes, data->peak_standard_error);
  /* Translators: "800 kB ± 281 kB", with its standard error. */
  return g_strdup_printf (_ ("%s, estimated from a sample"), peak);
}

static char *
explain_figure (const MsCardData *data, MsCardFigure which)
{
  if (which == MS_CARD_ALLOCATIONS && ms_figure_has_error (data->allocations_standard_error))
    {
      g_autofree char *count =
          ms_figure_count_with_error (data->allocations, data->allocations_standard_error);

      return g_strdup_printf (_ ("%s, estimated from a sample"), count);
    }
  if (which == MS_CARD_CPU && data->cpu_percent < 0)
    return g_strdup (_ ("CPU: not available, processor time was not sampled in this trace."));
  if (which == MS_CARD_IO && data->io_operations < 0)
    return g_strdup (_ ("I/O: not available, I/O was not sampled in this trace."));
  return NULL;
}

char *
ms_card_explain_at (const MsCardData *data,
                    PangoContext *context,
                    const MsCardLayout *layout,
                    double x,
                    double y,
                    MsRect *part)
{
  *part = layout->name;
  if (is_inside (part, x, y) && data->n_same > 1)
    return g_strdup_printf (
        _ ("%u threads are called %s.\nThe figures are of all of them; the first "
           "in this order gives the role."),
        data->n_same, data->name);
  if (is_inside (part, x, y))
    return ms_text_measure_px (context, data->name, MS_TEXT_NAME) > layout->name.width
               ? g_strdup (data->name)
               : NULL;

  *part = layout->alert_mark;
  if (is_inside (part, x, y))
    return ms_card_explain_alert (data);

  *part = layout->note;
  if (layout->compact)
    return is_inside (part, x, y) ? g_strdup (_ ("Its allocations were not recorded.")) : NULL;

  *part = layout->peak;
  if (is_inside (part, x, y))
    return explain_peak (data);

  for (guint i = 0; i < MS_CARD_N_FIGURES; i++)
    {
      *part = layout->figures[i];
      if (is_inside (part, x, y))
        return explain_figure (data, i);
    }
  return NULL;
}
