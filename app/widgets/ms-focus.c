/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-focus.h"

/*
 * One signal, "changed", after any change: a page that filters by all three must not compute
 * three times.
 */
struct _MsFocus {
  GObject parent_instance;

  gboolean has_thread, has_range, has_stack;
  guint thread;
  gint64 start_ns, end_ns;
  guint stack;
};

G_DEFINE_FINAL_TYPE (MsFocus, ms_focus, G_TYPE_OBJECT)

static guint changed_signal;

static void
ms_focus_class_init (MsFocusClass *klass)
{
  changed_signal = g_signal_new ("changed", MS_TYPE_FOCUS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
ms_focus_init (MsFocus *self)
{
}

MsFocus *
ms_focus_new (void)
{
  return g_object_new (MS_TYPE_FOCUS, NULL);
}

gboolean
ms_focus_get_thread (MsFocus *self, guint *id)
{
  g_return_val_if_fail (MS_IS_FOCUS (self), FALSE);

  if (self->has_thread && id != NULL)
    *id = self->thread;
  return self->has_thread;
}

void
ms_focus_set_thread (MsFocus *self, guint id)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  if (self->has_thread && self->thread == id)
    return;
  self->has_thread = TRUE;
  self->thread = id;
  g_signal_emit (self, changed_signal, 0);
}

void
ms_focus_clear_thread (MsFocus *self)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  if (!self->has_thread)
    return;
  self->has_thread = FALSE;
  g_signal_emit (self, changed_signal, 0);
}

gboolean
ms_focus_get_range (MsFocus *self, gint64 *start_ns, gint64 *end_ns)
{
  g_return_val_if_fail (MS_IS_FOCUS (self), FALSE);

  if (self->has_range && start_ns != NULL)
    *start_ns = self->start_ns;
  if (self->has_range && end_ns != NULL)
    *end_ns = self->end_ns;
  return self->has_range;
}

void
ms_focus_set_range (MsFocus *self, gint64 start_ns, gint64 end_ns)
{
  g_return_if_fail (MS_IS_FOCUS (self));
  g_return_if_fail (start_ns < end_ns);

  if (self->has_range && self->start_ns == start_ns && self->end_ns == end_ns)
    return;
  self->has_range = TRUE;
  self->start_ns = start_ns;
  self->end_ns = end_ns;
  g_signal_emit (self, changed_signal, 0);
}

void
ms_focus_clear_range (MsFocus *self)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  if (!self->has_range)
    return;
  self->has_range = FALSE;
  g_signal_emit (self, changed_signal, 0);
}

gboolean
ms_focus_get_stack (MsFocus *self, guint *stack)
{
  g_return_val_if_fail (MS_IS_FOCUS (self), FALSE);

  if (self->has_stack && stack != NULL)
    *stack = self->stack;
  return self->has_stack;
}

void
ms_focus_set_stack (MsFocus *self, guint stack)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  if (self->has_stack && self->stack == stack)
    return;
  self->has_stack = TRUE;
  self->stack = stack;
  g_signal_emit (self, changed_signal, 0);
}

void
ms_focus_clear_stack (MsFocus *self)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  if (!self->has_stack)
    return;
  self->has_stack = FALSE;
  g_signal_emit (self, changed_signal, 0);
}

void
ms_focus_clear (MsFocus *self)
{
  g_return_if_fail (MS_IS_FOCUS (self));

  if (!self->has_thread && !self->has_range && !self->has_stack)
    return;
  self->has_thread = self->has_range = self->has_stack = FALSE;
  g_signal_emit (self, changed_signal, 0);
}
