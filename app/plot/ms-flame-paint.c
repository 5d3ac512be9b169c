/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-flame-paint.h"
#include "ms-display-name.h"
#include "ms-figures.h"
#include "ms-short-name.h"
#include "ms-text.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define TEXT_MARGIN_PX 5
/* Narrower boxes have no text: not three letters would fit. */
#define LEAST_TEXT_PX 34
/* Narrower ones have no gap to the next either. */
#define LEAST_GAP_PX 4
#define SWATCH_PX 11
#define LEGEND_GAP_PX 16
#define LEGEND_CHARS 40

double
ms_flame_row_px (PangoContext *context)
{
  return ceil (ms_text_line_height_px (context, MS_TEXT_SMALL)) + 6;
}

/* --- colours --- */

static guint
shade_of (const MsFlameLook *look, const MsFlameCell *cell)
{
  guint function = cell->node >= 0
                       ? ms_call_tree_get_node (look->tree, (guint) cell->node)->function
                       : MS_FUNCTION_OTHERS;

  return function < MS_FUNCTION_OTHERS ? look->shades->of_function[function] : MS_SHADE_OTHERS;
}

static gboolean
is_match (const MsFlameLook *look, const MsFlameCell *cell)
{
  if (look->is_match == NULL || cell->node < 0)
    return FALSE;

  guint function = ms_call_tree_get_node (look->tree, (guint) cell->node)->function;
  return function < MS_FUNCTION_OTHERS && look->is_match[function];
}

static gboolean
is_faded (const MsFlameLook *look, const MsFlameCell *cell)
{
  return look->is_kept != NULL && (cell->node < 0 || !look->is_kept[cell->node]);
}

static MsColor
ground_of (const MsFlameLook *look, const MsFlameCell *cell, const MsPalette *palette)
{
  MsColor color = is_match (look, cell)
                      ? ms_color_with_alpha (palette->accent, 1)
                      : ms_module_shade_get_color (shade_of (look, cell), palette);

  if (is_faded (look, cell))
    color = ms_color_over (ms_color_with_alpha (color, 0.3), palette->surface);
  return color;
}

/* --- the still part --- */

/* Of several nodes in one box it is not known. */
static double
get_error (const MsFlameLook *look, const MsFlameCell *cell)
{
  if (cell->node >= 0)
    return ms_call_tree_get_total_error (look->tree, (guint) cell->node, 0);
  return ms_figure_has_error (ms_call_tree_get_total_error (look->tree, 0, 0)) ? NAN : 0;
}

char *
ms_flame_dup_label (const MsFlamePlot *plot, const MsFlameLook *look, guint cell)
{
  const MsFlameCell *box = &plot->cells[cell];

  if (box->node < 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u smaller", "%u smaller",
                                         box->n_merged),
                            box->n_merged);
  if (ms_call_tree_get_node (look->tree, (guint) box->node)->function == MS_FUNCTION_NONE)
    {
      g_autofree char *value =
          ms_flame_format_value (box->value, get_error (look, box), look->is_bytes);

      /* Translators: the root of a flame graph; the value is bytes or a number of allocations. */
      return g_strdup_printf (_ ("All: %s"), value);
    }

  g_autofree char *name =
      ms_short_name_new (ms_call_tree_get_label (look->tree, (guint) box->node));
  return ms_display_name (name);
}

