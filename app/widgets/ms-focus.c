/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-focus.h"

#include <string.h>

/* As many steps as anybody walks back. */
#define MAX_STEPS 200

/* What was looked at at one step.  Stacks are shared between steps that do not change them. */
typedef struct {
  gboolean has_thread, has_range;
  guint thread;
  gint64 start_ns, end_ns;
  GArray *stacks; /* of guint; NULL: all */
  char *label;
} Step;

/*
 * One signal, "changed", after any change: a page that filters by all three must not compute
 * three times.
 */
struct _MsFocus {
  GObject parent_instance;

  GPtrArray *steps; /* of Step, the oldest first; never empty */
  guint at;
  gboolean in_gesture, gesture_has_step;
};

G_DEFINE_FINAL_TYPE (MsFocus, ms_focus, G_TYPE_OBJECT)

static guint changed_signal;

static void
step_free (gpointer data)
{
  Step *step = data;

  g_clear_pointer (&step->stacks, g_array_unref);
  g_free (step->label);
  g_free (step);
}

static Step *
step_copy (const Step *step)
{
  Step *copy = g_memdup2 (step, sizeof *step);

  if (copy->stacks != NULL)
    g_array_ref (copy->stacks);
  copy->label = g_strdup (step->label);
  return copy;
}

static gboolean
stacks_equal (const GArray *a, const GArray *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->len == b->len
         && (a->len == 0 || memcmp (a->data, b->data, a->len * sizeof (guint)) == 0);
}

static gboolean
step_equal (const Step *a, const Step *b)
{
  return a->has_thread == b->has_thread && (!a->has_thread || a->thread == b->thread)
         && a->has_range == b->has_range
         && (!a->has_range || (a->start_ns == b->start_ns && a->end_ns == b->end_ns))
         && stacks_equal (a->stacks, b->stacks) && g_strcmp0 (a->label, b->label) == 0;
}

static const Step *
get_step (MsFocus *self)
{
  return g_ptr_array_index (self->steps, self->at);
}

/* Takes @step.  What lay ahead is forgotten, as another way is taken. */
static void
take_step (MsFocus *self, Step *step)
{
  if (step_equal (step, get_step (self)))
    {
      step_free (step);
      return;
    }
  g_ptr_array_set_size (self->steps, (gint) self->at + 1);
  if (self->gesture_has_step)
    g_ptr_array_remove_index (self->steps, self->at);
  else if (self->steps->len == MAX_STEPS)
    g_ptr_array_remove_index (self->steps, 0);
  if (self->gesture_has_step && self->steps->len > 0
      && step_equal (step, g_ptr_array_index (self->steps, self->steps->len - 1)))
    {
      /* It came back to where it began. */
      step_free (step);
      self->gesture_has_step = FALSE;
    }
  else
    {
      g_ptr_array_add (self->steps, step);
      self->gesture_has_step = self->in_gesture;
    }
  self->at = self->steps->len - 1;
  g_signal_emit (self, changed_signal, 0);
}

static void
ms_focus_finalize (GObject *object)
{
  g_ptr_array_unref (MS_FOCUS (object)->steps);
  G_OBJECT_CLASS (ms_focus_parent_class)->finalize (object);
}

static void
ms_focus_class_init (MsFocusClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_focus_finalize;
  changed_signal = g_signal_new ("changed", MS_TYPE_FOCUS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
ms_focus_init (MsFocus *self)
{
  self->steps = g_ptr_array_new_with_free_func (step_free);
  g_ptr_array_add (self->steps, g_new0 (Step, 1));
}

MsFocus *
ms_focus_new (void)
{
  return g_object_new (MS_TYPE_FOCUS, NULL);
}

/* --- thread --- */

gboolean
ms_focus_get_thread (MsFocus *self, guint *id)
{
  g_return_val_if_fail (MS_IS_FOCUS (self), FALSE);

  if (get_step (self)->has_thread && id != NULL)
    *id = get_step (self)->thread;
  return get_step (self)->has_thread;
}

void
ms_focus_set_thread (MsFocus *self, guint id)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  Step *step = step_copy (get_step (self));
  step->has_thread = TRUE;
  step->thread = id;
  take_step (self, step);
}

void
ms_focus_clear_thread (MsFocus *self)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  Step *step = step_copy (get_step (self));
  step->has_thread = FALSE;
  take_step (self, step);
}

/* --- range --- */

gboolean
ms_focus_get_range (MsFocus *self, gint64 *start_ns, gint64 *end_ns)
{
  g_return_val_if_fail (MS_IS_FOCUS (self), FALSE);

  const Step *step = get_step (self);
  if (step->has_range && start_ns != NULL)
    *start_ns = step->start_ns;
  if (step->has_range && end_ns != NULL)
    *end_ns = step->end_ns;
  return step->has_range;
}

void
ms_focus_set_range (MsFocus *self, gint64 start_ns, gint64 end_ns)
{
  g_return_if_fail (MS_IS_FOCUS (self));
  g_return_if_fail (start_ns < end_ns);

  Step *step = step_copy (get_step (self));
  step->has_range = TRUE;
  step->start_ns = start_ns;
  step->end_ns = end_ns;
  take_step (self, step);
}

