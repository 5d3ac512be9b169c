/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   unit_ranges   [start, end) → Unit          one row a range of a compilation unit
 *   functions     [start, end) → DIE offset    one row a range of a function, in the unit
 *   MsScopeIndex  which class or namespace a DIE lies in (ms-scope-index.h)
 *
 * The inlined functions around an address are found by walking down from its function, which is
 * short; a whole unit is walked once.
 */
#include "ms-debug-info.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include "ms-range-table.h"
#include "ms-scope-index.h"

/* Deeper nesting of blocks in one function is no program but an attack. */
#define MAX_DEPTH 256

typedef struct {
  Dwarf_Die die;           /* has the ranges and the lines */
  Dwarf_Die tree;          /* has the functions: the same, or the split unit in a .dwo file */
  gboolean is_skeleton;    /* its tree is looked for when it is first used */
  MsRangeTable *functions; /* NULL until first used */
  MsScopeIndex *scopes;
} Unit;

struct _MsDebugInfo {
  Dwarf *dwarf;
  Dwarf_Addr bias;      /* libdwfl's address − DWARF's */
  GPtrArray *units;     /* of Unit */
  MsRangeTable *ranges; /* of units, by number */
  GHashTable *by_cu;    /* Dwarf_CU → Unit */
  guint n_missing;      /* units used so far whose .dwo file is not here */
  guint64 read_bytes;
};

static void
unit_free (Unit *unit)
{
  g_clear_pointer (&unit->functions, ms_range_table_free);
  g_clear_pointer (&unit->scopes, ms_scope_index_free);
  g_free (unit);
}

void
ms_debug_frame_clear (gpointer frame)
{
  g_clear_pointer (&((MsDebugFrame *) frame)->name, g_free);
}

/* --- units ----------------------------------------------------------------------------------- */

static void
add_ranges (MsRangeTable *table, Dwarf_Die *die, guint64 value)
{
  Dwarf_Addr base, start, end;
  ptrdiff_t at = 0;

  while ((at = dwarf_ranges (die, at, &base, &start, &end)) > 0)
    /* What the linker threw away keeps its entries, at 0 or 1, or at the end of memory. */
    if (start > 1 && start < end)
      ms_range_table_add (table, start, end, value);
}

static void
collect_units (MsDebugInfo *self)
{
  Dwarf_CU *cu = NULL;
  Dwarf_CU *next;
  Dwarf_Die die;
  uint8_t type;

  /* Without asking for the split unit: that would open every .dwo file now. */
  while (dwarf_get_units (self->dwarf, cu, &next, NULL, &type, &die, NULL) == 0)
    {
      cu = next;
      if (type == DW_UT_type || type == DW_UT_partial)
        continue;
      Unit *unit = g_new0 (Unit, 1);

      unit->die = die;
      unit->tree = die;
      unit->is_skeleton = type == DW_UT_skeleton;
      add_ranges (self->ranges, &die, self->units->len);
      g_ptr_array_add (self->units, unit);
      g_hash_table_insert (self->by_cu, unit->tree.cu, unit);
    }
  ms_range_table_seal (self->ranges);
}

MsDebugInfo *
ms_debug_info_new (Dwfl_Module *module)
{
  Dwarf_Addr bias = 0;
  Dwarf *dwarf = dwfl_module_getdwarf (module, &bias);
  MsDebugInfo *self;

  if (dwarf == NULL)
    return NULL;
  self = g_new0 (MsDebugInfo, 1);
  self->dwarf = dwarf;
  self->bias = bias;
  self->units = g_ptr_array_new_with_free_func ((GDestroyNotify) unit_free);
  self->ranges = ms_range_table_new ();
  self->by_cu = g_hash_table_new (NULL, NULL);
  collect_units (self);
  return self;
}

void
ms_debug_info_free (MsDebugInfo *self)
{
  g_clear_pointer (&self->units, g_ptr_array_unref);
  g_clear_pointer (&self->ranges, ms_range_table_free);
  g_clear_pointer (&self->by_cu, g_hash_table_unref);
  g_free (self);
}

guint
ms_debug_info_get_missing_units (MsDebugInfo *self)
{
  return self->n_missing;
}

guint64
ms_debug_info_get_read_bytes (MsDebugInfo *self)
{
  return self->read_bytes;
}

/* --- one unit -------------------------------------------------------------------------------- */

