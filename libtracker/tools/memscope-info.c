/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope info DIR: what a folder says about itself and whether its bytes are sound: the process
 * list of a recording, then for the chosen process its manifest, member by member, and its files.
 *
 * The figures come from the files one by one and not from the loader, so that this still answers
 * where `memscope report` cannot.  The loader is asked all the same what it misses: a file that is
 * gone leaves no damaged byte behind.
 */
#include <json-glib/json-glib.h>

#include "memscope-commands.h"
#include "ms-command-line.h"
#include "ms-file-health.h"
#include "ms-folder-options.h"
#include "ms-report-text.h"
#include "ms-table.h"
#include "ms-terminal-text.h"

/* A manifest is a page of text; json-glib recurses, so depth is bounded before it parses. */
#define MAX_MANIFEST_BYTES (1U << 20)
#define MAX_JSON_DEPTH 32U

/* --- manifest -------------------------------------------------------------------------------- */

static gboolean
nests_too_deep (const char *text)
{
  guint depth = 0;
  gboolean in_string = FALSE;

  for (const char *p = text; *p != '\0'; p++)
    {
      if (in_string && *p == '\\' && p[1] != '\0')
        p++;
      else if (*p == '"')
        in_string = !in_string;
      else if (!in_string && (*p == '{' || *p == '['))
        depth++;
      else if (!in_string && (*p == '}' || *p == ']') && depth > 0)
        depth--;
      if (depth > MAX_JSON_DEPTH)
        return TRUE;
    }
  return FALSE;
}

static char *
dup_value (JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return json_to_string (node, FALSE);
}

/* "configuration.stack_depth  32": objects are walked, everything else is one row. */
static void
add_members (MsTable *table, JsonObject *object, const char *prefix)
{
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *node = json_object_get_member (object, l->data);
      g_autofree char *name = g_strconcat (prefix, (char *) l->data, NULL);

      if (JSON_NODE_HOLDS_OBJECT (node))
        {
          g_autofree char *inner = g_strconcat (name, ".", NULL);

          add_members (table, json_node_get_object (node), inner);
          continue;
        }
      ms_table_add (table, MS_STYLE_PLAIN, g_steal_pointer (&name));
      ms_table_add (table, MS_STYLE_PLAIN, dup_value (node));
    }
}

static void
append_manifest (GString *out, const MsTerminal *terminal, const char *folder)
{
  /* Where both do not fit, the beginnings of both. */
  const MsColumn columns[] = { { "MANIFEST", FALSE, terminal->width < 60, 0 },
                               { "", FALSE, TRUE, 0 } };
  g_autofree char *path = g_build_filename (folder, TRK_MANIFEST_FILE_NAME, NULL);
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize n_bytes = 0;
  JsonNode *root;

  if (!g_file_get_contents (path, &text, &n_bytes, &error)
      || (n_bytes <= MAX_MANIFEST_BYTES && !nests_too_deep (text)
          && !json_parser_load_from_data (parser, text, (gssize) n_bytes, &error)))
    {
      g_autofree char *clean = ms_terminal_text_clean (error->message);

      g_string_append_printf (out, "  no manifest: %s\n\n", clean);
      return;
    }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_string_append (out, "  no manifest: " TRK_MANIFEST_FILE_NAME " is not one\n\n");
      return;
    }
  add_members (table, json_node_get_object (root), "");
  ms_table_print (table, terminal, out);
  g_string_append_c (out, '\n');
}

/* --- files ----------------------------------------------------------------------------------- */

static char *
dup_note (const MsFileHealth *file)
{
  if (file->problem != NULL)
    return g_strdup (file->problem);
  if (file->window_bytes > 0)
    {
      g_autofree char *bytes = ms_format_bytes (file->window_bytes);

      return g_strdup_printf ("%s in windows, not yet in a file", bytes);
    }
  if (file->is_gone)
    return g_strdup ("a link that leads nowhere");
  if (file->is_cut)
    return g_strdup ("its last block is cut off");
  if (file->kind == NULL)
    return g_strdup ("not Memscope's");
  return g_strdup ("");
}

