// A table of a fixed size that can be made equal to another one again at a cost in proportion to
// what was written since (touched.hpp).
#pragma once

#include "fixed/aligned.hpp"
#include "fixed/touched.hpp"

#include <cstddef>
#include <cstring>
#include <utility>

namespace weightless::fixed {

template <typename T> class Tracked {
public:
    Tracked() = default;
    /// unit: how many elements are noted, and copied, together.
    explicit Tracked(AlignedVector<T> elements, std::size_t unit = kLine)
        : elements_(std::move(elements)), unit_(unit) {}
    Tracked(const Tracked&) = default;
    Tracked(Tracked&&) noexcept = default;
    /// Becomes the other table, whatever its size.
    Tracked& operator=(Tracked&& other) noexcept {
        elements_ = std::move(other.elements_);
        unit_ = other.unit_;
        touched_.stop();
        return *this;
    }
    Tracked& operator=(const Tracked& other) {
        if (size() != other.size()) {
            elements_ = other.elements_;
            touched_.stop();
            return *this;
        }
        touched_.assign(
            other.touched_, elements_.data(), other.elements_.data(), elements_.size(), unit_, [&] {
                std::memcpy(elements_.data(), other.elements_.data(), elements_.size() * sizeof(T));
            });
        return *this;
    }

    const T* data() const noexcept { return elements_.data(); }
    const T& operator[](std::size_t i) const noexcept { return elements_[i]; }
    std::size_t size() const noexcept { return elements_.size(); }

    /// An element to be written.
    T& write(std::size_t i) noexcept {
        touched_.add(i / unit_);
        return elements_[i];
    }
    /// The elements, to be written after touch() of the units concerned.
    T* writable() noexcept { return elements_.data(); }
    void touch(std::size_t unit) noexcept { touched_.add(unit); }

private:
    static constexpr std::size_t kLine = 64 / sizeof(T);

    AlignedVector<T> elements_;
    std::size_t unit_ = kLine;
    mutable Touched touched_; // with Following it is reset when the table is read
};

} // namespace weightless::fixed
