// Any list of values in a header: a typed refusal, or parameters whose memory is known before the
// model is built, and with which content comes back.
#include "codec/codec.hpp"
#include "container/frame_header.hpp"
#include "container/limits.hpp"
#include "container/xxh3.hpp"
#include "support/shrunk.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace {

using namespace weightless;
using namespace weightless::fuzz;

// What is built at most: in bytes, and in operations for each byte.
constexpr std::uint64_t kMostMemory = 96u << 20;
constexpr std::uint64_t kMostCost = 400'000;

std::int32_t draw(Input& input, std::size_t field) {
    if (field >= model::kFields.size()) {
        return static_cast<std::int32_t>(input.number(1));
    }
    // Without the sizes that multiply time, and with them now and then.
    const std::uint8_t kind = input.byte();
    model::Parameters p = shrunk(1 + kind % container::kSets);
    return kind < 200 ? p.*model::kFields[field].member : draw_value(input, model::kFields[field]);
}

container::Bytes header_of(Input& input) {
    container::Bytes header = container::header_of_set(1);
    header.resize(std::size(container::kMagic) + 1);
    header.back() |= 2; // the parameters are listed
    const std::size_t count = input.byte() % (model::kFields.size() + 3);
    container::append_varint(header, count);
    for (std::size_t field = 0; field < count; ++field) {
        const std::int64_t value = draw(input, field);
        container::append_varint(header, value < 0 ? static_cast<std::uint64_t>(-value * 2 - 1)
                                                   : static_cast<std::uint64_t>(value * 2));
    }
    header.push_back(static_cast<std::uint8_t>(container::xxh3(header)));
    return header;
}

void check_memory_grows(const model::Parameters& p) {
    std::uint64_t before = 0;
    for (int bits = 0; bits < 64; bits += 3) {
        const std::uint64_t memory = container::model_memory(p, (std::uint64_t{1} << bits) - 1);
        expect(memory >= before, "more content takes no less memory");
        before = memory;
    }
    expect(before < std::uint64_t{1} << 44, "memory is a number of bytes that a machine may have");
}

void build(const model::Parameters& p, std::span<const std::uint8_t> content) {
    codec::Codec encoder(p);
    expect(encoder.memory() == codec::Codec::memory_for(p), "a new model takes what was said");
    const Bytes payload = encoder.encode(content);
    expect(encoder.memory() <= codec::Codec::memory_for(p, content.size()),
           "the memory in use was said");
    const Bytes back = codec::Codec(p).decode(payload, content.size());
    expect(std::equal(back.begin(), back.end(), content.begin(), content.end()),
           "content comes back");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const container::Bytes bytes = header_of(input);
    container::Cursor cursor(bytes);
    const container::FrameHeader header = container::read_header(cursor);
    if (!cursor.ok()) {
        expect(!cursor.more() && cursor.error().kind != nullptr, "a refusal says why");
        expect(std::string_view(cursor.error().kind) == container::kUnsupported ||
                   std::string_view(cursor.error().kind) == container::kCorrupt,
               "a refusal is typed");
        return 0;
    }
    const model::Parameters& p = header.parameters;
    expect(cursor.at() == bytes.size(), "all of the header was read");
    expect(model::problem(p).empty(), "what is accepted is allowed");
    check_memory_grows(p);
    if (container::model_memory(p, 0) <= kMostMemory &&
        !container::Budget(kMostCost).check(header)) {
        build(p, input.bytes(150));
    }
    return 0;
}
