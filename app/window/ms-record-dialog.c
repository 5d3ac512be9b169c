/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-record-dialog.h"
#include "ms-chooser.h"
#include "ms-display-name.h"
#include "ms-host-access.h"
#include "ms-request.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* What is shown of a program that never stops talking: its latest. */
#define MOST_OUTPUT_CHARS 200000
#define READ_BYTES 4096

struct _MsRecordDialog {
  AdwWindow parent_instance;

  GtkWidget *pages, *command, *working, *output, *threads, *depth, *problem;
  GtkWidget *title, *text, *record, *stop, *instructions;
  GByteArray *unfinished; /* read, and not yet a whole character */
  MsHostAccess *host;     /* NULL: we are not in a sandbox */
  char *memscope;         /* NULL: not found */
  char *working_folder;   /* NULL: the user's */
  char *output_folder;    /* chosen; NULL: made from the program's name and the time */
  char *recording_folder; /* while it runs */
  GSubprocess *process;   /* while it runs */
  GCancellable *cancellable;
  gboolean was_stopped, has_ended, is_read;
};

G_DEFINE_FINAL_TYPE (MsRecordDialog, ms_record_dialog, ADW_TYPE_WINDOW)

static guint recorded_signal;

char *
ms_record_dialog_find_memscope (void)
{
  static const char *const PLACES[] = { "memscope", "../libtracker/tools/memscope" };
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;

  for (guint i = 0; folder != NULL && i < G_N_ELEMENTS (PLACES); i++)
    {
      g_autofree char *path = g_build_filename (folder, PLACES[i], NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE) && !g_file_test (path, G_FILE_TEST_IS_DIR))
        return g_canonicalize_filename (path, NULL);
    }
  return g_find_program_in_path ("memscope");
}

/* --- what is said --- */

static void
show_problem (MsRecordDialog *self, const char *message)
{
  gtk_label_set_text (GTK_LABEL (self->problem), message != NULL ? message : "");
  gtk_widget_set_visible (self->problem, message != NULL);
}

/* How many bytes at the end of @bytes begin a character whose rest is yet to come. */
static gsize
count_unfinished (const char *bytes, gsize n_bytes)
{
  for (gsize back = 1; back <= MIN (n_bytes, 3); back++)
    {
      const char *at = bytes + n_bytes - back;

      if (((guchar) *at & 0xc0) != 0x80) /* where a character begins: all of it or not */
        return g_utf8_get_char_validated (at, (gssize) back) == (gunichar) -2 ? back : 0;
    }
  return 0;
}

/* A piece of what is read may end within a character; the last one does not wait. */
static void
append_output (MsRecordDialog *self, const char *bytes, gsize n_bytes, gboolean is_last)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text));
  g_autofree char *valid = NULL;
  GtkTextIter start, end;
  gsize n_whole;

  g_byte_array_append (self->unfinished, (const guint8 *) bytes, (guint) n_bytes);
  bytes = (const char *) self->unfinished->data;
  n_whole = self->unfinished->len - (is_last ? 0 : count_unfinished (bytes, self->unfinished->len));
  valid = g_utf8_make_valid (bytes != NULL ? bytes : "", (gssize) n_whole);
  g_byte_array_remove_range (self->unfinished, 0, (guint) n_whole);

  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_insert (buffer, &end, valid, -1);
  if (gtk_text_buffer_get_char_count (buffer) > MOST_OUTPUT_CHARS)
    {
      gtk_text_buffer_get_start_iter (buffer, &start);
      gtk_text_buffer_get_iter_at_offset (buffer, &end,
                                          gtk_text_buffer_get_char_count (buffer)
                                              - MOST_OUTPUT_CHARS / 2);
      gtk_text_buffer_delete (buffer, &start, &end);
    }
}

/* The latest line stays in sight, at once: GTK 4.8 disconnects a handler twice when a text view
 * goes out of sight while its scrolling is still animated. */
static void
follow_end_cb (GtkAdjustment *adjustment)
{
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
}

