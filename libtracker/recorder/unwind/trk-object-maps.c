/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What lies where, as the kernel tells it:
 *
 *   7f..a000-7f..c000 r--p 00000000 08:01 4711  /usr/lib/libx.so   the ELF header: segments, .eh_frame_hdr
 *   7f..c000-7f..f000 r-xp 00002000 08:01 4711  /usr/lib/libx.so   the address that was asked for
 *
 *   ──▶ entry   start, end, bias, .eh_frame_hdr, path; the mark in which it was seen last
 *
 * An entry is written by one thread and read by any number, by a number that is odd while it is written.
 * One whose mark is not the present one says nothing any more, and its room is used again.  Code in no object
 * has an entry of its own kind, good for a number of questions.
 *
 * Rare: see trk-loaded-object.h.
 */
#include "trk-object-maps.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trk-program-headers.h"

#define MAX_ENTRIES 2048U
#define PATHS_BYTES 262144U /* address space; touched only where this is used */
#define LINE_BYTES 4352U    /* a path of 4095 bytes and what stands before it */
#define N_UNCONFIRMED_USES 1024U
#define PAGE_BYTES UINT64_C (4096)

typedef struct {
  _Atomic uint32_t sequence; /* 0: free; odd: being written */
  _Atomic uint32_t mark;     /* of the time in which it holds */
  _Atomic uint32_t n_uses;   /* left, of code in no object */
  _Atomic uint64_t start, end, bias, eh_frame_hdr;
  _Atomic (const char *) path; /* NULL: code in no object */
} Entry;

static Entry entries[MAX_ENTRIES];
static _Atomic uint32_t n_entries;
static char paths[PATHS_BYTES];
static _Atomic uint32_t n_path_bytes;
static _Atomic uint32_t present_mark = 1;

/* One line, and what stands before it. */
typedef struct {
  uint64_t start, end, offset;
  char permissions[4];
  const char *file; /* device, inode and path: what makes it the same file as the line before */
  const char *path;
} Line;

typedef struct {
  char text[LINE_BYTES];
  char first_file[LINE_BYTES]; /* of the last line that began a file */
  uint64_t first_start;        /* 0: none */
  TrkProgramHeader segments[TRK_MAX_PROGRAM_HEADERS];
} Maps;

