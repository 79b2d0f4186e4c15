// Notes which parts of a large table were written since the table was last equal to another one, so
// that it can be made equal again at a cost in proportion to what was written, not to its size.
// No result depends on it: without notes, the whole table is copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

namespace weightless::fixed {

/// While one exists, what this thread assigns to a table is the table that was assigned to it
/// before in the presence of such an object, unchanged since. Only codec.cpp uses it.
class Reverting {
public:
    Reverting() noexcept : before_(now_) { now_ = true; }
    ~Reverting() { now_ = before_; }
    Reverting(const Reverting&) = delete;
    Reverting& operator=(const Reverting&) = delete;

    static bool now() noexcept { return now_; }

private:
    static inline thread_local bool now_ = false;

    bool before_;
};

/// While one exists, a table that this thread assigns to another one is the table that was assigned
/// before in the presence of such an object, to the same one, which is unchanged since: only what
/// was written meanwhile is copied. Only codec.cpp uses it.
class Following {
public:
    Following() noexcept : before_(now_) { now_ = true; }
    ~Following() { now_ = before_; }
    Following(const Following&) = delete;
    Following& operator=(const Following&) = delete;

    static bool now() noexcept { return now_; }

private:
    static inline thread_local bool now_ = false;

    bool before_;
};

/// The units of a table that were written. Nothing is noted until begin().
class Touched {
public:
    Touched() = default;
    Touched(const Touched&) noexcept {} // a copy of a table notes nothing at first
    Touched& operator=(const Touched&) = delete;

    /// Must be called whenever a unit may be written.
    void add(std::size_t unit) noexcept {
        if (seen_ == nullptr || seen_[unit] != 0) {
            return;
        }
        if (count_ == list_.size()) {
            seen_ = nullptr; // so much was written that copying everything is as cheap
            return;
        }
        seen_[unit] = 1;
        list_[count_++] = static_cast<std::uint32_t>(unit);
    }

    /// Nothing is noted any more, and the next revert() copies everything.
    void stop() noexcept {
        seen_ = nullptr;
        count_ = 0;
    }

    /// Makes `to` equal to `from`, n elements each in units of `unit` elements. This object belongs
    /// to `to` and `other` to `from`; with Reverting, this one begins to note what is written, with
    /// Following the other. copy_all copies everything.
    template <typename T, typename CopyAll>
    void assign(Touched& other, T* to, const T* from, std::size_t n, std::size_t unit,
                CopyAll copy_all) {
        if (Reverting::now()) {
            copy(to, from, n, unit, copy_all);
            return;
        }
        stop();
        if (Following::now()) {
            other.copy(to, from, n, unit, copy_all);
        } else {
            copy_all();
        }
    }

private:
    // Copies what was noted, or everything, and begins to note.
    template <typename T, typename CopyAll>
    void copy(T* to, const T* from, std::size_t n, std::size_t unit, CopyAll copy_all) {
        static_assert(std::is_trivially_copyable_v<T>);
        if (seen_ != nullptr) {
            for (std::size_t i = 0; i < count_; ++i) {
                const std::size_t at = list_[i] * unit;
                std::memcpy(to + at, from + at, (n - at < unit ? n - at : unit) * sizeof(T));
                seen_[list_[i]] = 0;
            }
        } else {
            copy_all();
            const std::size_t units = (n + unit - 1) / unit;
            marks_.assign(units, 0);
            list_.resize(units / 4);
            seen_ = marks_.data();
        }
        count_ = 0;
    }

    std::uint8_t* seen_ = nullptr; // for each unit whether it is in the list; null: not noted
    std::size_t count_ = 0;
    std::vector<std::uint8_t> marks_;
    std::vector<std::uint32_t> list_;
};

} // namespace weightless::fixed
