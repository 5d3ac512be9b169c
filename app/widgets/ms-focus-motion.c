/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-focus-motion.h"

static double
between (double from, double to, double moment)
{
  return from + (to - from) * moment;
}

double
ms_focus_motion_get_lift (const MsFocusMotion *self, guint id)
{
  if (self->has_raised && self->raised == id)
    return between (self->raised_from, 1, self->moment);
  if (self->has_sinking && self->sinking == id)
    return between (self->sinking_from, 0, self->moment);
  return 0;
}

double
ms_focus_motion_get_dim (const MsFocusMotion *self)
{
  return between (self->dim_from, self->dim_to, self->moment);
}

/* What was raised sinks from where it is; a third card that was still sinking lies down at once. */
static void
let_sink (MsFocusMotion *self)
{
  if (!self->has_raised)
    return;
  self->sinking_from = ms_focus_motion_get_lift (self, self->raised);
  self->sinking = self->raised;
  self->has_sinking = TRUE;
  self->has_raised = FALSE;
}

void
ms_focus_motion_raise (MsFocusMotion *self, guint id)
{
  double lift = ms_focus_motion_get_lift (self, id);
  double dim = ms_focus_motion_get_dim (self);

  if (self->has_raised && self->raised == id)
    self->has_raised = FALSE;
  let_sink (self);
  if (self->has_sinking && self->sinking == id)
    self->has_sinking = FALSE;
  self->has_raised = TRUE;
  self->raised = id;
  self->raised_from = lift;
  self->dim_from = dim;
  self->dim_to = 1;
  self->moment = 0;
}

void
ms_focus_motion_release (MsFocusMotion *self)
{
  double dim = ms_focus_motion_get_dim (self);

  let_sink (self);
  self->dim_from = dim;
  self->dim_to = 0;
  self->moment = 0;
}
