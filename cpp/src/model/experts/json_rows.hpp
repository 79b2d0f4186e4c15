// The values of JSON as cells: a value's column is its key, with the key of what contains it. What
// stands between two values, the next key included, follows from the value before. For JSON lines
// and nested JSON.
#pragma once

#include "model/experts/columns.hpp"
#include "model/experts/expert.hpp"
#include "model/history/byte_history.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class JsonRows {
public:
    bool active() const noexcept { return keys_ >= kEnough; }

    void update(const ByteHistory& bytes, Columns& columns) {
        const std::uint8_t byte = bytes.back(1);
        if (depth_ == 0 && keys_ == 0 && byte != '{' && byte != '[') {
            return;
        }
        const bool was = active();
        if (!(in_string_ ? string(byte) : outside(byte))) {
            reset();
            return;
        }
        if (!active()) {
            begins_ = Unit::none;
            return;
        }
        if (!was) {
            columns.prepare();
            columns.begin_row();
        } else if (begins_ == Unit::none) {
            in_value_ ? columns.push_text(bytes) : columns.push_number(bytes);
            return;
        } else if (in_value_) {
            columns.end_text(bytes);
        }
        begin_unit(bytes, columns);
    }

private:
    static constexpr std::uint32_t kEnough = 6;
    static constexpr std::uint32_t kMostKeys = 64;
    static constexpr std::uint32_t kLongestString = 1 << 16;
    static constexpr std::size_t kDeepest = 32;

    enum class Unit : std::uint8_t { none, value, between };

    struct Level {
        std::uint32_t key = 0;   // hash of the latest key, or the index in an array
        std::uint32_t place = 0; // hash of the keys that lead here
        bool array = false;
        bool known = false; // a key has been read, and ':' or its value may follow
    };

    void reset() noexcept {
        depth_ = 0;
        keys_ = 0;
        in_string_ = in_value_ = false;
        begins_ = Unit::none;
    }

    void begin_unit(const ByteHistory& bytes, Columns& columns) {
        const Level& level = levels_[depth_];
        if (row_begins_) {
            columns.begin_row();
            row_begins_ = false;
        }
        in_value_ = begins_ == Unit::value;
        const std::uint32_t key = level.array ? std::min(level.key, 4u) : level.key;
        const std::uint32_t column = hash(level.place, key, depth_ * 4 + (closed_ ? 1 : 0));
        in_value_ ? columns.begin_text(column, bytes) : columns.begin_other(column, bytes);
        begins_ = Unit::none;
    }

    // These return false if the byte is impossible.

    bool string(std::uint8_t byte) noexcept {
        if (byte < 32 || ++length_ > kLongestString) {
            return false;
        }
        if (escaped_) {
            escaped_ = false;
        } else if (byte == '\\') {
            escaped_ = true;
        } else if (byte == '"') {
            in_string_ = false;
            return true;
        }
        string_ = fixed::combine(string_, byte + 1u);
        return true;
    }

    bool outside(std::uint8_t byte) noexcept {
        Level& level = levels_[depth_];
        switch (byte) {
        case '"':
            in_string_ = true;
            escaped_ = false;
            length_ = 0;
            string_ = 1;
            return depth_ != 0;
        case '{':
        case '[': {
            if (depth_ + 1 >= kDeepest) {
                return false;
            }
            closed_ = false;
            const std::uint32_t key = level.array ? 0 : level.key;
            levels_[++depth_] = {0, hash(level.place, depth_ == 1 ? 0 : key), byte == '[', false};
            begins_ = byte == '[' ? Unit::value : Unit::between;
            row_begins_ = true;
            return true;
        }
        case '}':
        case ']':
            if (depth_ == 0 || level.array != (byte == ']')) {
                return false;
            }
            --depth_;
            closed_ = true;
            begins_ = Unit::between;
            return true;
        case ',':
            if (depth_ == 0) {
                return false;
            }
            closed_ = false;
            level.key += level.array ? 1 : 0;
            begins_ = level.array ? Unit::value : Unit::between;
            return true;
        case ':':
            if (depth_ == 0 || level.array || string_ == 0) {
                return false;
            }
            level.key = string_;
            string_ = 0;
            keys_ = std::min(keys_ + 1, kMostKeys);
            closed_ = false;
            begins_ = Unit::value;
            return true;
        case ' ':
        case '\t':
        case '\r':
        case '\n':
            return true;
        default:
            return depth_ != 0 &&
                   ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || byte == '-' ||
                    byte == '+' || byte == '.' || byte == 'E' || byte == 'N' || byte == 'I');
        }
    }

    std::array<Level, kDeepest> levels_{};
    std::uint32_t depth_ = 0;
    std::uint32_t keys_ = 0;   // read without an error, at most kMostKeys
    std::uint32_t string_ = 0; // hash of the latest string, 0 once it is known as a key
    std::uint32_t length_ = 0;
    Unit begins_ = Unit::none; // what begins after the latest byte
    bool in_string_ = false;
    bool escaped_ = false;
    bool in_value_ = false; // the current unit is a value
    bool closed_ = false;   // it follows an object or array that was closed
    bool row_begins_ = false;
};

} // namespace weightless::model
