// Detects text: few of the recent bytes are control bytes. Recipes then use contexts of words in
// place of those of records.
#pragma once

#include "model/history/byte_history.hpp"

#include <cstdint>

namespace weightless::model {

class TextShare {
public:
    void update(const ByteHistory& bytes) noexcept {
        const std::uint8_t byte = bytes.back(1);
        const bool control = byte < 32 && byte != '\n' && byte != '\r' && byte != '\t';
        share_ += ((control ? 65536 : 0) - share_) / 128;
        // Two thresholds (hysteresis) keep it from switching back and forth.
        text_ = share_ < (text_ ? 65536 / 16 : 65536 / 64);
    }
    bool text() const noexcept { return text_; }

private:
    std::int32_t share_ = 0; // recent share of control bytes, Q16
    bool text_ = true;
};

} // namespace weightless::model