/* What may have functions somewhere below it. */
static gboolean
may_hold_functions (int tag)
{
  switch (tag)
    {
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
    case DW_TAG_interface_type:
    case DW_TAG_enumeration_type:
    case DW_TAG_subprogram:
    case DW_TAG_lexical_block:
      return TRUE;
    default:
      return FALSE;
    }
}

static void
index_children (Unit *unit, Dwarf_Die *parent, guint scope, guint depth)
{
  Dwarf_Die child;
  int status;

  if (depth > MAX_DEPTH)
    return;
  for (status = dwarf_child (parent, &child); status == 0;
       status = dwarf_siblingof (&child, &child))
    {
      int tag = dwarf_tag (&child);

      if (!may_hold_functions (tag))
        continue;
      if (tag == DW_TAG_subprogram)
        add_ranges (unit->functions, &child, dwarf_dieoffset (&child));
      if (!dwarf_haschildren (&child))
        continue;
      guint inner = scope;

      if (tag != DW_TAG_lexical_block)
        inner = ms_scope_index_open (unit->scopes, dwarf_dieoffset (&child), dwarf_diename (&child),
                                     scope);
      index_children (unit, &child, inner, depth + 1);
      if (inner != scope)
        {
          Dwarf_Die next;

          ms_scope_index_close (unit->scopes, inner,
                                dwarf_siblingof (&child, &next) == 0 ? dwarf_dieoffset (&next) : 0);
        }
    }
}

static void
find_split_unit (MsDebugInfo *self, Unit *unit)
{
  Dwarf_Die split;

  if (dwarf_cu_info (unit->die.cu, NULL, NULL, NULL, &split, NULL, NULL, NULL) != 0
      || split.addr == NULL)
    {
      self->n_missing++;
      return;
    }
  unit->tree = split;
  g_hash_table_insert (self->by_cu, split.cu, unit);
}

/* What libdw keeps of a unit that was walked goes with the unit's length. */
static guint64
get_unit_bytes (Unit *unit)
{
  Dwarf_Off start = dwarf_dieoffset (&unit->tree) - dwarf_cuoffset (&unit->tree);
  Dwarf_Off next = 0;
  size_t header_bytes;

  if (dwarf_next_unit (dwarf_cu_getdwarf (unit->tree.cu), start, &next, &header_bytes, NULL, NULL,
                       NULL, NULL, NULL, NULL)
          != 0
      || next <= start)
    return 0;
  return next - start;
}

static void
index_unit (MsDebugInfo *self, Unit *unit)
{
  if (unit->functions != NULL)
    return;
  if (unit->is_skeleton)
    find_split_unit (self, unit);
  self->read_bytes += get_unit_bytes (unit);
  unit->functions = ms_range_table_new ();
  unit->scopes = ms_scope_index_new ();
  index_children (unit, &unit->tree, MS_SCOPE_NONE, 0);
  ms_range_table_seal (unit->functions);
}

/* --- names ----------------------------------------------------------------------------------- */

static const char *
get_linkage_name (Dwarf_Die *die)
{
  Dwarf_Attribute attribute;

  if (dwarf_attr_integrate (die, DW_AT_linkage_name, &attribute) == NULL
      && dwarf_attr_integrate (die, DW_AT_MIPS_linkage_name, &attribute) == NULL)
    return NULL;
  return dwarf_formstring (&attribute);
}

/* "a::B::f": the scopes are those around the declaration, which may stand in another unit. */
static char *
dup_scoped_name (MsDebugInfo *self, Dwarf_Die *function)
{
  const char *name = dwarf_diename (function);
  Dwarf_Die die = *function;
  Unit *unit;

  if (name == NULL)
    return NULL;
  for (guint step = 0; step < 16; step++)
    {
      Dwarf_Attribute attribute;
      Dwarf_Die origin;

      if (dwarf_attr (&die, DW_AT_abstract_origin, &attribute) == NULL
          && dwarf_attr (&die, DW_AT_specification, &attribute) == NULL)
        break;
      if (dwarf_formref_die (&attribute, &origin) == NULL)
        break;
      die = origin;
    }
  unit = g_hash_table_lookup (self->by_cu, die.cu);
  if (unit == NULL)
    return g_strdup (name);
  index_unit (self, unit);
  return ms_scope_index_qualify (unit->scopes, dwarf_dieoffset (&die), name);
}

