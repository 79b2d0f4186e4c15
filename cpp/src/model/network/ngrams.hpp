// n-gram logits: logits in the contexts of the last 2, 3, ... bytes and of words, trained together
// with the network's own. docs/network.md defines them.
//
// A context has a slot of 32 bytes, found by a hash, with the weights of up to nine byte
// values that have followed it; two slots share a cache line, and a new context
// replaces the one that has been used less. So a context costs one cache miss; its line is
// prefetched while the network computes its logits.
//
// Formats. Weights Q10 within +-16; scales Q24 within [0, 2]; errors Q24, taken as Q15.
//
// Source: Mikolov, Deoras, Povey, Burget & Cernocky, "Strategies for training large scale
// neural network language models" (ASRU 2011) train n-gram features with a network.
#pragma once

#include "fixed/arithmetic.hpp"
#include "fixed/growing_lines.hpp"
#include "fixed/hash.hpp"
#include "fixed/prefetch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class Ngrams {
public:
    static constexpr int kLongest = 8; // bytes of context

    /// Contexts of 2 to `longest` bytes (0: none), of the current word (words > 0) and of it
    /// with the previous word (words > 1), in a table of 2^bits bytes, 16 <= bits <= 30.
    Ngrams(int longest, int words, int bits)
        : table_(bits, kPerByte), longest_(longest),
          contexts_((longest == 0 ? 0 : longest - 1) + words) {
        for (auto& scales : scales_) {
            scales.fill(1 << 24);
        }
        for (std::uint32_t n = 0; n < rates_.size(); ++n) {
            rates_[n] = static_cast<std::int32_t>(
                fixed::square_root((1u << 29) / (n + 2))); // 1 / sqrt(1 + n / 2), Q14
        }
        look_up();
    }

    /// Adds the present context's logits (Q15) to `logits`.
    void add(std::int32_t* logits) noexcept {
        for (int c = 0; c < contexts_; ++c) {
            Context& context = context_[static_cast<std::size_t>(c)];
            context.slot = find(context.hash);
            const Slot& slot = slots()[context.slot];
            const std::int32_t scale = (scale_of(c, slot) + (1 << 9)) >> 10; // Q14
            for (std::size_t i = 0; i < slot.used; ++i) {
                logits[slot.symbols[i]] += (slot.weights[i] * scale + (1 << 8)) >> 9;
            }
        }
    }

    /// Takes the actual byte; must be called after add(). error: p - onehot, Q24.
    void update(const std::int32_t* error, std::uint8_t byte) noexcept {
        for (int c = 0; c < contexts_; ++c) {
            const std::size_t place = context_[static_cast<std::size_t>(c)].slot;
            table_.touch(place * sizeof(Slot));
            Slot& slot = slots()[place];
            std::int32_t& scale = scale_of(c, slot);
            const std::int32_t rate = rates_[slot.count];
            keep(slot, byte);
            std::int32_t gradient =
                0; // with respect to the scale, Q25: |sum of error| < 2^16 + 2^4
            for (std::size_t i = 0; i < slot.used; ++i) {
                const std::int32_t e = (error[slot.symbols[i]] + (1 << 8)) >> 9;
                std::int16_t& weight = slot.weights[i];
                gradient += e * weight;
                weight = static_cast<std::int16_t>(fixed::clamp(
                    weight - ((e * rate + (1 << 18)) >> 19), -kWeightLimit, kWeightLimit));
            }
            scale = fixed::clamp(scale - 2 * fixed::clamp(gradient >> 11, -(1 << 16), 1 << 16), 0,
                                 kScaleLimit);
            slot.count = static_cast<std::uint8_t>(slot.count + (slot.count < 255 ? 1 : 0));
        }
        table_.grow(++position_);
        history_ = (history_ << 8) | byte;
        const int letter = byte | 32;
        if ((letter >= 'a' && letter <= 'z') || byte >= 128) {
            word_ = fixed::combine(word_, static_cast<std::uint32_t>(letter));
        } else if (word_ != 0) {
            word_before_ = word_;
            word_ = 0;
        }
        look_up();
    }

    std::size_t memory() const noexcept { return table_.memory(); }
    static std::size_t memory_for(int bits) noexcept { return std::size_t{1} << bits; }

