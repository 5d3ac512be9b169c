/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope COMMAND …: finds the command in the table below and leaves the rest to it.
 */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "memscope-commands.h"
#include "ms-command-line.h"
#include "ms-terminal-text.h"
#include "ms-terminal.h"

static int command_help (int argc, char **argv);

static const struct {
  const char *name;
  const char *parameters;
  const char *summary;
  MsCommandFunc run;
} commands[] = {
  { "record", "PROGRAM …", "run a program and record its threads' use of memory",
    ms_command_record },
  { "demo", "", "record a demonstration of fifty threads", ms_command_demo },
  { "list", "", "your programs that are being recorded just now", ms_command_list },
  { "attach", "[PID|NAME]", "watch one of them", ms_command_attach },
  { "change", "[PID|NAME]", "start, stop and change the recording of one", ms_command_change },
  { "snapshot", "[PID|NAME]", "save what one did lately that is recorded with --ring",
    ms_command_snapshot },
  { "report", "DIR", "totals, threads and hottest call stacks, for people or as JSON",
    ms_command_report },
  { "diff", "BEFORE AFTER", "what changed from one recording to another", ms_command_diff },
  { "info", "DIR", "what a recording says about itself, and whether it is sound", ms_command_info },
  { "export", "DIR", "write the analysis as JSON and as a page that needs no network",
    ms_command_export },
  { "trim", "DIR -o OUT", "write a part of a recording, to send to somebody", ms_command_trim },
  { "open", "DIR", "look at a recording in the desktop application", ms_command_open },
  { "help", "[COMMAND]", "explain a command", command_help },
};

static void
print_usage (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append (text, "Usage:\n"
                         "  memscope COMMAND …\n"
                         "\n"
                         "Shows, thread by thread, what a running program does with memory.\n"
                         "\n"
                         "Commands:\n");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *form = g_strdup_printf ("%s %s", commands[i].name, commands[i].parameters);
      g_autofree char *left = ms_terminal_text_clean (form);

      /* Columns, not bytes: there is an ellipsis. */
      g_string_append_printf (text, "  %s%*s %s\n", left, 24 - (int) g_utf8_strlen (left, -1), "",
                              commands[i].summary);
    }
  g_string_append (text,
                   "\n"
                   "DIR is what `memscope record` wrote: a recording, or the trace folder of\n"
                   "one process in it.  `memscope COMMAND --help` lists a command's options.\n"
                   "Exit status: 0, 1 after a failure, 2 for wrong usage.\n");
  g_print ("%s", text->str);
}

/* Changes that turn @a into @b: a letter put in, left out, replaced, or two neighbours swapped. */
static guint
edit_distance (const char *a, const char *b)
{
  enum { MOST = 32 };
  guint rows[3][MOST + 1];
  gsize n = strlen (a), m = strlen (b);

  if (n > MOST || m > MOST)
    return G_MAXUINT;
  for (gsize j = 0; j <= m; j++)
    rows[1][j] = (guint) j;
  for (gsize i = 1; i <= n; i++)
    {
      guint *row = rows[(i + 1) % 3], *above = rows[i % 3], *above2 = rows[(i + 2) % 3];

      row[0] = (guint) i;
      for (gsize j = 1; j <= m; j++)
        {
          guint change = above[j - 1] + (a[i - 1] != b[j - 1]);

          row[j] = MIN (MIN (above[j], row[j - 1]) + 1, change);
          if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = MIN (row[j], above2[j - 2] + 1);
        }
    }
  return rows[(n + 1) % 3][m];
}

/* The command that @word was probably meant to be, or NULL. */
static const char *
nearest_command (const char *word)
{
  const char *best = NULL;
  guint best_distance = 3;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      guint distance = edit_distance (word, commands[i].name);

      if (word[0] != '\0' && g_str_has_prefix (commands[i].name, word))
        distance = 0;
      if (distance < best_distance && distance < strlen (commands[i].name))
        {
          best = commands[i].name;
          best_distance = distance;
        }
    }
  return best;
}

static int
run_command (const char *name, int argc, char **argv)
{
  const char *nearest;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (name, commands[i].name))
      return commands[i].run (argc, argv);
  nearest = nearest_command (name);
  if (nearest != NULL)
    ms_complain ("there is no command \"%s\"; did you mean \"%s\"?", name, nearest);
  else
    ms_complain ("there is no command \"%s\"; `memscope help` lists them", name);
  return MS_EXIT_USAGE;
}

static int
command_help (int argc, char **argv)
{
  if (argc < 2 || g_str_equal (argv[1], "help") || argv[1][0] == '-')
    {
      print_usage ();
      return MS_EXIT_OK;
    }
  char *arguments[] = { argv[1], (char[]) { "--help" }, NULL };

  return run_command (argv[1], 2, arguments);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  ms_terminal_begin ();
  if (argc < 2)
    {
      ms_complain ("which command?  `memscope help` lists them");
      return MS_EXIT_USAGE;
    }
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h"))
    {
      print_usage ();
      return MS_EXIT_OK;
    }
  if (g_str_equal (argv[1], "--version"))
    {
      g_print ("memscope %s\n", MEMSCOPE_VERSION);
      return MS_EXIT_OK;
    }
  if (argv[1][0] == '-')
    {
      ms_complain ("unknown option \"%s\" (see memscope --help)", argv[1]);
      return MS_EXIT_USAGE;
    }
  return run_command (argv[1], argc - 1, argv + 1);
}
