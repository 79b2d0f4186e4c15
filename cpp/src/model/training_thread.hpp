// One thread that trains while the owner predicts, and the meeting of the two.
//
// A job has a first part, which the thread runs alone, and tasks, which both may take
// once the first part is done. Tasks write to disjoint places, so who runs which, and
// when, changes nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

namespace weightless::model {

class TrainingThread {
public:
    TrainingThread() : thread_([this] { loop(); }) {}
    ~TrainingThread() {
        stop_ = true;
        ticket_.fetch_add(1);
        ticket_.notify_one();
        thread_.join();
    }
    TrainingThread(const TrainingThread&) = delete;
    TrainingThread& operator=(const TrainingThread&) = delete;

    /// Starts a job; the one before must be finished. first() runs on the thread, then
    /// task(index, worker) for index 0..count()-1 wherever there is time.
    void start(std::function<int()> first, std::function<void(int, int)> task) {
        first_ = std::move(first);
        task_ = std::move(task);
        next_ = 0;
        count_ = 0;
        prepared_ = false;
        done_ = false;
        ticket_.fetch_add(1, std::memory_order_release);
        ticket_.notify_one();
    }

    /// Helps with the tasks and returns when the job is finished.
    void finish() {
        prepared_.wait(false, std::memory_order_acquire);
        take(1);
        done_.wait(false, std::memory_order_acquire);
    }

private:
    void take(int worker) {
        const int count = count_.load(std::memory_order_acquire);
        for (int i = next_.fetch_add(1); i < count; i = next_.fetch_add(1)) {
            task_(i, worker);
        }
    }

    void loop() {
        std::uint32_t seen = 0;
        for (;;) {
            ticket_.wait(seen, std::memory_order_acquire);
            seen = ticket_.load(std::memory_order_acquire);
            if (stop_) {
                return;
            }
            count_.store(first_(), std::memory_order_release);
            prepared_.store(true, std::memory_order_release);
            prepared_.notify_one();
            take(0);
            done_.store(true, std::memory_order_release);
            done_.notify_one();
        }
    }

    std::function<int()> first_;
    std::function<void(int, int)> task_;
    std::atomic<int> next_{0};
    std::atomic<int> count_{0};
    std::atomic<bool> prepared_{true};
    std::atomic<bool> done_{true};
    std::atomic<bool> stop_{false};
    std::atomic<std::uint32_t> ticket_{0};
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
