/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A picture of the window: for documentation, and for those who have no screen.  Waits until a trace
 * is loaded and drawn and every animation has come to rest, writes a PNG, and says how it went.
 */
#pragma once

#include "ms-window.h"

G_BEGIN_DECLS

typedef struct {
  char *output;       /* the PNG's path */
  char *page;         /* or NULL */
  char *focus_thread; /* name of a thread, or NULL */
  int width_px, height_px;
} MsScreenshotOptions;

/* @done: with NULL, or why there is no picture (or not the one that was asked for). */
typedef void (*MsScreenshotDone) (const char *problem, gpointer user_data);

/* Call it before the window opens anything.  @options must live until @done. */
void ms_screenshot_take (MsWindow *window,
                         const MsScreenshotOptions *options,
                         MsScreenshotDone done,
                         gpointer user_data);

/* "1400x900"; FALSE if it is no size. */
gboolean ms_screenshot_parse_size (const char *text, int *width_px, int *height_px);

G_END_DECLS
