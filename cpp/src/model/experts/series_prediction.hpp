// Linear prediction of a number from the latest ones of a series by least squares, in integers. Old
// numbers are forgotten exponentially. Every step is exact on every machine, and no sum can
// overflow, whatever the data.
//
// The series may interleave several channels, each of which has weights of its own for the latest
// numbers of all. The sums of products of numbers of which both are some places back are those of
// earlier positions: one row of sums per number is enough.
//
// Source: the covariance method of linear prediction, solved by Cholesky's decomposition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class SeriesPrediction {
public:
    static constexpr std::uint32_t kMostOrder = 128;

    struct Settings {
        std::uint32_t order;  // how many of the latest numbers it uses, at most kMostOrder
        std::uint32_t forget; // what each number of the channel takes from the sums, Q16
        std::uint32_t every;  // numbers of the channel from solution to solution
    };

    SeriesPrediction(const Settings& settings, std::uint32_t channels);

    /// Predicts the next number of a channel, Q4. latest: the latest numbers first, at most 2^31 in
    /// magnitude.
    std::int64_t predict(std::uint32_t channel, const std::int32_t* latest) const noexcept;

    /// Takes the next number. latest: the numbers, the new one first, at most 2^15 in magnitude.
    void update(std::uint32_t channel, const std::int32_t* latest) noexcept;

    /// Bytes of memory.
    static std::size_t memory_for(std::uint32_t order, std::uint32_t channels) noexcept;

private:
    void solve(std::uint32_t channel) noexcept;
    // The sums of the products of the number `ago` places back and those before it.
    const std::int64_t* row(std::size_t ago) const noexcept {
        const std::size_t all = rows_.size() / (order_ + 1);
        return rows_.data() + (latest_ + all - ago) % all * (order_ + 1);
    }

    std::size_t order_;
    std::int64_t forget_;
    std::uint32_t every_;
    std::uint32_t channels_;
    std::vector<std::int64_t> rows_;
    std::size_t latest_ = 0;             // the row of the latest number
    std::vector<std::uint32_t> waited_;  // numbers of each channel since its last solution
    std::vector<std::int32_t> weights_;  // of each channel, Q20
    std::vector<std::int32_t> triangle_; // the decomposition, row by row
};

} // namespace weightless::model
