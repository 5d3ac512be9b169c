/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-live-button.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A sentence makes the popover no wider than its controls do. */
#define WORDS_CHARS 30

struct _MsLiveButton {
  AdwBin parent_instance;

  GtkWidget *button, *recording, *rule, *rate, *interval, *mark, *snapshot, *waiting, *why;
  GtkWidget *rule_problem; /* below the rule: why it was refused */
  GtkWidget *words;        /* beside the sign, where there is room */
  GtkWidget *looks;        /* of the button: a sign, or a spinner while something is waited for */
  MsTrackerClient *client; /* NULL: none */
  gboolean is_updating;    /* what the controls say comes from the client, not from a person */
  guint n_asked;           /* without an answer yet */
};

G_DEFINE_FINAL_TYPE (MsLiveButton, ms_live_button, ADW_TYPE_BIN)

static guint said_signal, saved_signal, detach_signal;

static void
say (MsLiveButton *self, const char *text)
{
  g_signal_emit (self, said_signal, 0, text);
}

/* What was asked for is not in force yet. */
static void
update_waiting (MsLiveButton *self)
{
  gboolean is_pending = ms_tracker_client_is_pending (self->client);
  gboolean is_waiting = self->n_asked > 0 || is_pending;

  gtk_stack_set_visible_child_name (GTK_STACK (self->looks), is_waiting ? "waiting" : "sign");
  gtk_spinner_set_spinning (GTK_SPINNER (self->waiting), is_waiting);
  gtk_widget_set_visible (self->why, is_waiting);
  gtk_label_set_text (GTK_LABEL (self->why), is_pending
                                                 ? _ ("The program notices when it next allocates.")
                                                 : _ ("Asking the program…"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  is_waiting ? C_ ("live button", "Live: changing")
                                             : C_ ("live button", "Live"),
                                  -1);
}

/* Beside the field for as long as it stands there; NULL: it has none. */
static void
show_rule_problem (MsLiveButton *self, const char *problem)
{
  gtk_widget_set_visible (self->rule_problem, problem != NULL);
  gtk_label_set_text (GTK_LABEL (self->rule_problem), problem != NULL ? problem : "");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->rule), GTK_ACCESSIBLE_STATE_INVALID,
                               problem != NULL ? GTK_ACCESSIBLE_INVALID_TRUE
                                               : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
  if (problem != NULL)
    gtk_widget_add_css_class (self->rule, "error");
  else
    gtk_widget_remove_css_class (self->rule, "error");
}

static void
rule_edited_cb (MsLiveButton *self)
{
  show_rule_problem (self, NULL);
}

static void
update (MsLiveButton *self)
{
  gboolean lives = self->client != NULL && !ms_tracker_client_has_ended (self->client);

  gtk_widget_set_visible (GTK_WIDGET (self), lives);
  if (!lives)
    return;
  update_waiting (self);
  /* What was asked for stands until there is an answer. */
  if (self->n_asked > 0)
    return;
  self->is_updating = TRUE;
  gtk_switch_set_active (GTK_SWITCH (self->recording),
                         ms_tracker_client_is_recording (self->client));
  /* A switch that has gone over and keeps its old colour: pending. */
  if (!ms_tracker_client_is_pending (self->client))
    gtk_switch_set_state (GTK_SWITCH (self->recording),
                          ms_tracker_client_is_recording (self->client));
  /* So does what somebody is typing, and what was refused, to be put right. */
  if ((gtk_widget_get_state_flags (self->rule) & GTK_STATE_FLAG_FOCUS_WITHIN) == 0)
    {
      gtk_editable_set_text (GTK_EDITABLE (self->rule),
                             ms_tracker_client_get_thread_rule (self->client));
      show_rule_problem (self, NULL);
    }
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->rate),
                             100 * ms_tracker_client_get_sampling_rate (self->client));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->interval),
                             (double) ms_tracker_client_get_sample_interval_bytes (self->client)
                                 / 1000);
  self->is_updating = FALSE;
}

/* --- changes -------------------------------------------------------------------------------------------- */

