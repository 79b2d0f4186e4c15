// Markup: the enclosing elements, and open brackets and quotes. For XML, HTML, wiki text and source
// text.
#pragma once

#include "model/experts/expert.hpp"
#include "model/experts/words.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class Markup {
public:
    void update(const ByteHistory& bytes) noexcept {
        const std::uint8_t byte = bytes.back(1);
        follow_tag(byte);
        follow_brackets(byte);
        last_ = byte;
    }

    /// Hash of the innermost open element's name, or of the current tag's name inside a tag.
    std::uint32_t enclosing() const noexcept {
        return in_tag_ ? name_ + 1 : (depth_ > 0 ? tags_[(depth_ - 1) % kDepth] : 0);
    }

    /// The innermost open bracket, 0 if it is unknown, and whether a quote is open.
    std::uint32_t bracket() const noexcept {
        const std::uint32_t bracket = open_ > 0 && open_ <= kDepth ? brackets_[open_ - 1] : 0;
        return bracket * 2 + (quoted_ ? 1 : 0);
    }

    struct Element : FoldedContexts<1> {
        static std::uint32_t of(const Markup& markup, const Words& words) noexcept {
            return hash(words.current(), 31, markup.enclosing());
        }
    };
    /// The enclosing element, its parent, and the previous tag.
    struct Elements : FoldedContexts<1> {
        static std::uint32_t of(const Markup& markup, const ByteHistory& bytes) noexcept {
            const std::uint32_t around =
                markup.depth_ > 1 ? markup.tags_[(markup.depth_ - 2) % kDepth] : 0;
            return hash(bytes.last4() & 0xffffffu, markup.enclosing(), markup.previous_, around);
        }
    };
    struct Bracket : FoldedContexts<1> {
        static std::uint32_t of(const Markup& markup, const Words& words) noexcept {
            return hash(words.current(), 22, markup.bracket());
        }
    };

    struct Enclosing : Selector<256 * 8> {
        static int of(const Markup& markup, const PartialByte& partial) noexcept {
            return upper_bits<256>(hash(markup.enclosing(), 5)) * 8 + partial.known;
        }
    };

private:
    static constexpr std::size_t kDepth = 16;

    void follow_tag(std::uint8_t byte) noexcept {
        if (byte == '<') {
            in_tag_ = true;
            closing_ = false;
            named_ = false;
            name_ = 0;
        } else if (byte == '>') {
            if (in_tag_) {
                end_tag();
            }
        } else if (byte == '/' && in_tag_ && last_ == '<') {
            closing_ = true;
        } else if (in_tag_ && !named_) {
            if (byte == ' ' || byte == '\n' || byte == '\t') {
                named_ = true;
            } else {
                name_ = fixed::combine(name_, byte + 1u);
            }
        }
    }

    void end_tag() noexcept {
        if (closing_) {
            depth_ -= depth_ > 0 ? 1 : 0;
        } else if (last_ != '/') {
            tags_[depth_ % kDepth] = name_;
            ++depth_;
        }
        previous_ = name_;
        in_tag_ = false;
    }

    void follow_brackets(std::uint8_t byte) noexcept {
        if (byte == '(' || byte == '[' || byte == '{' || byte == '<') {
            if (open_ < kDepth) {
                brackets_[open_] = byte;
            }
            ++open_;
        } else if (byte == ')' || byte == ']' || byte == '}' || byte == '>') {
            open_ -= open_ > 0 ? 1 : 0;
        } else if (byte == '"') {
            quoted_ = !quoted_;
        }
    }

    std::array<std::uint32_t, kDepth>
        tags_{}; // hashes of the open elements' names, the outermost first
    std::array<std::uint8_t, kDepth> brackets_{};
    std::uint32_t depth_ = 0;
    std::uint32_t open_ = 0;     // number of open brackets
    std::uint32_t name_ = 0;     // hash of the current tag's name
    std::uint32_t previous_ = 0; // hash of the previous tag's name
    bool in_tag_ = false;
    bool closing_ = false;
    bool named_ = false; // the tag's name is complete
    bool quoted_ = false;
    std::uint8_t last_ = 0;
};

} // namespace weightless::model
