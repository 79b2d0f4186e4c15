// Lists of types, in which recipes name experts and what they offer.
#pragma once

#include <cstddef>
#include <type_traits>

namespace weightless::model {

template <class... T> struct List {
    static constexpr std::size_t kSize = sizeof...(T);

    template <class X> static constexpr bool has() { return (std::is_same_v<X, T> || ...); }

    /// The index of X, or kSize if the list does not have it.
    template <class X> static constexpr std::size_t index() {
        std::size_t i = 0;
        static_cast<void>(((std::is_same_v<X, T> || (++i, false)) || ...));
        return i;
    }

    /// Calls f.template operator()<X>() for each X in turn.
    template <typename F> static constexpr void each(F f) { (f.template operator()<T>(), ...); }
};

namespace lists {

template <class... L> struct Join {
    using Type = List<>;
};
template <class... T> struct Join<List<T...>> {
    using Type = List<T...>;
};
template <class... A, class... B, class... L> struct Join<List<A...>, List<B...>, L...> {
    using Type = typename Join<List<A..., B...>, L...>::Type;
};

} // namespace lists

/// The lists one after another.
template <class... L> using Joined = typename lists::Join<L...>::Type;
/// The list, or else an empty one.
template <bool condition, class L> using If = std::conditional_t<condition, L, List<>>;

} // namespace weightless::model
