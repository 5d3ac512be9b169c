/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The interpreter of DW_CFA programs.  Its state is a row of the table that such a program stands
 * for, cut down to the columns that a walk needs:
 *
 *   CFA   a register and an offset, or the word at bp + offset, or something else
 *   bp    kept, at CFA + offset, at bp + offset, or something else
 *   ra    at CFA + offset, undefined (no caller), or something else
 *
 * Programs come from the traced program's own modules: they are trusted to be right where they
 * parse, but never to stay within their bytes, and bounded in time by their length.
 */
#include "trk-unwind-cfa.h"

#include "trk-unwind-arch.h"

#define MAX_REMEMBERED 8

typedef enum {
  CFA_OTHER,
  CFA_SP,
  CFA_BP,
  CFA_AT_BP,
} CfaKind;

typedef enum {
  COLUMN_KEPT, /* no rule, or "same value" */
  COLUMN_AT_CFA,
  COLUMN_AT_BP,
  COLUMN_UNDEFINED,
  COLUMN_OTHER,
} ColumnKind;

typedef struct {
  ColumnKind kind;
  int64_t offset;
} Column;

typedef struct {
  CfaKind cfa;
  uint64_t cfa_register; /* also kept while it is another one: a later def_cfa_offset needs it */
  int64_t cfa_offset;
  Column bp, ra, sp;
} Row;

typedef struct {
  const TrkFde *fde;
  uint64_t pc;     /* for expressions */
  uint64_t target; /* rows that begin after it do not count */
  uint64_t location;
  Row row, initial;
  Row remembered[MAX_REMEMBERED];
  unsigned n_remembered;
  bool unsupported;
} Program;

/* NULL for a column that a walk does not follow. */
static Column *
column_of (Row *row, uint64_t column)
{
  if (column == TRK_DWARF_BP)
    return &row->bp;
  if (column == TRK_DWARF_RA)
    return &row->ra;
  if (column == TRK_DWARF_SP)
    return &row->sp;
  return NULL;
}

static void
set_column (Row *row, uint64_t column, ColumnKind kind, int64_t offset)
{
  Column *to = column_of (row, column);

  if (to)
    *to = (Column) { kind, offset };
}

static void
set_cfa (Row *row, uint64_t cfa_register, int64_t offset)
{
  row->cfa = cfa_register == TRK_DWARF_SP   ? CFA_SP
             : cfa_register == TRK_DWARF_BP ? CFA_BP
                                            : CFA_OTHER;
  row->cfa_register = cfa_register;
  row->cfa_offset = offset;
}

static void
set_cfa_expression (Program *self, TrkBytes expression)
{
  TrkExpression value = trk_unwind_read_expression (expression, self->pc);

  self->row.cfa_register = TRK_DWARF_NO_REGISTER;
  self->row.cfa_offset = value.offset;
  self->row.cfa = value.kind == TRK_EXPRESSION_SP_PLUS      ? CFA_SP
                  : value.kind == TRK_EXPRESSION_BP_PLUS    ? CFA_BP
                  : value.kind == TRK_EXPRESSION_AT_BP_PLUS ? CFA_AT_BP
                                                            : CFA_OTHER;
}

/* DW_CFA_expression: the column is saved at the address that the expression gives. */
static void
set_column_expression (Program *self, uint64_t column, TrkBytes expression)
{
  TrkExpression value = trk_unwind_read_expression (expression, self->pc);

  set_column (&self->row, column,
              value.kind == TRK_EXPRESSION_BP_PLUS ? COLUMN_AT_BP : COLUMN_OTHER, value.offset);
}

static void
remember (Program *self)
{
  if (self->n_remembered < MAX_REMEMBERED)
    self->remembered[self->n_remembered] = self->row;
  self->n_remembered++;
}

static void
restore_remembered (Program *self)
{
  if (self->n_remembered == 0 || self->n_remembered > MAX_REMEMBERED)
    {
      self->unsupported = true;
      return;
    }
  self->row = self->remembered[--self->n_remembered];
}

