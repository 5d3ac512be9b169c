/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-overview-page.h"
#include "ms-card-board.h"
#include "ms-end-layout.h"
#include "ms-figures.h"
#include "ms-role-chip.h"
#include "ms-shared-menu.h"
#include "ms-summary-row.h"
#include "ms-thread-group.h"
#include "ms-verdict-lines.h"
#include "ms-wrap-layout.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

/* How dark the page becomes around a focused card. */
#define DIM_ALPHA_LIGHT 0.10
#define DIM_ALPHA_DARK 0.35

struct _MsOverviewPage {
  AdwBin parent_instance;

  GtkWidget *scrolled, *verdicts, *summary, *filters, *chips, *tools, *search, *sort_button,
      *group_button, *board, *nothing;
  GtkWidget *role_chips[MS_N_ROLES];

  MsLens *lens;   /* or NULL */
  MsFocus *focus; /* the lens's */
  GSimpleActionGroup *actions;
  guint reveal_tick, n_reveal_frames;
  GtkEventController *pointer; /* over the board */
  GArray *places;              /* ids in the order that is shown */
  gboolean keeps_places;       /* what comes is a later document */
};

G_DEFINE_FINAL_TYPE (MsOverviewPage, ms_overview_page, ADW_TYPE_BIN)

/* --- order --- */

typedef int (*RowCompare) (MsThreadRow *a, MsThreadRow *b);

static int
compare_peak (MsThreadRow *a, MsThreadRow *b)
{
  guint64 value_a = ms_thread_row_get_totals (a)->peak_bytes;
  guint64 value_b = ms_thread_row_get_totals (b)->peak_bytes;

  return (value_b > value_a) - (value_b < value_a);
}

static int
compare_allocations (MsThreadRow *a, MsThreadRow *b)
{
  guint64 value_a = ms_thread_row_get_totals (a)->allocations;
  guint64 value_b = ms_thread_row_get_totals (b)->allocations;

  return (value_b > value_a) - (value_b < value_a);
}

static int
compare_rate (MsThreadRow *a, MsThreadRow *b)
{
  double value_a = ms_thread_row_get_rate (a), value_b = ms_thread_row_get_rate (b);

  return (value_b > value_a) - (value_b < value_a);
}

static int
compare_never_freed (MsThreadRow *a, MsThreadRow *b)
{
  guint64 value_a = ms_thread_row_get_totals (a)->leaked_bytes;
  guint64 value_b = ms_thread_row_get_totals (b)->leaked_bytes;

  return (value_b > value_a) - (value_b < value_a);
}

static int
compare_name (MsThreadRow *a, MsThreadRow *b)
{
  return g_utf8_collate (ms_thread_row_get_name (a), ms_thread_row_get_name (b));
}

static int
compare_start (MsThreadRow *a, MsThreadRow *b)
{
  gint64 value_a = ms_thread_get_start_ns (ms_thread_row_get_thread (a));
  gint64 value_b = ms_thread_get_start_ns (ms_thread_row_get_thread (b));

  return (value_a > value_b) - (value_a < value_b);
}

static const struct {
  const char *id;
  const char *label;
  RowCompare compare;
} ORDERS[] = {
  { "peak", NC_ ("sort order", "Peak memory"), compare_peak },
  { "allocations", NC_ ("sort order", "Allocations"), compare_allocations },
  { "rate", NC_ ("sort order", "Allocation rate"), compare_rate },
  { "never-freed", NC_ ("sort order", "Leaked"), compare_never_freed },
  { "name", NC_ ("sort order", "Name"), compare_name },
  { "start", NC_ ("sort order", "Start"), compare_start },
};

static guint
get_order (MsOverviewPage *self)
{
  g_autoptr (GVariant) state =
      g_action_group_get_action_state (G_ACTION_GROUP (self->actions), "sort");

  for (guint i = 0; i < G_N_ELEMENTS (ORDERS); i++)
    if (g_strcmp0 (g_variant_get_string (state, NULL), ORDERS[i].id) == 0)
      return i;
  return 0;
}

