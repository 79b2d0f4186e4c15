// The coding cost of bits. A detector compares it with what its own predictions would cost.
#pragma once

#include <bit>
#include <cstdint>
#include <utility>

namespace weightless::model {

/// Sums of coding costs in bits, Q16, mod 2^32.
class CodingCost {
public:
    /// What a bit's cost is added to; bits of a mask.
    enum class Wanted : std::uint8_t { nothing = 0, all = 1, detection = 3, image = 4, pages = 8 };
    friend constexpr Wanted operator|(Wanted a, Wanted b) noexcept {
        return static_cast<Wanted>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
    }

    /// Adds the cost of a bit coded with P(1) = p, Q22. `detection` is added to `all` as well.
    void add(unsigned bit, std::uint32_t p, Wanted wanted) noexcept {
        if (wanted == Wanted::nothing) {
            return;
        }
        const std::uint32_t q = bit != 0 ? p : (1u << 22) - p;
        // log2, linear between powers of two.
        const auto size = static_cast<std::uint32_t>(std::bit_width(q));
        const std::uint32_t cost = ((23 - size) << 16) - (((q << (23 - size)) & 0x3fffffu) >> 6);
        const auto mask = static_cast<std::uint32_t>(wanted);
        all_ += (mask & 1u) * cost;
        detection_ += (mask >> 1 & 1u) * cost;
        image_ += (mask >> 2 & 1u) * cost;
        pages_ += (mask >> 3) * cost;
    }

    /// Returns the sums and resets those of all() and detection().
    CodingCost take() noexcept {
        const CodingCost sums = *this;
        all_ = detection_ = 0;
        return sums;
    }
    /// Returns the sum for images and resets it.
    std::uint32_t take_image() noexcept { return std::exchange(image_, 0u); }
    /// The same for pages of indices.
    std::uint32_t take_pages() noexcept { return std::exchange(pages_, 0u); }

    std::uint32_t all() const noexcept { return all_; }
    std::uint32_t detection() const noexcept { return detection_; }

private:
    std::uint32_t all_ = 0;
    std::uint32_t detection_ = 0;
    std::uint32_t image_ = 0;
    std::uint32_t pages_ = 0;
};

} // namespace weightless::model
