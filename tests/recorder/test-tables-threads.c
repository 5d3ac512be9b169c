/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The tables that all threads share without a lock, with six threads at once under the thread sanitizer:
 * stacks, modules, unwind rules, kept addresses, regions.
 *
 * What the sanitizer is to see is what one thread writes plainly and another reads after it has found a
 * number, a pointer or a mark in a table: a stack's definition, a module's range, a fresh leaf.  Nothing
 * in here orders threads but the tables themselves and the mailbox, which is how a program hands a block
 * from thread to thread.
 *
 * TABLE_ROUNDS=10 does ten times as much.
 */
#include <errno.h>
#include <glib.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>

#include "recorder-stand-ins.h"
#include "trk-kept-set.h"
#include "trk-module-codec.h"
#include "trk-modules.h"
#include "trk-pool.h"
#include "trk-process.h"
#include "trk-region-map.h"
#include "trk-stacks.h"
#include "trk-stream.h"
#include "trk-unwind-table.h"

#define N_THREADS 6U
#define MAX_FRAMES 12U

/* --- stacks and modules -------------------------------------------------------------------------- */

#define N_STACKS 3000U
#define MAX_MODULES 16U
#define MAX_GENERATIONS 64U
#define MAX_IDS (1U << 18)
#define N_STACK_STEPS 20000U

typedef struct {
  uint64_t frames[MAX_FRAMES];
  uint32_t depth, generation;
  bool truncated;
} Definition;

static struct {
  uint64_t start, end;
  _Atomic uint32_t n_written[MAX_GENERATIONS];
} modules[MAX_MODULES];
static unsigned n_modules;
static Definition definitions[MAX_IDS]; /* plain: the table must order them */
static _Atomic unsigned n_wrong;        /* where there is no way to return it */

