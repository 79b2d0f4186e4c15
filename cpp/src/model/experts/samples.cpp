#include "model/experts/samples.hpp"

namespace weightless::model {

void Samples::update(const RawByte& latest, const ByteHistory& symbols, CodingCost& cost) noexcept {
    const bool asked = watches();
    const bool watched = SampleDetector::watches(raw_.position());
    raw_.push(latest.value);
    if (format_ != nullptr) {
        take(symbols.back(1));
    }
    if (watched) {
        detector_.update(raw_);
    }
    if (raw_.position() % SampleDetector::kPart == 0) {
        spent_ += residuals_.end();
    }
    if (raw_.position() % SampleDetector::kWindow == 0) {
        decide(watched, asked ? cost.take() : CodingCost());
    }
    if (format_ != nullptr) {
        prepare();
    }
}

std::array<std::uint32_t, Samples::Errors::kCount> Samples::contexts() const noexcept {
    const Channel& c = channels_[channel_];
    const std::uint32_t key = fixed::combine(place_, inside() ? symbol_ : 0x10000u);
    const std::uint32_t scale = scale_of(c);
    const std::uint32_t e1 = level(c.errors[0]);
    const std::uint32_t e2 = level(c.errors[1]);
    const auto other = [&](std::size_t i) { return level(predictions_[i] - prediction_); };
    const std::uint32_t beside = level(beside_);
    std::array<std::uint32_t, Errors::kCount> hashes;
    auto next = hashes.begin();
    *next++ = fixed::combine(key, scale);
    *next++ = fixed::combine(key, e1);
    *next++ = fixed::combine(key, e1 | e2 << 8);
    *next++ = fixed::combine(key, other(0) | scale << 8);
    *next++ = fixed::combine(key, other(1));
    *next++ = fixed::combine(key, other(2) | other(3) << 8);
    *next++ = fixed::combine(key, other(4));
    *next++ = fixed::combine(key, other(4) | other(5) << 8);
    *next++ = fixed::combine(key, beside | scale << 8);
    *next++ = fixed::combine(key, expected() | 0x100u);
    *next++ = fixed::combine(key, fraction() | scale << 8);
    *next++ = fixed::combine(key, other(0) / 2 | other(1) / 2 << 8 | other(5) / 2 << 16);
    *next++ = fixed::combine(place_, static_cast<std::uint32_t>(predictions_[0]));
    *next++ = fixed::combine(key, scale | level(texture_) << 8);
    return hashes;
}

} // namespace weightless::model
