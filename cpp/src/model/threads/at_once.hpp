// Network training without a thread: a job is done when it is started.
#pragma once

#include "model/network/training_runner.hpp"

#include <functional>

namespace weightless::model {

class AtOnce final : public TrainingRunner {
public:
    void start(std::function<int()> first, std::function<void(int, int)> task) override {
        const int count = first();
        for (int index = 0; index < count; ++index) {
            task(index, 0);
        }
    }
    void finish() override {}
};

} // namespace weightless::model
