// A std::vector whose storage is aligned to a cache line: vector loads that straddle two
// lines halve the speed of the matrix products. Large storage is aligned to a huge page, and
// the kernel is advised to use huge pages where it has them: a table with random accesses
// would otherwise miss the TLB at every one. No result depends on either.
#pragma once

#include "fixed/failure.hpp"
#include "fixed/recycling.hpp"

#include <cstddef>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace weightless::fixed {

template <typename T> struct CacheLineAllocator {
    using value_type = T;
    static constexpr std::align_val_t kLine{64};
    static constexpr std::align_val_t kHugePage{2 << 20};

    CacheLineAllocator() noexcept = default;
    template <typename U>
    CacheLineAllocator(const CacheLineAllocator<U>&) noexcept {} // NOLINT: allocators convert

    T* allocate(std::size_t n) {
        if (n > static_cast<std::size_t>(-1) / sizeof(T)) {
            fail<std::bad_array_new_length>();
        }
        const std::size_t size = n * sizeof(T);
        if (alignment(size) == kHugePage) {
            if (void* kept = Recycling::take(size, kHugePage)) {
                return static_cast<T*>(kept);
            }
        }
        void* p = ::operator new(size, alignment(size));
#if defined(__linux__)
        if (alignment(size) == kHugePage) {
            madvise(p, size, MADV_HUGEPAGE);
        }
#endif
        return static_cast<T*>(p);
    }
    void deallocate(T* p, std::size_t n) noexcept {
        const std::size_t size = n * sizeof(T);
        if (alignment(size) == kHugePage && Recycling::keep(p, size, kHugePage)) {
            return;
        }
        ::operator delete(p, alignment(size));
    }

    friend bool operator==(const CacheLineAllocator&, const CacheLineAllocator&) noexcept {
        return true;
    }

private:
    static constexpr std::align_val_t alignment(std::size_t size) noexcept {
        return size >= std::size_t{1} << 20 ? kHugePage : kLine;
    }
};

template <typename T> using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

} // namespace weightless::fixed
