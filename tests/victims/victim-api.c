/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The explicit API as its header describes it, from strict C99.  The trace goes to ./declared. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <memscope/tracker.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "victim.h"

#define FOLDER "declared"

static const char *
at (size_t n)
{
  return (const char *) (uintptr_t) (0x100000000 + 16 * n);
}

/* rate, interval, depth and frequency of each preset */
static int
presets (void)
{
  static const struct {
    MemscopePreset preset;
    double rate;
    uint64_t interval_bytes;
    uint32_t depth;
    int frequency;
  } expected[] = {
    { MEMSCOPE_PRESET_DEFAULT, 1, 0, 32, 1 },
    { MEMSCOPE_PRESET_DEMO, 1, 0, 10, 1 },
    { MEMSCOPE_PRESET_HIGH_PRECISION, 1, 0, 128, 1 },
    { MEMSCOPE_PRESET_LEAK_DETECTION, 1, 0, 64, 0 },
    { MEMSCOPE_PRESET_PERFORMANCE_OPTIMIZED, 1, 524288, 16, 0 },
  };
  MemscopeSamplingConfig config;

  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
    {
      memset (&config, 0xff, sizeof config);
      CHECK (memscope_sampling_config_init (&config, expected[i].preset) == MEMSCOPE_OK);
      CHECK (config.struct_size == sizeof config);
      CHECK (config.allocation_sampling_rate >= expected[i].rate
             && config.allocation_sampling_rate <= expected[i].rate);
      CHECK (config.sample_interval_bytes == expected[i].interval_bytes);
      CHECK (config.stack_depth == expected[i].depth);
      CHECK (!config.enable_frequency_tracking == !expected[i].frequency);
    }
  CHECK (memscope_sampling_config_init (&config, (MemscopePreset) 99) == MEMSCOPE_ERROR_ARGUMENT);
  CHECK (memscope_sampling_config_init (NULL, MEMSCOPE_PRESET_DEMO) == MEMSCOPE_ERROR_ARGUMENT);
  return 0;
}

static int
try_config (double rate, uint64_t interval_bytes, uint32_t depth, size_t struct_size)
{
  MemscopeSamplingConfig config;

  memscope_sampling_config_init (&config, MEMSCOPE_PRESET_DEFAULT);
  config.allocation_sampling_rate = rate;
  config.sample_interval_bytes = interval_bytes;
  config.stack_depth = depth;
  config.struct_size = struct_size;
  return memscope_init_thread_tracker (FOLDER, &config);
}

