/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * libunwind is not linked: the object that goes into other processes needs nothing but libc, and
 * 1.6 exports symbols (_Unwind_*, backtrace) that must not stand before the program's own.  It is
 * opened RTLD_LOCAL, before main, and its absence only means that some stacks end early.
 *
 * It takes locks of its own for its memory pools, with all signals blocked.  No thread of this
 * process waits long for them; but a child that is forked while another thread holds one would wait
 * for ever, so a child that finds its parent's walks unfinished does without.
 */
#include "trk-unwind-fallback.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <libunwind.h>

#include "trk-old-glibc.h"
#include "trk-unwind-arch.h"
#include "trk-unwind-eh-frame.h"
#include "trk-unwind-stack.h"

TRK_BIND_OLD (dlopen);
TRK_BIND_OLD (dlsym);
TRK_BIND_OLD (dlclose);

#define STRING(text) #text
#define STRING_OF(macro) STRING (macro)

/* Not in its headers, but exported, and used by every out-of-tree address space. */
#define dwarf_search_unwind_table UNW_OBJ (dwarf_search_unwind_table)
typedef int (
    *SearchTable) (unw_addr_space_t, unw_word_t, unw_dyn_info_t *, unw_proc_info_t *, int, void *);

static struct {
  unw_addr_space_t space;
  __typeof__ (&unw_init_remote) init_remote;
  __typeof__ (&unw_step) step;
  __typeof__ (&unw_get_reg) get_reg;
  SearchTable search_table;
} library;

static _Atomic int n_active;
static _Atomic pid_t owner; /* the process that n_active belongs to */
static _Atomic bool disabled;

#define N_KNOWN_PAGES 8U
#define PAGE_BYTES UINT64_C (4096)

/* One walk: the argument of every accessor. */
typedef struct {
  uint64_t registers[TRK_DWARF_N_COLUMNS]; /* libunwind numbers them as DWARF does */
  uint64_t stack_low, stack_high;
  uint64_t known_pages[N_KNOWN_PAGES]; /* readable; of the modules' unwind information */
  bool lost;                           /* came to code without unwind information */
} Walk;

static bool
is_readable (Walk *walk, uint64_t address)
{
  uint64_t page = address & ~(PAGE_BYTES - 1);
  uint64_t *known = &walk->known_pages[page / PAGE_BYTES % N_KNOWN_PAGES];

  if (address >= walk->stack_low && address < walk->stack_high)
    return true;
  if (page == 0 || address >= UINT64_C (1) << 56 || (address & 7))
    return false;
  if (*known != page && !trk_unwind_page_is_readable (page))
    return false;
  *known = page;
  return true;
}

static int
access_mem (unw_addr_space_t space, unw_word_t address, unw_word_t *value, int write, void *data)
{
  if (write || !is_readable (data, address))
    return -UNW_EINVAL;
  *value = *(const unw_word_t *) (uintptr_t) address;
  return 0;
}

static int
access_reg (unw_addr_space_t space, unw_regnum_t number, unw_word_t *value, int write, void *data)
{
  const Walk *walk = data;

  if (write || number < 0 || number >= (int) TRK_DWARF_N_COLUMNS)
    return -UNW_EBADREG;
  *value = walk->registers[number];
  return 0;
}

static int
access_fpreg (unw_addr_space_t space,
              unw_regnum_t number,
              unw_fpreg_t *value,
              int write,
              void *data)
{
  return -UNW_EBADREG;
}

static int
find_proc_info (unw_addr_space_t space,
                unw_word_t ip,
                unw_proc_info_t *info,
                int need_unwind_info,
                void *data)
{
  Walk *walk = data;
  unw_dyn_info_t table = { .format = UNW_INFO_FORMAT_REMOTE_TABLE };
  TrkModule module;
  int result = -UNW_ENOINFO;

  if (trk_unwind_find_module (ip, &module) == TRK_FDE_FOUND)
    {
      table.start_ip = module.start;
      table.end_ip = module.end;
      table.u.rti.segbase = module.hdr;
      table.u.rti.table_data = module.table;
      table.u.rti.table_len = module.n_rows * 8 / sizeof (unw_word_t);
      result = library.search_table (space, ip, &table, info, need_unwind_info, data);
    }
  /* Its guesses for code without unwind information are not wanted. */
  if (result < 0)
    walk->lost = true;
  return result;
}

static void
put_unwind_info (unw_addr_space_t space, unw_proc_info_t *info, void *data)
{
}

static int
get_dyn_info_list_addr (unw_addr_space_t space, unw_word_t *address, void *data)
{
  return -UNW_ENOINFO;
}

static int
resume (unw_addr_space_t space, unw_cursor_t *cursor, void *data)
{
  return -UNW_EINVAL;
}

static int
get_proc_name (unw_addr_space_t space,
               unw_word_t ip,
               char *name,
               size_t n_bytes,
               unw_word_t *offset,
               void *data)
{
  return -UNW_ENOINFO;
}

/* The numbers that the next two descriptors will have. */
static void
find_free_descriptors (int fds[2])
{
  fds[0] = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  fds[1] = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  for (int i = 0; i < 2; i++)
    if (fds[i] >= 0)
      close (fds[i]);
}

/* By system calls: as functions, both have newer versions than the oldest glibc that we promise. */
static bool
is_our_pipe (int fd, long status_flags, ino_t *inode)
{
  struct stat status;

  *inode = 0;
  if (syscall (SYS_fstat, fd, &status) != 0 || !S_ISFIFO (status.st_mode)
      || !(syscall (SYS_fcntl, fd, F_GETFD) & FD_CLOEXEC)
      || (syscall (SYS_fcntl, fd, F_GETFL) & status_flags) != status_flags)
    return false;
  *inode = status.st_ino;
  return true;
}

