#include "codec/codec.hpp"

#include "coder/binary_coder.hpp"
#include "fixed/touched.hpp"

namespace weightless::codec {

namespace {

// Counts bytes or bits, and reports progress every kTickBytes bytes.
class Progress {
public:
    explicit Progress(const Tick& tick) : tick_(tick) {}
    void add_byte() {
        if (++bytes_ % kTickBytes == 0 && tick_) {
            tick_(bytes_);
        }
    }
    void add_bit() {
        if (++bits_ == 8) {
            bits_ = 0;
            add_byte();
        }
    }

private:
    const Tick& tick_;
    std::size_t bytes_ = 0;
    unsigned bits_ = 0; // of the current byte
};

} // namespace

std::vector<std::uint8_t> Codec::encode(std::span<const std::uint8_t> data, const Tick& tick) {
    std::vector<std::uint8_t> payload;
    payload.reserve(data.size() / 2 + 16);
    coder::Encoder encoder(payload);
    Progress progress(tick);
    predictor().pass(data, [&](unsigned bit, std::uint32_t p) {
        encoder.encode(bit, p);
        progress.add_bit();
    });
    encoder.finish();
    return payload;
}

std::vector<std::uint8_t> Codec::decode(std::span<const std::uint8_t> payload, std::size_t raw_size,
                                        const Tick& tick) {
    std::vector<std::uint8_t> data;
    // The vector grows as bytes are decoded, because raw_size is read from an untrusted archive.
    data.reserve(raw_size < (std::size_t{1} << 20) ? raw_size : std::size_t{1} << 20);
    coder::Decoder decoder(payload.data(), payload.size());
    Progress progress(tick);
    model::Predictor& predictor = this->predictor();
    while (data.size() < raw_size) {
        // A symbol is its byte plus a shift, mod 256; this is the byte whose symbol is 0.
        const std::uint8_t zero = predictor.byte_of(0);
        unsigned symbol = 0;
        for (int i = 0; i < 8; ++i) {
            const unsigned bit = decoder.decode(predictor.predict_bit());
            predictor.update_bit(bit);
            symbol = 2 * symbol + bit;
        }
        if (decoder.overrun()) {
            throw CorruptPayload("the payload ends before the end of its block");
        }
        data.push_back(static_cast<std::uint8_t>(zero + symbol));
        progress.add_byte();
    }
    if (!decoder.at_end()) {
        throw CorruptPayload("the payload continues after the end of its block");
    }
    return data;
}

void Codec::absorb(std::span<const std::uint8_t> data, const Tick& tick) {
    Progress progress(tick);
    predictor().pass(data, [&](unsigned, std::uint32_t) { progress.add_bit(); });
}

void Codec::revert() {
    if (!snapshot_) {
        throw std::logic_error("the codec has no snapshot");
    }
    const fixed::Reverting reverting;
    predictor() = *snapshot_;
}

} // namespace weightless::codec
