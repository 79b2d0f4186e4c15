// The predictor, which the encoder and the decoder run in lockstep.
#pragma once

#include "fixed/failure.hpp"
#include "model/network/network_walk.hpp"
#include "model/observer.hpp"
#include "model/parameters.hpp"
#include "model/predictor/context_mixing.hpp"
#include "model/threads/training_thread.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

namespace weightless::model {

/// Consists of the network alone (experts 0), of context mixing alone (width 0), or of both; then
/// the network's prediction is an input of mixing.
class Predictor {
public:
    /// Throws std::invalid_argument for parameters out of range.
    explicit Predictor(const Parameters& parameters) : parameters_(parameters) {
        validate(parameters);
        if (parameters.width != 0) {
            network_.emplace(parameters);
        }
        if (parameters.experts != 0) {
            mixing_ = context_mixing_kind(parameters).make(parameters);
        }
    }
    Predictor(const Predictor& other)
        : parameters_(other.parameters_), network_(other.network_),
          mixing_(other.mixing_ ? other.mixing_->copy() : nullptr) {}
    /// Takes the state of another predictor with the same parameters, in the same memory. Neither
    /// may be in use by another thread.
    Predictor& operator=(const Predictor& other) {
        if (network_) {
            *network_ = *other.network_;
        }
        if (mixing_) {
            mixing_->assign(*other.mixing_);
        }
        return *this;
    }

    /// The byte that a symbol stands for. The predictor predicts a symbol in place of the next
    /// byte, so that related data look alike (x86_code.hpp); the mapping depends on the preceding
    /// bytes.
    std::uint8_t byte_of(std::uint8_t symbol) const noexcept {
        return static_cast<std::uint8_t>(symbol - (mixing_ ? mixing_->shift() : 0));
    }

    /// P(next bit of the symbol = 1), Q22, in [1, 2^22 - 1]; must be called once for each bit.
    std::uint32_t predict_bit() {
        const std::uint32_t p = network_ ? network_->predict() : 0;
        p_ = mixing_ ? mixing_->predict(p) : p;
        return p_;
    }

    /// Takes the actual bit.
    void update_bit(unsigned bit) {
        if (observed()) [[unlikely]] {
            show_bit(bit);
        }
        if (mixing_) {
            mixing_->update(bit);
        }
        if (network_) {
            network_->update(bit);
        }
    }

    /// Between two bytes: whether a decision is coded before the bits of the next byte, whether it
    /// is copied(). If it is, no bits follow (history/copying.hpp).
    bool copying() const noexcept { return mixing_ && mixing_->copying(); }
    /// The byte that a long match expects, if copying().
    std::uint8_t copied() const noexcept { return mixing_->copied(); }
    /// P(the next byte is copied()), Q22, in [1, 2^22 - 1], if copying().
    std::uint32_t predict_copy() const noexcept { return mixing_->predict_copy(); }
    /// Takes the decision.
    void update_copy(bool hit) {
        if (observed()) [[unlikely]] {
            observer_->copy(hit, predict_copy());
        }
        mixing_->update_copy(hit, network_ ? &*network_ : nullptr);
    }

    /// Makes the next byte one that is coded by its bits alone.
    void leave_copy() {
        if (copying()) {
            update_copy(false);
        }
    }
    /// Between two bytes: takes bytes of which nothing is learnt, except that matches find them.
    void skip(std::span<const std::uint8_t> data) {
        if (observed()) {
            for (const std::uint8_t byte : data) {
                show_byte(true);
                observer_->skip();
                observer_->end_byte(byte);
            }
        }
        if (mixing_ && !data.empty()) {
            mixing_->skip(data);
        }
    }
    /// Whether matches may find some of these bytes in the history.
    bool find_any(std::span<const std::uint8_t> data) const noexcept {
        return mixing_ && mixing_->find_any(data);
    }
    /// The number of bytes that context mixing was trained with; the others were copied or skipped.
    std::uint64_t trained() const noexcept { return mixing_ ? mixing_->trained() : 0; }

    /// Takes bytes that are all known. Calls coded(bit, p) for each decision and each bit of their
    /// symbols in order, on this thread, p being the result of predict_copy() or predict_bit(), and
    /// done() after each byte. An exception from these ends the call.
    template <typename Coded, typename Done>
    void pass(std::span<const std::uint8_t> data, Coded coded, Done done) {
        if (observed()) {
            pass_bits(data, coded, done);
            return;
        }
        NetworkWalk* const network = network_ ? &*network_ : nullptr;
        if (!mixing_) {
            for (const std::uint8_t byte : data) {
                for (int i = 7; i >= 0; --i) {
                    const unsigned bit = (byte >> i) & 1u;
                    coded(bit, network->predict());
                    network->update(bit);
                }
                done();
            }
            return;
        }
        unsigned bits = 0;
        auto bit_coded = [&](unsigned bit, std::uint32_t p) {
            coded(bit, p);
            if (++bits == 8) {
                bits = 0;
                done();
            }
        };
        const BitSink sink(bit_coded);
        while (!data.empty()) {
            std::size_t taken = 0;
            if (mixing_->copying()) {
                const bool hit = data.front() == mixing_->copied();
                coded(hit ? 1 : 0, mixing_->predict_copy());
                mixing_->update_copy(hit, network);
                if (hit) {
                    data = data.subspan(1);
                    done();
                    continue;
                }
            }
            if (threads_ > 1 && data.size() >= kMinReadAhead) {
                taken = mixing_->pass_ahead(data, network, sink);
            }
            data = data.subspan(taken != 0 ? taken : mixing_->pass(data, network, sink));
        }
    }

