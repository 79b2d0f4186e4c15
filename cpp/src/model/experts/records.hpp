// Records of fixed length: the same column of the last three records. For tables, images and
// samples. The length of a record is detected from the distances at which bytes recur.
//
// Source: the idea is that of paq8's record model (M. Mahoney).
#pragma once

#include "model/experts/expert.hpp"

#include <array>
#include <cstddef>

namespace weightless::model {

class Records {
public:
    static constexpr std::uint32_t kLongest = 1024;

    void update(const ByteHistory& bytes) noexcept {
        const std::uint32_t position = bytes.position();
        const std::uint8_t latest = bytes.back(1);
        // A gap is counted if it equals the previous gap of the same byte value.
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

    struct Above : Contexts<1> {
        static std::uint32_t of(const Records& records, const ByteHistory& bytes) noexcept {
            const View v(records, bytes);
            return hash(v.up | v.latest << 8, v.n);
        }
    };
    struct TwoAbove : Contexts<1> {
        static std::uint32_t of(const Records& records, const ByteHistory& bytes) noexcept {
            const View v(records, bytes);
            return hash(v.up | v.up2 << 8, v.n);
        }
    };
    struct Column : Contexts<1> {
        static std::uint32_t of(const Records& records, const ByteHistory& bytes) noexcept {
            const View v(records, bytes);
            return hash(v.column, v.n);
        }
    };
    struct ThreeAbove : Contexts<1> {
        static std::uint32_t of(const Records& records, const ByteHistory& bytes) noexcept {
            const View v(records, bytes);
            return hash(v.up | v.up2 << 8, bytes.back(3 * v.n), v.n);
        }
    };
    /// The plane through the bytes to the left, above, and above left.
    struct Plane : Contexts<1> {
        static std::uint32_t of(const Records& records, const ByteHistory& bytes) noexcept {
            const View v(records, bytes);
            return hash((v.latest + v.up - v.corner) & 255u, v.n << 1);
        }
    };
    /// The two bytes above, extrapolated linearly, and the latest byte.
    struct Extrapolated : Contexts<1> {
        static std::uint32_t of(const Records& records, const ByteHistory& bytes) noexcept {
            const View v(records, bytes);
            return hash((2 * v.up - v.up2) & 255u, hash(v.latest, v.n));
        }
    };
    /// The bytes above, to the left, and above left.
    struct Neighbours : Contexts<1> {
        static std::uint32_t of(const Records& records, const ByteHistory& bytes) noexcept {
            const View v(records, bytes);
            return hash(v.up | v.latest << 8 | v.corner << 16, v.n);
        }
    };
    struct AboveAndColumn : Contexts<1> {
        static std::uint32_t of(const Records& records, const ByteHistory& bytes) noexcept {
            const View v(records, bytes);
            return hash(v.up | v.latest << 8, v.column);
        }
    };

    /// The column, if records have at most 256 bytes.
    struct ShortColumn : Selector<256 * 8> {
        static int of(const Records& records, const ByteHistory& bytes,
                      const PartialByte& partial) noexcept {
            const std::uint32_t n = records.length_;
            return n <= 256 ? static_cast<int>((bytes.position() % n) * 8) + partial.known
                            : partial.known;
        }
    };

private:
    // The neighbours of the next byte.
    struct View {
        View(const Records& records, const ByteHistory& bytes) noexcept
            : n(records.length_), latest(bytes.back(1)), up(bytes.back(n)), up2(bytes.back(2 * n)),
              corner(bytes.back(n + 1)), column(bytes.position() % n) {}
        std::uint32_t n;
        std::uint32_t latest;
        std::uint32_t up; // the byte above
        std::uint32_t up2;
        std::uint32_t corner;
        std::uint32_t column;
    };

    std::array<std::uint32_t, 256> seen_{};
    std::array<std::uint32_t, 256> gap_{};
    std::array<std::uint32_t, kLongest + 1> votes_{};
    std::uint32_t total_ = 0;
    std::uint32_t length_ = 4;
};

} // namespace weightless::model
