// Large blocks of zeros in a WebAssembly module. What is added to its memory is zero, and takes
// none of the system's until it is written, whereas calloc() writes the zeros. Memory cannot be
// given back to the system, so what is freed is kept for later blocks.
#pragma once

#include <cstddef>
#include <cstring>
#include <vector>

namespace weightless::fixed {

class WasmPages {
public:
    /// A block of zeros, aligned to a page; nullptr if the memory cannot grow so far.
    static void* take(std::size_t size) {
        for (Block& block : free_) {
            if (block.size == rounded(size)) {
                void* const start = block.start;
                block = free_.back();
                free_.pop_back();
                std::memset(start, 0, size);
                return start;
            }
        }
        const std::size_t before = __builtin_wasm_memory_grow(0, rounded(size) / kPage);
        return before == static_cast<std::size_t>(-1) ? nullptr
                                                      : reinterpret_cast<void*>(before * kPage);
    }
    static void give_back(void* start, std::size_t size) {
        free_.push_back({start, rounded(size)});
    }

private:
    static constexpr std::size_t kPage = 65536;

    struct Block {
        void* start;
        std::size_t size;
    };

    static std::size_t rounded(std::size_t size) noexcept {
        return (size + kPage - 1) / kPage * kPage;
    }

    static inline std::vector<Block> free_;
};

} // namespace weightless::fixed
