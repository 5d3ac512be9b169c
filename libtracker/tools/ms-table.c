/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Cells are kept cleaned, in one array, row after row. */
#include "ms-table.h"

#include "ms-terminal-text.h"

#define INDENT 2U
#define GAP 2U
#define SHRUNK_WIDTH 12U
#define SHRINKING_WIDTH 40U /* the most that such a column takes: names may be very long */
#define LAST_WIDTH 200U     /* … behind which there is nothing that it could push away */

typedef struct {
  char *text;
  MsStyle style;
} Cell;

struct _MsTable {
  const MsColumn *columns;
  guint n_columns;
  GArray *cells; /* of Cell */
};

static void
cell_clear (gpointer cell)
{
  g_free (((Cell *) cell)->text);
}

MsTable *
ms_table_new (const MsColumn *columns, guint n_columns)
{
  MsTable *self = g_new0 (MsTable, 1);

  self->columns = columns;
  self->n_columns = n_columns;
  self->cells = g_array_new (FALSE, FALSE, sizeof (Cell));
  g_array_set_clear_func (self->cells, cell_clear);
  for (guint i = 0; i < n_columns; i++)
    ms_table_add (self, MS_STYLE_DIM, g_strdup (columns[i].title));
  return self;
}

void
ms_table_free (MsTable *self)
{
  g_array_unref (self->cells);
  g_free (self);
}

void
ms_table_add (MsTable *self, MsStyle style, char *text)
{
  Cell cell = { ms_terminal_text_clean (text), style };

  g_free (text);
  g_array_append_val (self->cells, cell);
}

static guint
sum_widths (const guint *widths, guint n)
{
  guint sum = INDENT;

  for (guint i = 0; i < n; i++)
    if (widths[i] > 0)
      sum += widths[i] + GAP;
  return sum - GAP;
}

/* By a letter: a command gives way before a name does.  FALSE: all are as narrow as they may be. */
static gboolean
shrink_widest (MsTable *self, guint *widths)
{
  guint widest = G_MAXUINT;

  for (guint i = 0; i < self->n_columns; i++)
    if (self->columns[i].may_shrink && widths[i] > SHRUNK_WIDTH
        && (widest == G_MAXUINT || widths[i] > widths[widest]))
      widest = i;
  if (widest == G_MAXUINT)
    return FALSE;
  widths[widest]--;
  return TRUE;
}

/* widths[i] 0: the column is left out. */
static void
fit (MsTable *self, guint limit, guint *widths)
{
  for (guint i = 0; i < self->cells->len; i++)
    {
      guint width = ms_terminal_text_width (g_array_index (self->cells, Cell, i).text);
      guint column = i % self->n_columns;

      if (self->columns[column].may_shrink)
        width = MIN (width, column == self->n_columns - 1 ? LAST_WIDTH : SHRINKING_WIDTH);
      widths[column] = MAX (widths[column], width);
    }
  while (sum_widths (widths, self->n_columns) > limit && shrink_widest (self, widths))
    continue;
  while (sum_widths (widths, self->n_columns) > limit)
    {
      guint least = G_MAXUINT;

      for (guint i = 0; i < self->n_columns; i++)
        if (widths[i] > 0 && self->columns[i].rank > 0
            && (least == G_MAXUINT || self->columns[i].rank > self->columns[least].rank))
          least = i;
      if (least == G_MAXUINT)
        return;
      widths[least] = 0;
    }
}

void
ms_table_print (MsTable *self, const MsTerminal *terminal, GString *out)
{
  g_autofree guint *widths = g_new0 (guint, self->n_columns);

  fit (self, terminal->width, widths);
  for (guint i = 0; i < self->cells->len; i++)
    {
      guint column = i % self->n_columns;
      const Cell *cell = &g_array_index (self->cells, Cell, i);
      g_autofree char *text = NULL;
      guint padding;

      if (column == 0)
        g_string_append_printf (out, "%*s", (int) INDENT, "");
      if (widths[column] > 0)
        {
          text = ms_terminal_text_shorten (cell->text, widths[column]);
          padding = widths[column] - ms_terminal_text_width (text);
          if (self->columns[column].is_right)
            g_string_append_printf (out, "%*s", (int) padding, "");
          ms_terminal_append (terminal, out, cell->style, text);
          if (!self->columns[column].is_right)
            g_string_append_printf (out, "%*s", (int) padding, "");
          g_string_append_printf (out, "%*s", (int) GAP, "");
        }
      if (column == self->n_columns - 1)
        {
          while (out->len > 0 && out->str[out->len - 1] == ' ')
            g_string_truncate (out, out->len - 1);
          g_string_append_c (out, '\n');
        }
    }
}
