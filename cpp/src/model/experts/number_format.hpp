// How numbers are written in tables: as decimal text, as big-endian integers, as variable-length
// integers, and as doubles that stand for decimal numbers.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

struct NumberFormat {
    enum class Kind : std::uint8_t {
        decimal,  // text, with a sign if it is negative
        integer,  // `least` bytes, big-endian, two's complement
        variable, // seven bits in each byte, the most significant first, as in SQLite
        real,     // an IEEE 754 double, big-endian
    };
    Kind kind = Kind::decimal;
    bool trimmed = false; // text: zeros at the end of the decimals are left out
    std::uint8_t end = 0; // text: what follows the number
    int decimals = 0;     // the number is an integer divided by this power of ten
    int least = 1;        // text: digits before the point, with zeros in front
};

using NumberBytes = std::array<std::uint8_t, 24>;

namespace numbers {

inline constexpr int kMostDecimals = 4; // of doubles

constexpr std::array<std::int64_t, 19> kPowers = [] {
    std::array<std::int64_t, 19> powers{};
    std::int64_t power = 1;
    for (std::size_t i = 0; i < powers.size(); ++i) {
        powers[i] = power;
        power = i < 18 ? power * 10 : power;
    }
    return powers;
}();

/// The bits of the double that is nearest to value / 10^decimals; |value| < 2^40, decimals <= 4.
inline std::uint64_t double_of(std::int64_t value, int decimals) noexcept {
    if (value == 0) {
        return 0;
    }
    const bool negative = value < 0;
    const std::uint64_t size =
        negative ? 0u - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    const auto divisor = static_cast<std::uint64_t>(kPowers[static_cast<std::size_t>(decimals)]);
    // 96 bits behind the binary point, in three steps of long division.
    const std::uint64_t whole = size / divisor;
    std::uint64_t rest = size % divisor;
    std::uint64_t low = 0;
    std::uint64_t high = (rest << 32) / divisor;
    rest = (rest << 32) % divisor;
    high = high << 32 | (rest << 32) / divisor;
    rest = (rest << 32) % divisor;
    low = (rest << 32) / divisor;
    rest = (rest << 32) % divisor;
    // The number is whole + (high + low / 2^32) / 2^64. Its first 64 bits are aligned.
    std::uint64_t top = whole;
    int exponent = 63; // of the uppermost bit of `top`
    std::uint64_t below = high;
    std::uint64_t lowest = low << 32 | (rest != 0 ? 1u : 0u);
    if (top == 0) {
        top = below;
        below = lowest;
        lowest = 0;
        exponent = -1;
    }
    if (top == 0) {
        return 0; // below 2^-64, which four decimals cannot be
    }
    const int shift = std::countl_zero(top);
    exponent -= shift;
    if (shift != 0) {
        top = top << shift | below >> (64 - shift);
        below = below << shift | (lowest >> (64 - shift));
        lowest <<= shift;
    }
    std::uint64_t mantissa = top >> 11;
    const std::uint64_t remainder = top & 2047u;
    const bool sticky = (below | lowest) != 0;
    if (remainder > 1024 || (remainder == 1024 && (sticky || (mantissa & 1u) != 0))) {
        ++mantissa; // a carry out of 53 bits goes to the exponent below
    }
    const std::uint64_t bits =
        (static_cast<std::uint64_t>(exponent + 1023) << 52) + (mantissa - (std::uint64_t{1} << 52));
    return bits | (negative ? std::uint64_t{1} << 63 : 0u);
}

struct Decimal {
    std::int64_t value = 0;
    int decimals = -1; // -1: the double is no decimal number with at most 4 decimals
};

/// The decimal number that a double stands for, with the fewest decimals.
inline Decimal decimal_of(std::uint64_t bits) noexcept {
    const int exponent = static_cast<int>(bits >> 52 & 2047u) - 1023;
    if (bits << 1 == 0) {
        return {0, 0};
    }
    if (exponent < -14 || exponent > 25) {
        return {};
    }
    const std::uint64_t mantissa = (bits & ((std::uint64_t{1} << 52) - 1)) | std::uint64_t{1} << 52;
    const int behind = 52 - exponent; // bits behind the point, 27 to 66
    const std::uint64_t whole = behind < 64 ? mantissa >> behind : 0;
    std::uint64_t fraction = behind < 64 ? mantissa & ((std::uint64_t{1} << behind) - 1) : mantissa;
    int width = behind;
    if (width > 48) {
        fraction >>= width - 48;
        width = 48;
    }
    const std::uint64_t half = std::uint64_t{1} << (width - 1);
    for (int decimals = 0; decimals <= kMostDecimals; ++decimals) {
        const auto power = static_cast<std::uint64_t>(kPowers[static_cast<std::size_t>(decimals)]);
        const auto size =
            static_cast<std::int64_t>(whole * power + ((fraction * power + half) >> width));
        const std::int64_t value = bits >> 63 != 0 ? -size : size;
        if (double_of(value, decimals) == bits) {
            return {value, decimals};
        }
    }
    return {};
}

} // namespace numbers

