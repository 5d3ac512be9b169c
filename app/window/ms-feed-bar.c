/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-feed-bar.h"
#include "ms-end-layout.h"
#include "ms-traced-process.h"
#include "ms-wrap-layout.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#define PROGRESS_INTERVAL_MS 100
/* What is done before this needs no line, which would only flash. */
#define DELAY_US (G_USEC_PER_SEC * 3 / 10)
/* An agent that another one takes over from, or that leaves because the program ends, need not be told of. */
#define LOST_AFTER_MS 3000
/* Of a program that is not read meanwhile: whether it is still there. */
#define LOOK_INTERVAL_MS 500

struct _MsFeedBar {
  AdwBin parent_instance;

  GtkWidget *revealer, *label, *progress, *stop, *resume;
  MsFeed *feed;
  MsTrackerClient *client; /* NULL: none */
  gboolean was_on_bus, is_lost;
  guint source, lost_source;
  gint64 start_us;
};

G_DEFINE_FINAL_TYPE (MsFeedBar, ms_feed_bar, ADW_TYPE_BIN)

static void
show_line (MsFeedBar *self, const char *text)
{
  MsFeedState state = self->feed != NULL ? ms_feed_get_state (self->feed) : MS_FEED_DONE;

  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), text != NULL);
  if (text == NULL)
    return;
  gtk_label_set_text (GTK_LABEL (self->label), text);
  gtk_widget_set_visible (self->progress, state == MS_FEED_READING);
  gtk_widget_set_visible (self->stop, state == MS_FEED_READING);
  gtk_widget_set_visible (self->resume, state == MS_FEED_PAUSED);
}

static gboolean
progress_cb (gpointer user_data)
{
  MsFeedBar *self = user_data;

  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress),
                                 ms_feed_get_progress (self->feed));
  if (g_get_monotonic_time () - self->start_us > DELAY_US)
    show_line (self, _ ("Reading every event: ranges and filters wait for that"));
  return G_SOURCE_CONTINUE;
}

/* NULL: nothing. (transfer full) */
static char *
describe_client (MsFeedBar *self)
{
  if (self->client == NULL || ms_tracker_client_has_ended (self->client))
    return NULL;
  if (self->is_lost && ms_tracker_client_is_mirrored (self->client))
    return g_strdup (_ (
        "The session bus or the program's agent has gone: whether the program still runs cannot be "
        "seen from here, and of what it records, new files are missing"));
  if (ms_tracker_client_is_suspended (self->client))
    return g_strdup (_ ("Suspended: the program stands still until it is continued"));
  if (self->is_lost)
    return g_strdup (_ (
        "The session bus or the program's agent has gone: what is recorded is still read from its "
        "folder"));
  /* Where neither an agent nor the folder says what is recorded, there is no rule. */
  if (ms_tracker_client_get_thread_rule (self->client)[0] != '\0'
      && !ms_tracker_client_is_recording (self->client))
    return g_strdup (_ (
        "Recording is off: what the program does now is not recorded.  Live ▸ Record starts it"));
  return NULL;
}

