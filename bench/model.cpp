// Measures the coded size and the speed of a parameter set, without Python:
//     weightless_model_bench [--FIELD VALUE]... [--limit N] [--threads N] [--block N] FILE...
// Prints one line per file: its name, raw bytes, coded bytes and KB/s of wall time. Each file
// is encoded as one block, or in blocks of N bytes, with a line for each: where it begins, raw
// bytes, coded bytes. Nothing is decoded: that round trips are exact is for the tests.
#include "codec/codec.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    using namespace weightless;
    model::Parameters parameters;
    std::size_t limit = static_cast<std::size_t>(-1);
    int threads = 1;
    std::size_t block = static_cast<std::size_t>(-1);
    std::size_t raw_total = 0;
    std::size_t coded_total = 0;
    double seconds_total = 0;
    for (int i = 1; i < argc; ++i) {
        if (std::strncmp(argv[i], "--", 2) == 0 && i + 1 < argc) {
            const char* name = argv[i] + 2;
            const char* value = argv[++i];
            bool known = true;
            if (std::strcmp(name, "limit") == 0) {
                limit = std::strtoull(value, nullptr, 10);
            } else if (std::strcmp(name, "threads") == 0) {
                threads = std::atoi(value);
            } else if (std::strcmp(name, "block") == 0) {
                block = std::strtoull(value, nullptr, 10);
            } else {
                known = false;
                for (const model::Field& field : model::kFields) {
                    if (std::strcmp(name, field.name) == 0) {
                        parameters.*field.member = std::atoi(value);
                        known = true;
                    }
                }
            }
            if (!known) {
                std::fprintf(stderr, "unknown option: --%s\n", name);
                return 2;
            }
            continue;
        }
        std::ifstream in(argv[i], std::ios::binary);
        std::vector<std::uint8_t> data((std::istreambuf_iterator<char>(in)), {});
        data.resize(data.size() < limit ? data.size() : limit);
        const auto begin = std::chrono::steady_clock::now();
        codec::Codec codec(parameters, data.size() <= codec::kBrief);
        codec.set_threads(threads);
        const std::span<const std::uint8_t> all = data;
        std::size_t coded = 0;
        for (std::size_t at = 0; at < all.size(); at += std::min(block, all.size() - at)) {
            const std::size_t n = std::min(block, all.size() - at);
            const std::size_t size = codec.encode(all.subspan(at, n)).size();
            coded += size;
            if (n < all.size()) {
                std::printf("%14zu %9zu %9zu\n", at, n, size);
                std::fflush(stdout);
            }
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        const char* slash = std::strrchr(argv[i], '/');
        std::printf("%-14s %9zu %9zu %8.1f KB/s\n", slash != nullptr ? slash + 1 : argv[i],
                    data.size(), coded, static_cast<double>(data.size()) / took.count() / 1000);
        std::fflush(stdout);
        raw_total += data.size();
        coded_total += coded;
        seconds_total += took.count();
    }
    std::printf("%-14s %9zu %9zu %8.1f KB/s\n", "total", raw_total, coded_total,
                static_cast<double>(raw_total) / seconds_total / 1000);
    return 0;
}
