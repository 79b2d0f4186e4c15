// Records: bytes one, two and three rows above. For tables of fixed-length records, images
// and samples. The length of a record is found from the data: how far back bytes recur.
//
// Source: the idea is that of paq8's record model (M. Mahoney).
#pragma once

#include "model/experts/context_list.hpp"
#include "model/history/byte_history.hpp"

#include <array>
#include <cstddef>

namespace weightless::model {

class Records {
public:
    static constexpr std::uint32_t kLongest = 1024;

    /// After history.push().
    void update(ByteHistory& history) noexcept {
        const std::uint32_t position = history.position();
        const std::uint8_t latest = history.back(1);
        // A gap counts when it is the same as the one before it at this byte value.
        const std::uint32_t gap = position - seen_[latest];
        seen_[latest] = position;
        if (gap > 1 && gap <= kLongest && gap == gap_[latest]) {
            std::uint32_t& votes = votes_[gap];
            votes += gap < 32 ? gap : 32;
            total_ += 1;
            if (gap != length_ && votes > votes_[length_]) {
                length_ = gap;
            }
        }
        gap_[latest] = gap;
        if (total_ >= 512) {
            total_ = 0;
            for (std::uint32_t& votes : votes_) {
                votes -= votes >> 1;
            }
        }
    }

    void contexts(ByteHistory& history, bool wide, ContextList& list) const noexcept {
        const std::uint32_t n = length_;
        const std::uint32_t c1 = history.back(1);
        const std::uint32_t up = history.back(n);
        const std::uint32_t up2 = history.back(2 * n);
        const std::uint32_t corner = history.back(n + 1);
        list.add(fixed::combine(up | c1 << 8, n));
        list.add(fixed::combine(up | up2 << 8, n));
        if (wide) {
            const std::uint32_t column = history.position() % n;
            list.add(fixed::combine(column, n));
            list.add(fixed::combine(fixed::combine(up | up2 << 8, history.back(3 * n)), n));
            // Planes: what the byte would be if differences went on.
            list.add(fixed::combine((c1 + up - corner) & 255u, n << 1));
            list.add(fixed::combine((2 * up - up2) & 255u, fixed::combine(c1, n)));
            list.add(fixed::combine(up | c1 << 8 | corner << 16, n));
            list.add(fixed::combine(up | c1 << 8, column));
        }
    }

    std::uint32_t length() const noexcept { return length_; }

private:
    std::array<std::uint32_t, 256> seen_{};
    std::array<std::uint32_t, 256> gap_{};
    std::array<std::uint32_t, kLongest + 1> votes_{};
    std::uint32_t total_ = 0;
    std::uint32_t length_ = 4;
};

} // namespace weightless::model
