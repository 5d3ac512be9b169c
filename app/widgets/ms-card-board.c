/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-card-board.h"
#include "ms-board-layout.h"
#include "ms-card-pictures.h"
#include "ms-focus-motion.h"
#include "ms-pulse.h"
#include "ms-thread-card.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#define GAP_PX 12
#define HEADING_HEIGHT_PX 34
#define FOCUS_DURATION_MS 220
/* How far a lifted card may stand over the board's edge, which a page's margin leaves room for. */
#define OVERHANG_PX 10.0
#define BLEED_PX 32.0 /* rings and glow reach out of a card */
/* All cards exist up to this many, half of them each way from what is seen beyond. */
#define KEPT_CARDS 1000

struct _MsCardBoard {
  GtkWidget parent_instance;

  GPtrArray *items;   /* of MsCardItem, in the order shown */
  GHashTable *places; /* thread id → index into items */
  GHashTable *cards;  /* thread id → MsThreadCard, those that exist */
  guint n_tracked;
  GtkWidget *heading;
  MsBoardLayout layout;

  GtkAdjustment *vertical;
  guint sync_tick, n_sync_frames;
  MsFocusMotion motion;
  AdwAnimation *animation;
  MsPulse pulse;
  MsCardPictures *pictures; /* of the cards that are seen */
};

G_DEFINE_FINAL_TYPE (MsCardBoard, ms_card_board, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_FOCUS_PROGRESS, N_PROPS };
static GParamSpec *props[N_PROPS];
static guint card_activated_signal;

static const MsCardData *
get_data (MsCardBoard *self, guint place)
{
  return ms_card_item_get_data (g_ptr_array_index (self->items, place));
}

static gboolean
find_place (MsCardBoard *self, guint id, guint *place)
{
  gpointer value;

  if (!g_hash_table_lookup_extended (self->places, GUINT_TO_POINTER (id), NULL, &value))
    return FALSE;
  *place = GPOINTER_TO_UINT (value);
  return TRUE;
}

/* Those in the stretch of the board that the scrolled window around it shows. */
static void
get_visible_cards (MsCardBoard *self, guint *first, guint *end)
{
  GtkWidget *scrolled = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_SCROLLED_WINDOW);
  double top = 0, bottom = self->layout.height_px;
  graphene_point_t origin;

  if (scrolled != NULL
      && gtk_widget_compute_point (GTK_WIDGET (self), scrolled, graphene_point_zero (), &origin))
    {
      top = -origin.y;
      bottom = gtk_widget_get_height (scrolled) - origin.y;
    }
  ms_board_layout_get_visible (&self->layout, top - BLEED_PX, bottom + BLEED_PX, first, end);
}

/* --- the cards that exist --- */

static void
card_clicked_cb (GtkButton *button, gpointer user_data)
{
  MsCardItem *item = ms_thread_card_get_item (MS_THREAD_CARD (button));

  g_signal_emit (user_data, card_activated_signal, 0, ms_card_item_get_data (item)->id);
}

static GtkWidget *
ensure_card (MsCardBoard *self, guint place)
{
  MsCardItem *item = g_ptr_array_index (self->items, place);
  guint id = ms_card_item_get_data (item)->id;
  GtkWidget *card = g_hash_table_lookup (self->cards, GUINT_TO_POINTER (id));

  if (card != NULL)
    {
      ms_thread_card_set_item (MS_THREAD_CARD (card), item);
      return card;
    }
  card = ms_thread_card_new (item);
  g_signal_connect (card, "clicked", G_CALLBACK (card_clicked_cb), self);
  gtk_widget_set_parent (card, GTK_WIDGET (self));
  g_hash_table_insert (self->cards, GUINT_TO_POINTER (id), card);
  return card;
}

/* The places whose cards shall exist. */
static void
get_kept_places (MsCardBoard *self, guint *first, guint *end)
{
  guint n_items = self->items->len;

  *first = 0;
  *end = n_items;
  if (n_items <= KEPT_CARDS)
    return;
  get_visible_cards (self, first, end);
  *first = *first > KEPT_CARDS / 2 ? *first - KEPT_CARDS / 2 : 0;
  *end = MIN (*end + KEPT_CARDS / 2, n_items);
}

