// Measures the matrix products of each target in multiply-adds per second, and as a fraction
// of the machine's peak for the same instruction.
//
//   cmake -S . -B build/bench -DWEIGHTLESS_PYTHON=OFF -DWEIGHTLESS_BENCH=ON
//   cmake --build build/bench && build/bench/bench/weightless_kernels_bench
//
// The peak is that of a loop of independent pairwise multiply-adds and additions in registers,
// the same two instructions that the products use (vpmaddwd and vpaddd on x86).
#include "kernels/kernels.hpp"
#include "fixed/aligned.hpp"
#include "peak.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// The best of several runs of about 20 ms each, because the machine may be shared.
template <typename F> double best_rate(double work, F&& f) {
    f();
    double best = 0;
    for (int run = 0; run < 7; ++run) {
        long count = 0;
        const auto begin = Clock::now();
        double seconds = 0;
        while (seconds < 0.02) {
            for (int i = 0; i < 16; ++i) {
                f();
            }
            count += 16;
            seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        }
        const double rate = work * static_cast<double>(count) / seconds;
        best = rate > best ? rate : best;
    }
    return best;
}

} // namespace

int main() {
    using namespace weightless;
    std::printf("%-8s %6s %10s %10s %10s %12s %8s\n", "target", "width", "matvec", "matmul",
                "outer", "peak GMAC/s", "matvec");
    for (const kernels::Kernels* k : kernels::available()) {
        for (const int width : {32, 64, 128, 256}) {
            const double peak = bench::peak(k->name);
            const int outputs = kernels::padded(3 * width);
            const int steps = 32;
            fixed::AlignedVector<std::int16_t> w(static_cast<std::size_t>(width) * outputs, 3);
            fixed::AlignedVector<std::int16_t> x(static_cast<std::size_t>(steps) * width, 5);
            fixed::AlignedVector<std::int16_t> d(static_cast<std::size_t>(steps) * outputs, 7);
            fixed::AlignedVector<std::int32_t> y(static_cast<std::size_t>(steps) * outputs);
            const double macs = static_cast<double>(width) * outputs;
            const double one =
                best_rate(macs, [&] { k->matvec(w.data(), x.data(), width, outputs, y.data()); });
            const double many = best_rate(macs * steps, [&] {
                k->matmul(w.data(), x.data(), width, width, outputs, steps, y.data(), outputs);
            });
            const double gradient = best_rate(macs * steps, [&] {
                for (int row = 0; row < width; row += 4) {
                    k->outer(d.data(), x.data() + row * steps, steps, steps, outputs, y.data());
                }
            });
            std::printf("%-8s %6d %9.1f%% %9.1f%% %9.1f%% %12.1f %8.1f\n", k->name, width,
                        100 * one / peak, 100 * many / peak, 100 * gradient / peak, peak * 1e-9,
                        one * 1e-9);
        }
    }
}
