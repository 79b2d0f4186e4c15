// Takes decisions from the bytes of a fuzzer's input, first to last; zeros follow its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

namespace weightless::fuzz {

using Bytes = std::vector<std::uint8_t>;

class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : data_(data, size) {}

    std::uint8_t byte() {
        if (at_ == data_.size()) {
            return 0;
        }
        return data_[at_++];
    }
    std::uint32_t number(int bytes) {
        std::uint32_t value = 0;
        for (int i = 0; i < bytes; ++i) {
            value |= std::uint32_t{byte()} << (8 * i);
        }
        return value;
    }
    /// At most `size` of the bytes that are left.
    std::span<const std::uint8_t> bytes(std::size_t size) {
        const auto piece = data_.subspan(at_, size < left() ? size : left());
        at_ += piece.size();
        return piece;
    }
    std::size_t left() const noexcept { return data_.size() - at_; }

private:
    std::span<const std::uint8_t> data_;
    std::size_t at_ = 0;
};

/// Ends the process, so that the fuzzer keeps the input, unless `holds`.
inline void expect(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", what);
        std::abort();
    }
}

} // namespace weightless::fuzz
