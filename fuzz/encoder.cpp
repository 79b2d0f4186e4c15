// Content of any size in any pieces becomes the archive that it becomes at once, and comes back.
#include "container/encoder.hpp"
#include "container/parameter_sets.hpp"
#include "support/outcome.hpp"

#include <algorithm>

namespace {

using namespace weightless;
using namespace weightless::fuzz;

constexpr std::size_t kMost = 600'000; // a few blocks, if they are easy to code

Bytes encode(int level, std::span<const std::uint8_t> content, std::size_t piece) {
    container::Encoder encoder(level);
    Bytes archive;
    const auto take = [&] {
        while (encoder.next()) {
            archive.insert(archive.end(), encoder.output().begin(), encoder.output().end());
        }
    };
    while (!content.empty()) {
        const std::size_t size = std::min(piece, content.size());
        encoder.feed(content.first(size));
        content = content.subspan(size);
        take();
    }
    encoder.finish();
    take();
    return archive;
}

Bytes decode_all(std::span<const std::uint8_t> archive) {
    container::Decoder decoder(std::uint64_t{1} << 40);
    decoder.feed(archive);
    decoder.finish();
    Bytes content;
    while (decoder.next()) {
        content.insert(content.end(), decoder.block().begin(), decoder.block().end());
    }
    expect(!decoder.error(), "an archive that was made is sound");
    return content;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const unsigned options = input.byte();
    const int level = options % 16 == 15 ? 1 + static_cast<int>(input.byte() % container::kLevels)
                                         : 1 + static_cast<int>(options % 2);
    const std::size_t piece = 1 + input.number(2);
    const std::size_t times = options >= 0xf0 ? 1 + input.number(2) : 1;
    const auto given = input.bytes(4000);
    Bytes content;
    for (std::size_t i = 0; i < times && content.size() < kMost; ++i) {
        content.insert(content.end(), given.begin(), given.end());
    }
    const Bytes archive = encode(level, content, content.size() > 100'000 ? kMost : piece);
    if (options / 16 % 4 == 0) {
        expect(archive == encode(level, content, kMost), "pieces do not change the archive");
    }
    expect(decode_all(archive) == content, "content comes back");
    return 0;
}
