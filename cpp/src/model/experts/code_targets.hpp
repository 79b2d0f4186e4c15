// The latest distinct targets of branches or calls in machine code. Where the first bits of a
// relative target are known, the targets that have these bits tell the following ones.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// n: the number of targets that are remembered.
template <std::size_t n> class CodeTargets {
public:
    static constexpr std::uint32_t kCount = n;

    /// The target of this rank; 0 is the latest.
    std::uint32_t get(std::size_t rank) const noexcept { return targets_[rank]; }

    void add(std::uint32_t target) noexcept {
        std::size_t i = 0;
        while (i < n - 1 && targets_[i] != target) {
            ++i;
        }
        for (; i > 0; --i) {
            targets_[i] = targets_[i - 1];
        }
        targets_[0] = target;
    }

    /// The latest target that is `known` from here (target - here in the bits of `mask`), minus
    /// here, and its rank; rank n if there is none.
    struct Found {
        std::uint32_t distance;
        std::uint32_t rank;
    };
    Found find(std::uint32_t here, std::uint32_t known, std::uint32_t mask) const noexcept {
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint32_t distance = targets_[i] - here;
            if ((distance & mask) == (known & mask)) {
                return {distance, static_cast<std::uint32_t>(i)};
            }
        }
        return {0, n};
    }

private:
    std::array<std::uint32_t, n> targets_{};
};

} // namespace weightless::model
