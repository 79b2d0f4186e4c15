// Markup: the enclosing element, the attribute, brackets, and the indentation. For XML, HTML,
// wiki text and source text.
#pragma once

#include "model/experts/context_list.hpp"
#include "model/history/byte_history.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class Markup {
public:
    void update(std::uint8_t byte) noexcept {
        follow_tag(byte);
        follow_brackets(byte);
        last_ = byte;
    }

    /// word: hash of the word so far, or of what is between words.
    void contexts(const ByteHistory& history, std::uint32_t word,
                  ContextList& list) const noexcept {
        const std::uint32_t last3 = history.last4() & 0xffffffu;
        const std::uint32_t here = enclosing();
        const std::uint32_t around = depth_ > 1 ? tags_[(depth_ - 2) % kDepth] : 0;
        list.add(fixed::combine(fixed::combine(word, 31), here));
        list.add(fixed::combine(fixed::combine(fixed::combine(last3, here), previous_), around));
    }

    /// One more, while the data are text.
    void more(std::uint32_t word, ContextList& list) const noexcept {
        list.add(fixed::combine(fixed::combine(word, 22), nest()));
    }

    /// Hash of the name of the innermost element, or of the tag's that is being read.
    std::uint32_t enclosing() const noexcept {
        return in_tag_ ? name_ + 1 : (depth_ > 0 ? tags_[(depth_ - 1) % kDepth] : 0);
    }

    /// The innermost open bracket, 0 if none is known, and whether there is an open quote.
    std::uint32_t nest() const noexcept {
        const std::uint32_t bracket = open_ > 0 && open_ <= kDepth ? brackets_[open_ - 1] : 0;
        return bracket * 2 + (quoted_ ? 1 : 0);
    }

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

    std::array<std::uint32_t, kDepth> tags_{}; // hashes of names, the outermost first
    std::array<std::uint8_t, kDepth> brackets_{};
    std::uint32_t depth_ = 0;
    std::uint32_t open_ = 0;     // brackets
    std::uint32_t name_ = 0;     // of the tag that is being read
    std::uint32_t previous_ = 0; // name of the tag before
    bool in_tag_ = false;
    bool closing_ = false;
    bool named_ = false; // the tag's name is over
    bool quoted_ = false;
    std::uint8_t last_ = 0;
};

} // namespace weightless::model
