/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Part of test-stacks: the hash that stands for a stack, without the table. */
#pragma once

void add_stack_hash_tests (void);
