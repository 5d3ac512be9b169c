/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-application.h"
#include "ms-screenshot.h"
#include "ms-settings.h"
#include "ms-window.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#define EXIT_FAILED 1
#define EXIT_USAGE 2

struct _MsApplication {
  AdwApplication parent_instance;

  GSettings *settings; /* NULL: no schema, defaults */
  MsScreenshotOptions screenshot;
  gboolean dark;
  gboolean has_no_display;
  guint attach_pid;         /* 0: none */
  const char *first_action; /* of the first window, once it is there; NULL: none */
  int exit_status;
};

G_DEFINE_FINAL_TYPE (MsApplication, ms_application, ADW_TYPE_APPLICATION)

/* --- windows --- */

static void
screenshot_done_cb (const char *problem, gpointer user_data)
{
  MsApplication *self = user_data;

  if (problem != NULL)
    {
      g_printerr ("memscope-gui: %s\n", problem);
      self->exit_status = EXIT_FAILED;
    }
  g_application_quit (G_APPLICATION (self));
}

static MsWindow *
open_window (MsApplication *self, const char *path)
{
  MsWindow *window = ms_window_new (ADW_APPLICATION (self),
                                    self->screenshot.output != NULL ? NULL : self->settings);

  if (path != NULL)
    ms_window_open (window, path);
  if (self->screenshot.output != NULL)
    ms_screenshot_take (window, &self->screenshot, screenshot_done_cb, self);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static void
ms_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window != NULL)
    gtk_window_present (window);
  else
    {
      MsWindow *opened = open_window (MS_APPLICATION (application), NULL);

      if (MS_APPLICATION (application)->attach_pid > 0)
        ms_window_attach (opened, MS_APPLICATION (application)->attach_pid);
      if (MS_APPLICATION (application)->first_action != NULL)
        gtk_widget_activate_action (GTK_WIDGET (opened), MS_APPLICATION (application)->first_action,
                                    NULL);
    }
}

/* A window that shows nothing yet takes the first folder. */
static void
ms_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  MsApplication *self = MS_APPLICATION (application);

  for (int i = 0; i < n_files; i++)
    {
      GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (self));
      g_autofree char *path = g_file_get_path (files[i]);

      if (path == NULL)
        path = g_file_get_uri (files[i]);
      if (MS_IS_WINDOW (active) && ms_window_get_state (MS_WINDOW (active)) == MS_WINDOW_WELCOME)
        {
          ms_window_open (MS_WINDOW (active), path);
          gtk_window_present (active);
        }
      else
        open_window (self, path);
    }
}

/* --- actions --- */

static void
new_window_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  open_window (user_data, NULL);
}

/* The action of a window, in the one that is there or a new one: what the launcher offers. */
static void
act_in_window (MsApplication *self, const char *action)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL)
    window = GTK_WINDOW (open_window (self, NULL));
  gtk_window_present (window);
  gtk_widget_activate_action (GTK_WIDGET (window), action, NULL);
}

static void
record_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  act_in_window (user_data, "win.record");
}

static void
attach_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  act_in_window (user_data, "win.attach");
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *parent = gtk_application_get_active_window (user_data);

  adw_show_about_window (parent, "application-name", "Memscope", "application-icon", MS_APP_ID,
                         "version", MEMSCOPE_VERSION, "developer-name",
                         _ ("The Memscope contributors"), "comments",
                         _ ("Shows, thread by thread, what a running program does with memory."),
                         "license-type", GTK_LICENSE_CUSTOM, "license", "MIT OR Apache-2.0", NULL);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  /* Windows are closed one by one, so that each keeps its size; with one its dialogs go, too. */
  GList *windows = g_list_copy (gtk_application_get_windows (user_data));

  for (GList *at = windows; at != NULL; at = at->next)
    g_object_ref (at->data);
  for (GList *at = windows; at != NULL; at = at->next)
    gtk_window_close (at->data);
  g_list_free_full (windows, g_object_unref);
}

