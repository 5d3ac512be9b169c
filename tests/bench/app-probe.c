/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * app-probe start [FOLDER] | frames FOLDER [MOVE…] | model FOLDER: one figure or more of the application, told as one JSON
 * object.  bench-app runs it, each time in a process of its own.
 *
 *   start   from the start of the program, dynamic linking and all, until the first frame is painted: of the
 *           window, and, with FOLDER, of its figures
 *   frames  how long frames take while somebody looks around: the timeline zoomed, moved and pointed at, the
 *           cards scrolled, a thread focused and left again and again; and the memory after it
 *   model   the memory of the document that the window shows, without any window
 *
 * A frame is all that the main thread does from the end of one painting to the end of the next, callbacks of
 * workers included, in time of its own processor: a busy machine does not count.  Its wall time is told as
 * well: where that is much longer and the machine was idle, it waited for a lock.  Needs a display; with
 * GSK_RENDERER=cairo everything is drawn by the processor.
 */
#include "ms-application.h"
#include "ms-card-board.h"
#include "ms-loader.h"
#include "ms-timeline-page.h"
#include "ms-window.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define N_FRAMES 240
#define ZOOM_STEP 0.97
#define FOCUS_FRAMES 24 /* an animation of 220 ms, and what comes after it */
#define START_VARIABLE "APP_PROBE_START_NS"

typedef struct Probe Probe;
typedef void (*Move) (Probe *self, guint frame);

struct Probe {
  MsWindow *window;
  MsTimeline *timeline;
  MsCardBoard *board;
  GtkAdjustment *scroll;
  Move move;
  GArray *frames_us, *walls_us; /* of double */
  double processor_us, wall_us; /* at the end of the last frame */
  guint frame;
};

static double
get_us (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

/* Private memory in MB, −1 where the kernel does not tell. */
static double
get_anonymous_mb (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL)
      || (line = strstr (text, "RssAnon:")) == NULL)
    return -1;
  return (double) g_ascii_strtoull (line + strlen ("RssAnon:"), NULL, 10) * 1024 / 1e6;
}

static gboolean
is_settled (MsWindow *window)
{
  MsWindowState state = ms_window_get_state (window);

  if (state == MS_WINDOW_PROBLEM)
    {
      g_printerr ("app-probe: %s\n", ms_window_get_problem (window));
      exit (1);
    }
  return state == MS_WINDOW_CONTENT;
}

/* --- start --- */

typedef struct {
  double start_us, window_ms;
  gboolean has_folder;
} Start;

static void
painted_cb (GdkFrameClock *clock, Start *self)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());
  MsWindow *window = MS_WINDOW (gtk_application_get_active_window (application));
  double ms = (get_us (CLOCK_MONOTONIC) - self->start_us) / 1e3;

  if (self->window_ms == 0)
    self->window_ms = ms;
  if (self->has_folder && !is_settled (window))
    return;
  if (self->has_folder)
    g_print ("{\"window_ms\": %.1f, \"figures_ms\": %.1f}\n", self->window_ms, ms);
  else
    g_print ("{\"window_ms\": %.1f}\n", self->window_ms);
  exit (0);
}

static void
realized_cb (GtkWidget *window, Start *start)
{
  g_signal_connect (gtk_widget_get_frame_clock (window), "after-paint", G_CALLBACK (painted_cb),
                    start);
}

static void
window_added_cb (GtkApplication *application, GtkWidget *window, Start *start)
{
  g_signal_connect (window, "realize", G_CALLBACK (realized_cb), start);
}

/* The program executes itself, so that the linker's work is in it. */
static int
measure_start (int argc, char **argv)
{
  const char *told = g_getenv (START_VARIABLE);
  Start start = { .has_folder = argc > 2 };

  if (told == NULL)
    {
      g_autofree char *now = g_strdup_printf ("%.0f", get_us (CLOCK_MONOTONIC) * 1e3);

      setenv (START_VARIABLE, now, TRUE);
      execv ("/proc/self/exe", argv);
      g_printerr ("app-probe: cannot start itself\n");
      return 1;
    }
  start.start_us = g_ascii_strtod (told, NULL) / 1e3;
  g_autoptr (MsApplication) application = ms_application_new ();
  char *arguments[] = { argv[0], argc > 2 ? argv[2] : NULL, NULL };
  g_signal_connect (application, "window-added", G_CALLBACK (window_added_cb), &start);
  g_application_run (G_APPLICATION (application), argc - 1, arguments);
  return 1; /* it leaves in painted_cb() */
}

