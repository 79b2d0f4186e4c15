// A queue between two threads: one makes items ahead of the other, which takes them in order.
// Who has nothing to do meanwhile helps with shared work.
#pragma once

#include "model/threads/shared_work.hpp"

#include <atomic>
#include <cstddef>
#include <exception>
#include <vector>

namespace weightless::model {

/// Items pass in batches: what the threads tell each other costs more than an item does. No
/// call waits for what only the same thread can bring about.
template <typename Item> class Pipeline {
public:
    Pipeline() : items_(kItems) {}

    SharedWork& work() noexcept { return work_; }

    // The maker's:

    /// Where the next item is made; valid until push().
    Item& next() noexcept { return items_[made_ % kItems]; }
    /// The item is made. Waits for room for another. False when nobody takes items any more.
    bool push() {
        ++made_;
        if (made_ % kBatch == 0) {
            publish();
        }
        // Once full, half of it is waited for: not for each batch anew.
        return made_ - taken_seen_ < kItems ||
               wait([this] { return made_ - taken_seen_ <= kItems / 2; });
    }
    /// Waits until all items have been taken. False when nobody takes items any more.
    bool drain() {
        publish();
        return wait([this] { return made_ == taken_seen_; });
    }
    /// Nothing follows, because of an error or else all is made. The maker's last call.
    void close(std::exception_ptr error = nullptr) {
        error_ = error;
        publish();
        closed_.store(true, std::memory_order_release);
        work_.notify();
    }

    // The taker's:

    /// The next item, valid until pop(), or nullptr if there will be none. Waits. Throws what
    /// kept the maker from making it.
    const Item* front() {
        if (at_ % kBatch == 0 && published_.load(std::memory_order_relaxed) - at_ < kItems / 2) {
            // There is time: the maker is behind.
            work_.help(SharedWork::kHelper);
        }
        if (at_ == published_seen_) {
            tell();
            work_.help_until(
                [this] {
                    // In this order: what was published before it was closed is seen.
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
    /// The item after the front, or nullptr if it is not known yet.
    const Item* second() const noexcept {
        return at_ + 1 == published_seen_ ? nullptr : &items_[(at_ + 1) % kItems];
    }
    void pop() {
        ++at_;
        if (at_ % kBatch == 0) {
            tell();
        }
    }
    /// No more items are taken.
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
    void tell() {
        taken_.store(at_, std::memory_order_release);
        // Else nobody waits, or still would.
        if (published_.load(std::memory_order_relaxed) - at_ <= kItems / 2) {
            work_.notify();
        }
    }
    // Until ready() with taken_seen_ as of now.
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
    alignas(64) std::atomic<std::size_t> published_{0}; // so many can be taken
    std::size_t made_ = 0;                              // the maker's
    std::size_t taken_seen_ = 0;
    alignas(64) std::atomic<std::size_t> taken_{0}; // so many have been
    std::size_t at_ = 0;                            // the taker's
    std::size_t published_seen_ = 0;
    alignas(64) std::atomic<bool> closed_{false};
    std::atomic<bool> stopped_{false};
    std::exception_ptr error_; // read once closed
};

} // namespace weightless::model
