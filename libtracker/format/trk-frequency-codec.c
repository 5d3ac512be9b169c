/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-frequency-codec.h"

uint8_t *
trk_frequency_encode_header (uint8_t *p, uint64_t n_event_blocks, uint64_t digest)
{
  p = trk_varint_put (p, n_event_blocks);
  return trk_varint_put (p, digest);
}

static uint8_t *
encode_domain (uint8_t *p, const TrkFrequencyRecord *record)
{
  uint32_t n_bins = TRK_FREQUENCY_SIZE_BINS;

  while (n_bins > 0 && record->size_bins[n_bins - 1] == 0)
    n_bins--;
  p = trk_varint_put (p, record->domain);
  p = trk_varint_put (p, record->allocations);
  p = trk_varint_put (p, record->frees);
  p = trk_varint_put (p, record->bytes);
  p = trk_varint_put (p, n_bins);
  for (uint32_t i = 0; i < n_bins; i++)
    p = trk_varint_put (p, record->size_bins[i]);
  return p;
}

uint8_t *
trk_frequency_encode (uint8_t *p, const TrkFrequencyRecord *record)
{
  p = trk_varint_put (p, record->kind);
  if (record->kind == TRK_FREQUENCY_DOMAIN)
    return encode_domain (p, record);
  p = trk_varint_put (p, record->stack);
  p = trk_varint_put (p, record->allocations);
  return trk_varint_put (p, record->bytes);
}

const uint8_t *
trk_frequency_decode_header (const uint8_t *p,
                             const uint8_t *end,
                             uint64_t *n_event_blocks,
                             uint64_t *digest)
{
  if (!(p = trk_varint_get (p, end, n_event_blocks)))
    return NULL;
  return trk_varint_get (p, end, digest);
}

static const uint8_t *
decode_domain (const uint8_t *p, const uint8_t *end, TrkFrequencyRecord *record)
{
  uint64_t domain, n_bins;

  if (!(p = trk_varint_get (p, end, &domain)) || domain >= TRK_N_DOMAINS
      || !(p = trk_varint_get (p, end, &record->allocations))
      || !(p = trk_varint_get (p, end, &record->frees))
      || !(p = trk_varint_get (p, end, &record->bytes)) || !(p = trk_varint_get (p, end, &n_bins))
      || n_bins > TRK_FREQUENCY_SIZE_BINS)
    return NULL;
  record->domain = (uint8_t) domain;
  memset (record->size_bins, 0, sizeof record->size_bins);
  for (uint64_t i = 0; i < n_bins; i++)
    if (!(p = trk_varint_get (p, end, &record->size_bins[i])))
      return NULL;
  return p;
}

static const uint8_t *
decode_stack (const uint8_t *p, const uint8_t *end, TrkFrequencyRecord *record)
{
  uint64_t stack;

  if (record->domain >= TRK_N_DOMAINS || !(p = trk_varint_get (p, end, &stack))
      || stack > UINT32_MAX || !(p = trk_varint_get (p, end, &record->allocations))
      || !(p = trk_varint_get (p, end, &record->bytes)))
    return NULL;
  record->stack = (uint32_t) stack;
  return p;
}

const uint8_t *
trk_frequency_decode (const uint8_t *p, const uint8_t *end, TrkFrequencyRecord *record)
{
  uint64_t kind;

  if (!(p = trk_varint_get (p, end, &kind)))
    return NULL;
  record->kind = (TrkFrequencyKind) kind;
  if (kind == TRK_FREQUENCY_DOMAIN)
    return decode_domain (p, end, record);
  if (kind == TRK_FREQUENCY_STACK)
    return decode_stack (p, end, record);
  return NULL;
}
