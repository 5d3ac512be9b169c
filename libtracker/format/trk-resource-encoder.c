/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-checksum.h"
#include "trk-resource-codec.h"

#define MAX_SOURCE_BYTES(n_name) (5 * TRK_VARINT_MAX_BYTES + (n_name))
#define MAX_ABSENT_BYTES (5 * TRK_VARINT_MAX_BYTES)
#define MAX_SAMPLE_BYTES ((4 + TRK_RESOURCE_MAX_FIELDS) * TRK_VARINT_MAX_BYTES)
#define SLOT_MASK (2 * TRK_RESOURCE_MAX_SOURCES - 1)

void
trk_resource_encoder_begin (TrkResourceEncoder *self,
                            uint8_t *payload,
                            size_t n_bytes,
                            uint64_t first_ns)
{
  self->payload = self->at = payload;
  self->end = payload + n_bytes;
  self->first_ns = self->last_ns = self->latest_ns = first_ns;
  self->n_records = self->n_sources = 0;
  memset (self->slots, 0, sizeof self->slots);
}

static bool
has_room (const TrkResourceEncoder *self, size_t n_bytes)
{
  return (size_t) (self->end - self->at) >= n_bytes;
}

static void
put_time (TrkResourceEncoder *self, uint64_t time_ns)
{
  self->at = trk_varint_put (self->at, trk_zigzag ((int64_t) (time_ns - self->last_ns)));
  self->last_ns = time_ns;
  if (time_ns > self->latest_ns)
    self->latest_ns = time_ns;
}

static uint64_t
hash_key (const TrkResourceKey *key)
{
  uint64_t words[4] = { key->kind, key->id, key->start, trk_checksum (key->name, key->n_name) };

  return trk_checksum (words, sizeof words);
}

/* The source's number; −1: no room for a new one. */
static int
find_source (TrkResourceEncoder *self, const TrkResourceKey *whole_key)
{
  TrkResourceKey cut_key = *whole_key, *key = &cut_key;
  TrkResourceState *state;
  uint64_t hash;
  uint32_t slot;

  if (key->n_name > TRK_RESOURCE_NAME_MAX_BYTES)
    key->n_name = TRK_RESOURCE_NAME_MAX_BYTES;
  hash = hash_key (key);
  for (slot = (uint32_t) hash & SLOT_MASK; self->slots[slot]; slot = (slot + 1) & SLOT_MASK)
    if (self->sources[self->slots[slot] - 1].key_hash == hash)
      return self->slots[slot] - 1;
  if (self->n_sources == TRK_RESOURCE_MAX_SOURCES
      || !has_room (self, MAX_SOURCE_BYTES (key->n_name) + MAX_SAMPLE_BYTES
                              + TRK_RESOURCE_MAX_FIELDS * MAX_ABSENT_BYTES))
    return -1;
  state = &self->sources[self->n_sources];
  memset (state, 0, sizeof *state);
  state->key_hash = hash;
  self->slots[slot] = (uint16_t) (self->n_sources + 1);
  self->at = trk_varint_put (self->at, TRK_RESOURCE_OP_SOURCE);
  self->at = trk_varint_put (self->at, key->kind);
  self->at = trk_varint_put (self->at, key->id);
  self->at = trk_varint_put (self->at, key->start);
  self->at = trk_varint_put (self->at, key->n_name);
  if (key->n_name > 0)
    memcpy (self->at, key->name, key->n_name);
  self->at += key->n_name;
  self->n_records++;
  return (int) self->n_sources++;
}