/* While it sets itself up libunwind opens a pipe, which it keeps for its own readers of memory.  We
 * bring ours, so nobody will use it, and the program's table of descriptors is the program's. */
static void
close_pipe (const int fds[2])
{
  ino_t read_end, write_end;

  if (fds[0] < 0 || fds[1] < 0 || !is_our_pipe (fds[0], O_NONBLOCK, &read_end)
      || !is_our_pipe (fds[1], 0, &write_end) || read_end != write_end)
    return;
  close (fds[0]);
  close (fds[1]);
}

/* The folder has two links and one for each thread, where the C library does not say (before 2.32). */
static bool
is_single_threaded (void)
{
  const char *known = dlsym (RTLD_DEFAULT, "__libc_single_threaded");
  struct stat status;

  if (known)
    return *known;
  return syscall (SYS_newfstatat, AT_FDCWD, "/proc/self/task", &status, 0) == 0
         && status.st_nlink == 3;
}

void
trk_unwind_fallback_init (void)
{
  static unw_accessors_t accessors = {
    .find_proc_info = find_proc_info,
    .put_unwind_info = put_unwind_info,
    .get_dyn_info_list_addr = get_dyn_info_list_addr,
    .access_mem = access_mem,
    .access_reg = access_reg,
    .access_fpreg = access_fpreg,
    .resume = resume,
    .get_proc_name = get_proc_name,
  };
  __typeof__ (&unw_create_addr_space) create_addr_space;
  __typeof__ (&unw_set_caching_policy) set_caching_policy;
  void *handle;
  int fds[2];

  /* With other threads about, the descriptors that appear may be theirs: rather no second walk. */
  if (library.space || !is_single_threaded ()
      || !(handle = dlopen (TRK_FALLBACK_LIBRARY, RTLD_NOW | RTLD_LOCAL)))
    return;
  create_addr_space =
      (__typeof__ (create_addr_space)) dlsym (handle, STRING_OF (unw_create_addr_space));
  set_caching_policy =
      (__typeof__ (set_caching_policy)) dlsym (handle, STRING_OF (unw_set_caching_policy));
  library.init_remote =
      (__typeof__ (library.init_remote)) dlsym (handle, STRING_OF (unw_init_remote));
  library.step = (__typeof__ (library.step)) dlsym (handle, STRING_OF (unw_step));
  library.get_reg = (__typeof__ (library.get_reg)) dlsym (handle, STRING_OF (unw_get_reg));
  library.search_table = (SearchTable) dlsym (handle, STRING_OF (dwarf_search_unwind_table));
  if (!create_addr_space || !set_caching_policy || !library.init_remote || !library.step
      || !library.get_reg || !library.search_table)
    {
      dlclose (handle);
      return;
    }
  find_free_descriptors (fds);
  library.space = create_addr_space (&accessors, 0);
  if (library.space)
    set_caching_policy (library.space, UNW_CACHE_NONE);
  close_pipe (fds);
  owner = getpid ();
}

/* May this process use the library's locks? */
static bool
is_usable (void)
{
  pid_t self = getpid (), was = owner;

  if (self != was && atomic_compare_exchange_strong (&owner, &was, self)
      && atomic_exchange (&n_active, 0) != 0)
    disabled = true;
  return library.space && !disabled;
}

/* Steps to the frame that @start describes. */
static bool
skip_own_frames (unw_cursor_t *cursor, const Walk *walk, const TrkUnwindStart *start)
{
  unw_word_t sp;

  do
    if (library.step (cursor) <= 0 || walk->lost || library.get_reg (cursor, UNW_REG_SP, &sp) < 0)
      return false;
  while (sp < start->sp);
  return sp == start->sp;
}

static unsigned
walk_frames (Walk *walk, const TrkUnwindStart *start, uint64_t *frames, unsigned max, int *status)
{
  unw_cursor_t cursor;
  unsigned n = 0;

  *status = -UNW_EUNSPEC;
  if (library.init_remote (&cursor, library.space, walk) < 0
      || !skip_own_frames (&cursor, walk, start))
    return 0;
  do
    {
      unw_word_t pc;

      if (library.get_reg (&cursor, UNW_REG_IP, &pc) < 0 || (n == 0 && pc != start->pc))
        break;
      frames[n++] = pc;
      *status = library.step (&cursor);
      if (walk->lost)
        *status = -UNW_ENOINFO;
    }
  while (*status > 0 && n < max);
  return n;
}

__attribute__ ((cold, noinline)) unsigned
trk_unwind_fallback (const TrkUnwindStart *start, uint64_t *frames, unsigned max, bool *truncated)
{
  int saved_errno = errno, status;
  Walk walk;
  unsigned n;

  memset (&walk, 0, sizeof walk);
  walk.stack_low = trk_own_stack.low;
  walk.stack_high = trk_own_stack.high;

  /* libunwind needs a few kilobytes of stack, which a signal's or a fiber's may not have. */
  if (start->sp < walk.stack_low || start->sp >= walk.stack_high || !is_usable ())
    return 0;

  atomic_fetch_add (&n_active, 1);
  TRK_REGISTERS_CAPTURE (walk.registers);
  n = walk_frames (&walk, start, frames, max, &status);
  atomic_fetch_sub (&n_active, 1);
  *truncated = status != 0;
  errno = saved_errno;
  return n;
}

bool
trk_unwind_fallback_is_active (void)
{
  return atomic_load_explicit (&n_active, memory_order_relaxed) > 0;
}
