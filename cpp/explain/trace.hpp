// What the predictor's work on some content looks like: the cost of each byte, and how many bits
// each input of the mixer saved. Recorded while content is coded; no coded bit depends on it, so
// it may use floating point.
#pragma once

#include "explain/shares.hpp"
#include "model/observer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace weightless::explain {

/// What to record.
struct Plan {
    /// Bytes of content that are summed up together.
    std::uint64_t segment = 1024;
    /// Of each `period` bytes of content the first `width` are recorded one by one.
    std::uint64_t width = 1;
    std::uint64_t period = 1;
    /// The likeliest values are recorded for each byte whose position is a multiple of this; 0: for
    /// none.
    std::uint64_t probe = 0;
    int values = 5;           // how many of the likeliest values
    std::uint64_t ponder = 0; // the same for a continuation of the content
    int length = 48;          // in bytes
    bool costs_only = false;  // records no savings
    bool digests = false;     // records a digest of the state that each byte's prediction came from
};

/// Ways to predict whose costs are compared.
enum Way { kWhole, kMixed, kNetwork, kWays };

/// Sums over a segment, or over all content of one kind.
struct Sums {
    std::uint64_t bytes = 0;
    std::array<double, kWays> bits{};
    std::vector<double> saved; // by the inputs of each name, in bits
};

class Trace final : public model::Observer {
public:
    explicit Trace(const Plan& plan) : plan_(plan) {}

    /// Must be called before the observed predictor works: the layouts of its inputs.
    void begin(const std::vector<model::InputLayout>& layouts);

    void begin_byte(const model::ByteView& view) override;
    void bit(const model::BitView& view) override;
    void copy(bool hit, std::uint32_t p) override;
    void skip() override;
    void end_byte(std::uint8_t byte) override;
    int wanted_values() override {
        return plan_.probe != 0 && position_ % plan_.probe == 0 ? plan_.values : 0;
    }
    void likeliest(std::span<const model::LikelyByte> values) override;
    int wanted_continuation() override {
        return plan_.ponder != 0 && position_ % plan_.ponder == 0 ? plan_.length : 0;
    }
    void continuation(std::span<const std::uint8_t> text) override;

    /// Brings the sums below up to date; they lag behind.
    void sum_up();

    // The bytes that are recorded one by one, in order.
    std::array<std::vector<float>, kWays> bits;
    std::vector<std::uint8_t> bytes;
    std::vector<std::uint8_t> kinds; // index in kind_names
    std::vector<std::uint8_t> ranks; // how many values the network considered likelier
    std::vector<std::uint16_t> match_lengths;
    std::vector<std::int64_t> match_places;
    std::vector<std::uint64_t> digests;

    std::vector<Sums> segments;
    std::vector<std::int16_t> hidden; // the network's outputs at the start of each segment, Q11
    std::size_t width = 0;            // of the network
    std::vector<Sums> by_kind;
    std::vector<std::string> kind_names;
    std::vector<std::string> input_names;

    // Likeliest values: `values` of them for each position, the unused ones with probability 0.
    std::vector<std::uint64_t> probed;
    std::vector<model::LikelyByte> likely;

    std::vector<std::uint64_t> pondered;
    std::vector<std::vector<std::uint8_t>> continuations;

    /// Locked while a codec records.
    std::mutex recording;

    const Plan& plan() const noexcept { return plan_; }
    std::uint64_t position() const noexcept { return position_; }

private:
    static std::size_t index_of(std::vector<std::string>& names, const std::string& name);

    Plan plan_;
    std::uint64_t position_ = 0;
    std::vector<std::size_t> kinds_of_; // of each layout
    std::size_t network_ = 0;
    std::size_t copies_ = 0;
    std::size_t rounding_ = 0;

    // Sums of the bytes of one segment and one layout that follow each other.
    Sums run_;
    Shares shares_;
    double mixing_saved_ = 0; // by all inputs of mixing

    // The byte at work.
    double p_ = 1;                                  // of the byte's bits so far
    double mixed_p_ = 1;                            // the same before the APM stages
    double network_p_ = 1;                          // the same by the network
    int mixed_bits_ = 0;                            // how many were mixed
    double copy_cost_ = 0;                          // of the decision whether it is a copy
    std::array<std::uint32_t, 256> distribution_{}; // by the network, Q24
    bool has_network_ = false;
    bool copied_ = false; // or skipped
    model::MatchView match_;
    int layout_ = 0;
    std::uint64_t digest_ = 0;
};

} // namespace weightless::explain
