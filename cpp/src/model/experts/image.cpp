#include "model/experts/image.hpp"

namespace weightless::model {

template <int detail> std::size_t Image<detail>::memory_for(MemoryBudget) noexcept {
    return PixelRing::kSize + Pixels::memory_for();
}

template <int detail>
void Image<detail>::update(const RawByte& latest, const Arrays& arrays,
                           const Samples<detail>& samples, CodingCost& cost) {
    const bool reads = reads_cost();
    const bool looks = finder_.reads(ring_.position());
    ring_.push(latest.value);
    const std::uint32_t position = ring_.position();
    if (headers_.update(ring_)) {
        waiting_ = true;
    }
    if (active()) {
        Pixels& image = image_[0];
        claim_.end_byte(claim_.chosen() ? 0 : image.cost_of(latest.value),
                        {arrays.active() ? arrays.cost_of(latest.value) : ImageClaim::kNever,
                         samples.active() ? samples.cost_of(latest.value) : ImageClaim::kNever});
        image.learn(latest.value);
        const ImageFormat& format = image.format();
        const auto verdict = reads ? claim_.judge(cost.take_image()) : ImageClaim::Verdict::open;
        const bool wrong = verdict == ImageClaim::Verdict::wrong;
        certain_ = certain_ || verdict == ImageClaim::Verdict::right;
        if (wrong || (format.size != 0 && position - format.begin >= format.size)) {
            image_.clear();
            finder_.ended(ring_, wrong);
        } else if (looks && finder_.search_other(ring_, format)) {
            begin(finder_.format(), false);
        }
    } else if (reads && finder_.search(ring_, cost.take_image())) {
        begin(finder_.format(), false);
    }
    if (waiting_ && position - headers_.format().begin < 1u << 31) {
        waiting_ = false;
        begin(headers_.format(), true);
        finder_.begun(ring_);
    }
    if (active()) {
        image_[0].predict(ring_);
    }
}

template <int detail> void Image<detail>::begin(const ImageFormat& format, bool described) {
    certain_ = described;
    image_.clear();
    image_.emplace_back(format);
    claim_ = {};
}

template <int detail>
std::array<std::uint32_t, Image<detail>::Neighbours::kCount>
Image<detail>::contexts() const noexcept {
    const Pixels& p = image_[0];
    const std::uint32_t pixel = p.format().pixel;
    const std::uint32_t stride = p.format().stride;
    const auto at = [&](std::uint32_t back) { return static_cast<std::int32_t>(ring_.back(back)); };
    const auto held = [](std::int32_t v) {
        return static_cast<std::uint32_t>(std::clamp(v, 0, 255));
    };
    const std::int32_t w = at(pixel);
    const std::int32_t n = at(stride);
    const std::int32_t nw = at(stride + pixel);
    const std::int32_t ne = at(stride - pixel);
    const std::int32_t ww = at(2 * pixel);
    const std::int32_t nn = at(2 * stride);
    const std::int32_t q = at(1);
    const std::int32_t r = at(2);
    const std::uint32_t blend = p.blend() / 16;
    const std::uint32_t best = p.best() / 16;
    const std::uint32_t level = p.blend_level();
    const auto error = static_cast<std::uint32_t>(std::clamp(p.error() / 32, -15, 15) + 16);
    const std::uint32_t key = p.channel();
    std::array<std::uint32_t, Neighbours::kCount> hashes;
    auto next = hashes.begin();
    *next++ = hash(key, blend, level);
    *next++ = hash(key, p.blend() / 8);
    *next++ = hash(key, best, error);
    *next++ = hash(key, static_cast<unsigned>(w), static_cast<unsigned>(n));
    *next++ = hash(key, static_cast<unsigned>(n), static_cast<unsigned>(ne));
    *next++ = hash(key, static_cast<unsigned>(w), static_cast<unsigned>(nw));
    *next++ = hash(key, held(w + n - nw), level / 2);
    *next++ = hash(key, p.fast() / 16, p.edge() / 64);
    *next++ = hash(key, held(w + q - at(pixel + 1)), held(n + q - at(stride + 1)) / 4);
    *next++ = hash(key, held(n + q - at(stride + 1)));
    *next++ =
        hash(key, static_cast<unsigned>(w), static_cast<unsigned>(q), static_cast<unsigned>(r));
    *next++ =
        hash(key, static_cast<unsigned>(n), static_cast<unsigned>(q), static_cast<unsigned>(r));
    *next++ = hash(key, blend, p.texture());
    *next++ = hash(key, static_cast<unsigned>(w / 4 | n / 4 << 8 | nw / 4 << 16),
                   static_cast<unsigned>(ne / 4));
    *next++ = hash(key, held(2 * n - nn), held(2 * w - ww) / 4);
    *next++ = hash(key, (p.best() + p.edge()) / 16, level / 2);
    return hashes;
}

template class Image<0>;
template class Image<1>;
template class Image<2>;

} // namespace weightless::model
