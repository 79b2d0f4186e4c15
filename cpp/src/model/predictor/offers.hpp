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

// Whether it depends on the match or on the network, which are known last.
template <class T>
inline constexpr bool kKnownLast =
    std::is_same_v<T, MatchModel> || std::is_same_v<T, NetworkOutput>;
template <class... A> constexpr bool any_known_last(List<A...>) { return (kKnownLast<A> || ...); }
template <class S> constexpr bool last(Tag<S>) { return any_known_last(ParametersOf<S>()); }
template <class A, class B> constexpr bool last(Tag<InText<A, B>>) {
    return last(Tag<A>()) || last(Tag<B>());
}
template <class E, class S> constexpr bool last(Tag<For<E, S>>) { return last(Tag<S>()); }
template <class A, class B> constexpr bool last(Tag<Both<A, B>>) {
    return last(Tag<A>()) || last(Tag<B>());
}
template <class G, class... Own> constexpr bool last(Tag<InStructure<G, Own...>>) {
    return last(Tag<G>()) || (last(Tag<Own>()) || ...);
}

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
