/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-row.h"
#include "ms-display-name.h"
#include "ms-short-name.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define FULL_NAME_CHARS 400
#define N_CALLERS 3

typedef enum { ROWS_STACKS, ROWS_FRAMES, ROWS_FUNCTIONS, ROWS_NODES, ROWS_AROUND } RowsKind;

struct _MsMemoryRow {
  GObject parent_instance;

  RowsKind kind;
  MsMemoryFigures *figures;
  MsCallTree *tree;  /* of nodes */
  guint node, stack; /* what it is, by kind */
  guint function;    /* MS_FUNCTION_NONE: none */
  gint frame;        /* of the names; -1: none */
  MsMemoryRowFigures shown;
  gboolean is_callers; /* of around */
  char *name, *place;
  char *callers;       /* NULL: none to tell it apart by */
  MsMemoryOrder order; /* of what is below */
};

G_DEFINE_FINAL_TYPE (MsMemoryRow, ms_memory_row, G_TYPE_OBJECT)

#define MS_TYPE_MEMORY_ROWS (ms_memory_rows_get_type ())
G_DECLARE_FINAL_TYPE (MsMemoryRows, ms_memory_rows, MS, MEMORY_ROWS, GObject)

struct _MsMemoryRows {
  GObject parent_instance;

  RowsKind kind;
  MsMemoryFigures *figures;
  GArray
      *numbers; /* of guint: stacks, or places in the functions' array; nodes, if they are sorted */
  MsCallTree *trees[2]; /* of nodes the first; of around callers and callees */
  guint first, n;       /* of nodes: children; of frames: n */
  guint stack;          /* of frames */
  MsMemoryOrder order;
  gboolean is_sorted; /* no longer as it was made */
};

/* --- a row --- */

static void
ms_memory_row_finalize (GObject *object)
{
  MsMemoryRow *self = MS_MEMORY_ROW (object);

  ms_memory_figures_unref (self->figures);
  g_clear_pointer (&self->tree, ms_call_tree_unref);
  g_free (self->name);
  g_free (self->place);
  g_free (self->callers);
  G_OBJECT_CLASS (ms_memory_row_parent_class)->finalize (object);
}

static void
ms_memory_row_class_init (MsMemoryRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_memory_row_finalize;
}

static void
ms_memory_row_init (MsMemoryRow *self)
{
}

static char *
dup_short_name (const char *label)
{
  g_autofree char *name = ms_short_name_new (label);

  return ms_display_name (name);
}

/* File and line; else the module. */
static char *
dup_place (const MsFrame *frame, const char *module)
{
  g_autofree char *base = NULL;
  g_autofree char *shown = NULL;

  if (frame != NULL && frame->file != NULL && *frame->file != '\0')
    {
      base = g_path_get_basename (frame->file);
      shown = ms_display_name (base);
      return frame->line > 0 ? g_strdup_printf ("%s:%u", shown, frame->line)
                             : g_steal_pointer (&shown);
    }
  return module != NULL && *module != '\0' ? ms_display_name (module) : g_strdup ("");
}

static void
name_by_frame (MsMemoryRow *self, guint frame)
{
  MsFrameNames *names = self->figures->names;
  const MsFrame *shown = ms_frame_names_get_frame (names, frame);

  self->frame = (gint) frame;
  self->function = ms_frame_names_get_function_of (names, frame);
  self->name = dup_short_name (ms_frame_names_get_label (names, frame));
  self->place = dup_place (shown, shown->module);
}

/* Of frame @place of a stack; a function that calls itself is said once. */
static char *
dup_callers (MsFrameNames *names, const guint *frames, guint depth, guint site)
{
  GString *text = g_string_new (NULL);
  guint place = 0, n = 0;
  const char *last = ms_frame_names_get_label (names, site);

  while (place < depth && frames[place] != site)
    place++;
  for (guint i = place + 1; i < depth && n < N_CALLERS; i++)
    {
      const char *label = ms_frame_names_get_label (names, frames[i]);
      g_autofree char *name = NULL;

      if (g_str_equal (label, last))
        continue;
      name = dup_short_name (label);
      g_string_append_printf (text, " ← %s", name);
      last = label;
      n++;
    }
  return g_string_free (text, FALSE);
}

static void
name_by_function (MsMemoryRow *self, guint function)
{
  const MsFunction *shown = ms_frame_names_get_function (self->figures->names, function);

  self->function = function;
  self->name = dup_short_name (shown->label);
  self->place = dup_place (NULL, shown->module);
}

