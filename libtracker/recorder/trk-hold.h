/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `memscope record --open`: the program's first process, all of it there but its main, waits until somebody
 * watches it, so that what it does first is seen as it happens.
 *
 * Only where the recording's control page asks for it, and never longer than TRK_LONGEST_HOLD_NS: a window
 * that does not come holds nothing up.  Once, before main, by the thread that starts the program.
 */
#pragma once

void trk_hold (void);
