#include "model/mixing/context_models.hpp"

#include "model/experts/aligned_words.hpp"
#include "model/experts/orders.hpp"
#include "model/experts/sparse.hpp"
#include "model/mixing/expert_levels.hpp"

#include <algorithm>
#include <cassert>

namespace weightless::model {
using namespace levels;

ContextModels::ContextModels(const Parameters& parameters, bool external)
    : next_state_(&BitHistory::get()), level_(parameters.experts), external_(external),
      lean_(is_lean(level_, external)), history_(ring_bits(parameters)),
      table_(parameters.memory_bits), phrases_(level_ >= 4),
      expectations_(expectation_bits(parameters)), indirect_(level_ >= 4),
      structures_(parameters.memory_bits, level_ >= 4), core_(contexts_of(level_)), count_(core_),
      slot_{}, orders_chain_(stages_of(kOrdersChain, level_), variants_of(level_)),
      words_chain_(stages_of(kWordsChain, level_), variants_of(level_)),
      order0_(order0_of(level_), 255), order1_(order1_of(level_, external), 255) {
    for (int i = 0; i < matches_of(level_); ++i) {
        matches_.emplace_back(i == 0 ? 6 : 12, match_bits(parameters));
    }
    begin_byte();
    choose_refinements();
    settle();
}

void ContextModels::begin_byte() {
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
    byte_.structure_inputs = structures_.inputs();
    byte_.structured = padded((count_ - core_) * HistoryInputs::kInputs + byte_.structure_inputs);
    if (structures_.bitwise() || structures_.wordless()) {
        // Pixels and letters of genes leave little to contexts of bytes.
        count_ = level_ >= 4 && structures_.bitwise() ? kToRecords : kOrders;
        std::fill(state_.begin() + count_, state_.begin() + core_, std::uint8_t{0});
        rest_ = {};
    } else {
        const bool code = structures_.code();
        rest_ = {code ? words : Rest{}, code ? lines : Rest{}, code || !text_ ? texts : Rest{}};
    }
    if (level_ >= 4) {
        // Other data change more abruptly than text.
        const bool abrupt = !text_ && !structures_.bitwise() && !structures_.wordless();
        byte_.pace = abrupt ? 24 : 16;
        byte_.last_pace = structures_.bitwise() ? 8 : 16;
    }
    byte_.contexts = count_;
    byte_.ask = structures_.asks();
    byte_.bitwise = structures_.bitwise();
    byte_.wordless = structures_.wordless();
    for (MatchModel& match : matches_) {
        match.begin_byte(history_);
    }
    begin_nibble();
}

void ContextModels::find_matches() {
    for (MatchModel& match : matches_) {
        match.find(history_);
    }
}

void ContextModels::begin_nibble() {
    for_speaking([this](int i) {
        const std::uint32_t hash = bits_ == 0 ? contexts_[i] : fixed::combine(contexts_[i], c0_);
        hashes_[static_cast<std::size_t>(i)] = hash;
        table_.prefetch(hash);
    });
}

void ContextModels::find_slots() {
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

void ContextModels::select(BitFeatures& features, std::uint32_t external) {
    std::int16_t* x = features.matches.data();
    for (MatchModel& match : matches_) {
        match.predict(c0_, bits_, x);
        x += MatchModel::kInputs;
    }
    const unsigned node = node_of_nibble();
    const int count = count_; // not read again: what is written might be it
    std::uint8_t* const* slots = slot_.data();
    std::uint8_t* states = state_.data();
    for (int i = 0; i < count; ++i) {
        states[i] = slots[i][node];
    }
    features.byte = byte_;
    if (external_) {
        features.outside = fixed::Logistic::get().stretch(external);
        features.odds =
            static_cast<std::int16_t>((static_cast<std::int32_t>(external) - (1 << 21)) >> 10);
    }
    select_first(features);
    const MatchModel& longest = longest_match();
    features.refined = refined_;
    features.refined[2] = static_cast<std::uint32_t>(longest.state()) << 8 | c0_;
    if (level_ >= 4) {
        features.refined[8] =
            fixed::combine(static_cast<unsigned>(longest.expected() + 1) << 8 | c0_,
                           longest.length() > 20 ? 1 : 0) >>
            16;
    }
}

void ContextModels::complete(BitFeatures& features) {
    std::uint16_t* states = features.states.data();
    const int all = std::max(core_, count_);
    if (level_ >= 4) {
        runs_.widen(c0_, bits_, state_.data(), all, states);
    } else {
        std::copy_n(state_.begin(), all, states);
    }
    const fixed::Logistic& logistic = fixed::Logistic::get();
    if (has_order0(level_)) {
        features.order0 = logistic.stretch(order0_.p(c0_));
    }
    if (!lean_) {
        features.order1 = logistic.stretch(order1_.p((history_.last4() & 255u) << 8 | c0_));
    }
    if (level_ >= 4) {
        orders_chain_.predict(features.order1, states);
        words_chain_.predict(features.order1, states);
        features.chained = {orders_chain_.out(3), orders_chain_.out(kOrdersChain.size() - 1),
                            words_chain_.out(kWordsChain.size() - 1)};
    }
    if (byte_.structure_inputs != 0) {
        structures_.predict(features.structure.data());
    }
}

void ContextModels::update(unsigned bit, CodingCost& cost) {
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
    if (level_ >= 4) {
        orders_chain_.update(bit);
        words_chain_.update(bit);
    }
    structures_.train(bit);
    c0_ = c0_ << 1 | bit;
    ++bits_;
    if (bits_ == 4) {
        begin_nibble();
    } else if (bits_ == 8) {
        end_byte(cost);
        begin_byte();
    }
    choose_refinements();
}

void ContextModels::settle() {
    if (bits_ == 0) {
        find_matches();
    }
    if ((bits_ & 3) == 0) {
        find_slots();
    }
}

void ContextModels::end_byte(CodingCost& cost) {
    const auto byte = static_cast<std::uint8_t>(c0_);
    if (level_ >= 4) {
        runs_.end_byte(byte);
    }
    history_.push(byte);
    structures_.update(static_cast<std::uint8_t>(byte - shift_), history_, cost);
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

void ContextModels::rebase(const ContextModels& original) noexcept {
    const auto moved = [&](const std::uint8_t* slot) {
        return slot == original.blank_.data() ? blank_.data()
                                              : table_.begin() + (slot - original.table_.begin());
    };
    for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i) {
        slot_[i] = moved(original.slot_[i]);
    }
    runs_.rebase(moved);
}

std::size_t ContextModels::memory() const noexcept {
    std::size_t sum = sizeof *this + table_.memory() + history_.size() + order0_.memory() +
                      order1_.memory() + structures_.memory() + expectations_.memory() +
                      orders_chain_.memory() + words_chain_.memory();
    for (const MatchModel& match : matches_) {
        sum += match.memory();
    }
    return sum;
}

std::size_t ContextModels::memory_for(const Parameters& parameters, bool external) {
    const int level = parameters.experts;
    return sizeof(ContextModels) + HistoryTable::memory_for(parameters.memory_bits) +
           ByteHistory::memory_for(ring_bits(parameters)) +
           AdaptiveMap::memory_for(order0_of(level)) +
           AdaptiveMap::memory_for(order1_of(level, external)) +
           Structures::memory_for(parameters.memory_bits, level >= 4) +
           Expectations::memory_for(expectation_bits(parameters)) +
           Chain::memory_for(stages_of(kOrdersChain, level).size(), variants_of(level)) +
           Chain::memory_for(stages_of(kWordsChain, level).size(), variants_of(level)) +
           static_cast<std::size_t>(matches_of(level)) *
               MatchModel::memory_for(match_bits(parameters));
}

} // namespace weightless::model