static const GActionEntry ACTIONS[] = {
  { .name = "new-window", .activate = new_window_action },
  { .name = "record", .activate = record_action },
  { .name = "attach", .activate = attach_action },
  { .name = "about", .activate = about_action },
  { .name = "quit", .activate = quit_action },
};

static const struct {
  const char *action;
  const char *keys[3];
} SHORTCUTS[] = {
  { "app.new-window", { "<Control>n" } },
  { "app.quit", { "<Control>q" } },
  { "win.open", { "<Control>o" } },
  { "win.preferences", { "<Control>comma" } },
  { "win.record", { "<Control><Shift>r" } },
  { "win.attach", { "<Control><Shift>a" } },
  { "win.mark", { "<Control>m" } },
  { "win.pause", { "<Control><Shift>p" } },
  { "win.export('html')", { "<Control>e" } },
  { "win.export('json')", { "<Control><Shift>e" } },
  { "win.reload", { "<Control>r", "F5" } },
  { "win.search", { "<Control>f" } },
  { "win.copy-csv", { "<Control><Shift>c" } },
  { "win.go-back", { "<Alt>Left", "Back" } },
  { "win.go-forward", { "<Alt>Right", "Forward" } },
  { "win.show-page('overview')", { "<Alt>1" } },
  { "win.show-page('threads')", { "<Alt>2" } },
  { "win.show-page('timeline')", { "<Alt>3" } },
  { "win.show-page('correlation')", { "<Alt>4" } },
  { "win.show-page('memory')", { "<Alt>5" } },
  { "win.show-page('system')", { "<Alt>6" } },
  { "win.show-page('compare')", { "<Alt>7" } },
  { "window.close", { "<Control>w" } },
};

static void
ms_application_startup (GApplication *application)
{
  MsApplication *self = MS_APPLICATION (application);

  G_APPLICATION_CLASS (ms_application_parent_class)->startup (application);
  /* What is looked at outlives the session bus, which GLib would end us with. */
  if (g_application_get_dbus_connection (application) != NULL)
    g_dbus_connection_set_exit_on_close (g_application_get_dbus_connection (application), FALSE);
  self->settings = ms_settings_new ();
  gtk_window_set_default_icon_name (MS_APP_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (self), ACTIONS, G_N_ELEMENTS (ACTIONS), self);
  for (guint i = 0; i < G_N_ELEMENTS (SHORTCUTS); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), SHORTCUTS[i].action,
                                           SHORTCUTS[i].keys);
  if (self->dark)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                        ADW_COLOR_SCHEME_FORCE_DARK);
}

/* --- command line --- */

static const GOptionEntry OPTIONS[] = {
  { "screenshot", 0, 0, G_OPTION_ARG_FILENAME, NULL,
    N_ ("Draw the window, write it to PNG and leave"), N_ ("PNG") },
  { "page", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("With --screenshot: the page to show"),
    N_ ("NAME") },
  { "focus", 0, 0, G_OPTION_ARG_STRING, NULL,
    N_ ("With --screenshot: the thread to focus, by name, tid or id"), N_ ("THREAD") },
  { "size", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("With --screenshot: the window's size"),
    N_ ("WIDTHxHEIGHT") },
  { "dark", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Use the dark style"), NULL },
  /* A GApplication keeps no number that is 0. */
  { "attach", 0, 0, G_OPTION_ARG_STRING, NULL,
    N_ ("Watch a program that is being recorded; 0: choose one"), N_ ("PID") },
  { "record", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Record a program"), NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version"), NULL },
  { NULL },
};

static int
usage_error (const char *message)
{
  g_printerr ("memscope-gui: %s\n", message);
  return EXIT_USAGE;
}

/* −1 where a window can be opened.  GTK itself would only warn, in its own words. */
static gint
check_display (MsApplication *self)
{
  self->has_no_display = !gtk_init_check ();
  if (!self->has_no_display)
    return -1;
  g_printerr ("memscope-gui: %s\n",
              self->screenshot.output != NULL
                  ? _ ("there is no display to draw the window on; run it with “xvfb-run”, or set "
                       "DISPLAY or WAYLAND_DISPLAY")
                  : _ ("there is no display to open a window on; “memscope report DIR” prints the "
                       "figures, and “memscope export DIR” makes a page for a browser"));
  return EXIT_FAILED;
}

