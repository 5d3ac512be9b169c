/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What can be changed in a program that is being watched: whether it is recorded, which threads, how many of its
 * allocations, and a name for this instant; a flight recorder's latest events can be saved.  In a popover of the
 * header bar; hidden while nothing is attached.
 */
#pragma once

#include <adwaita.h>
#include "ms-tracker-client.h"

G_BEGIN_DECLS

#define MS_TYPE_LIVE_BUTTON (ms_live_button_get_type ())
G_DECLARE_FINAL_TYPE (MsLiveButton, ms_live_button, MS, LIVE_BUTTON, AdwBin)

/* Signals: "said" (string), a sentence for a toast: what was done, or why not; "saved" (string), the folder of a
 * snapshot; "detach" (). */
GtkWidget *ms_live_button_new (void);
/* NULL: none. */
void ms_live_button_set_client (MsLiveButton *self, MsTrackerClient *client);
/* The program keeps only its latest events. */
void ms_live_button_set_is_ring (MsLiveButton *self, gboolean is_ring);
/* A sign without words. */
void ms_live_button_set_compact (MsLiveButton *self, gboolean compact);
/* Opens the controls where the name of an instant is typed. */
void ms_live_button_start_mark (MsLiveButton *self);

G_END_DECLS
