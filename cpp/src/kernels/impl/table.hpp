// The table of kernels of one target. Each translation unit under targets/ includes it once, after
// defining its WEIGHTLESS_SIMD_ macro (simd/simd.hpp).
#pragma once

#include "kernels/impl/block_float.hpp"
#include "kernels/impl/cells.hpp"
#include "kernels/impl/histories.hpp"
#include "kernels/impl/mixing.hpp"
#include "kernels/impl/pack.hpp"
#include "kernels/impl/products.hpp"
#include "kernels/impl/similarity.hpp"
#include "kernels/impl/softmax.hpp"
#include "kernels/impl/update.hpp"
#include "kernels/kernels.hpp"

namespace weightless::kernels {
namespace {

constexpr Kernels table(const char* name) {
    return {name,          matvec,      matmul,    outer,          update,         pack,
            softmax,       max_abs,     narrow,    narrow_columns, widen_add,      cell_forward,
            cell_backward, mix_predict, mix_train, mix_errors,     history_update, similarity};
}

} // namespace
} // namespace weightless::kernels
