// Encodes generated inputs with several configurations, decodes them, and prints a digest of each
// payload. Builds for all CPUs, compilers and instruction sets must print the same. It does not
// need Python, so that it also runs in an emulator.
#include "codec/codec.hpp"
#include "fixed/random.hpp"
#include "parameter_ends.hpp"
#include "pipeline_test.hpp"
#include "program.hpp"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace weightless;
using Bytes = std::vector<std::uint8_t>;

// FNV-1a (Fowler, Noll & Vo), 64 bits.
std::uint64_t digest(const Bytes& data) {
    std::uint64_t h = 0xcbf29ce484222325ull;
    for (const std::uint8_t byte : data) {
        h = (h ^ byte) * 0x100000001b3ull;
    }
    return h;
}

Bytes zeros(std::size_t n) { return Bytes(n); }

Bytes noise(std::size_t n) {
    fixed::SplitMix64 random(11);
    Bytes out;
    while (out.size() < n) {
        out.push_back(static_cast<std::uint8_t>(random.next() >> 56));
    }
    return out;
}

Bytes periodic(std::size_t n) {
    Bytes out;
    while (out.size() < n) {
        out.push_back(static_cast<std::uint8_t>(out.size() % 7 * 37));
    }
    return out;
}

// Words of a small invented vocabulary with a skewed frequency distribution.
Bytes text(std::size_t n) {
    fixed::SplitMix64 random(12);
    std::vector<std::string> words;
    for (int i = 0; i < 200; ++i) {
        std::string word;
        const auto length = 1 + random.next() % 8;
        for (std::uint64_t k = 0; k < length; ++k) {
            word += "etaoinshrdlu"[random.next() % 12];
        }
        words.push_back(word);
    }
    Bytes out;
    while (out.size() < n) {
        const auto a = random.next() % 200;
        const auto b = random.next() % 200;
        const std::string& word = words[static_cast<std::size_t>(a * b / 200)];
        out.insert(out.end(), word.begin(), word.end());
        const auto mark = random.next() % 12;
        out.push_back(mark == 0 ? '\n' : (mark == 1 ? ',' : ' '));
    }
    out.resize(n);
    return out;
}

// Rows of 24 bytes: a counter, a slow 16-bit random walk, flags and constant bytes.
Bytes records(std::size_t n) {
    fixed::SplitMix64 random(13);
    Bytes out;
    std::uint32_t walk = 30000;
    for (std::uint32_t row = 0; out.size() < n; ++row) {
        walk += static_cast<std::uint32_t>(random.next() % 17) - 8;
        for (int i = 0; i < 4; ++i) {
            out.push_back(static_cast<std::uint8_t>(row >> (8 * i)));
        }
        out.push_back(static_cast<std::uint8_t>(walk >> 8));
        out.push_back(static_cast<std::uint8_t>(walk));
        out.push_back(static_cast<std::uint8_t>(random.next() % 3));
        for (int i = 0; i < 17; ++i) {
            out.push_back(static_cast<std::uint8_t>(i < 9 ? 0 : 0x40 + i));
        }
    }
    out.resize(n);
    return out;
}

// x86 calls of a few functions: e8 and a relative distance, which depends on the position.
Bytes calls(std::size_t n) {
    fixed::SplitMix64 random(14);
    Bytes out;
    while (out.size() < n) {
        const auto target = static_cast<std::uint32_t>(0x1000 + random.next() % 9 * 0x120);
        const auto distance = target - static_cast<std::uint32_t>(out.size() + 5);
        out.push_back(0xe8);
        for (int i = 0; i < 4; ++i) {
            out.push_back(static_cast<std::uint8_t>(distance >> (8 * i)));
        }
        for (std::uint64_t k = random.next() % 6; k > 0; --k) {
            out.push_back("\x8b\x45\x89\x55\x83\xc4"[random.next() % 6]);
        }
    }
    out.resize(n);
    return out;
}

// A page of slanted strokes, 320 pixels wide.
Bytes page(std::size_t n) {
    Bytes out(n / 40 * 40, 0);
    for (std::size_t i = 0; i < 8 * out.size(); ++i) {
        const std::size_t row = i / 320;
        const std::size_t column = i % 320;
        if ((column + row * 3 / 4) % 90 < 7 || (column + 320 - row / 3 % 320) % 70 < 3) {
            out[i / 8] |= static_cast<std::uint8_t>(128u >> i % 8);
        }
    }
    return out;
}

// Cells of a spreadsheet, in records of three lengths.
Bytes sheet(std::size_t n) {
    fixed::SplitMix64 random(15);
    Bytes out;
    for (unsigned cell = 0; out.size() < n; ++cell) {
        const auto type = static_cast<std::uint8_t>(2 + random.next() % 3);
        const std::size_t values = std::size_t{4} << (type - 2);
        const Bytes head{type,
                         0,
                         static_cast<std::uint8_t>(4 + values),
                         0,
                         static_cast<std::uint8_t>(cell / 20),
                         0,
                         static_cast<std::uint8_t>(cell % 20),
                         0};
        out.insert(out.end(), head.begin(), head.end());
        out.resize(out.size() + values, static_cast<std::uint8_t>(random.next() % 2));
    }
    out.resize(n);
    return out;
}

