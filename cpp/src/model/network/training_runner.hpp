// The interface through which a network has its training run on other threads. Its implementations
// are in model/threads.
#pragma once

#include <functional>

namespace weightless::model {

/// Takes one job at a time: first() once, then task(index, worker) for each index from 0 to
/// first() - 1, on any threads and in any order. `worker` is in 0..kWorkers-1, and no two tasks
/// that run at the same time are given the same one.
class TrainingRunner {
public:
    static constexpr int kWorkers = 2;

    /// Starts a job; the previous one must be finished.
    virtual void start(std::function<int()> first, std::function<void(int, int)> task) = 0;
    /// Returns when the job is finished; may work on it meanwhile. Returns at once if there is
    /// none.
    virtual void finish() = 0;

protected:
    ~TrainingRunner() = default;
};

/// The runner that a network uses, or none. A copy has none; copying waits until the original's
/// job is finished, so that the members copied after it do not change. Assignment keeps the runner
/// and waits for both.
class TrainingRunnerSlot {
public:
    TrainingRunnerSlot() = default;
    TrainingRunnerSlot(const TrainingRunnerSlot& other) { other.finish(); }
    TrainingRunnerSlot& operator=(const TrainingRunnerSlot& other) {
        finish();
        other.finish();
        return *this;
    }

    TrainingRunner* get() const noexcept { return runner_; }
    /// Finishes the job of the previous runner first.
    void set(TrainingRunner* runner) {
        finish();
        runner_ = runner;
    }
    void finish() const {
        if (runner_ != nullptr) {
            runner_->finish();
        }
    }

private:
    TrainingRunner* runner_ = nullptr;
};

} // namespace weightless::model
