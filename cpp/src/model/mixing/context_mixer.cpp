#include "model/mixing/context_mixer.hpp"

#include "model/experts/aligned_words.hpp"
#include "model/experts/orders.hpp"
#include "model/experts/sparse.hpp"
#include "model/mixing/centring.hpp"
#include "model/mixing/expert_levels.hpp"

#include "model/mixing/step_size.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace weightless::model {
using namespace levels;

ContextMixer::ContextMixer(const Parameters& parameters, bool external,
                           const kernels::Kernels& kernels)
    : next_state_(&BitHistory::get()), level_(parameters.experts), external_(external),
      lean_(is_lean(level_, external)), history_(ring_bits(parameters)),
      table_(parameters.memory_bits), phrases_(level_ >= 4),
      expectations_(expectation_bits(parameters)), indirect_(level_ >= 4),
      structures_(parameters.memory_bits, level_ >= 4), core_(contexts_of(level_)), count_(core_),
      slot_{},
      inputs_of_histories_(core_ + Structures::kContexts, variants_of(level_), 1023, kernels),
      orders_chain_(stages_of(kOrdersChain, level_), variants_of(level_)),
      words_chain_(stages_of(kWordsChain, level_), variants_of(level_)),
      order0_(order0_of(level_), 255), order1_(order1_of(level_, external), 255),
      inputs_(inputs_of(level_, external)),
      x_(static_cast<std::size_t>(all_inputs_of(level_, external))),
      x2_(static_cast<std::size_t>(second_inputs(level_))),
      first_(static_cast<int>(x_.size()), sets_of(level_, external), first_weight(level_),
             first_rate(level_), kernels),
      second_(second_inputs(level_), second_sets(level_, external), (1 << 20) / first_.sets(),
              kSecondRate, kernels),
      final_(final_sets(level_), kFinalRate, kernels),
      selectors_(static_cast<std::size_t>(first_.sets())), refinements_(refinements_at(level_)) {
    assert(first_.sets() <= second_inputs(level_));
    for (int i = 0; i < matches_of(level_); ++i) {
        matches_.emplace_back(i == 0 ? 6 : 12, match_bits(parameters));
    }
    for (int s = 1; s < next_state_->states(); ++s) {
        const auto state = static_cast<std::uint8_t>(s);
        inputs_of_histories_.set(state, BitHistory::first_p(*next_state_, state), 6,
                                 next_state_->zeros(state) == 0 || next_state_->ones(state) == 0);
    }
    if (is_rich(level_)) {
        const int slow = first_.sets() - (external ? 1 : 0);
        first_.slow_down(slow - kSlowSets, slow);
        for (int i = stretched_of(level_, external); i < inputs_; ++i) {
            first_.set_weights(i, i == inputs_ - 1 ? 20 * first_weight(level_) : 0);
        }
    }
    if (!lean_) {
        // At first the mean of the first layer's.
        for (int i = 0; i < second_inputs(level_); ++i) {
            second_.set_weights(i, i == first_.sets()  ? 1 << 20
                                   : i < first_.sets() ? (1 << 20) / first_.sets()
                                                       : 0);
        }
    }
    begin_byte();
    choose_refinements();
    find_matches();
    find_slots();
}