/* Tracked threads first, whatever the order; equals by id, so that the order never flickers. */
static int
compare_rows (gconstpointer a, gconstpointer b, gpointer user_data)
{
  MsThreadRow *row_a = *(MsThreadRow *const *) a, *row_b = *(MsThreadRow *const *) b;
  RowCompare compare = *(const RowCompare *) user_data;
  int result = ms_thread_row_is_tracked (row_b) - ms_thread_row_is_tracked (row_a);

  if (result == 0)
    result = compare (row_a, row_b);
  if (result == 0)
    result = (ms_thread_row_get_id (row_a) > ms_thread_row_get_id (row_b)) ? 1 : -1;
  return result;
}

/* --- what is shown --- */

static gboolean
is_shown (MsOverviewPage *self, MsThreadRow *row, const char *needle, guint roles)
{
  guint focused;

  /* What is focused is seen, whatever the filter says. */
  if (self->focus != NULL && ms_focus_get_thread (self->focus, &focused)
      && ms_thread_row_get_id (row) == focused)
    return TRUE;
  if (!ms_thread_row_matches (row, needle))
    return FALSE;
  if (roles == 0)
    return TRUE;
  return ms_thread_row_is_tracked (row) && (roles & 1u << ms_thread_row_get_role (row)) != 0;
}

/* Threads with the same name share a card, where the first would be; but what is focused stands for itself. */
static void
add_cards (MsOverviewPage *self, GPtrArray *rows, GPtrArray *items)
{
  gboolean grouped = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->group_button));
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) groups =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  guint focused = 0;
  gboolean has_focused = self->focus != NULL && ms_focus_get_thread (self->focus, &focused);

  for (guint i = 0; i < rows->len; i++)
    {
      MsThreadRow *row = g_ptr_array_index (rows, i);
      const char *name = ms_thread_row_get_name (row);
      gboolean shares = grouped && !(has_focused && ms_thread_row_get_id (row) == focused);
      GPtrArray *group = shares ? g_hash_table_lookup (by_name, name) : NULL;

      if (group == NULL)
        {
          group = g_ptr_array_new ();
          g_ptr_array_add (groups, group);
          if (shares)
            g_hash_table_insert (by_name, (gpointer) name, group);
        }
      g_ptr_array_add (group, row);
    }
  for (guint i = 0; i < groups->len; i++)
    {
      GPtrArray *group = g_ptr_array_index (groups, i);

      g_ptr_array_add (items,
                       group->len > 1
                           ? ms_thread_group_new_card (group)
                           : g_object_ref (ms_thread_row_get_card (g_ptr_array_index (group, 0))));
    }
}

/* Under the pointer nothing moves: cards keep the places that they had, and new ones come last. */
static void
keep_places (MsOverviewPage *self, GPtrArray *rows)
{
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL); /* by thread id; from 1 on */
  g_autofree gpointer *kept = g_new0 (gpointer, self->places->len);
  g_autoptr (GPtrArray) more = g_ptr_array_new ();

  for (guint i = 0; i < self->places->len; i++)
    g_hash_table_insert (places, GUINT_TO_POINTER (g_array_index (self->places, guint, i)),
                         GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < rows->len; i++)
    {
      gpointer row = g_ptr_array_index (rows, i);
      guint id = ms_thread_row_get_id (row);
      guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, GUINT_TO_POINTER (id)));

      if (place > 0)
        kept[place - 1] = row;
      else
        g_ptr_array_add (more, row);
    }
  g_ptr_array_set_size (rows, 0);
  for (guint i = 0; i < self->places->len; i++)
    if (kept[i] != NULL)
      g_ptr_array_add (rows, kept[i]);
  g_ptr_array_extend (rows, more, NULL, NULL);
}

static void
note_places (MsOverviewPage *self, GPtrArray *rows)
{
  g_array_set_size (self->places, 0);
  for (guint i = 0; i < rows->len; i++)
    {
      guint id = ms_thread_row_get_id (g_ptr_array_index (rows, i));

      g_array_append_val (self->places, id);
    }
}