static void
append_files (GString *out, const MsTerminal *terminal, GPtrArray *files)
{
  static const MsColumn columns[] = {
    { "FILE", FALSE, TRUE, 0 },   { "KIND", FALSE, FALSE, 2 },   { "SIZE", TRUE, FALSE, 1 },
    { "BLOCKS", TRUE, FALSE, 0 }, { "DAMAGED", TRUE, FALSE, 0 }, { "RECORDS", TRUE, FALSE, 1 },
    { "", FALSE, FALSE, 3 },
  };
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));

  for (guint i = 0; i < files->len; i++)
    {
      const MsFileHealth *file = g_ptr_array_index (files, i);
      gboolean is_bad = file->n_damaged > 0 || file->problem != NULL;
      MsStyle style = is_bad ? MS_STYLE_RED : MS_STYLE_PLAIN;

      ms_table_add (table, style, g_strdup (file->name));
      ms_table_add (table, style, g_strdup (file->kind != NULL ? file->kind : "–"));
      ms_table_add (table, style, ms_format_bytes (file->size_bytes));
      ms_table_add (table, style,
                    file->has_blocks ? ms_format_count (file->n_blocks) : g_strdup ("–"));
      ms_table_add (table, style,
                    file->has_blocks ? ms_format_count (file->n_damaged) : g_strdup ("–"));
      ms_table_add (table, style,
                    file->n_records > 0 ? ms_format_count (file->n_records) : g_strdup ("–"));
      ms_table_add (table, style, dup_note (file));
    }
  ms_table_print (table, terminal, out);
}

typedef struct {
  guint n_damages, n_warnings;
} Findings;

/* What a load of the folder finds missing or wrong, one line each.  Of the events themselves: a summary
 * says how they were when it was written. */
static Findings
append_findings (GString *out, const MsTerminal *terminal, const char *folder)
{
  Findings findings = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace =
      ms_trace_load_full (folder, MS_LOAD_WITHOUT_CACHE, NULL, NULL, NULL, &error);
  GPtrArray *diagnostics = trace != NULL ? ms_trace_get_diagnostics (trace) : NULL;

  if (trace == NULL)
    {
      g_autofree char *clean = ms_terminal_text_clean (error->message);

      findings.n_damages += !g_error_matches (error, MS_ERROR, MS_ERROR_EMPTY);
      g_string_append_printf (out, "  %s\n", clean);
    }
  for (guint i = 0; diagnostics != NULL && i < diagnostics->len; i++)
    {
      const MsDiagnostic *diagnostic = g_ptr_array_index (diagnostics, i);

      if (diagnostic->level == MS_DIAGNOSTIC_INFO)
        continue;
      findings.n_damages += diagnostic->level == MS_DIAGNOSTIC_DAMAGE;
      findings.n_warnings += diagnostic->level == MS_DIAGNOSTIC_WARNING;
      ms_report_text_diagnostic (out, terminal, diagnostic);
    }
  return findings;
}

/* One sentence under the table.  FALSE: something is damaged or missing. */
static gboolean
append_verdict (GString *out, const MsTerminal *terminal, GPtrArray *files, Findings findings)
{
  guint64 n_bytes = 0, n_events = 0, n_damaged = 0;
  guint n_problems = 0;
  g_autofree char *bytes = NULL, *events = NULL, *damage = NULL;

  for (guint i = 0; i < files->len; i++)
    {
      const MsFileHealth *file = g_ptr_array_index (files, i);

      n_bytes += file->size_bytes;
      n_damaged += file->n_damaged;
      n_problems += file->problem != NULL;
      if (g_strcmp0 (file->kind, "events") == 0)
        n_events += file->n_records;
    }
  bytes = ms_format_bytes (n_bytes);
  events = ms_format_count (n_events);
  g_string_append_printf (out, "  %u file%s, %s, %s event%s in whole blocks; ", files->len,
                          ms_plural (files->len), bytes, events, ms_plural (n_events));
  if (n_damaged == 0 && n_problems == 0 && findings.n_damages == 0)
    {
      g_string_append (out, findings.n_warnings == 0 ? "nothing is damaged\n"
                                                     : "no file is damaged, but see above\n");
      return TRUE;
    }
  if (n_damaged == 0 && n_problems == 0)
    damage = g_strdup ("something is damaged or missing, see above");
  else
    damage = g_strdup_printf ("%" G_GUINT64_FORMAT " damaged place%s, %u file%s with a problem",
                              n_damaged, n_damaged == 1 ? "" : "s", n_problems,
                              n_problems == 1 ? "" : "s");
  ms_terminal_append (terminal, out, MS_STYLE_RED, damage);
  g_string_append_c (out, '\n');
  return FALSE;
}

/* FALSE: there is nothing of ours in @folder, or it cannot be read.  @is_sound gets FALSE if something
 * is damaged; if it is already, no verdict here may deny that. */
