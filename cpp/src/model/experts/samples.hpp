// Samples and arrays of numbers: sound of 8 to 32 bits, columns of integers and floats. The symbol
// predicted in place of a byte is its difference from the byte of the prediction whose latest
// errors were least, so that every context and the network see residuals. Contexts contain how much
// other predictions differ from that one. sample_predictions.hpp has the predictions and their
// inputs.
#pragma once

#include "model/experts/arrays.hpp"
#include "model/experts/detection_windows.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/sample_format.hpp"
#include "model/experts/sample_predictions.hpp"
#include "model/history/coding_cost.hpp"
#include "model/history/control_model.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace weightless::model {

/// detail: 0 to 2, how much is computed.
template <int detail> class Samples {
public:
    using Numbers = SamplePredictions<detail>;

    /// Which coding costs of the next byte's bits are needed.
    CodingCost::Wanted wanted_cost() const noexcept {
        return windows_.measures() ? CodingCost::Wanted::detection
               : active()          ? CodingCost::Wanted::all
                                   : CodingCost::Wanted::nothing;
    }
    /// Whether update() with the next byte reads the coding cost.
    bool reads_cost() const noexcept {
        return windows_.ends_part() || (active() && piece_ + 1 == kPiece);
    }

    /// arrays: as they were before the latest byte.
    void update(const RawByte& latest, const ByteHistory& symbols, const Arrays& arrays,
                CodingCost& cost);

    bool active() const noexcept { return format_ != nullptr; }
    static std::size_t memory() noexcept {
        return RawRing::kSize + ControlModel::memory() + Numbers::memory_for();
    }
    static std::size_t memory_for(MemoryBudget) noexcept { return memory(); }
    /// The symbol of the next byte is the byte plus this, mod 256.
    std::uint8_t shift() const noexcept {
        return inside() ? static_cast<std::uint8_t>(0u - expected()) : std::uint8_t{0};
    }

    /// What the next byte, not yet taken by update(), would cost by its predictions alone: bits,
    /// Q16. active() must be true.
    std::uint32_t cost_of(std::uint8_t byte) const noexcept {
        return inside() ? numbers_[0].cost_of(byte) : 8u << 16;
    }

    void train(unsigned bit) noexcept {
        chosen_ = true;
        if (inside()) {
            numbers_[0].take(bit);
        }
    }

    /// The probability by each prediction's histogram.
    struct Predictions : Inputs<static_cast<int>(Numbers::kInputs)> {
        static void of(const Samples& samples, std::int16_t* x) noexcept {
            if (samples.inside()) {
                samples.numbers_[0].stretched(x);
            } else {
                std::fill_n(x, Numbers::kInputs, std::int16_t{0});
            }
        }
    };
    /// The position in the number, with recent errors and the differences of other predictions.
    struct Errors : Contexts<14> {
        static std::array<std::uint32_t, kCount> of(const Samples& samples) noexcept {
            return samples.contexts();
        }
    };

    struct PlaceAndScale : Selector<256> {
        static int of(const Samples& samples) noexcept {
            return static_cast<int>(std::min(samples.place_, 3u) * 64 +
                                    std::min(scale_of(samples.channels_[samples.channel_]), 63u));
        }
    };
    struct Place : Selector<4> {
        static int of(const Samples& samples) noexcept {
            return static_cast<int>(std::min(samples.place_, 3u));
        }
    };
    struct LatestError : Selector<2048> {
        static int of(const Samples& samples, const PartialByte& partial) noexcept {
            const std::uint32_t error = level(samples.channels_[samples.channel_].errors[0]);
            return upper_bits<kSize>(
                hash(hash(samples.place_, error), static_cast<unsigned>(partial.known)));
        }
    };
    struct Texture : Selector<4096> {
        static int of(const Samples& samples, const PartialByte& partial) noexcept {
            return upper_bits<kSize>(
                hash(hash(samples.place_, level(samples.numbers_[0].texture())), partial.node));
        }
    };
    struct ScaleAndSymbol : Selector<4096> {
        static int of(const Samples& samples) noexcept {
            const std::uint32_t scale = scale_of(samples.channels_[samples.channel_]);
            return upper_bits<kSize>(hash(hash(samples.place_, scale << 8 | samples.symbol_), 0));
        }
    };

private:
    std::array<std::uint32_t, Errors::kCount> contexts() const noexcept;

    // A claim is judged after every piece, and by its residuals after every few of them.
    static constexpr std::uint32_t kPiece = 64;
    static constexpr std::uint32_t kPieces = 16;
    static constexpr std::uint64_t kMuch = kPiece * kPieces * 4 << 8;
    static constexpr std::int64_t kMostDebt = 240 << 16;
    static constexpr std::int64_t kPlain = kPiece * 8 << 16; // what incompressible data cost
    static constexpr std::uint32_t kNever = 32 << 16;        // more than any byte costs
    static constexpr std::uint32_t kClear = DetectionWindows::kPart * 3;

    struct Channel {
        std::array<std::int64_t, 2> errors{};
        std::int64_t scale = 0; // mean error, Q4
    };

    // Quantises a number to about six bits: its sign, its magnitude's exponent and one more bit.
    static std::uint32_t level(std::int64_t v) noexcept {
        const auto size = static_cast<std::uint64_t>(v < 0 ? -v : v);
        return fixed::half_octaves(size) * 2 + (v < 0 ? 1u : 0u);
    }
    static std::uint32_t scale_of(const Channel& c) noexcept { return level(c.scale) / 2; }

    bool inside() const noexcept {
        return format_ != nullptr && place_ >= format_->begin() &&
               place_ < format_->begin() + format_->bytes;
    }
    std::uint32_t done() const noexcept { return place_ - format_->begin(); }

    // The next byte of the prediction, given the known bytes of the number.
    std::uint32_t expected() const noexcept {
        if (!inside()) {
            return 0;
        }
        const std::uint32_t k = done();
        if (format_->big) {
            return static_cast<std::uint32_t>(prediction_ >> (8 * (format_->bytes - 1 - k))) & 255u;
        }
        const std::int64_t half = k == 0 ? 0 : std::int64_t{1} << (8 * k - 1);
        const std::int64_t rest = prediction_ - low_ + half + (format_->sign ? 128 : 0);
        return static_cast<std::uint32_t>(rest >> (8 * k)) & 255u;
    }
    // The prediction's four bits below that byte.
    std::uint32_t fraction() const noexcept {
        const std::uint32_t below =
            inside() && format_->big ? 8 * (format_->bytes - 1 - done()) : 0;
        return below == 0 ? 0 : static_cast<std::uint32_t>(prediction_ >> (below - 4)) & 15u;
    }

    // Finds the next byte's position in its number, and predicts the number at its beginning.
    void prepare() noexcept {
        place_ = (raw_.position() + format_->unit - phase_) % format_->unit;
        if (place_ == format_->begin()) {
            low_ = known_ = 0;
            symbol_ = 0;
            channel_ = raw_.position() / format_->unit % format_->channels;
            numbers_[0].predict(raw_, row_);
            prediction_ = numbers_[0].best();
        }
        if (inside()) {
            numbers_[0].begin_byte(done(), format_->big ? known_ : low_, shift());
        }
    }

    void take(std::uint8_t symbol) noexcept {
        if (!inside()) {
            return;
        }
        const std::uint32_t byte = raw_.back(1);
        numbers_[0].end_byte(byte);
        known_ = done() == 0 && format_->bytes > 1 ? static_cast<std::int8_t>(byte)
                                                   : known_ * 256 + byte;
        low_ |= std::int64_t{byte} << (8 * done());
        symbol_ = symbol;
        if (done() + 1 == format_->bytes) {
            learn(format_->number(raw_, 0));
        }
    }

    void learn(std::int64_t x) noexcept {
        Channel& c = channels_[channel_];
        const std::int64_t error = x - prediction_;
        c.errors[1] = c.errors[0];
        c.errors[0] = error;
        beside_ = error;
        c.scale += (std::abs(error) * 16 - c.scale) / 8;
        numbers_[0].learn(x);
        residuals_.add(error);
        rest_ += SampleDetector::rest(*format_);
    }

    // Begins to speak for the data, or goes on with another format.
    void enter(const SampleDetector::Found& found) {
        format_ = found.format;
        phase_ = found.phase;
        channels_ = {};
        numbers_.clear();
        numbers_.emplace_back(*format_, raw_, phase_);
        row_ = 0;
        residuals_ = {};
        spent_ = rest_ = total_ = total_control_ = 0;
        paid_ = control_cost_ = array_cost_ = 0;
        piece_ = pieces_ = unchosen_ = alone_ = 0;
        debt_ = array_debt_ = 0;
        usual_ = kPlain;
        control_.begin();
        for (std::uint32_t ago = kRehearsed; ago != 0; --ago) {
            static_cast<void>(
                control_.cost_of(static_cast<std::uint8_t>(raw_.back(ago)), control_contexts(ago)));
        }
        windows_.close(true);
        if (format_->bytes <= 2) {
            find_row();
        }
    }

    void leave() noexcept {
        format_ = nullptr;
        numbers_.clear();
        pieces_ < kTrial ? windows_.fail() : windows_.reopen();
    }

    // After a part of a window: begins or changes the claim, if that would pay.
    void look() {
        const SampleDetector::Found found = detector_.found(measured_);
        const bool last = windows_.parts() == DetectionWindows::kParts;
        // Before the window's end, only what is clear and worth while counts.
        const std::uint64_t margin = last ? 0 : found.bits / 8;
        std::uint64_t most = measured_ >> 8;
        if (format_ != nullptr) {
            most = std::min(most, detector_.bits_of(*format_, phase_));
        }
        const bool early = windows_.parts() > 1 && measured_ >> 16 > windows_.parts() * kClear;
        if (found.format != nullptr && found.bits + margin < most && (last || early)) {
            enter(found);
        } else if (last) {
            windows_.close(false);
            if (format_ != nullptr && format_->bytes <= 2) {
                find_row();
            }
        }
    }

    // After a piece: drops the claim if it is wrong. If another structure was chosen for it, what
    // the samples' predictions would take alone counts in place of what was paid.
    void judge() noexcept {
        if (unchosen_ != 0) {
            if (unchosen_ != kPiece) {
                skip_piece();
                return;
            }
            paid_ = alone_;
        }
        const std::int64_t paid = paid_;
        std::int64_t excess = paid - control_cost_;
        if (paid > kPlain) {
            // Nothing is gained here. This is different if much was gained so far.
            excess = std::max(excess, paid - usual_ / 2 * 3);
        }
        debt_ = std::max<std::int64_t>(0, debt_ / 16 * 15 + excess);
        array_debt_ = std::max<std::int64_t>(0, array_debt_ / 16 * 15 + paid - array_cost_);
        usual_ += (paid - usual_) / 32;
        spent_ += residuals_.end() + rest_;
        rest_ = 0;
        total_ += paid_;
        total_control_ += control_cost_;
        paid_ = control_cost_ = array_cost_ = 0;
        piece_ = unchosen_ = alone_ = 0;
        ++pieces_;
        bool wrong = debt_ > kMostDebt || array_debt_ > kMostDebt;
        if (pieces_ % kPieces == 0) {
            // All experts together do somewhat better than the residuals' estimated cost. If they
            // do much better although residuals are costly, the data are something else.
            const std::uint64_t total = total_ >> 8;
            wrong =
                wrong || spent_ > total * 9 / 4 ||
                (spent_ > total * (spent_ < kMuch ? 12 : 9) / 8 && total_ > total_control_ / 4 * 3);
            spent_ = total_ = total_control_ = 0;
        }
        if (wrong) {
            leave();
        } else if (pieces_ == kTrial) {
            windows_.succeed();
        }
    }

    void skip_piece() noexcept {
        residuals_ = {};
        rest_ = 0;
        paid_ = control_cost_ = array_cost_ = alone_ = 0;
        piece_ = unchosen_ = 0;
        ++pieces_;
    }

    // The control model's contexts of the byte `ago` bytes ago, 1 for the latest.
    ControlModel::Hashes control_contexts(std::uint32_t ago) const noexcept {
        const auto back = [&](std::uint32_t n) { return raw_.back(ago + n); };
        const std::uint32_t place =
            (raw_.position() - ago + format_->unit - phase_) % format_->unit;
        const std::uint32_t two = back(1) | back(2) << 8;
        return {hash(place, 0), hash(place, back(1) + 1), hash(two, 1), hash(two, 2 + back(3)),
                hash(place + 8, back(format_->stride()) + 1)};
    }

    // Detects the length of a row: the distance at which numbers differ least.
    void find_row() noexcept {
        constexpr std::uint32_t looks = 128;
        constexpr std::uint32_t apart = 61;
        if (raw_.position() < RawRing::kSize) {
            return;
        }
        const std::uint32_t unit = format_->unit;
        std::array<std::uint32_t, looks> at{};
        std::array<std::int64_t, looks> value{};
        const std::uint32_t now = (raw_.position() + unit - phase_) % unit;
        std::int64_t beside = 0;
        for (std::uint32_t i = 0; i < looks; ++i) {
            at[i] = now + unit * (i * apart / unit);
            value[i] = format_->number(raw_, at[i]);
            beside += std::abs(value[i] - format_->number(raw_, at[i] + format_->stride()));
        }
        const std::uint32_t reach = RawRing::kSize / 2 - looks * apart - 64;
        std::int64_t least = beside + beside / 4;
        row_ = 0;
        for (std::uint32_t r = 16 * format_->stride(); r < reach; r += unit) {
            std::int64_t sum = 0;
            for (std::uint32_t i = 0; i < looks && sum < least; ++i) {
                sum += std::abs(value[i] - format_->number(raw_, at[i] + r));
            }
            if (sum < least) {
                least = sum;
                row_ = r;
            }
        }
    }

    static constexpr std::uint32_t kRehearsed = 512; // bytes that the control model begins with
    static constexpr std::uint32_t kTrial = 64;      // a claim for fewer pieces was a failure

    RawRing raw_;
    DetectionWindows windows_;
    SampleDetector detector_;
    std::uint32_t measured_ = 0; // what the bytes counted in the window cost; bits, Q16

    // The claim's account. While no claim stands, it is not used.
    ControlModel control_;
    bool chosen_ = false;            // the samples were the chosen structure for the latest byte
    std::uint32_t unchosen_ = 0;     // bytes of this piece for which they were not
    std::uint32_t alone_ = 0;        // what these would have cost by the predictions alone
    std::uint32_t piece_ = 0;        // bytes of this piece
    std::uint32_t pieces_ = 0;       // complete ones
    std::uint32_t paid_ = 0;         // what this piece cost; bits, Q16
    std::uint32_t control_cost_ = 0; // what it would have cost by the control model
    std::uint32_t array_cost_ = 0;   // and by the expert for arrays, if it is active
    std::int64_t debt_ = 0;          // how much more than by the control model was paid, lately
    std::int64_t array_debt_ = 0;    // and than by the expert for arrays
    std::int64_t usual_ = 0;         // a running mean of what pieces cost
    Residuals residuals_;
    std::uint64_t spent_ = 0;         // what residuals of the last few pieces take, about; Q8
    std::uint64_t rest_ = 0;          // what bytes of this piece take that are not predicted, Q8
    std::uint64_t total_ = 0;         // what these pieces cost, Q16
    std::uint64_t total_control_ = 0; // and by the control model

    const SampleFormat* format_ = nullptr;
    std::uint32_t phase_ = 0;
    std::uint32_t place_ = 0; // of the next byte in its number
    std::uint32_t channel_ = 0;
    std::uint32_t row_ = 0; // bytes from row to row; 0: no image
    std::array<Channel, SampleFormat::kMostChannels> channels_{};
    std::vector<Numbers> numbers_; // one, or none

    std::int64_t prediction_ = 0;
    std::int64_t low_ = 0;   // this number's bytes so far, the first lowest
    std::int64_t known_ = 0; // the same, the first highest
    std::uint32_t symbol_ = 0;
    std::int64_t beside_ = 0; // the latest error of any channel
};

} // namespace weightless::model