static void
update_board (MsOverviewPage *self)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  guint roles = 0;

  for (guint role = 0; role < MS_N_ROLES; role++)
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->role_chips[role])))
      roles |= 1u << role;

  GPtrArray *all = self->lens != NULL ? ms_lens_get_rows (self->lens) : NULL;
  if (all != NULL)
    {
      g_autofree char *needle =
          g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);
      g_autoptr (GPtrArray) rows = g_ptr_array_copy (all, NULL, NULL);
      RowCompare compare = ORDERS[get_order (self)].compare;

      g_ptr_array_set_free_func (rows, NULL);
      qsort_r (rows->pdata, rows->len, sizeof *rows->pdata, compare_rows, &compare);
      if (self->keeps_places
          && gtk_event_controller_motion_contains_pointer (
              GTK_EVENT_CONTROLLER_MOTION (self->pointer)))
        keep_places (self, rows);
      note_places (self, rows);
      g_autoptr (GPtrArray) shown = g_ptr_array_new ();
      for (guint i = 0; i < rows->len; i++)
        if (is_shown (self, g_ptr_array_index (rows, i), needle, roles))
          g_ptr_array_add (shown, g_ptr_array_index (rows, i));
      add_cards (self, shown, items);
    }
  ms_card_board_set_items (MS_CARD_BOARD (self->board), items);
  gtk_widget_set_visible (self->nothing, self->lens != NULL && items->len == 0);
}

static void
update_chips (MsOverviewPage *self)
{
  guint counts[MS_N_ROLES] = { 0 };
  GPtrArray *rows = self->lens != NULL ? ms_lens_get_rows (self->lens) : NULL;

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      MsThreadRow *row = g_ptr_array_index (rows, i);

      if (ms_thread_row_is_tracked (row))
        counts[ms_thread_row_get_role (row)]++;
    }
  for (guint role = 0; role < MS_N_ROLES; role++)
    ms_role_chip_set_count (MS_ROLE_CHIP (self->role_chips[role]), counts[role]);
}

/* Of later figures, unlike those of another order or focus. */
static void
document_changed_cb (MsOverviewPage *self)
{
  self->keeps_places = TRUE;
}

static void
update_figures (MsOverviewPage *self)
{
  ms_summary_row_show (MS_SUMMARY_ROW (self->summary), self->lens);
  ms_verdict_lines_show (MS_VERDICT_LINES (self->verdicts), self->lens);
  update_chips (self);
  update_board (self);
  self->keeps_places = FALSE;
}

/* --- signals --- */

static void
stop_search_cb (MsOverviewPage *self)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (self->search)) == '\0' && self->focus != NULL)
    ms_focus_clear_thread (self->focus);
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_child_focus (self->board, GTK_DIR_TAB_FORWARD);
}

/* Enter takes the first of what was found. */
static void
search_activated_cb (MsOverviewPage *self)
{
  GtkWidget *first = ms_card_board_get_first_card (MS_CARD_BOARD (self->board));

  if (first == NULL || *gtk_editable_get_text (GTK_EDITABLE (self->search)) == '\0')
    return;
  gtk_widget_grab_focus (first);
  g_signal_emit_by_name (first, "clicked");
}

static void
card_activated_cb (MsOverviewPage *self, guint id)
{
  if (self->focus != NULL)
    ms_focus_set_thread (self->focus, id);
}

static void
focus_progress_cb (MsOverviewPage *self)
{
  double progress = ms_card_board_get_focus_progress (MS_CARD_BOARD (self->board));
  double opacity = 1 - (1 - MS_CARD_BOARD_FADED) * progress;

  /* The sentence and the figures above are of what is focused: they stay. */
  gtk_widget_set_opacity (self->filters, opacity);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Brings the focused card into sight with room for its growth, however it was chosen. */
static void
reveal_card (MsOverviewPage *self, guint id)
{
  GtkAdjustment *vertical =
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled));
  GtkWidget *content = gtk_widget_get_parent (self->board);
  graphene_point_t origin;
  MsRect rect;

  if (!ms_card_board_get_card_rect (MS_CARD_BOARD (self->board), id, &rect)
      || !gtk_widget_compute_point (self->board, content, graphene_point_zero (), &origin))
    return;
  double room = rect.height * 0.12;
  gtk_adjustment_clamp_page (vertical, origin.y + rect.y - room,
                             origin.y + rect.y + rect.height + room);
}

/* What was shown or filtered just now has its place after a frame. */
static gboolean
reveal_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  MsOverviewPage *self = MS_OVERVIEW_PAGE (widget);
  guint id;

  if (self->focus != NULL && ms_focus_get_thread (self->focus, &id))
    reveal_card (self, id);
  if (--self->n_reveal_frames > 0)
    return G_SOURCE_CONTINUE;
  self->reveal_tick = 0;
  return G_SOURCE_REMOVE;
}