static void
set_name (MsDebugInfo *self, MsDebugFrame *frame, Dwarf_Die *function)
{
  frame->linkage_name = get_linkage_name (function);
  if (frame->linkage_name == NULL)
    frame->name = dup_scoped_name (self, function);
  else
    frame->name = g_strdup (dwarf_diename (function));
}

/* --- lookup ---------------------------------------------------------------------------------- */

/* Appends to @chain the inlined functions around @address, outermost first. */
static void
find_inlined (Dwarf_Die *function, Dwarf_Addr address, GArray *chain /* of Dwarf_Die */)
{
  Dwarf_Die parent = *function;
  gboolean is_found = TRUE;

  for (guint depth = 0; is_found && depth < MAX_DEPTH; depth++)
    {
      Dwarf_Die child;
      int status;

      is_found = FALSE;
      for (status = dwarf_child (&parent, &child); status == 0 && !is_found;
           status = is_found ? 1 : dwarf_siblingof (&child, &child))
        {
          int tag = dwarf_tag (&child);

          if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block
              && tag != DW_TAG_try_block && tag != DW_TAG_catch_block)
            continue;
          if (dwarf_haspc (&child, address) <= 0)
            continue;
          is_found = TRUE;
          parent = child;
          if (tag == DW_TAG_inlined_subroutine)
            g_array_append_val (chain, child);
        }
    }
}

static guint
get_unsigned (Dwarf_Die *die, unsigned int name)
{
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;

  if (dwarf_attr (die, name, &attribute) == NULL || dwarf_formudata (&attribute, &value) != 0)
    return 0;
  return value <= G_MAXINT ? (guint) value : 0;
}

static void
set_file (Unit *unit, MsDebugFrame *frame, const char *file)
{
  Dwarf_Attribute attribute;

  frame->file = file;
  if (file != NULL && file[0] != '/' && dwarf_attr (&unit->die, DW_AT_comp_dir, &attribute) != NULL)
    frame->directory = dwarf_formstring (&attribute);
}

/* Where @inlined was called from: the place in the next frame outwards. */
static void
set_call_site (Unit *unit, MsDebugFrame *frame, Dwarf_Die *inlined)
{
  Dwarf_Files *files = NULL;
  guint file = get_unsigned (inlined, DW_AT_call_file);
  size_t n_files = 0;

  frame->line = get_unsigned (inlined, DW_AT_call_line);
  if (dwarf_getsrcfiles (&unit->tree, &files, &n_files) == 0 && file < n_files)
    set_file (unit, frame, dwarf_filesrc (files, file, NULL, NULL));
}

static void
set_line (Unit *unit, MsDebugFrame *frame, Dwarf_Addr address)
{
  Dwarf_Line *line = dwarf_getsrc_die (&unit->die, address);
  int number = 0;

  if (line == NULL)
    return;
  set_file (unit, frame, dwarf_linesrc (line, NULL, NULL));
  if (dwarf_lineno (line, &number) == 0 && number > 0)
    frame->line = (guint) number;
}

void
ms_debug_info_resolve (MsDebugInfo *self, guint64 address, GArray *frames)
{
  g_autoptr (GArray) chain = NULL;
  Dwarf_Addr dwarf_address = address - self->bias;
  MsDebugFrame frame = { 0 };
  guint64 value;
  Unit *unit;

  if (!ms_range_table_find (self->ranges, dwarf_address, &value))
    return;
  unit = g_ptr_array_index (self->units, value);
  index_unit (self, unit);
  set_line (unit, &frame, dwarf_address);

  if (ms_range_table_find (unit->functions, dwarf_address, &value))
    {
      Dwarf_Die function;
      Dwarf *dwarf = dwarf_cu_getdwarf (unit->tree.cu);

      chain = g_array_new (FALSE, FALSE, sizeof (Dwarf_Die));
      if (dwarf_offdie (dwarf, value, &function) != NULL)
        {
          g_array_append_val (chain, function);
          find_inlined (&function, dwarf_address, chain);
        }
    }
  /* The chain is outermost first: each function but the first was inlined into the one before. */
  for (guint i = chain != NULL ? chain->len : 0; i > 0; i--)
    {
      Dwarf_Die *function = &g_array_index (chain, Dwarf_Die, i - 1);

      set_name (self, &frame, function);
      frame.inlined = i > 1;
      g_array_append_val (frames, frame);
      frame = (MsDebugFrame) { 0 };
      if (i > 1)
        set_call_site (unit, &frame, function);
    }
  if (chain == NULL || chain->len == 0)
    g_array_append_val (frames, frame);
}