void ContextMixer::begin_byte() {
    text_ = level_ >= 4 && text_share_.text() && !structures_.bitwise();
    Rest words;
    Rest lines;
    Rest texts;
    contexts_.clear();
    Orders::contexts(history_, level_ >= 2, contexts_);
    words.begin = contexts_.size();
    words_.contexts(history_, level_, contexts_);
    words.end = contexts_.size();
    if (level_ >= 2) {
        Sparse::contexts(history_, level_ >= 3, contexts_);
        if (level_ == 3) {
            Sparse::more(history_, contexts_);
        }
        indirect_.contexts(history_, contexts_);
        // As many contexts of words in place of those of distant bytes and records.
        if (text_) {
            expectations_.more(phrases_, lines_.column(history_), contexts_);
        } else if (level_ >= 4) {
            Sparse::more(history_, contexts_);
        }
        lines.begin = contexts_.size();
        if (text_) {
            phrases_.more(history_, contexts_);
            layout_.contexts(history_, words_, lines_.column(history_), contexts_);
            markup_.more(words_.here(), contexts_);
            clauses_.contexts(contexts_);
        } else {
            records_.contexts(history_, level_ >= 3, contexts_);
        }
        lines_.contexts(history_, level_ >= 3, contexts_);
        lines.end = contexts_.size();
    }
    if (level_ >= 3) {
        shapes_.contexts(history_, words_.here(), level_ >= 4, contexts_);
        lines.end = contexts_.size();
    }
    if (level_ >= 4) {
        contexts_.add(0); // order 0
        texts.begin = contexts_.size();
        if (text_) {
            phrases_.contexts(contexts_);
            markup_.contexts(history_, words_.here(), contexts_);
            expectations_.contexts(history_, phrases_, layout_, lines_.column(history_),
                                   markup_.nest(), contexts_);
        } else {
            AlignedWords::contexts(history_, contexts_);
            texts.begin = structures_.code() ? texts.begin : contexts_.size();
            while (contexts_.size() < core_) {
                contexts_.add(0); // which rests
            }
        }
        texts.end = contexts_.size();
    }
    assert(contexts_.size() == core_);
    structures_.contexts(history_, contexts_);
    count_ = contexts_.size();
    structured_ = padded((count_ - core_) * HistoryInputs::kInputs + structures_.inputs());
    if (structures_.bitwise() || structures_.wordless()) {
        // Pixels and letters of genes leave little to contexts of bytes.
        count_ = level_ >= 4 && structures_.bitwise() ? kToRecords : kOrders;
        std::fill(state_.begin() + count_, state_.begin() + core_, std::uint8_t{0});
        if (level_ < 4) {
            inputs_of_histories_.blank(count_, core_);
        }
        rest_ = {};
    } else {
        const bool code = structures_.code();
        rest_ = {code ? words : Rest{}, code ? lines : Rest{}, code || !text_ ? texts : Rest{}};
    }
    if (level_ >= 4) {
        // Other data change more abruptly than text.
        const bool abrupt = !text_ && !structures_.bitwise() && !structures_.wordless();
        pace_ = abrupt ? 24 : 16;
        second_.set_pace(structures_.bitwise() ? 8 : 16);
    }
    for (MatchModel& match : matches_) {
        match.begin_byte(history_);
    }
    begin_nibble();
}

void ContextMixer::find_matches() {
    for (MatchModel& match : matches_) {
        match.find(history_);
    }
}

void ContextMixer::begin_nibble() {
    for_speaking([this](int i) {
        const std::uint32_t hash = bits_ == 0 ? contexts_[i] : fixed::combine(contexts_[i], c0_);
        hashes_[static_cast<std::size_t>(i)] = hash;
        table_.prefetch(hash);
    });
}

void ContextMixer::find_slots() {
    // A nibble's nodes are each read before they are written: so they are all 0.
    blank_.fill(0);
    for (const Rest& rest : rest_) {
        std::fill(slot_.begin() + rest.begin, slot_.begin() + rest.end, blank_.data());
    }
    for_speaking([this](int i) {
        const auto at = static_cast<std::size_t>(i);
        slot_[at] = table_.find(hashes_[at]);
    });
    if (level_ >= 4 && bits_ == 0) {
        runs_.begin_byte(slot_, count_);
    }
}

