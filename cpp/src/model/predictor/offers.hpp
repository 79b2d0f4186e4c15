// Properties of offers (experts/expert.hpp) and of the recipes' combinations of them: parameters,
// sizes, owners, and when their values are known.
#pragma once

#include "model/experts/expert.hpp"
#include "model/experts/list.hpp"
#include "model/history/match_model.hpp"
#include "model/recipes/recipe.hpp"

#include <algorithm>
#include <type_traits>

namespace weightless::model::offers {

template <class T> struct Tag {};

// Parameters of a function, without references.
template <class R, class... A> List<std::remove_cvref_t<A>...> parameters(R (*)(A...));
template <class S> using ParametersOf = decltype(parameters(&S::of));

// The number of weight sets or contexts that a selector or a combination distinguishes.
template <class S> constexpr int size(Tag<S>) { return S::kSize; }
template <class A, class B> constexpr int size(Tag<InText<A, B>>) {
    return std::max(size(Tag<A>()), size(Tag<B>()));
}
template <class E, class S> constexpr int size(Tag<For<E, S>>) { return size(Tag<S>()); }
template <class A, class B> constexpr int size(Tag<Both<A, B>>) {
    return size(Tag<A>()) * size(Tag<B>());
}
template <class G, class... Own> constexpr int size(Tag<InStructure<G, Own...>>) {
    return std::max({size(Tag<G>()), size(Tag<Own>())...});
}

// All parameters of an offer, or of all offers in a combination.
template <class S> struct AllParametersOf {
    using Type = ParametersOf<S>;
};
template <class A, class B> struct AllParametersOf<InText<A, B>> {
    using Type = Joined<typename AllParametersOf<A>::Type, typename AllParametersOf<B>::Type>;
};
template <class E, class S> struct AllParametersOf<For<E, S>> : AllParametersOf<S> {};
template <class A, class B> struct AllParametersOf<Both<A, B>> : AllParametersOf<InText<A, B>> {};
template <class G, class... Own> struct AllParametersOf<InStructure<G, Own...>> {
    using Type = Joined<typename AllParametersOf<G>::Type, typename AllParametersOf<Own>::Type...>;
};

// When an argument is known. The bytes so far and the experts are known as soon as a byte ends.
enum class Known {
    at_byte,   // at the end of a byte
    at_bit,    // after the previous bit
    at_states, // when the slots have been looked up
    last       // when the match models and the network have predicted the bit
};
template <class T> inline constexpr Known kKnown = Known::at_byte;
template <> inline constexpr Known kKnown<PartialByte> = Known::at_bit;
template <> inline constexpr Known kKnown<StructureNow> = Known::at_bit;
template <class... C> inline constexpr Known kKnown<StatesOf<C...>> = Known::at_states;
template <> inline constexpr Known kKnown<MatchModel> = Known::last;
template <> inline constexpr Known kKnown<NetworkOutput> = Known::last;

// Whether one of the parameters satisfies `when`.
template <typename When, class... A> constexpr bool any(When when, List<A...>) {
    return (when(kKnown<A>) || ...);
}
template <class S>
inline constexpr bool kLast =
    any([](Known known) { return known == Known::last; }, typename AllParametersOf<S>::Type());
template <class S>
inline constexpr bool kReadsStates =
    any([](Known known) { return known == Known::at_states; }, typename AllParametersOf<S>::Type());
// Whether everything in a list of parameters is known at the end of a byte.
template <class Parameters>
inline constexpr bool kKnownAtByte =
    !any([](Known known) { return known != Known::at_byte; }, Parameters());

// The expert that it belongs to: the first of its parameters that is one of these experts.
template <class Experts, class... A> struct FirstOf {
    using Type = void;
};
template <class Experts, class A, class... Rest> struct FirstOf<Experts, A, Rest...> {
    using Type =
        std::conditional_t<Experts::template has<A>(), A, typename FirstOf<Experts, Rest...>::Type>;
};
template <class Experts, class L> struct OwnerAmong;
template <class Experts, class... A> struct OwnerAmong<Experts, List<A...>> {
    using Type = typename FirstOf<Experts, A...>::Type;
};
template <class Experts, class S> struct Owner {
    using Type = typename OwnerAmong<Experts, ParametersOf<S>>::Type;
};
template <class Experts, class E, class S> struct Owner<Experts, For<E, S>> {
    using Type = E;
};

} // namespace weightless::model::offers
