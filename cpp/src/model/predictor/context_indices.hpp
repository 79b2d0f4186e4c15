// The indices of a recipe's contexts, and which are active for which kind of data, computed at
// compile time.
#pragma once

#include "model/experts/list.hpp"
#include "model/recipes/recipe.hpp"

#include <array>
#include <cstddef>
#include <type_traits>

namespace weightless::model {

/// One or more consecutive indices. They are used by the contexts `Text` while the data are text
/// and by `Rest` otherwise; void: by none.
template <class Text_, class Rest_, bool not_in_code> struct IndexedContexts {
    using Text = Text_;
    using Rest = Rest_;
    static constexpr bool kNotInCode = not_in_code;
    static constexpr int kCount = [] {
        if constexpr (std::is_void_v<Text>) {
            return Rest::kCount;
        } else {
            return Text::kCount;
        }
    }();
    /// Whether the contexts are folded (experts/expert.hpp).
    static constexpr bool folded(bool text) { return text ? folded<Text>() : folded<Rest>(); }

private:
    template <class C> static constexpr bool folded() {
        if constexpr (std::is_void_v<C>) {
            return false;
        } else {
            return C::kFolded;
        }
    }
};

namespace context_indices {

template <bool not_in_code, class T, class U> struct Zip {
    using Type = List<>;
};
template <bool not_in_code, class T, class... Ts, class U, class... Us>
struct Zip<not_in_code, List<T, Ts...>, List<U, Us...>> {
    static_assert(T::kCount == U::kCount);
    using Type = Joined<List<IndexedContexts<T, U, not_in_code>>,
                        typename Zip<not_in_code, List<Ts...>, List<Us...>>::Type>;
};
template <bool not_in_code, class T, class... Ts> struct Zip<not_in_code, List<T, Ts...>, List<>> {
    using Type =
        List<IndexedContexts<T, void, not_in_code>, IndexedContexts<Ts, void, not_in_code>...>;
};

template <bool not_in_code, class C> struct Indexed {
    using Type = List<IndexedContexts<C, C, not_in_code>>;
};
template <bool not_in_code, class T, class U> struct Indexed<not_in_code, TextOr<T, U>> {
    using Type = typename Zip<not_in_code, T, U>::Type;
};
template <class Group> struct Flat {
    using Type = typename Indexed<false, Group>::Type;
};
template <class... C> struct Flat<Always<C...>> {
    using Type = Joined<typename Indexed<false, C>::Type...>;
};
template <class... C> struct Flat<NotInCode<C...>> {
    using Type = Joined<typename Indexed<true, C>::Type...>;
};

/// The contexts begin..end-1.
struct Range {
    int begin = 0;
    int end = 0;
};
/// The active contexts, as ascending ranges.
struct Ranges {
    std::array<Range, 8> ranges{};
    int count = 0;
    bool whole = true; // all of them are active

    constexpr void add(int begin, int size) {
        if (count != 0 && ranges[static_cast<std::size_t>(count - 1)].end == begin) {
            ranges[static_cast<std::size_t>(count - 1)].end += size;
        } else {
            ranges[static_cast<std::size_t>(count)] = {begin, begin + size};
            ++count;
        }
    }
};

} // namespace context_indices

/// The context indices of a list of groups; a group is Always, NotInCode, or a single context.
template <class Groups> struct ContextIndices;
template <class... Group> struct ContextIndices<List<Group...>> {
    using All = Joined<typename context_indices::Flat<Group>::Type...>;

    template <class S> struct SumOf;
    template <class... S> struct SumOf<List<S...>> {
        static constexpr int kCount = (S::kCount + ... + 0);
        template <class C> static constexpr int position() {
            int at = 0;
            const bool found = ((std::is_same_v<C, typename S::Text> ||
                                 std::is_same_v<C, typename S::Rest> || (at += S::kCount, false)) ||
                                ...);
            return found ? at : -1;
        }
        static constexpr std::array<bool, std::size_t{kCount}> folded(bool text) {
            std::array<bool, std::size_t{kCount}> folded{};
            std::size_t at = 0;
            (
                [&] {
                    for (int i = 0; i < S::kCount; ++i) {
                        folded[at++] = S::folded(text);
                    }
                }(),
                ...);
            return folded;
        }
        static constexpr context_indices::Ranges active(bool text, bool code) {
            context_indices::Ranges ranges;
            int at = 0;
            (
                [&] {
                    const bool none =
                        text ? std::is_void_v<typename S::Text> : std::is_void_v<typename S::Rest>;
                    if (!none && !(code && S::kNotInCode)) {
                        ranges.add(at, S::kCount);
                    } else {
                        ranges.whole = false;
                    }
                    at += S::kCount;
                }(),
                ...);
            return ranges;
        }
    };

    static constexpr int kCount = SumOf<All>::kCount;
    /// The index of a context.
    template <class C> static constexpr int position() {
        constexpr int at = SumOf<All>::template position<C>();
        static_assert(at >= 0, "the recipe has no such context");
        return at;
    }
    static constexpr context_indices::Ranges active(bool text, bool code) {
        return SumOf<All>::active(text, code);
    }
    /// For each index whether its contexts are folded.
    static constexpr std::array<bool, std::size_t{kCount}> folded(bool text) {
        return SumOf<All>::folded(text);
    }
};

} // namespace weightless::model
