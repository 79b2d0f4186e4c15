// A large array of zeros whose pages take memory only once they are written. It is aligned to
// a cache line and, where the system supports them, uses huge pages. A huge page is cleared
// whole when a part of it is touched, so for brief use, which touches little, they are left out.
// No result depends on it.
#pragma once

#include "fixed/failure.hpp"
#include "fixed/touched.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#elif defined(__wasm__)
#include "fixed/wasm_pages.hpp"
#endif

namespace weightless::fixed {

/// While an object of this class exists with `brief`, this thread allocates without huge pages,
/// which take longer to zero than brief use saves.
class BriefUse {
public:
    explicit BriefUse(bool brief) noexcept : before_(brief_) { brief_ = brief; }
    ~BriefUse() { brief_ = before_; }
    BriefUse(const BriefUse&) = delete;
    BriefUse& operator=(const BriefUse&) = delete;

    static bool now() noexcept { return brief_; }

private:
    static inline thread_local bool brief_ = false;

    bool before_;
};

class LazyZeros {
public:
    /// size: bytes, a multiple of 64; unit: how many bytes are noted, and copied, together, if the
    /// array is taken back to an earlier state. Throws std::bad_alloc.
    explicit LazyZeros(std::size_t size, std::size_t unit = kUnit) : size_(size), unit_(unit) {
#if defined(__linux__)
        void* p = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) {
            fail<std::bad_alloc>();
        }
        madvise(p, size_, BriefUse::now() ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
        block_ = p;
        data_ = static_cast<std::uint8_t*>(p);
#elif defined(__wasm__)
        block_ = WasmPages::take(size_);
        data_ = static_cast<std::uint8_t*>(block_);
        if (block_ == nullptr) {
            fail<std::bad_alloc>();
        }
#else
        block_ = std::calloc(size_ + 64, 1);
        if (block_ == nullptr) {
            fail<std::bad_alloc>();
        }
        const auto offset = reinterpret_cast<std::uintptr_t>(block_) % 64;
        data_ = static_cast<std::uint8_t*>(block_) + (64 - offset);
#endif
    }
    LazyZeros(const LazyZeros& other) : LazyZeros(other.size_, other.unit_) {
        // Pages of zeros are not written, so that they take no memory in the copy either.
        for (std::size_t i = 0; i < size_; i += kPage) {
            const std::size_t n = size_ - i < kPage ? size_ - i : kPage;
            if (!zero(other.data_ + i, n)) {
                std::memcpy(data_ + i, other.data_ + i, n);
            }
        }
    }
    LazyZeros& operator=(const LazyZeros& other) {
        if (size_ != other.size_) {
            LazyZeros copy(other);
            swap(copy);
            return *this;
        }
        touched_.assign(other.touched_, data_, other.data_, size_, unit_, [&] {
            for (std::size_t i = 0; i < size_; i += kPage) {
                const std::size_t n = size_ - i < kPage ? size_ - i : kPage;
                if (!zero(other.data_ + i, n) || !zero(data_ + i, n)) {
                    std::memcpy(data_ + i, other.data_ + i, n);
                }
            }
        });
        return *this;
    }
    ~LazyZeros() {
#if defined(__linux__)
        munmap(block_, size_);
#elif defined(__wasm__)
        WasmPages::give_back(block_, size_);
#else
        std::free(block_);
#endif
    }

    /// Makes the array larger: zeros follow what there is. Pointers into it are then invalid.
    /// Throws std::bad_alloc; the array is then unchanged.
    void extend(std::size_t size) {
#if defined(__linux__)
        void* p = mremap(block_, size_, size, MREMAP_MAYMOVE);
        if (p == MAP_FAILED) {
            fail<std::bad_alloc>();
        }
        madvise(p, size, MADV_HUGEPAGE);
        touch_all();
        block_ = p;
        data_ = static_cast<std::uint8_t*>(p);
        size_ = size;
#else
        LazyZeros larger(size, unit_);
        std::memcpy(larger.data_, data_, size_);
        swap(larger);
#endif
    }

    /// Exchanges the arrays, and forgets what was noted about this one.
    void swap(LazyZeros& other) noexcept {
        touch_all();
        std::swap(size_, other.size_);
        std::swap(unit_, other.unit_);
        std::swap(block_, other.block_);
        std::swap(data_, other.data_);
    }

    /// Must be called before the byte at an offset is written; it covers the 64 bytes around it
    /// that begin at a multiple of 64 (for units of 64 bytes).
    void touch(std::size_t offset) noexcept { touched_.add(offset / kUnit); }
    /// Must be called before a unit is written.
    void touch_unit(std::size_t unit) noexcept { touched_.add(unit); }
    /// Must be called before all of it is written.
    void touch_all() noexcept { touched_.stop(); }
    std::uint8_t* data() noexcept { return data_; }
    const std::uint8_t* data() const noexcept { return data_; }
    /// The whole array as objects of another type, for which zeros are a value.
    template <class T> T* as() noexcept { return reinterpret_cast<T*>(data_); }
    template <class T> const T* as() const noexcept { return reinterpret_cast<const T*>(data_); }
    std::size_t size() const noexcept { return size_; }

private:
    static constexpr std::size_t kPage = 4096;
    static constexpr std::size_t kUnit = 64;

    static bool zero(const std::uint8_t* p, std::size_t n) noexcept {
        for (std::size_t i = 0; i < n; i += 8) {
            std::uint64_t v = 0;
            std::memcpy(&v, p + i, 8);
            if (v != 0) {
                return false;
            }
        }
        return true;
    }

    std::size_t size_;
    std::size_t unit_;
    void* block_ = nullptr;
    std::uint8_t* data_ = nullptr;
    mutable Touched touched_; // with Following it is reset when the table is read
};

} // namespace weightless::fixed
