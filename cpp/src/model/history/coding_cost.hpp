// The coding cost of bits. A detector compares it with what its own predictions would cost.
#pragma once

#include <bit>
#include <cstdint>

namespace weightless::model {

/// Sums of coding costs in bits, Q16, mod 2^32.
class CodingCost {
public:
    enum class Wanted : std::uint8_t { nothing, all, detection };

    /// Adds the cost of a bit coded with P(1) = p, Q22. `detection` is added to both sums.
    void add(unsigned bit, std::uint32_t p, Wanted wanted) noexcept {
        if (wanted == Wanted::nothing) {
            return;
        }
        const std::uint32_t q = bit != 0 ? p : (1u << 22) - p;
        // log2, linear between powers of two.
        const auto size = static_cast<std::uint32_t>(std::bit_width(q));
        const std::uint32_t cost = ((23 - size) << 16) - (((q << (23 - size)) & 0x3fffffu) >> 6);
        all_ += cost;
        detection_ += wanted == Wanted::detection ? cost : 0;
    }

    /// Returns the sums and resets them.
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