std::uint32_t ContextMixer::predict(std::uint32_t external) {
    const std::uint32_t c4 = history_.last4();
    const std::uint32_t c1 = c4 & 255u;
    std::int16_t* x = x_.data();
    for (MatchModel& match : matches_) {
        match.predict(c0_, bits_, x);
        x += MatchModel::kInputs;
    }
    const unsigned node = node_of_nibble();
    predicted_ = count_;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i) {
        state_[i] = slot_[i][node];
    }
    const std::int32_t outside = external_ ? fixed::Logistic::get().stretch(external) : 0;

    // What is far in memory is asked for before it is needed.
    select(outside);
    const MatchModel& longest = longest_match();
    refined_[2] = static_cast<std::size_t>(longest.state()) << 8 | c0_;
    if (level_ >= 4) {
        refined_[8] = fixed::combine(static_cast<unsigned>(longest.expected() + 1) << 8 | c0_,
                                     longest.length() > 20 ? 1 : 0) >>
                      16;
        refinements_[8].prefetch(refined_[8]);
        runs_.widen(c0_, bits_, state_.data(), std::max(core_, count_), widened_.data());
    }
    const fixed::Logistic& logistic = fixed::Logistic::get();
    const std::int16_t order1 =
        lean_ ? std::int16_t{0} : logistic.stretch(order1_.p(c1 << 8 | c0_));
    if (level_ >= 4) {
        orders_chain_.predict(order1, widened_.data());
        words_chain_.predict(order1, widened_.data());
    }
    load_histories(0, core_, x);
    if (is_rich(level_) && !structures_.bitwise() && !structures_.wordless()) {
        const std::int32_t common = (orders_chain_.out(kOrdersChain.size() - 1) +
                                     words_chain_.out(kWordsChain.size() - 1)) /
                                    2;
        centring::centre(x, widened_.data(), core_, common);
        x_[static_cast<std::size_t>(inputs_ - 1)] = static_cast<std::int16_t>(common);
    }
    if (structured_ != 0) {
        std::int16_t* own = x_.data() + inputs_;
        if (count_ > core_) {
            load_histories(core_, count_, own);
            own += (count_ - core_) * HistoryInputs::kInputs;
        }
        structures_.predict(own);
        std::fill(own + structures_.inputs(), x_.data() + inputs_ + structured_, std::int16_t{0});
    }
    x += core_ * HistoryInputs::kInputs;
    if (has_order0(level_)) {
        *x++ = logistic.stretch(order0_.p(c0_));
    }
    if (!lean_) {
        *x++ = order1;
    }
    *x++ = 256;
    if (level_ >= 4) {
        *x++ = orders_chain_.out(3);
        *x++ = orders_chain_.out(6);
        *x++ = words_chain_.out(kWordsChain.size() - 1);
    }
    if (external_) {
        *x++ = static_cast<std::int16_t>(outside);
        *x++ = static_cast<std::int16_t>((static_cast<std::int32_t>(external) - (1 << 21)) >> 10);
    }
    if (is_rich(level_)) {
        if (structures_.bitwise() || structures_.wordless()) {
            std::fill(x, x + core_, std::int16_t{0});
        } else {
            inputs_of_histories_.load_odds(widened_.data(), 0, core_, x);
        }
    }
    first_.predict(x_.data(), x2_.data());
    if (is_rich(level_)) {
        first_.set_pace(pace_ * step_size::of(x_.data(), inputs_ + structured_) / 16);
    }
    if (!lean_) {
        const auto sets = static_cast<std::size_t>(first_.sets());
        std::int16_t* more = x2_.data() + sets;
        const std::int16_t mean = centring::centre({x2_.data(), sets});
        *more++ = mean;
        *more++ = 256;
        *more++ = centring::less(order1, mean);
        if (external_) {
            *more++ = centring::less(outside, mean);
        }
    }
    if (is_rich(level_)) {
        corrections_ = {orders_chain_.out(6), words_chain_.out(kWordsChain.size() - 1), outside};
        corrected_by_ = external_ ? 3 : 2;
    }
    std::array<std::int16_t, MixerLayer::room(kSecondSets)> mixed{x2_[0], x2_[1]};
    if (!lean_) {
        second_.predict(x2_.data(), mixed.data());
    }
    p_ = finish(std::span(mixed).first(level_ >= 4 ? kSecondSets : 2));
    return p_;
}

std::uint32_t ContextMixer::finish(std::span<const std::int16_t> mixed) {
    const std::int32_t stretched = std::accumulate(mixed.begin(), mixed.end(), std::int32_t{0}) /
                                   static_cast<std::int32_t>(mixed.size());
    const fixed::Logistic& logistic = fixed::Logistic::get();
    std::array<std::int32_t, FinalMixer::kInputs - 2> others{stretched};
    std::uint32_t sum = logistic.squash(stretched * 4);
    // Letters of genes, all but random, are blurred by it.
    refined_by_ = structures_.wordless() ? 0 : refinements_.size();
    for (std::size_t i = 0; i < refined_by_; ++i) {
        const std::uint32_t p = refinements_[i].refine(stretched, refined_[i]);
        sum += p;
        others[1 + i] = logistic.stretch(p);
    }
    const std::uint32_t mean =
        std::clamp(sum / static_cast<std::uint32_t>(refined_by_ + 1), 1u, (1u << 22) - 1);
    if (!is_rich(level_) || refined_by_ == 0) {
        return mean;
    }
    auto end = others.begin() + 1 + refined_by_;
    end = std::copy_n(corrections_.begin(), corrected_by_, end);
    end = std::copy(mixed.begin(), mixed.end(), end);
    return final_.mix(mean, std::span(others.begin(), end), final_contexts_);
}

