/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-card-paint.h"
#include "ms-figures.h"
#include "ms-role-look.h"
#include "ms-text.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* One figure of the last line: "944" "allocs". */
typedef struct {
  char *value;
  const char *unit;
  gboolean measured;
} Figure;

static void
figure_init (Figure *self, const MsCardData *data, MsCardFigure which)
{
  self->measured = TRUE;
  switch (which)
    {
    case MS_CARD_ALLOCATIONS:
      self->value = ms_figure_count (data->allocations);
      if (ms_figure_has_error (data->allocations_standard_error))
        self->value = ms_figure_about (self->value);
      /* Translators: short for "allocations", after a number on a small card. */
      self->unit = g_dngettext (GETTEXT_PACKAGE, "alloc", "allocs",
                                (gulong) MIN (data->allocations, G_MAXULONG));
      break;
    case MS_CARD_RATE:
      self->value = ms_figure_split_byte_rate (data->allocated_bytes_per_second, &self->unit);
      break;
    case MS_CARD_CPU:
      self->measured = data->cpu_percent >= 0;
      self->value = self->measured ? g_strdup_printf ("%.1f" MS_THIN_SPACE "%%", data->cpu_percent)
                                   : g_strdup (MS_NOT_MEASURED);
      self->unit = _ ("CPU");
      break;
    case MS_CARD_IO:
    case MS_CARD_N_FIGURES:
    default:
      self->measured = data->io_operations >= 0;
      self->value = self->measured ? ms_figure_count ((guint64) data->io_operations)
                                   : g_strdup (MS_NOT_MEASURED);
      self->unit = _ ("I/O");
      break;
    }
}

static double
figure_gap_px (PangoContext *context)
{
  return ms_text_measure_px (context, MS_THIN_SPACE, MS_TEXT_SMALL) + 1;
}

void
ms_card_measure (MsCardMetrics *metrics, PangoContext *context, const MsCardData *data)
{
  char tid[16];

  *metrics = (MsCardMetrics) {
    .small_line_px = ms_text_line_height_px (context, MS_TEXT_SMALL),
    .name_line_px = ms_text_line_height_px (context, MS_TEXT_NAME),
    .figure_line_px = ms_text_line_height_px (context, MS_TEXT_FIGURE),
  };
  g_snprintf (tid, sizeof tid, "%d", data->tid);
  if (data->tid > 0)
    metrics->tid_px = ms_text_measure_px (context, tid, MS_TEXT_SMALL);
  if (!data->tracked)
    return;

  metrics->role_word_px =
      ms_text_measure_px (context, ms_role_get_word (data->role), MS_TEXT_SMALL_STRONG);
  for (guint i = 0; i < MS_CARD_N_FIGURES; i++)
    {
      Figure figure;

      figure_init (&figure, data, i);
      metrics->figure_measured[i] = figure.measured;
      metrics->figure_px[i] = ms_text_measure_px (context, figure.value, MS_TEXT_SMALL_STRONG)
                              + figure_gap_px (context)
                              + ms_text_measure_px (context, figure.unit, MS_TEXT_SMALL);
      g_free (figure.value);
    }
}

static void
paint_who (cairo_t *cr,
           PangoContext *context,
           const MsCardLayout *layout,
           const MsCardData *data,
           const MsPalette *palette)
{
  gboolean is_dim = !data->tracked || data->has_ended;

  ms_color_set_source (cr, is_dim ? palette->dim_text : palette->role[data->role]);
  ms_role_paint_glyph (cr, data->tracked ? data->role : MS_ROLE_LIGHTWEIGHT, layout->glyph.x,
                       layout->glyph.y, layout->glyph.width);
  g_autofree char *name = data->n_same > 1 ? g_strdup_printf ("%s ×%u", data->name, data->n_same)
                                           : g_strdup (data->name);
  ms_text_paint (cr, context, name, MS_TEXT_NAME, is_dim ? palette->dim_text : palette->text,
                 layout->name.x, layout->name.y, layout->name.width);
  if (data->alert != MS_ALERT_NORMAL || data->never_freed_bytes > 0)
    {
      ms_color_set_source (cr, data->has_ended                ? palette->dim_text
                               : data->alert == MS_ALERT_HIGH ? palette->alert_high
                                                              : palette->alert_medium);
      ms_alert_paint_mark (cr, layout->alert_mark.x, layout->alert_mark.y,
                           layout->alert_mark.width);
    }
  if (data->tid > 0)
    {
      char tid[16];

      g_snprintf (tid, sizeof tid, "%d", data->tid);
      ms_text_paint (cr, context, tid, MS_TEXT_SMALL, palette->dim_text, layout->tid.x,
                     layout->tid.y, -1);
    }
}