/* Takes @self. */
static void
end_asking (MsLiveButton *self, MsTrackerClient *client, const GError *error)
{
  /* Of a program that was detached meanwhile, or whose window is closed. */
  if (client == self->client)
    {
      if (error != NULL)
        say (self, error->message);
      self->n_asked--;
      /* What was refused stands no longer in the control. */
      update (self);
    }
  g_object_unref (self);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  ms_tracker_client_change_finish (MS_TRACKER_CLIENT (source), result, &error);
  end_asking (user_data, MS_TRACKER_CLIENT (source), error);
}

static void
rule_changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  MsLiveButton *self = user_data;
  g_autoptr (GError) error = NULL;

  ms_tracker_client_change_finish (MS_TRACKER_CLIENT (source), result, &error);
  if (MS_TRACKER_CLIENT (source) == self->client
      && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
    show_rule_problem (self, error->message);
  end_asking (self, MS_TRACKER_CLIENT (source), error);
}

static gpointer
ask (MsLiveButton *self)
{
  self->n_asked++;
  update_waiting (self);
  return g_object_ref (self);
}

/* TRUE: the switch gets its colour when the program has noticed. */
static gboolean
recording_changed_cb (MsLiveButton *self, gboolean wanted)
{
  if (self->client != NULL && !self->is_updating
      && wanted != ms_tracker_client_is_recording (self->client))
    ms_tracker_client_set_recording_async (self->client, wanted, NULL, changed_cb, ask (self));
  return TRUE;
}

static void
rule_applied_cb (MsLiveButton *self)
{
  const char *rule = gtk_editable_get_text (GTK_EDITABLE (self->rule));

  if (self->client != NULL
      && g_strcmp0 (rule, ms_tracker_client_get_thread_rule (self->client)) != 0)
    ms_tracker_client_set_thread_rule_async (self->client, rule, NULL, rule_changed_cb, ask (self));
}

static void
rate_changed_cb (MsLiveButton *self)
{
  double rate = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->rate)) / 100;

  if (self->client != NULL && !self->is_updating
      && rate != ms_tracker_client_get_sampling_rate (self->client))
    ms_tracker_client_set_sampling_async (self->client, rate, 0, NULL, changed_cb, ask (self));
}

/* One of so many bytes on average: instead of a rate, which goes back to all. */
static void
interval_changed_cb (MsLiveButton *self)
{
  double kilobytes = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->interval));
  guint64 bytes = (guint64) (1000 * kilobytes + 0.5);

  if (self->client != NULL && !self->is_updating
      && bytes != ms_tracker_client_get_sample_interval_bytes (self->client))
    ms_tracker_client_set_sampling_async (self->client, 1, bytes, NULL, changed_cb, ask (self));
}

static void
show_marked (MsLiveButton *self, gint64 time_ns)
{
  g_autofree char *text = g_strdup_printf (_ ("Marked at %.1f s"), (double) time_ns / 1e9);

  say (self, text);
}

static void
marked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsLiveButton) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL; /* of a snapshot */
  gint64 time_ns;
  gboolean is_marked =
      ms_tracker_client_mark_finish (MS_TRACKER_CLIENT (source), result, &time_ns, &folder, &error);

  gtk_widget_set_sensitive (self->snapshot, TRUE);
  if (MS_TRACKER_CLIENT (source) != self->client)
    return;
  if (!is_marked)
    {
      say (self, error->message);
      return;
    }
  if (folder != NULL)
    g_signal_emit (self, saved_signal, 0, folder);
  else
    show_marked (self, time_ns);
  /* The window may be closed by now, or watch another program. */
  if (MS_TRACKER_CLIENT (source) == self->client)
    gtk_editable_set_text (GTK_EDITABLE (self->mark), "");
}

static void
mark_cb (MsLiveButton *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->mark));

  if (self->client != NULL && *name != '\0')
    ms_tracker_client_mark_async (self->client, name, FALSE, NULL, marked_cb, g_object_ref (self));
}

