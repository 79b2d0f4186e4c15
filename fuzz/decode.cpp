// Any bytes are opened as an archive: a value or a typed error, and nothing else.
#include "support/outcome.hpp"

namespace {

// Enough for small networks. Tables of context mixing take longer to build than all else takes;
// the other targets have them.
constexpr std::uint64_t kLittleMemory = 1u << 20;

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace weightless::fuzz;
    check(decode({data, size}, kLittleMemory), size);
    return 0;
}
