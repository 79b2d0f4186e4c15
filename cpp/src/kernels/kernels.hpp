// The kernels (hot loops): one table of functions per instruction set, chosen once at run time.
//
// Every kernel computes the same integers on every target: sums of products either wrap mod 2^32
// or, given the stated ranges, do not overflow, so their order does not matter. Tests compare the
// other targets with the scalar one.
//
// Panels. For products, a weight matrix (K inputs, M outputs) is stored as int16 panels of 32
// outputs: panel p, input pair k, output j, lane b is input 2k + b, output 32p + j:
//     weights[((p * (K / 2) + k) * 32 + j) * 2 + b]
// so that a broadcast pair of inputs needs one pair-multiply-add per vector of outputs, and sums
// stay in their lane. K is even and M a multiple of 32 (padded with zeros).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weightless::kernels {

inline constexpr int kPanel = 32; // outputs per panel
inline constexpr int kFold = 64;  // inputs whose products are summed before a shift
inline constexpr int kFoldShift = 6;
inline constexpr int kShared = 4;            // rows of a matrix whose weights share a second moment
inline constexpr int kMostDifference = 15;   // greater differences of bytes count as this
inline constexpr int kSimilarityBlock = 512; // bytes that are compared at a time
inline constexpr int kSimilarityDecay = 2;
inline constexpr std::int32_t kDeltaLimit = 1 << 30; // gradients in the network: Q24, +-64

/// Rounds up to whole panels.
constexpr int padded(int n) noexcept { return (n + kPanel - 1) / kPanel * kPanel; }

/// The parameters of update(); docs/network.md specifies what it computes.
struct UpdateRule {
    std::int32_t optimizer; // model::Optimizer
    std::int32_t rate;      // second moment's rate is 2^-rate, 0..15
    std::int32_t floor;     // least biased exponent of the moment in the divisor, 0..48
    std::int32_t clip;      // bound of a (normalised) gradient, Q12, 0..2^16
    std::int32_t step;      // a gradient of 1 moves a weight by step * 2^(12 - shift), Q26;
    std::int32_t shift;     // 0 <= step < 2^15, 1 <= shift <= 20
    std::int32_t limit;     // weights stay in [-limit, limit], Q26; limit <= 2^30
    std::int32_t exponent;  // added to every lane's exponent
};

/// The adaptive prediction of a bit-history state (model/mixing/history_inputs.hpp).
struct HistoryCell {
    std::uint32_t value;    // p Q22, count in the lower 10 bits
    std::int16_t inputs[2]; // mixer inputs that follow from p
};
static_assert(sizeof(HistoryCell) == 8);

struct Kernels {
    const char* name;

    /// y[m] += sum over blocks of 64 inputs of ((sum of weights * x) >> 6), mod 2^32.
    /// |weight * x| < 2^25, so that the sum of a block fits int32.
    void (*matvec)(const std::int16_t* weights, const std::int16_t* x, int inputs, int outputs,
                   std::int32_t* y);

    /// matvec for `count` vectors x (stride x_stride) and y (stride y_stride).
    void (*matmul)(const std::int16_t* weights, const std::int16_t* x, int x_stride, int inputs,
                   int outputs, int count, std::int32_t* y, int y_stride);

    /// gradient[r][m] = sum over t of x[r][t] * d[t][m] for four rows r, mod 2^32.
    /// d: (steps / 2, outputs, 2); x: (4, x_stride); gradient: (4, outputs).
    void (*outer)(const std::int16_t* d, const std::int16_t* x, int x_stride, int steps,
                  int outputs, std::int32_t* gradient);

    /// Updates `rows` rows (1 or kShared) of n weights (a multiple of 32), master (rows, n) in
    /// Q26, and their shared moment (n) with a gradient (rows, n) whose unit in column i is
    /// 2^-(35 - exponents[i] - rule.exponent); |gradient| < 2^31.
    void (*update)(const UpdateRule& rule, int rows, int n, const std::int32_t* gradient,
                   const std::int32_t* exponents, std::int32_t* master, std::uint32_t* moment);

    /// Writes working copies of rows row..row+3 (row a multiple of 4) of a matrix (inputs,
    /// outputs): into its panels, shifted right by forward_shift with rounding, and into the panels
    /// of its transpose, likewise by backward_shift. `master` points to the first of the rows.
    void (*pack)(const std::int32_t* master, int row, int inputs, int outputs, int forward_shift,
                 int backward_shift, std::int16_t* forward, std::int16_t* backward);

    /// Base-2 softmax of any logits, Q15 (256), to p, Q24 (256): every p >= 4, and their sum is
    /// 2^24. Returns the index of the (first) largest logit.
    int (*softmax)(const std::int32_t* logits, std::uint32_t* p);

    /// max |v[i]|; |v[i]| < 2^31.
    std::int32_t (*max_abs)(const std::int32_t* v, int n);

    /// out[i] = clamp(round(v[i] / 2^shift), +-limit); |v[i]| <= 2^30, shift <= 30.
    void (*narrow)(const std::int32_t* v, int n, int shift, std::int32_t limit, std::int16_t* out);

