// Writes changed archives and what the C++ decoder makes of them, for other readers to compare with
// (fuzz/compare_readers.py):
//
//   fuzz_mutants SEED COUNT ARCHIVE...
//
// For each there are on standard output: its size and its bytes; whether it was given up (1) or not
// (0), one byte; the error's kind, its message and the content, each with its size before it. Sizes
// are 4 bytes, little-endian.
#include "fixed/random.hpp"
#include "support/mutate.hpp"
#include "support/outcome.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace {

using namespace weightless;
using namespace weightless::fuzz;

constexpr std::size_t kMost = 8192;

Bytes read(const char* path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

template <class Data> void put(const Data& data) {
    Bytes size;
    container::append_number(size, std::size(data), 4);
    std::fwrite(size.data(), 1, size.size(), stdout);
    std::fwrite(std::data(data), 1, std::size(data), stdout);
}

} // namespace

int main(int argc, char** argv) {
    std::vector<Bytes> archives;
    for (int i = 3; i < argc; ++i) {
        archives.push_back(read(argv[i]));
    }
    if (archives.empty()) {
        std::fprintf(stderr, "usage: fuzz_mutants SEED COUNT ARCHIVE...\n");
        return 2;
    }
    fixed::SplitMix64 random(std::strtoull(argv[1], nullptr, 10));
    for (long count = std::atol(argv[2]); count > 0; --count) {
        Bytes archive = archives[random.next() % archives.size()];
        for (std::uint64_t times = random.next() % 4; times > 0; --times) {
            archive = mutate(archive, kMost, random.next());
        }
        const Outcome outcome = decode(archive);
        put(archive);
        std::putchar(outcome.stopped ? 1 : 0);
        put(std::string(outcome.error ? outcome.error.kind : ""));
        put(outcome.error.message);
        put(outcome.content);
    }
    return 0;
}
