/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * For the declaration of a variable that other modules do not see.  -fvisibility=hidden is about
 * definitions: without this a file that only uses the variable looks up its address in the offset table.
 */
#pragma once

#define TRK_HIDDEN __attribute__ ((visibility ("hidden")))