/* Without a name it has the one that `memscope snapshot` gives. */
static void
snapshot_cb (MsLiveButton *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->mark));

  if (self->client == NULL)
    return;
  gtk_widget_set_sensitive (self->snapshot, FALSE);
  ms_tracker_client_mark_async (self->client, *name != '\0' ? name : "snapshot", TRUE, NULL,
                                marked_cb, g_object_ref (self));
}

static void
detach_cb (MsLiveButton *self)
{
  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->button));
  g_signal_emit (self, detach_signal, 0);
}

/* --- the widget ----------------------------------------------------------------------------------------- */

static void
ms_live_button_dispose (GObject *object)
{
  MsLiveButton *self = MS_LIVE_BUTTON (object);

  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (ms_live_button_parent_class)->dispose (object);
}

static void
ms_live_button_class_init (MsLiveButtonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_live_button_dispose;
  said_signal = g_signal_new ("said", MS_TYPE_LIVE_BUTTON, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_STRING);
  saved_signal = g_signal_new ("saved", MS_TYPE_LIVE_BUTTON, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, G_TYPE_STRING);
  detach_signal = g_signal_new ("detach", MS_TYPE_LIVE_BUTTON, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
add_line (GtkWidget *grid, int row, const char *text, GtkWidget *control)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  /* Which names it, too. */
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), control);
  gtk_grid_attach (GTK_GRID (grid), label, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), control, 1, row, 1, 1);
}

/* A label of the button's own would be read with its underscore. */
static GtkWidget *
new_button (const char *text, const char *name, const char *tooltip)
{
  GtkWidget *button = gtk_button_new ();

  gtk_button_set_child (GTK_BUTTON (button), gtk_label_new_with_mnemonic (text));
  gtk_widget_add_css_class (button, "text-button");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_tooltip_text (button, tooltip);
  return button;
}

static GtkWidget *
new_words (const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), WORDS_CHARS);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, style);
  return label;
}

static GtkWidget *
new_controls (MsLiveButton *self)
{
  GtkWidget *grid = gtk_grid_new ();
  GtkWidget *detach = new_button (_ ("_Detach"), _ ("Detach"),
                                  _ ("Watch no longer; the program runs on and is recorded"));

  self->recording = gtk_switch_new ();
  gtk_widget_set_halign (self->recording, GTK_ALIGN_END);
  g_signal_connect_swapped (self->recording, "state-set", G_CALLBACK (recording_changed_cb), self);
  self->rule = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->rule), "all");
  gtk_widget_set_tooltip_text (self->rule,
                               _ ("all, even, main, worker-*, every:4 …; Enter applies"));
  g_signal_connect_swapped (self->rule, "activate", G_CALLBACK (rule_applied_cb), self);
  g_signal_connect_swapped (self->rule, "changed", G_CALLBACK (rule_edited_cb), self);
  self->rule_problem = new_words ("error");
  gtk_widget_set_visible (self->rule_problem, FALSE);
  self->rate = gtk_spin_button_new_with_range (0.01, 100, 1);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (self->rate), 2);
  gtk_widget_set_tooltip_text (self->rate, _ ("Of all allocations, in percent"));
  g_signal_connect_swapped (self->rate, "value-changed", G_CALLBACK (rate_changed_cb), self);
  self->interval = gtk_spin_button_new_with_range (0, 1e6, 64);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (self->interval), 3);
  gtk_widget_set_tooltip_text (self->interval,
                               _ ("One allocation in so many bytes on average; 0: off"));
  g_signal_connect_swapped (self->interval, "value-changed", G_CALLBACK (interval_changed_cb),
                            self);
  self->mark = gtk_entry_new ();
  gtk_entry_set_max_length (GTK_ENTRY (self->mark), 100);
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->mark), _ ("Name of this instant"));
  g_signal_connect_swapped (self->mark, "activate", G_CALLBACK (mark_cb), self);
  self->snapshot = new_button (_ ("_Save Snapshot"), _ ("Save Snapshot"),
                               _ ("Save the latest events, which the flight recorder keeps"));
  gtk_widget_set_visible (self->snapshot, FALSE);
  g_signal_connect_swapped (self->snapshot, "clicked", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (detach, "clicked", G_CALLBACK (detach_cb), self);

  gtk_grid_set_row_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 18);
  gtk_widget_set_margin_top (grid, 6);
  gtk_widget_set_margin_bottom (grid, 6);
  gtk_widget_set_margin_start (grid, 6);
  gtk_widget_set_margin_end (grid, 6);
  add_line (grid, 0, _ ("_Record"), self->recording);
  add_line (grid, 1, _ ("_Threads"), self->rule);
  gtk_grid_attach (GTK_GRID (grid), self->rule_problem, 0, 2, 2, 1);
  add_line (grid, 3, _ ("_Sample (%)"), self->rate);
  add_line (grid, 4, _ ("Sample one _in (kB)"), self->interval);
  add_line (grid, 5, _ ("_Mark"), self->mark);
  self->why = new_words ("dim-label");
  gtk_grid_attach (GTK_GRID (grid), self->snapshot, 0, 6, 2, 1);
  gtk_grid_attach (GTK_GRID (grid), self->why, 0, 7, 2, 1);
  gtk_grid_attach (GTK_GRID (grid), detach, 0, 8, 2, 1);
  return grid;
}

