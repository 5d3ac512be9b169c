/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From an address to its FDE: the module by trk-loaded-object.h, the function by binary search in
 * .eh_frame_hdr.
 */
#include "trk-unwind-eh-frame.h"

#include <assert.h>
#include <string.h>

#include "trk-loaded-object.h"

/* DW_EH_PE: the low four bits are the format, the next three what the value is relative to. */
#define PE_OMIT 0xff
#define PE_FORMAT 0x0f
#define PE_ABSOLUTE 0x00
#define PE_ULEB 0x01
#define PE_U2 0x02
#define PE_U4 0x03
#define PE_U8 0x04
#define PE_SLEB 0x09
#define PE_S2 0x0a
#define PE_S4 0x0b
#define PE_S8 0x0c
#define PE_BASE 0x70
#define PE_FROM_HERE 0x10
#define PE_FROM_HDR 0x30
#define PE_INDIRECT 0x80

#define HDR_TABLE_ENCODING (PE_FROM_HDR | PE_S4) /* the only one that linkers write */
#define TABLE_ROW_BYTES 8U

uint64_t
trk_bytes_get (TrkBytes *self, unsigned n_bytes)
{
  uint64_t value = 0;

  if (self->bad || (size_t) (self->end - self->at) < n_bytes)
    {
      self->bad = true;
      return 0;
    }
  memcpy (&value, self->at, n_bytes);
  self->at += n_bytes;
  return value;
}

uint64_t
trk_bytes_get_uleb (TrkBytes *self)
{
  uint64_t value = 0;

  for (unsigned shift = 0;; shift += 7)
    {
      uint64_t byte = trk_bytes_get (self, 1);

      if (shift < 64)
        value |= (byte & 0x7f) << shift;
      if (!(byte & 0x80))
        return value;
    }
}

int64_t
trk_bytes_get_sleb (TrkBytes *self)
{
  uint64_t value = 0;

  for (unsigned shift = 0;;)
    {
      uint64_t byte = trk_bytes_get (self, 1);

      if (shift < 64)
        value |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte & 0x80)
        continue;
      if (shift < 64 && (byte & 0x40))
        value |= ~UINT64_C (0) << shift;
      return (int64_t) value;
    }
}

uint64_t
trk_bytes_get_encoded (TrkBytes *self, uint8_t encoding, uint64_t data_base)
{
  uint64_t here = (uint64_t) (uintptr_t) self->at;
  uint64_t value;

  if (encoding == PE_OMIT)
    return 0;
  switch (encoding & PE_FORMAT)
    {
    case PE_ABSOLUTE:
    case PE_U8:
    case PE_S8:
      value = trk_bytes_get (self, 8);
      break;
    case PE_ULEB:
      value = trk_bytes_get_uleb (self);
      break;
    case PE_SLEB:
      value = (uint64_t) trk_bytes_get_sleb (self);
      break;
    case PE_U2:
      value = trk_bytes_get (self, 2);
      break;
    case PE_S2:
      value = (uint64_t) (int16_t) trk_bytes_get (self, 2);
      break;
    case PE_U4:
      value = trk_bytes_get (self, 4);
      break;
    case PE_S4:
      value = (uint64_t) (int32_t) trk_bytes_get (self, 4);
      break;
    default:
      self->bad = true;
      return 0;
    }
  switch (encoding & PE_BASE)
    {
    case 0:
      return value;
    case PE_FROM_HERE:
      return value + here;
    case PE_FROM_HDR:
      return value + data_base;
    default:
      self->bad = true;
      return 0;
    }
}

TrkBytes
trk_bytes_take (TrkBytes *self, uint64_t n_bytes)
{
  TrkBytes taken = { self->at, self->at, self->bad };

  if (self->bad || (uint64_t) (self->end - self->at) < n_bytes)
    {
      self->bad = taken.bad = true;
      return taken;
    }
  self->at += n_bytes;
  taken.end = self->at;
  return taken;
}

/* Takes the body of the entry at *@entries, of 32 or 64 bit DWARF. */
static TrkBytes
take_entry (TrkBytes *entries)
{
  uint64_t length = trk_bytes_get (entries, 4);

  if (length == UINT32_MAX)
    length = trk_bytes_get (entries, 8);
  return trk_bytes_take (entries, length);
}

static bool
read_cie (TrkBytes cie, TrkFde *fde, bool *has_augmentation_size)
{
  TrkBytes augmentation_data;
  const char *augmentation;
  uint64_t version;
  uint8_t encoding;

  if (trk_bytes_get (&cie, 4) != 0)
    return false;
  version = trk_bytes_get (&cie, 1);
  if (version != 1 && version != 3)
    return false;
  augmentation = (const char *) cie.at;
  while (trk_bytes_get (&cie, 1))
    ;
  if (cie.bad || (*augmentation && *augmentation != 'z'))
    return false;
  fde->code_factor = trk_bytes_get_uleb (&cie);
  fde->data_factor = trk_bytes_get_sleb (&cie);
  fde->return_column = version == 1 ? trk_bytes_get (&cie, 1) : trk_bytes_get_uleb (&cie);
  fde->pointer_encoding = PE_ABSOLUTE;
  fde->signal_frame = false;
  *has_augmentation_size = *augmentation == 'z';
  if (*has_augmentation_size)
    {
      augmentation_data = trk_bytes_take (&cie, trk_bytes_get_uleb (&cie));
      while (*++augmentation)
        switch (*augmentation)
          {
          case 'R':
            fde->pointer_encoding = (uint8_t) trk_bytes_get (&augmentation_data, 1);
            break;
          case 'L':
            trk_bytes_get (&augmentation_data, 1);
            break;
          case 'P':
            encoding = (uint8_t) trk_bytes_get (&augmentation_data, 1);
            trk_bytes_get_encoded (&augmentation_data, encoding, 0);
            break;
          case 'S':
            fde->signal_frame = true;
            break;
          case 'B': /* aarch64: return addresses are signed with key B */
            break;
          default: /* its data, if any, could not be skipped to reach a later 'R' */
            return false;
          }
      if (augmentation_data.bad)
        return false;
    }
  fde->initial_program = cie;
  return !cie.bad;
}

