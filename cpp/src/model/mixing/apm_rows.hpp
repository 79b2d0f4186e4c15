// The rows of an APM stage, one for each context, all zeros at first. Contexts are hashes, so that
// each row in use would take a page of memory of its own. In brief use the rows therefore stand in
// the order of their first training; when there are many, each moves to its own place.
#pragma once

#include "fixed/lazy_zeros.hpp"
#include "fixed/prefetch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class ApmRows {
public:
    /// The cells of a row.
    static constexpr std::size_t kPoints = 33;

    explicit ApmRows(std::size_t contexts)
        : contexts_(contexts), cells_(size_of(brief(contexts) ? kBriefRows : contexts)) {
        if (brief(contexts)) {
            places_.assign(contexts, kNone);
            scattered_ = false;
        }
    }

    void prefetch(std::size_t context) const noexcept {
        if (scattered_) {
            const std::uint32_t* row = cells_.as<std::uint32_t>() + context * kPoints;
            fixed::prefetch(row);
            fixed::prefetch(row + 16);
            fixed::prefetch(row + 32);
        }
    }

    /// Makes the row of a context the one in use.
    void select(std::size_t context) noexcept {
        row_ = context * kPoints;
        if (!scattered_) {
            context_ = context;
            row_ = places_[context] * kPoints;
        }
    }
    std::uint32_t cell(std::size_t point) const noexcept {
        return cells_.as<std::uint32_t>()[row_ + point];
    }
    /// Must be called before cells of the row in use are set. Throws std::bad_alloc.
    void make_writable() {
        if (!scattered_ && row_ == kNone * kPoints) [[unlikely]] {
            take_place();
        }
    }
    void set_cell(std::size_t point, std::uint32_t value) noexcept {
        cells_.touch((row_ + point) * sizeof value);
        cells_.as<std::uint32_t>()[row_ + point] = value;
    }

    /// The most bytes of memory.
    std::size_t memory() const noexcept { return memory_for(contexts_); }
    /// The same without constructing an object.
    static std::size_t memory_for(std::size_t contexts) noexcept {
        return contexts * kPoints * sizeof(std::uint32_t);
    }

private:
    static constexpr std::uint16_t kNone = 0;       // the place of rows that were never trained
    static constexpr std::size_t kBriefRows = 2049; // with that one: 256 bytes have 2,048 bits
    static constexpr std::size_t kFewest = 16 * kBriefRows; // contexts for which it is worth it

    static bool brief(std::size_t contexts) noexcept {
        return fixed::BriefUse::now() && contexts >= kFewest;
    }
    static std::size_t size_of(std::size_t rows) noexcept {
        return (memory_for(rows) + 63) / 64 * 64;
    }

    [[gnu::noinline, gnu::cold]] void take_place() {
        if (used_ == kBriefRows) {
            spread();
        } else {
            places_[context_] = used_++;
        }
        select(context_);
    }
    void spread() {
        fixed::LazyZeros all(size_of(contexts_));
        for (std::size_t context = 0; context < contexts_; ++context) {
            if (places_[context] != kNone) {
                std::copy_n(cells_.as<std::uint32_t>() + places_[context] * kPoints, kPoints,
                            all.as<std::uint32_t>() + context * kPoints);
            }
        }
        cells_.swap(all);
        places_ = {};
        scattered_ = true;
    }

    std::size_t contexts_;
    fixed::LazyZeros cells_;
    bool scattered_ = true;             // each row is at the place of its context
    std::vector<std::uint16_t> places_; // else of each context's row
    std::uint16_t used_ = 1;            // so many places are taken
    std::size_t context_ = 0;           // in use
    std::size_t row_ = 0;               // where its row begins in cells_
};

} // namespace weightless::model
