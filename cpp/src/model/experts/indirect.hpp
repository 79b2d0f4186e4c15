// Indirect contexts: the bytes that followed the previous occurrences of the last one, two or three
// bytes. For data whose values change slowly or alternate.
//
// Source: paq8's indirect model (M. Mahoney).
#pragma once

#include "model/experts/expert.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class Indirect {
public:
    Indirect() : after2_(65536, 0) {}

    void update(const ByteHistory& bytes) noexcept {
        const std::uint32_t c4 = bytes.last4();
        const std::uint32_t latest = c4 & 255u;
        std::uint32_t& one = after1_[(c4 >> 8) & 255u];
        one = (one << 8) | latest;
        std::uint16_t& two = after2_[(c4 >> 8) & 0xffffu];
        two = static_cast<std::uint16_t>((two << 8) | latest);
    }

    std::size_t memory() const noexcept { return after2_.size() * sizeof(std::uint16_t); }
    static std::size_t memory_for(MemoryBudget) noexcept { return 65536 * sizeof(std::uint16_t); }

    struct One : Contexts<1> {
        static std::uint32_t of(const Indirect& after, const ByteHistory& bytes) noexcept {
            const std::uint32_t latest = bytes.last4() & 255u;
            return hash(latest, after.after1_[latest] & 0xffffu);
        }
    };
    struct Two : Contexts<1> {
        static std::uint32_t of(const Indirect& after, const ByteHistory& bytes) noexcept {
            const std::uint32_t latest = bytes.last4() & 0xffffu;
            return hash(latest, after.after2_[latest]);
        }
    };
    /// The last three bytes that followed, without the latest byte itself.
    struct Followers : Contexts<1> {
        static std::uint32_t of(const Indirect& after, const ByteHistory& bytes) noexcept {
            return hash(after.after1_[bytes.last4() & 255u] & 0xffffffu, 3);
        }
    };

private:
    std::array<std::uint32_t, 256> after1_{}; // the last four bytes that followed each byte
    std::vector<std::uint16_t> after2_;       // the last two bytes that followed each pair
};

class IndirectThree {
public:
    IndirectThree() : after_(65536, 0) {}

    void update(const ByteHistory& bytes) noexcept {
        std::uint16_t& three = after_[place(bytes.last4() >> 8)];
        three = static_cast<std::uint16_t>((three << 8) | (bytes.last4() & 255u));
    }

    std::size_t memory() const noexcept { return after_.size() * sizeof(std::uint16_t); }
    static std::size_t memory_for(MemoryBudget) noexcept { return 65536 * sizeof(std::uint16_t); }

    struct Three : Contexts<1> {
        static std::uint32_t of(const IndirectThree& after, const ByteHistory& bytes) noexcept {
            return hash(after.after_[place(bytes.last4())], 10, bytes.last4() & 255u);
        }
    };

private:
    static std::size_t place(std::uint32_t c4) noexcept { return hash(c4 & 0xffffffu, 5) >> 16; }

    std::vector<std::uint16_t>
        after_; // the last two bytes that followed, indexed by a hash of three
};

} // namespace weightless::model
