// Serialises calls from several threads.
#pragma once

#include "gil.hpp"

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

namespace weightless::bindings {

/// The lock of an object whose methods work without the GIL.
///
/// To avoid deadlocks, a thread must not wait for the mutex while it holds the GIL, nor use Python
/// without acquiring the GIL while it holds the mutex (even creating an array imports numpy the
/// first time). So the work is plain C++, and the caller converts its result to Python objects
/// afterwards.
class OneAtATime {
public:
    /// Calls `work` with the GIL released and while no other call is active; returns its result.
    /// Throws std::runtime_error (RuntimeError) if this thread is already within such a call, as
    /// in a progress function, a signal handler or a finaliser: it would wait for itself.
    template <typename Work> auto operator()(Work&& work) {
        const ReleasedGil released;
        const Turn turn(*this); // ends before the GIL is acquired again
        return std::forward<Work>(work)();
    }

private:
    class Turn {
    public:
        explicit Turn(OneAtATime& calls) : calls_(calls) {
            const std::thread::id me = std::this_thread::get_id();
            if (calls_.owner_.load(std::memory_order_relaxed) == me) {
                throw std::runtime_error(
                    "reentrant call: this thread is already in a call of this object");
            }
            calls_.mutex_.lock();
            calls_.owner_.store(me, std::memory_order_relaxed);
        }
        ~Turn() {
            calls_.owner_.store({}, std::memory_order_relaxed);
            calls_.mutex_.unlock();
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        OneAtATime& calls_;
    };

    std::mutex mutex_;
    std::atomic<std::thread::id> owner_{};
};

} // namespace weightless::bindings