static int
find_module (struct dl_phdr_info *info, size_t size, void *data)
{
  uint64_t start = UINT64_MAX, end = 0;

  for (unsigned i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD)
      {
        start = MIN (start, info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
        end = MAX (end, info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz);
      }
  if (n_modules < MAX_MODULES && end - start > 65536)
    {
      modules[n_modules].start = start & ~(uint64_t) 4095;
      modules[n_modules++].end = end;
    }
  return 0;
}

static unsigned
module_of (uint64_t address)
{
  unsigned i = 0;

  while (i < n_modules && !(address >= modules[i].start && address < modules[i].end))
    i++;
  return i;
}

/* Of a module: a block of one record. */
int
trk_stream_append (TrkThread *self, TrkFileKind kind, const TrkBlockHeader *block, bool create)
{
  const uint8_t *payload = (const uint8_t *) (block + 1);
  TrkModuleRecord record;
  unsigned module;

  if (trk_module_decode (payload, payload + block->payload_bytes, &record)
      && (module = module_of (record.start)) < n_modules)
    atomic_fetch_add_explicit (&modules[module].n_written[record.generation], 1,
                               memory_order_relaxed);
  else
    n_wrong++;
  return 0;
}

void
trk_pool_count_failed_write (uint64_t n_events, int error)
{
  n_wrong++;
}

bool
trk_stream_define_stack (TrkThread *self,
                         uint32_t id,
                         uint32_t generation,
                         const uint64_t *frames,
                         uint32_t depth,
                         bool truncated)
{
  g_assert (id < MAX_IDS);
  /* Its modules were written before it. */
  for (uint32_t i = 0; i < depth; i++)
    n_wrong += atomic_load_explicit (&modules[module_of (frames[i] - 1)].n_written[generation],
                                     memory_order_relaxed)
               == 0;
  if (frames[0] % 13 == 0 && id % 4 == 0)
    return false; /* no room */
  definitions[id].depth = depth;
  definitions[id].generation = generation;
  definitions[id].truncated = truncated;
  memcpy (definitions[id].frames, frames, depth * sizeof *frames);
  return true;
}

/* Stack number @which, the same for whoever asks. */
static uint32_t
fill_frames (uint64_t *frames, uint32_t which)
{
  Dice dice = { which };
  uint32_t depth = 1 + dice_roll (&dice, MAX_FRAMES);

  for (uint32_t i = 0; i < depth; i++)
    {
      unsigned module = dice_roll (&dice, n_modules);
      uint32_t n_bytes = (uint32_t) (modules[module].end - modules[module].start);
      frames[i] = modules[module].start + 1 + dice_roll (&dice, n_bytes - 1);
    }
  return depth;
}

static unsigned
use_stacks (unsigned number)
{
  TrkThread *thread =
      mmap (NULL, sizeof *thread, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  Dice dice = { number };
  unsigned wrong = 0, n_refused = 0;

  for (unsigned i = 0; i < N_STACK_STEPS; i++)
    {
      uint32_t which = dice_roll (&dice, N_STACKS), id;
      uint32_t depth = fill_frames (thread->frames, which);
      uint32_t generation = atomic_load (&trk_process.generation);
      uint64_t frames[MAX_FRAMES];

      memcpy (frames, thread->frames, depth * sizeof *frames);
      id = trk_stacks_intern (thread, trk_stacks_hash (frames, depth, which % 2, generation), depth,
                              which % 2);
      if (id == 0)
        n_refused++;
      else
        wrong += definitions[id].depth != depth || definitions[id].truncated != which % 2
                 || definitions[id].generation < generation
                 || memcmp (definitions[id].frames, frames, depth * sizeof *frames) != 0;
      if (number == 0 && i % 5000 == 4999)
        atomic_fetch_add (&trk_process.generation, 1);
    }
  munmap (thread, sizeof *thread);
  return wrong + (n_refused > N_STACK_STEPS / 4);
}

static void
test_stacks (void)
{
  dl_iterate_phdr (find_module, NULL);
  g_assert_cmpuint (n_modules, >, 2);
  strcpy (trk_process.executable, "/test");
  for (unsigned i = 0; i < MIN (get_table_rounds (), 8); i++)
    g_assert_cmpuint (run_at_once (N_THREADS, use_stacks), ==, 0);
  g_assert_cmpuint (n_wrong, ==, 0);
  for (unsigned i = 0; i < n_modules; i++)
    for (unsigned j = 0; j < 4; j++)
      {
        g_assert_cmpuint (modules[i].n_written[j], >, 0);
        g_assert_cmpuint (modules[i].n_written[j], <=, N_THREADS);
      }
}

/* --- unwind rules -------------------------------------------------------------------------------- */

static TrkUnwindRule
rule_of (uint64_t pc, uint32_t generation)
{
  return trk_rule_pack (TRK_RULE_CFA_SP, (int64_t) (8 * ((pc ^ pc >> 20) % 4096 + generation)),
                        TRK_RULE_BP_AT_CFA, -16);
}

static unsigned
use_rules (unsigned number)
{
  Dice dice = { number };
  unsigned wrong = 0, n_found = 0;

  for (unsigned i = 0; i < 60000; i++)
    {
      uint64_t pc = 0x555555554000 + 5 * (uint64_t) dice_roll (&dice, 2000)
                    + (uint64_t) dice_roll (&dice, 2) * (TRK_UNWIND_TABLE_BYTES / 4);
      uint32_t generation = atomic_load (&trk_unwind_generation);
      TrkUnwindRule rule = trk_unwind_table_lookup (pc, generation);

      if (rule == TRK_RULE_NONE)
        {
          trk_unwind_table_insert (pc, rule_of (pc, generation), generation);
          continue;
        }
      n_found++;
      wrong += rule != trk_rule_with_generation (rule_of (pc, generation), generation);
      if (i % 10000 == 9999)
        trk_unwind_forget ();
    }
  return wrong + (n_found < 10000);
}

static void
test_unwind_rules (void)
{
  g_assert_true (trk_unwind_table_init ());
  for (unsigned i = 0; i < get_table_rounds (); i++)
    g_assert_cmpuint (run_at_once (N_THREADS, use_rules), ==, 0);
}

/* --- kept addresses and regions ------------------------------------------------------------------ */

#define N_SLOTS 256U
#define N_KEPT_STEPS 60000U
#define MAX_FREE 256U

static _Atomic uint64_t mailbox[N_SLOTS];

static uint64_t
new_address (Dice *dice, unsigned number, uint64_t i)
{
  switch (dice_roll (dice, 6))
    {
    case 0: /* declared, beside the others' */
      return (0x560000000000 + (i * N_THREADS + number) * 8) | TRK_KEPT_DECLARED;
    case 1: /* odd ones */
      return 0x570000000001 + (i * N_THREADS + number) * 2;
    case 2: /* far from each other: new leaves and branches */
      return 0x100000000000 + (dice_roll (dice, 64) << 21) + ((uint64_t) number << 36)
             + (i << 6) % (1U << 21) + (i >> 15 << 30);
    case 3: /* in regions beside the others' */
      return 0x300000000000 + ((i * N_THREADS + number) << TRK_REGION_SHIFT);
    default: /* in the words of the others */
      return 0x550000000000 + (i * N_THREADS + number) * 16;
    }
}

static unsigned
take_out (uint64_t address)
{
  bool is_wrong = !trk_region_map_may_hold (address) || !trk_kept_set_remove (address);

  return is_wrong || trk_kept_set_remove (address);
}

static unsigned
use_addresses (unsigned number)
{
  Dice dice = { number };
  uint64_t given_back[MAX_FREE];
  unsigned n_given_back = 0, wrong = 0;

  for (uint64_t i = 0; i < N_KEPT_STEPS; i++)
    {
      uint64_t address = n_given_back && dice_roll (&dice, 2) ? given_back[--n_given_back]
                                                              : new_address (&dice, number, i);
      uint64_t old;

      trk_region_map_set (address);
      wrong += !trk_kept_set_add (address);
      old = atomic_exchange_explicit (&mailbox[dice_roll (&dice, N_SLOTS)], address,
                                      memory_order_acq_rel);
      if (!old)
        continue;
      wrong += take_out (old);
      if (n_given_back < MAX_FREE)
        given_back[n_given_back++] = old;
    }
  return wrong;
}

static void
test_addresses (void)
{
  trk_region_map_init ();
  g_assert_cmpuint (run_at_once (N_THREADS, use_addresses), ==, 0);
  for (unsigned i = 0; i < N_SLOTS; i++)
    g_assert_cmpuint (take_out (mailbox[i]), ==, 0);
}

int
main (int argc, char **argv)
{
  /* Does the sanitizer start at all? */
  if (argc > 1 && strcmp (argv[1], "--probe") == 0)
    return 0;
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tables-threads/stacks", test_stacks);
  g_test_add_func ("/tables-threads/unwind-rules", test_unwind_rules);
  g_test_add_func ("/tables-threads/addresses", test_addresses);
  return g_test_run ();
}
