/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-manifest.h"

#include <errno.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "trk-clock.h"
#include "trk-pool.h"
#include "trk-process.h"
#include "trk-system.h"
#include "trk-text.h"

/* Large command lines are cut, so that the manifest stays one buffer. */
#define MANIFEST_BYTES (512U << 10) /* six for each byte of an argument, at worst */
#define ARGUMENTS_BYTES (64U << 10)

static void
add_member (TrkText *text, const char *name)
{
  trk_text_add (text, text->length > 1 && text->buffer[text->length - 1] != '{' ? ",\n  " : "\n  ");
  trk_text_add_json (text, name);
  trk_text_add (text, ": ");
}

static void
add_number (TrkText *text, const char *name, uint64_t number)
{
  add_member (text, name);
  trk_text_add_number (text, number);
}

static void
add_string (TrkText *text, const char *name, const char *value)
{
  add_member (text, name);
  trk_text_add_json (text, value);
}

static void
add_flag (TrkText *text, const char *name, bool value)
{
  add_member (text, name);
  trk_text_add (text, value ? "true" : "false");
}

/* Field 22 of /proc/self/stat, counted from behind the command name, which may hold anything. */
static uint64_t
read_start_ticks (void)
{
  char stat[1024], *p;
  uint64_t value = 0;

  if (trk_system_read_file ("/proc/self/stat", stat, sizeof stat) <= 0
      || !(p = strrchr (stat, ')')))
    return 0;
  for (unsigned field = 2; field < 22 && p; field++)
    p = strchr (p + 1, ' ');
  for (p = p ? p + 1 : stat + strlen (stat); *p >= '0' && *p <= '9'; p++)
    value = value * 10 + (uint64_t) (*p - '0');
  return value;
}

static void
add_boot_id (TrkText *text)
{
  char id[64];

  if (trk_system_read_file ("/proc/sys/kernel/random/boot_id", id, sizeof id) > 0)
    {
      id[strcspn (id, "\n")] = '\0';
      add_string (text, "boot_id", id);
    }
}

static void
add_pid_namespace (TrkText *text)
{
  char link[64] = "";
  uint64_t inode = 0;

  if (readlink ("/proc/self/ns/pid", link, sizeof link - 1) < 0)
    return;
  for (const char *p = strchr (link, '['); p && *++p >= '0' && *p <= '9';)
    inode = inode * 10 + (uint64_t) (*p - '0');
  add_number (text, "pid_namespace", inode);
}

/* Where the kernel put argc, and argv behind it; set by the dynamic linker. */
extern void *__libc_stack_end __attribute__ ((weak));

/* What /proc would show, where there is none. */
static int64_t
copy_arguments (char *buffer, int64_t n_bytes)
{
  const intptr_t *stack = &__libc_stack_end ? __libc_stack_end : NULL;
  int64_t at = 0;

  for (intptr_t i = 1; stack && i <= *stack && stack[i]; i++)
    {
      const char *argument = (const char *) stack[i];
      int64_t n = (int64_t) strlen (argument) + 1;

      if (n > n_bytes - at)
        break;
      memcpy (buffer + at, argument, (size_t) n);
      at += n;
    }
  return at;
}

static void
add_arguments (TrkText *text, char *buffer)
{
  int64_t n_bytes = trk_system_read_file ("/proc/self/cmdline", buffer, ARGUMENTS_BYTES);
  int64_t at = 0;

  if (n_bytes < 0)
    n_bytes = copy_arguments (buffer, ARGUMENTS_BYTES);

  add_member (text, "arguments");
  trk_text_add (text, "[");
  while (at < n_bytes)
    {
      if (at > 0)
        trk_text_add (text, ", ");
      trk_text_add_json (text, buffer + at);
      at += (int64_t) strlen (buffer + at) + 1;
    }
  trk_text_add (text, "]");
}

/* Six decimals are enough for a probability that a person typed. */
static void
add_fraction (TrkText *text, double value)
{
  uint64_t millionths = (uint64_t) (value * 1e6 + 0.5), scale = 100000;

  trk_text_add_number (text, millionths / 1000000);
  millionths %= 1000000;
  if (millionths == 0)
    return;
  trk_text_add (text, ".");
  for (; scale > 0 && millionths > 0; scale /= 10)
    {
      trk_text_add_number (text, millionths / scale);
      millionths %= scale;
    }
}

static void
add_clock (TrkText *text)
{
  uint64_t ticks, ns;

  trk_clock_get_pair (&ticks, &ns);
  add_member (text, "clock");
  trk_text_add (text, "{");
  add_string (text, "kind", trk_clock.kind == TRK_CLOCK_TSC ? "tsc" : "monotonic");
  add_number (text, "tick_shift", trk_clock.tick_shift);
  add_number (text, "ticks", ticks);
  add_number (text, "ns", ns);
  trk_text_add (text, "}");
}

