// Any bytes are opened as an archive: a value or a typed error, and nothing else.
#include "support/outcome.hpp"

namespace {

// Enough for the smallest networks. Tables of context mixing take longer to build than all else
// takes; the other targets have them, and larger networks.
constexpr std::uint64_t kLittleMemory = 1u << 20;
constexpr std::uint64_t kLittleCost = 80'000;

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace weightless::fuzz;
    check(decode({data, size}, kLittleMemory, kLittleCost), size);
    return 0;
}