static void
set_running (MsRecordDialog *self, gboolean running)
{
  gtk_stack_set_visible_child_name (GTK_STACK (self->pages), running ? "output" : "form");
  gtk_widget_set_visible (self->record, !running);
  gtk_widget_set_visible (self->stop, running);
  const char *title = running ? _ ("Recording…") : _ ("Record a Program");

  adw_window_title_set_title (ADW_WINDOW_TITLE (self->title), title);
  gtk_window_set_title (GTK_WINDOW (self), title);
}

/* --- while it runs --- */

/* A recording, or a folder with traces in it, which is what a program leaves that was recorded without us. */
static gboolean
has_trace (const char *folder)
{
  g_autofree char *recording = g_build_filename (folder, "memscope_recording.json", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  if (g_file_test (recording, G_FILE_TEST_EXISTS))
    return TRUE;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *trace = g_build_filename (folder, name, "memscope_trace.json", NULL);

      if (g_file_test (trace, G_FILE_TEST_EXISTS))
        return TRUE;
    }
  return FALSE;
}

/* What the last lines said is the reason. */
static char *
dup_last_line (MsRecordDialog *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text));
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  g_autofree char *text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  g_strchomp (text);
  const char *line = strrchr (text, '\n');
  line = line != NULL ? line + 1 : text;
  return *line != '\0' ? ms_display_text (line, 300)
                       : g_strdup (_ ("The program left no trace and said nothing."));
}

/* It has ended, and all that it said was read. */
static void
say_why_no_trace (MsRecordDialog *self)
{
  g_autofree char *reason = NULL;

  if (!self->has_ended || !self->is_read)
    return;
  reason = dup_last_line (self);
  set_running (self, FALSE);
  show_problem (self, reason);
}

static void read_more (MsRecordDialog *self, GInputStream *stream);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsRecordDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (bytes != NULL && g_bytes_get_size (bytes) > 0)
    {
      append_output (self, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), FALSE);
      read_more (self, G_INPUT_STREAM (source));
      return;
    }
  append_output (self, "", 0, TRUE);
  self->is_read = TRUE;
  say_why_no_trace (self);
}

static void
read_more (MsRecordDialog *self, GInputStream *stream)
{
  g_input_stream_read_bytes_async (stream, READ_BYTES, G_PRIORITY_DEFAULT, self->cancellable,
                                   read_cb, g_object_ref (self));
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsRecordDialog) self = user_data;

  if (!g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL)
      || self->process != G_SUBPROCESS (source))
    return;
  g_clear_object (&self->process);
  self->has_ended = TRUE;
  if (!has_trace (self->recording_folder))
    {
      say_why_no_trace (self);
      return;
    }
  g_signal_emit (self, recorded_signal, 0, self->recording_folder);
  gtk_window_destroy (GTK_WINDOW (self));
}

/* --- start and stop --- */

static char *
dup_output_folder (MsRecordDialog *self, const char *program)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%d-%H%M%S");
  g_autofree char *base = g_path_get_basename (program);
  g_autofree char *name = g_strdup_printf ("%s-%s", base, time);

  if (self->output_folder != NULL)
    return g_build_filename (self->output_folder, name, NULL);
  return g_build_filename (g_get_user_data_dir (), "memscope", name, NULL);
}