static void
restore_column (Program *self, uint64_t column)
{
  Column *to = column_of (&self->row, column);

  if (to)
    *to = *column_of (&self->initial, column);
}

/* Every operation but the three that carry an operand in their own byte. */
static void
run_operation (Program *self, TrkBytes *bytes, uint8_t operation)
{
  const TrkFde *fde = self->fde;
  Row *row = &self->row;
  uint64_t column;

  switch (operation)
    {
    case 0x00: /* DW_CFA_nop */
    case 0x2d: /* DW_CFA_GNU_window_save; aarch64: negate_ra_state */
      break;
    case 0x01: /* DW_CFA_set_loc */
      self->location = trk_bytes_get_encoded (bytes, fde->pointer_encoding, 0);
      break;
    case 0x02: /* DW_CFA_advance_loc1, 2, 4 */
      self->location += trk_bytes_get (bytes, 1) * fde->code_factor;
      break;
    case 0x03:
      self->location += trk_bytes_get (bytes, 2) * fde->code_factor;
      break;
    case 0x04:
      self->location += trk_bytes_get (bytes, 4) * fde->code_factor;
      break;
    case 0x05: /* DW_CFA_offset_extended */
      column = trk_bytes_get_uleb (bytes);
      set_column (row, column, COLUMN_AT_CFA,
                  (int64_t) trk_bytes_get_uleb (bytes) * fde->data_factor);
      break;
    case 0x06: /* DW_CFA_restore_extended */
      restore_column (self, trk_bytes_get_uleb (bytes));
      break;
    case 0x07: /* DW_CFA_undefined */
      set_column (row, trk_bytes_get_uleb (bytes), COLUMN_UNDEFINED, 0);
      break;
    case 0x08: /* DW_CFA_same_value */
      set_column (row, trk_bytes_get_uleb (bytes), COLUMN_KEPT, 0);
      break;
    case 0x09: /* DW_CFA_register */
      set_column (row, trk_bytes_get_uleb (bytes), COLUMN_OTHER, 0);
      trk_bytes_get_uleb (bytes);
      break;
    case 0x0a: /* DW_CFA_remember_state */
      remember (self);
      break;
    case 0x0b: /* DW_CFA_restore_state */
      restore_remembered (self);
      break;
    case 0x0c: /* DW_CFA_def_cfa */
      column = trk_bytes_get_uleb (bytes);
      set_cfa (row, column, (int64_t) trk_bytes_get_uleb (bytes));
      break;
    case 0x0d: /* DW_CFA_def_cfa_register */
      set_cfa (row, trk_bytes_get_uleb (bytes), row->cfa_offset);
      break;
    case 0x0e: /* DW_CFA_def_cfa_offset */
      set_cfa (row, row->cfa_register, (int64_t) trk_bytes_get_uleb (bytes));
      break;
    case 0x0f: /* DW_CFA_def_cfa_expression */
      set_cfa_expression (self, trk_bytes_take (bytes, trk_bytes_get_uleb (bytes)));
      break;
    case 0x10: /* DW_CFA_expression */
      column = trk_bytes_get_uleb (bytes);
      set_column_expression (self, column, trk_bytes_take (bytes, trk_bytes_get_uleb (bytes)));
      break;
    case 0x11: /* DW_CFA_offset_extended_sf */
      column = trk_bytes_get_uleb (bytes);
      set_column (row, column, COLUMN_AT_CFA, trk_bytes_get_sleb (bytes) * fde->data_factor);
      break;
    case 0x12: /* DW_CFA_def_cfa_sf */
      column = trk_bytes_get_uleb (bytes);
      set_cfa (row, column, trk_bytes_get_sleb (bytes) * fde->data_factor);
      break;
    case 0x13: /* DW_CFA_def_cfa_offset_sf */
      set_cfa (row, row->cfa_register, trk_bytes_get_sleb (bytes) * fde->data_factor);
      break;
    case 0x14: /* DW_CFA_val_offset, val_offset_sf: the value itself, of no use for bp and ra */
    case 0x15:
      set_column (row, trk_bytes_get_uleb (bytes), COLUMN_OTHER, 0);
      trk_bytes_get_uleb (bytes);
      break;
    case 0x16: /* DW_CFA_val_expression */
      set_column (row, trk_bytes_get_uleb (bytes), COLUMN_OTHER, 0);
      trk_bytes_take (bytes, trk_bytes_get_uleb (bytes));
      break;
    case 0x2e: /* DW_CFA_GNU_args_size: for exceptions, nothing that a walk needs */
      trk_bytes_get_uleb (bytes);
      break;
    case 0x2f: /* DW_CFA_GNU_negative_offset_extended */
      column = trk_bytes_get_uleb (bytes);
      set_column (row, column, COLUMN_AT_CFA,
                  -((int64_t) trk_bytes_get_uleb (bytes) * fde->data_factor));
      break;
    default:
      self->unsupported = true;
      break;
    }
}

