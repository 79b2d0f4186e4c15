#include "support/mutate.hpp"

#include "container/xxh3.hpp"
#include "fixed/random.hpp"
#include "support/shrunk.hpp"

#include <algorithm>
#include <utility>

namespace weightless::fuzz {
namespace {

using Frames = std::vector<Frame>;

class Random {
public:
    explicit Random(std::uint64_t seed) : bits_(seed) {}

    std::uint64_t any() { return bits_.next(); }
    /// From 0 to n - 1.
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(any() >> 33) % n; }
    bool one_in(std::size_t n) { return below(n) == 0; }
    template <class T> T& among(std::vector<T>& items) { return items[below(items.size())]; }

private:
    fixed::SplitMix64 bits_;
};

std::uint64_t zigzag(std::int64_t value) {
    return value < 0 ? static_cast<std::uint64_t>(-(value + 1)) * 2 + 1
                     : static_cast<std::uint64_t>(value) * 2;
}

std::vector<std::uint64_t> listed(const model::Parameters& p) {
    std::vector<std::uint64_t> values;
    for (const model::Field& field : model::kFields) {
        values.push_back(zigzag(p.*field.member));
    }
    return values;
}

// Close to a number, at the ends of ranges, or any.
std::uint64_t other_number(Random& random, std::uint64_t number) {
    switch (random.below(6)) {
    case 0:
        return number + 1;
    case 1:
        return number - (number > 0 ? 1 : 0);
    case 2:
        return std::uint64_t{1} << random.below(64);
    case 3:
        return (std::uint64_t{1} << random.below(64)) - 1;
    case 4:
        return random.below(300);
    default:
        return random.any() >> random.below(64);
    }
}

void change_bytes(Random& random, Bytes& data) {
    const std::size_t at = random.below(data.size() + 1);
    const auto here = data.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random.below(5)) {
    case 0:
        data.insert(here, 1 + random.below(8), static_cast<std::uint8_t>(random.any()));
        break;
    case 1:
        data.erase(here, data.begin() + static_cast<std::ptrdiff_t>(
                                            std::min(data.size(), at + 1 + random.below(8))));
        break;
    case 2:
        if (at < data.size()) {
            data[at] ^= static_cast<std::uint8_t>(1u << random.below(8));
        }
        break;
    case 3:
        if (at < data.size()) {
            data[at] = static_cast<std::uint8_t>(random.any());
        }
        break;
    default: // a copy of what is there
        if (at < data.size()) {
            const std::size_t size = std::min(data.size() - at, 1 + random.below(64));
            const Bytes piece(here, here + static_cast<std::ptrdiff_t>(size));
            data.insert(data.end(), piece.begin(), piece.end());
        }
    }
}

std::uint64_t raw_size(const Frame& frame) {
    std::uint64_t size = 0;
    for (const Block& block : frame.blocks) {
        size += block.raw_size;
    }
    return size;
}

// A block that is its raw bytes.
void make_verbatim(Block& block) { block.raw_size = block.payload_size = block.payload.size(); }

void change_header(Random& random, Frame& frame) {
    switch (random.below(9)) {
    case 0:
        frame.content_size = raw_size(frame);
        break;
    case 1:
        frame.content_size = other_number(random, raw_size(frame));
        *frame.content_size &= (std::uint64_t{1} << 63) - 1;
        break;
    case 2:
        frame.content_size.reset();
        break;
    case 3:
        frame.version_and_flags ^= static_cast<std::uint8_t>(1u << random.below(8));
        break;
    case 4:
        frame.values.clear();
        frame.set = other_number(random, frame.set.value_or(1)) % 20;
        break;
    case 5: // shrunk models, so that most are cheap
        frame.set.reset();
        frame.values = listed(shrunk(1 + static_cast<int>(random.below(container::kSets))));
        break;
    case 6:
        if (!frame.values.empty()) {
            random.among(frame.values) = other_number(random, 20) & 0xffffffffu;
        }
        break;
    case 7:
        if (!frame.set) {
            frame.values.resize(random.below(model::kFields.size() + 2));
        }
        break;
    default: // 1: only kept
        frame.prior = random.one_in(2) ? 1 : other_number(random, 2) & 0xffffffffu;
        frame.prior_hash.resize(*frame.prior > 1 ? 16 : 0, static_cast<std::uint8_t>(random.any()));
        if (random.one_in(4)) {
            frame.prior.reset();
            frame.prior_hash.clear();
        }
    }
}

void change_block(Random& random, Block& block) {
    switch (random.below(8)) {
    case 0:
        block.stored = !block.stored;
        break;
    case 1:
        block.raw_size = other_number(random, block.raw_size) & ((1u << 21) - 1);
        break;
    case 2:
        block.payload_size = other_number(random, block.payload_size) & 0xffffffffu;
        break;
    case 3:
        block.wrong = 1u << random.below(32);
        break;
    case 4:
        make_verbatim(block);
        break;
    default: {
        const bool verbatim = block.raw_size == block.payload_size;
        const bool whole = block.payload_size == block.payload.size();
        change_bytes(random, block.payload);
        if (whole) {
            block.payload_size = block.payload.size();
        }
        if (verbatim) {
            make_verbatim(block);
        }
    }
    }
}