/* A wrong call changes nothing: the right one after it works. */
static int
errors (void)
{
  const size_t full = sizeof (MemscopeSamplingConfig);
  struct stat status;

  CHECK (memscope_track_allocation (at (1), 8, NULL, 0) == MEMSCOPE_ERROR_NOT_TRACKING);
  CHECK (memscope_track_deallocation (at (1), NULL, 0) == MEMSCOPE_ERROR_NOT_TRACKING);
  CHECK (memscope_finalize_thread_tracker () == MEMSCOPE_ERROR_NOT_TRACKING);

  CHECK (try_config (0.5, 1000, 32, full) == MEMSCOPE_ERROR_CONFIG);
  CHECK (try_config (0, 0, 32, full) == MEMSCOPE_ERROR_CONFIG);
  CHECK (try_config (1.5, 0, 32, full) == MEMSCOPE_ERROR_CONFIG);
  CHECK (try_config (-1, 0, 32, full) == MEMSCOPE_ERROR_CONFIG);
  CHECK (try_config (1, 0, 257, full) == MEMSCOPE_ERROR_CONFIG);
  CHECK (try_config (1, 0, 32, 8) == MEMSCOPE_ERROR_CONFIG);
  CHECK (stat (FOLDER, &status) < 0 && errno == ENOENT); /* nothing was made */

  CHECK (memscope_init_thread_tracker (NULL, NULL) < 0);
  CHECK (memscope_init_thread_tracker ("no/such/parent", NULL) == MEMSCOPE_ERROR_OUTPUT);
  CHECK (strstr (memscope_get_error_reason (), "no/such/parent"));
  errno = 1234;
  CHECK (memscope_init_thread_tracker (FOLDER, NULL) == MEMSCOPE_OK && errno == 1234);
  CHECK (memscope_init_thread_tracker (FOLDER, NULL) == MEMSCOPE_ERROR_ALREADY);
  CHECK (memscope_init_thread_tracker ("another", NULL) == MEMSCOPE_ERROR_ALREADY);
  CHECK (memscope_track_allocation (NULL, 8, NULL, 0) == MEMSCOPE_ERROR_ARGUMENT);
  CHECK (memscope_track_deallocation (NULL, NULL, 0) == MEMSCOPE_ERROR_ARGUMENT);
  CHECK (memscope_track_reallocation (NULL, at (1), 8, NULL, 0) == MEMSCOPE_ERROR_ARGUMENT);
  CHECK (memscope_track_allocation (at (1), VICTIM_MARK_BYTES, NULL, 0) == MEMSCOPE_OK);
  CHECK (memscope_finalize_thread_tracker () == MEMSCOPE_OK && errno == 1234);
  CHECK (memscope_track_allocation (at (1), 8, NULL, 0) == MEMSCOPE_ERROR_NOT_TRACKING);
  CHECK (memscope_init_thread_tracker ("another", NULL) == MEMSCOPE_ERROR_OTHER_OUTPUT);

  for (int error = 0; error >= MEMSCOPE_ERROR_EXPORT; error--)
    for (int other = 0; other > error; other--)
      CHECK (strcmp (memscope_strerror (error), memscope_strerror (other)) != 0);
  CHECK (*memscope_strerror (-1000));
  return 0;
}

/* The stream goes on after a finalize, whatever the folder is called. */
static int
resumed (void)
{
  char working[2000], absolute[3000];

  CHECK (getcwd (working, sizeof working));
  snprintf (absolute, sizeof absolute, "%s/%s/", working, FOLDER);
  CHECK (memscope_init_thread_tracker (FOLDER "/", NULL) == MEMSCOPE_OK);
  CHECK (memscope_track_allocation (at (1), VICTIM_MARK_BYTES, NULL, 0) == MEMSCOPE_OK);
  CHECK (memscope_finalize_thread_tracker () == MEMSCOPE_OK);
  CHECK (memscope_init_thread_tracker (NULL, NULL) == MEMSCOPE_OK);
  CHECK (memscope_track_reallocation (at (1), at (2), VICTIM_MARK_BYTES + 1, NULL, 0)
         == MEMSCOPE_OK);
  CHECK (memscope_finalize_thread_tracker () == MEMSCOPE_OK);
  CHECK (chdir ("/") == 0);
  CHECK (memscope_init_thread_tracker (absolute, NULL) == MEMSCOPE_OK);
  CHECK (memscope_track_deallocation (at (2), NULL, 0) == MEMSCOPE_OK);
  CHECK (memscope_track_allocation (at (3), VICTIM_MARK_BYTES, NULL, 0) == MEMSCOPE_OK);
  return 0;
}

static pthread_barrier_t barrier;

static void *
declare_together (void *data)
{
  size_t first = 1000 * (size_t) (uintptr_t) data;
  const void *stack[] = { (const void *) (uintptr_t) declare_together,
                          (const void *) (uintptr_t) at };

  pthread_barrier_wait (&barrier);
  CHECK (memscope_init_thread_tracker (FOLDER, NULL) == MEMSCOPE_OK);
  for (size_t i = 1; i <= 100; i++)
    CHECK (memscope_track_allocation (at (first + i), VICTIM_MARK_BYTES, stack, 2) == MEMSCOPE_OK);
  for (size_t i = 1; i <= 100; i++)
    CHECK (memscope_track_deallocation (at (first + i), stack, 2) == MEMSCOPE_OK);
  return NULL; /* without finalize: nothing is lost */
}

