/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Recording from the window: a real program, one that is not there, and one that is stopped. */
#include "ms-record-dialog.h"
#include "trace-builder.h"
#include "widget-test.h"

#include <glib/gstdio.h>
#include <string.h>

static const char *memscope;

typedef struct {
  char *folder; /* what was recorded */
  GtkWindow *dialog;
} Heard;

static void
recorded_cb (GtkWindow *dialog, const char *folder, Heard *heard)
{
  heard->folder = g_strdup (folder);
}

static gboolean
is_gone (gpointer data)
{
  return ((Heard *) data)->dialog == NULL;
}

static void
open_dialog (Heard *heard, const char *command, const char *output)
{
  heard->dialog = ms_record_dialog_new (NULL, memscope);
  g_object_add_weak_pointer (G_OBJECT (heard->dialog), (gpointer *) &heard->dialog);
  g_signal_connect (heard->dialog, "recorded", G_CALLBACK (recorded_cb), heard);
  ms_record_dialog_set_command (MS_RECORD_DIALOG (heard->dialog), command, output);
  gtk_window_present (heard->dialog);
  widget_test_wait_frames (GTK_WIDGET (heard->dialog), 2);
}

static void
click (Heard *heard, const char *name)
{
  GtkWidget *button = widget_test_find_button (GTK_WIDGET (heard->dialog), name);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

static void
test_records (void)
{
  g_autofree char *output = test_folder_new ();
  Heard heard = { 0 };

  open_dialog (&heard, "/bin/sh -c 'echo \"it runs\"; exit 3'", output);
  click (&heard, "Record");
  widget_test_wait (is_gone, &heard);
  g_assert_true (g_str_has_prefix (heard.folder, output));
  g_autofree char *file = g_build_filename (heard.folder, "memscope_recording.json", NULL);
  g_assert_true (g_file_test (file, G_FILE_TEST_IS_REGULAR));
  g_free (heard.folder);
  test_folder_remove (output);
}

static gboolean
has_problem (gpointer data)
{
  return widget_test_find_label (GTK_WIDGET (((Heard *) data)->dialog), "nowhere-at-all") != NULL;
}

/* What cannot be run is said in the form, which is there again. */
static void
test_problem (void)
{
  g_autofree char *output = test_folder_new ();
  Heard heard = { 0 };

  open_dialog (&heard, "", output);
  click (&heard, "Record");
  g_assert_nonnull (widget_test_find_label (GTK_WIDGET (heard.dialog), "Say what to run."));
  ms_record_dialog_set_command (MS_RECORD_DIALOG (heard.dialog), "/nowhere-at-all x", NULL);
  click (&heard, "Record");
  widget_test_wait (has_problem, &heard);
  g_assert_null (heard.folder);
  gtk_window_destroy (heard.dialog);
  widget_test_wait (is_gone, &heard);
  test_folder_remove (output);
}

static gboolean
has_begun (gpointer data)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (data);

  return gtk_text_buffer_get_char_count (buffer) > 0;
}

static void
test_stop (void)
{
  g_autofree char *output = test_folder_new ();
  Heard heard = { 0 };

  open_dialog (&heard, "/bin/sh -c 'echo begun; exec sleep 1000'", output);
  click (&heard, "Record");
  widget_test_wait (has_begun, widget_test_find (GTK_WIDGET (heard.dialog), GTK_TYPE_TEXT_VIEW));
  click (&heard, "Stop");
  widget_test_wait (is_gone, &heard);
  g_assert_nonnull (heard.folder);
  g_free (heard.folder);
  test_folder_remove (output);
}

/* Without the program that records nothing is offered. */
static void
test_no_memscope (void)
{
  GtkWindow *dialog = ms_record_dialog_new (NULL, NULL);

  gtk_window_present (dialog);
  widget_test_wait_frames (GTK_WIDGET (dialog), 2);
  g_assert_nonnull (widget_test_find_label (GTK_WIDGET (dialog), "was not found"));
  g_assert_false (
      gtk_widget_get_sensitive (widget_test_find_button (GTK_WIDGET (dialog), "Record")));
  widget_test_close (dialog);
}

/* A folder may be called what would be markup. */
static void
test_folder_shown (void)
{
  Heard heard = { 0 };

  open_dialog (&heard, "true", NULL);
  g_assert_nonnull (widget_test_find_label (GTK_WIDGET (heard.dialog), g_get_home_dir ()));
  gtk_window_destroy (heard.dialog);
  widget_test_wait (is_gone, &heard);
}

int
main (int argc, char **argv)
{
  g_autofree char *scratch = test_folder_new ();
  g_autofree char *home = g_build_filename (scratch, "R&D <home>", NULL);

  g_assert_no_errno (g_mkdir (home, 0700));
  g_setenv ("HOME", home, TRUE);
  widget_test_init (&argc, &argv);
  g_assert_cmpint (argc, ==, 2);
  g_autofree char *path = g_canonicalize_filename (argv[1], NULL);
  memscope = path;
  g_test_add_func ("/record-dialog/records", test_records);
  g_test_add_func ("/record-dialog/problem", test_problem);
  g_test_add_func ("/record-dialog/stop", test_stop);
  g_test_add_func ("/record-dialog/no-memscope", test_no_memscope);
  g_test_add_func ("/record-dialog/folder-shown", test_folder_shown);
  int status = g_test_run ();
  test_folder_remove (scratch);
  return status;
}
