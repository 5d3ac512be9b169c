/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope/tracker.h - record what the threads of this program do with memory.
 *
 * Link with libmemscope-tracker (pkg-config memscope-tracker).  A thread that calls
 * memscope_init_thread_tracker() gets a stream of events of its own; it then declares allocations of
 * its pools and arenas, which malloc interposition cannot see.  They are kept apart from the heap,
 * as the domain "declared".
 *
 * Every function may be called from any thread.  None may be called from a signal handler, except
 * the three memscope_track_* functions, whose events are then counted as dropped if the handler
 * interrupted the tracker itself.  The library starts no thread, installs no signal handler and
 * never calls malloc.
 *
 * A program may be built to run without the library: declare it with MEMSCOPE_WEAK defined before
 * this header is included, and test memscope_available() first.
 */
#ifndef MEMSCOPE_TRACKER_H
#define MEMSCOPE_TRACKER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(MEMSCOPE_COMPILATION)
#define MEMSCOPE_API __attribute__ ((visibility ("default")))
#elif defined(MEMSCOPE_WEAK)
#define MEMSCOPE_API __attribute__ ((weak))
#else
#define MEMSCOPE_API
#endif

/** The result of a call: 0, or one of these negative numbers.  memscope_strerror() explains. */
typedef enum {
  MEMSCOPE_OK = 0,
  MEMSCOPE_ERROR_CONFIG = -1,       /**< the configuration contradicts itself or is out of range */
  MEMSCOPE_ERROR_ALREADY = -2,      /**< this thread has a tracker already */
  MEMSCOPE_ERROR_NOT_TRACKING = -3, /**< this thread has no tracker */
  MEMSCOPE_ERROR_OUTPUT = -4,       /**< the output folder cannot be made or written */
  MEMSCOPE_ERROR_OTHER_OUTPUT = -5, /**< the process already records into another folder */
  MEMSCOPE_ERROR_MEMORY = -6,       /**< no memory for the tracker's own tables */
  MEMSCOPE_ERROR_ARGUMENT = -7,     /**< a NULL where none may be, or a depth out of range */
  MEMSCOPE_ERROR_UNSUPPORTED = -8   /**< not on this system, see memscope_get_error_reason() */
} MemscopeError;

/** How much is recorded.  Fill it with memscope_sampling_config_init() and change what you need. */
typedef struct {
  size_t struct_size; /**< sizeof (MemscopeSamplingConfig): lets the struct grow */
  /** Probability, above 0 and at most 1, that an allocation is kept.  Below 1 figures are estimates. */
  double allocation_sampling_rate;
  /** Mean bytes between two kept allocations, drawn exponentially; 0: every allocation.  Not
   *  together with a rate below 1. */
  uint64_t sample_interval_bytes;
  uint32_t stack_depth;          /**< frames kept, 0 to 256 */
  int enable_frequency_tracking; /**< non-zero: per-stack counts are written beside the events (.freq) */
} MemscopeSamplingConfig;

typedef enum {
  MEMSCOPE_PRESET_DEFAULT = 0,        /**< rate 1, interval 0, 32 frames, frequency on */
  MEMSCOPE_PRESET_DEMO = 1,           /**< rate 1, interval 0, 10 frames, frequency on */
  MEMSCOPE_PRESET_HIGH_PRECISION = 2, /**< rate 1, interval 0, 128 frames, frequency on */
  MEMSCOPE_PRESET_LEAK_DETECTION = 3, /**< rate 1, interval 0, 64 frames, frequency off */
  MEMSCOPE_PRESET_PERFORMANCE_OPTIMIZED =
      4 /**< rate 1, interval 524288, 16 frames, frequency off */
} MemscopePreset;

/**
 * Fills @config with a preset.  @config and its struct_size must be set up by the caller only in so
 * far as the memory must be there: struct_size is written too.
 * Returns MEMSCOPE_ERROR_ARGUMENT for NULL or an unknown preset.
 */
MEMSCOPE_API int memscope_sampling_config_init (MemscopeSamplingConfig *config,
                                                MemscopePreset preset);

