#include "model/experts/bilevel_image.hpp"

namespace weightless::model {

template <std::size_t templates> void BilevelImage<templates>::update(const ByteHistory& history) {
    const std::uint32_t byte = history.last4() & 255u;
    const bool blank = byte == 0 || byte == 255;
    blank_ += ((blank ? 65536 : 0) - blank_) / 1024;
    if (!blank && blank_ > kSparse) {
        vote(history);
        if (stride_ != 0) {
            compare(byte, history);
        }
    }
    active_ = stride_ != 0 && blank_ > kSparse && moved_ > (active_ ? kLeave : kEnter);
    if (active_) {
        if (cells_.empty()) {
            states_.assign(templates << bits_, 0);
            maps_.assign(templates * 256, adaptive::kHalf);
            const BitHistory& histories = BitHistory::get();
            for (std::size_t i = 0; i < maps_.size(); ++i) {
                const auto state = static_cast<std::uint8_t>(i % 256);
                maps_[i] = BitHistory::first_p(histories, state) << 10 | 6u;
            }
            cells_.assign(templates << bits_, adaptive::kHalf);
        }
        pixels_.begin_byte(history, stride_);
    }
}

template <std::size_t templates>
void BilevelImage<templates>::begin_bit(const PartialByte& partial) noexcept {
    pixels_.begin_bit(partial.node, partial.known, templates != PixelTemplates::kFew);
    const auto& t = pixels_.contexts();
    for (std::size_t i = 0; i < templates; ++i) {
        cell_[i] =
            (i << bits_) + (fixed::combine(t[i], static_cast<std::uint32_t>(i)) >> (32 - bits_));
    }
}

template <std::size_t templates> void BilevelImage<templates>::train(unsigned bit) noexcept {
    const std::int32_t* reciprocals = adaptive::reciprocals().data();
    const BitHistory& histories = BitHistory::get();
    for (std::size_t i = 0; i < templates; ++i) {
        adaptive::update(cells_[cell_[i]], bit, 1023, reciprocals);
        std::uint8_t& state = states_[cell_[i]];
        adaptive::update(maps_[i * 256 + state], bit, 1023, reciprocals);
        state = histories.next(state, bit);
    }
}

template <std::size_t templates>
void BilevelImage<templates>::predict(std::int16_t* x) const noexcept {
    const fixed::Logistic& logistic = fixed::Logistic::get();
    for (std::size_t i = 0; i < templates; ++i) {
        const std::uint32_t cell = cells_[cell_[i]];
        const std::uint32_t p = cell >> 10;
        const std::uint32_t count = cell & 1023u;
        x[2 * i] = count == 0 ? 0 : logistic.stretch(p);
        const std::uint8_t state = states_[cell_[i]];
        x[2 * i + 1] = state == 0 ? 0 : logistic.stretch(maps_[i * 256 + state] >> 10);
    }
}

template class BilevelImage<PixelTemplates::kFew>;
template class BilevelImage<PixelTemplates::kCount>;

} // namespace weightless::model