static MsMemoryRow *
row_new (const MsMemoryRows *rows)
{
  MsMemoryRow *self = g_object_new (MS_TYPE_MEMORY_ROW, NULL);

  self->kind = rows->kind;
  self->figures = ms_memory_figures_ref (rows->figures);
  self->function = MS_FUNCTION_NONE;
  self->frame = -1;
  self->order = rows->order;
  return self;
}

static MsMemoryRow *
row_new_stack (const MsMemoryRows *rows, guint position)
{
  MsMemoryRow *self = row_new (rows);
  guint frame;

  self->stack = g_array_index (rows->numbers, guint, position);
  self->shown.value = self->figures->values[self->stack];
  self->shown.calls = self->figures->calls[self->stack];
  if (self->figures->value_errors != NULL)
    self->shown.value_error = self->figures->value_errors[self->stack];
  if (self->figures->call_errors != NULL)
    self->shown.calls_error = self->figures->call_errors[self->stack];
  if (ms_frame_names_find_site (self->figures->names, self->stack, &frame))
    {
      guint depth;
      const guint *frames =
          ms_frame_names_get_stack (self->figures->names, self->stack, &depth, NULL);

      name_by_frame (self, frame);
      self->callers = dup_callers (self->figures->names, frames, depth, frame);
    }
  else
    {
      self->name = g_strdup (_ ("no call stack was recorded"));
      self->place = g_strdup ("");
    }
  return self;
}

static MsMemoryRow *
row_new_frame (const MsMemoryRows *rows, guint position)
{
  MsMemoryRow *self = row_new (rows);
  guint depth;
  const guint *frames = ms_frame_names_get_stack (self->figures->names, rows->stack, &depth, NULL);

  self->stack = rows->stack;
  name_by_frame (self, frames[position]);
  return self;
}

static MsMemoryRow *
row_new_function (const MsMemoryRows *rows, guint position)
{
  MsMemoryRow *self = row_new (rows);
  const MsFunctionTotals *totals = &g_array_index (self->figures->functions, MsFunctionTotals,
                                                   g_array_index (rows->numbers, guint, position));

  name_by_function (self, totals->function);
  self->shown =
      (MsMemoryRowFigures) { totals->self, totals->total, totals->self_error, totals->total_error };
  return self;
}

/* Of its node. */
static void
take_figures (MsMemoryRow *self)
{
  self->shown.value = ms_call_tree_get_total (self->tree, self->node, 0);
  self->shown.calls = ms_call_tree_get_total (self->tree, self->node, 1);
  self->shown.value_error = ms_call_tree_get_total_error (self->tree, self->node, 0);
  self->shown.calls_error = ms_call_tree_get_total_error (self->tree, self->node, 1);
}

static MsMemoryRow *
row_new_node (const MsMemoryRows *rows, guint position)
{
  MsMemoryRow *self = row_new (rows);

  self->tree = ms_call_tree_ref (rows->trees[0]);
  self->node = rows->numbers != NULL ? g_array_index (rows->numbers, guint, position)
                                     : rows->first + position;
  take_figures (self);
  name_by_function (self, ms_call_tree_get_node (self->tree, self->node)->function);
  return self;
}

static MsMemoryRow *
row_new_around (const MsMemoryRows *rows, guint position)
{
  MsMemoryRow *self = row_new (rows);
  g_autofree char *function = NULL;

  self->tree = ms_call_tree_ref (rows->trees[position]);
  self->is_callers = position == 0;
  take_figures (self);
  name_by_function (self, ms_call_tree_get_node (self->tree, 0)->function);
  function = g_steal_pointer (&self->name);
  /* Translators: of a function. */
  self->name =
      g_strdup_printf (self->is_callers ? _ ("Who calls %s") : _ ("What %s calls"), function);
  return self;
}

const char *
ms_memory_row_get_name (MsMemoryRow *self)
{
  return self->name;
}

const char *
ms_memory_row_get_callers (MsMemoryRow *self)
{
  return self->callers != NULL ? self->callers : "";
}

char *
ms_memory_row_dup_full_name (MsMemoryRow *self)
{
  if (self->function >= MS_FUNCTION_OTHERS)
    return g_strdup (self->name);
  return ms_display_text (ms_frame_names_get_function (self->figures->names, self->function)->label,
                          FULL_NAME_CHARS);
}

const char *
ms_memory_row_get_place (MsMemoryRow *self)
{
  return self->place;
}

const MsMemoryRowFigures *
ms_memory_row_get_figures (MsMemoryRow *self)
{
  return self->kind != ROWS_FRAMES ? &self->shown : NULL;
}

double
ms_memory_row_get_share (MsMemoryRow *self)
{
  return self->figures->whole > 0 ? (double) self->shown.value / (double) self->figures->whole : 0;
}