static void
focus_changed_cb (MsOverviewPage *self)
{
  guint id;

  update_board (self);
  if (ms_focus_get_thread (self->focus, &id))
    {
      ms_card_board_set_focused (MS_CARD_BOARD (self->board), id);
      self->n_reveal_frames = 2;
      if (self->reveal_tick == 0)
        self->reveal_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), reveal_cb, NULL, NULL);
    }
  else
    ms_card_board_clear_focused (MS_CARD_BOARD (self->board));
}

/* A click where nothing else takes one leaves focus mode. */
static void
background_released_cb (GtkGestureClick *gesture,
                        int n_press,
                        double x,
                        double y,
                        gpointer user_data)
{
  MsOverviewPage *self = user_data;
  GtkWidget *picked = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);

  for (GtkWidget *at = picked; at != NULL && at != GTK_WIDGET (self);
       at = gtk_widget_get_parent (at))
    if (GTK_IS_BUTTON (at) || GTK_IS_EDITABLE (at) || GTK_IS_MENU_BUTTON (at)
        || GTK_IS_SCROLLBAR (at))
      return;
  if (self->focus != NULL)
    ms_focus_clear_thread (self->focus);
}

static void
sort_changed_cb (MsOverviewPage *self)
{
  /* Translators: a menu button that says how cards are ordered. */
  g_autofree char *label =
      g_strdup_printf (_ ("Sort: %s"), g_dpgettext2 (GETTEXT_PACKAGE, "sort order",
                                                     ORDERS[get_order (self)].label));

  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->sort_button), label);
  ms_end_layout_let_labels_shrink (self->sort_button);
  update_board (self);
}

/* --- the widget --- */

static void
ms_overview_page_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MsOverviewPage *self = MS_OVERVIEW_PAGE (widget);
  double progress = ms_card_board_get_focus_progress (MS_CARD_BOARD (self->board));

  if (progress > 0)
    {
      AdwStyleManager *manager =
          adw_style_manager_get_for_display (gtk_widget_get_display (widget));
      double alpha = adw_style_manager_get_dark (manager) ? DIM_ALPHA_DARK : DIM_ALPHA_LIGHT;
      GdkRGBA dim = { 0, 0, 0, (float) (alpha * progress) };

      gtk_snapshot_append_color (snapshot, &dim,
                                 &GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget),
                                                      gtk_widget_get_height (widget)));
    }
  GTK_WIDGET_CLASS (ms_overview_page_parent_class)->snapshot (widget, snapshot);
}

static void
forget_lens (MsOverviewPage *self)
{
  if (self->lens == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->lens, self);
  g_signal_handlers_disconnect_by_data (self->focus, self);
  self->focus = NULL;
  g_clear_object (&self->lens);
}

static void
ms_overview_page_dispose (GObject *object)
{
  MsOverviewPage *self = MS_OVERVIEW_PAGE (object);

  forget_lens (self);
  if (self->reveal_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->reveal_tick);
  self->reveal_tick = 0;
  if (self->actions != NULL)
    g_signal_handlers_disconnect_by_data (self->actions, self);
  g_clear_object (&self->actions);
  g_clear_pointer (&self->places, g_array_unref);
  G_OBJECT_CLASS (ms_overview_page_parent_class)->dispose (object);
}

static void
ms_overview_page_class_init (MsOverviewPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ms_overview_page_dispose;
  widget_class->snapshot = ms_overview_page_snapshot;

  g_type_ensure (MS_TYPE_CARD_BOARD);
  g_type_ensure (MS_TYPE_SUMMARY_ROW);
  g_type_ensure (MS_TYPE_VERDICT_LINES);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/memscope/Memscope/ui/ms-overview-page.ui");
  gtk_widget_class_bind_template_child (widget_class, MsOverviewPage, scrolled);
  gtk_widget_class_bind_template_child (widget_class, MsOverviewPage, verdicts);
  gtk_widget_class_bind_template_child (widget_class, MsOverviewPage, summary);
  gtk_widget_class_bind_template_child (widget_class, MsOverviewPage, filters);
  gtk_widget_class_bind_template_child (widget_class, MsOverviewPage, chips);
  gtk_widget_class_bind_template_child (widget_class, MsOverviewPage, tools);
  gtk_widget_class_bind_template_child (widget_class, MsOverviewPage, search);
  gtk_widget_class_bind_template_child (widget_class, MsOverviewPage, sort_button);
  gtk_widget_class_bind_template_child (widget_class, MsOverviewPage, group_button);
  gtk_widget_class_bind_template_child (widget_class, MsOverviewPage, board);
  gtk_widget_class_bind_template_child (widget_class, MsOverviewPage, nothing);
  gtk_widget_class_bind_template_callback (widget_class, update_board);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, card_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, focus_progress_cb);
  gtk_widget_class_bind_template_callback (widget_class, ms_shared_menu_cb);
}

