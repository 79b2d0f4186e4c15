// The match model: finds the latest earlier occurrence of the last bytes and predicts the byte that
// followed it. For all data with repeats. A match is kept after a few mispredicted bytes, because
// records often differ in single bytes only.
//
// Source: the idea is that of M. Mahoney's paq8 and lpaq; its recovery after a miss that of
// paq8px.
#pragma once

#include "fixed/aligned.hpp"
#include "fixed/hash.hpp"
#include "fixed/prefetch.hpp"
#include "fixed/tracked.hpp"
#include "model/history/adaptive_map.hpp"
#include "model/history/byte_history.hpp"
#include "model/history/long_matches.hpp"
#include "model/history/raw_history.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace weightless::model {

class MatchModel {
public:
    static constexpr int kInputs = 2;
    static constexpr int kBuckets = 16;

    /// Finds matches by a hash of the last `least` bytes, in a table of 2^bits entries, which
    /// doubles as the data grow up to 2^most entries.
    MatchModel(int least, int bits, int most)
        : least_(static_cast<std::uint32_t>(least)), shift_(32 - bits), least_shift_(32 - most),
          places_(Places(std::size_t{1} << bits, 0)), map_(kCells, 1023) {}

    /// Must be called after the push() of both histories. Prefetches the entry that find() needs.
    void begin_byte(const ByteHistory& symbols, const RawHistory& raw) {
        if (found_) {
            const bool hit =
                among_bytes_ ? byte_ == raw.last() : expected_ == (symbols.last4() & 255u);
            misses_ = ((misses_ << 1) | (hit ? 0u : 1u)) & 255u;
            length_ = hit ? std::min(length_ + 1, kLongest) : 0;
            ++place_;
            found_ = std::popcount(misses_) <= 4;
        }
        if (raw.position() >= places_.size() && shift_ > least_shift_) {
            grow();
        }
        std::uint32_t hash = 0;
        for (std::uint32_t i = 1; i <= least_; ++i) {
            hash = fixed::combine(hash, symbols.back(i) + 1u);
        }
        entry_ = hash >> shift_;
        fixed::prefetch(&places_[entry_]);
    }

    /// In place of begin_byte() and find() for bytes that were copied: the latest of them was the
    /// one before `place`.
    void follow(const RawHistory& raw, std::uint64_t place) noexcept {
        place_ = place - 1;
        byte_ = raw.last();
        length_ = kLongest;
        misses_ = 0;
        found_ = true;
        among_bytes_ = true;
    }

    /// In place of begin_byte() and find() for bytes that were skipped: the match, if there was
    /// one, is lost.
    void lose() noexcept {
        found_ = false;
        length_ = 0;
    }

    /// Must be called after begin_byte(), best with other work in between. raw: the bytes so far as
    /// they are in the data. shift: the symbol of the next byte is the byte plus this, mod 256.
    /// far: finds occurrences among bytes; one replaces a match among symbols that is shorter.
    void find(const ByteHistory& symbols, const RawHistory& raw, std::uint8_t shift,
              const LongMatches& far) {
        std::uint32_t& entry = places_.write(entry_);
        if (!found_ || length_ < least_) {
            const std::uint32_t reach = symbols.position() - entry;
            if (entry != 0 && reach != 0 && reach < symbols.size() - kLongest &&
                try_candidate(symbols, entry, raw.position() - reach)) {
                among_bytes_ = false;
            }
            const std::uint64_t place = far.candidate();
            if (place != 0 && raw.position() - place < raw.size() - kLongest &&
                try_candidate(raw, place, place)) {
                among_bytes_ = true;
            }
        }
        entry = symbols.position();
        if (found_) {
            if (among_bytes_) { // otherwise there may be fewer bytes than symbols
                byte_ = raw.at(place_);
                expected_ = (byte_ + shift) & 255u;
            } else {
                expected_ = symbols.at(static_cast<std::uint32_t>(place_));
            }
        }
    }

    /// Between begin_byte() and find(): the symbol that a match that goes on expects, or -1.
    int continued(const ByteHistory& symbols, const RawHistory& raw,
                  std::uint8_t shift) const noexcept {
        if (!found_) {
            return -1;
        }
        return among_bytes_ ? (raw.at(place_) + shift) & 255
                            : symbols.at(static_cast<std::uint32_t>(place_));
    }

