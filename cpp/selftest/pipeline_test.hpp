// The queue between two threads, tried with errors and with ends at inconvenient times.
#pragma once

namespace weightless::selftest {

/// Whether items, errors and the end arrive in order, whichever thread is faster. In a build
/// without threads there is nothing to try, and the result is true.
bool pipeline_works();

} // namespace weightless::selftest