void change_blocks(Random& random, Frame& frame) {
    auto& blocks = frame.blocks;
    if (blocks.empty()) {
        blocks.emplace_back();
    } else if (random.one_in(3)) {
        const std::size_t at = random.below(blocks.size());
        const auto here = blocks.begin() + static_cast<std::ptrdiff_t>(at);
        switch (random.below(4)) {
        case 0:
            blocks.insert(here, Block(*here));
            break;
        case 1:
            blocks.erase(here);
            break;
        case 2:
            std::swap(*here, random.among(blocks));
            break;
        default:
            blocks.emplace(here);
        }
    } else {
        change_block(random, random.among(blocks));
    }
    if (random.one_in(16) && !blocks.empty()) {
        random.among(blocks).last = random.one_in(2);
        return;
    }
    for (Block& block : blocks) {
        block.last = &block == &blocks.back();
    }
}

// The sizes that a seek table lists become those of the frames before it; the table keeps its mark.
void rewrite_table(Random& random, Frames& frames) {
    constexpr std::size_t kFooter = 16;
    Frame& table = frames.back();
    if (table.kind != Frame::Kind::skippable || table.data.size() < kFooter) {
        return;
    }
    const Bytes mark(table.data.end() - 4, table.data.end());
    Bytes data;
    for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
        const std::uint64_t sizes[] = {write({frames[i]}).size(), raw_size(frames[i])};
        for (const std::uint64_t size : sizes) {
            container::append_varint(data, random.one_in(16) ? other_number(random, size) : size);
        }
    }
    container::append_number(data, frames.size() - 1 + (random.one_in(16) ? 1 : 0), 4);
    container::append_number(data, container::xxh3(data) ^ (random.one_in(16) ? 1 : 0), 4);
    table.data = data;
    table.data.resize(data.size() + 8);
    table.size = table.data.size();
    const std::size_t whole = write({table}).size();
    container::append_number(data, whole + (random.one_in(16) ? 1 : 0), 4);
    data.insert(data.end(), mark.begin(), mark.end());
    table.data = std::move(data);
}

void change_skippable(Random& random, Frame& frame) {
    switch (random.below(4)) {
    case 0:
        frame.size = other_number(random, frame.size) & ((std::uint64_t{1} << 63) - 1);
        break;
    case 1:
        frame.version_and_flags ^= static_cast<std::uint8_t>(1u << random.below(4));
        break;
    default:
        change_bytes(random, frame.data);
        frame.size = frame.data.size();
    }
}

void change_frame(Random& random, Frame& frame) {
    if (random.one_in(40)) {
        frame.wrong = 1;
    } else if (random.one_in(40)) {
        frame.wrong_content = 1;
    } else if (frame.kind == Frame::Kind::skippable) {
        change_skippable(random, frame);
    } else if (frame.kind == Frame::Kind::junk) {
        change_bytes(random, frame.data);
    } else if (random.one_in(3)) {
        change_header(random, frame);
    } else {
        change_blocks(random, frame);
    }
}

void change_frames(Random& random, Frames& frames) {
    const std::size_t at = frames.empty() ? 0 : random.below(frames.size());
    const auto here = frames.begin() + static_cast<std::ptrdiff_t>(at);
    if (frames.empty()) {
        frames.push_back(empty_frame(1));
        frames.back().blocks.resize(1);
        frames.back().blocks[0].last = true;
        return;
    }
    switch (random.below(5)) {
    case 0:
        frames.insert(here, Frame(*here));
        break;
    case 1:
        frames.erase(here);
        break;
    case 2:
        std::swap(*here, random.among(frames));
        break;
    case 3:
        frames.insert(here, skippable_frame(static_cast<unsigned>(random.below(16))));
        break;
    default:
        frames.insert(here, empty_frame(1 + random.below(container::kSets)));
        change_blocks(random, frames[at]);
    }
}

} // namespace

Bytes mutate(std::span<const std::uint8_t> archive, std::size_t size, std::uint64_t seed) {
    Random random(seed);
    const Frames frames = parse(archive);
    for (int attempt = 0; attempt < 4; ++attempt) {
        Frames changed = frames;
        for (std::size_t changes = 1 + random.below(3); changes > 0; --changes) {
            if (changed.empty() || random.one_in(8)) {
                change_frames(random, changed);
            } else {
                change_frame(random, random.among(changed));
            }
        }
        if (!changed.empty() && !random.one_in(4)) {
            rewrite_table(random, changed);
        }
        Bytes out = write(changed);
        if (random.one_in(10)) { // what no writer makes, such as long forms of numbers
            change_bytes(random, out);
        }
        if (out.size() <= size) {
            return out;
        }
    }
    return {archive.begin(), archive.end()};
}

Bytes cross(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, std::size_t size,
            std::uint64_t seed) {
    Random random(seed);
    Frames frames = parse(a);
    const Frames others = parse(b);
    frames.resize(random.below(frames.size() + 1));
    frames.insert(frames.end(),
                  others.begin() + static_cast<std::ptrdiff_t>(random.below(others.size() + 1)),
                  others.end());
    if (!frames.empty()) {
        rewrite_table(random, frames);
    }
    Bytes out = write(frames);
    out.resize(std::min(out.size(), size));
    return out;
}

} // namespace weightless::fuzz
