// A bounded queue between two threads: a producer and a consumer. A thread that would otherwise
// wait helps with shared work.
#pragma once

#include "model/threads/shared_work.hpp"

#include <atomic>
#include <cstddef>
#include <exception>
#include <vector>

namespace weightless::model {

/// Items are published in batches, since synchronisation costs more than an item. No call waits for
/// an event that only the calling thread could cause.
template <typename Item> class Pipeline {
public:
    Pipeline() : items_(kItems) {}

    SharedWork& work() noexcept { return work_; }

    // Called by the producer:

    /// The storage of the next item; valid until push().
    Item& next() noexcept { return items_[made_ % kItems]; }
    /// Appends the item in next() and waits until there is room for another. Returns false if the
    /// consumer has stopped.
    bool push() {
        ++made_;
        if (made_ % kBatch == 0) {
            publish();
        }
        // A full queue is waited for until half of it is free, not for each batch.
        return made_ - taken_seen_ < kItems ||
               wait([this] { return made_ - taken_seen_ <= kItems / 2; });
    }
    /// Waits until all items have been consumed. Returns false if the consumer has stopped.
    bool drain() {
        publish();
        return wait([this] { return made_ == taken_seen_; });
    }
    /// The producer's last call: there are no more items, because of an error if one is given.
    void close(std::exception_ptr error = nullptr) {
        error_ = error;
        publish();
        closed_.store(true, std::memory_order_release);
        work_.notify();
    }

    // Called by the consumer:

    /// Waits for the next item, which is valid until pop(); nullptr if there are no more. Throws
    /// the error that close() was given.
    const Item* front() {
        if (at_ % kBatch == 0 && published_.load(std::memory_order_relaxed) - at_ < kItems / 2) {
            // The producer is the slower one, so there is time to help.
            work_.help(SharedWork::kHelper);
        }
        if (at_ == published_seen_) {
            publish_taken();
            work_.help_until(
                [this] {
                    // In this order, so that items published before close() are seen.
                    const bool closed = closed_.load(std::memory_order_acquire);
                    published_seen_ = published_.load(std::memory_order_acquire);
                    return at_ != published_seen_ || closed;
                },
                SharedWork::kHelper);
            if (at_ == published_seen_) {
                if (error_) {
                    std::rethrow_exception(error_);
                }
                return nullptr;
            }
        }
        return &items_[at_ % kItems];
    }
    /// The item after the front, or nullptr if there is none yet.
    const Item* second() const noexcept {
        return at_ + 1 == published_seen_ ? nullptr : &items_[(at_ + 1) % kItems];
    }
    void pop() {
        ++at_;
        if (at_ % kBatch == 0) {
            publish_taken();
        }
    }
    /// The consumer takes no more items.
    void stop() {
        stopped_.store(true, std::memory_order_release);
        work_.notify();
    }

private:
    static constexpr std::size_t kBatch = 64;
    static constexpr std::size_t kItems = 16 * kBatch;

    void publish() {
        published_.store(made_, std::memory_order_release);
        work_.notify();
    }
    void publish_taken() {
        taken_.store(at_, std::memory_order_release);
        // Otherwise the producer does not wait, or would have to go on waiting.
        if (published_.load(std::memory_order_relaxed) - at_ <= kItems / 2) {
            work_.notify();
        }
    }
    // Updates taken_seen_ until ready() is true.
    template <typename Ready> bool wait(Ready ready) {
        bool stopped = false;
        work_.help_until(
            [&] {
                taken_seen_ = taken_.load(std::memory_order_acquire);
                stopped = stopped_.load(std::memory_order_acquire);
                return ready() || stopped;
            },
            SharedWork::kOwner);
        return !stopped;
    }

    SharedWork work_;
    std::vector<Item> items_;
    alignas(64) std::atomic<std::size_t> published_{0}; // the number of items that can be consumed
    std::size_t made_ = 0;                              // owned by the producer
    std::size_t taken_seen_ = 0;
    alignas(64) std::atomic<std::size_t> taken_{0}; // the number of items that have been consumed
    std::size_t at_ = 0;                            // owned by the consumer
    std::size_t published_seen_ = 0;
    alignas(64) std::atomic<bool> closed_{false};
    std::atomic<bool> stopped_{false};
    std::exception_ptr error_; // read only after closed_ is true
};

} // namespace weightless::model
