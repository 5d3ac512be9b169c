/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How a role looks and is called: an icon, a word and a tint, so that none rests on colour alone.
 * Icons are drawn, not loaded: they are wanted at every size, in every colour, and in pictures made
 * without a display.
 *
 *   Memory: stacked bars   CPU: a chip   I/O: two arrows   Balanced: a diamond   Light: a dash
 */
#pragma once

#include "ms-palette.h"

G_BEGIN_DECLS

/* Short word for pills and chips, translated. */
const char *ms_role_get_word (MsRole role);
/* "Memory intensive", translated. */
const char *ms_role_get_title (MsRole role);
/* "High", "Medium", "Normal", translated. */
const char *ms_alert_get_word (MsAlert alert);

/* Fills a square of @size_px at (@x_px, @y_px) with the current source. */
void ms_role_paint_glyph (cairo_t *cr, MsRole role, double x_px, double y_px, double size_px);
/* The small warning mark of an alert. */
void ms_alert_paint_mark (cairo_t *cr, double x_px, double y_px, double size_px);

G_END_DECLS
