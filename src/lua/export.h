/// Marks the one function that a module exports, `luaopen_…`; everything else is hidden.
#pragma once

#define LUN_EXPORT __attribute__((visibility("default")))
