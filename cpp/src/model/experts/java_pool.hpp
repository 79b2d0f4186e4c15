// The constant pool of a Java class: what its entries are, and which of them others refer to.
//
// Source: chapter 4 of the Java Virtual Machine Specification.
#pragma once

#include "model/experts/expert.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class JavaPool {
public:
    enum Tag : std::uint8_t {
        kText = 1,
        kClass = 7,
        kString = 8,
        kField = 9,
        kMethod = 10,
        kInterfaceMethod = 11,
        kNameAndType = 12,
        kHandle = 15,
        kMethodType = 16,
        kDynamic = 17,
        kInvokeDynamic = 18,
        kModule = 19,
        kPackage = 20,
    };
    static constexpr std::uint32_t kEntries = 4096; // indices beyond share entries

    struct Entry {
        std::uint8_t tag = 0;      // 0: not known yet
        std::uint8_t expected = 0; // the tag that those that refer to it want; 0: any
        std::uint8_t words = 0;    // of a descriptor: what the value or the result takes
        std::uint8_t arguments = 0;
        std::uint16_t a = 0; // the indices that it has
        std::uint16_t b = 0;
        std::uint16_t referrer = 0; // the first entry that refers to it
        std::uint32_t hash = 0;     // of a text or number
    };

    static std::size_t memory_for() noexcept {
        return kEntries * (sizeof(Entry) + sizeof(std::uint16_t));
    }

    /// Begins a class.
    void clear() {
        entries_.assign(kEntries, Entry());
        places_.assign(kEntries, 0);
        greatest_ = 0;
        latest_.fill(0);
    }

    Entry& at(std::uint32_t index) noexcept { return entries_[index % kEntries]; }
    const Entry& at(std::uint32_t index) const noexcept { return entries_[index % kEntries]; }

    /// Entry `from` refers to `to`, which should have this tag.
    void refer(std::uint32_t from, std::uint32_t to, std::uint32_t tag) noexcept {
        Entry& entry = at(to);
        if (entry.expected == 0) {
            entry.expected = static_cast<std::uint8_t>(tag);
            entry.referrer = static_cast<std::uint16_t>(from);
        }
        greatest_ = to > greatest_ ? to : greatest_;
    }
    /// The greatest index that any entry refers to.
    std::uint32_t greatest() const noexcept { return greatest_; }

    /// A hash of what an entry is, the same in all classes.
    std::uint32_t meaning(std::uint32_t index, int depth = 3) const noexcept {
        const Entry& entry = at(index);
        if (depth == 0 || entry.tag == 0) {
            return 0;
        }
        if (entry.a == 0) {
            return hash(entry.hash, entry.tag);
        }
        const std::uint32_t a = meaning(entry.a, depth - 1);
        return entry.b == 0 ? hash(a, entry.tag) : hash(a, meaning(entry.b, depth - 1), entry.tag);
    }

    /// Must be called at the end of the pool, with the index after the last one.
    void finish(std::uint32_t end) noexcept {
        for (std::uint32_t i = 1; i < end && i < kEntries; ++i) {
            places_[place(meaning(i))] = static_cast<std::uint16_t>(i);
        }
        end_ = end < kEntries ? end : kEntries;
    }
    /// The index of what has this meaning; 0 if there is none.
    std::uint32_t find(std::uint32_t meaning) const noexcept {
        const std::uint32_t index = places_[place(meaning)];
        return index != 0 && this->meaning(index) == meaning ? index : 0;
    }

    /// The next entry of this tag that has not been used outside the pool; 0 if there is none.
    /// Compilers number entries in the order of their first use.
    std::uint32_t next(std::uint32_t tag) const noexcept {
        const std::uint32_t from = latest_[tag & 31u];
        for (std::uint32_t i = from + 1; i < end_ && i < from + 64; ++i) {
            const Entry& entry = at(i);
            if (entry.tag == tag && (tag != kText || entry.referrer == 0)) {
                return i;
            }
        }
        return 0;
    }
    /// It is used outside the pool.
    void use(std::uint32_t index) noexcept {
        const Entry& entry = at(index);
        std::uint32_t& latest = latest_[entry.tag & 31u];
        if (index > latest && (entry.tag != kText || entry.referrer == 0)) {
            latest = index;
        }
    }

private:
    static std::size_t place(std::uint32_t meaning) noexcept { return meaning >> 20; }

    std::vector<Entry> entries_;
    std::vector<std::uint16_t> places_; // index by meaning
    std::uint32_t greatest_ = 0;
    std::uint32_t end_ = 0;
    std::array<std::uint32_t, 32> latest_{}; // the greatest index of each tag that was used
};

} // namespace weightless::model
