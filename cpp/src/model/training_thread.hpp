// One thread that trains while the owner predicts, and the meeting of the two.
//
// A job has a first part, and tasks, which both may take once the first part is done. Tasks
// write to disjoint places, so who runs which, and when, changes nothing. What the thread has
// not begun when the owner needs it, the owner does: on a machine with other work to do, a
// thread that comes late costs nothing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace weightless::model {

class TrainingThread {
public:
    TrainingThread() : thread_([this] { loop(); }) {}
    ~TrainingThread() {
        {
            const std::lock_guard lock(mutex_);
            stop_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    TrainingThread(const TrainingThread&) = delete;
    TrainingThread& operator=(const TrainingThread&) = delete;

    /// Starts a job; the one before must be finished. first() runs once, then
    /// task(index, worker) for index 0..first()-1 wherever there is time.
    void start(std::function<int()> first, std::function<void(int, int)> task) {
        {
            const std::lock_guard lock(mutex_);
            first_ = std::move(first);
            task_ = std::move(task);
            stage_ = Stage::offered;
        }
        changed_.notify_all();
    }

    /// Helps with the job and returns when it is finished.
    void finish() {
        std::unique_lock lock(mutex_);
        while (stage_ != Stage::none) {
            work(lock, 1);
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

private:
    enum class Stage { none, offered, begun, shared };
    static constexpr int kSpins = 100;

    bool is_work() const {
        return stage_ == Stage::offered || (stage_ == Stage::shared && next_ < count_);
    }

    // Does what there is to do. The lock is held but while at work.
    void work(std::unique_lock<std::mutex>& lock, int worker) {
        while (is_work()) {
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
    }

    void loop() {
        std::unique_lock lock(mutex_);
        while (!stop_) {
            work(lock, 0);
            changed_.wait(lock, [this] { return stop_ || is_work(); });
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
    bool stop_ = false;
    std::thread thread_;
};

/// A place for such a thread, or for none. A copy of its owner starts without one; copying
/// waits for the original's job, so that what is copied next is at rest.
class TrainingSlot {
public:
    TrainingSlot() = default;
    TrainingSlot(const TrainingSlot& other) { other.finish(); }
    TrainingSlot& operator=(const TrainingSlot&) = delete;

    bool enabled() const noexcept { return thread_ != nullptr; }
    void enable(bool on) {
        if (on != enabled()) {
            thread_ = on ? std::make_unique<TrainingThread>() : nullptr;
        }
    }
    void start(std::function<int()> first, std::function<void(int, int)> task) {
        thread_->start(std::move(first), std::move(task));
    }
    void finish() const {
        if (thread_) {
            thread_->finish();
        }
    }

private:
    std::unique_ptr<TrainingThread> thread_;
};

} // namespace weightless::model
