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
  MEMSCOPE_ERROR_UNSUPPORTED = -8,  /**< not on this system, see memscope_get_error_reason() */
  MEMSCOPE_ERROR_RUNNING = -9,      /**< this session, or another one, runs already */
  MEMSCOPE_ERROR_NOT_RUNNING = -10, /**< this session does not run */
  MEMSCOPE_ERROR_PROGRAM = -11, /**< memscope-agent or memscope is not there or cannot be started */
  MEMSCOPE_ERROR_EXPORT = -12   /**< the export failed, see memscope_get_error_reason() */
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

/** What memscope_sampling_config_init() begins with. */
typedef enum {
  MEMSCOPE_PRESET_DEFAULT = 0,        /**< rate 1, interval 0, 32 frames, frequency on */
  MEMSCOPE_PRESET_DEMO = 1,           /**< rate 1, interval 0, 10 frames, frequency on */
  MEMSCOPE_PRESET_HIGH_PRECISION = 2, /**< rate 1, interval 0, 128 frames, frequency on */
  MEMSCOPE_PRESET_LEAK_DETECTION = 3, /**< rate 1, interval 0, 64 frames, frequency off */
  MEMSCOPE_PRESET_PERFORMANCE_OPTIMIZED =
      4 /**< rate 1, interval 524288, 16 frames, frequency off */
} MemscopePreset;

/**
 * Fills all of @config, struct_size too, with a preset; nothing in it has to be set before.
 * Returns 0, or MEMSCOPE_ERROR_ARGUMENT for NULL or an unknown preset.
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
 *
 * @call_stack, @depth: as in memscope_track_allocation(), which says what is returned as well.
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
 *
 * A pointer that nobody declared is counted as an unmatched free, and is no error.
 * Returns 0, or ERROR_NOT_TRACKING, ERROR_ARGUMENT.
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

/* --- sessions -------------------------------------------------------------------------------------
 *
 * A session is one recording of this program from beginning to end, with what the machine, the process and
 * its threads used meanwhile:
 *
 *   collector = memscope_resource_collector_new (10);
 *   session = memscope_profiling_session_new ("trace", collector);
 *   memscope_profiling_session_start (session);
 *     ... in each thread: memscope_init_thread_tracker (NULL, NULL), memscope_track_*() ...
 *   memscope_profiling_session_stop (session);
 *   memscope_profiling_session_free (session);
 *   memscope_resource_collector_free (collector);
 *   memscope_export_comprehensive_analysis ("trace", "run", NULL);
 *
 * While it runs, a program of its own, memscope-agent, samples from outside and writes full windows, so
 * that neither is work for this program.  It is no child of this program, has none of its descriptors,
 * terminals and signals, and goes when the session or this program ends.  If it is killed, the recording goes
 * on without samples until somebody attaches, who starts another, and the trace stays good.
 *
 * One session runs at a time; any number may follow each other, each with a folder of its own.  A fork()ed
 * child has no session.  Without a session memscope_init_thread_tracker() records as well, until the
 * program ends, and without resources.
 */

/** What is to be sampled, and how often. */
typedef struct _MemscopeResourceCollector MemscopeResourceCollector;

/**
 * @samples_per_second: 1 to 100; 0: the default, 10.
 *
 * Returns a collector, to be freed with memscope_resource_collector_free().  NULL: the rate is out of range,
 * or there is no memory; memscope_get_error_reason() says which.
 */
MEMSCOPE_API MemscopeResourceCollector *memscope_resource_collector_new (
    uint32_t samples_per_second);

/** Sessions that were made with it keep what it says. @collector: (nullable) */
MEMSCOPE_API void memscope_resource_collector_free (MemscopeResourceCollector *collector);

typedef struct _MemscopeProfilingSession MemscopeProfilingSession;

/**
 * @output_dir: the trace folder to be, see memscope_init_thread_tracker().  Copied; relative to the working
 *   directory at the start.
 * @collector: (nullable): copied, not kept.  NULL: nothing is sampled.
 *
 * Returns a session that does not run yet, to be freed with memscope_profiling_session_free(); nothing is
 * made or written so far.  NULL: @output_dir is NULL, empty or too long, or there is no memory;
 * memscope_get_error_reason() says which.
 */
MEMSCOPE_API MemscopeProfilingSession *memscope_profiling_session_new (
    const char *output_dir,
    const MemscopeResourceCollector *collector);

/**
 * How much of the declared allocations is recorded; holds from the next start on.
 * @config: (nullable): as in memscope_init_thread_tracker(); copied.
 *
 * Returns 0; ERROR_ARGUMENT without a session; ERROR_CONFIG, and nothing is changed.
 */
MEMSCOPE_API int memscope_profiling_session_set_sampling (MemscopeProfilingSession *session,
                                                          const MemscopeSamplingConfig *config);