static gboolean
is_card_wanted (MsCardBoard *self, guint id, GtkWidget *card, guint first, guint end)
{
  guint place;

  if (!find_place (self, id, &place))
    return FALSE;
  return (place >= first && place < end) || gtk_widget_has_focus (card)
         || ms_focus_motion_get_lift (&self->motion, id) > 0;
}

static void
sync_cards (MsCardBoard *self)
{
  guint first, end;
  GHashTableIter iter;
  gpointer id, card;

  get_kept_places (self, &first, &end);
  g_hash_table_iter_init (&iter, self->cards);
  while (g_hash_table_iter_next (&iter, &id, &card))
    if (!is_card_wanted (self, GPOINTER_TO_UINT (id), card, first, end))
      {
        g_hash_table_iter_remove (&iter);
        ms_card_pictures_forget (self->pictures, card);
        gtk_widget_unparent (card);
      }
  for (guint place = first; place < end; place++)
    ensure_card (self, place);
}

static gboolean
sync_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  MsCardBoard *self = MS_CARD_BOARD (widget);

  sync_cards (self);
  if (--self->n_sync_frames > 0)
    return G_SOURCE_CONTINUE;
  self->sync_tick = 0;
  return G_SOURCE_REMOVE;
}

static void
scrolled_cb (MsCardBoard *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->items->len <= KEPT_CARDS)
    return;
  /* Not from here, which may be within an allocation: in the next frame, and when a jump has reached its place. */
  self->n_sync_frames = 2;
  if (self->sync_tick == 0)
    self->sync_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), sync_cb, NULL, NULL);
}

/* --- the pulse of high alerts --- */

static void
beat_cb (GtkWidget *widget, double strength)
{
  MsCardBoard *self = MS_CARD_BOARD (widget);
  guint first, end;

  /* While a thread is in focus the others shall not draw the eye; and each beat draws its cards anew. */
  if (ms_focus_motion_get_dim (&self->motion) > 0)
    return;
  get_visible_cards (self, &first, &end);
  for (guint place = first; place < end; place++)
    {
      const MsCardData *data = get_data (self, place);
      GtkWidget *card = g_hash_table_lookup (self->cards, GUINT_TO_POINTER (data->id));

      if (card != NULL && data->alert == MS_ALERT_HIGH && !data->has_ended)
        ms_thread_card_set_pulse (MS_THREAD_CARD (card), strength);
    }
}

static void
update_pulse (MsCardBoard *self)
{
  gboolean wanted = FALSE;

  for (guint i = 0; i < self->items->len && !wanted; i++)
    wanted = get_data (self, i)->alert == MS_ALERT_HIGH && !get_data (self, i)->has_ended;
  ms_pulse_set_running (&self->pulse, wanted && gtk_widget_get_mapped (GTK_WIDGET (self)));
}

/* --- focus mode --- */

static void
allocate_card (MsCardBoard *self, guint id)
{
  GtkWidget *card = g_hash_table_lookup (self->cards, GUINT_TO_POINTER (id));
  double lift = ms_focus_motion_get_lift (&self->motion, id);
  MsRect rect, lifted;
  guint place;
  int unused;

  if (card == NULL || !find_place (self, id, &place))
    return;
  ms_board_layout_get_card (&self->layout, place, &rect);
  lifted = rect;
  ms_board_layout_lift (&self->layout, &lifted, 1 + (MS_THREAD_CARD_LIFTED_SCALE - 1) * lift,
                        OVERHANG_PX);

  float scale = (float) (lifted.width / rect.width);
  GskTransform *transform =
      gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT ((float) lifted.x, (float) lifted.y));
  /* GTK wants to be asked before it is told. */
  gtk_widget_measure (card, GTK_ORIENTATION_HORIZONTAL, -1, &unused, NULL, NULL, NULL);
  gtk_widget_allocate (card, (int) rect.width, (int) rect.height, -1,
                       gsk_transform_scale (transform, scale, scale));
}