static void
ms_live_button_init (MsLiveButton *self)
{
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_popover_set_child (GTK_POPOVER (popover), new_controls (self));
  /* What was typed and not applied. */
  g_signal_connect_swapped (popover, "closed", G_CALLBACK (update), self);
  self->button = gtk_menu_button_new ();
  self->waiting = gtk_spinner_new ();
  self->looks = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->looks),
                       gtk_image_new_from_icon_name ("media-record-symbolic"), "sign");
  gtk_stack_add_named (GTK_STACK (self->looks), self->waiting, "waiting");
  /* Translators: what is shown is of a program that runs just now; short, there is little room. */
  self->words = gtk_label_new (C_ ("live button", "Live"));
  gtk_box_append (GTK_BOX (box), self->looks);
  gtk_box_append (GTK_BOX (box), self->words);
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->button), box);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), popover);
  gtk_widget_set_tooltip_text (self->button, _ ("What is recorded of the running program"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  C_ ("live button", "Live"), -1);
  adw_bin_set_child (ADW_BIN (self), self->button);
  update (self);
}

GtkWidget *
ms_live_button_new (void)
{
  return g_object_new (MS_TYPE_LIVE_BUTTON, NULL);
}

void
ms_live_button_set_client (MsLiveButton *self, MsTrackerClient *client)
{
  g_return_if_fail (MS_IS_LIVE_BUTTON (self));

  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  if (self->client != client)
    self->n_asked = 0;
  g_set_object (&self->client, client);
  if (client != NULL)
    {
      /* Not with each sample. */
      g_signal_connect_swapped (client, "notify::is-pending", G_CALLBACK (update), self);
      g_signal_connect_swapped (client, "notify::is-recording", G_CALLBACK (update), self);
      g_signal_connect_swapped (client, "notify::thread-rule", G_CALLBACK (update), self);
      g_signal_connect_swapped (client, "notify::sampling-rate", G_CALLBACK (update), self);
      g_signal_connect_swapped (client, "notify::sample-interval-bytes", G_CALLBACK (update), self);
      g_signal_connect_swapped (client, "notify::has-ended", G_CALLBACK (update), self);
    }
  update (self);
}

void
ms_live_button_set_is_ring (MsLiveButton *self, gboolean is_ring)
{
  g_return_if_fail (MS_IS_LIVE_BUTTON (self));

  gtk_widget_set_visible (self->snapshot, is_ring);
}

void
ms_live_button_set_compact (MsLiveButton *self, gboolean compact)
{
  g_return_if_fail (MS_IS_LIVE_BUTTON (self));

  gtk_widget_set_visible (self->words, !compact);
}

void
ms_live_button_start_mark (MsLiveButton *self)
{
  g_return_if_fail (MS_IS_LIVE_BUTTON (self));

  gtk_menu_button_popup (GTK_MENU_BUTTON (self->button));
  gtk_widget_grab_focus (self->mark);
}
