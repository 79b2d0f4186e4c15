// A thread that trains a network in parallel with the predictions of its owner.
#pragma once

#include "model/threads/shared_work.hpp"

#include <atomic>
#include <thread>

namespace weightless::model {

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

    SharedWork& work() noexcept { return work_; }

private:
    SharedWork work_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

} // namespace weightless::model
