/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From call frame programs to rules, without any code that is run: one line an operation of
 * DW_CFA_*, then random programs, which may be refused but not read past their end.
 */
#include <glib.h>
#include <string.h>

#include "trk-unwind.h"
#include "trk-unwind-cfa.h"
#include "trk-unwind-table.h"

#define FUNCTION UINT64_C (0x1000)

typedef struct {
  const char *name;
  const char *program; /* bytes, after an initial CFA = sp + 8, ra at CFA − 8 */
  size_t n_bytes;
  uint64_t at; /* from the function's start */
  TrkRuleKind kind;
  int64_t cfa_offset;
  TrkRuleBp bp;
  int64_t bp_offset;
} Example;

#define PROGRAM(bytes) bytes, sizeof bytes - 1

static const Example examples[] = {
  { "initial", PROGRAM (""), 0, TRK_RULE_CFA_SP, 8, TRK_RULE_BP_KEPT, -8 },
  { "nop", PROGRAM ("\x00\x00"), 0, TRK_RULE_CFA_SP, 8, TRK_RULE_BP_KEPT, -8 },
  { "def_cfa_offset", PROGRAM ("\x0e\x20"), 0, TRK_RULE_CFA_SP, 32, TRK_RULE_BP_KEPT, -8 },
  { "def_cfa_offset of two bytes", PROGRAM ("\x0e\x88\x08"), 0, TRK_RULE_CFA_SP, 1032,
    TRK_RULE_BP_KEPT, -8 },
  { "before advance_loc", PROGRAM ("\x41\x0e\x10"), 0, TRK_RULE_CFA_SP, 8, TRK_RULE_BP_KEPT, -8 },
  { "after advance_loc", PROGRAM ("\x41\x0e\x10"), 1, TRK_RULE_CFA_SP, 16, TRK_RULE_BP_KEPT, -8 },
  { "before advance_loc1", PROGRAM ("\x02\x80\x0e\x10"), 127, TRK_RULE_CFA_SP, 8, TRK_RULE_BP_KEPT,
    -8 },
  { "after advance_loc1", PROGRAM ("\x02\x80\x0e\x10"), 128, TRK_RULE_CFA_SP, 16, TRK_RULE_BP_KEPT,
    -8 },
  { "before advance_loc2", PROGRAM ("\x03\x00\x02\x0e\x10"), 511, TRK_RULE_CFA_SP, 8,
    TRK_RULE_BP_KEPT, -8 },
  { "after advance_loc2", PROGRAM ("\x03\x00\x02\x0e\x10"), 512, TRK_RULE_CFA_SP, 16,
    TRK_RULE_BP_KEPT, -8 },
  { "after advance_loc4", PROGRAM ("\x04\x00\x00\x01\x00\x0e\x10"), 65536, TRK_RULE_CFA_SP, 16,
    TRK_RULE_BP_KEPT, -8 },
  { "before set_loc", PROGRAM ("\x01\x10\x10\x00\x00\x0e\x10"), 15, TRK_RULE_CFA_SP, 8,
    TRK_RULE_BP_KEPT, -8 },
  { "after set_loc", PROGRAM ("\x01\x10\x10\x00\x00\x0e\x10"), 16, TRK_RULE_CFA_SP, 16,
    TRK_RULE_BP_KEPT, -8 },
  { "frame pointer", PROGRAM ("\x0e\x10\x86\x02\x0d\x06"), 0, TRK_RULE_CFA_BP, 16,
    TRK_RULE_BP_AT_CFA, -16 },
  { "offset_extended", PROGRAM ("\x05\x06\x03"), 0, TRK_RULE_CFA_SP, 8, TRK_RULE_BP_AT_CFA, -24 },
  { "offset_extended_sf", PROGRAM ("\x11\x06\x04"), 0, TRK_RULE_CFA_SP, 8, TRK_RULE_BP_AT_CFA,
    -32 },
  { "negative_offset_extended", PROGRAM ("\x2f\x06\x7f"), 0, TRK_RULE_CFA_SP, 8, TRK_RULE_BP_AT_CFA,
    1016 },
  { "restore", PROGRAM ("\x86\x02\xc6"), 0, TRK_RULE_CFA_SP, 8, TRK_RULE_BP_KEPT, -8 },
  { "restore_extended", PROGRAM ("\x86\x02\x06\x06"), 0, TRK_RULE_CFA_SP, 8, TRK_RULE_BP_KEPT, -8 },
  { "same_value", PROGRAM ("\x86\x02\x08\x06"), 0, TRK_RULE_CFA_SP, 8, TRK_RULE_BP_KEPT, -8 },
  { "other registers", PROGRAM ("\x83\x02\x8c\x03\x05\x0f\x04\xc3\x07\x03"), 0, TRK_RULE_CFA_SP, 8,
    TRK_RULE_BP_KEPT, -8 },
  { "remember and restore", PROGRAM ("\x0e\x10\x86\x02\x0a\x0e\x40\xc6\x0b"), 0, TRK_RULE_CFA_SP,
    16, TRK_RULE_BP_AT_CFA, -16 },
  { "between remember and restore", PROGRAM ("\x0e\x10\x86\x02\x0a\x0e\x40\xc6\x41\x0b"), 0,
    TRK_RULE_CFA_SP, 64, TRK_RULE_BP_KEPT, -8 },
  { "remembered twice", PROGRAM ("\x0a\x0e\x10\x0a\x0e\x20\x0b\x0b"), 0, TRK_RULE_CFA_SP, 8,
    TRK_RULE_BP_KEPT, -8 },
  { "def_cfa", PROGRAM ("\x0c\x06\x10"), 0, TRK_RULE_CFA_BP, 16, TRK_RULE_BP_KEPT, -8 },
  { "def_cfa_sf", PROGRAM ("\x12\x06\x7e"), 0, TRK_RULE_CFA_BP, 16, TRK_RULE_BP_KEPT, -8 },
  { "def_cfa_offset_sf", PROGRAM ("\x13\x7d"), 0, TRK_RULE_CFA_SP, 24, TRK_RULE_BP_KEPT, -8 },
  { "GNU_args_size", PROGRAM ("\x2e\x20\x0e\x10"), 0, TRK_RULE_CFA_SP, 16, TRK_RULE_BP_KEPT, -8 },
  { "realigned frame", PROGRAM ("\x0f\x03\x76\x78\x06\x10\x06\x02\x76\x00"), 0, TRK_RULE_CFA_AT_BP,
    -8, TRK_RULE_BP_AT_BP, 0 },
  { "PLT entry, before its push", PROGRAM ("\x0f\x0b\x77\x08\x80\x00\x3f\x1a\x3b\x2a\x33\x24\x22"),
    10, TRK_RULE_CFA_SP, 8, TRK_RULE_BP_KEPT, -8 },
  { "PLT entry, after its push", PROGRAM ("\x0f\x0b\x77\x08\x80\x00\x3f\x1a\x3b\x2a\x33\x24\x22"),
    11, TRK_RULE_CFA_SP, 16, TRK_RULE_BP_KEPT, -8 },
  { "outermost", PROGRAM ("\x07\x10"), 0, TRK_RULE_END, 0, 0, 0 },
  { "CFA in rbx", PROGRAM ("\x0c\x03\x10"), 0, TRK_RULE_UNSUPPORTED, 0, 0, 0 },
  { "offset of a CFA in no register", PROGRAM ("\x0f\x03\x76\x78\x06\x0e\x10"), 0,
    TRK_RULE_UNSUPPORTED, 0, 0, 0 },
  { "unknown expression", PROGRAM ("\x0f\x02\x77\x08\x0f\x03\x70\x00\x06"), 0, TRK_RULE_UNSUPPORTED,
    0, 0, 0 },
  { "return address elsewhere", PROGRAM ("\x90\x02"), 0, TRK_RULE_UNSUPPORTED, 0, 0, 0 },
  { "return address in a register", PROGRAM ("\x09\x10\x01"), 0, TRK_RULE_UNSUPPORTED, 0, 0, 0 },
  { "rbp in a register", PROGRAM ("\x09\x06\x01"), 0, TRK_RULE_UNSUPPORTED, 0, 0, 0 },
  { "val_offset of rbp", PROGRAM ("\x14\x06\x01"), 0, TRK_RULE_UNSUPPORTED, 0, 0, 0 },
  { "val_expression of rsp", PROGRAM ("\x16\x07\x02\x77\x08"), 0, TRK_RULE_UNSUPPORTED, 0, 0, 0 },
  { "restore without remember", PROGRAM ("\x0b"), 0, TRK_RULE_UNSUPPORTED, 0, 0, 0 },
  { "unknown operation", PROGRAM ("\x3e"), 0, TRK_RULE_UNSUPPORTED, 0, 0, 0 },
  { "cut off", PROGRAM ("\x0e\x88"), 0, TRK_RULE_UNSUPPORTED, 0, 0, 0 },
  { "expression longer than the program", PROGRAM ("\x0f\x7f\x77\x08"), 0, TRK_RULE_UNSUPPORTED, 0,
    0, 0 },
  { "CFA offset not of whole words", PROGRAM ("\x0e\x0c"), 0, TRK_RULE_UNSUPPORTED, 0, 0, 0 },
  { "frame too large for a row", PROGRAM ("\x0e\x80\x80\x80\x04"), 0, TRK_RULE_UNSUPPORTED, 0, 0,
    0 },
};

