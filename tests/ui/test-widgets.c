/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Small widgets: the strip, chips, summary cards and the wrapping row. */
#include "ms-end-layout.h"
#include "ms-headings.h"
#include "ms-role-chip.h"
#include "ms-role-glyph.h"
#include "ms-status-words.h"
#include "ms-strip.h"
#include "ms-summary-card.h"
#include "ms-text-scale.h"
#include "ms-thread-card.h"
#include "ms-wrap-layout.h"
#include "widget-test.h"

static void
assert_label (gpointer widget, const char *expected)
{
  g_autofree char *actual =
      gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                          expected);

  g_assert_cmpstr (actual, ==, NULL);
}

static void
test_strip (void)
{
  guint64 max[256], thread[64];
  MsStripData data = { .duration_ns = 5000000000,
                       .max = max,
                       .n_bins = G_N_ELEMENTS (max),
                       .peak_bytes = 25500,
                       .peak_time_ns = 4990000000 };
  GtkWidget *strip = ms_strip_new ();
  GtkWindow *window = widget_test_show (strip, 600, 90);
  cairo_surface_t *picture;

  for (guint i = 0; i < G_N_ELEMENTS (max); i++)
    max[i] = i * 100;
  for (guint i = 0; i < G_N_ELEMENTS (thread); i++)
    thread[i] = i * 200;

  picture = widget_test_picture (strip);
  guint empty = widget_test_count_ink (picture);
  cairo_surface_destroy (picture);

  ms_strip_set_process (MS_STRIP (strip), &data);
  widget_test_wait_frames (strip, 2);
  picture = widget_test_picture (strip);
  guint filled = widget_test_count_ink (picture);
  cairo_surface_destroy (picture);
  g_assert_cmpuint (filled, >, empty + 1000);

  ms_strip_set_thread (MS_STRIP (strip), thread, G_N_ELEMENTS (thread), MS_ROLE_BALANCED);
  widget_test_wait_frames (strip, 2);
  ms_strip_clear_thread (MS_STRIP (strip));
  ms_strip_set_process (MS_STRIP (strip), NULL);
  widget_test_wait_frames (strip, 2);
  picture = widget_test_picture (strip);
  g_assert_cmpuint (widget_test_count_ink (picture), ==, empty);
  cairo_surface_destroy (picture);

  g_assert_cmpint (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (strip)), ==,
                   GTK_ACCESSIBLE_ROLE_IMG);
  g_object_ref (strip);
  widget_test_close (window);
  g_assert_finalize_object (strip);
}

static gboolean
press_key_with (GtkWidget *widget, guint keyval, GdkModifierType state)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  gboolean handled = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", keyval, 0, state, &handled);
    }
  return handled;
}

static gboolean
press_key (GtkWidget *widget, guint keyval)
{
  return press_key_with (widget, keyval, 0);
}