static void
paint_box (cairo_t *cr, const MsRect *rect, MsColor ground, const MsPalette *palette)
{
  double gap = rect->width >= LEAST_GAP_PX ? 1 : 0;

  cairo_rectangle (cr, rect->x, rect->y, rect->width - gap, rect->height - 1);
  ms_color_set_source (cr, ground);
  cairo_fill (cr);
  if (gap <= 0)
    return;
  cairo_rectangle (cr, rect->x + 0.5, rect->y + 0.5, MAX (rect->width - gap - 1, 0),
                   rect->height - 2);
  ms_color_set_source (cr, palette->edge);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static gboolean
meets (const MsRect *a, const MsRect *b)
{
  return b == NULL
         || (a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
             && b->y < a->y + a->height);
}

void
ms_flame_paint (cairo_t *cr,
                PangoContext *context,
                const MsFlamePlot *plot,
                const MsFlameLook *look,
                const MsPalette *palette,
                const MsRect *clip)
{
  double text_y = (plot->row_px - 1 - ms_text_line_height_px (context, MS_TEXT_SMALL)) / 2;

  for (guint i = 0; i < plot->n_cells; i++)
    {
      const MsFlameCell *cell = &plot->cells[i];
      MsColor ground;

      if (!meets (&cell->rect, clip))
        continue;
      ground = ground_of (look, cell, palette);
      paint_box (cr, &cell->rect, ground, palette);
      if (cell->rect.width < LEAST_TEXT_PX)
        continue;

      g_autofree char *label = ms_flame_dup_label (plot, look, i);
      MsColor ink = ms_color_get_ink (ground);
      ms_text_paint (cr, context, label, MS_TEXT_SMALL, ink, cell->rect.x + TEXT_MARGIN_PX,
                     cell->rect.y + text_y, cell->rect.width - 2 * TEXT_MARGIN_PX);
    }
}

/* --- over it --- */

static void
outline (cairo_t *cr, const MsRect *rect, MsColor color, double line_px, double inset_px)
{
  double around = inset_px + line_px / 2;

  cairo_rectangle (cr, rect->x + around, rect->y + around, MAX (rect->width - 1 - 2 * around, 0.5),
                   MAX (rect->height - 1 - 2 * around, 0.5));
  ms_color_set_source (cr, color);
  cairo_set_line_width (cr, line_px);
  cairo_stroke (cr);
}

void
ms_flame_paint_hover (cairo_t *cr, const MsFlamePlot *plot, const MsPalette *palette, guint cell)
{
  const MsRect *rect = &plot->cells[cell].rect;

  cairo_rectangle (cr, rect->x, rect->y, MAX (rect->width - 1, 1), rect->height - 1);
  ms_color_set_source (cr, ms_color_with_alpha (palette->text, 0.1));
  cairo_fill (cr);
  outline (cr, rect, ms_color_with_alpha (palette->text, 0.7), 1, 0);
}

/* A ring of two colours, so that it is seen on any of the boxes. */
void
ms_flame_paint_cursor (cairo_t *cr, const MsFlamePlot *plot, const MsPalette *palette, guint cell)
{
  const MsRect *rect = &plot->cells[cell].rect;

  outline (cr, rect, ms_color_with_alpha (palette->surface, 1), 1, 2);
  outline (cr, rect, palette->text, 2, 0);
}

/* --- the legend --- */

static char *
dup_legend_text (const MsModuleShades *shades, guint shade)
{
  if (shades->modules[shade] != NULL)
    return ms_display_text (shades->modules[shade], LEGEND_CHARS);
  if (shade == MS_SHADE_OTHERS && shades->n_others > 1)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u other module", "%u other modules",
                                         shades->n_others),
                            shades->n_others);
  return NULL;
}

/* Flows in lines of @width_px; @cr NULL: only measured.  Returns the height. */
static double
flow_legend (cairo_t *cr,
             PangoContext *context,
             const MsModuleShades *shades,
             const MsPalette *palette,
             double x_px,
             double y_px,
             double width_px)
{
  double height = ms_text_line_height_px (context, MS_TEXT_SMALL), x = 0, y = 0;

  for (guint shade = 0; shade < MS_N_MODULE_SHADES; shade++)
    {
      g_autofree char *text = dup_legend_text (shades, shade);

      if (text == NULL)
        continue;
      double text_px = ms_text_measure_px (context, text, MS_TEXT_SMALL);
      double entry_px = SWATCH_PX + 6 + text_px;
      if (x > 0 && x + entry_px > width_px)
        x = 0, y += height + 4;
      if (cr != NULL)
        {
          double top = y_px + y + (height - SWATCH_PX) / 2;

          cairo_rectangle (cr, x_px + x + 0.5, floor (top) + 0.5, SWATCH_PX - 1, SWATCH_PX - 1);
          ms_color_set_source (cr, ms_module_shade_get_color (shade, palette));
          cairo_fill_preserve (cr);
          ms_color_set_source (cr, ms_color_with_alpha (palette->text, 0.45));
          cairo_set_line_width (cr, 1);
          cairo_stroke (cr);
          ms_text_paint (cr, context, text, MS_TEXT_SMALL, palette->dim_text,
                         x_px + x + SWATCH_PX + 6, y_px + y,
                         MAX (MIN (text_px + 1, width_px - x - SWATCH_PX - 6), 1));
        }
      x += entry_px + LEGEND_GAP_PX;
    }
  return y + height;
}

double
ms_flame_legend_height_px (PangoContext *context, const MsModuleShades *shades, double width_px)
{
  return flow_legend (NULL, context, shades, NULL, 0, 0, width_px);
}

