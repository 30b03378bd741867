/// Where the compiler guesses wrong what to inline, and instructions were counted.
#pragma once

#define LUN_ALWAYS_INLINE __attribute__((always_inline))
#define LUN_NEVER_INLINE  __attribute__((noinline))