/* --- what is moved --- */

static void
zoom (Probe *self, guint frame)
{
  ms_timeline_zoom (self->timeline, frame < N_FRAMES / 2 ? ZOOM_STEP : 1 / ZOOM_STEP);
}

static void
pan (Probe *self, guint frame)
{
  const MsTimeWindow *window = ms_timeline_get_window (self->timeline);
  gint64 by_ns = (window->end_ns - window->start_ns) / 100 * (frame < N_FRAMES / 2 ? 1 : -1);

  ms_timeline_set_window (self->timeline, window->start_ns + by_ns, window->end_ns + by_ns);
}

/* As a pointer does. */
static void
hover (Probe *self, guint frame)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (GTK_WIDGET (self->timeline));

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (all, i);

      if (GTK_IS_EVENT_CONTROLLER_MOTION (controller))
        g_signal_emit_by_name (controller, "motion", 300.0 + 3 * frame, 80.0);
    }
}

static void
scroll (Probe *self, guint frame)
{
  double by = frame < N_FRAMES / 2 ? 40 : -40;

  gtk_adjustment_set_value (self->scroll, gtk_adjustment_get_value (self->scroll) + by);
}

/* One thread after the other is focused, with nothing in focus between. */
static void
focus (Probe *self, guint frame)
{
  guint turn = frame / FOCUS_FRAMES;
  MsFocus *focus = ms_window_get_focus (self->window);
  GPtrArray *rows = ms_document_get_rows (ms_window_get_document (self->window));

  if (frame % FOCUS_FRAMES != 0)
    return;
  if (turn % 2 == 0)
    ms_focus_set_thread (focus, ms_thread_row_get_id (g_ptr_array_index (rows, turn % rows->len)));
  else
    ms_focus_clear_thread (focus);
}

/* --- frames --- */

static void
before_paint_cb (GdkFrameClock *clock, Probe *self)
{
  if (self->move != NULL)
    self->move (self, self->frame++);
}

static void
after_paint_cb (GdkFrameClock *clock, Probe *self)
{
  double processor_us = get_us (CLOCK_THREAD_CPUTIME_ID), wall_us = get_us (CLOCK_MONOTONIC);
  double frame_us = processor_us - self->processor_us, waited_us = wall_us - self->wall_us;

  self->processor_us = processor_us;
  self->wall_us = wall_us;
  /* The first after a pause has the pause in it. */
  if (self->move == NULL || self->frame < 2)
    return;
  g_array_append_val (self->frames_us, frame_us);
  g_array_append_val (self->walls_us, waited_us);
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
measure (Probe *self, const char *name, Move move)
{
  guint longest = 0;

  g_array_set_size (self->frames_us, 0);
  g_array_set_size (self->walls_us, 0);
  self->frame = 0;
  self->move = move;
  while (self->frame < N_FRAMES)
    g_main_context_iteration (NULL, TRUE);
  self->move = NULL;
  for (guint i = 1; i < self->frames_us->len; i++)
    if (g_array_index (self->frames_us, double, i)
        > g_array_index (self->frames_us, double, longest))
      longest = i;
  g_array_sort (self->frames_us, compare);
  g_array_sort (self->walls_us, compare);
  g_print ("  \"%s\": {\"median_ms\": %.2f, \"p95_ms\": %.2f, \"longest_ms\": %.2f, "
           "\"longest_frame\": %u, \"wall_p95_ms\": %.2f, \"wall_longest_ms\": %.2f},\n",
           name, get_ms (self->frames_us, 0.5), get_ms (self->frames_us, 0.95),
           get_ms (self->frames_us, 1), longest, get_ms (self->walls_us, 0.95),
           get_ms (self->walls_us, 1));
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

static void
show_page (MsWindow *window, const char *page)
{
  ms_window_show_page (window, page);
  while (ms_window_get_busy (window))
    g_main_context_iteration (NULL, TRUE);
}

static void
open_window (Probe *self, const char *folder)
{
  self->window = ms_window_new (NULL, NULL);
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1400, 900);
  gtk_window_present (GTK_WINDOW (self->window));
  ms_window_open (self->window, folder);
  while (!is_settled (self->window))
    g_main_context_iteration (NULL, TRUE);
  show_page (self->window, "timeline");

  GtkWidget *board = find (GTK_WIDGET (self->window), MS_TYPE_CARD_BOARD);
  GtkWidget *scrolled = gtk_widget_get_ancestor (board, GTK_TYPE_SCROLLED_WINDOW);
  self->timeline = MS_TIMELINE (find (GTK_WIDGET (self->window), MS_TYPE_TIMELINE));
  self->board = MS_CARD_BOARD (board);
  self->scroll = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));

  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self->window));
  g_signal_connect (clock, "before-paint", G_CALLBACK (before_paint_cb), self);
  g_signal_connect (clock, "after-paint", G_CALLBACK (after_paint_cb), self);
  gtk_widget_add_tick_callback (GTK_WIDGET (self->window), tick_cb, NULL, NULL);
}

