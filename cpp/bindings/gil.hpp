// The GIL released and taken back, by threads that the end of the interpreter may find at work.
//
// Before Python 3.14, a daemon thread that asks for the GIL after that end is ended by
// pthread_exit, which unwinds the stack as an exception does: through destructors, which end
// the process by std::terminate. Here such a thread stops where it is, as Python 3.14 lets it.
#pragma once

#include <pybind11/pybind11.h>

#if defined(__GLIBCXX__)
#include <chrono>
#include <cxxabi.h>
#include <thread>
#endif

namespace weightless::bindings {

/// Calls `work`, which may run Python, and returns what it returns; never returns if the
/// interpreter ends this thread meanwhile.
template <typename Work> decltype(auto) stop_if_ended(Work&& work) {
#if defined(__GLIBCXX__)
    try {
        return work();
    } catch (abi::__forced_unwind&) {
        for (;;) {
            std::this_thread::sleep_for(std::chrono::hours(1));
        }
    }
#else
    return work();
#endif
}

/// While one exists, this thread does not hold the GIL, which it held before.
class ReleasedGil {
public:
    ReleasedGil() noexcept : state_(PyEval_SaveThread()) {}
    ~ReleasedGil() {
        stop_if_ended([&] { PyEval_RestoreThread(state_); });
    }
    ReleasedGil(const ReleasedGil&) = delete;
    ReleasedGil& operator=(const ReleasedGil&) = delete;

private:
    PyThreadState* state_;
};

/// While one exists, this thread holds the GIL, which it did not hold before.
class TakenGil {
public:
    TakenGil() : state_(stop_if_ended([] { return PyGILState_Ensure(); })) {}
    ~TakenGil() { PyGILState_Release(state_); }
    TakenGil(const TakenGil&) = delete;
    TakenGil& operator=(const TakenGil&) = delete;

private:
    PyGILState_STATE state_;
};

} // namespace weightless::bindings