const MsFrame *
ms_memory_row_get_frame (MsMemoryRow *self)
{
  guint n, frame;
  const guint *stacks;

  if (self->frame >= 0)
    return ms_frame_names_get_frame (self->figures->names, (guint) self->frame);
  if (self->function >= MS_FUNCTION_OTHERS)
    return NULL;

  /* A function: where it stands on the heaviest stack that it is on. */
  stacks = ms_memory_row_get_stacks (self, &n);
  if (stacks != NULL && n > 0)
    {
      guint stack = ms_memory_figures_get_heaviest (self->figures, stacks, n);

      if (ms_memory_figures_find_frame (self->figures, stack, self->function, &frame))
        return ms_frame_names_get_frame (self->figures->names, frame);
    }
  for (guint i = 0; i < self->figures->n_stacks; i++)
    if (ms_memory_figures_find_frame (self->figures, self->figures->stacks[i], self->function,
                                      &frame)
        && ms_frame_names_get_function_of (self->figures->names, frame) == self->function)
      return ms_frame_names_get_frame (self->figures->names, frame);
  return NULL;
}

guint
ms_memory_row_get_function (MsMemoryRow *self)
{
  return self->function;
}

const guint *
ms_memory_row_get_stacks (MsMemoryRow *self, guint *n)
{
  *n = 0;
  if (self->kind == ROWS_STACKS)
    {
      *n = 1;
      return &self->stack;
    }
  return self->tree != NULL ? ms_call_tree_get_stacks (self->tree, self->node, n) : NULL;
}

/* --- lists --- */

static GType
ms_memory_rows_get_item_type (GListModel *model)
{
  return MS_TYPE_MEMORY_ROW;
}

static guint
ms_memory_rows_get_n_items (GListModel *model)
{
  return ((MsMemoryRows *) model)->n;
}

static gpointer
ms_memory_rows_get_item (GListModel *model, guint position)
{
  const MsMemoryRows *self = (MsMemoryRows *) model;

  if (position >= self->n)
    return NULL;
  switch (self->kind)
    {
    case ROWS_STACKS:
      return row_new_stack (self, position);
    case ROWS_FRAMES:
      return row_new_frame (self, position);
    case ROWS_FUNCTIONS:
      return row_new_function (self, position);
    case ROWS_NODES:
      return row_new_node (self, position);
    case ROWS_AROUND:
    default:
      return row_new_around (self, position);
    }
}

static void
ms_memory_rows_list_init (GListModelInterface *interface)
{
  interface->get_item_type = ms_memory_rows_get_item_type;
  interface->get_n_items = ms_memory_rows_get_n_items;
  interface->get_item = ms_memory_rows_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (MsMemoryRows,
                               ms_memory_rows,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, ms_memory_rows_list_init))

static void
ms_memory_rows_finalize (GObject *object)
{
  MsMemoryRows *self = MS_MEMORY_ROWS (object);

  g_clear_pointer (&self->numbers, g_array_unref);
  for (guint i = 0; i < G_N_ELEMENTS (self->trees); i++)
    g_clear_pointer (&self->trees[i], ms_call_tree_unref);
  ms_memory_figures_unref (self->figures);
  G_OBJECT_CLASS (ms_memory_rows_parent_class)->finalize (object);
}

static void
ms_memory_rows_class_init (MsMemoryRowsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_memory_rows_finalize;
}

static void
ms_memory_rows_init (MsMemoryRows *self)
{
}

static MsMemoryRows *
rows_new (MsMemoryFigures *figures, RowsKind kind)
{
  MsMemoryRows *self = g_object_new (MS_TYPE_MEMORY_ROWS, NULL);

  self->kind = kind;
  self->figures = ms_memory_figures_ref (figures);
  return self;
}

static gboolean
has_match (MsMemoryFigures *figures, guint stack, const gboolean *is_match)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (figures->names, stack, &depth, NULL);

  for (guint i = 0; i < depth; i++)
    if (is_match[ms_frame_names_get_function_of (figures->names, frames[i])])
      return TRUE;
  return FALSE;
}

GListModel *
ms_memory_rows_new_stacks (MsMemoryFigures *figures, const gboolean *is_match)
{
  MsMemoryRows *self = rows_new (figures, ROWS_STACKS);

  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < figures->n_stacks; i++)
    if (is_match == NULL || has_match (figures, figures->stacks[i], is_match))
      g_array_append_val (self->numbers, figures->stacks[i]);
  self->n = self->numbers->len;
  return G_LIST_MODEL (self);
}

GListModel *
ms_memory_rows_new_functions (MsMemoryFigures *figures, const gboolean *is_match)
{
  MsMemoryRows *self = rows_new (figures, ROWS_FUNCTIONS);

  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < figures->functions->len; i++)
    if (is_match == NULL
        || is_match[g_array_index (figures->functions, MsFunctionTotals, i).function])
      g_array_append_val (self->numbers, i);
  self->n = self->numbers->len;
  return G_LIST_MODEL (self);
}

