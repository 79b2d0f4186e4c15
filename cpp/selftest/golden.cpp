// Decodes the golden archives (tests/golden) and compares their content with the list of digests,
// and refuses the bad ones with the errors due. From the content of those that have one
// block it makes archives again, whose digest all builds must have in common. It does not need
// Python, so that it also runs in an emulator.
//
//     weightless_golden FOLDER [EVERY]     each EVERY-th archive in the list, and all bad ones
//     weightless_golden --targets          the targets of this machine, the one in use last
#include "container/decoder.hpp"
#include "container/encoder.hpp"
#include "container/xxh3.hpp"
#include "program.hpp"

#include <cctype>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace weightless;
using container::Bytes;

constexpr std::uint64_t kMemoryLimit = std::uint64_t{8} << 30; // as the Python package's

std::optional<Bytes> read(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) {
        return std::nullopt;
    }
    Bytes data;
    std::uint8_t piece[4096];
    while (const std::size_t n = std::fread(piece, 1, sizeof piece, file)) {
        data.insert(data.end(), piece, piece + n);
    }
    std::fclose(file);
    return data;
}

// The fields of each line of a list, which are separated by tabs; none if it cannot be read.
std::vector<std::vector<std::string>> read_list(const std::string& path) {
    std::vector<std::vector<std::string>> lines;
    const std::optional<Bytes> data = read(path);
    std::istringstream text(data ? std::string(data->begin(), data->end()) : std::string());
    for (std::string line; std::getline(text, line);) {
        if (!line.empty() && line.back() == '\r') {
            line.pop_back();
        }
        if (line.empty() || line[0] == '#') {
            continue;
        }
        std::istringstream rest(line);
        lines.emplace_back();
        for (std::string field; std::getline(rest, field, '\t');) {
            lines.back().push_back(field);
        }
    }
    return lines;
}

struct Decoded {
    Bytes content;
    std::uint64_t digest = 0;
    container::Error error;
};

Decoded decode(const Bytes& archive, Bytes prior = {}) {
    container::Decoder decoder(kMemoryLimit);
    Decoded decoded;
    if (!prior.empty()) {
        decoder.give_prior(std::move(prior));
    }
    decoder.feed(archive);
    decoder.finish();
    while (decoder.next()) {
        const auto block = decoder.block();
        decoded.content.insert(decoded.content.end(), block.begin(), block.end());
    }
    decoded.digest = container::xxh3(decoded.content);
    decoded.error = decoder.error();
    return decoded;
}

Bytes encode(std::span<const std::uint8_t> content, int set) {
    container::Encoder encoder(set);
    Bytes archive;
    encoder.feed(content);
    encoder.finish();
    while (encoder.next()) {
        archive.insert(archive.end(), encoder.output().begin(), encoder.output().end());
    }
    return archive;
}

// What was made again.
struct Made {
    std::size_t archives = 0;
    std::size_t same = 0; // as the golden ones
    container::Xxh3 digest;
};

bool fail(const std::string& name, const std::string& what) {
    std::printf("golden: %s: %s\n", name.c_str(), what.c_str());
    return false;
}

// The parameter set of an archive that the encoder makes by default, else 0: archives SET/KIND.wl
// have one block, except those whose name is that of another form.
int set_of_one_block(const std::string& name) {
    const std::size_t slash = name.find('/');
    const std::string kind = name.substr(slash + 1);
    const bool other =
        kind == "frames.wl" || kind == "blocks.wl" || kind == "primed.wl" || kind == "prior.wl";
    return other || std::isdigit(static_cast<unsigned char>(name[0])) == 0 ? 0 : std::stoi(name);
}

// A line of archives.txt: name, size, SHA-256, size of the content, XXH3-64 of the content, prior.
bool check(const std::string& folder, const std::vector<std::string>& line, Made& made) {
    const std::optional<Bytes> archive = read(folder + "/" + line[0]);
    if (!archive) {
        return fail(line[0], "cannot be read");
    }
    Decoded decoded = decode(*archive);
    if (line[5] != "-" && line[5] != "own") { // the content of another archive
        if (!decoded.error || std::string_view(decoded.error.kind) != container::kPrior) {
            return fail(line[0], "a prior is needed, but no error says so");
        }
        const std::string other = line[0].substr(0, line[0].find('/') + 1) + line[5] + ".wl";
        decoded = decode(*archive, decode(read(folder + "/" + other).value_or(Bytes())).content);
    }
    if (decoded.error) {
        return fail(line[0], decoded.error.message);
    }
    if (decoded.content.size() != std::stoull(line[3]) ||
        decoded.digest != std::stoull(line[4], nullptr, 16)) {
        return fail(line[0], "the content is wrong");
    }
    if (const int set = set_of_one_block(line[0])) {
        const Bytes again = encode(decoded.content, set);
        made.digest.update(again);
        made.same += again == *archive;
        ++made.archives;
    }
    return true;
}

// A line of bad.txt: name, kind of the error, start of its message, what is wrong.
bool check_bad(const std::string& folder, const std::vector<std::string>& line) {
    const std::optional<Bytes> archive = read(folder + "/bad/" + line[0]);
    if (!archive) {
        return fail(line[0], "cannot be read");
    }
    const container::Error error = decode(*archive).error;
    if (!error) {
        return fail(line[0], "is not refused");
    }
    return (error.kind == line[1] && error.message.starts_with(line[2])) ||
           fail(line[0], std::string(error.kind) + ": " + error.message);
}

} // namespace

int weightless::selftest::program(int argc, char** argv) {
    if (argc != 2 && argc != 3) {
        std::printf("usage: weightless_golden FOLDER [EVERY]\n");
        return 2;
    }
    const std::string folder = argv[1];
    const std::size_t every = argc == 3 ? std::stoul(argv[2]) : 1;
    std::size_t failed = 0;
    std::size_t good = 0;
    Made made;
    const auto archives = read_list(folder + "/archives.txt");
    for (std::size_t i = 0; i < archives.size(); i += every) {
        failed += archives[i].size() != 6 || !check(folder, archives[i], made);
        ++good;
    }
    const auto bad = read_list(folder + "/bad.txt");
    for (const auto& line : bad) {
        failed += line.size() != 4 || !check_bad(folder, line);
    }
    if (good == 0 || bad.empty()) {
        return fail(folder, "no list of archives") ? 0 : 1;
    }
    std::printf("golden: %zu archives and %zu bad ones, %zu wrong\n", good, bad.size(), failed);
    std::printf("golden: %zu archives made again, %zu the same, digest %016llx\n", made.archives,
                made.same, static_cast<unsigned long long>(made.digest.digest()));
    return failed == 0 ? 0 : 1;
}
