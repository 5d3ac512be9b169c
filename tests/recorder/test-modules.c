/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is written of the modules of random stacks, against a table of (generation, module) → whether its
 * record is out: each once, as soon as a frame of it is noted, with the range and the path that the dynamic
 * linker says; nothing for code of no module; and again after a write that failed.
 *
 * TABLE_ROUNDS=100 does a hundred times as much.
 */
#include <errno.h>
#include <glib.h>
#include <link.h>
#include <string.h>

#include "recorder-stand-ins.h"
#include "trk-checksum.h"
#include "trk-module-codec.h"
#include "trk-modules.h"
#include "trk-pool.h"
#include "trk-process.h"
#include "trk-stream.h"

#define N_STEPS 40000
#define MAX_MODULES 32U
#define N_GENERATIONS 40U
#define N_FRAMES 3U

typedef struct {
  guint64 start, end, bias;
  const char *path;
} Module;

static Module modules[MAX_MODULES];
static guint n_modules;
static gboolean is_written[N_GENERATIONS][MAX_MODULES];
static guint n_written, n_refused, n_counted, next_block;
static gboolean refuse;
static guint32 generation;

static int
find_module (struct dl_phdr_info *info, size_t size, void *data)
{
  Module *module = &modules[n_modules];

  if (n_modules == MAX_MODULES || strstr (info->dlpi_name, "vdso"))
    return 0;
  *module = (Module) { UINT64_MAX, 0, info->dlpi_addr,
                       *info->dlpi_name ? info->dlpi_name : trk_process.executable };
  for (guint i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD)
      {
        guint64 start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

        module->start = MIN (module->start, start & ~(guint64) 4095);
        module->end = MAX (module->end, start + info->dlpi_phdr[i].p_memsz);
      }
  n_modules++;
  return 0;
}

static guint
module_of (guint64 address)
{
  guint i = 0;

  while (i < n_modules && !(address >= modules[i].start && address < modules[i].end))
    i++;
  return i;
}

/* --- around the table ---------------------------------------------------------------------------- */

int
trk_stream_append (TrkThread *self, TrkFileKind kind, const TrkBlockHeader *block, bool create)
{
  const guint8 *payload = (const guint8 *) (block + 1);
  TrkModuleRecord record;
  guint module;

  g_assert_cmpint (kind, ==, TRK_FILE_MODULES);
  if (refuse)
    {
      n_refused++;
      return -ENOSPC;
    }
  g_assert_cmpuint (block->block_number, ==, next_block++);
  g_assert_cmpuint (block->n_records, ==, 1);
  g_assert_cmphex (block->checksum, ==, trk_block_checksum (block, payload, block->payload_bytes));
  g_assert_true (trk_module_decode (payload, payload + block->payload_bytes, &record)
                 == payload + block->payload_bytes);
  module = module_of (record.start);
  g_assert_cmpuint (module, <, n_modules);
  g_assert_cmphex (record.start, ==, modules[module].start);
  g_assert_cmphex (record.end, >=, modules[module].end);
  g_assert_cmphex (record.bias, ==, modules[module].bias);
  g_assert_cmpmem (record.path, record.n_path, modules[module].path, strlen (modules[module].path));
  g_assert_cmpuint (record.generation, ==, generation);
  g_assert_false (is_written[generation][module]);
  is_written[generation][module] = TRUE;
  n_written++;
  return 0;
}

void
trk_pool_count_failed_write (uint64_t n_events, int error)
{
  g_assert_cmpint (error, ==, -ENOSPC);
  n_counted++;
}

/* ------------------------------------------------------------------------------------------------- */

static guint64
random_frame (GRand *random)
{
  const Module *module = &modules[g_rand_int_range (random, 0, (gint32) n_modules)];
  guint32 n_bytes = (guint32) (module->end - module->start);

  switch (g_rand_int_range (random, 0, 8))
    {
    case 0: /* of no module */
      return g_rand_boolean (random) ? 0 : (guint64) g_rand_int (random);
    case 1: /* the return address of a call that a module begins with, and ends with */
      return module->start + 1;
    case 2:
      return module->end;
    default:
      return module->start + 1 + g_rand_int (random) % (n_bytes - 1);
    }
}

static void
test_model (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (14);
  static TrkThread thread;

  for (guint i = 0; i < N_STEPS * get_table_rounds (); i++)
    {
      uint64_t frames[N_FRAMES];

      if (i % 1000 == 999)
        generation = (guint32) g_rand_int_range (random, 0, N_GENERATIONS);
      refuse = g_rand_int_range (random, 0, 3) == 0;
      for (guint j = 0; j < N_FRAMES; j++)
        frames[j] = random_frame (random);
      trk_modules_note_stack (&thread, frames, N_FRAMES, generation);
      for (guint j = 0; j < N_FRAMES && !refuse; j++)
        {
          guint module = module_of (frames[j] - 1);
          g_assert_true (module == n_modules || is_written[generation][module]);
        }
    }
  g_test_message ("%u modules, %u records, %u refused", n_modules, n_written, n_refused);
  g_assert_cmpuint (n_counted, ==, n_refused);
  g_assert_cmpuint (n_written, >, 2 * n_modules);
  g_assert_cmpuint (n_refused, >, 0);
}

static void
test_own (void)
{
  const Module *module = &modules[module_of ((guint64) (gsize) test_own)];

  g_assert_false (trk_modules_is_own (module->start));
  trk_modules_set_own ((const void *) test_own);
  g_assert_true (trk_modules_is_own (module->start));
  g_assert_true (trk_modules_is_own (module->end - 1));
  g_assert_false (trk_modules_is_own (module->start - 1));
  g_assert_false (trk_modules_is_own ((module->end + 4095) & ~(guint64) 4095));
  for (guint i = 0; i < n_modules; i++)
    g_assert_true (trk_modules_is_own (modules[i].start) == (&modules[i] == module));
}

/* In a forked child. */
static void
test_reset (void)
{
  static TrkThread thread;
  uint64_t frame = (guint64) (gsize) test_reset;

  refuse = FALSE;
  generation = 0;
  trk_modules_note_stack (&thread, &frame, 1, 0);
  n_written = next_block = 0;
  memset (is_written, 0, sizeof is_written);
  trk_modules_reset ();
  trk_modules_note_stack (&thread, &frame, 1, 0);
  trk_modules_note_stack (&thread, &frame, 1, 0);
  g_assert_cmpuint (n_written, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  strcpy (trk_process.executable, "/of the process itself");
  dl_iterate_phdr (find_module, NULL);
  g_test_add_func ("/modules/model", test_model);
  g_test_add_func ("/modules/own", test_own);
  g_test_add_func ("/modules/reset", test_reset);
  return g_test_run ();
}
