/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-resource-codec.h"

void
trk_resource_decoder_begin (TrkResourceDecoder *self,
                            const uint8_t *payload,
                            size_t n_bytes,
                            uint64_t first_ns)
{
  self->at = payload;
  self->end = n_bytes > 0 ? payload + n_bytes : payload; /* which may be NULL then */
  self->last_ns = first_ns;
  self->n_sources = 0;
}

static bool
get (TrkResourceDecoder *self, uint64_t *value)
{
  const uint8_t *at = trk_varint_get (self->at, self->end, value);

  if (at)
    self->at = at;
  return at != NULL;
}

static bool
get_u32 (TrkResourceDecoder *self, uint32_t *value)
{
  uint64_t wide;

  if (!get (self, &wide) || wide > UINT32_MAX)
    return false;
  *value = (uint32_t) wide;
  return true;
}

static bool
get_time (TrkResourceDecoder *self, uint64_t *time_ns)
{
  uint64_t difference;

  if (!get (self, &difference))
    return false;
  self->last_ns += (uint64_t) trk_unzigzag (difference);
  *time_ns = self->last_ns;
  return true;
}

static TrkResourceRecordType
decode_source (TrkResourceDecoder *self, TrkResourceRecord *record)
{
  TrkResourceKey *key = &record->key;

  if (self->n_sources == TRK_RESOURCE_MAX_SOURCES || !get_u32 (self, &key->kind)
      || !get (self, &key->id) || !get (self, &key->start) || !get_u32 (self, &key->n_name)
      || key->n_name > TRK_RESOURCE_NAME_MAX_BYTES || key->n_name > (size_t) (self->end - self->at))
    return TRK_RESOURCE_DAMAGED;
  key->name = (const char *) self->at;
  self->at += key->n_name;
  record->source = self->n_sources++;
  self->present[record->source] = 0;
  memset (self->values[record->source], 0, sizeof self->values[0]);
  return TRK_RESOURCE_SOURCE;
}

static TrkResourceRecordType
decode_absent (TrkResourceDecoder *self, TrkResourceRecord *record)
{
  if (!get_u32 (self, &record->source) || record->source >= self->n_sources
      || !get_time (self, &record->time_ns) || !get_u32 (self, &record->fields)
      || !get_u32 (self, &record->reason))
    return TRK_RESOURCE_DAMAGED;
  return TRK_RESOURCE_ABSENT;
}

static TrkResourceRecordType
decode_sample (TrkResourceDecoder *self, uint64_t source, TrkResourceRecord *record)
{
  uint64_t head, difference, *values;

  if (source >= self->n_sources || !get_time (self, &record->time_ns) || !get (self, &head)
      || head >> 1 > UINT32_MAX)
    return TRK_RESOURCE_DAMAGED;
  record->source = (uint32_t) source;
  if ((head & 1) && !get_u32 (self, &self->present[source]))
    return TRK_RESOURCE_DAMAGED;
  /* What is not there cannot have changed. */
  if (head >> 1 & ~(uint64_t) self->present[source])
    return TRK_RESOURCE_DAMAGED;
  values = self->values[source];
  for (uint32_t changed = (uint32_t) (head >> 1); changed; changed &= changed - 1)
    {
      if (!get (self, &difference))
        return TRK_RESOURCE_DAMAGED;
      values[__builtin_ctz (changed)] += (uint64_t) trk_unzigzag (difference);
    }
  record->fields = self->present[source];
  record->values = values;
  return TRK_RESOURCE_SAMPLE;
}

static TrkResourceRecordType
decode (TrkResourceDecoder *self, TrkResourceRecord *record)
{
  uint64_t opcode, n_bytes;

  while (self->at < self->end)
    {
      if (!get (self, &opcode))
        return TRK_RESOURCE_DAMAGED;
      if (opcode >= TRK_RESOURCE_OP_SAMPLE)
        return decode_sample (self, opcode - TRK_RESOURCE_OP_SAMPLE, record);
      switch (opcode)
        {
        case TRK_RESOURCE_OP_END:
          return TRK_RESOURCE_END;
        case TRK_RESOURCE_OP_SOURCE:
          return decode_source (self, record);
        case TRK_RESOURCE_OP_ABSENT:
          return decode_absent (self, record);
        case TRK_RESOURCE_OP_INTERVAL:
          return get (self, &record->interval_ns) ? TRK_RESOURCE_INTERVAL : TRK_RESOURCE_DAMAGED;
        default:
          if (!get (self, &n_bytes) || n_bytes > (size_t) (self->end - self->at))
            return TRK_RESOURCE_DAMAGED;
          self->at += n_bytes;
        }
    }
  return TRK_RESOURCE_END;
}

TrkResourceRecordType
trk_resource_decode (TrkResourceDecoder *self, TrkResourceRecord *record)
{
  TrkResourceRecordType type = decode (self, record);

  if (type == TRK_RESOURCE_END || type == TRK_RESOURCE_DAMAGED)
    self->at = self->end; /* also for the next call */
  return type;
}