/**
 * Starts recording the calling thread into @output_dir, which becomes the process's trace folder; it
 * is made if it is not there (its parent must be).  The first call in a process creates the folder's
 * files; later calls must name the same folder or pass NULL.
 *
 * @config: (nullable): NULL for MEMSCOPE_PRESET_DEFAULT in the first call, and what the first call
 *   said in later ones.  Copied.  The stack depth is the thread's own; rate and interval hold for the
 *   process, because a block may be freed by another thread: a later call that differs in them is
 *   MEMSCOPE_ERROR_CONFIG.  Under `memscope record` its options hold.
 *
 * After memscope_finalize_thread_tracker() the same thread may call this again; its stream goes on.
 * Under `memscope record` the folder is the recording's and @output_dir is ignored.
 *
 * Returns 0; ERROR_CONFIG, ERROR_ALREADY, ERROR_OUTPUT, ERROR_OTHER_OUTPUT, ERROR_MEMORY.
 */
MEMSCOPE_API int memscope_init_thread_tracker (const char *output_dir,
                                               const MemscopeSamplingConfig *config);

/**
 * Declares that @ptr now is a block of @size bytes.
 *
 * @call_stack: (nullable): return addresses, innermost first, as backtrace(3) gives them; NULL
 *   captures the caller's own.
 * @depth: how many; ignored when @call_stack is NULL.
 *
 * Costs tens of nanoseconds.  A thread without a tracker returns at once.
 * Returns 0, or ERROR_NOT_TRACKING, ERROR_ARGUMENT.
 */
MEMSCOPE_API int memscope_track_allocation (const void *ptr,
                                            size_t size,
                                            const void *const *call_stack,
                                            size_t depth);

/**
 * Declares that the block @old_ptr became @new_ptr with @size bytes: one deallocation and one
 * allocation that also counts as a reallocation.  The pointers may be equal.
 */
MEMSCOPE_API int memscope_track_reallocation (const void *old_ptr,
                                              const void *new_ptr,
                                              size_t size,
                                              const void *const *call_stack,
                                              size_t depth);

/**
 * Declares that @ptr is no block any more.  May be called by another thread than the one that
 * declared it, if that thread has a tracker too.
 *
 * @call_stack: (nullable): kept when given; NULL keeps none, as frees outnumber their use.
 */
MEMSCOPE_API int memscope_track_deallocation (const void *ptr,
                                              const void *const *call_stack,
                                              size_t depth);

/**
 * Ends the calling thread's stream for now and hands what it holds to the trace folder.
 * A thread that exits without this call loses nothing.
 * Returns 0 or ERROR_NOT_TRACKING.
 */
MEMSCOPE_API int memscope_finalize_thread_tracker (void);

/**
 * Chooses anew, while the program runs, which threads' heap is recorded.  Under `memscope record`, which
 * set the first rule with --threads; declared allocations have nothing to do with it.
 *
 * @rule: terms with commas between them, any of which may match a thread:
 *     all, none          every thread, no thread
 *     main               the main thread
 *     even, odd, every:N by the thread's id: order of creation, main = 0
 *     tid:N              by the kernel's number
 *     start:FUNCTION     threads that begin in this function; a static one too, where the program's file
 *                        has its symbols.  Of what is loaded when the rule is set
 *     any other text     threads by name; * and ? stand for anything and for one character.  A thread that
 *                        is renamed is chosen anew
 *   At most 32 terms and 1 023 bytes.  Copied.
 *
 * Each thread follows at its next allocation or free.  The trace has a record of the change; blocks that a
 * thread allocated while it was recorded are followed to their end, whoever frees them, recorded or not.
 *
 * From any thread, not from a signal handler: it may wait for another thread that does the same.
 * Returns 0; ERROR_ARGUMENT for NULL; ERROR_CONFIG for what is no rule, and then nothing is changed and
 * memscope_get_error_reason() says why; ERROR_NOT_TRACKING if nothing is recorded; ERROR_UNSUPPORTED
 * without `memscope record`.
 */
MEMSCOPE_API int memscope_set_thread_rule (const char *rule);

/** A sentence for @error, never NULL, never to be freed. */
MEMSCOPE_API const char *memscope_strerror (int error);

/** Why the latest call of this process that failed with ERROR_OUTPUT, ERROR_UNSUPPORTED or ERROR_CONFIG failed:
 *  the file and the system's reason.  Never NULL, never to be freed; overwritten by the next. */
MEMSCOPE_API const char *memscope_get_error_reason (void);

#if defined(MEMSCOPE_WEAK)
static inline int
memscope_available (void)
{
  return memscope_init_thread_tracker != NULL;
}
#else
static inline int
memscope_available (void)
{
  return 1;
}
#endif

#ifdef __cplusplus
}
#endif

#endif /* MEMSCOPE_TRACKER_H */
