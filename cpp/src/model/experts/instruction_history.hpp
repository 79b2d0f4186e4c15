// The instructions before the next one, for machine code whose instructions an expert decodes:
// their forms (the operation without registers and constants), and which instruction followed
// which.
#pragma once

#include "model/experts/expert.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class InstructionHistory {
public:
    std::array<std::uint32_t, 4> words{}; // the previous instructions, with absolute targets
    std::array<std::uint32_t, 6> forms{};
    std::uint32_t forms2 = 0; // hashes of the latest 2, 3 and 5 forms
    std::uint32_t forms3 = 0;
    std::uint32_t forms5 = 0;
    std::uint32_t kinds = 0; // of the last eight instructions, four bits each

    /// Adds an instruction of `size` bytes. absolute: what stands for it with absolute targets.
    void push(std::uint32_t word, std::uint32_t size, std::uint32_t absolute, std::uint32_t form,
              std::uint32_t kind) noexcept {
        followed_[place(forms2)] = absolute;
        followed3_[place(forms3)] = absolute;
        for (std::uint32_t n = 1; n < size; ++n) {
            completed_[place(hash(n, word & ((1u << (8 * n)) - 1)))] = word;
        }
        for (std::size_t i = forms.size() - 1; i > 0; --i) {
            forms[i] = forms[i - 1];
        }
        forms[0] = form;
        for (std::size_t i = words.size() - 1; i > 0; --i) {
            words[i] = words[i - 1];
        }
        words[0] = absolute;
        forms2 = hash(forms[0], forms[1]);
        forms3 = hash(forms2, forms[2]);
        forms5 = hash(forms3, forms[3], forms[4]);
        kinds = kinds << 4 | kind;
    }

    /// Contexts of the next instruction. called: the target of the latest call; called2: a hash of
    /// the latest two; more: an architecture's own contexts.
    template <class... More>
    std::array<std::uint32_t, 6 + sizeof...(More)>
    contexts(std::uint32_t called, std::uint32_t called2, More... more) const noexcept {
        return {hash(words[0], words[1], words[2]),
                hash(words[0], forms3),
                forms3,
                hash(words[0], words[1]),
                hash(forms2, called),
                hash(called2, 0),
                more...};
    }

    /// What last followed these two forms, and these three.
    std::uint32_t followed() const noexcept { return followed_[place(forms2)]; }
    std::uint32_t followed3() const noexcept { return followed3_[place(forms3)]; }
    /// The latest instruction whose first n bytes were these.
    std::uint32_t completed(std::uint32_t n, std::uint32_t bytes) const noexcept {
        return completed_[place(hash(n, bytes))];
    }

private:
    static std::size_t place(std::uint32_t hash) noexcept { return hash >> 22; }

    std::array<std::uint32_t, 1024> followed_{};
    std::array<std::uint32_t, 1024> followed3_{};
    std::array<std::uint32_t, 1024> completed_{};
};

} // namespace weightless::model
