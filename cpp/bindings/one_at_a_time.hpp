// Calls from several threads, one after another.
#pragma once

#include "gil.hpp"

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

namespace weightless::bindings {

/// Stands beside an object that works without the GIL.
///
/// Whoever holds the GIL must not wait for the mutex, and whoever holds the mutex must not
/// run Python (make an array, even: the first one imports numpy) but by taking the GIL first:
/// else two threads wait for each other. So work is plain C++, and its result is turned into
/// objects of Python by the caller, afterwards.
class OneAtATime {
public:
    /// Calls `work` with the GIL released and no other call at work; returns what it returns.
    /// Throws std::runtime_error (RuntimeError) where this thread is within such a call
    /// already: from a progress function, a signal handler or a finaliser, which would wait for
    /// itself.
    template <typename Work> auto operator()(Work&& work) {
        const ReleasedGil released;
        const Turn turn(*this); // given up before the GIL is waited for
        return std::forward<Work>(work)();
    }

private:
    class Turn {
    public:
        explicit Turn(OneAtATime& calls) : calls_(calls) {
            const std::thread::id me = std::this_thread::get_id();
            if (calls_.owner_.load(std::memory_order_relaxed) == me) {
                throw std::runtime_error("reentrant call: this object is at work in this thread");
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
