// A network's training as work that two threads share, and where they wait for one another.
//
// A job has a first part, and tasks, which both may take once the first part is done. Tasks
// write to disjoint places, so which thread runs which, and when, changes nothing. What the
// helper has not begun when the owner needs it, the owner does: on a machine with other work to
// do, a helper that comes late costs nothing.
#pragma once

#include "model/network/training_runner.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace weightless::model {

class SharedWork final : public TrainingRunner {
public:
    /// Which thread works; a task's `worker`.
    static constexpr int kHelper = 0;
    static constexpr int kOwner = 1;
    static_assert(kOwner < kWorkers);

    SharedWork() = default;
    SharedWork(const SharedWork&) = delete;
    SharedWork& operator=(const SharedWork&) = delete;

    void start(std::function<int()> first, std::function<void(int, int)> task) override {
        {
            const std::lock_guard lock(mutex_);
            first_ = std::move(first);
            task_ = std::move(task);
            stage_ = Stage::offered;
        }
        changed_.notify_all();
    }

    /// The owner's: helps with the job and returns when it is finished.
    void finish() override {
        std::unique_lock lock(mutex_);
        while (stage_ != Stage::none) {
            work(lock, kOwner);
            if (stage_ == Stage::shared) { // a task of the other's, done in microseconds
                lock.unlock();
                for (int i = 0; i < kSpins && stage_ != Stage::none; ++i) {
                    std::this_thread::yield();
                }
                lock.lock();
            }
            changed_.wait(lock, [this] { return stage_ == Stage::none || is_work(); });
        }
    }

    /// Helps with jobs until ready(), which another thread makes true before it calls notify().
    template <typename Ready> void help_until(Ready ready, int worker) {
        if (ready()) {
            return;
        }
        std::unique_lock lock(mutex_);
        while (!ready()) {
            if (is_work()) {
                work_once(lock, worker);
            } else {
                changed_.wait(lock, [&] { return ready() || is_work(); });
            }
        }
    }

    /// Does what there is to do.
    void help(int worker) {
        if (stage_ != Stage::none) {
            std::unique_lock lock(mutex_);
            work(lock, worker);
        }
    }

    /// After a change that somebody waits for in help_until().
    void notify() {
        // Whoever looked before the change waits by now.
        {
            const std::lock_guard lock(mutex_);
        }
        changed_.notify_all();
    }

private:
    enum class Stage { none, offered, begun, shared };
    static constexpr int kSpins = 100;

    bool is_work() const {
        return stage_ == Stage::offered || (stage_ == Stage::shared && next_ < count_);
    }

    // Does what there is to do. The lock is held but while at work.
    void work(std::unique_lock<std::mutex>& lock, int worker) {
        while (is_work()) {
            work_once(lock, worker);
        }
    }
    void work_once(std::unique_lock<std::mutex>& lock, int worker) {
        if (stage_ == Stage::offered) {
            stage_ = Stage::begun;
            lock.unlock();
            const int count = first_();
            lock.lock();
            next_ = 0;
            count_ = count;
            left_ = count;
            stage_ = Stage::shared;
            changed_.notify_all();
        } else {
            const int index = next_++;
            lock.unlock();
            task_(index, worker);
            lock.lock();
            --left_;
        }
        if (left_ == 0) {
            stage_ = Stage::none;
            changed_.notify_all();
        }
    }

    std::mutex mutex_; // of all that follows, but for a glance at the stage
    std::condition_variable changed_;
    std::function<int()> first_;
    std::function<void(int, int)> task_;
    std::atomic<Stage> stage_{Stage::none};
    int next_ = 0;  // task to be taken
    int count_ = 0; // of all tasks
    int left_ = 0;  // not yet finished
};

} // namespace weightless::model
