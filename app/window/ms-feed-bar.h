/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A line over the pages while what they show is not all there will be: that the history is being read and how far,
 * that a program is watched no longer for the moment, that nothing more comes of one and why.  Hidden otherwise.
 */
#pragma once

#include <adwaita.h>
#include "ms-feed.h"
#include "ms-tracker-client.h"

G_BEGIN_DECLS

#define MS_TYPE_FEED_BAR (ms_feed_bar_get_type ())
G_DECLARE_FINAL_TYPE (MsFeedBar, ms_feed_bar, MS, FEED_BAR, AdwBin)

GtkWidget *ms_feed_bar_new (void);
/* NULL: none. */
void ms_feed_bar_set_feed (MsFeedBar *self, MsFeed *feed);
/* Whose program is followed: why nothing moves, or cannot be changed.  NULL: none. */
void ms_feed_bar_set_client (MsFeedBar *self, MsTrackerClient *client);

G_END_DECLS
