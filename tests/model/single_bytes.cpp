// Follows contexts by single_bytes.hpp and a table of slots, as context_models.hpp does, and beside
// it all bit histories one by one. Prints how many bits had each state, how many states differed,
// and how many slots there were, with and without slots for single bytes.

#include "model/history/single_bytes.hpp"
#include "fixed/hash.hpp"
#include "model/history/bit_history.hpp"
#include "model/history/history_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <utility>

namespace {

using namespace weightless;
using namespace weightless::model;

struct Counts {
    int bits = 0;
    int different = 0;
    std::set<std::uint32_t> slots; // hashes that were looked up
    std::set<std::uint32_t> all;   // what there would be if every nibble had a slot
};

template <bool writes> class Followed {
public:
    Followed() { table_.grow(1 << 20); } // so that no slot is replaced

    void byte(std::uint32_t context, std::uint8_t value, Counts& counts) {
        std::uint8_t* first = find(context, counts);
        counts.all.insert(context);
        singles_.begin_byte(0, first);
        bits(context, 1, value >> 4, first, counts);
        const unsigned node = 16u | value >> 4;
        const std::uint32_t hash = fixed::combine(context, node);
        counts.all.insert(hash);
        std::array<std::uint8_t, 16> blank{};
        std::uint8_t* slot = singles_.lower(0, node, blank.data());
        if (slot == nullptr) {
            if (singles_.departed(0)) {
                const std::uint32_t earlier = fixed::combine(context, singles_.single_node(0));
                singles_.store(0, find(earlier, counts));
            }
            slot = find(hash, counts);
        }
        bits(context, node, value & 15u, slot, counts);
        if (!writes) { // as byte runs do
            std::uint8_t* run = first + HistoryTable::kSpare;
            const auto longer = static_cast<std::uint8_t>(run[1] < 254 ? run[1] + 2 : run[1]);
            run[1] = run[1] == 0 ? 2 : (run[0] == value ? longer : 3);
            run[0] = value;
        }
        if (singles_.end_byte(0, value)) {
            singles_.move(0, find(hash, counts));
        }
    }

private:
    std::uint8_t* find(std::uint32_t hash, Counts& counts) {
        counts.slots.insert(hash);
        return table_.find(hash);
    }
    // Four bits, from the most significant one on. node: of the byte's tree.
    void bits(std::uint32_t context, unsigned node, unsigned nibble, std::uint8_t* slot,
              Counts& counts) {
        unsigned at = 1;
        for (int shift = 3; shift >= 0; --shift) {
            const unsigned bit = nibble >> shift & 1u;
            std::uint8_t& expected = states_[{context, node}];
            ++counts.bits;
            counts.different += slot[at] != expected ? 1 : 0;
            expected = BitHistory::get().next(expected, bit);
            slot[at] = BitHistory::get().next(slot[at], bit);
            at = at << 1 | bit;
            node = node << 1 | bit;
        }
    }

    HistoryTable table_{22};
    SingleBytes<1, writes> singles_;
    std::map<std::pair<std::uint32_t, unsigned>, std::uint8_t> states_;
};

template <bool writes> void measure() {
    Followed<writes> followed;
    Counts counts;
    std::mt19937 random(1);
    for (int i = 0; i < 40'000; ++i) {
        // Context k is followed by its own byte k, by one with the same upper nibble more seldom,
        // and by any other one still more seldom; some contexts come often, most only a few times.
        const std::uint32_t k = random() % (1u << (random() % 14));
        const unsigned kind = random() % 64;
        const unsigned value = kind < 60 ? k : (kind < 62 ? k ^ (random() & 15u) : random());
        followed.byte(fixed::combine(k, 7), static_cast<std::uint8_t>(value), counts);
    }
    std::printf("%d %d %zu %zu\n", counts.bits, counts.different, counts.slots.size(),
                counts.all.size());
}

} // namespace

int main() {
    measure<false>();
    measure<true>();
}
