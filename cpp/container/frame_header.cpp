#include "container/frame_header.hpp"

#include "container/parameter_sets.hpp"
#include "container/xxh3.hpp"

#include <algorithm>

namespace weightless::container {
namespace {

constexpr unsigned kVersion = 1;
constexpr unsigned kSkippable = 15;
constexpr unsigned kHasSize = 1;
constexpr unsigned kHasParameters = 2;
constexpr unsigned kHasPrior = 4;
constexpr unsigned kUnknownFlags = 8;

std::uint8_t check_of(std::span<const std::uint8_t> header) {
    return static_cast<std::uint8_t>(xxh3(header));
}

void read_check(Cursor& cursor, const char* message) {
    const std::uint8_t check = cursor.ok() ? check_of(cursor.before()) : std::uint8_t{0};
    if (cursor.byte() != check) {
        cursor.refuse({kCorrupt, message});
    }
}

bool begins_with(std::span<const std::uint8_t> data, const std::uint8_t (&magic)[3]) {
    return std::equal(data.begin(), data.begin() + std::min<std::ptrdiff_t>(std::ssize(data), 3),
                      magic);
}

} // namespace

bool equal(const model::Parameters& a, const model::Parameters& b) {
    return std::all_of(model::kFields.begin(), model::kFields.end(),
                       [&](const auto& field) { return a.*field.member == b.*field.member; });
}

bool begins_frame(std::span<const std::uint8_t> data) {
    return begins_with(data, kMagic) || begins_with(data, kMagic0);
}

bool is_skippable(std::span<const std::uint8_t> data) {
    return begins_with(data, kMagic) && data[3] >> 4 == kSkippable;
}

std::uint64_t read_skippable_header(Cursor& cursor) {
    cursor.bytes(4);
    const std::uint64_t size = cursor.varint(63);
    read_check(cursor, "the header of a skippable frame is damaged");
    return size;
}

FrameHeader read_header(Cursor& cursor) {
    const auto head = cursor.bytes(4);
    FrameHeader header;
    if (!cursor.ok()) {
        return header;
    }
    const unsigned version = head[3] >> 4;
    const unsigned flags = head[3] & 15u;
    if (begins_with(head, kMagic0)) {
        cursor.refuse({kUnsupported, "the archive was made before release 1.0, in a format that "
                                     "this version does not read"});
    } else if (version != kVersion) {
        cursor.refuse({kUnsupported, std::string("format version ") + std::to_string(version) +
                                         " is not supported by this version"});
    } else if ((flags & kUnknownFlags) != 0) {
        cursor.refuse({kUnsupported, std::string("header flags ") + std::to_string(flags) +
                                         " are not supported by this version"});
    }
    std::uint64_t set = 0;
    if ((flags & kHasParameters) != 0) {
        const std::uint64_t count = cursor.varint(14);
        if (count > model::kFields.size()) {
            cursor.refuse({kUnsupported, std::string("the header lists ") + std::to_string(count) +
                                             " parameters, more than this version supports"});
        }
        for (std::size_t i = 0; i < count && cursor.ok(); ++i) {
            const auto value = static_cast<std::int64_t>(cursor.varint(32));
            header.parameters.*model::kFields[i].member =
                static_cast<std::int32_t>(value % 2 != 0 ? -(value + 1) / 2 : value / 2);
        }
    } else {
        set = cursor.varint(14);
    }
    if ((flags & kHasSize) != 0) {
        header.content_size = cursor.varint(63);
    }
    if ((flags & kHasPrior) != 0) {
        const std::uint64_t prior = cursor.varint(32);
        header.kept = prior % 2 != 0;
        const std::uint64_t size = prior / 2;
        if (size > kMostPrior || prior == 0) {
            cursor.refuse({kCorrupt, "the size of a prior is out of range"});
        }
        if (size != 0) {
            header.prior = PriorName{hexadecimal(cursor.bytes(16)), size};
        }
    }
    read_check(cursor, "the frame header is damaged");
    if (!cursor.ok()) {
        return header;
    }
    if ((flags & kHasParameters) == 0) {
        if (set < 1 || set > kSets) {
            cursor.refuse({kUnsupported, std::string("parameter set ") + std::to_string(set) +
                                             " is not supported by this version"});
        } else {
            header.parameters = parameter_set(static_cast<int>(set));
        }
    } else if (std::string problem = model::problem(header.parameters); !problem.empty()) {
        cursor.refuse({kUnsupported, std::move(problem)});
    }
    return header;
}

Bytes header_of_set(int id) {
    Bytes header(kMagic, kMagic + 3);
    header.push_back(kVersion << 4);
    append_varint(header, static_cast<std::uint64_t>(id));
    header.push_back(check_of(header));
    return header;
}

} // namespace weightless::container
