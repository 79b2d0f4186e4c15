// The context models of a recipe: its experts, the bit histories of their contexts, and the match
// models. For each bit they compute the features (mixing/bit_features.hpp) that
// mixing/bit_mixer.hpp makes a prediction from. They depend on the data alone, not on mixing.
#pragma once

#include "fixed/hash.hpp"
#include "fixed/logistic.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/list.hpp"
#include "model/history/adaptive_map.hpp"
#include "model/history/bit_history.hpp"
#include "model/history/byte_history.hpp"
#include "model/history/byte_runs.hpp"
#include "model/history/coding_cost.hpp"
#include "model/history/copying.hpp"
#include "model/history/history_table.hpp"
#include "model/history/long_matches.hpp"
#include "model/history/match_model.hpp"
#include "model/history/raw_history.hpp"
#include "model/history/single_bytes.hpp"
#include "model/mixing/bit_features.hpp"
#include "model/mixing/history_inputs.hpp"
#include "model/mixing/isse_chain.hpp"
#include "model/observer.hpp"
#include "model/parameters.hpp"
#include "model/predictor/context_indices.hpp"
#include "model/predictor/expert_set.hpp"
#include "model/predictor/offers.hpp"
#include "model/predictor/shape_of.hpp"
#include "model/recipes/recipe.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weightless::model {

