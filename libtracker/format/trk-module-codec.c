/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-module-codec.h"

/* memcpy may not be given NULL, even for no bytes: an object without a build id has none. */
static uint8_t *
put_bytes (uint8_t *p, const void *bytes, uint32_t n_bytes)
{
  p = trk_varint_put (p, n_bytes);
  if (n_bytes > 0)
    memcpy (p, bytes, n_bytes);
  return p + n_bytes;
}

uint8_t *
trk_module_encode (uint8_t *p, const TrkModuleRecord *record)
{
  p = trk_varint_put (p, record->generation);
  p = trk_varint_put (p, record->start);
  p = trk_varint_put (p, record->end - record->start);
  p = trk_varint_put (p, trk_zigzag ((int64_t) record->bias));
  p = put_bytes (p, record->build_id, record->n_build_id);
  return put_bytes (p, record->path, record->n_path);
}

/* Takes @n bytes, or returns NULL. */
static const uint8_t *
take_bytes (const uint8_t *p,
            const uint8_t *end,
            uint64_t most,
            uint32_t *n_bytes,
            const uint8_t **bytes)
{
  uint64_t n;

  if (!(p = trk_varint_get (p, end, &n)) || n > most || n > (uint64_t) (end - p))
    return NULL;
  *n_bytes = (uint32_t) n;
  *bytes = p;
  return p + n;
}

const uint8_t *
trk_module_decode (const uint8_t *p, const uint8_t *end, TrkModuleRecord *record)
{
  uint64_t generation, length, bias;
  const uint8_t *path;

  if (!(p = trk_varint_get (p, end, &generation)) || generation > UINT32_MAX
      || !(p = trk_varint_get (p, end, &record->start)) || !(p = trk_varint_get (p, end, &length))
      || length > UINT64_MAX - record->start || !(p = trk_varint_get (p, end, &bias))
      || !(p = take_bytes (p, end, TRK_BUILD_ID_MAX_BYTES, &record->n_build_id, &record->build_id))
      || !(p = take_bytes (p, end, TRK_MODULE_PATH_MAX_BYTES, &record->n_path, &path)))
    return NULL;
  record->generation = (uint32_t) generation;
  record->end = record->start + length;
  record->bias = (uint64_t) trk_unzigzag (bias);
  record->path = (const char *) path;
  return p;
}