static void
add_pill_path (cairo_t *cr, const MsRect *rect, double inset_px)
{
  double radius = rect->height / 2 - inset_px;

  cairo_new_sub_path (cr);
  cairo_arc (cr, rect->x + inset_px + radius, rect->y + rect->height / 2, radius, G_PI / 2,
             -G_PI / 2);
  cairo_arc (cr, rect->x + rect->width - inset_px - radius, rect->y + rect->height / 2, radius,
             -G_PI / 2, G_PI / 2);
  cairo_close_path (cr);
}

static void
paint_pill (cairo_t *cr,
            PangoContext *context,
            const MsCardLayout *layout,
            const MsCardData *data,
            const MsPalette *palette)
{
  const MsRect *pill = &layout->pill;
  const char *word = ms_role_get_word (data->role);
  double word_px = ms_text_measure_px (context, word, MS_TEXT_SMALL_STRONG);
  double line_px = ms_text_line_height_px (context, MS_TEXT_SMALL);

  if (palette->high_contrast)
    {
      ms_color_set_source (cr, palette->role_text[data->role]);
      cairo_set_line_width (cr, 1);
      add_pill_path (cr, pill, 0.5);
      cairo_stroke (cr);
    }
  else
    {
      ms_color_set_source (cr, ms_color_with_alpha (palette->role[data->role], palette->tint));
      add_pill_path (cr, pill, 0);
      cairo_fill (cr);
    }
  ms_text_paint (cr, context, word, MS_TEXT_SMALL_STRONG, palette->role_text[data->role],
                 pill->x + (pill->width - word_px) / 2, pill->y + (pill->height - line_px) / 2, -1);
}

static void
paint_peak (cairo_t *cr,
            PangoContext *context,
            const MsCardLayout *layout,
            const MsCardData *data,
            const MsPalette *palette)
{
  if (data->has_no_peak)
    {
      ms_text_paint (cr, context, _ ("not available in ring mode"), MS_TEXT_SMALL,
                     palette->dim_text, layout->peak.x, layout->peak.y, layout->peak.width);
      return;
    }

  g_autofree char *figure = ms_figure_bytes (data->peak_bytes);
  g_autofree char *peak = ms_figure_has_error (data->peak_standard_error)
                              ? ms_figure_about (g_steal_pointer (&figure))
                              : g_steal_pointer (&figure);
  double width = ms_text_paint (cr, context, peak, MS_TEXT_FIGURE, palette->text, layout->peak.x,
                                layout->peak.y, layout->peak.width);
  double room = layout->peak.width - width - 6;
  /* Of several threads their highest moments need not be one. */
  const char *word = data->n_same > 1 ? C_ ("after a figure in bytes", "at most")
                                      : C_ ("after a figure in bytes", "peak");

  /* The word sits on the figure's baseline, and is left out rather than cut. */
  if (room >= ms_text_measure_px (context, word, MS_TEXT_SMALL))
    ms_text_paint (cr, context, word, MS_TEXT_SMALL, palette->dim_text, layout->peak.x + width + 6,
                   layout->peak.y
                       + 0.79
                             * (layout->peak.height
                                - ms_text_line_height_px (context, MS_TEXT_SMALL)),
                   -1);
}