void ContextMixer::update(unsigned bit) {
    const unsigned node = node_of_nibble();
    for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i) {
        slot_[i][node] = next_state_->next(state_[i], bit);
    }
    for (MatchModel& match : matches_) {
        match.update(bit);
    }
    if (has_order0(level_)) {
        order0_.update(c0_, bit);
    }
    if (!lean_) {
        order1_.update((history_.last4() & 255u) << 8 | c0_, bit);
    }
    structures_.train(bit, p_);
    c0_ = c0_ << 1 | bit;
    ++bits_;
    if (bits_ == 4) {
        begin_nibble();
    } else if (bits_ == 8) {
        end_byte();
        begin_byte();
    }
    choose_refinements();
    // While what the next bit needs is on its way:
    train(bit);
    if (bits_ == 0) {
        find_matches();
    }
    if ((bits_ & 3) == 0) {
        find_slots();
    }
}

void ContextMixer::train(unsigned bit) {
    first_.update(x_.data(), bit);
    if (!lean_) {
        second_.update(x2_.data(), bit);
    }
    if (is_rich(level_) && refined_by_ != 0) {
        final_.update(bit);
    }
    for (std::size_t i = 0; i < refined_by_; ++i) {
        refinements_[i].update(bit);
    }
    if (level_ >= 4) {
        orders_chain_.update(bit);
        words_chain_.update(bit);
    }
    inputs_of_histories_.update(predicted_, bit);
}

void ContextMixer::end_byte() {
    const auto byte = static_cast<std::uint8_t>(c0_);
    if (level_ >= 4) {
        runs_.end_byte(byte);
    }
    history_.push(byte);
    structures_.update(static_cast<std::uint8_t>(byte - shift_), history_);
    shift_ = structures_.shift();
    words_.update(byte);
    shapes_.update(byte);
    if (level_ >= 4) {
        phrases_.update(byte);
        clauses_.update(byte);
        expectations_.update(byte, phrases_);
        layout_.update(byte, words_);
        markup_.update(byte);
        text_share_.update(byte);
    }
    if (level_ >= 2) {
        indirect_.update(history_);
        records_.update(history_);
    }
    lines_.update(history_);
    c0_ = 1;
    bits_ = 0;
}

void ContextMixer::rebase(const ContextMixer& original) noexcept {
    const auto moved = [&](const std::uint8_t* slot) {
        return slot == original.blank_.data() ? blank_.data()
                                              : table_.begin() + (slot - original.table_.begin());
    };
    for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i) {
        slot_[i] = moved(original.slot_[i]);
    }
    runs_.rebase(moved);
}

std::size_t ContextMixer::memory() const noexcept {
    std::size_t sum = table_.memory() + history_.size() + first_.memory() + second_.memory() +
                      final_.memory() + order0_.memory() + order1_.memory() + structures_.memory() +
                      sizeof *this;
    for (const Refinement& refinement : refinements_) {
        sum += refinement.memory();
    }
    sum += expectations_.memory();
    sum += inputs_of_histories_.memory() + orders_chain_.memory() + words_chain_.memory();
    for (const MatchModel& match : matches_) {
        sum += match.memory();
    }
    return sum;
}

std::size_t ContextMixer::memory_for(const Parameters& parameters, bool external) {
    const int level = parameters.experts;
    std::size_t sum =
        sizeof(ContextMixer) + HistoryTable::memory_for(parameters.memory_bits) +
        ByteHistory::memory_for(ring_bits(parameters)) +
        MixerLayer::memory_for(all_inputs_of(level, external), sets_of(level, external)) +
        MixerLayer::memory_for(second_inputs(level), second_sets(level, external)) +
        FinalMixer::memory_for(final_sets(level)) + AdaptiveMap::memory_for(order0_of(level)) +
        AdaptiveMap::memory_for(order1_of(level, external)) +
        Structures::memory_for(parameters.memory_bits, level >= 4) +
        Expectations::memory_for(expectation_bits(parameters));
    for (std::size_t i = 0; i < refinements_of(level); ++i) {
        sum += Refinement::memory_for(kRefined[i]);
    }
    sum +=
        HistoryInputs::memory_for(contexts_of(level) + Structures::kContexts, variants_of(level));
    sum += Chain::memory_for(stages_of(kOrdersChain, level).size(), variants_of(level)) +
           Chain::memory_for(stages_of(kWordsChain, level).size(), variants_of(level));
    return sum + static_cast<std::size_t>(matches_of(level)) *
                     MatchModel::memory_for(match_bits(parameters));
}

} // namespace weightless::model
