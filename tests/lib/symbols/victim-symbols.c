/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A library whose calls know where they stand: every one hands its own line to the callback, which
 * sees its return address.  Built with debug information, without, stripped, and split in two.
 */
#include "victim-symbols.h"

/* Without it the last call of a function would become a jump, and leave no return address. */
#define KEEP_FRAME() __asm__ volatile("" ::: "memory")

__attribute__ ((always_inline)) static inline void
inlined_inner (VictimCall call)
{
  call (__LINE__);
  KEEP_FRAME ();
}

__attribute__ ((always_inline)) static inline void
inlined_middle (VictimCall call)
{
  KEEP_FRAME ();
  inlined_inner (call); /* VICTIM_INNER_LINE */
  KEEP_FRAME ();
}

void victim_exported (VictimCall call) __attribute__ ((noinline));
void victim_call_hidden (VictimCall call);
void victim_never_returns (VictimCall call) __attribute__ ((noinline, noreturn));

void
victim_exported (VictimCall call)
{
  call (__LINE__);
  inlined_middle (call); /* VICTIM_MIDDLE_LINE */
  KEEP_FRAME ();
}

__attribute__ ((noinline)) static void
hidden_function (VictimCall call)
{
  call (__LINE__);
  KEEP_FRAME ();
}

void
victim_call_hidden (VictimCall call)
{
  hidden_function (call);
  KEEP_FRAME ();
}

/* The call is the last instruction: its return address already belongs to what follows. */
void
victim_never_returns (VictimCall call)
{
  call (__LINE__);
  __builtin_unreachable ();
}

/* What a C++ and a Rust compiler would call outer::Klass::run(int) and shop::till::open. */
__attribute__ ((noinline)) void victim_cxx (VictimCall call) __asm__("_ZN5outer5Klass3runEi");
__attribute__ ((noinline)) void victim_rust (VictimCall call) __asm__("_RNvNtC4shop4till4open");

void
victim_cxx (VictimCall call)
{
  call (__LINE__);
  KEEP_FRAME ();
}

void
victim_rust (VictimCall call)
{
  call (__LINE__);
  KEEP_FRAME ();
}

/* A name that is no UTF-8. */
__attribute__ ((noinline)) void victim_odd (VictimCall call) __asm__("odd_\xff_name");

void
victim_odd (VictimCall call)
{
  call (__LINE__);
  KEEP_FRAME ();
}

const VictimCalls victim_calls = {
  victim_exported, victim_call_hidden, victim_never_returns, victim_cxx, victim_rust, victim_odd,
};
