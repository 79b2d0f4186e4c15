// The machine's peak of 16-bit multiply-adds, by target name.
#pragma once

#include <string_view>

namespace weightless::bench {

/// Multiply-adds per second of independent pair-multiply-adds into int32 sums on
/// registers, by the instructions that the target's products use. Scalar: one by one.
double peak(std::string_view target);

} // namespace weightless::bench