/* A range by keys alone, and it is seen. */
static void
test_strip_range (void)
{
  guint64 max[100] = { 50, 100 };
  MsStripData data = { .duration_ns = 1000000,
                       .max = max,
                       .n_bins = G_N_ELEMENTS (max),
                       .peak_bytes = 100,
                       .peak_time_ns = 15000 };
  GtkWidget *strip = ms_strip_new ();
  GtkWindow *window = widget_test_show (strip, 600, 90);
  MsFocus *focus = ms_focus_new ();
  gint64 start_ns, end_ns;

  ms_strip_set_focus (MS_STRIP (strip), focus);
  ms_strip_set_process (MS_STRIP (strip), &data);
  widget_test_wait_frames (strip, 2);
  cairo_surface_t *before = widget_test_picture (strip);

  /* No cursor, no range. */
  g_assert_true (press_key (strip, GDK_KEY_bracketleft));
  g_assert_true (ms_focus_is_clear (focus));
  press_key (strip, GDK_KEY_Home);
  /* Fifty steps from end to end, ten pages. */
  for (guint i = 0; i < 3; i++)
    press_key (strip, GDK_KEY_Right);
  press_key (strip, GDK_KEY_Page_Down);
  press_key (strip, GDK_KEY_Right);
  press_key_with (strip, GDK_KEY_Right, GDK_SHIFT_MASK);
  press_key_with (strip, GDK_KEY_Right, GDK_SHIFT_MASK);
  press_key (strip, GDK_KEY_bracketleft);
  g_assert_true (ms_focus_get_range (focus, &start_ns, &end_ns));
  g_assert_cmpint (start_ns, ==, 205000);
  g_assert_cmpint (end_ns, ==, 1000000);
  for (guint i = 0; i < 10; i++)
    press_key (strip, GDK_KEY_Right);
  press_key (strip, GDK_KEY_bracketright);
  g_assert_true (ms_focus_get_range (focus, &start_ns, &end_ns));
  g_assert_cmpint (start_ns, ==, 205000);
  g_assert_cmpint (end_ns, ==, 405000);
  g_assert_false (press_key (strip, GDK_KEY_x));

  widget_test_wait_frames (strip, 2);
  cairo_surface_t *after = widget_test_picture (strip);
  g_assert_cmpuint (widget_test_count_ink (after), >, widget_test_count_ink (before) + 2000);
  cairo_surface_destroy (before);
  cairo_surface_destroy (after);
  press_key (strip, GDK_KEY_BackSpace);
  g_assert_true (ms_focus_is_clear (focus));

  g_object_ref (strip);
  widget_test_close (window);
  g_assert_finalize_object (strip);
  g_assert_finalize_object (focus);
}

static void
test_card_is_a_button (void)
{
  MsCardData data = { .id = 1,
                      .tid = 77,
                      .name = "<b>&amp; wal-sync",
                      .tracked = TRUE,
                      .role = MS_ROLE_IO_INTENSIVE,
                      .alert = MS_ALERT_MEDIUM,
                      .peak_bytes = 15600000,
                      .allocations = 1120,
                      .allocated_bytes_per_second = 13.8e6,
                      .cpu_percent = -1,
                      .io_operations = -1 };
  g_autoptr (MsCardItem) item = ms_card_item_new (&data);
  GtkWidget *card = g_object_ref_sink (ms_thread_card_new (item));

  g_assert_cmpint (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (card)), ==,
                   GTK_ACCESSIBLE_ROLE_BUTTON);
  g_assert_true (gtk_widget_get_focusable (card));
  assert_label (card, "<b>&amp; wal-sync, thread 77, I/O intensive, peak 15.6\xe2\x80\xafMB, "
                      "1\xe2\x80\xaf"
                      "120 allocations, 13.8\xe2\x80\xafMB/s, medium alert");
  g_assert_finalize_object (card);
}

static void
test_chip (void)
{
  GtkWidget *chip = g_object_ref_sink (ms_role_chip_new (MS_ROLE_CPU_INTENSIVE));

  ms_role_chip_set_count (MS_ROLE_CHIP (chip), 2);
  g_assert_true (gtk_widget_get_visible (chip));
  assert_label (chip, "CPU intensive: 2 threads");
  ms_role_chip_set_count (MS_ROLE_CHIP (chip), 1);
  assert_label (chip, "CPU intensive: 1 thread");
  /* A role that nobody has is no choice. */
  ms_role_chip_set_count (MS_ROLE_CHIP (chip), 0);
  g_assert_false (gtk_widget_get_visible (chip));
  g_assert_finalize_object (chip);
}

static void
test_summary (void)
{
  GtkWidget *card = g_object_ref_sink (ms_summary_card_new ("Processor"));

  ms_summary_card_set (MS_SUMMARY_CARD (card), "12 %", "of 14 cores");
  g_assert_false (gtk_widget_has_css_class (card, "unavailable"));
  ms_summary_card_set (MS_SUMMARY_CARD (card), NULL, "not sampled");
  g_assert_true (gtk_widget_has_css_class (card, "unavailable"));
  assert_label (card, "Processor: Not available, not sampled");
  g_assert_finalize_object (card);
}

