/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One row a symbol: [start, end) and its name.  Aliases (malloc, __libc_malloc) share a start; the
 * one that people know is kept: global before weak before local, then fewer leading underscores.
 * A symbol without a size (hand-written assembly) reaches to the next one of its section.
 */
#include "ms-symbol-table.h"

typedef struct {
  guint64 start;
  guint64 end; /* == start: without a size, until the table is complete */
  const char *name;
  guint32 section;
  guint8 rank; /* lower is better */
} Row;

struct _MsSymbolTable {
  GArray *rows; /* of Row, by start; one a start */
  gboolean has_local;
};

static guint8
rank_of (const GElf_Sym *symbol, const char *name)
{
  guint underscores = 0;
  guint binding = GELF_ST_BIND (symbol->st_info);

  while (underscores < 15 && name[underscores] == '_')
    underscores++;
  /* C++ and Rust names begin with one by rule. */
  if (underscores == 1 && (name[1] == 'Z' || name[1] == 'R'))
    underscores = 0;
  return (guint8) ((binding == STB_GLOBAL ? 0 : binding == STB_WEAK ? 16 : 32) + underscores);
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const Row *x = a;
  const Row *y = b;

  if (x->start != y->start)
    return x->start < y->start ? -1 : 1;
  if ((x->end == x->start) != (y->end == y->start))
    return x->end == x->start ? 1 : -1;
  return (int) x->rank - (int) y->rank;
}

static gboolean
is_code (const GElf_Sym *symbol)
{
  guint type = GELF_ST_TYPE (symbol->st_info);

  return type == STT_FUNC || type == STT_GNU_IFUNC || (type == STT_NOTYPE && symbol->st_size == 0);
}

static void
collect (MsSymbolTable *self, Dwfl_Module *module)
{
  int n = dwfl_module_getsymtab (module);

  for (int i = 1; i < n; i++)
    {
      GElf_Sym symbol;
      GElf_Addr address;
      GElf_Word section = 0;
      const char *name =
          dwfl_module_getsym_info (module, i, &symbol, &address, &section, NULL, NULL);

      if (name == NULL || name[0] == '\0' || section == SHN_UNDEF || !is_code (&symbol))
        continue;
      /* On ARM and AArch64, $x and $d mark code and data inside a section. */
      if (GELF_ST_BIND (symbol.st_info) == STB_LOCAL && name[0] == '$')
        continue;
      if (GELF_ST_BIND (symbol.st_info) == STB_LOCAL && GELF_ST_TYPE (symbol.st_info) == STT_FUNC)
        self->has_local = TRUE;
      Row row = { .start = address,
                  .end = address + symbol.st_size,
                  .name = name,
                  .section = section,
                  .rank = rank_of (&symbol, name) };
      if (row.end >= row.start)
        g_array_append_val (self->rows, row);
    }
}

MsSymbolTable *
ms_symbol_table_new (Dwfl_Module *module)
{
  MsSymbolTable *self = g_new0 (MsSymbolTable, 1);
  Row *rows;
  guint64 reach = 0;
  guint n = 0;

  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  collect (self, module);
  g_array_sort (self->rows, compare_rows);
  rows = (Row *) (gpointer) self->rows->data;
  for (guint i = 0; i < self->rows->len; i++)
    {
      gboolean is_label = rows[i].end == rows[i].start && rows[i].start < reach;

      /* A label inside a function is no function. */
      if ((n == 0 || rows[n - 1].start != rows[i].start) && !is_label)
        rows[n++] = rows[i];
      reach = MAX (reach, rows[i].end);
    }
  for (guint i = 0; i + 1 < n; i++)
    if (rows[i].end == rows[i].start && rows[i].section == rows[i + 1].section)
      rows[i].end = rows[i + 1].start;
  g_array_set_size (self->rows, n);
  return self;
}

void
ms_symbol_table_free (MsSymbolTable *self)
{
  g_array_unref (self->rows);
  g_free (self);
}

const char *
ms_symbol_table_find (MsSymbolTable *self, guint64 address)
{
  const Row *rows = (const Row *) (gconstpointer) self->rows->data;
  guint low = 0;
  guint high = self->rows->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (rows[middle].start <= address)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0 || address >= rows[low - 1].end)
    return NULL;
  return rows[low - 1].name;
}

gboolean
ms_symbol_table_is_complete (MsSymbolTable *self)
{
  return self->has_local;
}