    /// Writes kInputs inputs for the next bit; c0 is the partial byte with a leading 1.
    void predict(unsigned c0, int bits_known, std::int16_t* out) noexcept {
        agrees_ = found_ && ((expected_ | 256u) >> (8 - bits_known)) == c0;
        if (!agrees_) {
            out[0] = out[1] = 0;
            return;
        }
        const unsigned bit = (expected_ >> (7 - bits_known)) & 1u;
        const auto recent = static_cast<unsigned>(std::min(std::popcount(misses_), 3));
        cell_ = (static_cast<std::size_t>(bucket()) * 4 + recent) * 2 + bit;
        const std::uint32_t p = map_.p(cell_);
        out[0] = fixed::Logistic::get().stretch(p);
        out[1] = static_cast<std::int16_t>((static_cast<std::int32_t>(p) - (1 << 21)) >> 9);
    }

    void update(unsigned bit) noexcept {
        if (agrees_) {
            map_.update(cell_, bit);
        }
    }

    /// 0: there is no match that agrees with the partial byte; otherwise its length, quantised to
    /// 1 to kBuckets - 1.
    int state() const noexcept { return agrees_ ? bucket() : 0; }
    /// The expected symbol, or -1 if there is no match.
    int expected() const noexcept { return found_ ? static_cast<int>(expected_) : -1; }
    std::uint32_t length() const noexcept { return found_ ? length_ : 0; }
    /// Where in the data the expected byte is; 0 without a match.
    std::uint64_t place() const noexcept { return found_ ? place_ : 0; }
    std::size_t memory() const noexcept {
        return places_.size() * sizeof(std::uint32_t) + map_.memory();
    }
    /// The most that a model takes after `content` bytes, also while its table grows.
    static std::uint64_t memory_for(int bits, int most, std::uint64_t content) noexcept {
        const std::uint64_t least = std::uint64_t{1} << bits;
        const std::uint64_t greatest = std::uint64_t{1} << most;
        const std::uint64_t entries =
            std::clamp(std::bit_ceil(std::min(content, greatest) + 1), least, greatest);
        return (entries + (entries > least ? entries / 2 : 0)) * sizeof(std::uint32_t) +
               AdaptiveMap::memory_for(kCells);
    }

private:
    using Places = fixed::AlignedVector<std::uint32_t>;

    // Doubles the table. Every entry is then at both of the places where it may be looked for.
    void grow() {
        Places places(2 * places_.size(), 0);
        for (std::size_t i = 0; i < places_.size(); ++i) {
            places[2 * i] = places[2 * i + 1] = places_[i];
        }
        places_ = fixed::Tracked<std::uint32_t>(std::move(places));
        --shift_;
    }

    static constexpr std::uint32_t kLongest = 400;
    static constexpr std::size_t kCells = kBuckets * 4 * 2;

    int bucket() const noexcept {
        const std::uint32_t n = length_;
        const std::uint32_t b = n < 8     ? 1 + n / 2
                                : n < 16  ? 5 + (n - 8) / 4
                                : n < 32  ? 7 + (n - 16) / 8
                                : n < 64  ? 9 + (n - 32) / 16
                                : n < 400 ? 11 + std::min((n - 64) / 100, 3u)
                                          : 15;
        return static_cast<int>(b);
    }

    // position: of the candidate in `history`; place: its position among bytes.
    template <class History, typename Position>
    bool try_candidate(const History& history, Position position, std::uint64_t place) {
        const std::uint32_t length = common(history, position);
        if (length < least_ || length <= length_) {
            return false;
        }
        place_ = place;
        length_ = length;
        misses_ = 0;
        found_ = true;
        return true;
    }

    template <class History, typename Position>
    static std::uint32_t common(const History& history, Position position) noexcept {
        std::uint32_t n = 0;
        while (n < 64 && n < position && history.at(position - 1 - n) == history.back(n + 1)) {
            ++n;
        }
        return n;
    }

    std::uint32_t least_;
    int shift_;
    int least_shift_;
    fixed::Tracked<std::uint32_t> places_; // positions after matched bytes; 0: none
    AdaptiveMap map_;
    std::size_t entry_ = 0;   // index of the current position's entry
    std::uint64_t place_ = 0; // position of the expected byte
    std::uint32_t length_ = 0;
    unsigned misses_ = 0;   // a bit for each of the last 8 bytes
    unsigned byte_ = 0;     // the expected byte
    unsigned expected_ = 0; // its symbol
    bool found_ = false;
    bool among_bytes_ = false; // found among bytes, not among symbols
    bool agrees_ = false;
    std::size_t cell_ = 0;
};

} // namespace weightless::model
