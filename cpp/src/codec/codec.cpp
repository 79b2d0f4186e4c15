#include "codec/codec.hpp"

#include "coder/binary_coder.hpp"
#include "fixed/failure.hpp"
#include "fixed/touched.hpp"

#include <bit>
#include <queue>

namespace weightless::codec {

namespace {

// Counts bytes, and reports progress every kTickBytes bytes.
class Progress {
public:
    explicit Progress(const Tick& tick) : tick_(tick) {}
    void add_byte() {
        if (++bytes_ % kTickBytes == 0 && tick_) {
            tick_(bytes_);
        }
    }

private:
    const Tick& tick_;
    std::size_t bytes_ = 0;
};

} // namespace

std::vector<std::uint8_t> Codec::encode(std::span<const std::uint8_t> data, const Tick& tick) {
    std::vector<std::uint8_t> payload;
    payload.reserve(data.size() / 2 + 16);
    coder::Encoder encoder(payload);
    Progress progress(tick);
    pass(
        data, [&](unsigned bit, std::uint32_t p) { encoder.encode(bit, p); },
        [&] { progress.add_byte(); });
    encoder.finish();
    return payload;
}

std::vector<std::uint8_t> Codec::decode(std::span<const std::uint8_t> payload, std::size_t raw_size,
                                        const Tick& tick) {
    std::vector<std::uint8_t> data;
    if (const char* problem = decode(payload, raw_size, data, tick)) {
        fixed::fail<CorruptPayload>(problem);
    }
    return data;
}

const char* Codec::decode(std::span<const std::uint8_t> payload, std::size_t raw_size,
                          std::vector<std::uint8_t>& data, const Tick& tick) {
    data.clear();
    // The vector grows as bytes are decoded, because raw_size is read from an untrusted archive.
    data.reserve(raw_size < (std::size_t{1} << 20) ? raw_size : std::size_t{1} << 20);
    coder::Decoder decoder(payload.data(), payload.size());
    Progress progress(tick);
    model::Predictor& predictor = this->predictor();
    const auto add = [&](std::uint8_t byte) {
        data.push_back(byte);
        if (observed()) [[unlikely]] {
            observer_->end_byte(byte);
        }
        progress.add_byte();
    };
    while (data.size() < raw_size) {
        if (decoder.overrun()) {
            return "the payload ends before the end of its block";
        }
        if (observed()) [[unlikely]] {
            show_thoughts();
            predictor.show_byte();
        }
        if (predictor.copying()) {
            const std::uint8_t copied = predictor.copied();
            const bool hit = decoder.decode(predictor.predict_copy()) != 0;
            predictor.update_copy(hit);
            if (hit) {
                add(copied);
                continue;
            }
        }
        // A symbol is its byte plus a shift, mod 256; this is the byte whose symbol is 0.
        const std::uint8_t zero = predictor.byte_of(0);
        unsigned symbol = 0;
        for (int i = 0; i < 8; ++i) {
            const unsigned bit = decoder.decode(predictor.predict_bit());
            predictor.update_bit(bit);
            symbol = 2 * symbol + bit;
        }
        add(static_cast<std::uint8_t>(zero + symbol));
    }
    if (!decoder.at_end()) {
        return "the payload does not end with its block";
    }
    return nullptr;
}

void Codec::absorb(std::span<const std::uint8_t> data, const Tick& tick) {
    Progress progress(tick);
    pass(data, [](unsigned, std::uint32_t) {}, [&] { progress.add_byte(); });
}

void Codec::revert() {
    if (!snapshot_) {
        fixed::fail<std::logic_error>("the codec has no snapshot");
    }
    if (present_) {
        // What was noted is what was written since then, not since the snapshot.
        present_ = nullptr;
        predictor() = *snapshot_;
    }
    const fixed::Reverting reverting;
    predictor() = *snapshot_;
}

template <typename Coded, typename Done>
void Codec::pass(std::span<const std::uint8_t> data, Coded coded, Done done) {
    if (!observed()) {
        predictor().pass(data, coded, done);
        return;
    }
    for (std::size_t i = 0; i < data.size(); ++i) {
        show_thoughts();
        predictor().pass(data.subspan(i, 1), coded, done);
    }
}

void Codec::show_thoughts() {
    if (const int count = observer_->wanted_values(); count > 0) {
        observer_->likeliest(likeliest(count));
    }
    if (const int count = observer_->wanted_continuation(); count > 0) {
        observer_->continuation(continuation(count));
    }
}

template <typename Work> void Codec::without_change(Work work) {
    model::Predictor& now = predictor();
    if (!present_) {
        present_ = std::make_unique<model::Predictor>(now);
    }
    {
        const fixed::Following following;
        *present_ = now;
    }
    now.set_observer(nullptr);
    const auto go_back = [&] {
        const fixed::Reverting reverting;
        now = *present_;
    };
    go_back(); // what is in use and about to be written is noted again
    work(now, go_back);
    go_back();
    now.set_observer(observer_.get());
}

std::vector<model::LikelyByte> Codec::likeliest(int count) {
    // A value, or all values that begin with some bits of a symbol.
    struct Prefix {
        std::uint64_t p; // Q30
        unsigned bits;   // with a leading 1
        bool operator<(const Prefix& other) const noexcept {
            return p != other.p ? p < other.p : bits > other.bits;
        }
    };
    constexpr int kMostAttempts = 64;
    std::vector<model::LikelyByte> values;
    without_change([&](model::Predictor& predictor, auto go_back) {
        std::priority_queue<Prefix> prefixes;
        prefixes.push({std::uint64_t{1} << 30, 1});
        for (int attempts = 0; attempts < kMostAttempts && !prefixes.empty();) {
            Prefix best = prefixes.top();
            prefixes.pop();
            if (best.bits >= 256) {
                values.push_back({predictor.byte_of(static_cast<std::uint8_t>(best.bits)),
                                  static_cast<std::uint32_t>(best.p)});
                if (static_cast<int>(values.size()) == count) {
                    break;
                }
                continue;
            }
            // The likelier bit at each step; the other one is for later.
            ++attempts;
            predictor.leave_copy();
            for (int known = std::bit_width(best.bits) - 2; known >= 0; --known) {
                predictor.predict_bit();
                predictor.update_bit((best.bits >> known) & 1u);
            }
            while (best.bits < 256) {
                const std::uint64_t p1 = predictor.predict_bit();
                const std::uint64_t one = (best.p * p1) >> 22;
                const unsigned bit = p1 >= 1u << 21 ? 1 : 0;
                prefixes.push({bit != 0 ? best.p - one : one, best.bits * 2 + (1 - bit)});
                best = {bit != 0 ? one : best.p - one, best.bits * 2 + bit};
                predictor.update_bit(bit);
            }
            prefixes.push(best);
            go_back();
        }
    });
    return values;
}

std::vector<std::uint32_t> Codec::chances(std::span<const std::uint8_t> data) {
    std::vector<std::uint32_t> all;
    without_change([&](model::Predictor& predictor, auto) {
        predictor.pass(
            data,
            [&](unsigned bit, std::uint32_t p) { all.push_back(bit != 0 ? p : (1u << 22) - p); },
            [] {});
    });
    return all;
}

std::vector<std::uint8_t> Codec::continuation(int count) {
    std::vector<std::uint8_t> bytes;
    without_change([&](model::Predictor& predictor, auto) {
        for (int i = 0; i < count; ++i) {
            if (predictor.copying()) {
                bytes.push_back(predictor.copied());
                predictor.update_copy(true);
                continue;
            }
            const std::uint8_t zero = predictor.byte_of(0);
            unsigned symbol = 0;
            for (int k = 0; k < 8; ++k) {
                const unsigned bit = predictor.predict_bit() >= 1u << 21 ? 1 : 0;
                predictor.update_bit(bit);
                symbol = 2 * symbol + bit;
            }
            bytes.push_back(static_cast<std::uint8_t>(zero + symbol));
        }
    });
    return bytes;
}

} // namespace weightless::codec
