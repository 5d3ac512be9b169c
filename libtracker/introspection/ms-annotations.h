/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a binding for another language has to know of libmemscope's functions beyond their C types: who owns
 * what is returned, which array has which length, and what is a constant of the C library's own.  Read by
 * g-ir-scanner alone, together with the headers whose functions these are; compiled by nobody.
 *
 * Figures (MsTotals, MsProcess and their kin) are plain structs that belong to what they were asked of:
 * keep the trace for as long as they are looked at.
 */
#pragma once

/**
 * MsProgressFunc:
 * @fraction: from 0 to 1
 * @user_data: (closure): what was given to the loader
 *
 * Called on the loading thread.
 */

/**
 * ms_trace_load:
 * @folder: (type filename): a trace folder
 * @cancellable: (nullable): ends it early
 * @progress: (nullable) (scope call) (closure user_data): told how far it is
 * @user_data: for @progress
 * @error: return location
 *
 * Loads a trace.  Blocks.
 *
 * Returns: (transfer full): the trace
 */

/**
 * ms_trace_load_full:
 * @folder: (type filename): a trace folder
 * @flags: what is wanted beside the figures
 * @cancellable: (nullable): ends it early
 * @progress: (nullable) (scope call) (closure user_data): told how far it is
 * @user_data: for @progress
 * @error: return location
 *
 * Loads a trace.  Blocks.
 *
 * Returns: (transfer full): the trace
 */

/**
 * ms_trace_get_folder:
 * @self: a trace
 *
 * Returns: (type filename): as it was given to the loader
 */

/**
 * ms_trace_get_imported_from:
 * @self: a trace
 *
 * Returns: (nullable): the program that wrote the file
 */

/**
 * ms_trace_get_arguments:
 * @self: a trace
 *
 * Returns: (transfer none) (array zero-terminated=1): the command's words
 */

/**
 * ms_trace_is_part:
 * @self: a trace
 * @from_ns: (out) (optional): where the part begins
 * @to_ns: (out) (optional): and ends
 *
 * Returns: whether it is a part of a recording
 */

/**
 * ms_trace_why_no_live:
 * @self: a trace
 *
 * Returns: (transfer none) (nullable): why live, leaked and peak bytes are not known
 */

/**
 * ms_trace_get_sampling:
 * @self: a trace
 * @rate: (out): with which probability an allocation was kept
 * @interval_bytes: (out): one in so many bytes was kept
 *
 * Returns: whether it was sampled
 */

/**
 * ms_trace_get_losses: (skip)
 */

/**
 * ms_trace_get_diagnostics:
 * @self: a trace
 *
 * Returns: (transfer none) (element-type MsDiagnostic): what a person should know about it
 */

/**
 * ms_trace_get_totals:
 * @self: a trace
 * @domain: of what memory
 *
 * Returns: (transfer none): its totals
 */

/**
 * ms_trace_get_mapping_totals:
 * @self: a trace
 * @kind: of what use
 *
 * Returns: (transfer none): its totals
 */

/**
 * ms_trace_get_thread:
 * @self: a trace
 * @index: less than ms_trace_get_n_threads()
 *
 * Returns: (transfer none): the thread
 */

/**
 * ms_trace_find_thread:
 * @self: a trace
 * @id: of a thread
 *
 * Returns: (transfer none) (nullable): the thread
 */

/**
 * ms_trace_get_live_series: (skip)
 */

/**
 * ms_trace_get_allocated_series: (skip)
 */

/**
 * ms_trace_get_size_histogram:
 * @self: a trace
 * @domain: of what memory
 *
 * Returns: (transfer none) (nullable) (array fixed-size=65): allocations by size
 */

/**
 * ms_trace_get_lifetime_histogram:
 * @self: a trace
 * @domain: of what memory
 *
 * Returns: (transfer none) (nullable) (array fixed-size=65): frees by age
 */

/**
 * ms_trace_get_size_histogram_errors: (skip)
 */

