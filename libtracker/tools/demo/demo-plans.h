/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The cast of the demonstration: fifty threads by id, main first; the even ones are tracked. */
#pragma once

#include "demo-worker.h"

#define DEMO_THREADS 50

extern const DemoPlan demo_plans[DEMO_THREADS];

/* Ids of the thread that frees for others, and of the two ends of the n-th connection. */
#define DEMO_GC_ID 38
#define DEMO_CONNECTIONS 3
#define DEMO_SERVER_ID(n) (28 + 2 * (n))
#define DEMO_CLIENT_ID(n) (29 + 2 * (n))