    /// Sets how many threads may work at once; no result depends on it. Throws std::system_error
    /// if a thread cannot be started.
    void set_threads(int threads) {
        threads_ = threads;
        const bool in_parallel = network_ && parameters_.delay != 0 && threads > 1;
        if (in_parallel == (training_ != nullptr)) {
            return;
        }
        network_->network().train_on(nullptr);
        training_ = nullptr;
        if (in_parallel) {
            training_ = std::make_unique<TrainingThread>();
            network_->network().train_on(&training_->work());
        }
    }

    /// Shows what follows to an observer, which must outlive its use; null: to none. Copies have
    /// none. While there is one, the context models do not run ahead on a thread of their own.
    void set_observer(Observer* observer) noexcept { observer_ = observer; }
    /// Shows the observer, if any, what is known before a byte; called before its first bit. If it
    /// is skipped, there is no match.
    void show_byte(bool skipped = false);
    /// All layouts that the inputs of mixing may have; empty without mixing.
    std::vector<InputLayout> layouts() const {
        return mixing_ ? mixing_->layouts() : std::vector<InputLayout>();
    }
    /// A predictor that has only the network, in its present state. Throws std::logic_error without
    /// one.
    std::unique_ptr<Predictor> network_alone() const {
        if (!network_) {
            fixed::fail<std::logic_error>("there is no network");
        }
        Parameters parameters = parameters_;
        parameters.experts = 0;
        auto alone = std::make_unique<Predictor>(parameters);
        *alone->network_ = *network_;
        return alone;
    }

    const Parameters& parameters() const noexcept { return parameters_; }

    /// Bytes of memory that the predictor uses.
    std::size_t memory() const noexcept {
        return sizeof *this + (network_ ? network_->memory() : 0) +
               (mixing_ ? mixing_->memory() : 0);
    }

    /// The most that it uses after `content` bytes, computed from the parameters without
    /// constructing a predictor. Throws std::invalid_argument for parameters out of range.
    static std::uint64_t memory_for(const Parameters& p, std::uint64_t content = 0) {
        validate(p);
        return sizeof(Predictor) + (p.width != 0 ? NetworkWalk::memory_for(p) : 0) +
               (p.experts != 0 ? context_mixing_kind(p).memory_for(p, content) : 0);
    }

private:
    /// Fewer bytes than this are not worth a thread.
    static constexpr std::size_t kMinReadAhead = 256;

    bool observed() const noexcept { return kObservable && observer_ != nullptr; }
    void show_bit(unsigned bit) {
        BitView view{bit, p_, network_ ? network_->predict() : 0, nullptr};
        MixingView mixing;
        if (mixing_) {
            mixing = mixing_->view();
            view.mixing = &mixing;
        }
        observer_->bit(view);
    }
    // pass(), bit by bit.
    template <typename Coded, typename Done>
    void pass_bits(std::span<const std::uint8_t> data, Coded coded, Done done) {
        for (const std::uint8_t byte : data) {
            show_byte();
            bool hit = false;
            if (copying()) {
                hit = byte == copied();
                coded(hit ? 1 : 0, predict_copy());
                update_copy(hit);
            }
            if (!hit) {
                const auto symbol = static_cast<std::uint8_t>(byte - byte_of(0));
                for (int i = 7; i >= 0; --i) {
                    const unsigned bit = (symbol >> i) & 1u;
                    coded(bit, predict_bit());
                    update_bit(bit);
                }
            }
            observer_->end_byte(byte);
            done();
        }
    }

    Parameters parameters_;
    std::unique_ptr<TrainingThread> training_; // outlives the network, which it trains
    std::optional<NetworkWalk> network_;
    std::unique_ptr<ContextMixing> mixing_;
    int threads_ = 1;
    Observer* observer_ = nullptr;
    std::uint32_t p_ = 0; // of the bit that was predicted last
};

inline void Predictor::show_byte(bool skipped) {
    if (!observed()) {
        return;
    }
    ByteView view;
    if (network_) {
        Network& network = network_->network();
        view.network = network.predict();
        view.hidden = network.hidden(network.layers() - 1);
    }
    if (mixing_) {
        if (!skipped) {
            view.match = mixing_->match();
        }
        view.layout = mixing_->layout();
    }
    observer_->begin_byte(view);
}

} // namespace weightless::model
