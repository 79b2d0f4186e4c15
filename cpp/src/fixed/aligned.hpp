// A vector whose storage starts at a cache line: vector loads that straddle two lines cost
// half the speed of the products. No result depends on it.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace weightless::fixed {

template <typename T> struct CacheLineAllocator {
    using value_type = T;
    static constexpr std::align_val_t kLine{64};

    CacheLineAllocator() noexcept = default;
    template <typename U>
    CacheLineAllocator(const CacheLineAllocator<U>&) noexcept {} // NOLINT: as allocators must

    T* allocate(std::size_t n) {
        if (n > static_cast<std::size_t>(-1) / sizeof(T)) {
            throw std::bad_array_new_length();
        }
        return static_cast<T*>(::operator new(n * sizeof(T), kLine));
    }
    void deallocate(T* p, std::size_t) noexcept { ::operator delete(p, kLine); }

    friend bool operator==(const CacheLineAllocator&, const CacheLineAllocator&) noexcept {
        return true;
    }
};

template <typename T> using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

} // namespace weightless::fixed