/// Writes consecutive numbers.
class NumberWriter {
public:
    explicit NumberWriter(const NumberFormat& format) noexcept : format_(format) {}

    /// Writes a number; returns its length, including what follows it in text; 0: it cannot be
    /// written in the format. Cheapest if it is the previous number plus 1.
    std::uint32_t write(std::int64_t value, NumberBytes& out) noexcept {
        switch (format_.kind) {
        case NumberFormat::Kind::decimal:
            return write_decimal(value, out);
        case NumberFormat::Kind::integer:
            return write_integer(value, out);
        case NumberFormat::Kind::variable:
            return write_variable(value, out);
        case NumberFormat::Kind::real:
            break;
        }
        if (value <= -kMostReal || value >= kMostReal) {
            return 0;
        }
        return big_endian(numbers::double_of(value, format_.decimals), 8, out);
    }

private:
    static constexpr std::int64_t kMostReal = std::int64_t{1} << 40;

    static std::uint32_t big_endian(std::uint64_t value, int bytes, NumberBytes& out) noexcept {
        for (int i = 0; i < bytes; ++i) {
            out[static_cast<std::size_t>(i)] =
                static_cast<std::uint8_t>(value >> (8 * (bytes - 1 - i)));
        }
        return static_cast<std::uint32_t>(bytes);
    }
    std::uint32_t write_integer(std::int64_t value, NumberBytes& out) const noexcept {
        const std::int64_t power = numbers::kPowers[static_cast<std::size_t>(format_.decimals)];
        if (value % power != 0) {
            return 0;
        }
        return big_endian(static_cast<std::uint64_t>(value / power), format_.least, out);
    }
    static std::uint32_t write_variable(std::int64_t value, NumberBytes& out) noexcept {
        if (value < 0 || value >= std::int64_t{1} << 56) {
            return 0;
        }
        const auto bits = static_cast<std::uint64_t>(value);
        const int bytes = std::max(1, (static_cast<int>(std::bit_width(bits)) + 6) / 7);
        for (int i = 0; i < bytes; ++i) {
            out[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(
                (bits >> (7 * (bytes - 1 - i)) & 127u) | (i + 1 < bytes ? 128u : 0u));
        }
        return static_cast<std::uint32_t>(bytes);
    }
    std::uint32_t write_decimal(std::int64_t value, NumberBytes& out) noexcept {
        if (size_ == 0 || value <= 0 || !increment()) {
            begin_decimal(value);
        }
        std::size_t n = 0;
        if (negative_) {
            out[n++] = '-';
        }
        const auto decimals = static_cast<std::size_t>(format_.decimals);
        std::size_t last = 0;
        if (format_.trimmed) {
            while (last < decimals && last < size_ && digits_[last] == 0) {
                ++last;
            }
        }
        for (std::size_t i = size_; i > last; --i) {
            if (i == decimals) {
                out[n++] = '.';
            }
            out[n++] = static_cast<std::uint8_t>('0' + digits_[i - 1]);
        }
        out[n++] = format_.end;
        return static_cast<std::uint32_t>(n);
    }
    void begin_decimal(std::int64_t value) noexcept {
        negative_ = value < 0;
        std::uint64_t rest =
            negative_ ? 0u - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
        const auto least =
            std::min<std::size_t>(static_cast<std::size_t>(format_.least + format_.decimals), 20);
        size_ = 0;
        while ((rest != 0 || size_ < least) && size_ < digits_.size()) {
            digits_[size_++] = static_cast<std::uint8_t>(rest % 10);
            rest /= 10;
        }
    }
    // Adds 1; false if there is no room for a carry.
    bool increment() noexcept {
        for (std::size_t i = 0; i < size_; ++i) {
            if (digits_[i] < 9) {
                ++digits_[i];
                return true;
            }
            digits_[i] = 0;
        }
        return false;
    }

    NumberFormat format_;
    std::array<std::uint8_t, 20> digits_{}; // the last one first
    std::size_t size_ = 0;
    bool negative_ = false;
};

} // namespace weightless::model
