// Large blocks of memory that pass from what is torn down to what is built in its place: what
// the system gives anew it must clear first, page by page, which costs more than to build in it.
// No result depends on it.
#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace weightless::fixed {

/// While one exists, blocks that this thread frees are kept for it, until the end of this.
class Recycling {
public:
    Recycling() noexcept : before_(current_) { current_ = this; }
    ~Recycling() {
        current_ = before_;
        for (std::size_t i = 0; i < count_; ++i) {
            ::operator delete(blocks_[i].start, blocks_[i].alignment);
        }
    }
    Recycling(const Recycling&) = delete;
    Recycling& operator=(const Recycling&) = delete;

    /// A block of that size and alignment that was kept; nullptr without one.
    static void* take(std::size_t size, std::align_val_t alignment) noexcept {
        if (current_ == nullptr) {
            return nullptr;
        }
        for (std::size_t i = 0; i < current_->count_; ++i) {
            Block& block = current_->blocks_[i];
            if (block.size == size && block.alignment == alignment) {
                void* start = block.start;
                block = current_->blocks_[--current_->count_];
                return start;
            }
        }
        return nullptr;
    }
    /// Whether the block is kept: if not, it is the caller's to free.
    static bool keep(void* start, std::size_t size, std::align_val_t alignment) noexcept {
        if (current_ == nullptr || current_->count_ == current_->blocks_.size()) {
            return false;
        }
        current_->blocks_[current_->count_++] = {start, size, alignment};
        return true;
    }

private:
    struct Block {
        void* start;
        std::size_t size;
        std::align_val_t alignment;
    };

    static inline thread_local Recycling* current_ = nullptr;

    Recycling* before_;
    std::size_t count_ = 0;
    std::array<Block, 64> blocks_{};
};

} // namespace weightless::fixed
