/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * app-probe FOLDER: how long frames of the application take while somebody looks around in a trace, told
 * as one JSON object.
 *
 *   zoom, pan   of the timeline: another window of time in each frame, while finer figures are asked
 *               for on a worker
 *   hover       the cursor moves over it: only what lies over the still picture is drawn
 *
 * A frame is what the main thread does between the frame clock's before-paint and after-paint, in time
 * of its own processor, so that a busy machine does not count.  Needs a display; with GSK_RENDERER=cairo
 * everything is drawn by the processor.
 */
#include "ms-timeline-page.h"
#include "ms-window.h"

#include <stdlib.h>
#include <time.h>

#define N_FRAMES 240
#define ZOOM_STEP 0.97

typedef void (*Move) (MsTimeline *timeline, guint frame);

typedef struct {
  MsTimeline *timeline;
  Move move;
  GArray *frames_us; /* of double */
  double start_us;
  guint frame;
} Probe;

static void
zoom (MsTimeline *timeline, guint frame)
{
  ms_timeline_zoom (timeline, frame < N_FRAMES / 2 ? ZOOM_STEP : 1 / ZOOM_STEP);
}

static void
pan (MsTimeline *timeline, guint frame)
{
  const MsTimeWindow *window = ms_timeline_get_window (timeline);
  gint64 by_ns = (window->end_ns - window->start_ns) / 100 * (frame < N_FRAMES / 2 ? 1 : -1);

  ms_timeline_set_window (timeline, window->start_ns + by_ns, window->end_ns + by_ns);
}

/* As a pointer does. */
static void
hover (MsTimeline *timeline, guint frame)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (GTK_WIDGET (timeline));

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (all, i);

      if (GTK_IS_EVENT_CONTROLLER_MOTION (controller))
        g_signal_emit_by_name (controller, "motion", 300.0 + 3 * frame, 80.0);
    }
}

static double
get_processor_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

static void
before_paint_cb (GdkFrameClock *clock, Probe *self)
{
  self->start_us = get_processor_us ();
  if (self->move != NULL)
    self->move (self->timeline, self->frame++);
}

static void
after_paint_cb (GdkFrameClock *clock, Probe *self)
{
  double us = get_processor_us () - self->start_us;

  if (self->move != NULL)
    g_array_append_val (self->frames_us, us);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double one = *(const double *) a, other = *(const double *) b;

  return (one > other) - (one < other);
}

static double
get_ms (const GArray *frames, double share)
{
  return g_array_index (frames, double, (guint) (share * (frames->len - 1))) / 1000;
}

static void
measure (Probe *self, const char *name, Move move, const char *end)
{
  double longest_us = 0;
  guint longest = 0;

  g_array_set_size (self->frames_us, 0);
  self->frame = 0;
  self->move = move;
  while (self->frame < N_FRAMES)
    g_main_context_iteration (NULL, TRUE);
  self->move = NULL;
  for (guint i = 0; i < self->frames_us->len; i++)
    if (g_array_index (self->frames_us, double, i) > longest_us)
      longest_us = g_array_index (self->frames_us, double, i), longest = i;
  g_array_sort (self->frames_us, compare);
  g_print ("  \"%s\": {\"median_ms\": %.2f, \"p95_ms\": %.2f, \"longest_ms\": %.2f, "
           "\"longest_frame\": %u}%s\n",
           name, get_ms (self->frames_us, 0.5), get_ms (self->frames_us, 0.95), longest_us / 1000,
           longest, end);
}

static void
wait_for_figures (MsWindow *window)
{
  while (ms_window_get_state (window) == MS_WINDOW_WELCOME
         || ms_window_get_state (window) == MS_WINDOW_LOADING)
    g_main_context_iteration (NULL, TRUE);
  if (ms_window_get_state (window) == MS_WINDOW_PROBLEM)
    {
      g_printerr ("app-probe: %s\n", ms_window_get_problem (window));
      exit (1);
    }
  ms_window_show_page (window, "timeline");
  while (ms_window_get_busy (window))
    g_main_context_iteration (NULL, TRUE);
}

static GtkWidget *
find (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

int
main (int argc, char **argv)
{
  Probe probe = { .frames_us = g_array_new (FALSE, FALSE, sizeof (double)) };

  if (argc != 2)
    {
      g_printerr ("Usage: app-probe FOLDER\n");
      return 2;
    }
  if (!gtk_init_check ())
    {
      g_printerr ("app-probe: there is no display; run it with xvfb-run\n");
      return 77;
    }
  adw_init ();

  gint64 start_us = g_get_monotonic_time ();
  MsWindow *window = ms_window_new (NULL, NULL);
  gtk_window_set_default_size (GTK_WINDOW (window), 1400, 900);
  gtk_window_present (GTK_WINDOW (window));
  ms_window_open (window, argv[1]);
  wait_for_figures (window);
  double open_s = (double) (g_get_monotonic_time () - start_us) / 1e6;

  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (window));
  probe.timeline = MS_TIMELINE (find (GTK_WIDGET (window), MS_TYPE_TIMELINE));
  g_signal_connect (clock, "before-paint", G_CALLBACK (before_paint_cb), &probe);
  g_signal_connect (clock, "after-paint", G_CALLBACK (after_paint_cb), &probe);
  gtk_widget_add_tick_callback (GTK_WIDGET (window), tick_cb, NULL, NULL);

  g_print ("{\n  \"open_s\": %.2f,\n", open_s);
  measure (&probe, "zoom", zoom, ",");
  ms_timeline_zoom (probe.timeline, 0.1);
  measure (&probe, "pan", pan, ",");
  measure (&probe, "hover", hover, "");
  g_print ("}\n");
  gtk_window_destroy (GTK_WINDOW (window));
  g_array_unref (probe.frames_us);
  return 0;
}