/* (transfer full), or NULL with what is wrong shown. */
static char **
dup_arguments (MsRecordDialog *self)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) command = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *threads = gtk_editable_get_text (GTK_EDITABLE (self->threads));
  g_autofree char *depth =
      g_strdup_printf ("%d", gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->depth)));
  const char *line = gtk_editable_get_text (GTK_EDITABLE (self->command));

  if (!g_shell_parse_argv (line, NULL, &command, &error))
    {
      show_problem (self, *line == '\0' ? _ ("Say what to run.") : error->message);
      return NULL;
    }
  g_free (self->recording_folder);
  self->recording_folder = dup_output_folder (self, command[0]);
  g_autofree char *parent = g_path_get_dirname (self->recording_folder);
  g_mkdir_with_parents (parent, 0700);
  if (self->host != NULL)
    {
      g_mkdir (self->recording_folder, 0700);
      return ms_host_access_build_arguments (self->host, (const char *const *) command,
                                             self->working_folder != NULL ? self->working_folder
                                                                          : g_get_home_dir (),
                                             self->recording_folder, threads,
                                             (guint) gtk_spin_button_get_value_as_int (
                                                 GTK_SPIN_BUTTON (self->depth)));
    }
  g_strv_builder_add_many (builder, self->memscope, "record", "-o", self->recording_folder,
                           "--stack-depth", depth, NULL);
  if (*threads != '\0')
    g_strv_builder_add_many (builder, "--threads", threads, NULL);
  g_strv_builder_add (builder, "--");
  g_strv_builder_addv (builder, (const char **) command);
  return g_strv_builder_end (builder);
}

static void
record_cb (MsRecordDialog *self)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr (GError) error = NULL;

  show_problem (self, NULL);
  if (self->process != NULL || !gtk_widget_get_sensitive (self->record))
    return;
  g_auto (GStrv) arguments = dup_arguments (self);
  if (arguments == NULL)
    return;
  if (self->host == NULL)
    g_subprocess_launcher_set_cwd (launcher, self->working_folder != NULL ? self->working_folder
                                                                          : g_get_home_dir ());
  self->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) arguments, &error);
  if (self->process == NULL)
    {
      show_problem (self, error->message);
      return;
    }
  self->was_stopped = self->has_ended = self->is_read = FALSE;
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text)), "", 0);
  set_running (self, TRUE);
  gtk_widget_grab_focus (self->stop);
  read_more (self, g_subprocess_get_stdout_pipe (self->process));
  g_subprocess_wait_async (self->process, self->cancellable, ended_cb, g_object_ref (self));
}

/* As Ctrl+C would; whoever does not listen is made to go the second time. */
static void
stop_cb (MsRecordDialog *self)
{
  if (self->process == NULL)
    return;
  g_subprocess_send_signal (self->process, self->was_stopped ? SIGKILL : SIGTERM);
  self->was_stopped = TRUE;
}

/* --- folders --- */

static void
take_folder (char **kept, GtkWidget *row, GFile *folder)
{
  g_autofree char *name = NULL;

  g_free (*kept);
  *kept = g_file_get_path (folder);
  if (*kept == NULL)
    return;
  name = g_filename_display_name (*kept);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), name);
}

static void
working_chosen_cb (GtkWidget *widget, GFile *folder, GtkFileChooser *chooser, gpointer user_data)
{
  MsRecordDialog *self = MS_RECORD_DIALOG (widget);

  take_folder (&self->working_folder, self->working, folder);
}

static void
output_chosen_cb (GtkWidget *widget, GFile *folder, GtkFileChooser *chooser, gpointer user_data)
{
  MsRecordDialog *self = MS_RECORD_DIALOG (widget);

  take_folder (&self->output_folder, self->output, folder);
}

static void
choose_folder (MsRecordDialog *self, const char *title, MsChooserAnswer chosen)
{
  GtkWidget *widget = GTK_WIDGET (self);

  ms_chooser_ask (ms_chooser_new (widget, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, title,
                                  _ ("_Select")),
                  widget, chosen, NULL, NULL);
}

static void
choose_working_cb (MsRecordDialog *self)
{
  choose_folder (self, _ ("Folder to Run In"), working_chosen_cb);
}

static void
choose_output_cb (MsRecordDialog *self)
{
  choose_folder (self, _ ("Folder for Traces"), output_chosen_cb);
}

/* --- the window --- */

static void
ms_record_dialog_dispose (GObject *object)
{
  MsRecordDialog *self = MS_RECORD_DIALOG (object);

  /* Nobody would see what it says, or stop it. */
  if (self->process != NULL)
    g_subprocess_send_signal (self->process, SIGTERM);
  g_clear_object (&self->process);
  ms_request_cancel (&self->cancellable);
  G_OBJECT_CLASS (ms_record_dialog_parent_class)->dispose (object);
}