static graphene_rect_t
bounds_in_parent (GtkWidget *child)
{
  graphene_rect_t bounds;

  g_assert_true (gtk_widget_compute_bounds (child, gtk_widget_get_parent (child), &bounds));
  return bounds;
}

/* Even children share rows evenly; others keep their width, and the one that expands the rest. */
static void
test_wrap (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *children[5];
  GtkWidget *outer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_set_layout_manager (box, ms_wrap_layout_new (10, TRUE));
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      children[i] = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
      gtk_widget_set_size_request (children[i], 100, 40);
      gtk_box_append (GTK_BOX (box), children[i]);
    }
  gtk_box_append (GTK_BOX (outer), box);

  /* 400 pixels hold three of them and a bit: two rows, of three and of two. */
  GtkWindow *window = widget_test_show (outer, 400, 300);
  graphene_rect_t first = bounds_in_parent (children[0]), third = bounds_in_parent (children[2]);
  graphene_rect_t fourth = bounds_in_parent (children[3]);
  g_assert_cmpfloat (first.origin.y, ==, third.origin.y);
  g_assert_cmpfloat (fourth.origin.y, ==, first.origin.y + 50);
  g_assert_cmpfloat (fourth.origin.x, ==, 0);
  /* To a pixel, as the three of them fill the row. */
  g_assert_cmpfloat_with_epsilon (first.size.width, third.size.width, 1.1);
  g_assert_cmpfloat (third.origin.x + third.size.width, ==, gtk_widget_get_width (box));

  gtk_widget_set_layout_manager (box, ms_wrap_layout_new (10, FALSE));
  gtk_widget_set_hexpand (children[1], TRUE);
  widget_test_wait_frames (outer, 3);
  first = bounds_in_parent (children[0]);
  g_assert_cmpfloat (first.size.width, ==, 100);
  g_assert_cmpfloat (bounds_in_parent (children[1]).size.width, >, 100);
  widget_test_close (window);
}

/* A row inside a row wraps in the width that it gets: what follows lies below all of it. */
static void
test_wrap_in_wrap (void)
{
  GtkWidget *outer = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *inner = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *after = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *frame = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_set_layout_manager (outer, ms_wrap_layout_new (10, FALSE));
  gtk_widget_set_layout_manager (inner, ms_wrap_layout_new (10, FALSE));
  for (guint i = 0; i < 4; i++)
    {
      GtkWidget *child = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

      gtk_widget_set_size_request (child, 100, 40);
      gtk_box_append (GTK_BOX (inner), child);
    }
  gtk_widget_set_size_request (after, 100, 40);
  gtk_box_append (GTK_BOX (outer), inner);
  gtk_box_append (GTK_BOX (outer), after);
  gtk_box_append (GTK_BOX (frame), outer);

  GtkWindow *window = widget_test_show (frame, 350, 300);
  g_assert_cmpfloat (bounds_in_parent (inner).size.height, ==, 90);
  g_assert_cmpfloat (bounds_in_parent (after).origin.y, ==, 100);
  widget_test_close (window);
}

