/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Compares everything that a trace says with the reference model; a difference ends the test. */
#pragma once

#include "ms-view.h"
#include "reference-model.h"

void reference_check_trace (MsTrace *trace, const ProgramModel *model);
/* A view of a random part of the trace, which was loaded with its history. */
void reference_check_random_view (MsTrace *trace, const ProgramModel *model, GRand *random);
/* The number in the model of @stack in the trace. */
guint reference_stack_in_model (MsTrace *trace, guint stack);
void reference_check_totals (const MsTotals *found, const MsTotals *wanted);
