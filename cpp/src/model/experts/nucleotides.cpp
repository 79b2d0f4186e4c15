#include "model/experts/nucleotides.hpp"

#include "model/experts/probability_inputs.hpp"

namespace weightless::model {

void Nucleotides::update(const ByteHistory& history, const Reads& reads) {
    const std::uint32_t byte = history.last4() & 255u;
    int letter = letter_of(byte);
    if (reads.in_fastq() || reads.in_table()) {
        active_ = reads.expects_base();
        letter = reads.latest() == Reads::Part::bases ? letter : -1;
        seen_ = 0;
    } else {
        seen_ += ((letter >= 0 || byte == '\n' ? 65536 : 0) - seen_) / 64;
        active_ = seen_ > (active_ ? 60000 : 64000);
    }
    if (!active_ && (letter < 0 || counts_.empty())) {
        return;
    }
    if (counts_.empty()) {
        counts_.assign((kOrders.size() - kShort) << bits_, 0);
        short_.assign(kShortCells, adaptive::kHalf);
        codons_.begin();
    }
    if (letter >= 0) {
        lower_ = byte & 32u;
        learn(static_cast<std::uint32_t>(letter));
    }
}

void Nucleotides::begin_bit(const PartialByte& partial) noexcept {
    // Which letters may still come, and what their next bit is.
    unsigned one = 0;
    unsigned zero = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned code = kCodes[i] | lower_;
        if ((code | 256u) >> (8 - partial.known) == partial.node) {
            ((code >> (7 - partial.known)) & 1u) != 0 ? one |= 1u << i : zero |= 1u << i;
        }
    }
    choice_ = one != 0 && zero != 0;
    if (!choice_) {
        return;
    }
    node_ = partial.known == 3 ? 0 : (partial.known == 5 ? 1 : 2);
    for (std::size_t i = kShort; i < kOrders.size(); ++i) {
        const unsigned counts = counts_[place_[i]];
        unsigned n[2] = {0, 0};
        for (unsigned k = 0; k < 4; ++k) {
            const unsigned c = counts >> (4 * k) & 15u;
            n[0] += (zero >> k & 1u) != 0 ? c : 0;
            n[1] += (one >> k & 1u) != 0 ? c : 0;
        }
        known_[i] = n[0] + n[1] != 0;
        cell_[i] = i * kPairs + (n[0] < 31 ? n[0] : 31) * 32 + (n[1] < 31 ? n[1] : 31);
    }
}

void Nucleotides::train(unsigned bit) noexcept {
    if (choice_) {
        const std::int32_t* reciprocals = adaptive::reciprocals().data();
        for (std::size_t i = kShort; i < kOrders.size(); ++i) {
            if (known_[i]) {
                adaptive::update(maps_[cell_[i]], bit, 1023, reciprocals);
            }
        }
    }
}

void Nucleotides::predict(std::int16_t* x) const noexcept {
    for (std::size_t i = 0; i < kOrders.size(); ++i) {
        if (!choice_ || (i >= kShort && !known_[i])) {
            x[2 * i] = x[2 * i + 1] = 0;
            continue;
        }
        const std::uint32_t p =
            (i < kShort ? short_[place_[i] * 4 + node_] : maps_[cell_[i]]) >> 10;
        write_probability(p, x + 2 * i);
    }
    x += 2 * kOrders.size();
    std::fill(x, x + Codons::kInputs, std::int16_t{0});
    if (choice_) {
        codons_.predict(node_, x);
    }
}

} // namespace weightless::model
