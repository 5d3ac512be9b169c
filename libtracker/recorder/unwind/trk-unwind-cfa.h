/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Runs the call frame program that a compiler wrote for a function, up to one address, and packs
 * what it says about the CFA, bp and the return address into a rule.  Programs that need other
 * registers give TRK_RULE_UNSUPPORTED.
 */
#pragma once

#include "trk-unwind-eh-frame.h"
#include "trk-unwind-rule.h"

/* @pc: where the function will go on; @at: the address to look up, @pc − 1 for a return address,
 * because the call may be a function's last instruction. */
TrkUnwindRule trk_unwind_rule_of_fde (const TrkFde *fde, uint64_t pc, uint64_t at);
