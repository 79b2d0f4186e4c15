#include "codec/codec.hpp"

#include "coder/binary_coder.hpp"

namespace weightless::codec {

std::vector<std::uint8_t> Codec::encode(std::span<const std::uint8_t> data) {
    std::vector<std::uint8_t> payload;
    payload.reserve(data.size() / 2 + 16);
    coder::Encoder encoder(payload);
    for (const std::uint8_t byte : data) {
        for (int i = 7; i >= 0; --i) {
            const unsigned bit = (byte >> i) & 1u;
            encoder.encode(bit, predictor_.predict_bit());
            predictor_.update_bit(bit);
        }
    }
    encoder.finish();
    return payload;
}

std::vector<std::uint8_t> Codec::decode(std::span<const std::uint8_t> payload,
                                        std::size_t raw_size) {
    std::vector<std::uint8_t> data;
    // Grows as bytes are decoded: raw_size is only a claim of the archive's.
    data.reserve(raw_size < (std::size_t{1} << 20) ? raw_size : std::size_t{1} << 20);
    coder::Decoder decoder(payload.data(), payload.size());
    while (data.size() < raw_size) {
        unsigned byte = 0;
        for (int i = 0; i < 8; ++i) {
            const unsigned bit = decoder.decode(predictor_.predict_bit());
            predictor_.update_bit(bit);
            byte = 2 * byte + bit;
        }
        if (decoder.overrun()) {
            throw CorruptPayload("the payload ends before its block does");
        }
        data.push_back(static_cast<std::uint8_t>(byte));
    }
    if (!decoder.at_end()) {
        throw CorruptPayload("the payload goes on behind its block");
    }
    return data;
}

void Codec::absorb(std::span<const std::uint8_t> data) {
    for (const std::uint8_t byte : data) {
        for (int i = 7; i >= 0; --i) {
            static_cast<void>(predictor_.predict_bit());
            predictor_.update_bit((byte >> i) & 1u);
        }
    }
}

} // namespace weightless::codec
