#include "parameter_ends.hpp"

#include "checked_kernels.hpp"
#include "codec/codec.hpp"
#include "fixed/random.hpp"
#include "kernels/kernels.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace weightless::selftest {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Random = fixed::SplitMix64;
using Values = std::vector<std::int32_t>;

constexpr int kRuns = 32;
constexpr std::size_t kBytes = 270; // two segments of the largest horizon

std::size_t choose(Random& random, std::size_t n) {
    return static_cast<std::size_t>(random.next() >> 32) % n;
}

// The smallest and the largest value of a field; also those in between where values select kinds.
// Sizes are limited to what can be run often; largest() tests the largest ones.
Values ends_of(const model::Field& field) {
    const std::string name = field.name;
    if (name == "width") {
        return {0, 16, 48};
    }
    if (name == "horizon") {
        return {2, 128};
    }
    if (name == "memory_bits" || name == "ngram_bits") {
        return {16, 18};
    }
    if (name == "optimizer" || name == "ngram_words") {
        return {0, 1, 2};
    }
    if (name == "ngrams") {
        return {0, 2, 8};
    }
    if (name == "experts") {
        return {0, 1, 4};
    }
    return {field.low, field.high};
}

// Data that drives the arithmetic to its limits: constant and periodic stretches make errors vanish
// and probabilities extreme, and noise then causes the largest possible errors.
Bytes make_data(Random& random) {
    Bytes data;
    while (data.size() < kBytes) {
        const std::size_t n = 1 + choose(random, 64);
        const std::size_t kind = choose(random, 6);
        const auto first = static_cast<std::uint8_t>(random.next());
        for (std::size_t i = 0; i < n; ++i) {
            const auto noise = static_cast<std::uint8_t>(random.next() >> 56);
            const std::uint8_t values[] = {0,
                                           0xff,
                                           first,
                                           static_cast<std::uint8_t>(first + i % 3),
                                           static_cast<std::uint8_t>('a' + noise % 4),
                                           noise};
            data.push_back(values[kind]);
        }
    }
    data.resize(kBytes);
    return data;
}

std::string described(const model::Parameters& p) {
    std::string all;
    for (const model::Field& field : model::kFields) {
        all += std::string(all.empty() ? "" : " ") + field.name + "=" +
               std::to_string(p.*field.member);
    }
    return all;
}

// Encodes two blocks on the target in use, decodes them on the scalar target, and compares.
bool comes_back(const model::Parameters& p, const Bytes& data, const kernels::Kernels& best) {
    const std::span<const std::uint8_t> all(data);
    const std::size_t half = data.size() / 2;
    std::array<Bytes, 2> payloads;
    {
        kernels::use(checked(best));
        codec::Codec codec(p);
        payloads[0] = codec.encode(all.first(half));
        payloads[1] = codec.encode(all.subspan(half));
    }
    kernels::use(checked(*kernels::find("scalar")));
    codec::Codec codec(p);
    Bytes back = codec.decode(payloads[0], half);
    const Bytes rest = codec.decode(payloads[1], data.size() - half);
    back.insert(back.end(), rest.begin(), rest.end());
    return back == data;
}

bool attempt(const model::Parameters& p, const Bytes& data, const kernels::Kernels& best) {
    std::string what = "decoding does not restore the data";
#if defined(__cpp_exceptions)
    try {
        if (comes_back(p, data, best)) {
            return true;
        }
    } catch (const std::exception& error) {
        what = error.what();
    }
#else
    if (comes_back(p, data, best)) {
        return true;
    }
#endif
    std::printf("%s: %s\n", what.c_str(), described(p).c_str());
    return false;
}

using Pairs =
    std::set<std::array<std::size_t, 4>>; // field, index of its value, field, index of its value

// A choice of one of the values from ends_of() for each field.
class Design {
public:
    // Returns the one of several random choices that covers most pairs not covered before.
    static Design next(Random& random, const Pairs& met) {
        Design best;
        std::size_t most = 0;
        for (int drawn = 0; drawn < 40;) {
            Design design;
            for (std::size_t i = 0; i < kCount; ++i) {
                design.chosen_[i] = choose(random, ends()[i].size());
            }
            if (!design.allowed()) {
                continue;
            }
            Pairs more;
            design.add_to(more);
            std::erase_if(more, [&met](const auto& pair) { return met.contains(pair); });
            if (more.size() >= most) {
                most = more.size();
                best = design;
            }
            ++drawn;
        }
        return best;
    }

    // The number of pairs, without the one that is not allowed.
    static std::size_t pairs() {
        std::size_t all = 0;
        for (std::size_t i = 0; i < kCount; ++i) {
            for (std::size_t k = 0; k < i; ++k) {
                all += ends()[i].size() * ends()[k].size();
            }
        }
        return all - 1;
    }

    model::Parameters parameters() const {
        model::Parameters p;
        for (std::size_t i = 0; i < kCount; ++i) {
            p.*model::kFields[i].member = ends()[i][chosen_[i]];
        }
        return p;
    }

    void add_to(Pairs& met) const {
        for (std::size_t i = 0; i < kCount; ++i) {
            for (std::size_t k = 0; k < i; ++k) {
                met.insert({i, chosen_[i], k, chosen_[k]});
            }
        }
    }

private:
    static constexpr std::size_t kCount = model::kFields.size();

    static const std::array<Values, kCount>& ends() {
        static const auto all = [] {
            std::array<Values, kCount> made;
            std::transform(model::kFields.begin(), model::kFields.end(), made.begin(), ends_of);
            return made;
        }();
        return all;
    }

    // All choices are allowed except those with neither a network nor experts.
    bool allowed() const {
        const model::Parameters p = parameters();
        return p.width != 0 || p.experts != 0;
    }

    std::array<std::size_t, kCount> chosen_{};
};

// Tests the largest sizes on a few bytes.
bool largest(Random& random, const kernels::Kernels& best) {
    const Bytes data = make_data(random);
    const Bytes few(data.begin(), data.begin() + 4);
    model::Parameters p;
    p.width = 1024;
    p.layers = 3;
    p.gates = 1;
    p.horizon = 2;
    p.init_bound = 255;
    p.step_recurrent = p.step_output = 1 << 20;
    p.moment_shift = 0;
    p.epsilon = 24;
    p.decay_time = 0;
    model::Parameters wide;
    wide.width = 16;
    wide.experts = 1;
    wide.ngrams = 8;
    wide.memory_bits = wide.ngram_bits = 30;
    return attempt(p, few, best) && attempt(wide, few, best);
}

} // namespace

int parameter_ends() {
    const kernels::Kernels& best = kernels::active();
    Random random(21);
    if (!largest(random, best)) {
        return 1;
    }
    Pairs met;
    const std::size_t all = Design::pairs();
    int runs = 0;
    for (; runs < kRuns || met.size() < all; ++runs) {
        const Design design = Design::next(random, met);
        if (!attempt(design.parameters(), make_data(random), best)) {
            return 1;
        }
        design.add_to(met);
    }
    std::printf("%d sets of extreme parameters, %zu pairs of values: all decoded correctly\n", runs,
                met.size());
    return 0;
}

} // namespace weightless::selftest