static bool
read_fde (const TrkModule *module, uint64_t entry, uint64_t pc, TrkFde *fde)
{
  const uint8_t *module_end = (const uint8_t *) (uintptr_t) module->data_end;
  TrkBytes entries = { (const uint8_t *) (uintptr_t) entry, module_end, false };
  TrkBytes body = take_entry (&entries), cie;
  const uint8_t *cie_pointer = body.at;
  uint64_t distance = trk_bytes_get (&body, 4);
  bool has_augmentation_size;

  if (body.bad || distance == 0
      || distance > (uint64_t) (uintptr_t) cie_pointer - module->data_start)
    return false;
  cie = (TrkBytes) { cie_pointer - distance, module_end, false };
  if (!read_cie (take_entry (&cie), fde, &has_augmentation_size)
      || (fde->pointer_encoding & PE_INDIRECT))
    return false;

  fde->function = trk_bytes_get_encoded (&body, fde->pointer_encoding, 0);
  fde->function_end =
      fde->function + trk_bytes_get_encoded (&body, fde->pointer_encoding & PE_FORMAT, 0);
  if (has_augmentation_size)
    trk_bytes_take (&body, trk_bytes_get_uleb (&body));
  fde->program = body;
  return !body.bad && pc >= fde->function && pc < fde->function_end;
}

TrkFdeStatus
trk_unwind_find_module (uint64_t pc, TrkModule *module)
{
  TrkLoadedObject object;
  uint8_t eh_frame_encoding, count_encoding;
  TrkBytes bytes;

  if (!trk_loaded_object_find (pc, &object))
    return TRK_FDE_NO_MODULE;
  module->start = object.start;
  module->end = object.end;
  module->hdr = object.eh_frame_hdr;
  if (module->hdr == 0)
    return TRK_FDE_ABSENT;
  /* Of a program with holes between its segments the range is one segment's, and its unwind
   * information lies in another: then the reach of the table's 32 bits must do. */
  module->data_start = module->start;
  module->data_end = module->end;
  if (module->hdr < module->start || module->hdr >= module->end)
    {
      module->data_start = module->hdr > INT32_MAX ? module->hdr - INT32_MAX : 1;
      module->data_end = module->hdr + INT32_MAX;
    }

  bytes.at = (const uint8_t *) (uintptr_t) module->hdr;
  bytes.end = (const uint8_t *) (uintptr_t) module->data_end;
  bytes.bad = false;
  if (trk_bytes_get (&bytes, 1) != 1)
    return TRK_FDE_ABSENT;
  eh_frame_encoding = (uint8_t) trk_bytes_get (&bytes, 1);
  count_encoding = (uint8_t) trk_bytes_get (&bytes, 1);
  if (trk_bytes_get (&bytes, 1) != HDR_TABLE_ENCODING || count_encoding == PE_OMIT)
    return TRK_FDE_ABSENT;
  trk_bytes_get_encoded (&bytes, eh_frame_encoding, module->hdr);
  module->n_rows = trk_bytes_get_encoded (&bytes, count_encoding, module->hdr);
  module->table = (uint64_t) (uintptr_t) bytes.at;
  if (bytes.bad || module->n_rows > (module->data_end - module->table) / TABLE_ROW_BYTES)
    return TRK_FDE_ABSENT;
  return TRK_FDE_FOUND;
}

/* The FDE of the last row whose function begins at or before @pc; 0: none. */
static uint64_t
search_table (const TrkModule *module, uint64_t pc)
{
  const uint8_t *table = (const uint8_t *) (uintptr_t) module->table;
  uint64_t low = 0, high = module->n_rows;
  int32_t row[2];

  static_assert (sizeof row == TABLE_ROW_BYTES, "two words");
  while (low < high)
    {
      uint64_t middle = low + (high - low) / 2;

      memcpy (row, table + middle * sizeof row, sizeof row);
      if (module->hdr + (uint64_t) (int64_t) row[0] <= pc)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return 0;
  memcpy (row, table + (low - 1) * sizeof row, sizeof row);
  return module->hdr + (uint64_t) (int64_t) row[1];
}

TrkFdeStatus
trk_unwind_find_fde (uint64_t pc, TrkFde *fde)
{
  TrkModule module;
  TrkFdeStatus status = trk_unwind_find_module (pc, &module);
  uint64_t entry;

  if (status != TRK_FDE_FOUND)
    return status;
  entry = search_table (&module, pc);
  if (!entry || entry < module.data_start || entry >= module.data_end
      || !read_fde (&module, entry, pc, fde))
    return TRK_FDE_ABSENT;
  return TRK_FDE_FOUND;
}
