// Where a network's training is run, when not by the call that completes a segment. The network
// knows this interface only; threads implement it (model/threads).
#pragma once

#include <functional>

namespace weightless::model {

/// Takes one job at a time: first() once, then task(index, worker) for each index from 0 to
/// first() - 1, on any threads and in any order. `worker` is in 0..kWorkers-1, and no two tasks
/// that run at the same time are given the same one.
class TrainingRunner {
public:
    static constexpr int kWorkers = 2;

    /// Starts a job; the one before must be finished.
    virtual void start(std::function<int()> first, std::function<void(int, int)> task) = 0;
    /// Returns when the job is finished; may work on it meanwhile. Returns at once if there is
    /// none.
    virtual void finish() = 0;

protected:
    ~TrainingRunner() = default;
};

/// The runner that a network uses, or none. A copy has none; copying waits until the original's
/// job is finished, so that what is copied next is at rest.
class TrainingRunnerSlot {
public:
    TrainingRunnerSlot() = default;
    TrainingRunnerSlot(const TrainingRunnerSlot& other) { other.finish(); }
    TrainingRunnerSlot& operator=(const TrainingRunnerSlot&) = delete;

    TrainingRunner* get() const noexcept { return runner_; }
    /// Finishes what the runner before has begun.
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