static TrkFde
fde_of (const void *program, size_t n_bytes)
{
  static const uint8_t initial[] = { 0x0c, 7, 8, 0x90, 1 };

  return (TrkFde) {
    .initial_program = { initial, initial + sizeof initial, false },
    .program = { program, (const uint8_t *) program + n_bytes, false },
    .function = FUNCTION,
    .function_end = FUNCTION + (1 << 20),
    .code_factor = 1,
    .data_factor = -8,
    .return_column = 16,
    .pointer_encoding = 0x03, /* absolute, 4 bytes */
  };
}

static void
test_example (gconstpointer data)
{
  const Example *example = data;
  TrkFde fde = fde_of (example->program, example->n_bytes);
  uint64_t pc = FUNCTION + example->at;
  TrkUnwindRule rule = trk_unwind_rule_of_fde (&fde, pc, pc);

  g_assert_cmpint (trk_rule_kind (rule), ==, example->kind);
  if (example->kind == TRK_RULE_END || example->kind == TRK_RULE_UNSUPPORTED)
    return;
  g_assert_cmpint (trk_rule_cfa_offset (rule), ==, example->cfa_offset);
  g_assert_cmpint (trk_rule_bp (rule), ==, example->bp);
  g_assert_cmpint (trk_rule_bp_offset (rule), ==, example->bp_offset);
  g_assert_cmpint (trk_rule_generation (rule), ==, 0);
}

