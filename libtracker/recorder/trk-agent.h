/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope-agent, the program that watches a recording from outside, as its traced process sees it: to be
 * started, and by its pid in the pool's header there or not.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* False, with the reason: there is no such program. */
bool trk_agent_is_installed (void);

/* For the recording that this process's folder lies in, unless it has one: `memscope record`, or an agent that
 * another process has started.  Does not wait for it. */
bool trk_agent_start_for_recording (uint32_t rate);

/* For the trace folder of this process, with @rate samples a second; 0: none.  Returns when it is at work, or
 * after a second.  False, with the reason: it could not be started. */
bool trk_agent_start_for_trace (uint32_t rate);