static void
ms_record_dialog_finalize (GObject *object)
{
  MsRecordDialog *self = MS_RECORD_DIALOG (object);

  g_clear_pointer (&self->host, ms_host_access_free);
  g_byte_array_unref (self->unfinished);
  g_free (self->memscope);
  g_free (self->working_folder);
  g_free (self->output_folder);
  g_free (self->recording_folder);
  G_OBJECT_CLASS (ms_record_dialog_parent_class)->finalize (object);
}

static void
ms_record_dialog_class_init (MsRecordDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ms_record_dialog_dispose;
  object_class->finalize = ms_record_dialog_finalize;
  recorded_signal = g_signal_new ("recorded", MS_TYPE_RECORD_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/memscope/Memscope/ui/ms-record-dialog.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, MsRecordDialog, child)
  BIND (pages);
  BIND (command);
  BIND (working);
  BIND (output);
  BIND (threads);
  BIND (depth);
  BIND (problem);
  BIND (title);
  BIND (text);
  BIND (record);
  BIND (stop);
  BIND (instructions);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, record_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_working_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_output_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ms_record_dialog_init (MsRecordDialog *self)
{
  self->cancellable = g_cancellable_new ();
  self->unfinished = g_byte_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->text)), "changed",
                    G_CALLBACK (follow_end_cb), NULL);
}

/* A program of the host, which has to be allowed first. */
static void
show_instructions (MsRecordDialog *self, const char *folder)
{
  g_autofree char *below = g_build_filename (folder, "PROGRAM", NULL);
  g_autofree char *permit = ms_host_access_dup_permit_line (self->host);
  g_autofree char *record = ms_host_access_dup_record_line (self->host, below);
  /* Translators: %s are command lines for a terminal, each on lines of its own. */
  g_autofree char *text = g_strdup_printf (
      _ ("Memscope runs in a sandbox, which may not start programs of the system.\n\n"
         "To allow it, run this in a terminal and start Memscope again:\n\n%s\n\n"
         "Or record there, with your program for PROGRAM, and open the folder here:\n\n%s"),
      permit, record);

  gtk_label_set_text (GTK_LABEL (self->instructions), text);
  gtk_widget_set_visible (self->instructions, TRUE);
}

GtkWindow *
ms_record_dialog_new (GtkWindow *parent, const char *memscope)
{
  MsRecordDialog *self =
      g_object_new (MS_TYPE_RECORD_DIALOG, "transient-for", parent, "modal", parent != NULL, NULL);
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "memscope", NULL);
  g_autofree char *shown = g_filename_display_name (folder);
  g_autofree char *home = g_filename_display_name (g_get_home_dir ());

  self->memscope = g_strdup (memscope);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->output), shown);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->working), home);
  self->host = ms_host_access_new ("/.flatpak-info");
  if (self->host != NULL)
    {
      if (!ms_host_access_is_allowed (self->host))
        show_instructions (self, folder);
      gtk_widget_set_sensitive (self->record, ms_host_access_is_allowed (self->host));
      set_running (self, FALSE);
      return GTK_WINDOW (self);
    }
  if (memscope == NULL)
    show_problem (self, _ ("The program “memscope”, which records, was not found: install it, or "
                           "put it on the PATH."));
  gtk_widget_set_sensitive (self->record, memscope != NULL);
  set_running (self, FALSE);
  return GTK_WINDOW (self);
}

void
ms_record_dialog_set_command (MsRecordDialog *self, const char *command, const char *output)
{
  g_return_if_fail (MS_IS_RECORD_DIALOG (self));

  gtk_editable_set_text (GTK_EDITABLE (self->command), command);
  if (output == NULL)
    return;
  g_free (self->output_folder);
  self->output_folder = g_strdup (output);
}
