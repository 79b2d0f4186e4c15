// Network training shared by two threads, the owner of the network and a helper.
//
// A job has a serial first part, then tasks that both threads may run. Tasks write to disjoint
// memory, so the schedule affects no result. When the owner needs the result, it runs whatever the
// helper has not begun, so that a helper that is scheduled late on a busy machine costs nothing.
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
    /// Identify the thread that works; a task's `worker`.
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

    /// Called by the owner: helps with the job and returns when it is finished.
    void finish() override {
        std::unique_lock lock(mutex_);
        while (stage_ != Stage::none) {
            work(lock, kOwner);
            if (stage_ == Stage::shared) { // the other thread's task ends within microseconds
                lock.unlock();
                for (int i = 0; i < kSpins && stage_ != Stage::none; ++i) {
                    std::this_thread::yield();
                }
                lock.lock();
            }
            changed_.wait(lock, [this] { return stage_ == Stage::none || is_work(); });
        }
    }

    /// Helps with jobs until ready() is true. Another thread makes it true, then calls notify().
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

    /// Helps with the current job, if there is one.
    void help(int worker) {
        if (stage_ != Stage::none) {
            std::unique_lock lock(mutex_);
            work(lock, worker);
        }
    }

    /// Must be called after a change that a thread may be waiting for in help_until().
    void notify() {
        // A thread that evaluated ready() before the change is waiting once the lock is taken.
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

    // Helps with the current job. The lock is released while a task runs.
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

    std::mutex mutex_; // guards all members below; stage_ is also read without it
    std::condition_variable changed_;
    std::function<int()> first_;
    std::function<void(int, int)> task_;
    std::atomic<Stage> stage_{Stage::none};
    int next_ = 0;  // the next task
    int count_ = 0; // the number of tasks
    int left_ = 0;  // the number of tasks not yet finished
};

} // namespace weightless::model
