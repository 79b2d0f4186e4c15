// An archive that comes in any pieces, or whose end is missing, against the same archive at once.
// The pieces depend on the archive's hash, so that archives alone are inputs.
#include "container/xxh3.hpp"
#include "fixed/random.hpp"
#include "support/outcome.hpp"

#include <algorithm>
#include <string_view>

namespace {

using namespace weightless;
using namespace weightless::fuzz;

bool same(const container::Error& a, const container::Error& b) {
    return std::string_view(a ? a.kind : "") == (b ? b.kind : "") && a.message == b.message;
}

Outcome in_pieces(std::span<const std::uint8_t> archive, std::uint64_t seed) {
    fixed::SplitMix64 random(seed);
    const std::uint64_t most = 1 + (random.next() >> (52 + random.next() % 12));
    return decode(archive, [&] { return static_cast<std::size_t>(random.next() % (most + 1)); });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span archive(data, size);
    const std::uint64_t hash = container::xxh3(archive);
    const Outcome whole = decode(archive);
    const Outcome pieces = in_pieces(archive, hash);
    expect(pieces.content == whole.content && pieces.offset == whole.offset &&
               pieces.stopped == whole.stopped && same(pieces.error, whole.error),
           "pieces give what the whole gives");

    const std::size_t cut = size == 0 ? 0 : hash % size;
    const Outcome part = in_pieces(archive.first(cut), ~hash);
    expect(part.content.size() <= whole.content.size() &&
               std::equal(part.content.begin(), part.content.end(), whole.content.begin()),
           "a part gives the start of what the whole gives");
    const bool at_frame_end = !part.error && !part.stopped;
    const bool truncated = part.error && std::string_view(part.error.kind) == container::kTruncated;
    expect(at_frame_end || part.stopped || truncated || same(part.error, whole.error),
           "a part is truncated, or wrong as the whole is");
    return 0;
}