template <class R> class ContextModels {
public:
    using Shape = ShapeOf<R>;
    using Features = BitFeatures<Shape>;
    using ApmContexts = std::array<std::uint32_t, Shape::kApm.size()>;

    /// The tables of context mixing as a whole may use about 2^memory_bits bytes at first.
    explicit ContextModels(const Parameters& parameters)
        : next_state_(&BitHistory::get()), history_(R::kHistoryBytes.of(parameters.memory_bits)),
          raw_history_(parameters.window_bits), long_matches_(parameters.window_bits),
          table_(parameters.memory_bits, parameters.growth_bits, parameters.growth_share),
          experts_(MemoryBudget{parameters.memory_bits}),
          matches_(make_matches(parameters.memory_bits, Matches())), order0_(kOrder0, 20),
          order1_(kOrder1, 255) {
        begin_byte();
        begin_bit();
        look_up();
    }

    /// Takes the actual bit and prefetches what the next one needs. cost: the coding cost of the
    /// bits so far; it is read only if reads_cost() was true.
    void update(unsigned bit, CodingCost& cost) {
        learn(bit);
        partial_.node = partial_.node << 1 | bit;
        ++partial_.known;
        if (partial_.known == 4) {
            begin_nibble();
        } else if (partial_.known == 8) {
            end_byte(cost);
            begin_byte();
        }
        begin_bit();
    }
    /// Must be called after update(), best with other work in between: looks up what update()
    /// prefetched.
    void look_up() {
        if (partial_.known == 0) {
            for (MatchModel& match : matches_) {
                match.find(history_, raw_history_, shift_, long_matches_);
            }
        }
        if ((partial_.known & 3) == 0) {
            find_slots();
        }
    }

    /// The state of copying. Between two bytes, hit() and miss() may be called.
    const Copying& copying() const noexcept { return copying_; }
    Copying& copying() noexcept { return copying_; }
    /// The byte that is expected next, if copying().now().
    std::uint8_t copied() const noexcept { return copying_.expected(raw_history_); }
    /// The first byte that was copied and waits for the model, if there is one.
    std::uint8_t waiting() const noexcept { return copying_.next(raw_history_); }
    /// Between two bytes: takes the bytes that were copied except for the last `kept`. Nothing is
    /// learnt from them, but the experts follow them, so that they know their place in the data.
    void catch_up(std::uint64_t kept, CodingCost& cost) {
        if (copying_.waiting() <= kept) {
            return;
        }
        while (copying_.waiting() > kept) {
            take(static_cast<std::uint8_t>(waiting() + shift_), cost);
        }
        for (MatchModel& match : matches_) {
            match.follow(raw_history_, copying_.place());
        }
        begin_skipped();
    }
    /// Between two bytes, none of which waits: takes bytes that were stored. Nothing is learnt from
    /// them, but the experts follow them, and later matches find them.
    void skip(std::span<const std::uint8_t> data, CodingCost& cost) {
        for (const std::uint8_t byte : data) {
            push(static_cast<std::uint8_t>(byte + shift_));
            pass_on(cost);
        }
        copying_.lose();
        for (MatchModel& match : matches_) {
            match.lose();
        }
        begin_skipped();
    }
    /// Whether some 32 of these bytes are in the history, as far as the sparse table knows.
    bool find_any(std::span<const std::uint8_t> data) const noexcept {
        return long_matches_.find_any(raw_history_, data);
    }

    /// The number of bytes that the models were trained with; the others were copied or skipped.
    std::uint64_t trained() const noexcept { return trained_; }

    /// Computes the features of the next bit; must be called once for each bit. select() computes
    /// the selectors, so that weights can be prefetched, and complete() the rest. network_p: the
    /// network's P(next bit = 1), Q22; ignored without a network.
    void select(Features& features, std::uint32_t network_p) {
        std::int16_t* x = features.matches.data();
        for (MatchModel& match : matches_) {
            match.predict(partial_.node, partial_.known, x);
            x += MatchModel::kInputs;
        }
        read_states();
        features.byte = byte_;
        if constexpr (Shape::kNetwork) {
            network_.stretched = fixed::Logistic::get().stretch(network_p);
            features.network = network_.stretched;
            features.network_linear =
                static_cast<std::int16_t>((static_cast<std::int32_t>(network_p) - (1 << 21)) >> 10);
        }
        write(typename Shape::First(), features.first.data());
        write(typename R::SecondSelectors(), features.second.data());
        write(typename R::FinalSelectors(), features.final.data());
        features.apm = apm_;
        write_apm<true>(typename Shape::Apm(), features.apm.data());
    }
    void complete(Features& features) {
        std::uint16_t* states = features.states.data();
        const int all = std::max(Shape::kContexts, count_);
        if constexpr (R::kByteRuns) {
            runs_.add_run_variants(partial_.node, partial_.known, state_.data(), all, states);
        } else {
            std::copy_n(state_.begin(), all, states);
        }
        const fixed::Logistic& logistic = fixed::Logistic::get();
        if constexpr (R::kOrderZero) {
            features.order0 = logistic.stretch(order0_.p(partial_.node));
        }
        if constexpr (R::kOrderOne) {
            features.order1 = logistic.stretch(order1_.p(order1()));
        }
        write_inputs(typename Shape::Inputs(), features.inputs.data());
        std::int16_t* out = features.chained.data();
        std::apply(
            [&](auto&... chain) {
                ((chain.stages.predict(features.order1, states), out = chain.write(out)), ...);
            },
            chains_);
        if (byte_.own_inputs != 0) {
            visit_structure([&](auto structure) {
                using S = decltype(structure);
                write_inputs(typename S::OwnInputs(), features.own.data());
            });
        }
    }

    /// The contexts of APM stages for the next bit. After update() they are valid except for those
    /// that depend on the match or on the network.
    const ApmContexts& apm() const noexcept { return apm_; }
    /// Whether update() with the next bit will read the coding cost.
    bool reads_cost() const noexcept {
        bool reads = false;
        if (partial_.known == 7) {
            StructureExperts::each([&]<class E>() {
                if constexpr (requires(const E& expert) { expert.reads_cost(); }) {
                    reads = reads || experts_.template get<E>().reads_cost();
                }
            });
        }
        return reads;
    }

    /// Must be called on a copy, and after an assignment: makes slot pointers refer to this
    /// object's own table.
    void rebase(const ContextModels& original) noexcept {
        const auto moved = [&](const std::uint8_t* slot) {
            const std::ptrdiff_t offset = original.table_.offset(slot);
            if (offset == HistoryTable::kElsewhere) { // the blank slot, or none yet
                return blank_.data();
            }
            std::uint8_t* own = table_.begin() + offset;
            table_.touch(own);
            return own;
        };
        const auto moved_slot = [&](std::size_t i, const std::uint8_t* slot) {
            std::uint8_t* own = singles_.own(original.singles_, i, slot);
            return own != nullptr ? own : moved(slot);
        };
        // Not only those in use: see find_slots().
        const auto count = static_cast<std::size_t>(std::max(count_, int{Shape::kContexts}));
        for (std::size_t i = 0; i < count; ++i) {
            slot_[i] = moved_slot(i, original.slot_[i]);
        }
        for_active([&](std::size_t i) { singles_.rebase(i, moved); });
        if constexpr (R::kByteRuns) {
            runs_.rebase(moved_slot);
        }
    }

    /// The symbol whose bits are predicted is the next byte plus this, mod 256.
    std::uint8_t shift() const noexcept { return shift_; }

    /// The active structure, 0 for none, otherwise 1 + its index in the recipe's list; whether the
    /// data are treated as text; and, at the start of a byte, the longest match.
    int kind() const noexcept { return kind_; }
    bool text() const noexcept { return text_; }
    MatchView match() const noexcept {
        MatchView longest;
        if (copying_.now()) {
            return {copying_.expected_place(raw_history_), copying_.length()};
        }
        for (const MatchModel& match : matches_) {
            if (match.length() > longest.length) {
                longest = {match.place(), match.length()};
            }
        }
        return longest;
    }

    /// Bytes of memory, assuming that all pages of all tables are in use.
    std::size_t memory() const noexcept {
        std::size_t sum = sizeof *this + table_.memory() + history_.size() + raw_history_.memory() +
                          long_matches_.memory() + order0_.memory() + order1_.memory() +
                          experts_.memory();
        std::apply([&](const auto&... chain) { ((sum += chain.stages.memory()), ...); }, chains_);
        for (const MatchModel& match : matches_) {
            sum += match.memory();
        }
        return sum;
    }
    /// The most that they take after `content` bytes, without constructing them.
    static std::uint64_t memory_for(const Parameters& parameters, std::uint64_t content) {
        const int memory_bits = parameters.memory_bits;
        return sizeof(ContextModels) +
               HistoryTable::memory_for(memory_bits, parameters.growth_bits,
                                        parameters.growth_share, content) +
               ByteHistory::memory_for(R::kHistoryBytes.of(memory_bits)) +
               RawHistory::memory_for(parameters.window_bits, content) +
               LongMatches::memory_for(parameters.window_bits, content) +
               AdaptiveMap::memory_for(kOrder0) + AdaptiveMap::memory_for(kOrder1) +
               ExpertSet<AllExperts>::memory_for(MemoryBudget{memory_bits}) +
               memory_of_chains(typename R::Chains()) +
               kMatches * MatchModel::memory_for(R::kMatchEntries.of(memory_bits),
                                                 R::kMostMatchEntries.of(memory_bits), content);
    }

private:
    template <class T> using Tag = offers::Tag<T>;
    using Indices = typename Shape::AllIndices;

    // All experts; those of structures come first.
    template <class... S> static List<typename S::Expert...> experts_of(List<S...>);
    using StructureExperts = decltype(experts_of(typename R::Structures()));
    using ListedExperts = Joined<typename R::Experts, typename R::Added>;
    using AllExperts = Joined<StructureExperts, ListedExperts>;

    static constexpr std::size_t kMatches = R::Matching::kMinLengths.size();
    using Matches = std::make_index_sequence<kMatches>;
    template <std::size_t... i>
    static std::array<MatchModel, kMatches> make_matches(int memory_bits,
                                                         std::index_sequence<i...>) {
        return {MatchModel(R::Matching::kMinLengths[i], R::kMatchEntries.of(memory_bits),
                           R::kMostMatchEntries.of(memory_bits))...};
    }
    static constexpr std::size_t kOrder0 = R::kOrderZero ? 256 : 0;
    static constexpr std::size_t kOrder1 = R::kOrderOne ? 65536 : 0;
    static constexpr int kMaxContexts = (Shape::kContexts + Shape::kOwnContexts + 7) / 8 * 8;

    // An ISSE chain with its outputs.
    template <class... C> struct At {
        static constexpr std::array<int, sizeof...(C)> kAt{Indices::template position<C>()...};
    };
    template <class C> struct ChainOf;
    template <class... C, class... Out> struct ChainOf<Chain<List<C...>, List<Out...>>> {
        IsseChain<At<C...>, Shape::kVariants> stages;
        std::int16_t* write(std::int16_t* x) const noexcept {
            ((*x++ = stages.out(List<C...>::template index<Out>())), ...);
            return x;
        }
    };
    template <class... C> static std::tuple<ChainOf<C>...> chains_of(List<C...>);
    template <class... C> static std::size_t memory_of_chains(List<C...>) {
        return (decltype(ChainOf<C>::stages)::memory_for() + ... + std::size_t{0});
    }

    // The argument for a parameter of type T of an offer's of() or of an expert's update().
    template <class T> decltype(auto) argument() noexcept {
        if constexpr (std::is_same_v<T, CodingCost>) {
            return (*cost_);
        } else {
            return std::as_const(*this).template argument<T>();
        }
    }
    template <class T> decltype(auto) argument() const noexcept {
        if constexpr (std::is_same_v<T, ByteHistory>) {
            return (history_);
        } else if constexpr (std::is_same_v<T, PartialByte>) {
            return (partial_);
        } else if constexpr (std::is_same_v<T, RawByte>) {
            return (raw_);
        } else if constexpr (std::is_same_v<T, ExpectedSymbol>) {
            return expected_symbol();
        } else if constexpr (std::is_same_v<T, MatchModel>) {
            return (longest_match());
        } else if constexpr (std::is_same_v<T, NetworkOutput>) {
            return (network_);
        } else if constexpr (std::is_same_v<T, StructureNow>) {
            return (structure_);
        } else if constexpr (std::is_same_v<T, ParsedFormat>) {
            return (parsed_);
        } else if constexpr (AllExperts::template has<T>()) {
            return (experts_.template get<T>());
        } else {
            return states_of(Tag<T>());
        }
    }
    template <class... C> StatesOf<C...> states_of(Tag<StatesOf<C...>>) const noexcept {
        return {{state_[static_cast<std::size_t>(Indices::template position<C>())]...}};
    }
    template <class Result, class... A> Result call(Result (*of)(A...)) const noexcept {
        return of(argument<std::remove_cvref_t<A>>()...);
    }
    template <class E, class... A> void call_update(void (E::*method)(A...)) {
        static_assert(offers::kKnownAtByte<List<std::remove_cvref_t<A>...>>,
                      "a parameter of update() is not known at the end of a byte");
        (experts_.template get<E>().*method)(argument<std::remove_cvref_t<A>>()...);
    }
    template <class... A> void call_inputs(void (*of)(A...), std::int16_t* x) const noexcept {
        call_inputs(of, x, std::make_index_sequence<sizeof...(A) - 1>());
    }
    template <class... A, std::size_t... i>
    void call_inputs(void (*of)(A...), std::int16_t* x, std::index_sequence<i...>) const noexcept {
        using All = std::tuple<std::remove_cvref_t<A>...>;
        of(argument<std::tuple_element_t<i, All>>()..., x);
    }

    // Of the matches that agree with the partial byte, that of the model with the longest minimum.
    const MatchModel& longest_match() const noexcept {
        for (std::size_t i = kMatches - 1; i > 0; --i) {
            if (matches_[i].state() != 0) {
                return matches_[i];
            }
        }
        return matches_.front();
    }

    ExpectedSymbol expected_symbol() const noexcept {
        ExpectedSymbol expected;
        for (const MatchModel& match : matches_) {
            const int symbol = match.continued(history_, raw_history_, shift_);
            if (symbol >= 0 && match.length() >= expected.length) {
                expected = {static_cast<std::uint32_t>(symbol), match.length()};
            }
        }
        return expected;
    }

    // The active structure: kind_ is 0 for none, otherwise 1 + its index in the recipe's list.
    template <class E> static constexpr int kind_of() {
        return static_cast<int>(StructureExperts::template index<E>()) + 1;
    }
    template <typename F> void visit_structure(F f) {
        visit_structure(f, typename R::Structures());
    }
    template <typename F, class... S> void visit_structure(F f, List<S...>) {
        static_cast<void>(((kind_ == kind_of<typename S::Expert>() && (f(S()), true)) || ...));
    }

    // The values of selectors and of contexts of APM stages.
    template <class S> auto value(Tag<S>) const noexcept { return call(&S::of); }
    template <class A, class B> auto value(Tag<InText<A, B>>) const noexcept {
        return text_ ? value(Tag<A>()) : value(Tag<B>());
    }
    template <class E, class S> auto value(Tag<For<E, S>>) const noexcept {
        return value(Tag<S>());
    }
    template <class A, class B> auto value(Tag<Both<A, B>>) const noexcept {
        return value(Tag<A>()) + offers::size(Tag<A>()) * value(Tag<B>());
    }
    template <class G, class... Own> auto value(Tag<InStructure<G, Own...>>) const noexcept {
        if (kind_ != 0) {
            decltype(value(Tag<G>())) own{};
            if (((kind_ == kind_of<typename offers::Owner<StructureExperts, Own>::Type>() &&
                  (own = value(Tag<Own>()), true)) ||
                 ...)) {
                return own;
            }
        }
        return value(Tag<G>());
    }
    template <class... S> void write(List<S...>, int* out) const noexcept {
        static_cast<void>(out); // the list may be empty
        ((*out++ = value(Tag<S>())), ...);
    }
    // Writes the contexts of APM stages that depend on the match or the network (`last`), or the
    // others, each to its index.
    template <bool last, class... S> void write_apm(List<S...>, std::uint32_t* out) const noexcept {
        ((write_apm_context<last, S>(out), ++out), ...);
    }
    template <bool last, class S> void write_apm_context(std::uint32_t* out) const noexcept {
        static_assert(
            !offers::kReadsStates<S>,
            "the context of an APM stage is computed before bit-history states are known");
        if constexpr (offers::kLast<S> == last) {
            *out = value(Tag<S>());
        }
    }
    template <class... C> void write_inputs(List<C...>, std::int16_t* x) const noexcept {
        static_cast<void>(x); // the list may be empty
        ((call_inputs(&C::of, x), x += C::kCount), ...);
    }

    // Contexts.
    template <class C> void write_contexts(int at) noexcept {
        static_assert(offers::kKnownAtByte<offers::ParametersOf<C>>,
                      "a parameter of the context is not known at the end of a byte");
        const auto hashes = call(&C::of);
        if constexpr (C::kCount == 1) {
            put(at, hashes);
        } else {
            for (const std::uint32_t hash : hashes) {
                put(at++, hash);
            }
        }
    }
    // A context's index is part of its hash.
    void put(int at, std::uint32_t hash) noexcept {
        contexts_[static_cast<std::size_t>(at)] =
            fixed::combine(hash, static_cast<std::uint32_t>(at) + 1u);
    }
    template <class... S> void write_listed(List<S...>, int end, bool code) noexcept {
        int at = 0;
        ((write_listed_at<S>(at, end, code), at += S::kCount), ...);
    }
    template <class S> void write_listed_at(int at, int end, bool code) noexcept {
        if (at >= end || (S::kNotInCode && code)) {
            return;
        }
        if constexpr (std::is_same_v<typename S::Text, typename S::Rest>) {
            write_contexts<typename S::Text>(at);
        } else {
            if (text_) {
                if constexpr (!std::is_void_v<typename S::Text>) {
                    write_contexts<typename S::Text>(at);
                }
            } else {
                if constexpr (!std::is_void_v<typename S::Rest>) {
                    write_contexts<typename S::Rest>(at);
                }
            }
        }
    }

    // Begins a byte after bytes of which nothing was learnt.
    void begin_skipped() {
        begin_byte();
        begin_bit();
        look_up();
    }
    void begin_byte() {
        for (MatchModel& match : matches_) {
            match.begin_byte(history_, raw_history_);
        }
        bool code = false;
        int end = Shape::kContexts;
        int own = 0;
        bool may_be_text = true;
        byte_ = ByteFeatures();
        RateScale rate_scale = R::kRateScale;
        bool has_rate_scale = false;
        visit_structure([&](auto structure) {
            using S = decltype(structure);
            code = S::kCode;
            may_be_text = S::kText;
            if constexpr (!std::is_void_v<typename S::LastContext>) {
                end = Indices::template position<typename S::LastContext>() + 1;
                byte_.few = true;
            }
            own = shapes::count(typename S::OwnContexts());
            byte_.own_inputs = shapes::count(typename S::OwnInputs());
            byte_.apm_stages = S::kApmStages;
            has_rate_scale = S::kHasRateScale;
            rate_scale = S::kHasRateScale ? S::kRateScale : rate_scale;
            int at = Shape::kContexts;
            write_own(typename S::OwnContexts(), at);
        });
        if constexpr (!std::is_void_v<typename R::Text>) {
            text_ = may_be_text && experts_.template get<typename R::Text>().text();
            rate_scale = text_ && !has_rate_scale ? R::kTextRateScale : rate_scale;
        }
        if constexpr (R::kScaledRates) {
            byte_.first_rate_scale = rate_scale.first;
            byte_.second_rate_scale = rate_scale.second;
        }
        byte_.own = (own * HistoryInputs<1, 1>::kInputs + byte_.own_inputs + 15) / 16 * 16;
        write_listed(typename Indices::All(), end, code);
        if (byte_.few) {
            active_ = context_indices::Ranges();
            active_.add(0, end);
            std::fill(state_.begin() + end, state_.begin() + Shape::kContexts, std::uint8_t{0});
            count_ = own != 0 ? Shape::kContexts + own : end;
        } else {
            active_ = kActive[text_ ? 1 : 0][code ? 1 : 0];
            count_ = Shape::kContexts + own;
        }
        byte_.contexts = count_;
        StructureExperts::each([&]<class E>() {
            if constexpr (requires(const E& expert) { expert.wanted_cost(); }) {
                byte_.cost = byte_.cost | experts_.template get<E>().wanted_cost();
            }
        });
        begin_nibble();
    }
    template <class... C> void write_own(List<C...>, int at) noexcept {
        static_cast<void>(at);
        ((write_contexts<C>(at), at += C::kCount), ...);
    }

    template <typename F> void for_active(F f) {
        for (int r = 0; r < active_.count; ++r) {
            const context_indices::Range range = active_.ranges[static_cast<std::size_t>(r)];
            for (int i = range.begin; i < range.end; ++i) {
                f(static_cast<std::size_t>(i));
            }
        }
        for (int i = Shape::kContexts; i < count_; ++i) {
            f(static_cast<std::size_t>(i));
        }
    }

    /// Hashes the contexts for the next nibble and prefetches their slots.
    void begin_nibble() {
        if (partial_.known == 0) {
            for_active([&](std::size_t i) {
                hashes_[i] = contexts_[i];
                table_.prefetch(hashes_[i]);
            });
            return;
        }
        for_active([&](std::size_t i) {
            slot_[i] = singles_.lower(i, partial_.node, blank_.data());
            if (slot_[i] == nullptr) {
                hashes_[i] = lower_hash(i, partial_.node);
                table_.prefetch(hashes_[i]);
                if (singles_.departed(i)) {
                    table_.prefetch(lower_hash(i, singles_.single_node(i)));
                }
            }
        });
    }
    /// The hash of context i for a byte's lower nibble. node: 16 + the upper nibble.
    std::uint32_t lower_hash(std::size_t i, unsigned node) const noexcept {
        // The upper half of a capital letter differs from that of a small one in this bit.
        const std::uint32_t capital = (node & 0x1eu) == 0x14u ? 2 : 0;
        return fixed::combine(contexts_[i], node | (capital & kFolds[text_ ? 1 : 0][i]));
    }
    /// Looks up the slots of the active contexts; inactive ones get a blank slot. Not so those that
    /// a structure with contexts of its own takes the place of (LastContext): they keep the slots
    /// of the last byte without one, and learn there. Released archives depend on it.
    void find_slots() {
        // Each node is visited once per nibble, so all inactive contexts read state 0.
        blank_.fill(0);
        if (partial_.known != 0) {
            for_active([this](std::size_t i) {
                if (slot_[i] == nullptr) {
                    if (singles_.departed(i)) {
                        const std::uint32_t hash = lower_hash(i, singles_.single_node(i));
                        singles_.store(i, table_.find(hash));
                    }
                    slot_[i] = table_.find(hashes_[i]);
                }
            });
            return;
        }
        if (!active_.whole) {
            std::fill(slot_.begin(), slot_.begin() + Shape::kContexts, blank_.data());
        }
        for_active([this](std::size_t i) {
            slot_[i] = table_.find(hashes_[i]);
            singles_.begin_byte(i, slot_[i]);
        });
        if constexpr (R::kByteRuns) {
            runs_.begin_byte(slot_, count_);
        }
    }
    // Contexts that another byte has followed than the only one before need a slot for that one.
    void end_singles(std::uint8_t symbol) {
        std::array<std::size_t, kMaxContexts> others;
        std::size_t count = 0;
        for_active([&](std::size_t i) {
            if (singles_.end_byte(i, symbol)) {
                hashes_[i] = lower_hash(i, singles_.single_node(i));
                table_.prefetch(hashes_[i]);
                others[count++] = i;
            }
        });
        for (std::size_t k = 0; k < count; ++k) {
            singles_.move(others[k], table_.find(hashes_[others[k]]));
        }
    }

    /// The current node of this nibble's binary tree; 1 is its root.
    unsigned node_of_nibble() const noexcept {
        const int known = partial_.known & 3;
        return (1u << known) | (partial_.node & ((1u << known) - 1));
    }
    void read_states() noexcept {
        const unsigned node = node_of_nibble();
        std::uint8_t* const* slots = slot_.data();
        std::uint8_t* states = state_.data();
        with_count([&](auto count) {
            for (std::size_t i = 0; i < count; ++i) {
                states[i] = slots[i][node];
            }
        });
    }
    // Calls f(count_), with a compile-time constant if the structure adds no contexts.
    template <typename F> void with_count(F f) {
        constexpr auto all = static_cast<std::size_t>(Shape::kContexts);
        if (const auto count = static_cast<std::size_t>(count_); count == all) {
            f(std::integral_constant<std::size_t, all>());
        } else {
            f(count);
        }
    }
    std::size_t order1() const noexcept { return (history_.last4() & 255u) << 8 | partial_.node; }

    void learn(unsigned bit) {
        const unsigned node = node_of_nibble();
        with_count([&](auto count) {
            for (std::size_t i = 0; i < count; ++i) {
                slot_[i][node] = next_state_->next(state_[i], bit);
            }
        });
        for (MatchModel& match : matches_) {
            match.update(bit);
        }
        if constexpr (R::kOrderZero) {
            order0_.update(partial_.node, bit);
        }
        if constexpr (R::kOrderOne) {
            order1_.update(order1(), bit);
        }
        std::apply([&](auto&... chain) { (chain.stages.update(bit), ...); }, chains_);
        ListedExperts::each([&]<class E>() { train<E>(bit); });
        visit_structure([&](auto structure) { train<typename decltype(structure)::Expert>(bit); });
    }

    template <class E> void train(unsigned bit) {
        if constexpr (requires(E& expert) { expert.train(bit); }) {
            experts_.template get<E>().train(bit);
        }
    }
    template <class E> void begin_bit_of() {
        if constexpr (requires(E& expert) { expert.begin_bit(partial_); }) {
            experts_.template get<E>().begin_bit(partial_);
        }
    }

    void end_byte(CodingCost& cost) {
        const auto symbol = static_cast<std::uint8_t>(partial_.node);
        if constexpr (R::kByteRuns) {
            runs_.end_byte(symbol);
        }
        end_singles(symbol);
        ++trained_;
        take(symbol, cost);
    }
    // Adds a symbol to the histories, follows copies, and passes the byte to the experts.
    void take(std::uint8_t symbol, CodingCost& cost) {
        push(symbol);
        copying_.update(raw_history_, long_matches_);
        pass_on(cost);
    }
    void push(std::uint8_t symbol) {
        history_.push(symbol);
        raw_.value = static_cast<std::uint8_t>(symbol - shift_);
        raw_history_.push(raw_.value);
        long_matches_.update(raw_history_);
    }
    // Passes the latest byte to the experts.
    void pass_on(CodingCost& cost) {
        if (table_.grows(raw_history_.position())) [[unlikely]] {
            grow_table();
        }
        cost_ = &cost;
        parsed_ = ParsedFormat();
        visit_structure([&](auto structure) { parsed_.now = decltype(structure)::kParsed; });
        AllExperts::each([this]<class E>() {
            if (!kInterrupted<E> || !interrupted_) {
                this->call_update(&E::update);
            }
        });
        choose_structure(typename R::Structures());
        partial_ = PartialByte();
    }
    // Slots that stay in use through the next bytes (find_slots()) stay where they are in the
    // table.
    void grow_table() {
        std::array<std::ptrdiff_t, std::size_t{Shape::kContexts}> offsets;
        for (std::size_t i = 0; i < offsets.size(); ++i) {
            offsets[i] = table_.offset(slot_[i]);
        }
        table_.grow(raw_history_.position());
        for (std::size_t i = 0; i < offsets.size(); ++i) {
            if (offsets[i] != HistoryTable::kElsewhere) {
                slot_[i] = table_.begin() + offsets[i];
            }
        }
    }
    template <class... S> void choose_structure(List<S...>) {
        kind_ = 0;
        shift_ = 0;
        interrupted_ = ((interrupts<S>() && (kind_ = kind_of<typename S::Expert>(), true)) || ...);
        if (interrupted_) {
            return;
        }
        (note_sure<S>(), ...);
        (note_certain<S>(), ...);
        static_cast<void>(((chosen<S>() && (kind_ = kind_of<typename S::Expert>(), true)) || ...));
        visit_structure([&](auto structure) {
            const auto& expert = experts_.template get<typename decltype(structure)::Expert>();
            if constexpr (requires { expert.shift(); }) {
                shift_ = expert.shift();
            }
        });
    }

    // Of the structures in kSure that are active, the one that was detected last is right: it would
    // have been cheaper than everything together, or its format is one that other data do not have.
    // One that is certain of its data goes before these.
    template <class S> void note_sure() {
        if constexpr (S::kSure) {
            constexpr unsigned mask = 1u << kind_of<typename S::Expert>();
            const bool active = experts_.template get<typename S::Expert>().active();
            if (active && (sure_ & mask) == 0) {
                latest_ = mask;
            }
            sure_ = active ? sure_ | mask : sure_ & ~mask;
        }
    }
    template <class S> void note_certain() {
        if constexpr (requires(const typename S::Expert& expert) { expert.certain(); }) {
            if (experts_.template get<typename S::Expert>().certain()) {
                latest_ = 1u << kind_of<typename S::Expert>();
            }
        }
    }
    // Bytes that interrupt data of any kind, such as references to where they go on, are known to
    // the expert of what contains them. The experts of other structures do not see them.
    template <class E> static constexpr bool kInterrupts = requires(const E& e) { e.interrupts(); };
    template <class E>
    static constexpr bool kInterrupted = StructureExperts::template has<E>() && !kInterrupts<E>;
    template <class S> bool interrupts() const {
        if constexpr (kInterrupts<typename S::Expert>) {
            return experts_.template get<typename S::Expert>().interrupts();
        } else {
            return false;
        }
    }
    template <class S> bool chosen() const {
        constexpr unsigned mask = 1u << kind_of<typename S::Expert>();
        if (S::kSure && (sure_ & latest_) != 0 && latest_ != mask) {
            return false;
        }
        return experts_.template get<typename S::Expert>().active();
    }

    void begin_bit() {
        structure_ = StructureNow();
        ListedExperts::each([&]<class E>() { begin_bit_of<E>(); });
        visit_structure([&](auto structure) {
            using S = decltype(structure);
            begin_bit_of<typename S::Expert>();
            structure_ = R::Numbers::template number<S>(call(&S::FineSelector::of),
                                                        call(&S::CoarseSelector::of));
        });
        write_apm<false>(typename Shape::Apm(), apm_.data());
    }

    // The active contexts, indexed by whether the data are text and whether they are code.
    static constexpr std::array<std::array<context_indices::Ranges, 2>, 2> kActive{
        {{Indices::active(false, false), Indices::active(false, true)},
         {Indices::active(true, false), Indices::active(true, true)}}};

    // For each context a mask that has all bits set if the context is folded; indexed likewise by
    // whether the data are text.
    using Folds = std::array<std::uint32_t, kMaxContexts>;
    static constexpr std::array<Folds, 2> kFolds = [] {
        std::array<Folds, 2> masks{};
        for (std::size_t text = 0; text < 2; ++text) {
            const auto folded = Indices::folded(text != 0);
            for (std::size_t i = 0; i < folded.size(); ++i) {
                masks[text][i] = folded[i] ? ~0u : 0u;
            }
        }
        return masks;
    }();

    const BitHistory* next_state_;
    ByteHistory history_;    // the symbols so far
    RawHistory raw_history_; // the bytes so far
    LongMatches long_matches_;
    Copying copying_;
    std::uint64_t trained_ = 0;
    HistoryTable table_;
    ExpertSet<AllExperts> experts_;
    std::array<MatchModel, kMatches> matches_;
    AdaptiveMap order0_;
    AdaptiveMap order1_;
    decltype(chains_of(typename R::Chains())) chains_;

    PartialByte partial_;
    RawByte raw_{};
    NetworkOutput network_{};
    CodingCost* cost_ = nullptr; // valid at the end of a byte only
    int kind_ = 0;
    unsigned sure_ = 0;        // the structures in kSure that are active: bit kind_of<Expert>()
    unsigned latest_ = 0;      // the one of them that became active last
    bool interrupted_ = false; // the next byte interrupts the data
    StructureNow structure_;
    ParsedFormat parsed_;
    std::uint8_t shift_ = 0;
    bool text_ = !std::is_void_v<typename R::Text>; // data start as text if the recipe detects it

    context_indices::Ranges active_; // the recipe's contexts that are active for this byte
    int count_ = 0;                  // contexts in use, inactive ones included
    std::array<std::uint32_t, kMaxContexts> contexts_{};
    std::array<std::uint32_t, kMaxContexts> hashes_{};
    std::array<std::uint8_t*, kMaxContexts> slot_{}; // this nibble's slot of each context
    std::array<std::uint8_t, kMaxContexts> state_{};
    std::array<std::uint8_t, 32> blank_{}; // the slot of inactive contexts
    SingleBytes<kMaxContexts, !R::kByteRuns> singles_;
    ByteRuns<R::kByteRuns ? kMaxContexts : 1> runs_;
    ApmContexts apm_{};
    ByteFeatures byte_;
};

} // namespace weightless::model