static const struct {
  const char *name, *page;
  Move move;
} MOVES[] = {
  { "zoom", "timeline", zoom },     { "pan", "timeline", pan },     { "hover", "timeline", hover },
  { "scroll", "overview", scroll }, { "focus", "overview", focus },
};

/* @names: (nullable): which moves; NULL: all. */
static int
measure_frames (const char *folder, const char *const *names)
{
  Probe probe = { .frames_us = g_array_new (FALSE, FALSE, sizeof (double)),
                  .walls_us = g_array_new (FALSE, FALSE, sizeof (double)) };

  open_window (&probe, folder);
  g_print ("{\n");
  for (guint i = 0; i < G_N_ELEMENTS (MOVES); i++)
    {
      if (names != NULL && !g_strv_contains (names, MOVES[i].name))
        continue;
      show_page (probe.window, MOVES[i].page);
      ms_timeline_set_window (probe.timeline, 0, G_MAXINT64);
      if (MOVES[i].move == pan)
        ms_timeline_zoom (probe.timeline, 0.1);
      gtk_adjustment_set_value (probe.scroll, 0);
      measure (&probe, MOVES[i].name, MOVES[i].move);
    }
  g_print ("  \"anonymous_mb\": %.1f\n}\n", get_anonymous_mb ());
  gtk_window_destroy (GTK_WINDOW (probe.window));
  g_array_unref (probe.frames_us);
  g_array_unref (probe.walls_us);
  return 0;
}

/* --- model --- */

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  MsDocument **document = user_data;

  *document = ms_loader_load_finish (MS_LOADER (source), result, &error);
  if (*document == NULL)
    {
      g_printerr ("app-probe: %s\n", error->message);
      exit (1);
    }
}

static int
measure_model (const char *folder)
{
  g_autoptr (MsLoader) loader = ms_loader_new (folder);
  MsDocument *document = NULL;

  ms_loader_load_async (loader, NULL, loaded_cb, &document);
  while (document == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_print ("{\"anonymous_mb\": %.1f}\n", get_anonymous_mb ());
  g_object_unref (document);
  return 0;
}

int
main (int argc, char **argv)
{
  const char *mode = argc > 1 ? argv[1] : "";

  if (!(g_str_equal (mode, "start") && argc <= 3) && !(g_str_equal (mode, "frames") && argc >= 3)
      && !(g_str_equal (mode, "model") && argc == 3))
    {
      g_printerr ("Usage: app-probe start [FOLDER] | frames FOLDER [MOVE…] | model FOLDER\n");
      return 2;
    }
  if (g_str_equal (mode, "start"))
    return measure_start (argc, argv);
  if (g_str_equal (mode, "model"))
    return measure_model (argv[2]);
  if (!gtk_init_check ())
    {
      g_printerr ("app-probe: there is no display; run it with xvfb-run\n");
      return 77;
    }
  adw_init ();
  return measure_frames (argv[2], argc > 3 ? (const char *const *) argv + 3 : NULL);
}
