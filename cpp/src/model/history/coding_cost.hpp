// What bits cost to code: experts that look for their kind of data weigh it against what they
// would do themselves.
#pragma once

#include <bit>
#include <cstdint>

namespace weightless::model {

/// Sums, mod 2^32, of bits as they are coded, Q16.
class CodingCost {
public:
    enum class Wanted : std::uint8_t { nothing, all, detection };

    /// Adds a bit, coded at P(1) = p, Q22; `detection` counts as `all`, too.
    void pay(unsigned bit, std::uint32_t p, Wanted wanted) noexcept {
        if (wanted == Wanted::nothing) {
            return;
        }
        const std::uint32_t q = bit != 0 ? p : (1u << 22) - p;
        // log2 by the bits behind the first.
        const auto size = static_cast<std::uint32_t>(std::bit_width(q));
        const std::uint32_t cost = ((23 - size) << 16) - (((q << (23 - size)) & 0x3fffffu) >> 6);
        all_ += cost;
        detection_ += wanted == Wanted::detection ? cost : 0;
    }

    /// The sums; begins anew.
    CodingCost take() noexcept {
        const CodingCost sums = *this;
        *this = CodingCost();
        return sums;
    }

    std::uint32_t all() const noexcept { return all_; }
    std::uint32_t detection() const noexcept { return detection_; }

private:
    std::uint32_t all_ = 0;
    std::uint32_t detection_ = 0;
};

} // namespace weightless::model