static void
motion_value_cb (double value, gpointer user_data)
{
  MsCardBoard *self = user_data;

  self->motion.moment = value;
  /* Of hundreds of cards these two alone move: to lay all out again would draw all again. */
  if (self->motion.has_sinking)
    allocate_card (self, self->motion.sinking);
  if (self->motion.has_raised)
    allocate_card (self, self->motion.raised);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FOCUS_PROGRESS]);
}

static void
start_motion (MsCardBoard *self)
{
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  adw_animation_reset (self->animation);
  adw_animation_play (self->animation);
}

void
ms_card_board_set_focused (MsCardBoard *self, guint id)
{
  guint place;

  g_return_if_fail (MS_IS_CARD_BOARD (self));

  if (self->motion.has_raised && self->motion.raised == id)
    return;
  if (find_place (self, id, &place))
    ensure_card (self, place);
  /* The animation's reset reports 0, which is where the new motion begins. */
  ms_focus_motion_raise (&self->motion, id);
  start_motion (self);
}

void
ms_card_board_clear_focused (MsCardBoard *self)
{
  g_return_if_fail (MS_IS_CARD_BOARD (self));

  if (!self->motion.has_raised)
    return;
  ms_focus_motion_release (&self->motion);
  start_motion (self);
}

double
ms_card_board_get_focus_progress (MsCardBoard *self)
{
  g_return_val_if_fail (MS_IS_CARD_BOARD (self), 0);

  return ms_focus_motion_get_dim (&self->motion);
}

AdwAnimation *
ms_card_board_get_animation (MsCardBoard *self)
{
  g_return_val_if_fail (MS_IS_CARD_BOARD (self), NULL);

  return self->animation;
}

gboolean
ms_card_board_is_drawn (MsCardBoard *self)
{
  g_return_val_if_fail (MS_IS_CARD_BOARD (self), TRUE);

  return self->pictures == NULL || ms_card_pictures_is_complete (self->pictures);
}

/* --- layout --- */

static void
update_layout (MsCardBoard *self, double width_px)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int heading_height;

  gtk_widget_measure (self->heading, GTK_ORIENTATION_VERTICAL, -1, &heading_height, NULL, NULL,
                      NULL);
  MsBoardSizes sizes = {
    .n_tracked = self->n_tracked,
    .n_untracked = self->items->len - self->n_tracked,
    .width_px = width_px,
    .least_card_width_px = ms_thread_card_get_least_width_px (widget),
    .card_height_px = ceil (ms_thread_card_get_height_px (widget, FALSE)),
    .compact_height_px = ceil (ms_thread_card_get_height_px (widget, TRUE)),
    .heading_height_px = MAX (HEADING_HEIGHT_PX, heading_height),
    .gap_px = GAP_PX,
  };
  ms_board_layout (&self->layout, &sizes);
}

static void
ms_card_board_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  MsCardBoard *self = MS_CARD_BOARD (widget);
  int one_card = (int) ms_thread_card_get_least_width_px (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MIN (one_card, 200), *natural = 3 * one_card + 2 * GAP_PX;
      return;
    }
  update_layout (self, for_size >= 0 ? for_size : 3 * one_card + 2 * GAP_PX);
  *minimum = *natural = (int) ceil (self->layout.height_px);
}

static void
ms_card_board_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  MsCardBoard *self = MS_CARD_BOARD (widget);
  GHashTableIter iter;
  gpointer id;

  update_layout (self, width);
  g_hash_table_iter_init (&iter, self->cards);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    allocate_card (self, GPOINTER_TO_UINT (id));

  gtk_widget_set_child_visible (self->heading, self->layout.heading_y_px >= 0);
  if (self->layout.heading_y_px >= 0)
    gtk_widget_size_allocate (self->heading,
                              &(GtkAllocation) { 0, (int) self->layout.heading_y_px, width,
                                                 (int) self->layout.sizes.heading_height_px },
                              -1);
}

