// What the header admits, driven to its ends.
#pragma once

namespace weightless::selftest {

/// Every parameter, and every pair of them, at the ends of what the header admits, together
/// with others at theirs: data made to push the arithmetic is coded on the target in use and
/// decoded on the scalar one, with every kernel's ranges checked (checked_kernels.hpp). Meant
/// for a build with sanitizers. Returns 0, or 1 after a line that says what went wrong.
int parameter_ends();

} // namespace weightless::selftest
