/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an object asks a worker for, one question at a time.  The task must not hold who asks: it may let go of what it
 * holds on its worker, where no widget may end, and with a lens a window's document goes.  So who asks leaves a ticket:
 *
 *   ms_request_cancel (&self->cancellable);
 *   self->cancellable = g_cancellable_new ();
 *   task = g_task_new (NULL, self->cancellable, answered_cb, ms_request_ticket_new (self));
 *
 * and answered_cb redeems it, once, whatever came of the task.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Nobody waits for the answer any more. */
void ms_request_cancel (GCancellable **cancellable);

gpointer ms_request_ticket_new (gpointer object);
/* The object, or NULL: it is gone; takes @ticket. (transfer full) */
gpointer ms_request_ticket_redeem (gpointer ticket);

G_END_DECLS
