// One thread that trains while the owner predicts.
#pragma once

#include "model/threads/shared_work.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

namespace weightless::model {

class TrainingThread {
public:
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

/// Where an owner's jobs are helped with: by a thread of its own, by somebody else's, or by none.
/// A copy of the owner starts with none; copying waits for the original's job, so that what is
/// copied next is at rest.
class TrainingSlot {
public:
    TrainingSlot() = default;
    TrainingSlot(const TrainingSlot& other) { other.finish(); }
    TrainingSlot& operator=(const TrainingSlot&) = delete;

    bool enabled() const noexcept { return work_ != nullptr; }
    /// Whether there is a thread of its own. Throws std::system_error, and there is none.
    void enable(bool on) {
        finish();
        work_ = nullptr;
        if (on != (thread_ != nullptr)) {
            thread_ = on ? std::make_unique<TrainingThread>() : nullptr;
        }
        work_ = on ? &thread_->work() : nullptr;
    }
    /// Jobs are somebody else's to help with, until enable().
    void lend(SharedWork& work) {
        finish();
        thread_ = nullptr;
        work_ = &work;
    }
    void start(std::function<int()> first, std::function<void(int, int)> task) {
        work_->start(std::move(first), std::move(task));
    }
    void finish() const {
        if (work_ != nullptr) {
            work_->finish();
        }
    }

private:
    std::unique_ptr<TrainingThread> thread_;
    SharedWork* work_ = nullptr;
};

} // namespace weightless::model