/* --- drawing --- */

static void
snapshot_lifted (MsCardBoard *self, GtkSnapshot *snapshot, guint id)
{
  GtkWidget *card = g_hash_table_lookup (self->cards, GUINT_TO_POINTER (id));
  double lift = ms_focus_motion_get_lift (&self->motion, id);
  double fade = (1 - MS_CARD_BOARD_FADED) * ms_focus_motion_get_dim (&self->motion) * (1 - lift);

  if (card != NULL && lift > 0)
    ms_thread_card_snapshot_lifted (MS_THREAD_CARD (card), GTK_WIDGET (self), snapshot, lift,
                                    1 - fade);
}

static void
snapshot_flat_cards (MsCardBoard *self, GtkSnapshot *snapshot, double opacity)
{
  g_autoptr (GPtrArray) cards = g_ptr_array_new ();
  guint first, end;

  get_visible_cards (self, &first, &end);
  for (guint place = first; place < end; place++)
    {
      guint id = get_data (self, place)->id;
      GtkWidget *card = g_hash_table_lookup (self->cards, GUINT_TO_POINTER (id));

      if (card != NULL && ms_focus_motion_get_lift (&self->motion, id) <= 0)
        g_ptr_array_add (cards, card);
    }
  ms_card_pictures_snapshot (self->pictures, GTK_WIDGET (self), cards, snapshot, opacity);
}

static void
ms_card_board_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MsCardBoard *self = MS_CARD_BOARD (widget);
  double opacity = 1 - (1 - MS_CARD_BOARD_FADED) * ms_focus_motion_get_dim (&self->motion);

  snapshot_flat_cards (self, snapshot, opacity);
  gtk_snapshot_push_opacity (snapshot, opacity);
  gtk_widget_snapshot_child (widget, self->heading, snapshot);
  gtk_snapshot_pop (snapshot);

  if (self->motion.has_sinking)
    snapshot_lifted (self, snapshot, self->motion.sinking);
  if (self->motion.has_raised)
    snapshot_lifted (self, snapshot, self->motion.raised);
}

/* --- the widget --- */

static GtkSizeRequestMode
ms_card_board_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
ms_card_board_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_double (value, ms_card_board_get_focus_progress (MS_CARD_BOARD (object)));
}

static void
ms_card_board_dispose (GObject *object)
{
  MsCardBoard *self = MS_CARD_BOARD (object);

  if (self->sync_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->sync_tick);
  self->sync_tick = 0;
  ms_pulse_set_running (&self->pulse, FALSE);
  ms_card_board_set_adjustment (self, NULL);
  g_clear_object (&self->animation);
  if (self->cards != NULL)
    g_hash_table_remove_all (self->cards);
  g_clear_pointer (&self->pictures, ms_card_pictures_free);
  for (GtkWidget *child; (child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL;)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (ms_card_board_parent_class)->dispose (object);
  /* Only now: to be unmapped it still looks at them. */
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->places, g_hash_table_unref);
  g_clear_pointer (&self->cards, g_hash_table_unref);
}