/* One record for each reason that is new. */
static void
put_absent (TrkResourceEncoder *self,
            uint32_t source,
            uint64_t time_ns,
            const uint8_t *reasons,
            uint32_t n_fields,
            uint8_t not_due)
{
  TrkResourceState *state = &self->sources[source];

  for (uint32_t i = 0; i < n_fields; i++)
    {
      uint32_t fields = 0;

      if (reasons[i] == 0)
        state->reasons[i] = 0;
      if (reasons[i] == 0 || reasons[i] == not_due || reasons[i] == state->reasons[i])
        continue;
      for (uint32_t j = i; j < n_fields; j++)
        if (reasons[j] == reasons[i] && state->reasons[j] != reasons[i])
          {
            state->reasons[j] = reasons[i];
            fields |= 1U << j;
          }
      self->at = trk_varint_put (self->at, TRK_RESOURCE_OP_ABSENT);
      self->at = trk_varint_put (self->at, source);
      put_time (self, time_ns);
      self->at = trk_varint_put (self->at, fields);
      self->at = trk_varint_put (self->at, reasons[i]);
      self->n_records++;
    }
}

static void
put_sample (TrkResourceEncoder *self,
            uint32_t source,
            uint64_t time_ns,
            const uint64_t *values,
            uint32_t present)
{
  TrkResourceState *state = &self->sources[source];
  bool is_other = present != state->present;
  uint32_t changed = 0;

  for (uint32_t left = present; left; left &= left - 1)
    {
      unsigned i = (unsigned) __builtin_ctz (left);

      if (values[i] != state->values[i])
        changed |= 1U << i;
    }
  self->at = trk_varint_put (self->at, TRK_RESOURCE_OP_SAMPLE + (uint64_t) source);
  put_time (self, time_ns);
  self->at = trk_varint_put (self->at, (uint64_t) changed << 1 | is_other);
  if (is_other)
    self->at = trk_varint_put (self->at, present);
  for (uint32_t left = changed; left; left &= left - 1)
    {
      unsigned i = (unsigned) __builtin_ctz (left);

      self->at = trk_varint_put (self->at, trk_zigzag ((int64_t) (values[i] - state->values[i])));
      state->values[i] = values[i];
    }
  state->present = present;
  self->n_records++;
}

bool
trk_resource_encode_interval (TrkResourceEncoder *self, uint64_t interval_ns)
{
  if (!has_room (self, 2 * TRK_VARINT_MAX_BYTES))
    return false;
  self->at = trk_varint_put (self->at, TRK_RESOURCE_OP_INTERVAL);
  self->at = trk_varint_put (self->at, interval_ns);
  self->n_records++;
  return true;
}

bool
trk_resource_encode_sample (TrkResourceEncoder *self,
                            const TrkResourceKey *key,
                            uint64_t time_ns,
                            const uint64_t *values,
                            const uint8_t *reasons,
                            uint32_t n_fields,
                            uint8_t not_due)
{
  uint32_t present = 0;
  int source;

  if (n_fields > TRK_RESOURCE_MAX_FIELDS)
    n_fields = TRK_RESOURCE_MAX_FIELDS;
  if (!has_room (self, MAX_SAMPLE_BYTES + TRK_RESOURCE_MAX_FIELDS * MAX_ABSENT_BYTES))
    return false;
  source = find_source (self, key);
  if (source < 0)
    return false;
  for (uint32_t i = 0; i < n_fields; i++)
    if (reasons[i] == 0)
      present |= 1U << i;
  put_absent (self, (uint32_t) source, time_ns, reasons, n_fields, not_due);
  if (present != 0)
    put_sample (self, (uint32_t) source, time_ns, values, present);
  return true;
}

uint32_t
trk_resource_encoder_end (TrkResourceEncoder *self, TrkBlockHeader *header)
{
  uint32_t n_bytes = (uint32_t) (self->at - self->payload);

  header->magic = TRK_BLOCK_MAGIC;
  header->header_size = sizeof *header;
  header->type = TRK_BLOCK_RESOURCES;
  header->clock = TRK_CLOCK_MONOTONIC;
  header->thread_id = TRK_THREAD_ID_PROCESS;
  header->payload_bytes = n_bytes;
  header->n_records = self->n_records;
  header->first_ticks = self->first_ns;
  header->last_ticks = self->latest_ns;
  header->open_pair_ticks = header->open_pair_ns = self->first_ns;
  header->seal_pair_ticks = header->seal_pair_ns = self->latest_ns;
  header->checksum = 0;
  header->checksum = trk_block_checksum (header, self->payload, n_bytes);
  return n_bytes;
}