/* All threads make their first call at the same moment. */
static int
together (void)
{
  pthread_t threads[8];

  pthread_barrier_init (&barrier, NULL, 8);
  for (size_t i = 0; i < 8; i++)
    CHECK (pthread_create (&threads[i], NULL, declare_together, (void *) (uintptr_t) (i + 1)) == 0);
  for (size_t i = 0; i < 8; i++)
    pthread_join (threads[i], NULL);
  return 0;
}

static void
declare_end (void *block)
{
  CHECK (memscope_track_deallocation (block, NULL, 0) == MEMSCOPE_OK);
}

/* Is cancelled while it declares: at the point that it has for that, and in none of our functions. */
static void *
declare_until_cancelled (void *data)
{
  size_t first = 1000 * (size_t) (uintptr_t) data;
  int round;

  CHECK (memscope_init_thread_tracker (FOLDER, NULL) == MEMSCOPE_OK);
  CHECK (memscope_track_allocation (at (first), VICTIM_MARK_BYTES, NULL, 0) == MEMSCOPE_OK);
  pthread_cleanup_push (declare_end, (void *) at (first));
  pthread_barrier_wait (&barrier);
  for (round = 0;; round++)
    {
      for (size_t i = 1; i <= 900; i++)
        CHECK (memscope_track_allocation (at (first + i), 8, NULL, 0) == MEMSCOPE_OK);
      for (size_t i = 1; i <= 900; i++)
        CHECK (memscope_track_deallocation (at (first + i), NULL, 0) == MEMSCOPE_OK);
      if (round >= 20)
        pthread_testcancel ();
    }
  pthread_cleanup_pop (0);
  return NULL;
}

static int
cancelled (void)
{
  pthread_t threads[8];
  void *result;

  pthread_barrier_init (&barrier, NULL, 9);
  for (size_t i = 0; i < 8; i++)
    CHECK (pthread_create (&threads[i], NULL, declare_until_cancelled, (void *) (uintptr_t) (i + 1))
           == 0);
  pthread_barrier_wait (&barrier);
  for (size_t i = 0; i < 8; i++)
    CHECK (pthread_cancel (threads[i]) == 0);
  for (size_t i = 0; i < 8; i++)
    CHECK (pthread_join (threads[i], &result) == 0 && result == PTHREAD_CANCELED);
  return 0;
}

/* The trace is the parent's; a child that wants one says where. */
static int
forked (void)
{
  pid_t child;
  int status;

  CHECK (memscope_init_thread_tracker (FOLDER, NULL) == MEMSCOPE_OK);
  CHECK (memscope_track_allocation (at (1), VICTIM_MARK_BYTES, NULL, 0) == MEMSCOPE_OK);
  child = fork ();
  if (child == 0)
    {
      CHECK (memscope_track_allocation (at (2), VICTIM_MARK_BYTES, NULL, 0)
             == MEMSCOPE_ERROR_NOT_TRACKING);
      CHECK (memscope_init_thread_tracker (FOLDER, NULL) == MEMSCOPE_ERROR_OUTPUT);
      CHECK (memscope_init_thread_tracker ("declared-by-child", NULL) == MEMSCOPE_OK);
      CHECK (memscope_track_allocation (at (2), VICTIM_MARK_BYTES, NULL, 0) == MEMSCOPE_OK);
      exit (3);
    }
  CHECK (waitpid (child, &status, 0) == child && WIFEXITED (status) && WEXITSTATUS (status) == 3);
  CHECK (memscope_track_deallocation (at (1), NULL, 0) == MEMSCOPE_OK);
  return 0;
}

static const VictimCase cases[] = {
  { "presets", presets },   { "errors", errors }, { "resumed", resumed },
  { "together", together }, { "forked", forked }, { "cancelled", cancelled },
};

VICTIM_MAIN (cases)
