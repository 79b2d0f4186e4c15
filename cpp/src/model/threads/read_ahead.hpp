// Two threads for bytes that are all known: the network and the context models run ahead on one
// thread, and mixing follows on the caller's. Either thread trains the network when it would
// otherwise wait.
#pragma once

#include "model/threads/pipeline.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <thread>

namespace weightless::model {

/// ContextMixing: predictor/context_mixing_of.hpp; NetworkWalk: network/network_walk.hpp.
template <class ContextMixing, class NetworkWalk> class ReadAhead {
public:
    /// network: may be null. The arguments must outlive this object, and nothing else may use them
    /// meanwhile. The destructor restores the network's training runner. Throws std::system_error,
    /// with nothing done, if no thread can be started.
    ReadAhead(NetworkWalk* network, ContextMixing& mixing, std::span<const std::uint8_t> data)
        : mixing_(mixing), runner_guard_(network, queue_.work()), thread_([this, network, data] {
              std::exception_ptr error;
              try {
                  go_ahead(network, data);
              } catch (...) {
                  error = std::current_exception();
              }
              queue_.close(error);
          }) {}
    ~ReadAhead() {
        queue_.stop();
        thread_.join();
    }
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;

    /// Calls coded(bit, p) for all bits in order, p being P(bit = 1), Q22, until the next byte may
    /// be copied. Returns the number of bytes taken.
    template <typename Coded> std::size_t mix(Coded coded) {
        std::size_t bits = 0;
        bool prefetched = false;
        while (const Step* step = queue_.front()) {
            if (!prefetched) {
                mixing_.prefetch(step->features);
            }
            const std::uint32_t p = mixing_.mix(step->features);
            coded(step->bit, p);
            const Step* second = queue_.second();
            prefetched = second != nullptr;
            if (prefetched) {
                mixing_.prefetch(second->features);
            }
            mixing_.train(step->features, p, step->bit);
            queue_.pop();
            ++bits;
        }
        return bits / 8;
    }

private:
    struct Step {
        typename ContextMixing::Features features;
        unsigned bit = 0;
    };

    // Lets both threads train the network during this object's lifetime.
    class RunnerGuard {
    public:
        RunnerGuard(NetworkWalk* network, SharedWork& work) : network_(network) {
            if (network_ != nullptr) {
                before_ = network_->network().trained_on();
                network_->network().train_on(&work);
            }
        }
        ~RunnerGuard() {
            if (network_ != nullptr) {
                network_->network().train_on(before_);
            }
        }
        RunnerGuard(const RunnerGuard&) = delete;
        RunnerGuard& operator=(const RunnerGuard&) = delete;

    private:
        NetworkWalk* network_;
        TrainingRunner* before_ = nullptr;
    };

    void go_ahead(NetworkWalk* network, std::span<const std::uint8_t> data) {
        for (const std::uint8_t byte : data) {
            const auto symbol = static_cast<std::uint8_t>(byte + mixing_.shift());
            for (int i = 7; i >= 0; --i) {
                const unsigned bit = (symbol >> i) & 1u;
                Step& step = queue_.next();
                mixing_.compute_features(step.features,
                                         network != nullptr ? network->predict() : 0);
                step.bit = bit;
                if (!queue_.push() || (mixing_.reads_cost() && !queue_.drain())) {
                    return;
                }
                mixing_.advance(bit);
                if (network != nullptr) {
                    network->update(bit);
                }
            }
            if (mixing_.copying()) {
                return;
            }
        }
    }

    ContextMixing& mixing_;
    Pipeline<Step> queue_;
    RunnerGuard runner_guard_;
    std::thread thread_;
};

} // namespace weightless::model