/* A line with words that may be short of room, tools at its end, and more words between or below. */
static void
test_end (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *children[3];
  GtkWidget *frame = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  int minimum, natural, height;

  gtk_widget_set_layout_manager (box, ms_end_layout_new (10));
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      children[i] = gtk_button_new_with_label (i == 0 ? "some words that may be cut" : "tools");
      if (i == 1)
        gtk_widget_set_size_request (children[i], 100, -1);
      if (i == 2)
        gtk_widget_set_size_request (children[i], 150, -1);
      gtk_box_append (GTK_BOX (box), children[i]);
    }
  ms_end_layout_let_labels_shrink (children[0]);
  gtk_box_append (GTK_BOX (frame), box);
  GtkWindow *window = widget_test_show (frame, 900, 300);

  /* The third between the two, and everything in its place from edge to edge. */
  graphene_rect_t words = bounds_in_parent (children[0]), tools = bounds_in_parent (children[1]);
  graphene_rect_t rest = bounds_in_parent (children[2]);
  g_assert_cmpfloat (words.origin.x, ==, 0);
  g_assert_cmpfloat (tools.origin.x + tools.size.width, ==, gtk_widget_get_width (box));
  g_assert_cmpfloat (rest.origin.x, ==, words.size.width + 10);
  g_assert_cmpfloat (rest.origin.x + rest.size.width + 10, ==, tools.origin.x);
  g_assert_cmpfloat (rest.origin.y, ==, tools.origin.y);

  /* Never less than the largest of them needs, and for each width a height in which all have theirs. */
  gtk_widget_measure (box, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  g_assert_cmpint (minimum, ==, 150);
  for (int width = minimum; width < natural + 100; width += 7)
    {
      gtk_widget_measure (box, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);
      gtk_widget_allocate (box, width, height, -1, NULL);
      words = bounds_in_parent (children[0]);
      tools = bounds_in_parent (children[1]);
      rest = bounds_in_parent (children[2]);
      g_assert_false (graphene_rect_intersection (&words, &tools, NULL));
      g_assert_false (graphene_rect_intersection (&words, &rest, NULL));
      g_assert_false (graphene_rect_intersection (&tools, &rest, NULL));
      g_assert_cmpfloat (rest.origin.y + rest.size.height, <=, height);
      g_assert_cmpfloat (tools.origin.y + tools.size.height, <=, height);
      g_assert_cmpfloat (tools.origin.x + tools.size.width, ==, width);
      g_assert_cmpfloat (words.size.width, <=, width);
    }
  widget_test_close (window);
}

/* Symbols and columns follow the user's text size, at once. */
static void
test_text_scale (void)
{
  GtkWidget *glyph = ms_role_glyph_new (MS_ROLE_CPU_INTENSIVE);
  GtkWindow *window = widget_test_show (glyph, 100, 100);
  GtkSettings *settings = gtk_settings_get_default ();
  int dpi, size, larger;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_object_set (settings, "gtk-xft-dpi", 96 * 1024, NULL);
  ms_text_scale_mark (GTK_WIDGET (window));
  g_assert_cmpfloat (ms_text_scale_get (glyph), ==, 1);
  g_assert_false (gtk_widget_has_css_class (GTK_WIDGET (window), "large-text"));
  gtk_widget_measure (glyph, GTK_ORIENTATION_HORIZONTAL, -1, &size, NULL, NULL, NULL);
  g_object_set (settings, "gtk-xft-dpi", 2 * 96 * 1024, NULL);
  widget_test_wait_frames (glyph, 3);
  gtk_widget_measure (glyph, GTK_ORIENTATION_HORIZONTAL, -1, &larger, NULL, NULL, NULL);
  g_assert_cmpint (larger, ==, 2 * size);
  g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (window), "large-text"));
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
  g_assert_false (gtk_widget_has_css_class (GTK_WIDGET (window), "large-text"));
  widget_test_close (window);
}

static int
compare_strings (gconstpointer a, gconstpointer b, gpointer data)
{
  return g_strcmp0 (gtk_string_object_get_string ((gpointer) a),
                    gtk_string_object_get_string ((gpointer) b));
}

static gboolean
press (GtkWidget *widget, guint keyval)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  gboolean handled = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !handled; i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", keyval, 0, 0, &handled);
    }
  return handled;
}

