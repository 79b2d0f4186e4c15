// Tests of the extreme parameters that the frame header admits.
#pragma once

namespace weightless::selftest {

/// Tests every pair of extreme values of two parameters that the header admits: data that drives
/// the arithmetic to its limits is encoded on the target in use and decoded on the scalar target,
/// while the ranges of all kernels are checked (checked_kernels.hpp). Intended for builds with
/// sanitizers. Returns 0, or 1 after printing the error.
int parameter_ends();

} // namespace weightless::selftest