static int
open_plainly (const char *path)
{
  return (int) syscall (SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
}

static void
close_plainly (int fd)
{
  (void) syscall (SYS_close, fd);
}

TrkLoadedObjectFiles trk_object_maps_files = { open_plainly, close_plainly };

void
trk_loaded_object_set_files (const TrkLoadedObjectFiles *given)
{
  trk_object_maps_files = *given;
}

void
trk_loaded_object_forget (void)
{
  atomic_fetch_add (&present_mark, 1);
}

/* --- the table -------------------------------------------------------------------------------- */

typedef struct {
  TrkLoadedObject object; /* a NULL path: code in no object */
  uint32_t mark;
} Copy;

/* False: free, or it changed while it was read.  Each field is read before the number is read again, and was
 * written after the number became odd. */
static bool
copy_entry (Entry *entry, Copy *copy)
{
  uint32_t sequence = atomic_load_explicit (&entry->sequence, memory_order_acquire);

  if (sequence == 0 || (sequence & 1))
    return false;
  copy->object.start = atomic_load_explicit (&entry->start, memory_order_acquire);
  copy->object.end = atomic_load_explicit (&entry->end, memory_order_acquire);
  copy->object.bias = atomic_load_explicit (&entry->bias, memory_order_acquire);
  copy->object.eh_frame_hdr = atomic_load_explicit (&entry->eh_frame_hdr, memory_order_acquire);
  copy->object.path = atomic_load_explicit (&entry->path, memory_order_acquire);
  copy->mark = atomic_load_explicit (&entry->mark, memory_order_acquire);
  return atomic_load_explicit (&entry->sequence, memory_order_relaxed) == sequence;
}

/* One that is free, or holds no more, with its number made odd; NULL: there is none now. */
static Entry *
claim_entry (void)
{
  uint32_t n = atomic_load (&n_entries), mark = atomic_load (&present_mark), none = 0;

  for (uint32_t i = 0; i < n && i < MAX_ENTRIES; i++)
    {
      uint32_t sequence = atomic_load (&entries[i].sequence);

      if (!(sequence & 1) && atomic_load (&entries[i].mark) != mark
          && atomic_compare_exchange_strong (&entries[i].sequence, &sequence, sequence + 1))
        return &entries[i];
    }
  n = atomic_fetch_add (&n_entries, 1);
  if (n >= MAX_ENTRIES)
    {
      atomic_store (&n_entries, MAX_ENTRIES);
      return NULL;
    }
  /* Whoever looked through them meanwhile may have found it, and taken it. */
  return atomic_compare_exchange_strong (&entries[n].sequence, &none, 1) ? &entries[n] : NULL;
}

static void
add_entry (const TrkLoadedObject *object, uint32_t mark)
{
  Entry *entry = claim_entry ();

  if (!entry)
    return; /* asked of the kernel each time */
  atomic_store_explicit (&entry->start, object->start, memory_order_release);
  atomic_store_explicit (&entry->end, object->end, memory_order_release);
  atomic_store_explicit (&entry->bias, object->bias, memory_order_release);
  atomic_store_explicit (&entry->eh_frame_hdr, object->eh_frame_hdr, memory_order_release);
  atomic_store_explicit (&entry->path, object->path, memory_order_release);
  atomic_store_explicit (&entry->n_uses, object->path ? 0 : N_UNCONFIRMED_USES,
                         memory_order_release);
  atomic_store_explicit (&entry->mark, mark, memory_order_release);
  atomic_fetch_add_explicit (&entry->sequence, 1, memory_order_release);
}

typedef enum { UNKNOWN, IN_OBJECT, IN_NO_OBJECT } Answer;

static Answer
ask_table (uint64_t address, uint32_t mark, TrkLoadedObject *object)
{
  uint32_t n = atomic_load_explicit (&n_entries, memory_order_acquire);
  Copy copy;

  for (uint32_t i = 0; i < n && i < MAX_ENTRIES; i++)
    {
      if (!copy_entry (&entries[i], &copy) || copy.mark != mark || address < copy.object.start
          || address >= copy.object.end)
        continue;
      if (copy.object.path)
        {
          *object = copy.object;
          return IN_OBJECT;
        }
      if (atomic_fetch_sub (&entries[i].n_uses, 1) - 1 < N_UNCONFIRMED_USES)
        return IN_NO_OBJECT;
      atomic_store (&entries[i].mark, 0);
    }
  return UNKNOWN;
}

/* --- an object -------------------------------------------------------------------------------- */

/* Each once.  A kernel's "\012" is a newline in a name, and " (deleted)" no part of it. */
static const char *
keep_path (const char *path)
{
  static const char deleted[] = " (deleted)";
  uint32_t n_kept = atomic_load (&n_path_bytes), at;
  size_t length = strlen (path), n = 0;

  if (length > sizeof deleted && strcmp (path + length - (sizeof deleted - 1), deleted) == 0)
    length -= sizeof deleted - 1;
  for (at = 0; at < n_kept && at < PATHS_BYTES - length; at += (uint32_t) strlen (paths + at) + 1)
    if (strncmp (paths + at, path, length) == 0 && paths[at + length] == '\0')
      return &paths[at];

  at = atomic_fetch_add (&n_path_bytes, (uint32_t) length + 1);
  if (at >= PATHS_BYTES || PATHS_BYTES - at <= length)
    {
      atomic_store (&n_path_bytes, PATHS_BYTES);
      return "?"; /* "" would be the program */
    }
  /* The first byte last: who looks for a path that is being written does not find a part of it. */
  for (size_t i = 0; i < length; i++)
    {
      bool newline = strncmp (path + i, "\\012", 4) == 0;

      if (n > 0)
        paths[at + n] = newline ? '\n' : path[i];
      n++;
      i += newline ? 3 : 0;
    }
  atomic_signal_fence (memory_order_release);
  paths[at] = path[0];
  return &paths[at];
}

/* By the ELF header that is mapped at its start; false: there is none.  Whoever mapped it need not be the loader: what
 * it says is believed only as far as it lies within what it says is loaded. */
static bool
read_object (Maps *maps, const char *path, TrkLoadedObject *object)
{
  uint64_t start = maps->first_start;
  const TrkElfHeader *header = (const TrkElfHeader *) (uintptr_t) start;
  const TrkProgramHeader *segments;
  uint64_t low = UINT64_MAX, high = 0, hdr = 0;

  if (memcmp (header->e_ident, ELFMAG, SELFMAG) != 0
      || !(segments = trk_program_headers_find (header, path, maps->segments)))
    return false;
  for (unsigned i = 0; i < header->e_phnum; i++)
    {
      uint64_t from = segments[i].p_vaddr, to = from + segments[i].p_memsz;

      if (segments[i].p_type == PT_LOAD && to >= from)
        {
          low = from < low ? from : low;
          high = to > high ? to : high;
        }
      if (segments[i].p_type == PT_GNU_EH_FRAME)
        hdr = from;
    }
  if (low >= high)
    return false;
  object->bias = start - (low & ~(PAGE_BYTES - 1));
  object->start = start;
  object->end = object->bias + high;
  object->eh_frame_hdr = hdr > low && hdr < high ? object->bias + hdr : 0;
  return true;
}

/* --- /proc/self/maps -------------------------------------------------------------------------- */

static const char *
parse_hexadecimal (const char *text, uint64_t *number)
{
  for (*number = 0;; text++)
    {
      unsigned digit = (unsigned char) *text;

      digit = digit - '0' < 10 ? digit - '0' : digit - 'a' < 6 ? digit - 'a' + 10 : 16;
      if (digit > 15)
        return text;
      *number = *number << 4 | digit;
    }
}

/* start-end perms offset device inode   path */
static bool
parse_line (const char *text, Line *line)
{
  text = parse_hexadecimal (text, &line->start);
  if (*text++ != '-')
    return false;
  text = parse_hexadecimal (text, &line->end);
  if (*text++ != ' ' || strnlen (text, 5) < 5)
    return false;
  memcpy (line->permissions, text, 4);
  text = parse_hexadecimal (text + 5, &line->offset);
  if (*text++ != ' ')
    return false;
  line->file = text;
  for (unsigned field = 0; field < 2; field++)
    {
      while (*text && *text != ' ')
        text++;
      while (*text == ' ')
        text++;
    }
  line->path = text;
  return true;
}

static bool
has_elf_name (const char *path)
{
  return path[0] == '/' ? strncmp (path, "/dev/", 5) != 0 : strcmp (path, "[vdso]") == 0;
}

/* The object around this line, which begins at the line before that has the same file's first byte. */
static bool
take_object (Maps *maps, const Line *line, uint32_t mark, TrkLoadedObject *object)
{
  if (maps->first_start == 0 || strcmp (maps->first_file, line->file) != 0
      || !read_object (maps, line->path, object))
    return false;
  object->path = keep_path (line->path[0] == '[' ? "linux-vdso.so.1" : line->path);
  add_entry (object, mark);
  return true;
}

/* What is wanted of a reading: all of it, or the object of one address. */
typedef struct {
  bool all;
  uint64_t address;
  uint32_t mark;
  Answer answer;
  TrkLoadedObject object;
} Search;

static void
look_at_line (Maps *maps, const char *text, Search *search)
{
  TrkLoadedObject object;
  Line line;

  if (!parse_line (text, &line))
    return;
  if (line.offset == 0 && line.permissions[0] == 'r' && has_elf_name (line.path))
    {
      maps->first_start = line.start;
      memcpy (maps->first_file, line.file, strlen (line.file) + 1);
    }
  if (search->all && line.permissions[2] == 'x' && has_elf_name (line.path))
    take_object (maps, &line, search->mark, &object);
  if (search->all || search->address < line.start || search->address >= line.end)
    return;
  if (has_elf_name (line.path) && take_object (maps, &line, search->mark, &search->object))
    {
      search->answer = IN_OBJECT;
      return;
    }
  search->answer = IN_NO_OBJECT;
  search->object = (TrkLoadedObject) { .start = line.start, .end = line.end };
  add_entry (&search->object, search->mark);
}

/* A line longer than the buffer is no line of an object. */
static void
read_maps (Maps *maps, int fd, Search *search)
{
  size_t n_bytes = 0;
  long n;

  while ((n = syscall (SYS_read, fd, maps->text + n_bytes, sizeof maps->text - 1 - n_bytes)) > 0)
    {
      char *line = maps->text, *newline;

      n_bytes += (size_t) n;
      maps->text[n_bytes] = '\0';
      while ((newline = strchr (line, '\n')))
        {
          *newline = '\0';
          look_at_line (maps, line, search);
          line = newline + 1;
        }
      n_bytes -= (size_t) (line - maps->text);
      memmove (maps->text, line, n_bytes);
      if (n_bytes == sizeof maps->text - 1)
        n_bytes = 0;
    }
}

/* Threads may have small stacks, and two of them may read at once: memory of the kernel's. */
static void
search_maps (Search *search)
{
  int saved_errno = errno, fd;
  Maps *maps = (Maps *) syscall (SYS_mmap, NULL, sizeof *maps, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  search->mark = atomic_load (&present_mark);
  if (maps != MAP_FAILED && (fd = trk_object_maps_files.open_to_read ("/proc/self/maps")) >= 0)
    {
      read_maps (maps, fd, search);
      trk_object_maps_files.close (fd);
    }
  if (maps != MAP_FAILED)
    (void) syscall (SYS_munmap, maps, sizeof *maps);
  errno = saved_errno;
}

void
trk_object_maps_fill (void)
{
  Search search = { .all = true };

  search_maps (&search);
}

bool
trk_object_maps_find (uint64_t address, TrkLoadedObject *object)
{
  Answer answer = ask_table (address, atomic_load (&present_mark), object);
  Search search = { .address = address };

  if (answer == UNKNOWN)
    {
      search_maps (&search);
      answer = search.answer;
      *object = search.object;
    }
  return answer == IN_OBJECT;
}