// Nucleotides, followed by their reverse complement.
Bytes strand(std::size_t n) {
    fixed::SplitMix64 random(16);
    Bytes out;
    while (out.size() < n / 2) {
        out.push_back(static_cast<std::uint8_t>("ACGT"[random.next() % 4]));
    }
    while (out.size() < n) {
        const std::uint8_t letter = out[n - 1 - out.size()];
        out.push_back(static_cast<std::uint8_t>(
            letter == 'A' ? 'T' : (letter == 'C' ? 'G' : (letter == 'G' ? 'C' : 'A'))));
    }
    return out;
}

// Samples of two channels, 16-bit big-endian: a wave with noise.
Bytes sound(std::size_t n) {
    fixed::SplitMix64 random(17);
    Bytes out;
    std::int32_t at = 0;
    for (std::int32_t speed = 900; out.size() < n; speed -= at / 64) {
        at += speed;
        for (const std::int32_t channel : {at, at / 2}) {
            const auto noise = static_cast<std::int32_t>(random.next() % 16);
            const auto sample = static_cast<std::uint32_t>(channel + noise);
            out.push_back(static_cast<std::uint8_t>(sample >> 8));
            out.push_back(static_cast<std::uint8_t>(sample));
        }
    }
    out.resize(n);
    return out;
}

struct Case {
    const char* name;
    model::Parameters parameters;
};

model::Parameters with(std::initializer_list<std::pair<const char*, std::int32_t>> changes) {
    model::Parameters p;
    for (const auto& [name, value] : changes) {
        bool found = false;
        for (const model::Field& field : model::kFields) {
            if (std::strcmp(field.name, name) == 0) {
                p.*field.member = value;
                found = true;
            }
        }
        if (!found) {
            fixed::fail<std::invalid_argument>(name);
        }
    }
    return p;
}

int run(std::size_t size) {
    if (!selftest::pipeline_works()) {
        std::printf("the pipeline does not work\n");
        return 1;
    }
    const Bytes inputs[] = {zeros(size),   noise(size / 2), periodic(size), text(2 * size),
                            records(size), calls(size),     page(2 * size), sheet(size),
                            strand(size),  sound(2 * size)};
    const char* const names[] = {"zeros", "noise", "periodic", "text",   "records",
                                 "calls", "page",  "sheet",    "strand", "sound"};
    const Case cases[] = {
        {"coupled-16", with({{"width", 16}})},
        {"full-32", with({{"width", 32}, {"gates", 1}, {"horizon", 12}})},
        {"coupled-16x3-shift", with({{"width", 16}, {"layers", 3}, {"optimizer", 1}})},
        {"coupled-48x2-delay", with({{"width", 48}, {"layers", 2}, {"delay", 1}})},
        {"ngrams-16", with({{"width", 16}, {"ngrams", 8}, {"ngram_bits", 16}, {"ngram_words", 2}})},
        {"mixer-1", with({{"width", 0}, {"experts", 1}, {"memory_bits", 16}})},
        {"mixer-3", with({{"width", 0}, {"experts", 3}, {"memory_bits", 20}})},
        {"mixer-4", with({{"width", 0}, {"experts", 4}, {"memory_bits", 18}})},
        {"hybrid-32", with({{"width", 32}, {"experts", 3}, {"memory_bits", 18}})},
        {"sgd-64", with({{"width", 64}, {"optimizer", 0}, {"horizon", 40}})},
    };
    for (const Case& c : cases) {
        for (std::size_t i = 0; i < std::size(inputs); ++i) {
            const Bytes& input = inputs[i];
            codec::Codec encoder(c.parameters);
            codec::Codec decoder(c.parameters);
            // Two blocks: the model keeps its state, and the second block is coded by two threads.
            const std::span<const std::uint8_t> all(input);
            const auto half = input.size() / 3;
            Bytes payload = encoder.encode(all.first(half));
            encoder.set_threads(2);
            const Bytes second = encoder.encode(all.subspan(half));
            Bytes output = decoder.decode(payload, half);
            const Bytes rest = decoder.decode(second, input.size() - half);
            output.insert(output.end(), rest.begin(), rest.end());
            if (output != input) {
                std::printf("%s %s: decoding does not restore the data\n", c.name, names[i]);
                return 1;
            }
            payload.insert(payload.end(), second.begin(), second.end());
            std::printf("%-20s %-9s %6zu %6zu %016llx\n", c.name, names[i], input.size(),
                        payload.size(), static_cast<unsigned long long>(digest(payload)));
        }
    }
    return 0;
}

} // namespace

int weightless::selftest::program(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--parameters") == 0) {
        return selftest::parameter_ends();
    }
    return run(argc == 2 ? std::stoul(argv[1]) : 1500);
}