void
ms_focus_clear_range (MsFocus *self)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  Step *step = step_copy (get_step (self));
  step->has_range = FALSE;
  take_step (self, step);
}

/* --- stacks --- */

const guint *
ms_focus_get_stacks (MsFocus *self, guint *n)
{
  static const guint none = 0;

  g_return_val_if_fail (MS_IS_FOCUS (self) && n != NULL, NULL);

  const GArray *stacks = get_step (self)->stacks;
  *n = stacks != NULL ? stacks->len : 0;
  if (stacks == NULL)
    return NULL;
  return stacks->len > 0 ? (const guint *) (gpointer) stacks->data : &none;
}

const char *
ms_focus_get_stacks_label (MsFocus *self)
{
  g_return_val_if_fail (MS_IS_FOCUS (self), NULL);

  return get_step (self)->label;
}

gboolean
ms_focus_get_stack (MsFocus *self, guint *stack)
{
  guint n = 0;
  const guint *stacks = ms_focus_get_stacks (self, &n);

  if (n == 1 && stack != NULL)
    *stack = stacks[0];
  return n == 1;
}

static void
replace_stacks (Step *step, GArray *stacks, const char *label)
{
  g_clear_pointer (&step->stacks, g_array_unref);
  g_free (step->label);
  step->stacks = stacks;
  step->label = g_strdup (label);
}

void
ms_focus_set_stacks (MsFocus *self, const guint *stacks, guint n, const char *label)
{
  GArray *array = g_array_sized_new (FALSE, FALSE, sizeof (guint), n);
  Step *step;

  g_return_if_fail (MS_IS_FOCUS (self));

  if (n > 0)
    g_array_append_vals (array, stacks, n);
  step = step_copy (get_step (self));
  replace_stacks (step, array, label);
  take_step (self, step);
}

void
ms_focus_set_stack (MsFocus *self, guint stack)
{
  ms_focus_set_stacks (self, &stack, 1, NULL);
}

void
ms_focus_clear_stack (MsFocus *self)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  Step *step = step_copy (get_step (self));
  replace_stacks (step, NULL, NULL);
  take_step (self, step);
}

gboolean
ms_focus_remembers_stacks (MsFocus *self)
{
  g_return_val_if_fail (MS_IS_FOCUS (self), FALSE);

  for (guint i = 0; i < self->steps->len; i++)
    if (((const Step *) g_ptr_array_index (self->steps, i))->stacks != NULL)
      return TRUE;
  return FALSE;
}

void
ms_focus_renumber_stacks (MsFocus *self, const guint *map, guint n)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  for (guint i = 0; i < self->steps->len; i++)
    {
      Step *step = g_ptr_array_index (self->steps, i);

      if (step->stacks == NULL)
        continue;

      GArray *stacks = g_array_sized_new (FALSE, FALSE, sizeof (guint), step->stacks->len);
      for (guint k = 0; k < step->stacks->len; k++)
        {
          guint stack = g_array_index (step->stacks, guint, k);

          if (stack < n && map[stack] != G_MAXUINT)
            g_array_append_val (stacks, map[stack]);
        }
      g_array_unref (step->stacks);
      step->stacks = stacks;
    }
}

/* --- all of it --- */

void
ms_focus_clear (MsFocus *self)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  take_step (self, g_new0 (Step, 1));
}

gboolean
ms_focus_is_clear (MsFocus *self)
{
  g_return_val_if_fail (MS_IS_FOCUS (self), TRUE);

  const Step *step = get_step (self);
  return !step->has_thread && !step->has_range && step->stacks == NULL;
}

void
ms_focus_begin_gesture (MsFocus *self)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  self->in_gesture = TRUE;
  self->gesture_has_step = FALSE;
}

void
ms_focus_end_gesture (MsFocus *self)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  self->in_gesture = self->gesture_has_step = FALSE;
}

/* --- history --- */

gboolean
ms_focus_can_go_back (MsFocus *self)
{
  g_return_val_if_fail (MS_IS_FOCUS (self), FALSE);

  return self->at > 0;
}

gboolean
ms_focus_can_go_forward (MsFocus *self)
{
  g_return_val_if_fail (MS_IS_FOCUS (self), FALSE);

  return self->at + 1 < self->steps->len;
}

static void
go_to (MsFocus *self, guint at)
{
  ms_focus_end_gesture (self);
  self->at = at;
  g_signal_emit (self, changed_signal, 0);
}

void
ms_focus_go_back (MsFocus *self)
{
  if (ms_focus_can_go_back (self))
    go_to (self, self->at - 1);
}

void
ms_focus_go_forward (MsFocus *self)
{
  if (ms_focus_can_go_forward (self))
    go_to (self, self->at + 1);
}

void
ms_focus_reset (MsFocus *self)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  g_ptr_array_set_size (self->steps, 0);
  g_ptr_array_add (self->steps, g_new0 (Step, 1));
  go_to (self, 0);
}