static void
paint_spark (cairo_t *cr,
             const MsCardLayout *layout,
             const MsCardData *data,
             const MsPalette *palette)
{
  const MsRect *rect = &layout->spark;
  MsColor color = palette->role[data->role];
  guint64 top = 0;

  cairo_set_line_width (cr, 1);
  ms_color_set_source (cr, palette->line);
  cairo_move_to (cr, rect->x, rect->y + rect->height - 0.5);
  cairo_line_to (cr, rect->x + rect->width, rect->y + rect->height - 0.5);
  cairo_stroke (cr);

  for (guint i = 0; i < data->n_live; i++)
    top = MAX (top, data->live[i]);
  if (data->live == NULL || top == 0)
    return;

  g_autofree MsPoint *points = g_new (MsPoint, ms_series_line_max_points (data->n_live, rect) + 1);
  guint n_points = ms_series_line_layout (data->live, NULL, data->n_live, top, rect, points);

  ms_series_line_path (cr, points, n_points, rect, TRUE);
  ms_color_set_source (cr, ms_color_with_alpha (color, palette->area));
  cairo_fill (cr);
  ms_series_line_path (cr, points, n_points, rect, FALSE);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, 1.5);
  ms_color_set_source (cr, color);
  cairo_stroke (cr);
}

/* A thin second line; the top is one core.  What was not sampled is a gap. */
static void
paint_cpu (cairo_t *cr,
           const MsCardLayout *layout,
           const MsCardData *data,
           const MsPalette *palette)
{
  const MsRect *rect = &layout->spark;
  gboolean is_on = FALSE;

  for (guint i = 0; i < data->n_cpu; i++)
    {
      double x = rect->x + (i + 0.5) / data->n_cpu * rect->width;
      double y = rect->y + rect->height * (1 - CLAMP (data->cpu[i] / 100, 0, 1));

      if (isnan (data->cpu[i]))
        {
          is_on = FALSE;
          continue;
        }
      if (is_on)
        cairo_line_to (cr, x, y);
      else
        cairo_move_to (cr, x, y);
      is_on = TRUE;
    }
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, 1);
  ms_color_set_source (cr, palette->dim_text);
  cairo_stroke (cr);
}

static void
paint_figures (cairo_t *cr,
               PangoContext *context,
               const MsCardLayout *layout,
               const MsCardData *data,
               const MsPalette *palette)
{
  for (guint i = 0; i < MS_CARD_N_FIGURES; i++)
    {
      const MsRect *rect = &layout->figures[i];
      Figure figure;

      if (rect->width <= 0)
        continue;
      figure_init (&figure, data, i);
      double width =
          ms_text_paint (cr, context, figure.value,
                         figure.measured ? MS_TEXT_SMALL_STRONG : MS_TEXT_SMALL,
                         figure.measured ? palette->text : palette->dim_text, rect->x, rect->y, -1);
      ms_text_paint (cr, context, figure.unit, MS_TEXT_SMALL, palette->dim_text,
                     rect->x + width + figure_gap_px (context), rect->y, -1);
      g_free (figure.value);
    }
}

/* Of a thread that was not tracked its processor time may still be known. */
static void
paint_note (cairo_t *cr,
            PangoContext *context,
            const MsCardLayout *layout,
            const MsCardData *data,
            const MsPalette *palette)
{
  g_autofree char *percent = data->cpu_percent >= 0 ? ms_figure_percent (data->cpu_percent) : NULL;
  g_autofree char *note =
      percent != NULL ? g_strdup_printf ("%s · %s %s", _ ("Not tracked"), percent, _ ("CPU"))
                      : g_strdup (_ ("Not tracked"));

  ms_text_paint (cr, context, note, MS_TEXT_SMALL, palette->dim_text, layout->note.x,
                 layout->note.y, layout->note.width);
}

void
ms_card_paint (cairo_t *cr,
               PangoContext *context,
               const MsCardLayout *layout,
               const MsCardData *data,
               const MsPalette *palette)
{
  paint_who (cr, context, layout, data, palette);
  if (layout->compact)
    {
      paint_note (cr, context, layout, data, palette);
      return;
    }
  paint_pill (cr, context, layout, data, palette);
  paint_peak (cr, context, layout, data, palette);
  paint_spark (cr, layout, data, palette);
  paint_cpu (cr, layout, data, palette);
  paint_figures (cr, context, layout, data, palette);
}

gboolean
ms_card_get_ring (const MsCardData *data, const MsPalette *palette, MsColor *color)
{
  if (data->alert == MS_ALERT_NORMAL || data->has_ended)
    return FALSE;
  *color = data->alert == MS_ALERT_HIGH ? palette->alert_high : palette->alert_medium;
  return TRUE;
}