static void
ms_overview_page_init (MsOverviewPage *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  g_autoptr (GSimpleAction) sort = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->places = g_array_new (FALSE, FALSE, sizeof (guint));
  self->pointer = gtk_event_controller_motion_new ();
  gtk_widget_add_controller (self->board, self->pointer);

  gtk_widget_set_layout_manager (self->filters, ms_wrap_layout_new (8, FALSE));
  gtk_widget_set_layout_manager (self->chips, ms_wrap_layout_new (8, FALSE));
  gtk_widget_set_layout_manager (self->tools, ms_wrap_layout_new (6, FALSE));
  for (guint role = 0; role < MS_N_ROLES; role++)
    {
      self->role_chips[role] = ms_role_chip_new (role);
      g_signal_connect_swapped (self->role_chips[role], "toggled", G_CALLBACK (update_board), self);
      gtk_box_append (GTK_BOX (self->chips), self->role_chips[role]);
    }

  sort = g_simple_action_new_stateful ("sort", G_VARIANT_TYPE_STRING,
                                       g_variant_new_string (ORDERS[0].id));
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (sort));
  g_signal_connect_swapped (self->actions, "action-state-changed", G_CALLBACK (sort_changed_cb),
                            self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "overview", G_ACTION_GROUP (self->actions));
  sort_changed_cb (self);

  ms_card_board_set_adjustment (MS_CARD_BOARD (self->board),
                                gtk_scrolled_window_get_vadjustment (
                                    GTK_SCROLLED_WINDOW (self->scrolled)));
  g_signal_connect (click, "released", G_CALLBACK (background_released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
ms_overview_page_new (void)
{
  return g_object_new (MS_TYPE_OVERVIEW_PAGE, NULL);
}

static void
names_changed_cb (MsOverviewPage *self)
{
  ms_verdict_lines_show (MS_VERDICT_LINES (self->verdicts), self->lens);
}

void
ms_overview_page_set_lens (MsOverviewPage *self, MsLens *lens)
{
  g_return_if_fail (MS_IS_OVERVIEW_PAGE (self));

  if (self->lens == lens)
    return;
  forget_lens (self);
  ms_card_board_clear_focused (MS_CARD_BOARD (self->board));
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  if (lens != NULL)
    {
      self->lens = g_object_ref (lens);
      self->focus = ms_lens_get_focus (lens);
      g_signal_connect_swapped (lens, "document-changed", G_CALLBACK (document_changed_cb), self);
      g_signal_connect_swapped (lens, "changed", G_CALLBACK (update_figures), self);
      g_signal_connect_swapped (lens, "names-changed", G_CALLBACK (names_changed_cb), self);
      g_signal_connect_swapped (self->focus, "changed", G_CALLBACK (focus_changed_cb), self);
    }
  for (guint role = 0; role < MS_N_ROLES; role++)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->role_chips[role]), FALSE);
  update_figures (self);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (
                                GTK_SCROLLED_WINDOW (self->scrolled)),
                            0);
}

void
ms_overview_page_start_search (MsOverviewPage *self)
{
  g_return_if_fail (MS_IS_OVERVIEW_PAGE (self));

  gtk_widget_grab_focus (self->search);
}

gboolean
ms_overview_page_is_busy (MsOverviewPage *self)
{
  g_return_val_if_fail (MS_IS_OVERVIEW_PAGE (self), FALSE);

  return ms_verdict_lines_is_busy (MS_VERDICT_LINES (self->verdicts))
         || !ms_card_board_is_drawn (MS_CARD_BOARD (self->board));
}
