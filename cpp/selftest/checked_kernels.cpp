#include "checked_kernels.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <vector>

namespace weightless::selftest {
namespace {

using kernels::Kernels;
using kernels::kPanel;
using std::int16_t;
using std::int32_t;
using std::int64_t;
using std::ptrdiff_t;
using std::size_t;
using std::uint16_t;
using std::uint32_t;

const Kernels* below = nullptr;

constexpr int32_t kDelta = kernels::kDeltaLimit;
constexpr int64_t kNoMinimum = (int64_t{1} << 31) - 1;

void require(bool ok, const char* what) {
    if (!ok) {
        std::fprintf(stderr, "%s: outside the stated range: %s\n", below->name, what);
        std::abort();
    }
}

template <typename T> int64_t magnitude(const T* v, ptrdiff_t n) {
    int64_t most = 0;
    for (ptrdiff_t i = 0; i < n; ++i) {
        const auto wide = static_cast<int64_t>(v[i]);
        most = std::max(most, wide < 0 ? -wide : wide);
    }
    return most;
}

template <typename T> bool within(const T* v, ptrdiff_t n, int64_t low, int64_t high) {
    return std::all_of(v, v + n, [&](T x) { return x >= low && x <= high; });
}

void check_products(const int16_t* weights, const int16_t* x, int x_stride, int inputs, int outputs,
                    int count) {
    require(inputs % 2 == 0 && outputs % kPanel == 0, "products: shapes");
    const int64_t weight = magnitude(weights, ptrdiff_t{inputs} * outputs);
    for (ptrdiff_t i = 0; i < count; ++i) {
        require(weight * magnitude(x + i * x_stride, inputs) < 1 << 25, "products: weight * x");
    }
}

void matvec(const int16_t* weights, const int16_t* x, int inputs, int outputs, int32_t* y) {
    check_products(weights, x, 0, inputs, outputs, 1);
    below->matvec(weights, x, inputs, outputs, y);
}

void matmul(const int16_t* weights, const int16_t* x, int x_stride, int inputs, int outputs,
            int count, int32_t* y, int y_stride) {
    check_products(weights, x, x_stride, inputs, outputs, count);
    below->matmul(weights, x, x_stride, inputs, outputs, count, y, y_stride);
}

void outer(const int16_t* d, const int16_t* x, int x_stride, int steps, int outputs,
           int32_t* gradient) {
    require(steps % 2 == 0 && outputs % kPanel == 0, "outer: shapes");
    // The kernel may wrap, but the sums of the network do not reach that.
    const int64_t most = magnitude(d, ptrdiff_t{steps} * outputs);
    for (ptrdiff_t r = 0; r < 4; ++r) {
        require(steps * most * magnitude(x + r * x_stride, steps) <= kNoMinimum, "outer: sum");
    }
    below->outer(d, x, x_stride, steps, outputs, gradient);
}

void update(const kernels::UpdateRule& rule, int rows, int n, const int32_t* gradient,
            const int32_t* exponents, int32_t* master, uint32_t* moment) {
    require(rule.optimizer >= 0 && rule.optimizer <= 2, "update: optimizer");
    require(rule.rate >= 0 && rule.rate <= 15, "update: rate");
    require(rule.floor >= 0 && rule.floor <= 48, "update: floor");
    require(rule.clip >= 0 && rule.clip <= 1 << 16, "update: clip");
    require(rule.step >= 0 && rule.step < 1 << 15, "update: step");
    require(rule.shift >= 1 && rule.shift <= 20, "update: shift");
    require(rule.limit >= 0 && rule.limit <= 1 << 30, "update: limit");
    require(rows == 1 || rows == kernels::kShared, "update: rows");
    require(n % kPanel == 0, "update: n");
    const ptrdiff_t all = ptrdiff_t{rows} * n;
    require(magnitude(gradient, all) <= kNoMinimum, "update: gradient");
    require(within(exponents, n, 0, 18), "update: exponents");
    require(rule.exponent >= -24 && rule.exponent <= 11, "update: exponent");
    require(magnitude(master, all) <= rule.limit, "update: weights");
    const auto normal = [](uint32_t word) { return word == 0 || word >> 31 == 1; };
    require(std::all_of(moment, moment + n, normal), "update: moment");
    below->update(rule, rows, n, gradient, exponents, master, moment);
    require(magnitude(master, all) <= rule.limit, "update: weights afterwards");
    require(std::all_of(moment, moment + n, normal), "update: moment afterwards");
}

void pack(const int32_t* master, int row, int inputs, int outputs, int forward_shift,
          int backward_shift, int16_t* forward, int16_t* backward) {
    require(row % 4 == 0 && row + 4 <= inputs && outputs % kPanel == 0, "pack: shapes");
    for (const int shift : {forward_shift, backward_shift}) {
        require(shift >= 1 && shift <= 30, "pack: shifts");
        const int64_t most = magnitude(master, ptrdiff_t{4} * outputs);
        require((most + (int64_t{1} << (shift - 1))) >> shift < 1 << 15, "pack: weights");
    }
    below->pack(master, row, inputs, outputs, forward_shift, backward_shift, forward, backward);
}

int softmax(const int32_t* logits, uint32_t* p) {
    const int best = below->softmax(logits, p);
    int64_t sum = 0;
    for (int i = 0; i < 256; ++i) {
        require(p[i] >= 4, "softmax: p");
        sum += p[i];
    }
    require(sum == 1 << 24, "softmax: sum");
    require(best == std::max_element(logits, logits + 256) - logits, "softmax: best");
    return best;
}

int32_t max_abs(const int32_t* v, int n) {
    require(magnitude(v, n) <= kNoMinimum, "max_abs: v");
    return below->max_abs(v, n);
}

void narrow(const int32_t* v, int n, int shift, int32_t limit, int16_t* out) {
    require(magnitude(v, n) <= kDelta && shift >= 0 && shift <= 30, "narrow: v or shift");
    require(limit >= 0 && limit < 1 << 15, "narrow: limit");
    below->narrow(v, n, shift, limit, out);
}

void narrow_columns(const int32_t* v, int n, int steps, int bits, int32_t* exponents, int16_t* d) {
    require(magnitude(v, ptrdiff_t{steps} * n) <= kDelta, "narrow_columns: v");
    require(steps % 2 == 0 && bits >= 1 && bits <= 15, "narrow_columns: steps or bits");
    below->narrow_columns(v, n, steps, bits, exponents, d);
    require(within(exponents, n, 0, 31 - bits), "narrow_columns: exponents");
}

void widen_add(const int32_t* y, int n, int shift, int32_t* v) {
    require(shift >= 0 && shift <= 20, "widen_add: shift");
    below->widen_add(y, n, shift, v);
    require(magnitude(v, n) <= kDelta, "widen_add: sums");
}

int64_t cell_limit(int full) { return full != 0 ? 16 << 24 : 1 << 24; }

void cell_forward(int full, int width, const int32_t* z, int32_t* c, int32_t* gates,
                  int32_t* slopes, int32_t* squashed, int16_t* h) {
    const ptrdiff_t blocks = full != 0 ? 4 : 3;
    require(magnitude(c, width) <= cell_limit(full), "cell_forward: c");
    below->cell_forward(full, width, z, c, gates, slopes, squashed, h);
    require(magnitude(c, width) <= cell_limit(full), "cell_forward: c afterwards");
    require(within(gates, (blocks - 1) * width, 0, 1 << 16), "cell_forward: sigmoids");
    require(magnitude(gates + (blocks - 1) * width, width) <= 1 << 15, "cell_forward: g");
    require(within(slopes, blocks * width, 0, 1 << 15), "cell_forward: slopes");
    require(magnitude(h, width) <= 1 << 11, "cell_forward: h");
}

void cell_backward(int full, int width, const int32_t* dh, const int32_t* before,
                   const int32_t* after, const int32_t* gates, const int32_t* slopes,
                   const int32_t* squashed, int32_t* dc, int32_t* dz) {
    require(magnitude(dh, width) <= kDelta && magnitude(dc, width) <= kDelta,
            "cell_backward: gradients");
    require(magnitude(before, width) <= cell_limit(full) &&
                magnitude(after, width) <= cell_limit(full),
            "cell_backward: c");
    below->cell_backward(full, width, dh, before, after, gates, slopes, squashed, dc, dz);
    require(magnitude(dc, width) <= kDelta, "cell_backward: dc");
    require(magnitude(dz, ptrdiff_t{full != 0 ? 4 : 3} * width) <= kDelta, "cell_backward: dz");
}

constexpr int64_t kMixingLimit = int64_t{7} << 28;

void mix_predict(const int32_t* const* rows, int count, const int16_t* x, int n,
                 const int32_t* squash, uint32_t* p, int16_t* out) {
    require(n % 16 == 0, "mix_predict: n");
    for (int r = 0; r < count; ++r) {
        require(magnitude(rows[r], n) <= kMixingLimit, "mix_predict: weights");
    }
    below->mix_predict(rows, count, x, n, squash, p, out);
    require(within(p, count, 0, 1 << 22), "mix_predict: p");
    require(magnitude(out, count) <= 12 << 10, "mix_predict: out");
}

void mix_train(int32_t* const* rows, int count, const int16_t* x, int n, const int32_t* errors) {
    require(n % 16 == 0, "mix_train: n");
    require(magnitude(errors, count) < 1 << 17, "mix_train: errors");
    require(magnitude(x, n) < 1 << 14, "mix_train: x");
    require(std::set<int32_t*>(rows, rows + count).size() == static_cast<size_t>(count),
            "mix_train: different rows");
    below->mix_train(rows, count, x, n, errors);
    for (int r = 0; r < count; ++r) {
        require(magnitude(rows[r], n) <= kMixingLimit, "mix_train: weights");
    }
}

void mix_errors(const uint32_t* p, int n, unsigned bit, uint16_t* counts, const uint32_t* at,
                const int32_t* rates, int32_t rate_scale, int32_t* errors) {
    require(bit <= 1 && within(p, n, 0, 1 << 22), "mix_errors: bit or p");
    require(std::set<uint32_t>(at, at + n).size() == static_cast<size_t>(n),
            "mix_errors: different places");
    constexpr int stages = 1024 + (65536 - 1024) / 64;
    require(rate_scale >= 0 && within(rates, stages, 0, 1 << 15),
            "mix_errors: rates or rate_scale");
    for (int i = 0; i < stages; ++i) {
        require(int64_t{rates[i]} * rate_scale / 16 < 512, "mix_errors: rate");
    }
    below->mix_errors(p, n, bit, counts, at, rates, rate_scale, errors);
    require(magnitude(errors, n) < 1 << 17, "mix_errors: errors");
}

void history_update(kernels::HistoryCell* cells, const uint32_t* at, int n, unsigned bit,
                    uint32_t limit, const int32_t* reciprocals, const int16_t* stretch,
                    const uint32_t* runs) {
    require(bit <= 1 && limit <= 1023, "history_update: bit or limit");
    require(std::set<uint32_t>(at, at + n).size() == static_cast<size_t>(n),
            "history_update: different places");
    below->history_update(cells, at, n, bit, limit, reciprocals, stretch, runs);
}

void similarity(const std::uint8_t* x, int n, int distances, uint16_t* means) {
    require(n >= 0 && n % kernels::kSimilarityBlock == 0, "similarity: bytes");
    const auto most = static_cast<uint32_t>(n) * kernels::kMostDifference;
    for (int d = 0; d < distances; ++d) {
        const uint32_t mean = means[d];
        require(mean - (mean >> kernels::kSimilarityDecay) + most < 1u << 16, "similarity: means");
    }
    below->similarity(x, n, distances, means);
}

} // namespace

const Kernels& checked(const Kernels& target) {
    static const Kernels table{
        "checked",     matvec,      matmul,    outer,          update,         pack,
        softmax,       max_abs,     narrow,    narrow_columns, widen_add,      cell_forward,
        cell_backward, mix_predict, mix_train, mix_errors,     history_update, similarity};
    below = &target;
    return table;
}

} // namespace weightless::selftest
