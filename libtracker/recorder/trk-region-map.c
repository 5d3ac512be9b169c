/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-region-map.h"

#include <stddef.h>

#include "trk-system.h"

uint8_t *trk_region_bits;

void
trk_region_map_init (void)
{
  /* Where addresses are rationed, the ration is the program's. */
  if (!trk_region_bits && !trk_system_has_address_limit ())
    trk_region_bits =
        trk_system_map_anonymous ((size_t) 1 << (TRK_REGION_ADDRESS_BITS - TRK_REGION_SHIFT - 3));
}