static void
add_configuration (TrkText *text)
{
  const TrkConfig *config = &trk_process.config;

  add_member (text, "configuration");
  trk_text_add (text, "{");
  add_string (text, "api", config->preload ? "preload" : "explicit");
  /* What is recorded from the start on; what changes later, the events say. */
  add_string (text, "threads", config->dormant ? "none" : config->thread_rule);
  add_member (text, "allocation_sampling_rate");
  add_fraction (text, config->sampling_rate);
  add_number (text, "sample_interval_bytes", config->sample_interval_bytes);
  add_number (text, "stack_depth", config->stack_depth);
  add_flag (text, "frequency", config->frequency);
  add_flag (text, "free_stacks", config->free_stacks);
  add_flag (text, "mappings", config->mappings);
  if (config->ring_bytes > 0)
    add_number (text, "ring_bytes", config->ring_bytes);
  trk_text_add (text, "}");
}

static void
add_machine (TrkText *text)
{
  struct utsname machine;

  memset (&machine, 0, sizeof machine);
  uname (&machine);
  add_member (text, "machine");
  trk_text_add (text, "{");
  add_string (text, "host_name", machine.nodename);
  add_string (text, "kernel", machine.release);
  add_string (text, "architecture", machine.machine);
  add_number (text, "cpus", (uint64_t) sysconf (_SC_NPROCESSORS_ONLN));
  add_number (text, "page_bytes", (uint64_t) sysconf (_SC_PAGESIZE));
  trk_text_add (text, "}");
}

static void
compose (TrkText *text, char *scratch, uint32_t process_number)
{
  struct timespec wall;
  uint64_t start_ticks = read_start_ticks ();

  clock_gettime (CLOCK_REALTIME, &wall);
  trk_text_add (text, "{");
  add_string (text, "format", "memscope-trace");
  add_number (text, "version", TRK_VERSION_MAJOR);
  add_member (text, "trace_id");
  trk_text_add (text, "\"");
  trk_text_add_hex (text, trk_process.trace_id, sizeof trk_process.trace_id);
  trk_text_add (text, "\"");
  add_number (text, "pid", (uint64_t) trk_process.pid);
  add_number (text, "parent_pid", (uint64_t) getppid ());
  add_number (text, "process_number", process_number);
  add_number (text, "process_start_ticks", start_ticks);
  add_boot_id (text);
  add_pid_namespace (text);
  add_string (text, "executable", trk_process.executable);
  add_arguments (text, scratch);
  if (getcwd (scratch, ARGUMENTS_BYTES))
    add_string (text, "working_directory", scratch);
  add_number (text, "start_wall_us",
              (uint64_t) wall.tv_sec * 1000000U + (uint64_t) wall.tv_nsec / 1000U);
  add_number (text, "start_ns", trk_process.start_ns);
  add_clock (text);
  add_configuration (text);
  add_machine (text);
  add_flag (text, "forked", trk_process.forked);
  add_string (text, "state", "running");
  trk_text_add (text, "\n}\n");

  trk_pool_get_header ()->process_start_ticks = start_ticks;
}

int
trk_manifest_replace (const TrkText *text, const char *new_path, const char *path)
{
  int fd = trk_system_create (new_path, 0666), error;

  if (fd < 0)
    return fd;
  error = trk_system_write_all (fd, text->buffer, text->length);
  trk_system_close (fd);
  if (error == 0)
    error = trk_system_rename (new_path, path);
  if (error < 0)
    trk_system_unlink (new_path);
  return error;
}

int
trk_manifest_write (uint32_t process_number)
{
  char *buffer = trk_system_map_anonymous (MANIFEST_BYTES + ARGUMENTS_BYTES);
  char *path, *new_path;
  TrkText text;
  int error;

  if (!buffer)
    return -ENOMEM;
  trk_text_begin (&text, buffer, MANIFEST_BYTES);
  compose (&text, buffer + MANIFEST_BYTES, process_number);

  path = buffer + MANIFEST_BYTES; /* the scratch has done its work */
  new_path = path + TRK_PATH_BYTES;
  trk_process_get_file (TRK_MANIFEST_FILE_NAME, path);
  trk_process_get_file (TRK_MANIFEST_FILE_NAME ".new", new_path);
  error = text.overflow ? -E2BIG : trk_manifest_replace (&text, new_path, path);
  trk_system_unmap (buffer, MANIFEST_BYTES + ARGUMENTS_BYTES);
  return error;
}
