// The trace of an explanation as an object of Python.
#pragma once

#include "explain/trace.hpp"
#include "made.hpp"

#include <memory>

namespace weightless::bindings {

struct SharedTrace {
    explicit SharedTrace(const explain::Plan& plan)
        : trace(std::make_shared<explain::Trace>(plan)) {}

    std::shared_ptr<explain::Trace> trace;
};
using MadeTrace = Made<SharedTrace>;

} // namespace weightless::bindings
