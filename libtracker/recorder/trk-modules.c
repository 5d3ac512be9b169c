/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-modules.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <string.h>

#include "trk-checksum.h"
#include "trk-clock.h"
#include "trk-module-codec.h"
#include "trk-pool.h"
#include "trk-process.h"
#include "trk-stream.h"
#include "trk-system.h"
#include "unwind/trk-loaded-object.h"
#include "unwind/trk-program-headers.h"

#define MAX_MODULES 4096U

typedef struct {
  uint64_t start, end;
  uint32_t generation; /* in which it was written */
  _Atomic uint32_t ready;
} KnownModule;

static struct {
  KnownModule known[MAX_MODULES];
  _Atomic uint32_t n_known;
  _Atomic uint32_t next_block;
  uint64_t own_start, own_end;
} modules;

void
trk_modules_reset (void)
{
  uint32_t n_known = atomic_load (&modules.n_known);

  for (uint32_t i = 0; i < n_known && i < MAX_MODULES; i++)
    atomic_store (&modules.known[i].ready, 0);
  atomic_store (&modules.n_known, 0);
  atomic_store (&modules.next_block, 0);
}

void
trk_modules_set_own (const void *code)
{
  TrkLoadedObject object;

  if (!trk_loaded_object_find ((uint64_t) (uintptr_t) code, &object))
    return;
  modules.own_start = object.start;
  modules.own_end = object.end;
}

bool
trk_modules_is_own (uint64_t address)
{
  return address >= modules.own_start && address < modules.own_end;
}

static bool
is_known (uint64_t address, uint32_t generation)
{
  uint32_t n_known = atomic_load_explicit (&modules.n_known, memory_order_acquire);

  if (n_known > MAX_MODULES)
    n_known = MAX_MODULES;
  for (uint32_t i = n_known; i > 0; i--)
    {
      const KnownModule *known = &modules.known[i - 1];
      /* The mark first: what was read before it may be of the time before, when all was 0. */
      if (atomic_load_explicit (&known->ready, memory_order_acquire) && address >= known->start
          && address < known->end && known->generation == generation)
        return true;
    }
  return false;
}

static void
find_note (TrkModuleRecord *record, const TrkProgramHeader *segments, unsigned n_segments)
{
  uint64_t bias = record->bias;

  for (unsigned i = 0; i < n_segments; i++)
    {
      const uint8_t *p = (const uint8_t *) (bias + segments[i].p_vaddr);
      const uint8_t *end = p + segments[i].p_memsz;

      if (segments[i].p_type != PT_NOTE || (uint64_t) p < record->start || end < p
          || (uint64_t) end > record->end)
        continue;
      while (p + sizeof (ElfW (Nhdr)) < end)
        {
          const ElfW (Nhdr) *note = (const ElfW (Nhdr) *) p;
          const uint8_t *name = p + sizeof *note, *value = name + ((note->n_namesz + 3) & ~3U);

          if (value + note->n_descsz > end)
            break;
          if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp (name, "GNU", 4) == 0
              && note->n_descsz <= TRK_BUILD_ID_MAX_BYTES)
            {
              record->build_id = value;
              record->n_build_id = note->n_descsz;
              return;
            }
          p = value + ((note->n_descsz + 3) & ~3U);
        }
    }
}

/* The GNU build-id note among the program headers of the object. */
static void
find_build_id (TrkModuleRecord *record)
{
  const TrkElfHeader *header = (const TrkElfHeader *) (uintptr_t) record->start;
  const TrkProgramHeader *segments;
  const size_t n_bytes = TRK_MAX_PROGRAM_HEADERS * sizeof *segments;
  TrkProgramHeader *room = NULL;

  if (memcmp (header->e_ident, ELFMAG, SELFMAG) != 0)
    return;
  /* As much of the program's stack is not ours to use. */
  if (!trk_program_headers_are_near (header) && !(room = trk_system_map_anonymous (n_bytes)))
    return;
  segments = trk_program_headers_find (header, record->path, room);
  if (segments)
    find_note (record, segments, header->e_phnum);
  if (room)
    trk_system_unmap (room, n_bytes);
}

