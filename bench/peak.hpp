// The machine's peak rate of 16-bit multiply-adds on each target.
#pragma once

#include <string_view>

namespace weightless::bench {

/// Multiply-adds per second of independent pairwise multiply-adds into int32 sums in
/// registers, with the instructions that the target's products use (generic: that it might use);
/// scalar, one at a time.
double peak(std::string_view target);

} // namespace weightless::bench
