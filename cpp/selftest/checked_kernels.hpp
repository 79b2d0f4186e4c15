// A target whose every call is held to the ranges that kernels.hpp states.
#pragma once

#include "kernels/kernels.hpp"

namespace weightless::selftest {

/// The kernels of `target` behind checks of what they are given and of what they return. Ends
/// the program, with a line that names kernel and range, where one does not hold. There is one
/// at a time: the next call's target takes the place of this one's.
const kernels::Kernels& checked(const kernels::Kernels& target);

} // namespace weightless::selftest