static gint
ms_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  MsApplication *self = MS_APPLICATION (application);
  MsScreenshotOptions *shot = &self->screenshot;
  g_autofree char *size = NULL;
  g_autofree char *attach = NULL;

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("memscope-gui %s\n", MEMSCOPE_VERSION);
      return 0;
    }
  self->dark = g_variant_dict_contains (options, "dark");
  g_variant_dict_lookup (options, "screenshot", "^ay", &shot->output);
  if (g_variant_dict_lookup (options, "attach", "s", &attach))
    {
      guint64 pid;

      if (!g_ascii_string_to_unsigned (attach, 10, 0, G_MAXINT, &pid, NULL))
        return usage_error (_ ("--attach: give the number of a process"));
      self->attach_pid = (guint) pid;
      self->first_action = pid == 0 ? "win.attach" : NULL;
    }
  if (g_variant_dict_contains (options, "record"))
    self->first_action = "win.record";
  /* Nothing is told to a process that is there already. */
  if (self->attach_pid > 0 || self->first_action != NULL)
    g_application_set_flags (application,
                             g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  g_variant_dict_lookup (options, "page", "s", &shot->page);
  g_variant_dict_lookup (options, "focus", "s", &shot->focus_thread);
  g_variant_dict_lookup (options, "size", "s", &size);
  if (shot->output == NULL)
    {
      if (shot->page != NULL || shot->focus_thread != NULL || size != NULL)
        return usage_error (_ ("--page, --focus and --size need --screenshot"));
      return check_display (self);
    }
  if (size != NULL && !ms_screenshot_parse_size (size, &shot->width_px, &shot->height_px))
    return usage_error (_ ("--size: give WIDTHxHEIGHT in pixels, from 200 to 8000, as 1400x900"));
  /* Its own process, whatever else is running. */
  g_application_set_flags (application,
                           g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  return check_display (self);
}

static gboolean
ms_application_local_command_line (GApplication *application, char ***arguments, int *exit_status)
{
  gboolean handled = G_APPLICATION_CLASS (ms_application_parent_class)
                         ->local_command_line (application, arguments, exit_status);

  /* GApplication says 1 to what it cannot parse, before it has registered. */
  if (handled && *exit_status == 1 && !g_application_get_is_registered (application)
      && !MS_APPLICATION (application)->has_no_display)
    *exit_status = EXIT_USAGE;
  return handled;
}

static void
ms_application_finalize (GObject *object)
{
  MsApplication *self = MS_APPLICATION (object);

  g_clear_object (&self->settings);
  g_free (self->screenshot.output);
  g_free (self->screenshot.page);
  g_free (self->screenshot.focus_thread);
  G_OBJECT_CLASS (ms_application_parent_class)->finalize (object);
}

static void
ms_application_class_init (MsApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ms_application_finalize;
  application_class->activate = ms_application_activate;
  application_class->open = ms_application_open;
  application_class->startup = ms_application_startup;
  application_class->handle_local_options = ms_application_handle_local_options;
  application_class->local_command_line = ms_application_local_command_line;
}

static void
ms_application_init (MsApplication *self)
{
  g_application_add_main_option_entries (G_APPLICATION (self), OPTIONS);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[FOLDER…]"));
  g_application_set_option_context_summary (
      G_APPLICATION (self), _ ("Shows what each thread of a recorded program did with memory."));
}

MsApplication *
ms_application_new (void)
{
  return g_object_new (MS_TYPE_APPLICATION, "application-id", MS_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/org/memscope/Memscope",
                       NULL);
}

int
ms_application_get_exit_status (MsApplication *self)
{
  g_return_val_if_fail (MS_IS_APPLICATION (self), EXIT_FAILED);

  return self->exit_status;
}