/**
 * ms_trace_get_lifetime_histogram_errors: (skip)
 */

/**
 * ms_trace_get_stack_totals:
 * @self: a trace
 * @stack: less than ms_trace_get_n_stacks()
 * @domain: of what memory
 *
 * Returns: (transfer none): its totals
 */

/**
 * ms_trace_get_stack_frames:
 * @self: a trace
 * @stack: less than ms_trace_get_n_stacks()
 * @depth: (out): how many frames
 * @truncated: (out): whether there were more
 *
 * Returns: (transfer none) (array length=depth): return addresses, innermost first
 */

/**
 * ms_trace_get_thread_stacks: (skip)
 */

/**
 * ms_trace_get_interactions: (skip)
 */

/**
 * ms_trace_why_no_growth_chains:
 * @self: a trace
 *
 * Returns: (nullable): a clause; NULL: they are known
 */

/**
 * ms_trace_get_growth_chains: (skip)
 */

/**
 * ms_trace_get_resources: (skip)
 */

/**
 * ms_mark_kind_to_string:
 * @kind: a kind of mark
 *
 * Returns: (transfer none): its name in files
 */

/**
 * ms_trace_get_marks:
 * @self: a trace
 * @n_marks: (out): how many there are
 *
 * Returns: (transfer none) (array length=n_marks): instants that were marked, in order of time
 */

/**
 * ms_trace_find_module: (skip)
 */

/**
 * ms_trace_get_module: (skip)
 */

/**
 * ms_thread_get_names: (skip)
 */

/**
 * ms_thread_get_exit_figures: (skip)
 */

/**
 * ms_thread_get_exit_figure:
 * @self: a thread
 * @figure: which one
 * @value: (out): it
 *
 * Returns: whether it was measured
 */

/**
 * ms_thread_get_parent:
 * @self: a thread
 * @parent_id: (out): the thread that created it
 *
 * Returns: whether that is known
 */

/**
 * ms_thread_get_totals:
 * @self: a thread
 * @domain: of what memory
 *
 * Returns: (transfer none): its totals
 */

/**
 * ms_thread_get_size_histogram:
 * @self: a thread
 * @domain: of what memory
 *
 * Returns: (transfer none) (nullable) (array fixed-size=65): allocations by size
 */

/**
 * ms_thread_get_lifetime_histogram:
 * @self: a thread
 * @domain: of what memory
 *
 * Returns: (transfer none) (nullable) (array fixed-size=65): frees by age
 */

/**
 * ms_thread_get_size_histogram_errors: (skip)
 */

/**
 * ms_thread_get_lifetime_histogram_errors: (skip)
 */

/**
 * ms_recording_open:
 * @path: (type filename): a recording, or a trace folder
 * @cancellable: (nullable): ends it early
 * @error: return location
 *
 * Returns: (transfer full): the recording
 */

/**
 * ms_recording_new_for_trace:
 * @trace: the one process
 *
 * Returns: (transfer full): the recording
 */

/**
 * ms_recording_get_path:
 * @self: a recording
 *
 * Returns: (type filename): as it was given
 */

/**
 * ms_recording_get_process:
 * @self: a recording
 * @index: less than ms_recording_get_n_processes()
 *
 * Returns: (transfer none): the process
 */

/**
 * ms_recording_find_process:
 * @self: a recording
 * @pid_or_name: of a process
 * @index: (out): its place in the list
 * @error: return location
 *
 * Returns: whether there is one
 */

/**
 * ms_recording_get_diagnostics:
 * @self: a recording
 *
 * Returns: (transfer none) (element-type MsDiagnostic): what a person should know about it
 */

/**
 * ms_command_to_text:
 * @arguments: (array zero-terminated=1): the words
 *
 * Returns: (transfer full): as a person would type them
 */

/**
 * ms_totals_name_is_of_live:
 * @name: the name of a field of MsTotals
 */
