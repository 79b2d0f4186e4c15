// A weight matrix in training: master copies, second moments, and the panels that
// products read.
#pragma once

#include "fixed/aligned.hpp"
#include "kernels/kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

/// Weights are Q26 int32. Recurrent ones stay within +-8 less one unit of their working
/// format Q11, output ones within +-16 less one of Q10, so that both fit in 15 bits and
/// 64 products with |h| <= 1 in Q11 fit int32.
struct WeightFormat {
    int forward_shift;  // Q26 to the working format
    int backward_shift; // Q26 to that of the transpose, which has two bits less
    std::int32_t limit;
};

inline constexpr WeightFormat kRecurrentFormat{15, 17, (1 << 29) - (1 << 15)};
inline constexpr WeightFormat kOutputFormat{16, 18, (1 << 30) - (1 << 16)};
inline constexpr std::int32_t kVectorLimit = (1 << 30) - (1 << 16); // biases, input columns

struct Matrix {
    Matrix() = default;
    Matrix(int inputs_, int outputs_, const WeightFormat& format_)
        : inputs(inputs_), outputs(outputs_), stride(kernels::padded(outputs_)), format(format_),
          master(static_cast<std::size_t>(inputs_) * stride),
          moment(master.size() / kernels::kShared), forward(master.size()),
          backward(static_cast<std::size_t>(kernels::padded(inputs_)) * stride) {}

    /// Updates the working copies from the master rows row..row+3.
    void pack(const kernels::Kernels& k, int row) {
        k.pack(master.data() + static_cast<std::ptrdiff_t>(row) * stride, row, inputs, stride,
               format.forward_shift, format.backward_shift, forward.data(), backward.data());
    }

    void pack_all(const kernels::Kernels& k) {
        for (int row = 0; row < inputs; row += 4) {
            pack(k, row);
        }
    }

    std::size_t memory() const noexcept {
        return master.size() * 4 + moment.size() * 4 + forward.size() * 2 + backward.size() * 2;
    }
    static std::size_t memory_for(int inputs, int outputs) noexcept {
        const auto stride = static_cast<std::size_t>(kernels::padded(outputs));
        const auto n = static_cast<std::size_t>(inputs);
        return (n * 4 + n / kernels::kShared * 4 + n * 2 +
                static_cast<std::size_t>(kernels::padded(inputs)) * 2) *
               stride;
    }

    int inputs = 0;  // a multiple of 16
    int outputs = 0; // without padding
    int stride = 0;  // padded to whole panels; weights beyond `outputs` are and stay 0
    WeightFormat format{};
    fixed::AlignedVector<std::int32_t> master;  // (inputs, stride), Q26
    fixed::AlignedVector<std::uint32_t> moment; // (inputs / kShared, stride)
    fixed::AlignedVector<std::int16_t> forward;
    fixed::AlignedVector<std::int16_t> backward;
};

} // namespace weightless::model
