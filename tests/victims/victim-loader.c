/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Code that runs before main and after it, and code that comes and goes. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>

#include "victim.h"

static void *constructor_block;

/* As early as a program's own code can be. */
__attribute__ ((constructor (101))) static void
construct (void)
{
  constructor_block = victim_mark ();
}

__attribute__ ((destructor (101))) static void
destruct (void)
{
  free (constructor_block);
  free (victim_mark ());
}

#ifdef VICTIM_LATE
/* This build is linked with the plug-in, whose destructor comes after everything of the program. */
extern void *plugin_mark (void);
#define plugin_mark_linked() free (plugin_mark ())
#else
#define plugin_mark_linked() (void) 0
#endif

static int
constructors (void)
{
  victim_mark ();
  plugin_mark_linked ();
  return 0;
}

static void *
open_plugin (const char *name)
{
  char path[4096];
  ssize_t n = readlink ("/proc/self/exe", path, sizeof path - 100);
  void *plugin;

  CHECK (n > 0);
  path[n] = '\0';
  strcpy (strrchr (path, '/') + 1, name);
  plugin = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  if (!plugin)
    dprintf (2, "%s\n", dlerror ());
  CHECK (plugin);
  return plugin;
}

/* The plug-in's constructor marks, its destructor frees; its function marks and frees. */
static int
open_and_close (void)
{
  for (int i = 0; i < 100; i++)
    {
      void *plugin = open_plugin ("libvictim-plugin.so");
      void *(*mark) (void) = (void *(*) (void) ) dlsym (plugin, "plugin_mark");

      CHECK (mark);
      free (mark ());
      CHECK (dlclose (plugin) == 0);
    }
  CHECK (!dlopen ("libno-such-library.so", RTLD_NOW) && dlerror ());
  return 0;
}

/* The plug-in's constructor waits for a thread that allocates: with the loader's lock held by its
 * opener, a tracker that takes that lock in a hook would never return. */
static int
waiting_constructor (void)
{
  void *plugin = open_plugin ("libvictim-waiting.so");

  CHECK (dlclose (plugin) == 0);
  return 0;
}

/* A C program whose plug-in is C++ and throws inside. */
static int
throwing_plugin (void)
{
  void *plugin = open_plugin ("libvictim-throwing.so");
  int (*throw_and_catch) (int) = (int (*) (int)) dlsym (plugin, "plugin_throw_and_catch");

  CHECK (throw_and_catch && throw_and_catch (20) == 20);
  CHECK (dlclose (plugin) == 0);
  return 0;
}

/* A plug-in that links the tracker itself and records with it, unloaded before the end. */
static int
tracked_plugin (void)
{
  void *plugin = open_plugin ("libvictim-tracked.so");
  int (*record) (const char *) = (int (*) (const char *)) dlsym (plugin, "plugin_record");

  CHECK (record && record ("declared-by-plugin") == 0);
  CHECK (dlclose (plugin) == 0);
  return 0;
}

/* A second C library in a namespace of its own. */
static int
other_namespace (void)
{
  void *libc = dlmopen (LM_ID_NEWLM, "libc.so.6", RTLD_NOW);
  void *(*other_malloc) (size_t);
  void (*other_free) (void *);

  CHECK (libc);
  other_malloc = (void *(*) (size_t)) dlsym (libc, "malloc");
  other_free = (void (*) (void *)) dlsym (libc, "free");
  CHECK (other_malloc && other_free);
  for (int i = 0; i < 1000; i++)
    other_free (other_malloc (100));
  CHECK (dlclose (libc) == 0);
  return 0;
}

/* The C++ plug-in in a namespace of its own, with a C++ library, a libc and a malloc of its own. */
static int
plugin_in_namespace (void)
{
  char path[4096];
  ssize_t n = readlink ("/proc/self/exe", path, sizeof path - 100);
  void *plugin;
  int (*throw_and_catch) (int);

  CHECK (n > 0);
  path[n] = '\0';
  strcpy (strrchr (path, '/') + 1, "libvictim-throwing.so");
  for (int i = 0; i < 5; i++)
    {
      plugin = dlmopen (LM_ID_NEWLM, path, RTLD_NOW | RTLD_LOCAL);
      if (!plugin)
        dprintf (2, "%s\n", dlerror ());
      CHECK (plugin);
      throw_and_catch = (int (*) (int)) dlsym (plugin, "plugin_throw_and_catch");
      CHECK (throw_and_catch && throw_and_catch (20) == 20);
      CHECK (dlclose (plugin) == 0);
    }
  free (victim_mark ());
  return 0;
}

/* errno is nobody's business but the failing call's. */
static int
errno_kept (void)
{
  void *plugin = open_plugin ("libvictim-plugin.so");
  struct link_map *module = NULL;
  int result;

  errno = 1234;
  result = dlclose (plugin);
  printf ("closed %d: errno %d\n", result, errno);

  /* What nobody has opened cannot be closed. */
  CHECK (dlinfo (dlopen (NULL, RTLD_NOW), RTLD_DI_LINKMAP, &module) == 0);
  while (module && !strstr (module->l_name, "/libc.so"))
    module = module->l_next;
  CHECK (module);
  errno = 1234;
  result = dlclose (module);
  printf ("closed %d: errno %d\n", result, errno);
  return 0;
}

static const VictimCase cases[] = {
  { "plugin-in-namespace", plugin_in_namespace },
  { "errno", errno_kept },
  { "constructors", constructors },
  { "open-and-close", open_and_close },
  { "waiting-constructor", waiting_constructor },
  { "throwing-plugin", throwing_plugin },
  { "tracked-plugin", tracked_plugin },
  { "other-namespace", other_namespace },
};

VICTIM_MAIN (cases)
