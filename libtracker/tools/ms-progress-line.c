/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-progress-line.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ms-terminal-text.h"

#define SHOWN_AFTER_US 300000
#define SHOWN_EVERY_US 50000
#define LONGEST_BAR 40U
#define SHORTEST_BAR 5U
#define CLEAR_LINE "\r\033[K"

static guint
get_width (void)
{
  struct winsize size;

  if (!isatty (STDERR_FILENO) || g_strcmp0 (g_getenv ("TERM"), "dumb") == 0)
    return 0;
  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

void
ms_progress_line_begin (MsProgressLine *self, const char *what)
{
  self->what = ms_terminal_text_clean (what);
  self->start_us = g_get_monotonic_time ();
  self->shown_us = 0;
  self->width = get_width ();
}

char *
ms_progress_line_draw (const char *what, double fraction, guint width, gboolean has_utf8)
{
  const char *done = has_utf8 ? "━" : "#", *open = has_utf8 ? "─" : "-";
  double part = CLAMP (fraction, 0, 1);
  g_autofree char *percent = g_strdup_printf ("%3.0f %%", 100 * part);
  guint fixed = (guint) strlen (percent) + 4; /* two gaps */
  guint room = width > fixed ? width - fixed : 0;
  guint bar = room < SHORTEST_BAR ? 0 : MIN (LONGEST_BAR, MAX (room / 2, SHORTEST_BAR));
  g_autofree char *shown = ms_terminal_text_shorten (what, room - bar);
  GString *line = g_string_new (shown);
  guint n_done = (guint) (part * bar + 0.5);

  if (width < fixed)
    {
      g_string_assign (line, percent);
      return g_string_free (line, FALSE);
    }
  g_string_append (line, "  ");
  for (guint i = 0; i < bar; i++)
    g_string_append (line, i < n_done ? done : open);
  g_string_append_printf (line, "  %s", percent);
  return g_string_free (line, FALSE);
}

void
ms_progress_line_update_cb (double fraction, gpointer progress_line)
{
  MsProgressLine *self = progress_line;
  gint64 now_us;
  g_autofree char *line = NULL;

  if (self->width == 0)
    return;
  now_us = g_get_monotonic_time ();
  if (now_us < self->start_us + SHOWN_AFTER_US || now_us < self->shown_us + SHOWN_EVERY_US)
    return;
  /* The last column stays free: a full line would wrap on some terminals. */
  line = ms_progress_line_draw (self->what, fraction, self->width - 1, g_get_charset (NULL));
  fprintf (stderr, CLEAR_LINE "%s", line);
  fflush (stderr);
  self->shown_us = now_us;
}

void
ms_progress_line_end (MsProgressLine *self)
{
  if (self->shown_us > 0)
    {
      fputs (CLEAR_LINE, stderr);
      fflush (stderr);
    }
  g_clear_pointer (&self->what, g_free);
}
