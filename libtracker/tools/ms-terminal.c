/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ms-command-line.h"
#include "ms-terminal-text.h"

#define NARROWEST 40U

static guint
get_width (void)
{
  const char *columns = g_getenv ("COLUMNS");
  guint64 width = 0;
  struct winsize size;

  if (isatty (STDOUT_FILENO) && ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    width = size.ws_col;
  else if (columns == NULL || !g_ascii_string_to_unsigned (columns, 10, 1, 10000, &width, NULL))
    return G_MAXUINT;
  return MAX ((guint) width, NARROWEST);
}

static gboolean
terminal_shows_colours (void)
{
  const char *no_color = g_getenv ("NO_COLOR");

  return isatty (STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0')
         && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

gboolean
ms_terminal_init (MsTerminal *self, const char *colour)
{
  self->width = get_width ();
  self->has_full_names = FALSE;
  if (colour == NULL || g_str_equal (colour, "auto"))
    self->has_colours = terminal_shows_colours ();
  else if (g_str_equal (colour, "always") || g_str_equal (colour, "never"))
    self->has_colours = g_str_equal (colour, "always");
  else
    {
      ms_complain ("--color is auto, always or never, not \"%s\"", colour);
      return FALSE;
    }
  return TRUE;
}

void
ms_terminal_append (const MsTerminal *self, GString *out, MsStyle style, const char *text)
{
  static const char *const sequences[] = { "", "\033[1m", "\033[2m", "\033[31m", "\033[33m" };

  if (!self->has_colours || style == MS_STYLE_PLAIN || text[0] == '\0')
    {
      g_string_append (out, text);
      return;
    }
  g_string_append (out, sequences[style]);
  g_string_append (out, text);
  g_string_append (out, "\033[0m");
}

static void
put (const char *text, FILE *stream)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *plain = ms_terminal_text_to_plain (valid);

  fputs (plain, stream);
  fflush (stream);
}

static void
print_cb (const char *text)
{
  put (text, stdout);
}

static void
print_error_cb (const char *text)
{
  put (text, stderr);
}

void
ms_terminal_begin (void)
{
  if (g_get_charset (NULL))
    return;
  ms_terminal_text_set_plain (TRUE);
  g_set_print_handler (print_cb);
  g_set_printerr_handler (print_error_cb);
}

gboolean
ms_terminal_write (const GString *out)
{
  g_autofree char *plain = g_get_charset (NULL) ? NULL : ms_terminal_text_to_plain (out->str);
  const char *text = plain != NULL ? plain : out->str;
  gsize n_bytes = plain != NULL ? strlen (plain) : out->len;

  if (fwrite (text, 1, n_bytes, stdout) == n_bytes && fflush (stdout) == 0)
    return TRUE;
  /* Who read has seen enough, as head does: no more to say than where SIGPIPE, which who is on a bus
   * ignores, would have ended us. */
  if (errno != EPIPE)
    ms_complain ("standard output cannot be written: %s", g_strerror (errno));
  return FALSE;
}