/* Tab comes to one heading, arrows walk to the others that are seen, Enter sorts and sorts the other way. */
static void
test_headings (void)
{
  static const char *const WORDS[] = { "b", "c", "a", NULL };
  GtkColumnView *view = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  GtkColumnViewColumn *columns[4];

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      g_autoptr (GtkSorter) sorter =
          i < 3 ? GTK_SORTER (gtk_custom_sorter_new (compare_strings, NULL, NULL)) : NULL;

      columns[i] = gtk_column_view_column_new ("column", gtk_signal_list_item_factory_new ());
      gtk_column_view_column_set_sorter (columns[i], sorter);
      gtk_column_view_append_column (view, columns[i]);
      g_object_unref (columns[i]);
    }
  GtkSortListModel *sorted =
      gtk_sort_list_model_new (G_LIST_MODEL (gtk_string_list_new (WORDS)),
                               g_object_ref (gtk_column_view_get_sorter (view)));
  g_autoptr (GtkSelectionModel) selection =
      GTK_SELECTION_MODEL (gtk_single_selection_new (G_LIST_MODEL (sorted)));
  gtk_column_view_set_model (view, selection);
  ms_headings_set_up (view, NULL, NULL);
  gtk_column_view_column_set_visible (columns[1], FALSE);
  GtkWindow *window = widget_test_show (GTK_WIDGET (view), 400, 200);

  gtk_window_set_focus (window, NULL);
  g_assert_true (gtk_widget_child_focus (GTK_WIDGET (window), GTK_DIR_TAB_FORWARD));
  GtkWidget *first = ms_headings_get (view, 0);
  g_assert_true (gtk_window_get_focus (window) == first);
  g_assert_true (press (first, GDK_KEY_Return));
  g_assert_cmpstr (gtk_string_object_get_string (
                       gtk_single_selection_get_selected_item (GTK_SINGLE_SELECTION (selection))),
                   !=, NULL);
  g_autoptr (GtkStringObject) least = g_list_model_get_item (G_LIST_MODEL (sorted), 0);
  g_assert_cmpstr (gtk_string_object_get_string (least), ==, "a");
  g_assert_true (press (first, GDK_KEY_space));
  g_autoptr (GtkStringObject) most = g_list_model_get_item (G_LIST_MODEL (sorted), 0);
  g_assert_cmpstr (gtk_string_object_get_string (most), ==, "c");

  /* The second is hidden. */
  g_assert_true (press (first, GDK_KEY_Right));
  g_assert_true (gtk_window_get_focus (window) == ms_headings_get (view, 2));
  g_assert_false (gtk_widget_get_focusable (first));
  press (ms_headings_get (view, 2), GDK_KEY_End);
  g_assert_true (gtk_window_get_focus (window) == ms_headings_get (view, 3));
  g_assert_false (press (ms_headings_get (view, 3), GDK_KEY_Return)); /* has no order */
  press (ms_headings_get (view, 3), GDK_KEY_Home);
  g_assert_true (gtk_window_get_focus (window) == first);

  /* No trap: the next stop is among the rows, and the way back leads here. */
  g_assert_true (gtk_widget_child_focus (GTK_WIDGET (window), GTK_DIR_TAB_FORWARD));
  GtkWidget *row = gtk_window_get_focus (window);
  g_assert_false (gtk_widget_is_ancestor (row, gtk_widget_get_parent (first)));
  g_assert_true (gtk_widget_child_focus (GTK_WIDGET (window), GTK_DIR_TAB_BACKWARD));
  g_assert_true (gtk_window_get_focus (window) == first);
  widget_test_close (window);
}

/* A message holds names of files, which may be what would be markup. */
static void
test_status_words (void)
{
  GtkWidget *page = adw_status_page_new ();
  GtkWindow *window = widget_test_show (page, 400, 300);

  ms_status_words_set (page, "R&D/<core>.bin: \xff cut short");
  g_assert_nonnull (widget_test_find_label (page, "R&D/<core>.bin: \357\277\275 cut short"));
  ms_status_words_set (page, NULL);
  g_assert_cmpstr (adw_status_page_get_description (ADW_STATUS_PAGE (page)), ==, "");
  widget_test_close (window);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/widgets/strip", test_strip);
  g_test_add_func ("/widgets/strip-range", test_strip_range);
  g_test_add_func ("/widgets/card-is-a-button", test_card_is_a_button);
  g_test_add_func ("/widgets/chip", test_chip);
  g_test_add_func ("/widgets/summary", test_summary);
  g_test_add_func ("/widgets/wrap", test_wrap);
  g_test_add_func ("/widgets/wrap-in-wrap", test_wrap_in_wrap);
  g_test_add_func ("/widgets/end", test_end);
  g_test_add_func ("/widgets/text-scale", test_text_scale);
  g_test_add_func ("/widgets/headings", test_headings);
  g_test_add_func ("/widgets/status-words", test_status_words);
  return g_test_run ();
}
