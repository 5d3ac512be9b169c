/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Recordings of several processes: their tree, and the button that chooses between them. */
#include "ms-process-button.h"
#include "ms-process-tree.h"
#include "ms-sparkline.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <glib/gstdio.h>

typedef struct {
  const char *program;
  gint pid, parent_pid;
  guint64 peak_bytes;
} Process;

static void
replace (char **text, const char *old, char *new)
{
  g_auto (GStrv) parts = g_strsplit (*text, old, 2);

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  g_free (*text);
  *text = g_strjoinv (new, parts);
  g_free (new);
}

/* What the builder calls every process by. */
static void
name_process (const char *folder, const Process *process)
{
  g_autofree char *path = g_build_filename (folder, "memscope_trace.json", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  replace (&text, "\"pid\":999999", g_strdup_printf ("\"pid\":%d", process->pid));
  replace (&text, "\"parent_pid\":1", g_strdup_printf ("\"parent_pid\":%d", process->parent_pid));
  replace (&text, "[\"victim\"", g_strdup_printf ("[\"%s\"", process->program));
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
add_process (const char *recording, guint number, const Process *process)
{
  g_autofree char *name = g_strdup_printf ("%u-%s.%d", number, process->program, process->pid);
  g_autofree char *folder = g_build_filename (recording, name, NULL);
  g_autoptr (TraceBuilder) b = NULL;

  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  b = trace_builder_new (folder);
  trace_builder_alloc (b, 0, 10, 0x5000, process->peak_bytes, 0);
  trace_builder_free_block (b, 0, 90, 0x5000);
  trace_builder_exit (b, 0, 100, 0);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  name_process (folder, process);
}

/* make runs two shells; the first runs a compiler, and becomes another program after it. */
static char *
new_recording (void)
{
  static const Process PROCESSES[] = {
    { "make", 10, 1, 4000 }, { "sh", 11, 10, 5000 },  { "sh", 12, 10, 1000 },
    { "cc", 13, 11, 2000 },  { "env", 11, 10, 3000 },
  };
  static const char list[] =
      "{\"version\":1,\"processes\":["
      "{\"pid\":14,\"parent_pid\":12,\"program\":\"su\",\"not_followed\":\"setuid\"}]}";
  char *folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "memscope_recording.json", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (PROCESSES); i++)
    add_process (folder, i, &PROCESSES[i]);
  g_assert_true (g_file_set_contents (path, list, -1, NULL));
  return folder;
}

static void
test_tree (void)
{
  static const struct {
    const char *program;
    guint depth;
  } EXPECTED[] = {
    { "make", 0 }, { "sh", 1 }, { "cc", 2 }, { "sh", 1 }, { "su", 2 }, { "env", 1 }
  };
  g_autofree char *folder = new_recording ();
  g_autoptr (GError) error = NULL;
  g_autoptr (MsRecording) recording = ms_recording_open (folder, NULL, &error);
  g_autoptr (GArray) nodes = NULL;
  guint64 bins[8];

  g_assert_no_error (error);
  nodes = ms_process_tree_new (recording);
  g_assert_cmpuint (nodes->len, ==, G_N_ELEMENTS (EXPECTED));
  for (guint i = 0; i < nodes->len; i++)
    {
      const MsProcessNode *node = &g_array_index (nodes, MsProcessNode, i);

      g_assert_cmpstr (ms_recording_get_process (recording, node->process)->program, ==,
                       EXPECTED[i].program);
      g_assert_cmpuint (node->depth, ==, EXPECTED[i].depth);
    }
  g_assert_true (ms_process_load_curve (ms_recording_get_process (recording, 0), 8, bins, NULL));
  g_assert_cmpuint (bins[4], ==, 4000);
  g_assert_cmpuint (bins[7], ==, 4000); /* until 90 of 100 */
  g_assert_false (ms_process_load_curve (ms_recording_get_process (recording, 5), 8, bins, NULL));
  test_folder_remove (folder);
}

static guint
count_curves (GtkWidget *root)
{
  guint n = MS_IS_SPARKLINE (root) && ms_sparkline_get_n_bins (MS_SPARKLINE (root)) > 0;

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_curves (child);
  return n;
}

static gboolean
has_curves (gpointer list)
{
  return count_curves (list) == 5;
}

static gboolean
shows_make (gpointer window)
{
  MsDocument *document = ms_window_get_document (window);

  return window_test_is_settled (window) && document != NULL
         && ms_document_get_process (document) == 0;
}

static gboolean
open_and_see (MsWindow *window, const char *folder)
{
  GtkWidget *button = widget_test_find (GTK_WIDGET (window), MS_TYPE_PROCESS_BUTTON);

  ms_window_open (window, folder);
  widget_test_wait (window_test_is_settled, window);
  widget_test_wait_frames (GTK_WIDGET (window), 2);
  return gtk_widget_get_mapped (button);
}

/* It is there whenever there is more than one, whatever was open before. */
static void
test_button (void)
{
  g_autofree char *several = new_recording ();
  g_autofree char *one = window_test_new_trace ();
  MsWindow *window = window_test_open (one);
  GtkWidget *button = widget_test_find (GTK_WIDGET (window), MS_TYPE_PROCESS_BUTTON);

  g_assert_false (gtk_widget_get_mapped (button));
  g_assert_true (open_and_see (window, several));
  g_assert_false (open_and_see (window, one));
  g_assert_true (open_and_see (window, several));
  g_assert_cmpuint (ms_document_get_process (ms_window_get_document (window)), ==, 1);

  GtkWidget *menu = widget_test_find (button, GTK_TYPE_MENU_BUTTON);
  GtkWidget *list =
      widget_test_find (GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (menu))),
                        GTK_TYPE_LIST_BOX);
  gtk_menu_button_popup (GTK_MENU_BUTTON (menu));
  widget_test_wait (has_curves, list);
  g_assert_nonnull (widget_test_find_label (list, "4.00\u202fkB"));
  g_assert_nonnull (widget_test_find_label (list, "not followed: setuid"));
  g_signal_emit_by_name (list, "row-activated",
                         gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0));
  widget_test_wait (shows_make, window);
  g_assert_true (gtk_widget_get_mapped (button));
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (several);
  test_folder_remove (one);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/processes/tree", test_tree);
  g_test_add_func ("/processes/button", test_button);
  return g_test_run ();
}
