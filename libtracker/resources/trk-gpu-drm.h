/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * GPUs of every other maker, through the kernel: what a process has done on them, and how busy they are.
 *
 *   /proc/<pid>/fdinfo/<fd>   for descriptors of /dev/dri/…, as trk-open-files.h found them:
 *       drm-driver:  amdgpu
 *       drm-pdev:    0000:03:00.0
 *       drm-client-id: 17
 *       drm-engine-gfx: 123456 ns            a counter for each kind of engine
 *       drm-memory-vram: 20480 KiB           (or drm-resident-vram) for each region
 *   /sys/class/drm/card<n>/device/{gpu_busy_percent,mem_info_vram_used,mem_info_vram_total}
 *
 * Several descriptors may be of one client, which counts once: (drm-pdev, drm-client-id) names it.
 */
#pragma once

#include "trk-open-files.h"

#define TRK_MAX_DRM_ENGINES 16U
#define TRK_MAX_DRM_REGIONS 8U
#define TRK_MAX_DRM_CARDS 16U

typedef struct {
  char name[24]; /* "gfx", "render", "vram": as the driver calls it; hostile */
  uint64_t value;
} TrkDrmFigure;

/* What one process has on all GPUs of one address. */
typedef struct {
  char driver[24], address[24];
  uint32_t n_engines, n_regions;
  TrkDrmFigure engines_ns[TRK_MAX_DRM_ENGINES]; /* counters; less after a client has gone */
  TrkDrmFigure regions_bytes[TRK_MAX_DRM_REGIONS];
} TrkDrmUse;

typedef struct {
  TrkReason reason; /* NOT_HERE: the process has no GPU open, or its driver does not tell */
  int64_t time_ns;
  uint32_t n_uses;
  TrkDrmUse uses[TRK_MAX_DRM_CARDS];
} TrkDrmProcess;

void trk_drm_process_read (TrkReader *reader,
                           int32_t pid,
                           const TrkOpenFiles *descriptors,
                           TrkDrmProcess *figures);

typedef struct {
  uint32_t card; /* card<n> */
  TrkReason busy_reason, memory_reason;
  uint64_t busy_percent;
  uint64_t memory_used_bytes, memory_total_bytes; /* of its own */
} TrkDrmCard;

typedef struct {
  TrkReason reason; /* NOT_HERE: no card tells any of it */
  int64_t time_ns;
  uint32_t n_cards;
  TrkDrmCard cards[TRK_MAX_DRM_CARDS];
} TrkDrmCards;

void trk_drm_cards_read (TrkReader *reader, TrkDrmCards *figures);
