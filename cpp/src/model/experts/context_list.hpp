// Where experts put their contexts at each byte: hashes, told apart by their place.
#pragma once

#include "fixed/hash.hpp"

#include <array>
#include <cstdint>

namespace weightless::model {

class ContextList {
public:
    static constexpr int kMost = 96;

    void clear() noexcept { size_ = 0; }
    /// Adds a context; its place in the list is mixed in.
    void add(std::uint32_t hash) noexcept {
        hashes_[static_cast<std::size_t>(size_)] =
            fixed::combine(hash, static_cast<std::uint32_t>(size_) + 1u);
        ++size_;
    }
    int size() const noexcept { return size_; }
    std::uint32_t operator[](int i) const noexcept { return hashes_[static_cast<std::size_t>(i)]; }

private:
    std::array<std::uint32_t, kMost> hashes_{};
    int size_ = 0;
};

} // namespace weightless::model