/* Runs until the program's location has passed the target. */
static void
run (Program *self, TrkBytes bytes)
{
  while (bytes.at < bytes.end && !bytes.bad && !self->unsupported)
    {
      uint8_t operation = (uint8_t) trk_bytes_get (&bytes, 1), operand = operation & 0x3f;

      switch (operation & 0xc0)
        {
        case 0x40: /* DW_CFA_advance_loc */
          self->location += operand * self->fde->code_factor;
          break;
        case 0x80: /* DW_CFA_offset */
          set_column (&self->row, operand, COLUMN_AT_CFA,
                      (int64_t) trk_bytes_get_uleb (&bytes) * self->fde->data_factor);
          break;
        case 0xc0: /* DW_CFA_restore */
          restore_column (self, operand);
          break;
        default:
          run_operation (self, &bytes, operation);
          break;
        }
      if (self->location > self->target)
        return;
    }
  if (bytes.bad)
    self->unsupported = true;
}

static TrkUnwindRule
pack (const Row *row)
{
  TrkRuleKind kind = row->cfa == CFA_SP   ? TRK_RULE_CFA_SP
                     : row->cfa == CFA_BP ? TRK_RULE_CFA_BP
                                          : TRK_RULE_CFA_AT_BP;
  TrkRuleBp bp = row->bp.kind == COLUMN_AT_CFA  ? TRK_RULE_BP_AT_CFA
                 : row->bp.kind == COLUMN_AT_BP ? TRK_RULE_BP_AT_BP
                                                : TRK_RULE_BP_KEPT;

  if (row->ra.kind == COLUMN_UNDEFINED)
    return TRK_RULE_END;
  if (row->cfa == CFA_OTHER || row->ra.kind != COLUMN_AT_CFA
      || row->ra.offset != TRK_RETURN_ADDRESS_OFFSET || row->bp.kind == COLUMN_OTHER
      || row->sp.kind != COLUMN_KEPT)
    return TRK_RULE_UNSUPPORTED;
  return trk_rule_pack (kind, row->cfa_offset, bp, row->bp.offset);
}

TrkUnwindRule
trk_unwind_rule_of_fde (const TrkFde *fde, uint64_t pc, uint64_t at)
{
  Program program;

  /* Not the 400 bytes of remembered rows. */
  program.fde = fde;
  program.pc = pc;
  program.target = at;
  program.location = fde->function;
  program.n_remembered = 0;
  program.unsupported = fde->return_column != TRK_DWARF_RA;
  program.row = program.initial = (Row) { .cfa_register = TRK_DWARF_NO_REGISTER };
  run (&program, fde->initial_program);
  program.initial = program.row;
  run (&program, fde->program);
  return program.unsupported ? TRK_RULE_UNSUPPORTED : pack (&program.row);
}
