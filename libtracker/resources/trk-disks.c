/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-disks.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECTOR_BYTES 512U /* in this file, whatever the device's own are */

/* /sys writes a '/' in a device's name (cciss/c0d0) as '!'. */
static bool
has_sys_entry (TrkReader *reader, const char *name, const char *leaf)
{
  char path[TRK_READER_PATH_BYTES];
  int length = snprintf (path, sizeof path, "sys/block/");

  for (const char *p = name; *p; p++)
    path[length++] = (char) (*p == '/' ? '!' : *p);
  snprintf (path + length, sizeof path - (size_t) length, "%s", leaf);
  return faccessat (reader->root_fd, path, F_OK, 0) == 0;
}

static TrkDiskKind
find_kind (TrkReader *reader, TrkDiskFiles *files, const char *name)
{
  TrkDiskKind kind;

  for (uint32_t i = 0; i < files->n_kinds; i++)
    if (strcmp (files->kinds[i].name, name) == 0)
      return files->kinds[i];
  memset (&kind, 0, sizeof kind);
  memcpy (kind.name, name, strlen (name) + 1);
  /* "." and ".." are no devices, whoever wrote the file. */
  kind.is_whole = name[0] != '.' && has_sys_entry (reader, name, "");
  kind.is_physical = kind.is_whole && has_sys_entry (reader, name, "/device");
  if (files->n_kinds < sizeof files->kinds / sizeof files->kinds[0])
    files->kinds[files->n_kinds++] = kind;
  return kind;
}

/* 254 0 vda reads merged sectors ms writes merged sectors ms in_flight busy_ms … */
static bool
parse_disk (TrkTextSpan line, TrkDisk *disk)
{
  uint64_t number, read_sectors, written_sectors, busy_ms;
  TrkTextSpan name;

  if (!trk_text_number (&line, &number) || !trk_text_number (&line, &number)
      || !trk_text_word (&line, &name) || name.end - name.at >= TRK_DISK_NAME_BYTES)
    return false;
  trk_text_copy (name, disk->name, sizeof disk->name);
  if (!trk_text_number (&line, &disk->reads) || !trk_text_number (&line, &number)
      || !trk_text_number (&line, &read_sectors) || !trk_text_number (&line, &number)
      || !trk_text_number (&line, &disk->writes) || !trk_text_number (&line, &number)
      || !trk_text_number (&line, &written_sectors) || !trk_text_number (&line, &number)
      || !trk_text_number (&line, &disk->requests_in_flight) || !trk_text_number (&line, &busy_ms)
      || read_sectors > (TRK_UNKNOWN - 1) / SECTOR_BYTES
      || written_sectors > (TRK_UNKNOWN - 1) / SECTOR_BYTES
      || busy_ms > (TRK_UNKNOWN - 1) / 1000000)
    return false;
  disk->read_bytes = read_sectors * SECTOR_BYTES;
  disk->written_bytes = written_sectors * SECTOR_BYTES;
  disk->busy_ns = busy_ms * 1000000;
  return true;
}

void
trk_disks_read (TrkReader *reader, TrkDiskFiles *files, TrkDisks *disks)
{
  TrkTextSpan text, line;

  disks->n_disks = disks->n_left_out = 0;
  disks->reason = trk_reader_read_kept (reader, &files->diskstats, -1, "proc/diskstats", &text);
  disks->time_ns = trk_reader_now_ns ();
  if (disks->reason != TRK_REASON_NONE)
    return;
  while (trk_text_line (&text, &line))
    {
      TrkDisk disk = { 0 };
      TrkDiskKind kind;

      if (!parse_disk (line, &disk))
        {
          disks->reason = TRK_REASON_MALFORMED; /* the others stand */
          continue;
        }
      if (disk.reads == 0 && disk.writes == 0)
        continue;
      kind = find_kind (reader, files, disk.name);
      if (!kind.is_whole)
        continue;
      disk.is_physical = kind.is_physical;
      if (disks->n_disks < TRK_MAX_DISKS)
        disks->disks[disks->n_disks++] = disk;
      else
        disks->n_left_out++;
    }
}
