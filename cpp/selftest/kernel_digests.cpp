// Runs every kernel of every target on generated inputs, uniform, sparse and extreme, within the
// stated ranges (checked_kernels.hpp), and prints a digest of the results of each kernel. Targets
// must agree, and builds for all CPUs, compilers and options must print the same. It is built in
// seconds, where the self-test takes minutes.
//
//     weightless_kernel_digests             digests
//     weightless_kernel_digests --targets   the targets of this machine, the one in use last
#include "checked_kernels.hpp"
#include "fixed/aligned.hpp"
#include "fixed/logistic.hpp"
#include "fixed/random.hpp"
#include "kernels/kernels.hpp"
#include "program.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <utility>
#include <vector>

namespace {

using namespace weightless;
using kernels::Kernels;
using std::int16_t;
using std::int32_t;
using std::size_t;
using std::uint16_t;
using std::uint32_t;
using std::uint64_t;
using std::uint8_t;

template <typename T> using Array = fixed::AlignedVector<T>;

// FNV-1a (Fowler, Noll & Vo) over values rather than bytes, whose order differs between CPUs.
struct Digest {
    uint64_t h = 0xcbf29ce484222325ull;
    template <typename T> void add(T value) {
        h = (h ^ static_cast<uint64_t>(static_cast<std::int64_t>(value))) * 0x100000001b3ull;
        h ^= h >> 29;
    }
    template <typename T> void add(const Array<T>& values) {
        for (const T value : values) {
            add(value);
        }
    }
};

// Inputs of one of six shapes: uniform, sparse, both ends of the range, each of its ends, zero.
class Inputs {
public:
    explicit Inputs(int shape) : shape_(shape), random_(static_cast<uint64_t>(100 + shape)) {}
    static constexpr int kShapes = 6;

    /// n values within +-limit.
    template <typename T> Array<T> draw(size_t n, int32_t limit) {
        Array<T> values(n);
        for (T& value : values) {
            value = static_cast<T>(one(limit));
        }
        return values;
    }
    /// n values from 0 to limit.
    template <typename T> Array<T> upto(size_t n, uint32_t limit) {
        Array<T> values(n);
        for (T& value : values) {
            value = static_cast<T>(below(limit));
        }
        return values;
    }
    uint32_t any() { return static_cast<uint32_t>(random_.next() >> 32); }

private:
    int32_t one(int32_t limit) {
        const int32_t uniform = random_.symmetric(limit);
        const auto down = static_cast<int>(random_.next() % 31);
        const int32_t shapes[kShapes] = {uniform, uniform >> down, uniform < 0 ? -limit : limit,
                                         limit,   -limit,          0};
        return shapes[shape_];
    }
    uint32_t below(uint32_t limit) {
        const auto uniform = static_cast<uint32_t>((uint64_t{any()} * (uint64_t{limit} + 1)) >> 32);
        const auto down = static_cast<int>(random_.next() % 31);
        const uint32_t shapes[kShapes] = {uniform, uniform >> down, (any() & 1) * limit,
                                          limit,   limit / 2,       0};
        return shapes[shape_];
    }