private:
    static constexpr int kPerByte = 12; // 2^kPerByte bytes of table for each byte of data
    static constexpr std::size_t kSymbols = 9;
    static constexpr std::int32_t kWeightLimit = 1 << 14;
    static constexpr std::int32_t kScaleLimit = 1 << 25;

    struct Slot {
        std::uint16_t check;
        std::uint8_t count; // times seen, at most 255
        std::uint8_t used;  // number of symbols in it
        std::int16_t weights[kSymbols];
        std::uint8_t symbols[kSymbols];
    };
    static_assert(sizeof(Slot) == 32);

    struct Context {
        std::uint32_t hash = 0;
        std::size_t slot = 0;
    };

    // There is a scale for contexts seen 0, 1, 2-3, 4-7, ... times each.
    std::int32_t& scale_of(int context, const Slot& slot) noexcept {
        const int seen = slot.count == 0 ? 0 : fixed::log2_floor(slot.count) + 1;
        return scales_[static_cast<std::size_t>(context)][static_cast<std::size_t>(seen)];
    }

    Slot* slots() noexcept { return table_.as<Slot>(); }

    // The first slot of the line for a hash.
    std::size_t line(std::uint32_t hash) const noexcept { return table_.line(hash) * 2; }

    // Either slot of the line may have the context. If another context of the same byte has since
    // replaced it, update() trains that one, which is harmless.
    std::size_t find(std::uint32_t hash) noexcept {
        const std::size_t first = line(hash);
        const Slot* pair = slots() + first;
        const auto check = static_cast<std::uint16_t>(hash & 0xffffu);
        for (std::size_t i = 0; i < 2; ++i) {
            if (pair[i].check == check) {
                return first + i;
            }
        }
        const std::size_t taken = first + (pair[1].count < pair[0].count ? 1 : 0);
        table_.touch(taken * sizeof(Slot));
        slots()[taken] = Slot{};
        slots()[taken].check = check;
        return taken;
    }

    // Makes sure that the slot has the symbol, which replaces the one with the least weight.
    static void keep(Slot& slot, std::uint8_t symbol) noexcept {
        const std::size_t used = slot.used;
        std::size_t least = 0;
        for (std::size_t i = 0; i < used; ++i) {
            if (slot.symbols[i] == symbol) {
                return;
            }
            least = slot.weights[i] < slot.weights[least] ? i : least;
        }
        if (used < kSymbols) {
            least = used;
            slot.used = static_cast<std::uint8_t>(used + 1);
        }
        slot.symbols[least] = symbol;
        slot.weights[least] = 0;
    }

    void look_up() noexcept {
        Context* context = context_.data();
        for (int bytes = 2; bytes <= longest_; ++bytes) {
            const std::uint64_t kept = history_ & (~std::uint64_t{0} >> (64 - 8 * bytes));
            const std::uint32_t h =
                fixed::combine(static_cast<std::uint32_t>(bytes), static_cast<std::uint32_t>(kept));
            look_up(*context++, fixed::combine(h, static_cast<std::uint32_t>(kept >> 32)));
        }
        const Context* end = context_.data() + contexts_;
        if (context < end) {
            look_up(*context++, fixed::combine(kLongest + 1, word_));
        }
        if (context < end) {
            look_up(*context, fixed::combine(fixed::combine(kLongest + 2, word_), word_before_));
        }
    }

    void look_up(Context& context, std::uint32_t hash) noexcept {
        context.hash = hash;
        fixed::prefetch(slots() + line(hash));
    }

    fixed::GrowingLines table_;
    int longest_;
    int contexts_;
    std::uint64_t position_ = 0;
    std::uint64_t history_ = 0;
    std::uint32_t word_ = 0; // hash of the current word; 0: the last byte is no letter
    std::uint32_t word_before_ = 0;
    std::array<Context, kLongest + 1> context_;
    std::array<std::array<std::int32_t, 9>, kLongest + 1> scales_;
    std::array<std::int32_t, 256> rates_;
};

} // namespace weightless::model
