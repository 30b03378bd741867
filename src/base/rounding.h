/// Exact rounding of decimals too close to the middle of two doubles for any shortcut.
#pragma once

#include "base/view.h"

/// Returns whether `digits` × 10^`exponent` is nearer to the next double above the positive or zero
/// one with the bits `below` than to that one; a tie goes to the even one. The caller knows that it
/// is neither less than the one nor greater than the other. `digits` may hold a decimal point;
/// `exponent` is that of its last digit.
bool lun_rounds_up(lun_view digits, int64_t exponent, uint64_t below);