void
ms_flame_paint_legend (cairo_t *cr,
                       PangoContext *context,
                       const MsModuleShades *shades,
                       const MsPalette *palette,
                       double x_px,
                       double y_px,
                       double width_px)
{
  flow_legend (cr, context, shades, palette, x_px, y_px, width_px);
}

/* --- in words --- */

char *
ms_flame_format_value (guint64 value, double standard_error, gboolean is_bytes)
{
  g_autofree char *count = NULL;

  if (is_bytes)
    return ms_figure_bytes_with_error (value, standard_error);
  count = ms_figure_count_with_error (value, standard_error);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s allocation", "%s allocations",
                                       (gulong) MIN (value, G_MAXLONG)),
                          count);
}

static guint64
get_whole (const MsFlameLook *look)
{
  return ms_call_tree_get_total (look->tree, 0, 0);
}

char *
ms_flame_describe_cell (const MsFlamePlot *plot, const MsFlameLook *look, guint cell)
{
  const MsFlameCell *box = &plot->cells[cell];
  GString *text = g_string_new (NULL);
  guint64 whole = get_whole (look);
  double error = get_error (look, box);
  g_autofree char *value = ms_flame_format_value (box->value, error, look->is_bytes);
  g_autofree char *share =
      ms_figure_percent (whole > 0 ? 100.0 * (double) box->value / (double) whole : 0);

  g_string_append (text, value);
  if (look->is_bytes && !ms_figure_has_error (error))
    {
      g_autofree char *exact = ms_figure_count (box->value);

      g_string_append_printf (text, " (%s" MS_THIN_SPACE "B)", exact);
    }
  g_string_append_printf (text, " · %s", share);
  if (box->node < 0)
    return g_string_free (text, FALSE);

  guint64 own = ms_call_tree_get_self (look->tree, (guint) box->node, 0);
  guint n_stacks = ms_call_tree_get_node (look->tree, (guint) box->node)->n_stacks;
  g_autofree char *stacks = ms_figure_count (n_stacks);
  if (own > 0)
    {
      double own_error = ms_call_tree_get_self_error (look->tree, (guint) box->node, 0);
      g_autofree char *itself = ms_flame_format_value (own, own_error, look->is_bytes);

      /* Translators: what a function allocates without the functions that it calls. */
      g_string_append_printf (text, _ (" · %s itself"), itself);
    }
  g_string_append (text, " · ");
  g_string_append_printf (text,
                          g_dngettext (GETTEXT_PACKAGE, "%s call stack", "%s call stacks",
                                       n_stacks),
                          stacks);
  return g_string_free (text, FALSE);
}

/* Down the heaviest children to where less than half of the whole is left. */
static guint
find_half (MsCallTree *tree)
{
  guint64 whole = ms_call_tree_get_total (tree, 0, 0);
  guint at = 0;

  for (;;)
    {
      const MsCallNode *node = ms_call_tree_get_node (tree, at);

      if (node->n_children == 0
          || ms_call_tree_get_total (tree, node->first_child, 0) < whole - whole / 2)
        return at;
      at = node->first_child;
    }
}

char *
ms_flame_describe (const MsFlameLook *look)
{
  guint64 whole = get_whole (look);
  guint n_nodes = ms_call_tree_get_n_nodes (look->tree);
  /* Nodes come by depth. */
  guint deepest = ms_call_tree_get_node (look->tree, n_nodes - 1)->depth;
  guint half = find_half (look->tree);

  if (whole == 0)
    return g_strdup (_ ("Nothing was allocated here"));

  double error = ms_call_tree_get_total_error (look->tree, 0, 0);
  g_autofree char *value = ms_flame_format_value (whole, error, look->is_bytes);
  if (half == 0)
    /* Translators: a value, number of rows. */
    return g_strdup_printf (_ ("%s in call stacks of up to %u functions; no single one leads to "
                               "half of it"),
                            value, deepest);

  g_autofree char *name = ms_short_name_new (ms_call_tree_get_label (look->tree, half));
  g_autofree char *shown = ms_display_name (name);
  g_autofree char *share = ms_figure_percent (
      100.0 * (double) ms_call_tree_get_total (look->tree, half, 0) / (double) whole);
  /* Translators: a value, number of rows, a share, a function. */
  return g_strdup_printf (_ ("%s in call stacks of up to %u functions; %s of it through %s"), value,
                          deepest, share, shown);
}