static GListModel *
rows_new_children (MsMemoryFigures *figures, MsCallTree *tree, guint node)
{
  const MsCallNode *parent = ms_call_tree_get_node (tree, node);
  MsMemoryRows *self;

  if (parent->n_children == 0)
    return NULL;
  self = rows_new (figures, ROWS_NODES);
  self->trees[0] = ms_call_tree_ref (tree);
  self->first = parent->first_child;
  self->n = parent->n_children;
  return G_LIST_MODEL (self);
}

GListModel *
ms_memory_rows_new_tree (MsMemoryFigures *figures, MsCallTree *tree)
{
  GListModel *rows = rows_new_children (figures, tree, 0);

  return rows != NULL ? rows : G_LIST_MODEL (g_list_store_new (MS_TYPE_MEMORY_ROW));
}

GListModel *
ms_memory_rows_new_around (MsMemoryFigures *figures, const MsMemoryAround *around)
{
  MsMemoryRows *self = rows_new (figures, ROWS_AROUND);

  self->trees[0] = ms_call_tree_ref (around->callers);
  self->trees[1] = ms_call_tree_ref (around->callees);
  self->n = 2;
  return G_LIST_MODEL (self);
}

GListModel *
ms_memory_row_get_children (MsMemoryRow *self)
{
  MsMemoryRows *rows;
  guint depth;

  if (self->tree != NULL)
    {
      GListModel *children = rows_new_children (self->figures, self->tree, self->node);

      if (children != NULL)
        ms_memory_rows_sort (children, self->order);
      return children;
    }
  if (self->kind != ROWS_STACKS)
    return NULL;
  ms_frame_names_get_stack (self->figures->names, self->stack, &depth, NULL);
  if (depth == 0)
    return NULL;
  rows = rows_new (self->figures, ROWS_FRAMES);
  rows->stack = self->stack;
  rows->n = depth;
  return G_LIST_MODEL (rows);
}

/* --- order --- */

typedef struct {
  guint number;
  guint64 figure;
  char *text; /* NULL: by figure */
} SortKey;

static void
sort_key_clear (gpointer data)
{
  g_free (((SortKey *) data)->text);
}

static gint
compare_keys (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const SortKey *x = a, *y = b;
  const MsMemoryOrder *order = user_data;
  gint result = x->text != NULL ? strcmp (x->text, y->text)
                                : (x->figure > y->figure) - (x->figure < y->figure);

  /* What is equal stays as it was. */
  if (result == 0)
    return 0;
  return order->ascending ? result : -result;
}

static GArray *
new_keys (MsMemoryRows *self, MsMemoryKey kind)
{
  GArray *keys = g_array_sized_new (FALSE, TRUE, sizeof (SortKey), self->n);

  g_array_set_clear_func (keys, sort_key_clear);
  for (guint i = 0; i < self->n; i++)
    {
      g_autoptr (MsMemoryRow) row = ms_memory_rows_get_item (G_LIST_MODEL (self), i);
      SortKey key = { .figure = kind == MS_MEMORY_BY_CALLS ? row->shown.calls : row->shown.value };

      key.number = self->kind == ROWS_NODES ? row->node : g_array_index (self->numbers, guint, i);
      if (kind == MS_MEMORY_BY_NAME || kind == MS_MEMORY_BY_PLACE)
        key.text = g_utf8_collate_key (kind == MS_MEMORY_BY_NAME ? row->name : row->place, -1);
      g_array_append_val (keys, key);
    }
  return keys;
}

void
ms_memory_rows_sort (GListModel *rows, MsMemoryOrder order)
{
  MsMemoryRows *self = MS_IS_MEMORY_ROWS (rows) ? MS_MEMORY_ROWS (rows) : NULL;
  gboolean is_default = order.key == MS_MEMORY_BY_VALUE && !order.ascending;
  g_autoptr (GArray) keys = NULL;

  /* A list of nothing is another. */
  if (self == NULL)
    return;
  self->order = order;
  if ((is_default && !self->is_sorted) || self->kind == ROWS_FRAMES || self->kind == ROWS_AROUND)
    return;
  self->is_sorted = TRUE;
  keys = new_keys (self, order.key);
  g_array_sort_with_data (keys, compare_keys, &order);
  if (self->numbers == NULL)
    self->numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_set_size (self->numbers, 0);
  for (guint i = 0; i < keys->len; i++)
    g_array_append_val (self->numbers, g_array_index (keys, SortKey, i).number);
}