static void
test_random_programs (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  unsigned n_understood = 0;

  for (int i = 0; i < 200000; i++)
    {
      gsize n_bytes = (gsize) g_rand_int_range (rand, 0, 40);
      g_autofree uint8_t *program =
          g_malloc (n_bytes); /* exactly: a sanitizer sees a read past it */
      TrkFde fde;
      uint64_t pc = FUNCTION + (uint64_t) g_rand_int_range (rand, 0, 70);

      for (gsize byte = 0; byte < n_bytes; byte++)
        program[byte] = (uint8_t) (g_rand_int (rand) & (g_rand_boolean (rand) ? 0xff : 0x1f));
      fde = fde_of (program, n_bytes);
      if (trk_rule_kind (trk_unwind_rule_of_fde (&fde, pc, pc - 1)) != TRK_RULE_UNSUPPORTED)
        n_understood++;
    }
  g_assert_cmpuint (n_understood, >, 1000);
}

static void
test_table (void)
{
  uint32_t generation = trk_unwind_generation;
  TrkUnwindRule rule = trk_rule_pack (TRK_RULE_CFA_SP, 48, TRK_RULE_BP_AT_CFA, -16);
  uint64_t far = UINT64_C (0x7f0000001234), n_probed = 0;

  g_assert_true (trk_unwind_table_init ());
  g_assert_cmpuint (trk_unwind_table_lookup (far, generation), ==, TRK_RULE_NONE);
  trk_unwind_table_insert (far, rule, generation);
  g_assert_cmpint (trk_rule_cfa_offset (trk_unwind_table_lookup (far, generation)), ==, 48);

  /* A new generation knows nothing, and then what it is told. */
  trk_unwind_forget ();
  g_assert_cmpuint (trk_unwind_generation, ==, generation + 1);
  g_assert_cmpuint (trk_unwind_table_lookup (far, generation + 1), ==, TRK_RULE_NONE);
  rule = trk_rule_pack (TRK_RULE_CFA_BP, 16, TRK_RULE_BP_AT_CFA, -16);
  trk_unwind_table_insert (far, rule, generation + 1);
  rule = trk_unwind_table_lookup (far, generation + 1);
  g_assert_cmpint (trk_rule_kind (rule), ==, TRK_RULE_CFA_BP);
  g_assert_cmpuint (trk_unwind_table_lookup (far, generation), ==, TRK_RULE_NONE);

  /* Addresses that all want one row: a few are kept, the others are not, none is mistaken. */
  for (uint64_t i = 0; i < 100; i++)
    trk_unwind_table_insert (far + (i + 1) * TRK_UNWIND_TABLE_BYTES,
                             trk_rule_pack (TRK_RULE_CFA_SP, (int64_t) (8 * i), 0, 0),
                             generation + 1);
  for (uint64_t i = 0; i < 100; i++)
    {
      rule = trk_unwind_table_lookup (far + (i + 1) * TRK_UNWIND_TABLE_BYTES, generation + 1);
      if (rule == TRK_RULE_NONE)
        continue;
      g_assert_cmpint (trk_rule_cfa_offset (rule), ==, (int64_t) (8 * i));
      n_probed++;
    }
  g_assert_cmpuint (n_probed, ==, TRK_UNWIND_TABLE_PROBES - 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      g_autofree char *path = g_strconcat ("/unwind/rules/", examples[i].name, NULL);

      g_test_add_data_func (path, &examples[i], test_example);
    }
  g_test_add_func ("/unwind/rules/random-programs", test_random_programs);
  g_test_add_func ("/unwind/rules/table", test_table);
  return g_test_run ();
}
