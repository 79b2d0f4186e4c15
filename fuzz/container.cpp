// Archives whose frames, headers, blocks and tables are changed, with checks that hold
// (support/archive_mutator.cpp). What is accepted is what another reader and writer makes of it.
#include "support/archive.hpp"
#include "support/outcome.hpp"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace weightless::fuzz;
    const std::span archive(data, size);
    const Outcome outcome = decode(archive);
    check(outcome, size);
    if (outcome.sound()) {
        const Bytes again = write(parse(archive));
        expect(std::equal(archive.begin(), archive.end(), again.begin(), again.end()),
               "there is one way to write what was accepted");
    }
    return 0;
}
