// Releases and acquires the GIL in threads that may still be running when the interpreter exits.
//
// Before Python 3.14, a daemon thread that acquires the GIL after the interpreter has exited is
// ended by pthread_exit. This unwinds the stack as an exception does, through destructors, which
// ends the process by std::terminate. Here such a thread blocks for ever instead, as in
// Python 3.14.
#pragma once

#include <pybind11/pybind11.h>

#if defined(__GLIBCXX__)
#include <chrono>
#include <cxxabi.h>
#include <thread>
#endif

namespace weightless::bindings {

/// Calls `work`, which may run Python, and returns its result; never returns if the interpreter
/// ends this thread in the meantime.
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

/// Releases the GIL, which this thread holds, for its lifetime.
class ReleasedGil {
public:
    ReleasedGil() noexcept : state_(PyEval_SaveThread()), outer_(innermost_) { innermost_ = this; }
    ~ReleasedGil() {
        innermost_ = outer_;
        stop_if_ended([&] { PyEval_RestoreThread(state_); });
    }
    ReleasedGil(const ReleasedGil&) = delete;
    ReleasedGil& operator=(const ReleasedGil&) = delete;

private:
    friend class TakenGil;

    PyThreadState* state_;
    ReleasedGil* outer_;
    static inline thread_local ReleasedGil* innermost_ = nullptr;
};

/// Acquires the GIL, which this thread released by ReleasedGil, for its lifetime.
///
/// PyGILState_Ensure would look this thread's state up in the interpreter, which is fatal once the
/// interpreter has exited. PyEval_RestoreThread may be called even then.
class TakenGil {
public:
    TakenGil() {
        stop_if_ended([] { PyEval_RestoreThread(ReleasedGil::innermost_->state_); });
    }
    ~TakenGil() { ReleasedGil::innermost_->state_ = PyEval_SaveThread(); }
    TakenGil(const TakenGil&) = delete;
    TakenGil& operator=(const TakenGil&) = delete;
};

} // namespace weightless::bindings
