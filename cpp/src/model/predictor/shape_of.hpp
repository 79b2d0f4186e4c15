// Derives the constants that mixing is generated from (mixing/bit_features.hpp) from a recipe.
#pragma once

#include "model/experts/list.hpp"
#include "model/history/byte_runs.hpp"
#include "model/history/match_model.hpp"
#include "model/mixing/rates.hpp"
#include "model/predictor/context_indices.hpp"
#include "model/predictor/offers.hpp"
#include "model/recipes/recipe.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

namespace shapes {

// The number of contexts or inputs in a list.
template <class... C> constexpr int count(List<C...>) { return (C::kCount + ... + 0); }

template <class... S> constexpr int own_contexts(List<S...>) {
    return std::max({0, count(typename S::OwnContexts())...});
}
template <class... S> constexpr int own_inputs(List<S...>) {
    return std::max({0, count(typename S::OwnInputs())...});
}
template <class... S> constexpr std::array<int, sizeof...(S)> sizes(List<S...>) {
    return {offers::size(offers::Tag<S>())...};
}

// Everything that these experts offer.
template <class... E> struct Offered {
    using Contexts = Joined<typename E::Offers::Contexts...>;
    using Inputs = Joined<typename E::Offers::Inputs...>;
    using FirstSelectors = Joined<typename E::Offers::FirstSelectors...>;
    using ApmStages = Joined<typename E::Offers::ApmStages...>;
};
template <class L> struct OfferedBy;
template <class... E> struct OfferedBy<List<E...>> : Offered<E...> {};

// The outputs of ISSE chains.
template <class C> struct OutputsOf;
template <class Stages, class Outputs> struct OutputsOf<Chain<Stages, Outputs>> {
    static constexpr std::size_t kCount = Outputs::kSize;
};
template <class L> struct AllOutputs;
template <class... C> struct AllOutputs<List<C...>> {
    static constexpr std::size_t kCount = (OutputsOf<C>::kCount + ... + 0);
    // The last output of each chain.
    static constexpr std::array<std::size_t, sizeof...(C)> kLast = [] {
        std::array<std::size_t, sizeof...(C)> last{};
        std::size_t i = 0;
        std::size_t sum = 0;
        ((sum += OutputsOf<C>::kCount, last[i++] = sum - 1), ...);
        return last;
    }();
};

} // namespace shapes

/// R: a recipe.
template <class R> struct ShapeOf {
    using Added = shapes::OfferedBy<typename R::Added>;
    using AllIndices = ContextIndices<Joined<typename R::Contexts, typename Added::Contexts>>;
    using First = Joined<typename R::FirstSelectors, typename Added::FirstSelectors,
                         typename R::SlowSelectors>;
    using Apm = Joined<typename R::ApmStages, typename Added::ApmStages>;
    using Inputs = Joined<typename R::Inputs, typename Added::Inputs>;
    using Outputs = shapes::AllOutputs<typename R::Chains>;

    static constexpr int kContexts = AllIndices::kCount;
    static constexpr int kInputs = shapes::count(Inputs());
    static constexpr int kOwnContexts = shapes::own_contexts(typename R::Structures());
    static constexpr int kOwnInputs = shapes::own_inputs(typename R::Structures());
    static constexpr int kMatchInputs =
        static_cast<int>(R::Matching::kMinLengths.size()) * MatchModel::kInputs;
    static constexpr bool kOrderZero = R::kOrderZero;
    static constexpr bool kOrderOne = R::kOrderOne;
    static constexpr int kOutputs = static_cast<int>(Outputs::kCount);
    static constexpr auto kLast = Outputs::kLast;
    static constexpr bool kNetwork = R::kNetwork;
    static constexpr int kVariants = R::kByteRuns ? kRunVariants : 1;
    static constexpr bool kLinearInputs = R::kLinearInputs;
    static constexpr bool kCentred = R::kCentred;
    static constexpr bool kNormalised = R::kNormalised;
    static constexpr bool kScaledRates = R::kScaledRates;
    static constexpr auto kFirst = shapes::sizes(First());
    static constexpr auto kSecond = shapes::sizes(typename R::SecondSelectors());
    static constexpr auto kFinal = shapes::sizes(typename R::FinalSelectors());
    static constexpr auto kApm = shapes::sizes(Apm());
    static constexpr std::size_t kSlowFirst = kFirst.size() - R::SlowSelectors::kSize;
    static constexpr std::size_t kSlowLast = kFirst.size();
    static constexpr std::int32_t kFirstWeight = R::kFirstWeight;
    static constexpr MixingRate kFirstRate = R::kFirstRate;
    static constexpr MixingRate kSecondRate = R::kSecondRate;
    static constexpr MixingRate kFinalRate = R::kFinalRate;
    static constexpr std::uint32_t kApmLimit = R::kApmLimit;
};

} // namespace weightless::model
