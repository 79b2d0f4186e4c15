// The experts of a recipe, accessed by type.
#pragma once

#include "model/experts/expert.hpp"
#include "model/experts/list.hpp"

#include <cstddef>
#include <type_traits>

namespace weightless::model {

namespace expert_set {

template <class E> E make(MemoryBudget budget) {
    if constexpr (std::is_constructible_v<E, MemoryBudget>) {
        return E(budget);
    } else {
        return E();
    }
}

template <class E> struct Held {
    explicit Held(MemoryBudget budget) : expert(make<E>(budget)) {}
    E expert;
};

} // namespace expert_set

template <class L> class ExpertSet;
template <class... E> class ExpertSet<List<E...>> : expert_set::Held<E>... {
public:
    explicit ExpertSet(MemoryBudget budget) : expert_set::Held<E>(budget)... {}

    template <class X> static constexpr bool has() { return List<E...>::template has<X>(); }
    template <class X> X& get() noexcept { return expert_set::Held<X>::expert; }
    template <class X> const X& get() const noexcept { return expert_set::Held<X>::expert; }

    /// Bytes of memory that the experts allocate; the set itself is not included.
    std::size_t memory() const noexcept {
        return (memory(expert_set::Held<E>::expert) + ... + std::size_t{0});
    }
    static std::size_t memory_for(MemoryBudget budget) noexcept {
        return (memory_of<E>(budget) + ... + std::size_t{0});
    }

private:
    template <class X> static std::size_t memory(const X& expert) noexcept {
        if constexpr (requires { expert.memory(); }) {
            return expert.memory();
        } else {
            return 0;
        }
    }
    template <class X> static std::size_t memory_of(MemoryBudget budget) noexcept {
        if constexpr (requires { X::memory_for(budget); }) {
            return X::memory_for(budget);
        } else {
            return 0;
        }
    }
};

} // namespace weightless::model
