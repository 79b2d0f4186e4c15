// Content of the kinds that experts claim, with changed headers and fields: a model learns from it,
// or codes it and it comes back.
#include "codec/codec.hpp"
#include "support/shrunk.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace weightless;
    using namespace weightless::fuzz;
    Input input(data, size);
    const unsigned options = input.byte();
    // The experts for structures are in all recipes; that of level 1 is the fastest.
    const int set = options % 16 == 15 ? 7 : (options % 16 == 14 ? 3 : 1);
    const auto content = input.bytes(input.left());
    codec::Codec codec(shrunk(set));
    if (options < 192) {
        codec.absorb(content);
    } else {
        codec::Codec decoder(shrunk(set));
        const Bytes raw = decoder.decode(codec.encode(content), content.size());
        expect(raw == Bytes(content.begin(), content.end()), "the content comes back");
    }
    return 0;
}