/* A block of one record. */
typedef struct {
  TrkBlockHeader block;
  uint8_t payload[TRK_MODULE_RECORD_MAX_BYTES];
} ModuleBlock;

static int
write_block (TrkThread *self, ModuleBlock *buffer, const TrkModuleRecord *record)
{
  TrkBlockHeader *block = &buffer->block;
  uint32_t next;
  uint8_t *end;
  int error;

  block->magic = TRK_BLOCK_MAGIC;
  block->header_size = sizeof *block;
  block->type = TRK_BLOCK_MODULES;
  block->clock = (uint8_t) trk_clock.kind;
  block->tick_shift = trk_clock.tick_shift;
  block->thread_id = TRK_THREAD_ID_PROCESS;
  block->block_number = atomic_fetch_add (&modules.next_block, 1);
  block->n_records = 1;
  trk_clock_get_pair (&block->open_pair_ticks, &block->open_pair_ns);
  block->first_ticks = block->last_ticks = block->open_pair_ticks;
  block->seal_pair_ticks = block->open_pair_ticks;
  block->seal_pair_ns = block->open_pair_ns;
  end = trk_module_encode (buffer->payload, record);
  block->payload_bytes = (uint32_t) (end - buffer->payload);
  block->checksum = trk_block_checksum (block, buffer->payload, block->payload_bytes);

  trk_process_get_file (TRK_MODULES_FILE_NAME, self->path);
  error = trk_stream_append (self, TRK_FILE_MODULES, block, false);
  /* The number is free again, unless another thread already has the next one. */
  next = block->block_number + 1;
  if (error < 0)
    atomic_compare_exchange_strong (&modules.next_block, &next, block->block_number);
  return error;
}

/* A path may be long, the program's stack small, and our scratch is in use: a module is rare enough for
 * memory of its own. */
static bool
write_module (TrkThread *self, const TrkModuleRecord *record)
{
  ModuleBlock *buffer = trk_system_map_anonymous (sizeof *buffer);
  int error = buffer ? write_block (self, buffer, record) : -ENOMEM;

  if (buffer)
    trk_system_unmap (buffer, sizeof *buffer);
  if (error < 0)
    trk_pool_count_failed_write (0, error);
  return error == 0;
}

static void
note_module (TrkThread *self, uint64_t address, uint32_t generation)
{
  TrkLoadedObject object;
  TrkModuleRecord record;
  const char *path;
  uint32_t index;

  if (!trk_loaded_object_find (address, &object))
    return; /* code of no object: generated at run time */

  record = (TrkModuleRecord) {
    .generation = generation,
    .start = object.start,
    .end = object.end,
    .bias = object.bias,
    .path = object.path,
  };
  if (!*record.path)
    record.path = trk_process.executable; /* which the loader's list does not have */
  else if (*record.path != '/' && (path = trk_loaded_object_find_path (address)))
    record.path = path; /* who reads it later is elsewhere */
  record.n_path = (uint32_t) strnlen (record.path, TRK_MODULE_PATH_MAX_BYTES);
  find_build_id (&record);
  if (!write_module (self, &record))
    return; /* the next new stack tries again */

  index = atomic_fetch_add (&modules.n_known, 1);
  if (index >= MAX_MODULES)
    return; /* written again each time: the reader does not mind */
  modules.known[index].start = record.start;
  modules.known[index].end = record.end;
  modules.known[index].generation = generation;
  atomic_store_explicit (&modules.known[index].ready, 1, memory_order_release);
}

void
trk_modules_note_stack (TrkThread *self,
                        const uint64_t *frames,
                        uint32_t depth,
                        uint32_t generation)
{
  for (uint32_t i = 0; i < depth; i++)
    if (!is_known (frames[i] - 1, generation))
      note_module (self, frames[i] - 1, generation);
}
