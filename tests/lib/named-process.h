/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

typedef enum { NAMED_RIGHT, NAMED_WRONG_START, NAMED_WRONG_NAMESPACE, NAMED_WRONG_BOOT } NamedWrong;

/* Makes the manifest of a folder that a TraceBuilder has finished name this very process, which runs, but for what is
 * @wrong. */
void name_this_process (const char *folder, NamedWrong wrong);