static void
ms_card_board_class_init (MsCardBoardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ms_card_board_get_property;
  object_class->dispose = ms_card_board_dispose;
  widget_class->get_request_mode = ms_card_board_get_request_mode;
  widget_class->measure = ms_card_board_measure;
  widget_class->size_allocate = ms_card_board_size_allocate;
  widget_class->snapshot = ms_card_board_snapshot;

  props[PROP_FOCUS_PROGRESS] =
      g_param_spec_double ("focus-progress", NULL, NULL, 0, 1, 0,
                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
  card_activated_signal = g_signal_new ("card-activated", MS_TYPE_CARD_BOARD, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);

  gtk_widget_class_set_css_name (widget_class, "cardboard");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
ms_card_board_init (MsCardBoard *self)
{
  AdwAnimationTarget *target = adw_callback_animation_target_new (motion_value_cb, self, NULL);

  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->places = g_hash_table_new (NULL, NULL);
  self->cards = g_hash_table_new (NULL, NULL);
  self->pictures = ms_card_pictures_new ();
  ms_pulse_init (&self->pulse, GTK_WIDGET (self), beat_cb);
  g_signal_connect (self, "map", G_CALLBACK (update_pulse), NULL);
  g_signal_connect (self, "unmap", G_CALLBACK (update_pulse), NULL);
  self->animation = adw_timed_animation_new (GTK_WIDGET (self), 0, 1, FOCUS_DURATION_MS, target);
  adw_timed_animation_set_easing (ADW_TIMED_ANIMATION (self->animation), ADW_EASE_OUT_CUBIC);

  self->heading = gtk_label_new (_ ("Not tracked"));
  gtk_widget_add_css_class (self->heading, "heading");
  gtk_widget_add_css_class (self->heading, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (self->heading), 0);
  gtk_widget_set_parent (self->heading, GTK_WIDGET (self));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Threads"), -1);
}

GtkWidget *
ms_card_board_new (void)
{
  return g_object_new (MS_TYPE_CARD_BOARD, NULL);
}

void
ms_card_board_set_items (MsCardBoard *self, GPtrArray *items)
{
  g_return_if_fail (MS_IS_CARD_BOARD (self));

  /* With every focus: to lay out and to order a thousand cards anew takes longer than a frame. */
  if (ms_card_items_are_same (self->items, items))
    return;
  g_ptr_array_set_size (self->items, 0);
  g_hash_table_remove_all (self->places);
  self->n_tracked = 0;
  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      MsCardItem *item = g_ptr_array_index (items, i);
      const MsCardData *data = ms_card_item_get_data (item);

      g_ptr_array_add (self->items, g_object_ref (item));
      g_hash_table_insert (self->places, GUINT_TO_POINTER (data->id), GUINT_TO_POINTER (i));
      if (data->tracked)
        self->n_tracked = i + 1;
    }

  /* Nobody may look at places that the layout has and the items have not. */
  update_layout (self, MAX (self->layout.sizes.width_px, 1));
  sync_cards (self);
  /* Assistive technology and Tab follow the order of children. */
  for (guint i = 0; i < self->items->len; i++)
    {
      GtkWidget *card =
          g_hash_table_lookup (self->cards, GUINT_TO_POINTER (get_data (self, i)->id));

      if (i == self->n_tracked)
        gtk_widget_insert_before (self->heading, GTK_WIDGET (self), NULL);
      if (card != NULL)
        gtk_widget_insert_before (card, GTK_WIDGET (self), NULL);
    }
  update_pulse (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
ms_card_board_set_adjustment (MsCardBoard *self, GtkAdjustment *vertical)
{
  g_return_if_fail (MS_IS_CARD_BOARD (self));
  if (self->vertical == vertical)
    return;
  if (self->vertical != NULL)
    g_signal_handlers_disconnect_by_func (self->vertical, scrolled_cb, self);
  g_set_object (&self->vertical, vertical);
  if (vertical == NULL)
    return;
  g_signal_connect_swapped (vertical, "value-changed", G_CALLBACK (scrolled_cb), self);
  g_signal_connect_swapped (vertical, "changed", G_CALLBACK (scrolled_cb), self);
}

GtkWidget *
ms_card_board_get_card (MsCardBoard *self, guint id)
{
  guint place;

  g_return_val_if_fail (MS_IS_CARD_BOARD (self), NULL);

  return find_place (self, id, &place) ? ensure_card (self, place) : NULL;
}

GtkWidget *
ms_card_board_get_first_card (MsCardBoard *self)
{
  return self->items->len > 0 ? ensure_card (self, 0) : NULL;
}

gboolean
ms_card_board_get_card_rect (MsCardBoard *self, guint id, MsRect *rect)
{
  guint place;

  g_return_val_if_fail (MS_IS_CARD_BOARD (self), FALSE);

  if (!find_place (self, id, &place))
    return FALSE;
  ms_board_layout_get_card (&self->layout, place, rect);
  return TRUE;
}
