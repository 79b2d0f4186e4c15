#include "model/experts/samples.hpp"

namespace weightless::model {

template <int detail>
void Samples<detail>::update(const RawByte& latest, const ByteHistory& symbols,
                             const Arrays& arrays, CodingCost& cost) {
    const bool reads = reads_cost();
    const bool measures = windows_.measures();
    const bool ends_part = windows_.ends_part();
    if (windows_.begins()) {
        detector_.begin();
        measured_ = 0;
    }
    raw_.push(latest.value);
    windows_.push(latest.value);
    if (reads) {
        const CodingCost sums = cost.take();
        paid_ += sums.all();
        measured_ += sums.detection();
    }
    if (format_ != nullptr) {
        alone_ += chosen_ ? 0 : cost_of(latest.value);
        take(symbols.back(1));
        control_cost_ += control_.cost_of(latest.value, control_contexts(1));
        array_cost_ += arrays.active() ? arrays.cost_of(latest.value) : kNever;
        unchosen_ += chosen_ ? 0 : 1;
        if (++piece_ == kPiece) {
            judge();
        }
    }
    chosen_ = false;
    if (measures && windows_.open()) {
        detector_.update(raw_);
        if (ends_part) {
            detector_.end_part();
            look();
        }
    }
    if (format_ != nullptr) {
        prepare();
    }
}

template <int detail>
std::array<std::uint32_t, Samples<detail>::Errors::kCount>
Samples<detail>::contexts() const noexcept {
    const Numbers& numbers = numbers_[0];
    const Channel& c = channels_[channel_];
    const std::uint32_t key = fixed::combine(place_, inside() ? symbol_ : 0x10000u);
    const std::uint32_t scale = scale_of(c);
    const std::uint32_t e1 = level(c.errors[0]);
    const std::uint32_t e2 = level(c.errors[1]);
    const std::array<std::int64_t, 6> predictions{numbers.fixed_one(0),  numbers.fixed_one(1),
                                                  numbers.learnt_one(0), numbers.learnt_one(1),
                                                  numbers.fixed_one(2),  numbers.fixed_one(3)};
    const auto other = [&](std::size_t i) { return level(predictions[i] - prediction_); };
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
    *next++ = fixed::combine(place_, static_cast<std::uint32_t>(predictions[0]));
    *next++ = fixed::combine(key, scale | level(numbers.texture()) << 8);
    return hashes;
}

template class Samples<0>;
template class Samples<1>;
template class Samples<2>;

} // namespace weightless::model
