// A thread that trains a network in parallel with the predictions of its owner. In a build without
// threads (WEIGHTLESS_NO_THREADS) training takes place at once.
#pragma once

#if defined(WEIGHTLESS_NO_THREADS)
#include "model/threads/at_once.hpp"
#else
#include "model/threads/shared_work.hpp"

#include <atomic>
#include <thread>
#endif

namespace weightless::model {

#if defined(WEIGHTLESS_NO_THREADS)
class TrainingThread {
public:
    TrainingRunner& work() noexcept { return work_; }

private:
    AtOnce work_;
};
#else
class TrainingThread {
public:
    /// Throws std::system_error if no thread can be started.
    TrainingThread()
        : thread_(
              [this] { work_.help_until([this] { return stop_.load(); }, SharedWork::kHelper); }) {}
    ~TrainingThread() {
        stop_ = true;
        work_.notify();
        thread_.join();
    }
    TrainingThread(const TrainingThread&) = delete;
    TrainingThread& operator=(const TrainingThread&) = delete;

    TrainingRunner& work() noexcept { return work_; }

private:
    SharedWork work_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};
#endif

} // namespace weightless::model