/**
 * Begins to record: makes the trace folder and starts memscope-agent.  It is this call that may take some
 * milliseconds: it waits until the agent is at work, for a second at most, and then goes on without, as well as
 * for another thread that starts or stops a session.  Threads take part when they call memscope_init_thread_tracker(), before or after, with NULL
 * or this folder; a session in which none does has its resources, and the calling thread as one that was not
 * recorded.
 *
 * Under `memscope record` this program is recorded and sampled already, into that recording's folder: the
 * session is then a name for a part of the run, and starting it changes nothing.
 *
 * Returns 0, or, with nothing begun: ERROR_ARGUMENT without a session; ERROR_RUNNING if it or another one
 * runs; ERROR_OUTPUT if the folder cannot be made or written, or holds a trace already; ERROR_OTHER_OUTPUT if
 * the program records into another folder without a session; ERROR_MEMORY; ERROR_UNSUPPORTED; ERROR_PROGRAM
 * if samples are wanted and memscope-agent is not there or cannot be started.  For all but the first two
 * memscope_get_error_reason() says more.
 */
MEMSCOPE_API int memscope_profiling_session_start (MemscopeProfilingSession *session);

/**
 * Ends the recording: no thread has a tracker any more, and what they go on to declare is
 * ERROR_NOT_TRACKING, until a next session.  Waits until memscope-agent has put the folder in order, which
 * is a matter of milliseconds, for ten seconds at most.  The folder is then complete and can be read, moved and
 * exported while the program goes on.  Where there is no agent (any more) it can be read as well, but keeps
 * memscope_pool.bin.
 *
 * Returns 0, ERROR_ARGUMENT without a session, ERROR_NOT_RUNNING if it was not started or was stopped;
 * ERROR_UNSUPPORTED if a thread is still in the middle of a declaration after a second, stopped by a
 * debugger for instance: the recording is then ended, but no other can begin.
 */
MEMSCOPE_API int memscope_profiling_session_stop (MemscopeProfilingSession *session);

/** Stops the session if it runs, and frees it; waits as those two do.  @session: (nullable) */
MEMSCOPE_API void memscope_profiling_session_free (MemscopeProfilingSession *session);

/** What memscope_export_comprehensive_analysis() writes. */
typedef enum {
  MEMSCOPE_EXPORT_JSON = 1,      /**< P_comprehensive.json, P_resource_rankings.json */
  MEMSCOPE_EXPORT_DASHBOARD = 2, /**< P_dashboard.html */
  MEMSCOPE_EXPORT_ALL = 3
} MemscopeExportFormats;

/** Fill it with memscope_export_config_init() and change what you need. */
typedef struct {
  size_t struct_size; /**< sizeof (MemscopeExportConfig): lets the struct grow */
  uint32_t formats;   /**< MemscopeExportFormats, or'ed */
  const char *thread; /**< (nullable) only threads of this name, with * and ? */
  const char *range;  /**< (nullable) only this stretch of time, "1.5s..3s" */
  int redact;         /**< non-zero: without paths, arguments and the machine's name */
} MemscopeExportConfig;

/** Everything of the whole trace.  Returns 0 or ERROR_ARGUMENT for NULL. */
MEMSCOPE_API int memscope_export_config_init (MemscopeExportConfig *config);

/**
 * Writes the analysis of a trace into files for people and other programs, with `memscope export`.
 *
 * @output_dir: the trace folder of a session that has ended, or of any trace; the files are written into it.
 *   Under `memscope record`: a folder, made if it is not there, for what was recorded of this program so far.
 * @prefix: (nullable): what the files' names begin with, no path; NULL: the program's name.
 * @config: (nullable): NULL for everything.
 *
 * The program `memscope` is looked for in the folder that the environment variable MEMSCOPE_LIBEXEC names,
 * and then where it lies beside this library.  It runs as a process of its own and is waited for: this may
 * take seconds, in which signals do not reach the calling thread.  Its end is no SIGCHLD, and no wait() of
 * this program sees it.  One descriptor is open meanwhile.
 *
 * Returns 0; ERROR_ARGUMENT for no folder, a prefix with a slash, or a config that is none; ERROR_PROGRAM if
 * `memscope` is not there or cannot be started; ERROR_EXPORT if it failed, or does not know what @config
 * asks for: memscope_get_error_reason() is then what it said.
 */
MEMSCOPE_API int memscope_export_comprehensive_analysis (const char *output_dir,
                                                         const char *prefix,
                                                         const MemscopeExportConfig *config);

/* --- errors --------------------------------------------------------------------------------------- */

/** A sentence for @error, never NULL, never to be freed. */
MEMSCOPE_API const char *memscope_strerror (int error);

/** Why the latest call of this process that failed with ERROR_OUTPUT, ERROR_UNSUPPORTED, ERROR_CONFIG,
 *  ERROR_PROGRAM or ERROR_EXPORT failed: the file and the system's reason.  Never NULL, never to be freed;
 *  overwritten by the next. */
MEMSCOPE_API const char *memscope_get_error_reason (void);

/** Non-zero if the library is there: always, unless the program was built with MEMSCOPE_WEAK and runs without it.
 *  Then no other function of this header may be called. */
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