    /// Block floating point by column over `steps` rows v (stride n; |v| <= 2^30): exponents[i] is
    /// the least shift >= 0 with which column i fits `bits` bits and a sign; d receives the
    /// mantissas in pairs of steps (steps / 2, n, 2).
    void (*narrow_columns)(const std::int32_t* v, int n, int steps, int bits,
                           std::int32_t* exponents, std::int16_t* d);

    /// v[i] = clamp(v[i] + round(y[i] * 2^(shift - 3)), +-2^30); 0 <= shift <= 20.
    void (*widen_add)(const std::int32_t* y, int n, int shift, std::int32_t* v);

    /// Forward pass of the cells for one step. z: gate sums, Q16, in blocks of `width` (coupled: f
    /// o g; full: i f o g). c: cell states, Q24, updated in place. gates: the activations (sigmoids
    /// Q16, g Q15). slopes: 1 - |u| of each, Q15, in the same blocks. squashed (full only): q(c),
    /// Q15, followed by its slopes. h: Q11.
    void (*cell_forward)(int full, int width, const std::int32_t* z, std::int32_t* c,
                         std::int32_t* gates, std::int32_t* slopes, std::int32_t* squashed,
                         std::int16_t* h);

    /// Backward pass of the cells for one step. dh: gradient with respect to h(t); before, after:
    /// c(t-1) and c(t); dc: gradient with respect to c(t) from later steps, on return with respect
    /// to c(t-1); dz: gradient with respect to the gate sums. Gradients are Q24, within +-2^30.
    void (*cell_backward)(int full, int width, const std::int32_t* dh, const std::int32_t* before,
                          const std::int32_t* after, const std::int32_t* gates,
                          const std::int32_t* slopes, const std::int32_t* squashed,
                          std::int32_t* dc, std::int32_t* dz);

    /// Predictions of `count` weight vectors rows[r], Q28, for the inputs x, Q10, any int16; n is a
    /// multiple of 16. With sum = sum of (rows[r][i] >> 16) * x[i], mod 2^32, out[r] is sum >> 12,
    /// rounded and clamped to +-12, Q10, and p[r] is its squash, Q22, computed from Q12
    /// (fixed/logistic.hpp). out and p have room for count rounded up to a multiple of 8; out is
    /// set to 0 beyond count.
    void (*mix_predict)(const std::int32_t* const* rows, int count, const std::int16_t* x, int n,
                        const std::int32_t* squash, std::uint32_t* p, std::int16_t* out);

    /// rows[r][i] = clamp(rows[r][i] + round(x[i] * errors[r] / 2^4), +-7 * 2^28) for `count`
    /// distinct rows; |errors[r]| < 2^17, |x| < 2^14; n a multiple of 16.
    void (*mix_train)(std::int32_t* const* rows, int count, const std::int16_t* x, int n,
                      const std::int32_t* errors);

    /// errors[i] = clamp(round((bit - p[i]) * rate / 2^13), +-(2^17 - 1)), with p in Q22 and a rate
    /// < 512, which is `rate_scale` / 16 times the entry of rates for counts[at[i]]: rates has an
    /// entry for each count up to 1023, then for every 64th. The counts are then incremented, up to
    /// 65535. at: n distinct indices. Arrays have room for n rounded up to a multiple of 8, and
    /// counts for one more element.
    void (*mix_errors)(const std::uint32_t* p, int n, unsigned bit, std::uint16_t* counts,
                       const std::uint32_t* at, const std::int32_t* rates, std::int32_t rate_scale,
                       std::int32_t* errors);

    /// Updates the values of n distinct cells with a bit, as adaptive::update does
    /// (model/history/adaptive_map.hpp). The first input of a cell becomes stretch(p)
    /// (fixed/logistic.hpp), the second the same if bit at[i] % 256 of runs is set, else 0. at:
    /// indices of the cells; up to n rounded up to a multiple of 8, they must be valid to read.
    void (*history_update)(HistoryCell* cells, const std::uint32_t* at, int n, unsigned bit,
                           std::uint32_t limit, const std::int32_t* reciprocals,
                           const std::int16_t* stretch, const std::uint32_t* runs);

    /// Decaying sums of the differences of bytes at each distance d from 1 to `distances`:
    /// means[d - 1] loses its 2^-kSimilarityDecay and gains the sum over i < n of the smaller of
    /// x[i] - x[i - d] and its negative, mod 256, at most kMostDifference. n is a multiple of
    /// kSimilarityBlock, at most 1,024, so that sums stay below 2^16; x[-distances] to x[n - 1]
    /// must be valid.
    void (*similarity)(const std::uint8_t* x, int n, int distances, std::uint16_t* means);
};

/// The targets that this machine can execute: "scalar" first, the best last.
std::vector<const Kernels*> available();

/// The names of all targets in this build, the best last, whether or not this machine can execute
/// them.
std::vector<std::string_view> compiled();

/// The target of that name, or null if this build or this machine does not have it.
const Kernels* find(std::string_view name);

/// The target in use: WEIGHTLESS_TARGET if set, else the best available. Throws
/// std::invalid_argument if WEIGHTLESS_TARGET does not name an available target.
const Kernels& active();

/// Sets the target in use, for tests: models that are created later use it. Must not be called
/// while another thread creates a model.
void use(const Kernels& kernels);

} // namespace weightless::kernels
