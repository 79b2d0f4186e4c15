#include "codec/codec.hpp"

#include "coder/binary_coder.hpp"

namespace weightless::codec {

namespace {

void count(const Tick& tick, std::size_t done) {
    if (tick && done % kTickBytes == 0) {
        tick(done);
    }
}

} // namespace

std::vector<std::uint8_t> Codec::encode(std::span<const std::uint8_t> data, const Tick& tick) {
    std::vector<std::uint8_t> payload;
    payload.reserve(data.size() / 2 + 16);
    coder::Encoder encoder(payload);
    std::size_t done = 0;
    for (const std::uint8_t byte : data) {
        const std::uint8_t symbol = predictor_.symbol_of(byte);
        for (int i = 7; i >= 0; --i) {
            const unsigned bit = (symbol >> i) & 1u;
            encoder.encode(bit, predictor_.predict_bit());
            predictor_.update_bit(bit);
        }
        count(tick, ++done);
    }
    encoder.finish();
    return payload;
}

std::vector<std::uint8_t> Codec::decode(std::span<const std::uint8_t> payload, std::size_t raw_size,
                                        const Tick& tick) {
    std::vector<std::uint8_t> data;
    // Grows as bytes are decoded: raw_size is only a claim of the archive's.
    data.reserve(raw_size < (std::size_t{1} << 20) ? raw_size : std::size_t{1} << 20);
    coder::Decoder decoder(payload.data(), payload.size());
    while (data.size() < raw_size) {
        const std::uint8_t zero = predictor_.byte_of(0);
        unsigned symbol = 0;
        for (int i = 0; i < 8; ++i) {
            const unsigned bit = decoder.decode(predictor_.predict_bit());
            predictor_.update_bit(bit);
            symbol = 2 * symbol + bit;
        }
        if (decoder.overrun()) {
            throw CorruptPayload("the payload ends before its block does");
        }
        data.push_back(static_cast<std::uint8_t>(zero + symbol));
        count(tick, data.size());
    }
    if (!decoder.at_end()) {
        throw CorruptPayload("the payload goes on behind its block");
    }
    return data;
}

void Codec::absorb(std::span<const std::uint8_t> data, const Tick& tick) {
    std::size_t done = 0;
    for (const std::uint8_t byte : data) {
        const std::uint8_t symbol = predictor_.symbol_of(byte);
        for (int i = 7; i >= 0; --i) {
            static_cast<void>(predictor_.predict_bit());
            predictor_.update_bit((symbol >> i) & 1u);
        }
        count(tick, ++done);
    }
}

} // namespace weightless::codec
