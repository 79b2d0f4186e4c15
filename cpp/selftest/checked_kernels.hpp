// A target that checks every call of a kernel against the ranges that kernels.hpp states.
#pragma once

#include "kernels/kernels.hpp"

namespace weightless::selftest {

/// Returns the kernels of `target` with checks of their arguments and results. A violation ends the
/// program with a line that names the kernel and the range. Only one target is checked at a time:
/// the next call replaces it.
const kernels::Kernels& checked(const kernels::Kernels& target);

} // namespace weightless::selftest
