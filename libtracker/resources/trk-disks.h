/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the machine's disks did, from /proc/diskstats, which lists whole devices and their partitions
 * alike: a device is whole if /sys/block has its name.
 *
 * Devices made of others (dm-, md, loop) do each byte a second time: what all disks did together is the
 * sum over the physical ones, which have a /sys/block/<name>/device.  Devices that did nothing since
 * boot are left out.
 */
#pragma once

#include "trk-reader.h"

#define TRK_MAX_DISKS 64U
#define TRK_DISK_NAME_BYTES 32

typedef struct {
  char name[TRK_DISK_NAME_BYTES];
  bool is_physical;
  /* Counters since boot. */
  uint64_t reads, read_bytes, writes, written_bytes;
  uint64_t busy_ns;            /* in which at least one request was being served */
  uint64_t requests_in_flight; /* now */
} TrkDisk;

typedef struct {
  char name[TRK_DISK_NAME_BYTES];
  bool is_whole, is_physical;
} TrkDiskKind;

typedef struct {
  TrkReason reason;
  int64_t time_ns;
  uint32_t n_disks;
  uint32_t n_left_out; /* past TRK_MAX_DISKS */
  TrkDisk disks[TRK_MAX_DISKS];
} TrkDisks;

typedef struct {
  TrkKeptFile diskstats;
  /* What /sys said of the names that were met, so that it is asked once: a name that goes to another
   * device keeps its kind. */
  uint32_t n_kinds;
  TrkDiskKind kinds[4 * TRK_MAX_DISKS];
} TrkDiskFiles;

void trk_disks_read (TrkReader *reader, TrkDiskFiles *files, TrkDisks *disks);
