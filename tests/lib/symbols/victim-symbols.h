/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

/* Gets the line that it is called from; looks at its return address. */
typedef void (*VictimCall) (int line);

/* Exported as `victim_calls` by every build of the library. */
typedef struct {
  void (*exported) (VictimCall call); /* calls twice: itself, and from two levels of inlining */
  void (*hidden) (VictimCall call);   /* from a static function */
  void (*never_returns) (VictimCall call);
  void (*cxx) (VictimCall call);
  void (*rust) (VictimCall call);
  void (*odd) (VictimCall call);
} VictimCalls;

/* Lines of calls that were inlined, which nobody can hand over. */
#define VICTIM_INNER_LINE 22
#define VICTIM_MIDDLE_LINE 34
