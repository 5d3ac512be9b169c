/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-symbol-lookup.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>

#include "trk-system.h"

#define LINE_BYTES 4352U
#define MAX_FILE_BYTES ((uint64_t) 1 << 31)

typedef struct {
  const char *name;
  uint64_t *addresses;
  unsigned n, n_max;
} Search;

typedef struct {
  const uint8_t *bytes;
  uint64_t n_bytes;
  uint64_t bias;
} ObjectFile;

static const void *
get_range (const ObjectFile *self, uint64_t offset, uint64_t n_bytes)
{
  if (offset > self->n_bytes || n_bytes > self->n_bytes - offset || offset % 8)
    return NULL;
  return self->bytes + offset;
}

static bool
has_name (const char *strings, uint64_t n_strings, uint64_t offset, const char *name)
{
  size_t length = strlen (name) + 1;

  return offset < n_strings && length <= n_strings - offset
         && memcmp (strings + offset, name, length) == 0;
}

static void
add (Search *self, uint64_t address)
{
  for (unsigned i = 0; i < self->n; i++)
    if (self->addresses[i] == address)
      return;
  if (self->n < self->n_max)
    self->addresses[self->n++] = address;
}

static void
search_table (Search *self,
              const ObjectFile *file,
              const ElfW (Shdr) * table,
              const ElfW (Shdr) * names)
{
  const ElfW (Sym) *symbols = get_range (file, table->sh_offset, table->sh_size);
  const char *strings;

  if (!symbols || names->sh_offset > file->n_bytes
      || names->sh_size > file->n_bytes - names->sh_offset)
    return;
  strings = (const char *) file->bytes + names->sh_offset;
  for (uint64_t i = 0; i < table->sh_size / sizeof *symbols; i++)
    if (ELF64_ST_TYPE (symbols[i].st_info) == STT_FUNC && symbols[i].st_value != 0
        && symbols[i].st_shndx != SHN_UNDEF
        && has_name (strings, names->sh_size, symbols[i].st_name, self->name))
      add (self, file->bias + symbols[i].st_value);
}

static void
search_file (Search *self, const ObjectFile *file)
{
  const ElfW (Ehdr) *header = (const ElfW (Ehdr) *) file->bytes;
  const ElfW (Shdr) * sections;

  if (!(sections = get_range (file, header->e_shoff, header->e_shnum * sizeof *sections))
      || header->e_shentsize != sizeof *sections)
    return;
  for (unsigned i = 0; i < header->e_shnum; i++)
    if ((sections[i].sh_type == SHT_SYMTAB || sections[i].sh_type == SHT_DYNSYM)
        && sections[i].sh_link < header->e_shnum)
      search_table (self, file, &sections[i], &sections[sections[i].sh_link]);
}

/* Where the file's address 0 would lie, if its first byte is mapped at @start. */
static bool
find_bias (ObjectFile *self, uint64_t start)
{
  const ElfW (Ehdr) *header = get_range (self, 0, sizeof *header);
  const ElfW (Phdr) * segments;

  if (!header || memcmp (header->e_ident, ELFMAG, SELFMAG) != 0
      || header->e_ident[EI_CLASS] != (sizeof (void *) == 8 ? ELFCLASS64 : ELFCLASS32)
      || !(segments = get_range (self, header->e_phoff, header->e_phnum * sizeof *segments)))
    return false;
  for (unsigned i = 0; i < header->e_phnum; i++)
    if (segments[i].p_type == PT_LOAD)
      {
        self->bias = start - (segments[i].p_vaddr - segments[i].p_offset);
        return true;
      }
  return false;
}

static void
search_path (Search *self, const char *path, uint64_t start)
{
  ObjectFile file = { 0 };
  int fd = trk_system_open_read (path);
  void *bytes;

  if (fd < 0)
    return;
  bytes = trk_system_map_file_to_read (fd, &file.n_bytes);
  trk_system_close (fd);
  if (!bytes)
    return;
  file.bytes = bytes;
  if (file.n_bytes <= MAX_FILE_BYTES && find_bias (&file, start))
    search_file (self, &file);
  trk_system_unmap (bytes, file.n_bytes);
}

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

/* start-end perms offset device inode   path.  A file is looked at where its first byte is mapped. */
static void
search_line (Search *self, const char *line)
{
  const char *path = strchr (line, '/');
  uint64_t start, end, offset;

  line = parse_hexadecimal (line, &start);
  if (!path || *line++ != '-' || strncmp (path, "/dev/", 5) == 0)
    return;
  line = parse_hexadecimal (line, &end);
  if (*line != ' ' || strlen (line) < 6)
    return;
  parse_hexadecimal (line + 6, &offset);
  if (offset == 0)
    search_path (self, path, start);
}

unsigned
trk_symbol_lookup (const char *name, uint64_t *addresses, unsigned n_max)
{
  static char buffer[LINE_BYTES]; /* threads may have small stacks */
  Search self = { .name = name, .addresses = addresses, .n_max = n_max };
  int fd = trk_system_open_read ("/proc/self/maps");
  size_t n_bytes = 0;
  int64_t n;

  if (fd < 0)
    return 0;
  while (self.n < n_max
         && (n = trk_system_read (fd, buffer + n_bytes, sizeof buffer - 1 - n_bytes)) > 0)
    {
      char *line = buffer, *newline;

      n_bytes += (size_t) n;
      buffer[n_bytes] = '\0';
      while ((newline = strchr (line, '\n')))
        {
          *newline = '\0';
          search_line (&self, line);
          line = newline + 1;
        }
      n_bytes -= (size_t) (line - buffer);
      memmove (buffer, line, n_bytes);
      if (n_bytes == sizeof buffer - 1)
        n_bytes = 0; /* longer than any path */
    }
  trk_system_close (fd);
  return self.n;
}