static gboolean
has_process_gone (MsTrace *trace)
{
  int dir_fd = open (ms_trace_get_folder (trace), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  MsTracedProcess process;

  if (dir_fd < 0)
    return FALSE;
  ms_traced_process_read (dir_fd, &process);
  close (dir_fd);
  return ms_traced_process_has_gone (&process);
}

/* Of what is paused nothing is read that would say so. */
static gboolean
has_program_ended (MsFeedBar *self)
{
  return (self->client != NULL && ms_tracker_client_has_ended (self->client))
         || has_process_gone (ms_document_get_trace (ms_feed_get_document (self->feed)));
}

static gboolean
look_cb (gpointer user_data)
{
  MsFeedBar *self = user_data;

  if (!has_program_ended (self))
    return G_SOURCE_CONTINUE;
  self->source = 0;
  show_line (self, _ ("Paused: the program has ended; Resume shows how, and all of it"));
  return G_SOURCE_REMOVE;
}

static void
update (MsFeedBar *self)
{
  g_autofree char *text = NULL;

  g_clear_handle_id (&self->source, g_source_remove);
  if (self->feed == NULL)
    {
      show_line (self, NULL);
      return;
    }
  switch (ms_feed_get_state (self->feed))
    {
    case MS_FEED_READING:
      self->start_us = g_get_monotonic_time ();
      self->source = g_timeout_add (PROGRESS_INTERVAL_MS, progress_cb, self);
      break;
    case MS_FEED_PAUSED:
      text = g_strdup (_ ("Paused: the program runs on and is recorded as before"));
      self->source = g_timeout_add (LOOK_INTERVAL_MS, look_cb, self);
      break;
    case MS_FEED_DONE:
      if (ms_feed_get_problem (self->feed) != NULL)
        text = g_strdup_printf (_ ("No more is read: %s"), ms_feed_get_problem (self->feed));
      break;
    case MS_FEED_FOLLOWING:
      text = describe_client (self);
      break;
    default:
      break;
    }
  show_line (self, text);
}

static gboolean
lost_cb (gpointer user_data)
{
  MsFeedBar *self = user_data;

  self->lost_source = 0;
  self->is_lost = TRUE;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
client_changed_cb (MsFeedBar *self)
{
  gboolean is_on_bus = ms_tracker_client_is_on_bus (self->client);

  if (is_on_bus || !self->was_on_bus)
    {
      g_clear_handle_id (&self->lost_source, g_source_remove);
      self->is_lost = FALSE;
    }
  else if (self->lost_source == 0 && !self->is_lost)
    self->lost_source = g_timeout_add (LOST_AFTER_MS, lost_cb, self);
  /* Who never had a bus has not lost it. */
  self->was_on_bus |= is_on_bus;
  /* A line with progress keeps its time. */
  if (self->feed != NULL && ms_feed_get_state (self->feed) == MS_FEED_FOLLOWING)
    update (self);
}

static void
stop_clicked_cb (MsFeedBar *self)
{
  if (self->feed != NULL)
    ms_feed_stop (self->feed);
}

static void
ms_feed_bar_dispose (GObject *object)
{
  MsFeedBar *self = MS_FEED_BAR (object);

  g_clear_handle_id (&self->source, g_source_remove);
  ms_feed_bar_set_client (self, NULL);
  if (self->feed != NULL)
    g_signal_handlers_disconnect_by_data (self->feed, self);
  g_clear_object (&self->feed);
  G_OBJECT_CLASS (ms_feed_bar_parent_class)->dispose (object);
}

static void
ms_feed_bar_class_init (MsFeedBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_feed_bar_dispose;
}

static void
ms_feed_bar_init (MsFeedBar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *end = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_lines (GTK_LABEL (self->label), 2);
  gtk_label_set_ellipsize (GTK_LABEL (self->label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (self->label, TRUE);
  self->progress = gtk_progress_bar_new ();
  gtk_widget_set_valign (self->progress, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (self->progress, 100, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Reading every event"), -1);
  self->stop = gtk_button_new_with_label (_ ("Stop"));
  gtk_widget_set_tooltip_text (self->stop, _ ("Leave ranges and filters out"));
  g_signal_connect_swapped (self->stop, "clicked", G_CALLBACK (stop_clicked_cb), self);
  self->resume = gtk_button_new_with_label (_ ("Resume"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->resume), "win.pause");
  gtk_box_append (GTK_BOX (box), self->label);
  gtk_box_append (GTK_BOX (end), self->progress);
  gtk_box_append (GTK_BOX (end), self->stop);
  gtk_box_append (GTK_BOX (end), self->resume);
  gtk_box_append (GTK_BOX (box), end);
  gtk_widget_set_layout_manager (end, ms_wrap_layout_new (12, FALSE));
  gtk_widget_set_layout_manager (box, ms_end_layout_new (12));
  gtk_widget_add_css_class (box, "feed-bar");

  self->revealer = gtk_revealer_new ();
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), box);
  adw_bin_set_child (ADW_BIN (self), self->revealer);
}

GtkWidget *
ms_feed_bar_new (void)
{
  return g_object_new (MS_TYPE_FEED_BAR, NULL);
}

void
ms_feed_bar_set_feed (MsFeedBar *self, MsFeed *feed)
{
  g_return_if_fail (MS_IS_FEED_BAR (self));

  if (self->feed != NULL)
    g_signal_handlers_disconnect_by_data (self->feed, self);
  g_set_object (&self->feed, feed);
  if (feed != NULL)
    g_signal_connect_swapped (feed, "changed", G_CALLBACK (update), self);
  update (self);
}

void
ms_feed_bar_set_client (MsFeedBar *self, MsTrackerClient *client)
{
  g_return_if_fail (MS_IS_FEED_BAR (self));

  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_handle_id (&self->lost_source, g_source_remove);
  self->was_on_bus = self->is_lost = FALSE;
  g_set_object (&self->client, client);
  if (client == NULL)
    return;
  g_signal_connect_swapped (client, "notify", G_CALLBACK (client_changed_cb), self);
  client_changed_cb (self);
}
