// Reads the headers of files that contain arrays, so that the width of their numbers is known from
// the first one on: .npy (NumPy's format, anywhere in the data) and safetensors (at the beginning).
//
// Sources: NEP 1 (A simple file format for NumPy arrays) and the description of its format in the
// repository of safetensors.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

/// A header of .npy: a magic string, a version, the length of what follows, and a dictionary in
/// Python's notation, in which '<f8' is a type, or in which a record's fields have one each.
class NpyHeader {
public:
    /// Takes the next byte. Returns the bytes of a number or record, if the array begins with the
    /// byte after it; otherwise 0.
    std::uint32_t push(std::uint8_t byte) noexcept {
        if (place_ < kMagic.size()) {
            place_ = byte == kMagic[place_] ? place_ + 1 : (byte == kMagic[0] ? 1 : 0);
            return 0;
        }
        if (place_ < kMagic.size() + 2) {
            // The version: the length has two bytes in the first, four in the next two.
            begin_ = place_ == kMagic.size() ? kMagic.size() + (byte == 1 ? 4 : 6) : begin_;
            length_ = 0;
        } else if (place_ < begin_) {
            length_ |= std::uint32_t{byte} << 8 * (place_ - kMagic.size() - 2);
            width_ = 0;
            type_ = 0;
        } else {
            read_type(byte);
            --length_;
        }
        ++place_;
        const bool wrong = length_ > kLongest && place_ >= begin_;
        const bool ends = length_ == 0 && place_ > begin_;
        if (wrong || ends) {
            place_ = 0;
        }
        return ends ? width_ : 0;
    }

private:
    static constexpr std::array<std::uint8_t, 6> kMagic{0x93, 'N', 'U', 'M', 'P', 'Y'};
    static constexpr std::uint32_t kLongest = 1u << 16;
    static constexpr std::uint32_t kWidest = 1u << 16;

    // A type in quotes: byte order, kind, and bytes of a number (or characters of text).
    void read_type(std::uint8_t byte) noexcept {
        const bool quote = byte == '\'';
        const bool digit = byte >= '0' && byte <= '9';
        if (type_ == 1 && (byte == '<' || byte == '>' || byte == '|' || byte == '=')) {
            type_ = 2;
        } else if (type_ == 2 && byte >= 'A') {
            unit_ = byte == 'U' ? 4 : 1;
            size_ = 0;
            type_ = 3;
        } else if (type_ == 3 && digit) {
            size_ = std::min(size_ * 10 + (byte - '0'), kWidest);
        } else {
            if (type_ == 3 && quote) {
                width_ = std::min(width_ + size_ * unit_, kWidest);
            }
            type_ = quote ? 1 : 0;
        }
    }

    std::size_t place_ = 0;    // in the header
    std::size_t begin_ = 0;    // where the dictionary begins
    std::uint32_t length_ = 0; // its bytes that are left
    std::uint32_t width_ = 0;  // of all types so far
    int type_ = 0;             // what of a type has been read: the quote, the order, the kind
    std::uint32_t unit_ = 1;
    std::uint32_t size_ = 0;
};

/// The header of safetensors: its length in eight bytes, and JSON with each tensor's type and
/// place.
class SafetensorsHeader {
public:
    /// Takes the next byte. Returns the bytes of a number, if a tensor with numbers of another size
    /// than the ones before begins with the byte after it; otherwise 0.
    std::uint32_t push(std::uint8_t byte) {
        const std::uint64_t place = position_++;
        if (place < 8) {
            length_ |= std::uint64_t{byte} << 8 * place;
        } else if (place < 8 + length_ && length_ <= kLongest) {
            if (place == 8 && byte != '{') {
                length_ = 0;
            }
            read(byte);
        }
        std::uint32_t width = 0;
        if (next_ < tensors_.size() && position_ == 8 + length_ + tensors_[next_].begin) {
            width = tensors_[next_].width;
            ++next_;
        }
        return width;
    }

    /// The most that the list of tensors takes.
    static constexpr std::size_t memory_for() noexcept { return kMostTensors * sizeof(Tensor); }

private:
    static constexpr std::uint64_t kLongest = 1u << 24;
    static constexpr std::size_t kMostTensors = 4096;

    struct Tensor {
        std::uint64_t begin; // after the header
        std::uint32_t width;
    };

    // Types are the only strings of up to four letters and digits that end with a number of bits.
    void read(std::uint8_t byte) {
        if (byte == '"') {
            quoted_ = !quoted_;
            if (!quoted_ && bits_ % 8 == 0 && bits_ <= 64 && typed_) {
                width_ = bits_ / 8;
            }
            typed_ = quoted_;
            bits_ = 0;
            letters_ = 0;
        } else if (quoted_) {
            const bool digit = byte >= '0' && byte <= '9';
            bits_ = digit ? std::min(bits_ * 10 + (byte - '0'), 1000u) : bits_;
            letters_ += digit ? 0 : 1;
            typed_ = typed_ && letters_ <= 2 && (digit || (byte >= 'A' && byte <= 'Z'));
        } else if (byte == '[') {
            offset_ = 0;
        } else if (byte >= '0' && byte <= '9') {
            offset_ = std::min(offset_ * 10 + (byte - '0'), std::uint64_t{1} << 48);
        } else if (byte == ',') {
            first_ = offset_;
            offset_ = 0;
        } else if (byte == '}' && width_ != 0) {
            // The last two numbers of a tensor's object are where its data begin and end.
            const bool later = tensors_.empty() || first_ > tensors_.back().begin;
            const bool other = tensors_.empty() || width_ != tensors_.back().width;
            if (later && other && tensors_.size() < kMostTensors) {
                tensors_.push_back({first_, width_});
            }
            width_ = 0;
        }
    }

    std::uint64_t position_ = 0;
    std::uint64_t length_ = 0; // of the JSON
    std::vector<Tensor> tensors_;
    std::size_t next_ = 0; // the next one that begins

    bool quoted_ = false;
    bool typed_ = false; // what is quoted may be a type
    std::uint32_t letters_ = 0;
    std::uint32_t bits_ = 0;
    std::uint32_t width_ = 0;
    std::uint64_t first_ = 0; // the number before a comma
    std::uint64_t offset_ = 0;
};

} // namespace weightless::model
