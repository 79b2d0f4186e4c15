#include "model/mixing/context_mixer.hpp"

#include "model/experts/orders.hpp"
#include "model/experts/sparse.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace weightless::model {
namespace {

int padded(int n) { return (n + 15) / 16 * 16; }

// Contexts, by the level of experts.
int contexts_of(int level) {
    constexpr std::array<int, 5> counts{0, 6, 17, 37, 57};
    return counts[static_cast<std::size_t>(level)];
}
static_assert(57 + Structures::kContexts <= ContextList::kMost);
int matches_of(int level) { return level >= 2 ? 2 : 1; }

// Level 1 does with what fits into 16 inputs, and with one refinement;
constexpr bool has_order0(int level) { return level >= 2; }
constexpr std::size_t refinements_of(int level) { return level >= 4 ? 6 : (level >= 2 ? 3 : 1); }
// and for speed alone, without a network, with two sets of weights and no second layer.
constexpr bool is_lean(int level, bool external) { return level < 2 && !external; }

// Contexts of each refinement.
constexpr std::array<std::size_t, 6> kRefined{65536, 65536, MatchModel::kBuckets * 256,
                                              65536, 65536, 65536};

std::vector<Refinement> refinements_at(int level) {
    std::vector<Refinement> result;
    for (std::size_t i = 0; i < refinements_of(level); ++i) {
        result.emplace_back(kRefined[i], 255);
    }
    return result;
}

constexpr std::size_t order0_of(int level) { return has_order0(level) ? 256 : 0; }
constexpr std::size_t order1_of(int level, bool external) {
    return is_lean(level, external) ? 0 : 65536;
}
constexpr int variants_of(int level) { return level >= 4 ? ByteRuns::kVariants : 1; }

// Contexts of the chains, of which three stages are inputs.
constexpr std::array<int, 7> kOrdersChain{0, 1, 2, 3, 5, 4, 6};
constexpr std::array<int, 4> kWordsChain{0, 7, 8, 10};
constexpr int chained_of(int level) { return level >= 4 ? 3 : 0; }
std::span<const int> stages_of(std::span<const int> chain, int level) {
    return level >= 4 ? chain : std::span<const int>();
}

int inputs_of(int level, bool external) {
    return padded(chained_of(level) + contexts_of(level) * HistoryInputs::kInputs +
                  matches_of(level) * MatchModel::kInputs + (has_order0(level) ? 1 : 0) +
                  (is_lean(level, external) ? 1 : 2) + (external ? 2 : 0));
}

// Contexts of each set of the first layer.
std::vector<int> sets_of(int level, bool external) {
    std::vector<int> sizes{256 * Structures::kGroups, 256 * 8 + Structures::kSelectors};
    if (!is_lean(level, external)) {
        sizes.push_back(MatchModel::kBuckets * 8);
        sizes.push_back(Structures::kSelectors);
    }
    if (level >= 2) {
        sizes.push_back(256);
        sizes.push_back(64 * 8);
    }
    if (level >= 3) {
        sizes.push_back(256 * 2);
        sizes.push_back(2048);
        sizes.push_back(256 * 16);
        sizes.push_back(4096);
    }
    if (level >= 4) {
        for (const int size : {1, 256, 2048, 256, 256, 2048, 256, 2048, 2048, 2048}) {
            sizes.push_back(size);
        }
    }
    if (external) {
        sizes.push_back(32 * 3);
    }
    return sizes;
}

// Of the second layer, which has room for as many inputs; its predictions are averaged.
constexpr int second_inputs(int level) { return level >= 4 ? 32 : 16; }
std::vector<int> second_sets(int level, bool external) {
    if (is_lean(level, external)) {
        return {};
    }
    std::vector<int> sizes{512, MatchModel::kBuckets};
    if (level >= 4) {
        sizes.insert(sizes.end(), {256, 2048, 256});
    }
    return sizes;
}

constexpr int kSecondSets = 5; // at most
constexpr int kOrders = 4;     // the first contexts, at every level
constexpr int kWordless = 23;  // the first at level 4, up to those of indirect.hpp

// Inputs of a structure's expert, at most.
constexpr int kStructure =
    (Structures::kContexts * HistoryInputs::kInputs + Structures::kInputs + 15) / 16 * 16;
int all_inputs_of(int level, bool external) { return inputs_of(level, external) + kStructure; }

int ring_bits(const Parameters& p) { return std::clamp(p.memory_bits - 2, 16, 24); }
int match_bits(const Parameters& p) { return std::clamp(p.memory_bits - 6, 12, 20); }

// With more inputs and sets, slower.
constexpr MixingRate first_rate(int level) {
    return level >= 4 ? MixingRate{96, 12, 400} : MixingRate{256, 18, 400};
}
constexpr MixingRate second_rate(int level) {
    return level >= 4 ? MixingRate{64, 4, 400} : MixingRate{64, 8, 400};
}

// Of sixteen kinds of bytes, so that a pair of them makes a small context.
unsigned kind(std::uint32_t byte) {
    if (byte >= 'a' && byte <= 'z') {
        return 0;
    }
    if (byte >= 'A' && byte <= 'Z') {
        return 1;
    }
    if (byte >= '0' && byte <= '9') {
        return 2;
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

ContextMixer::ContextMixer(const Parameters& parameters, bool external,
                           const kernels::Kernels& kernels)
    : next_state_(&BitHistory::get()), level_(parameters.experts), external_(external),
      lean_(is_lean(level_, external)), history_(ring_bits(parameters)),
      table_(parameters.memory_bits), indirect_(level_ >= 4), structures_(parameters.memory_bits),
      core_(contexts_of(level_)), count_(core_), slot_{},
      inputs_of_histories_(core_ + Structures::kContexts, variants_of(level_), 1023),
      orders_chain_(stages_of(kOrdersChain, level_), variants_of(level_)),
      words_chain_(stages_of(kWordsChain, level_), variants_of(level_)),
      order0_(order0_of(level_), 255), order1_(order1_of(level_, external), 255),
      inputs_(inputs_of(level_, external)),
      x_(static_cast<std::size_t>(all_inputs_of(level_, external))),
      x2_(static_cast<std::size_t>(second_inputs(level_))),
      first_(static_cast<int>(x_.size()), sets_of(level_, external), 1 << 16, first_rate(level_),
             kernels),
      second_(second_inputs(level_), second_sets(level_, external), (1 << 20) / first_.sets(),
              second_rate(level_), kernels),
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
    begin_byte();
    choose_refinements();
    find_matches();
    find_slots();
}

void ContextMixer::begin_byte() {
    contexts_.clear();
    Orders::contexts(history_, level_ >= 2, contexts_);
    rest_[0].begin = contexts_.size();
    words_.contexts(history_, level_, contexts_);
    rest_[0].end = contexts_.size();
    if (level_ >= 2) {
        Sparse::contexts(history_, level_ >= 3, contexts_);
        indirect_.contexts(history_, contexts_);
        rest_[1].begin = contexts_.size();
        if (level_ >= 4 && text_share_.text()) {
            // As many contexts of words in place of those of records.
            phrases_.more(contexts_);
            layout_.contexts(history_, words_, lines_.column(history_), contexts_);
            markup_.more(words_.here(), contexts_);
        } else {
            records_.contexts(history_, level_ >= 3, contexts_);
        }
    }
    if (level_ >= 2) {
        lines_.contexts(history_, level_ >= 3, contexts_);
        rest_[1].end = contexts_.size();
    }
    if (level_ >= 3) {
        shapes_.contexts(history_, words_.here(), level_ >= 4, contexts_);
        rest_[1].end = contexts_.size();
    }
    if (level_ >= 4) {
        phrases_.contexts(history_, contexts_);
        markup_.contexts(history_, words_.here(), contexts_);
        rest_[1].end = contexts_.size();
        Orders::more(history_, contexts_);
    }
    assert(contexts_.size() == core_);
    structures_.contexts(history_, contexts_);
    count_ = contexts_.size();
    structured_ = padded((count_ - core_) * HistoryInputs::kInputs + structures_.inputs());
    if (structures_.bitwise() || (level_ >= 4 && structures_.wordless())) {
        // Pixels leave little to contexts of bytes, letters of genes little to words.
        count_ = structures_.bitwise() ? kOrders : kWordless;
        std::fill(state_.begin() + count_, state_.begin() + core_, std::uint8_t{0});
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
    if (structures_.code()) {
        // A nibble's nodes are each read before they are written: so they are all 0.
        blank_.fill(0);
        for (const Rest& rest : rest_) {
            std::fill(slot_.begin() + rest.begin, slot_.begin() + rest.end, blank_.data());
        }
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
    const std::size_t match = static_cast<std::size_t>(longest_match().state());
    refined_[2] = match << 8 | c0_;

    if (level_ >= 4) {
        runs_.widen(c0_, bits_, state_.data(), std::max(core_, count_), widened_.data());
    }
    load_histories(0, core_, x);
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
    const fixed::Logistic& logistic = fixed::Logistic::get();
    if (has_order0(level_)) {
        *x++ = logistic.stretch(order0_.p(c0_));
    }
    if (!lean_) {
        *x++ = logistic.stretch(order1_.p(c1 << 8 | c0_));
    }
    *x++ = 256;
    if (level_ >= 4) {
        const std::int32_t start = logistic.stretch(order1_.p(c1 << 8 | c0_));
        orders_chain_.predict(start, widened_.data());
        words_chain_.predict(start, widened_.data());
        *x++ = orders_chain_.out(3);
        *x++ = orders_chain_.out(6);
        *x++ = words_chain_.out(3);
    }
    if (external_) {
        *x++ = static_cast<std::int16_t>(outside);
        *x++ = static_cast<std::int16_t>((static_cast<std::int32_t>(external) - (1 << 21)) >> 10);
    }
    first_.predict(x_.data(), x2_.data());
    std::array<std::int16_t, kSecondSets> mixed{x2_[0], x2_[1]};
    if (!lean_) {
        second_.predict(x2_.data(), mixed.data());
    }
    const std::int32_t stretched = std::accumulate(mixed.begin(), mixed.end(), std::int32_t{0}) /
                                   (level_ >= 4 ? kSecondSets : 2);

    std::uint32_t sum = logistic.squash(stretched * 4);
    for (std::size_t i = 0; i < refinements_.size(); ++i) {
        sum += refinements_[i].refine(stretched, refined_[i]);
    }
    p_ = std::clamp(sum / static_cast<std::uint32_t>(refinements_.size() + 1), 1u, (1u << 22) - 1);
    return p_;
}

void ContextMixer::select(std::int32_t outside) {
    const std::uint32_t c4 = history_.last4();
    const std::uint32_t c1 = c4 & 255u;
    const MatchModel& longest = longest_match();
    const int match = longest.state();
    const auto structure = static_cast<unsigned>(structures_.selector());
    const int group = structures_.group();
    int* s = selectors_.data();
    *s++ = group * 256 + static_cast<int>(c0_);
    *s++ = structures_.bitwise()     ? static_cast<int>(fixed::combine(structures_.fine(), 0) >> 21)
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
        const int level = (outside + fixed::kStretchLimit) * 31 / (2 * fixed::kStretchLimit);
        *s++ = level * 3 + (match == 0 ? 0 : (match < 8 ? 1 : 2));
    }
    first_.use(inputs_ + structured_);
    first_.select(selectors_);
    select_last(match);
}

void ContextMixer::select_richly(int*& s) const noexcept {
    const std::uint32_t c4 = history_.last4();
    const auto known_bits = static_cast<unsigned>(bits_);
    const auto put = [&s](std::uint32_t context) { *s++ = static_cast<int>(context); };
    put(0);
    put(state_[7]); // of the word's context
    put(fixed::combine(words_.here(), 77) >> 21);
    put(state_[3]); // of order 4
    put(c4 >> 16 & 255u);
    put(lines_.column(history_) * 8 + kind(c4 & 255u));
    std::uint32_t hits = 0; // orders 3 to 6 and 8
    for (std::size_t i = 2; i < 7; ++i) {
        hits = hits * 2 + (state_[i] != 0 ? 1u : 0u);
    }
    put(hits * 8 + known_bits);
    put((fixed::combine(markup_.enclosing(), 5) >> 24) * 8 + known_bits);
    put((std::min(phrases_.sentence_words(), 15u) * 16 + std::min(words_.length(), 15u)) * 8 +
        known_bits);
    put(phrases_.mark() * 8 + known_bits);
}

void ContextMixer::select_last(int match) {
    static_assert(Structures::kGroups * 8 <= 256);
    const int group = structures_.group();
    const auto structure = static_cast<unsigned>(structures_.selector());
    std::array<int, kSecondSets> contexts{};
    contexts[0] = structures_.bitwise() ? 256 + static_cast<int>(structure & 255u)
                  : group != 0          ? group * 8 + bits_
                                        : static_cast<int>(c0_);
    contexts[1] = match;
    if (level_ >= 4) {
        contexts[2] = static_cast<int>(history_.last4() & 255u);
        contexts[3] = static_cast<int>((shapes_.last3() & 255u) * 8) + bits_;
        contexts[4] = static_cast<int>(std::min(words_.length(), 15u) * 8) + bits_ +
                      (longest_match().expected() >= 0 ? 128 : 0);
    }
    second_.select(contexts);
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

void ContextMixer::choose_refinements() {
    structures_.begin_bit(c0_, bits_);
    refined_[0] = structures_.bitwise() ? structures_.fine()
                  : structures_.code()  ? fixed::combine(structures_.sets()[0], c0_) >> 16
                                        : (history_.last4() & 255u) << 8 | c0_;
    const auto structure = static_cast<unsigned>(structures_.selector());
    const std::uint32_t before =
        structure != 0 ? 1u << 24 | structure : history_.last4() & 0xffffffu;
    refined_[1] = fixed::combine(before, structures_.bitwise() ? 0 : c0_) >> 16;
    refinements_[0].prefetch(refined_[0]);
    if (level_ >= 2) {
        refinements_[1].prefetch(refined_[1]);
    }
    if (level_ >= 4) {
        refined_[3] = fixed::combine(words_.here(), c0_) >> 16;
        refined_[4] = fixed::combine(fixed::combine(history_.last4() & 0xffffu, 9), c0_) >> 16;
        refined_[5] = lines_.column(history_) << 8 | c0_;
        for (std::size_t i = 3; i < refinements_.size(); ++i) {
            refinements_[i].prefetch(refined_[i]);
        }
    }
}

void ContextMixer::train(unsigned bit) {
    first_.update(x_.data(), bit);
    if (!lean_) {
        second_.update(x2_.data(), bit);
    }
    for (Refinement& refinement : refinements_) {
        refinement.update(bit);
    }
    if (level_ >= 4) {
        orders_chain_.update(bit);
        words_chain_.update(bit);
        inputs_of_histories_.update(widened_.data(), predicted_, bit);
    } else {
        inputs_of_histories_.update(state_.data(), predicted_, bit);
    }
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
    for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i) {
        slot_[i] = original.slot_[i] == original.blank_.data()
                       ? blank_.data()
                       : table_.begin() + (original.slot_[i] - original.table_.begin());
    }
    runs_.rebase(original.table_.begin(), table_.begin());
}

std::size_t ContextMixer::memory() const noexcept {
    std::size_t sum = table_.memory() + history_.size() + first_.memory() + second_.memory() +
                      order0_.memory() + order1_.memory() + structures_.memory() + sizeof *this;
    for (const Refinement& refinement : refinements_) {
        sum += refinement.memory();
    }
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
        AdaptiveMap::memory_for(order0_of(level)) +
        AdaptiveMap::memory_for(order1_of(level, external)) +
        Structures::memory_for(parameters.memory_bits);
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
