/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-stack-codec.h"

uint8_t *
trk_stack_encode (uint8_t *p,
                  const uint64_t *previous,
                  uint32_t previous_depth,
                  uint32_t id,
                  uint32_t generation,
                  const uint64_t *frames,
                  uint32_t depth,
                  bool truncated)
{
  uint32_t shared = 0;
  uint64_t outside;

  while (shared < depth && shared < previous_depth
         && frames[depth - 1 - shared] == previous[previous_depth - 1 - shared])
    shared++;

  p = trk_varint_put (p, id);
  p = trk_varint_put (p, generation);
  p = trk_varint_put (p, (uint64_t) depth << 1 | truncated);
  p = trk_varint_put (p, shared);
  outside = shared ? frames[depth - shared] : 0;
  for (uint32_t i = depth - shared; i > 0; i--)
    {
      p = trk_varint_put (p, trk_zigzag ((int64_t) (frames[i - 1] - outside)));
      outside = frames[i - 1];
    }
  return p;
}

const uint8_t *
trk_stack_decode (const uint8_t *p, const uint8_t *end, TrkStackRecord *record)
{
  uint64_t id, generation, depth, shared, delta, outside;

  if (!(p = trk_varint_get (p, end, &id)) || !(p = trk_varint_get (p, end, &generation))
      || !(p = trk_varint_get (p, end, &depth)) || !(p = trk_varint_get (p, end, &shared)))
    return NULL;
  if (id > UINT32_MAX || generation > UINT32_MAX || depth >> 1 > TRK_MAX_STACK_DEPTH
      || shared > depth >> 1 || shared > record->depth)
    return NULL;

  record->id = (uint32_t) id;
  record->generation = (uint32_t) generation;
  record->truncated = depth & 1;
  depth >>= 1;

  /* The shared outer frames keep their distance from the outermost end. */
  memmove (record->frames + depth - shared, record->frames + record->depth - shared,
           shared * sizeof record->frames[0]);
  record->depth = (uint32_t) depth;
  outside = shared ? record->frames[depth - shared] : 0;
  for (uint64_t i = depth - shared; i > 0; i--)
    {
      if (!(p = trk_varint_get (p, end, &delta)))
        return NULL;
      outside += (uint64_t) trk_unzigzag (delta);
      record->frames[i - 1] = outside;
    }
  return p;
}
