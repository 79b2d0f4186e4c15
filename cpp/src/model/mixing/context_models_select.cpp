// What selects the mixers' weights and the refinements' contexts, bit by bit.
#include "model/experts/byte_kinds.hpp"
#include "model/mixing/context_models.hpp"
#include "model/mixing/expert_levels.hpp"

#include <algorithm>

namespace weightless::model {
namespace {

// Of eight kinds of bytes, so that a pair of them makes a small context.
unsigned kind(std::uint32_t byte) {
    if (const std::uint32_t letter = letter_kind(static_cast<std::uint8_t>(byte)); letter < 3) {
        return letter;
    }
    if (byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r') {
        return 3;
    }
    if (byte == 0 || byte == 255) {
        return 4;
    }
    if (byte < 32) {
        return 5;
    }
    return byte < 128 ? 6 : 7;
}

} // namespace

void ContextModels::select_first(BitFeatures& features) const {
    const std::uint32_t c4 = history_.last4();
    const std::uint32_t c1 = c4 & 255u;
    const MatchModel& longest = longest_match();
    const int match = longest.state();
    const auto structure = static_cast<unsigned>(structures_.selector());
    const int group = structures_.group();
    int* s = features.first_sets.data();
    *s++ = group * 256 + static_cast<int>(c0_);
    *s++ = structures_.bitwise()
               ? static_cast<int>(fixed::combine(structures_.pixels().fine(), 0) >> 21)
           : structure != 0 && lean_ ? 2048 + static_cast<int>(structure)
                                     : static_cast<int>(c1 * 8) + bits_;
    if (!lean_) {
        *s++ = match * 8 + bits_;
        *s++ = static_cast<int>(structure);
    }
    if (level_ >= 2) {
        // How many of the orders have seen their context.
        const auto known = static_cast<int>(std::count_if(state_.begin(), state_.begin() + 7,
                                                          [](auto state) { return state != 0; }));
        *s++ = static_cast<int>((c4 >> 8) & 255u);
        *s++ = known * 64 + static_cast<int>(kind(c1) * 8) + bits_;
    }
    if (level_ >= 3) {
        *s++ = longest.expected() < 0 ? static_cast<int>(c0_) : 256 + longest.expected();
        if (structures_.has_sets()) {
            const auto sets = structures_.sets();
            const bool bitwise = structures_.bitwise();
            *s++ = static_cast<int>(
                fixed::combine(sets[0], bitwise ? 0 : static_cast<unsigned>(bits_)) >> 21);
            *s++ = static_cast<int>(fixed::combine(sets[1], bitwise ? 0 : c0_) >> 20);
            *s++ = static_cast<int>(fixed::combine(sets[2], 0) >> 20);
        } else {
            const std::uint32_t n = records_.length();
            *s++ = n <= 256 ? static_cast<int>((history_.position() % n) * 8) + bits_ : bits_;
            *s++ = static_cast<int>(c0_ * 16 + std::min(words_.length(), 15u));
            *s++ = static_cast<int>(shapes_.last3());
        }
    }
    if (level_ >= 4) {
        select_richly(s);
    }
    if (external_) {
        const int level =
            (features.outside + fixed::kStretchLimit) * 31 / (2 * fixed::kStretchLimit);
        *s++ = level * 3 + (match == 0 ? 0 : (match < 8 ? 1 : 2));
    }
    select_last(features);
}

void ContextModels::select_richly(int*& s) const noexcept {
    const std::uint32_t c4 = history_.last4();
    const auto known_bits = static_cast<unsigned>(bits_);
    const auto put = [&s](std::uint32_t context) { *s++ = static_cast<int>(context); };
    put(0);
    if (structures_.bitwise()) {
        const auto small = structures_.pixels().small();
        const auto large = structures_.pixels().large();
        for (const std::uint32_t context :
             {large[0], small[2], large[1], large[2], large[3], large[4]}) {
            put(context);
        }
        const auto finer = structures_.pixels().finer();
        put(fixed::combine(finer[1], 0) >> 21);
        put(fixed::combine(finer[2], 0) >> 21);
        put(fixed::combine(finer[0], 0) >> 21);
        put(small[0]);
        put(large[0]);
        put(large[1]);
        return;
    }
    const std::uint64_t last = history_.last8();
    const auto fourth = static_cast<std::uint32_t>(last >> 24 & 255u);
    const auto eighth = static_cast<std::uint32_t>(last >> 56);
    put(text_ ? fixed::combine(words_.here(), 77) >> 21 : fourth * 8 + known_bits);
    put(c4 >> 16 & 255u);
    const std::uint32_t place = history_.position() & 3u; // in a word of four bytes
    put(text_ ? lines_.column(history_) * 8 + kind(c4 & 255u) : place * 256 + c0_);
    if (text_) {
        put((fixed::combine(markup_.enclosing(), 5) >> 24) * 8 + known_bits);
        put((std::min(phrases_.sentence_words(), 15u) * 16 + std::min(words_.length(), 15u)) * 8 +
            known_bits);
        put((phrases_.marks() & 255u) * 8 + known_bits);
        put(expectations_.sounds() * 8 + known_bits);
        put(fixed::combine(words_.before(), 3) >> 21);
    } else {
        put(kind(c4 & 255u) * 64 + kind(c4 >> 8 & 255u) * 8 + kind(c4 >> 16 & 255u));
        put(eighth * 8 + known_bits);
        put((fourth >> 5) * 256 + (eighth >> 5) * 32 + place * 8 + known_bits);
        put(fixed::combine(fourth << 8 | (c4 & 255u), 1) >> 21);
        put(fixed::combine(c4 & 0xffffu, 2) >> 21);
    }
    put(fixed::combine(shapes_.last3(), c0_) >> 21);
    // These learn slowly.
    put(c0_);
    put((c4 & 255u) * 8 + known_bits);
    put(fixed::combine(c4 & 0xffffffu, 9) >> 21);
}

void ContextModels::select_last(BitFeatures& features) const noexcept {
    static_assert(Structures::kGroups * 8 <= 256);
    const int group = structures_.group();
    const auto structure = static_cast<unsigned>(structures_.selector());
    auto& contexts = features.second_sets;
    contexts[0] = structures_.bitwise() ? 256 + static_cast<int>(structure & 255u)
                  : group != 0          ? group * 8 + bits_
                                        : static_cast<int>(c0_);
    contexts[1] = longest_match().state();
    if (level_ >= 4 && structures_.bitwise()) {
        contexts[2] = static_cast<int>(structures_.pixels().small()[0]);
        contexts[3] = static_cast<int>(structures_.pixels().large()[4]);
        contexts[4] = static_cast<int>(structures_.pixels().small()[2]);
    } else if (level_ >= 4) {
        contexts[2] = static_cast<int>(history_.last4() & 255u);
        contexts[3] = static_cast<int>((shapes_.last3() & 255u) * 8) + bits_;
        contexts[4] = static_cast<int>(std::min(words_.length(), 15u) * 8) + bits_ +
                      (longest_match().expected() >= 0 ? 128 : 0);
    }
    if (levels::is_rich(level_)) {
        auto& final_contexts = features.final_sets;
        std::copy_n(contexts.begin(), 3, final_contexts.begin());
        final_contexts[5] = features.first_sets[5] + (external_ && features.outside > 0 ? 512 : 0);
        final_contexts[6] = structures_.bitwise()
                                ? static_cast<int>(structures_.pixels().small()[1])
                                : static_cast<int>(state_[3]); // of order 4
        final_contexts[7] = static_cast<int>((expectations_.sounds() * 8)) + bits_;
        final_contexts[8] = static_cast<int>(fixed::combine(shapes_.last3(), c0_) >> 21);
        final_contexts[9] = static_cast<int>(fixed::combine(words_.before(), 3) >> 21);
        final_contexts[3] = structures_.bitwise()
                                ? contexts[3]
                                : static_cast<int>(fixed::combine(words_.here(), 77) >> 21);
        final_contexts[4] =
            structures_.bitwise()
                ? contexts[4]
                : static_cast<int>(fixed::combine(history_.last4() & 0xffffu, 9) >> 21);
    }
}

void ContextModels::choose_refinements() {
    structures_.begin_bit(c0_, bits_);
    refined_[0] = structures_.bitwise() ? structures_.pixels().fine()
                  : structures_.code()  ? fixed::combine(structures_.sets()[0], c0_) >> 16
                                        : (history_.last4() & 255u) << 8 | c0_;
    const auto structure = static_cast<unsigned>(structures_.selector());
    const std::uint32_t before =
        structure != 0 ? 1u << 24 | structure : history_.last4() & 0xffffffu;
    refined_[1] = fixed::combine(before, structures_.bitwise() ? 0 : c0_) >> 16;
    if (level_ >= 4) {
        if (structures_.bitwise()) {
            const auto finer = structures_.pixels().finer();
            std::copy(finer.begin(), finer.end(), refined_.begin() + 3);
        } else {
            refined_[3] = fixed::combine(words_.here(), c0_) >> 16;
            refined_[4] = fixed::combine(fixed::combine(history_.last4() & 0xffffu, 9), c0_) >> 16;
            refined_[5] = lines_.column(history_) << 8 | c0_;
        }
        refined_[6] = fixed::combine(expectations_.words(), c0_) >> 16;
        refined_[7] = fixed::combine(fixed::combine(shapes_.last3(), 5), c0_) >> 16;
        refined_[9] = fixed::combine(fixed::combine(words_.before(), 86), c0_) >> 16;
        refined_[10] = fixed::combine(fixed::combine(phrases_.marks(), 87), c0_) >> 16;
    }
}

} // namespace weightless::model
