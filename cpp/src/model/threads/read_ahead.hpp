// Two threads for bytes that are all known: the network and the context models go ahead on a
// thread of their own, and mixing follows on the caller's. Training is whose turn it is.
#pragma once

#include "model/threads/pipeline.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <thread>

namespace weightless::model {

/// Mixer: predictor/context_mixer.hpp; NetworkWalk: network/network_walk.hpp.
template <class Mixer, class NetworkWalk> class ReadAhead {
public:
    /// network: may be null. All must outlive this and are its own meanwhile; afterwards the
    /// network is trained where it was before. Throws std::system_error if the system gives no
    /// thread; then nothing has been done.
    ReadAhead(NetworkWalk* network, Mixer& mixer, std::span<const std::uint8_t> data)
        : mixer_(mixer), lent_(network, line_.work()), thread_([this, network, data] {
              std::exception_ptr error;
              try {
                  go_ahead(network, data);
              } catch (...) {
                  error = std::current_exception();
              }
              line_.close(error);
          }) {}
    ~ReadAhead() {
        line_.stop();
        thread_.join();
    }
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;

    /// Calls coded(bit, p) for all bits in turn, p being P(1), Q22.
    template <typename Coded> void mix(Coded coded) {
        bool fetched = false;
        while (const Step* step = line_.front()) {
            if (!fetched) {
                mixer_.prefetch(step->features);
            }
            const std::uint32_t p = mixer_.mix(step->features);
            coded(step->bit, p);
            const Step* second = line_.second();
            fetched = second != nullptr;
            if (fetched) {
                mixer_.prefetch(second->features);
            }
            mixer_.train(step->features, p, step->bit);
            line_.pop();
        }
    }

private:
    struct Step {
        typename Mixer::Features features;
        unsigned bit = 0;
    };

    // The network's training is shared by both threads as long as this lives.
    class Lent {
    public:
        Lent(NetworkWalk* network, SharedWork& work) : network_(network) {
            if (network_ != nullptr) {
                before_ = network_->network().trained_on();
                network_->network().train_on(&work);
            }
        }
        ~Lent() {
            if (network_ != nullptr) {
                network_->network().train_on(before_);
            }
        }
        Lent(const Lent&) = delete;
        Lent& operator=(const Lent&) = delete;

    private:
        NetworkWalk* network_;
        TrainingRunner* before_ = nullptr;
    };

    void go_ahead(NetworkWalk* network, std::span<const std::uint8_t> data) {
        for (const std::uint8_t byte : data) {
            const auto symbol = static_cast<std::uint8_t>(byte + mixer_.shift());
            for (int i = 7; i >= 0; --i) {
                const unsigned bit = (symbol >> i) & 1u;
                Step& step = line_.next();
                mixer_.look(step.features, network != nullptr ? network->predict() : 0);
                step.bit = bit;
                if (!line_.push() || (mixer_.reads_cost() && !line_.drain())) {
                    return;
                }
                mixer_.pass(bit);
                if (network != nullptr) {
                    network->update(bit);
                }
            }
        }
    }

    Mixer& mixer_;
    Pipeline<Step> line_;
    Lent lent_;
    std::thread thread_;
};

} // namespace weightless::model
