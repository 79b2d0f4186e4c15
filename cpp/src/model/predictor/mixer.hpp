// A context mixer of any recipe.
#pragma once

#include "model/network/network_walk.hpp"
#include "model/parameters.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace weightless::model {

/// Called for each bit with P(1), Q22; a plain reference to a callable, which must outlive it.
class BitSink {
public:
    template <typename F>
    explicit BitSink(F& f)
        : f_(&f), call_([](void* callable, unsigned bit, std::uint32_t p) {
              (*static_cast<F*>(callable))(bit, p);
          }) {}
    void operator()(unsigned bit, std::uint32_t p) const { call_(f_, bit, p); }

private:
    void* f_;
    void (*call_)(void*, unsigned, std::uint32_t);
};

class Mixer {
public:
    virtual ~Mixer() = default;
    virtual std::unique_ptr<Mixer> copy() const = 0;

    /// P(next bit = 1), Q22, in [1, 2^22 - 1]; once for each bit. external: the network's, Q22
    /// (not read without a network).
    virtual std::uint32_t predict(std::uint32_t external) = 0;
    /// Takes the bit that came.
    virtual void update(unsigned bit) = 0;

    /// Takes bytes that are all known, the network with it, and calls coded for each bit of their
    /// symbols. network: null for a recipe without one.
    virtual void pass(std::span<const std::uint8_t> data, NetworkWalk* network, BitSink coded) = 0;
    /// The same on two threads. False if the system gives no thread; then nothing has been done.
    virtual bool pass_ahead(std::span<const std::uint8_t> data, NetworkWalk* network,
                            BitSink coded) = 0;

    /// What is added, mod 256, to the next byte for the symbol whose bits are predicted.
    virtual std::uint8_t shift() const noexcept = 0;
    /// Bytes of memory, all tables as if touched.
    virtual std::size_t memory() const noexcept = 0;

protected:
    Mixer() = default;
    Mixer(const Mixer&) = default;
    Mixer& operator=(const Mixer&) = delete;
};

/// A recipe as it is built: by parameters.experts and whether there is a network.
struct MixerKind {
    std::unique_ptr<Mixer> (*make)(int memory_bits);
    std::size_t (*memory_for)(int memory_bits);
};
/// experts: 1 to 4.
const MixerKind& mixer_kind(const Parameters& parameters);

} // namespace weightless::model