static gboolean
append_folder (GString *out,
               const MsTerminal *terminal,
               const char *folder,
               gboolean *is_sound,
               GError **error)
{
  g_autoptr (GPtrArray) files = ms_file_health_scan (folder, error);
  g_autofree char *clean = ms_terminal_text_clean (folder);
  gboolean is_ours = FALSE;
  Findings findings;

  for (guint i = 0; files != NULL && i < files->len; i++)
    is_ours |=
        g_str_has_prefix (((MsFileHealth *) g_ptr_array_index (files, i))->name, "memscope_");
  if (!is_ours)
    return FALSE;
  ms_terminal_append (terminal, out, MS_STYLE_BOLD, clean);
  g_string_append_c (out, '\n');
  append_manifest (out, terminal, folder);
  append_files (out, terminal, files);
  findings = append_findings (out, terminal, folder);
  findings.n_damages += !*is_sound;
  *is_sound = append_verdict (out, terminal, files, findings);
  return TRUE;
}

/* A file that another program wrote: it has no files in it, but may be cut or damaged as they may. */
static gboolean
append_imported (GString *out, const MsTerminal *terminal, const char *path, gboolean is_sound)
{
  g_autofree char *clean = ms_terminal_text_clean (path);
  Findings findings;

  ms_terminal_append (terminal, out, MS_STYLE_BOLD, clean);
  g_string_append_c (out, '\n');
  findings = append_findings (out, terminal, path);
  if (findings.n_damages > 0 || !is_sound)
    ms_terminal_append (terminal, out, MS_STYLE_RED,
                        "  something is damaged or missing, see above\n");
  else
    g_string_append (out, "  a data file of another profiler; nothing in it is damaged\n");
  return findings.n_damages == 0 && is_sound;
}

static gboolean
append_process (GString *out,
                const MsTerminal *terminal,
                const MsProcess *process,
                gboolean is_sound)
{
  g_autoptr (GError) error = NULL;

  if (process->folder == NULL || process->not_followed != NULL)
    return is_sound; /* the list of processes says why */
  if (g_file_test (process->folder, G_FILE_TEST_IS_REGULAR))
    return append_imported (out, terminal, process->folder, is_sound);
  if (append_folder (out, terminal, process->folder, &is_sound, &error))
    return is_sound;
  ms_complain ("%s: %s", process->folder,
               error != NULL ? error->message : "none of its files is Memscope's");
  return FALSE;
}

/* The list's damages, which were complained about, belong to what is printed too. */
static gboolean
append_list_damage (GString *out, const MsTerminal *terminal, GPtrArray *diagnostics)
{
  gboolean is_sound = TRUE;

  for (guint i = 0; i < diagnostics->len; i++)
    {
      const MsDiagnostic *diagnostic = g_ptr_array_index (diagnostics, i);

      if (diagnostic->level != MS_DIAGNOSTIC_DAMAGE)
        continue;
      ms_report_text_diagnostic (out, terminal, diagnostic);
      is_sound = FALSE;
    }
  return is_sound;
}

static gboolean
parse (MsFolderOptions *options, int *argc, char ***argv)
{
  g_autoptr (GOptionContext) context =
      ms_command_line_new ("info", "DIR", NULL,
                           "Prints what a recording says about itself, and whether its files are "
                           "sound.",
                           "DIR is a recording or the trace folder of one process in it.\n\n"
                           "Exit status: 0 if everything is sound; 1 if something is damaged or "
                           "missing, or\nDIR cannot be read; 2 for wrong usage.");

  ms_folder_options_add (options, context);
  return ms_command_line_parse (context, argc, argv);
}

int
ms_command_info (int argc, char **argv)
{
  g_auto (MsFolderOptions) options = { 0 };
  g_autoptr (MsSelection) selection = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean is_good = TRUE, is_list_sound = TRUE;
  const char *folder;
  MsTerminal terminal;
  int status;

  if (!parse (&options, &argc, &argv))
    return MS_EXIT_USAGE;
  folder = ms_folder_options_get (&options, "info", &terminal);
  if (folder == NULL)
    return MS_EXIT_USAGE;
  selection = ms_selection_open (folder, options.process, &status);
  if (selection == NULL)
    {
      /* The loader has said why; the files may still tell something. */
      if (options.process == NULL && append_folder (out, &terminal, folder, &is_list_sound, NULL))
        ms_terminal_write (out);
      return status;
    }
  is_list_sound =
      append_list_damage (out, &terminal, ms_recording_get_diagnostics (selection->recording));
  ms_report_text_processes (out, &terminal, selection->recording,
                            selection->is_all ? G_MAXUINT
                                              : g_array_index (selection->indices, guint, 0),
                            TRUE);
  for (guint i = 0; i < selection->indices->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, '\n');
      is_good =
          append_process (out, &terminal, ms_selection_get_process (selection, i), is_list_sound)
          && is_good;
    }
  return ms_terminal_write (out) && is_good ? MS_EXIT_OK : MS_EXIT_FAILURE;
}
