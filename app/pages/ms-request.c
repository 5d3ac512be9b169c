/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-request.h"

void
ms_request_cancel (GCancellable **cancellable)
{
  if (*cancellable != NULL)
    g_cancellable_cancel (*cancellable);
  g_clear_object (cancellable);
}

gpointer
ms_request_ticket_new (gpointer object)
{
  GWeakRef *ticket = g_new0 (GWeakRef, 1);

  g_weak_ref_init (ticket, object);
  return ticket;
}

gpointer
ms_request_ticket_redeem (gpointer ticket)
{
  gpointer object = g_weak_ref_get (ticket);

  g_weak_ref_clear (ticket);
  g_free (ticket);
  return object;
}