    int shape_;
    fixed::SplitMix64 random_;
};

void products(const Kernels& k, Inputs& in, Digest& digest) {
    constexpr std::pair<int, int> shapes[] = {{2, 32}, {16, 64}, {64, 192}, {130, 96}, {256, 128}};
    for (const auto& [inputs, outputs] : shapes) {
        constexpr int count = 5;
        const auto size = static_cast<size_t>(count * outputs);
        const auto weights = in.draw<int16_t>(static_cast<size_t>(inputs * outputs), (1 << 14) - 1);
        const auto x = in.draw<int16_t>(static_cast<size_t>(count * inputs), 1 << 11);
        auto y = in.draw<int32_t>(size, 1 << 30);
        k.matmul(weights.data(), x.data(), inputs, inputs, outputs, count, y.data(), outputs);
        digest.add(y);
        k.matvec(weights.data(), x.data(), inputs, outputs, y.data());
        digest.add(y);
    }
}

void outer(const Kernels& k, Inputs& in, Digest& digest) {
    for (const int steps : {2, 20, 32}) {
        const auto d = in.draw<int16_t>(static_cast<size_t>(steps * 96), (1 << 15) - 1);
        const auto x = in.draw<int16_t>(static_cast<size_t>(4 * steps), (1 << 11) - 1);
        Array<int32_t> gradient(4 * 96);
        k.outer(d.data(), x.data(), steps, steps, 96, gradient.data());
        digest.add(gradient);
    }
}

void update(const Kernels& k, Inputs& in, Digest& digest) {
    constexpr int32_t limit = (1 << 30) - (1 << 16);
    constexpr size_t n = 64;
    for (const int optimizer : {0, 1, 2}) {
        for (const int rate : {0, 1, 8, 15}) {
            const kernels::UpdateRule rules[] = {{optimizer, rate, 28, 1 << 16, 5000, 6, limit, 0},
                                                 {optimizer, rate, 0, 4096, 32767, 1, limit, 11},
                                                 {optimizer, rate, 48, 1, 0, 3, limit, -24}};
            for (const kernels::UpdateRule& rule : rules) {
                for (const int rows : {1, kernels::kShared}) {
                    const size_t all = static_cast<size_t>(rows) * n;
                    const auto gradient = in.draw<int32_t>(all, INT32_MAX);
                    const auto exponents = in.upto<int32_t>(n, 18);
                    auto master = in.draw<int32_t>(all, limit);
                    auto moment = in.upto<uint32_t>(n, UINT32_MAX);
                    for (uint32_t& word : moment) {
                        word = word == 0 ? 0 : word | 1u << 31;
                    }
                    k.update(rule, rows, n, gradient.data(), exponents.data(), master.data(),
                             moment.data());
                    digest.add(master);
                    digest.add(moment);
                }
            }
        }
    }
}

void pack(const Kernels& k, Inputs& in, Digest& digest) {
    constexpr int inputs = 64;
    constexpr int outputs = 96;
    const auto master = in.draw<int32_t>(4 * outputs, (1 << 29) - (1 << 15));
    for (const int row : {0, 4, 36}) {
        Array<int16_t> forward(size_t{inputs} * outputs);
        Array<int16_t> backward(size_t{inputs} * outputs);
        k.pack(master.data(), row, inputs, outputs, 15, 17, forward.data(), backward.data());
        digest.add(forward);
        digest.add(backward);
    }
}

void softmax(const Kernels& k, Inputs& in, Digest& digest) {
    for (const int32_t limit : {1 << 17, 1 << 20, INT32_MAX}) {
        const auto logits = in.draw<int32_t>(256, limit);
        Array<uint32_t> p(256);
        digest.add(k.softmax(logits.data(), p.data()));
        digest.add(p);
    }
}

void block_float(const Kernels& k, Inputs& in, Digest& digest) {
    constexpr int n = 96;
    constexpr int steps = 20;
    const auto v = in.draw<int32_t>(steps * n, 1 << 30);
    for (const int count : {1, 31, n}) {
        digest.add(k.max_abs(v.data(), count));
    }
    for (const int shift : {0, 1, 9, 17, 30}) {
        Array<int16_t> out(n);
        k.narrow(v.data(), n, shift, 8191, out.data());
        digest.add(out);
    }
    for (const int bits : {1, 8, 13, 15}) {
        Array<int32_t> exponents(n);
        Array<int16_t> d(steps * n);
        k.narrow_columns(v.data(), n, steps, bits, exponents.data(), d.data());
        digest.add(exponents);
        digest.add(d);
    }
    for (const int shift : {0, 3, 12, 20}) {
        const auto y = in.draw<int32_t>(n, INT32_MAX);
        auto sum = in.draw<int32_t>(n, 1 << 30);
        k.widen_add(y.data(), n, shift, sum.data());
        digest.add(sum);
    }
}

void cells(const Kernels& k, Inputs& in, Digest& digest) {
    for (const int full : {0, 1}) {
        for (const int width : {1, 16, 43}) {
            const auto w = static_cast<size_t>(width);
            const size_t blocks = full != 0 ? 4 : 3;
            const auto z = in.draw<int32_t>(blocks * w, 1 << 19);
            const auto before = in.draw<int32_t>(w, full != 0 ? 16 << 24 : 1 << 24);
            auto after = before;
            Array<int32_t> gates(blocks * w);
            Array<int32_t> slopes(blocks * w);
            Array<int32_t> squashed(2 * w);
            Array<int16_t> h(w);
            k.cell_forward(full, width, z.data(), after.data(), gates.data(), slopes.data(),
                           squashed.data(), h.data());
            const auto dh = in.draw<int32_t>(w, 1 << 30);
            auto dc = in.draw<int32_t>(w, 1 << 30);
            Array<int32_t> dz(blocks * w);
            k.cell_backward(full, width, dh.data(), before.data(), after.data(), gates.data(),
                            slopes.data(), squashed.data(), dc.data(), dz.data());
            digest.add(after);
            digest.add(gates);
            digest.add(slopes);
            if (full != 0) {
                digest.add(squashed);
            }
            digest.add(h);
            digest.add(dc);
            digest.add(dz);
        }
    }
}

// n different numbers below `limit`, followed by zeros up to a multiple of 8.
Array<uint32_t> places(Inputs& in, size_t n, uint32_t limit) {
    std::vector<uint32_t> all(limit);
    for (uint32_t i = 0; i < limit; ++i) {
        all[i] = i;
    }
    Array<uint32_t> at((n + 7) / 8 * 8);
    for (size_t i = 0; i < n; ++i) {
        std::swap(all[i], all[i + in.any() % (limit - i)]);
        at[i] = all[i];
    }
    return at;
}

void mixing(const Kernels& k, Inputs& in, Digest& digest) {
    for (const size_t count : {1, 2, 3, 8, 21}) {
        for (const size_t n : {16, 80}) {
            auto weights = in.draw<int32_t>(count * n, 7 << 28);
            std::vector<int32_t*> rows;
            std::vector<const int32_t*> read;
            for (size_t r = 0; r < count; ++r) {
                rows.push_back(weights.data() + r * n);
                read.push_back(rows.back());
            }
            const auto inputs = in.draw<int16_t>(n, INT16_MAX);
            Array<uint32_t> p((count + 7) / 8 * 8);
            Array<int16_t> out(p.size());
            k.mix_predict(read.data(), static_cast<int>(count), inputs.data(), static_cast<int>(n),
                          fixed::Logistic::get().squash_table(), p.data(), out.data());
            p.resize(count);
            digest.add(p);
            digest.add(out);
            const auto x = in.draw<int16_t>(n, (1 << 14) - 1);
            const auto errors = in.draw<int32_t>(count, (1 << 17) - 1);
            k.mix_train(rows.data(), static_cast<int>(count), x.data(), static_cast<int>(n),
                        errors.data());
            digest.add(weights);
        }
        for (const unsigned bit : {0u, 1u}) {
            constexpr uint32_t sets = 99;
            const auto p = in.upto<uint32_t>((count + 7) / 8 * 8, 1 << 22);
            const auto at = places(in, count, sets);
            const auto rates = in.upto<int32_t>(1024 + (65536 - 1024) / 64, 340);
            auto counts = in.upto<uint16_t>(sets + 1, 65535);
            Array<int32_t> errors(p.size());
            k.mix_errors(p.data(), static_cast<int>(count), bit, counts.data(), at.data(),
                         rates.data(), 23, errors.data());
            errors.resize(count);
            digest.add(errors);
            digest.add(counts);
        }
    }
}

void histories(const Kernels& k, Inputs& in, Digest& digest) {
    std::array<int32_t, 1024> reciprocals;
    for (size_t i = 0; i < reciprocals.size(); ++i) {
        reciprocals[i] = static_cast<int32_t>(131072 / (2 * i + 3));
    }
    for (const unsigned bit : {0u, 1u}) {
        for (const size_t n : {1, 6, 8, 37, 64}) {
            constexpr uint32_t size = 1024;
            const auto values = in.upto<uint32_t>(size, UINT32_MAX);
            std::vector<kernels::HistoryCell> all(size);
            for (size_t i = 0; i < size; ++i) {
                all[i] = {values[i], {static_cast<int16_t>(i), 0}};
            }
            const auto at = places(in, n, size);
            const auto runs = in.upto<uint32_t>(8, UINT32_MAX);
            k.history_update(all.data(), at.data(), static_cast<int>(n), bit, 1000,
                             reciprocals.data(), fixed::Logistic::get().stretch_table(),
                             runs.data());
            for (const kernels::HistoryCell& cell : all) {
                digest.add(cell.value);
                digest.add(cell.inputs[0]);
                digest.add(cell.inputs[1]);
            }
        }
    }
}

void similarity(const Kernels& k, Inputs& in, Digest& digest) {
    for (const int n : {0, 512, 1024}) {
        constexpr int distances = 77;
        const auto x = in.upto<uint8_t>(static_cast<size_t>(n + distances), 255);
        auto means = in.upto<uint16_t>(distances, 65'000);
        k.similarity(x.data() + distances, n, distances, means.data());
        digest.add(means);
    }
}

struct Family {
    const char* name;
    void (*run)(const Kernels&, Inputs&, Digest&);
};

constexpr Family kFamilies[] = {{"products", products},       {"outer", outer},
                                {"update", update},           {"pack", pack},
                                {"softmax", softmax},         {"cells", cells},
                                {"mixing", mixing},           {"histories", histories},
                                {"block_float", block_float}, {"similarity", similarity}};

uint64_t digest_of(const Family& family, const Kernels& target) {
    Digest digest;
    for (int shape = 0; shape < Inputs::kShapes; ++shape) {
        Inputs in(shape);
        family.run(selftest::checked(target), in, digest);
    }
    return digest.h;
}

} // namespace

int weightless::selftest::program(int, char**) {
    int failures = 0;
    for (const Family& family : kFamilies) {
        const uint64_t expected = digest_of(family, *kernels::find("scalar"));
        std::printf("%-12s %016llx\n", family.name, static_cast<unsigned long long>(expected));
        for (const Kernels* target : kernels::available()) {
            if (digest_of(family, *target) != expected) {
                std::printf("%-12s differs on %s\n", family.name, target->name);
                ++failures;
            }
        }
    }
    return failures != 0 ? 1 : 0;
}
