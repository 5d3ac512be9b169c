/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <pango/pangocairo.h>
#include "ms-strip-layout.h"

G_BEGIN_DECLS

/* The still part. */
void ms_strip_paint (cairo_t *cr,
                     PangoContext *context,
                     const MsStripLayout *layout,
                     const MsStripData *data,
                     const MsPalette *palette);

/* The reading line at @bin with its exact values, over the still part. */
void ms_strip_paint_cursor (cairo_t *cr,
                            PangoContext *context,
                            const MsStripLayout *layout,
                            const MsStripData *data,
                            const MsPalette *palette,
                            guint bin);

/* The picture in words. */
char *ms_strip_describe (const MsStripData *data);
/* "27.3 s: 181.6 MB". */
char *ms_strip_describe_bin (const MsStripData *data, guint bin);

/* The chosen range, over the picture: its time in the accent's colour, what is outside of it paler. */
void ms_strip_paint_range (cairo_t *cr,
                           const MsStripLayout *layout,
                           const MsStripData *data,
                           const MsPalette *palette,
                           gint64 start_ns,
                           gint64 end_ns);

G_END_DECLS
