// The components of mixing and of bit histories, for tests.
#include "register.hpp"

#include "fixed/logistic.hpp"
#include "made.hpp"
#include "model/history/bit_history.hpp"
#include "model/history/history_table.hpp"
#include "model/mixing/centring.hpp"
#include "model/mixing/final_mixer.hpp"
#include "model/mixing/step_size.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace py = pybind11;

namespace weightless::bindings {
namespace {

using I16 = py::array_t<std::int16_t, py::array::c_style>;
using U16 = py::array_t<std::uint16_t, py::array::c_style>;
using I32 = py::array_t<std::int32_t, py::array::c_style>;
using U32 = py::array_t<std::uint32_t, py::array::c_style>;

// model::FinalMixer with 1 to kMaxMixers mixers, whose number is known only at run time.
class AnyFinalMixer {
public:
    static constexpr std::size_t kMaxMixers = 10;
    static constexpr std::size_t kInputs = model::FinalMixer<1>::kInputs;

    virtual ~AnyFinalMixer() = default;
    virtual std::uint32_t mix(std::uint32_t mean, const std::vector<std::int32_t>& others,
                              const std::vector<int>& contexts) = 0;
    virtual void update(unsigned bit) = 0;

    /// sizes: the number of weight sets of each mixer; 1 to kMaxMixers entries.
    static std::unique_ptr<AnyFinalMixer> make(const std::vector<int>& sizes,
                                               const model::MixingRate& rate) {
        return make(sizes, rate, std::make_index_sequence<kMaxMixers>());
    }

private:
    template <std::size_t... i>
    static std::unique_ptr<AnyFinalMixer>
    make(const std::vector<int>& sizes, const model::MixingRate& rate, std::index_sequence<i...>);
};

template <std::size_t n> class FinalMixerOf final : public AnyFinalMixer {
public:
    FinalMixerOf(const std::vector<int>& sizes, const model::MixingRate& rate)
        : mixer_(of(sizes), rate, kernels::active()) {}
    std::uint32_t mix(std::uint32_t mean, const std::vector<std::int32_t>& others,
                      const std::vector<int>& contexts) override {
        return mixer_.mix(mean, others, of(contexts));
    }
    void update(unsigned bit) override { mixer_.update(bit); }

private:
    static std::array<int, n> of(const std::vector<int>& values) {
        std::array<int, n> array{};
        std::copy_n(values.begin(), n, array.begin());
        return array;
    }

    model::FinalMixer<n> mixer_;
};

template <std::size_t... i>
std::unique_ptr<AnyFinalMixer> AnyFinalMixer::make(const std::vector<int>& sizes,
                                                   const model::MixingRate& rate,
                                                   std::index_sequence<i...>) {
    std::unique_ptr<AnyFinalMixer> made;
    static_cast<void>(
        ((sizes.size() == i + 1 && (made = std::make_unique<FinalMixerOf<i + 1>>(sizes, rate))) ||
         ...));
    return made;
}

// A mixer, with the values that its methods need to check their arguments.
struct Mixer {
    Mixer(const std::vector<int>& sizes_, const model::MixingRate& rate)
        : mixer(AnyFinalMixer::make(sizes_, rate)), sizes(sizes_) {}

    std::unique_ptr<AnyFinalMixer> mixer;
    std::vector<int> sizes;
    bool mixed = false; // mix() has been called, so that update() is allowed
};

py::array_t<std::uint32_t> squash(const I32& x) {
    py::array_t<std::uint32_t> p(x.size());
    for (py::ssize_t i = 0; i < x.size(); ++i) {
        p.mutable_data()[i] = fixed::Logistic::get().squash(x.data()[i]);
    }
    return p;
}

py::array_t<std::int16_t> stretch(const U32& p) {
    py::array_t<std::int16_t> x(p.size());
    for (py::ssize_t i = 0; i < p.size(); ++i) {
        if (p.data()[i] < 1 || p.data()[i] >= 1u << 22) {
            throw py::value_error("probabilities must be in 1..2^22 - 1");
        }
        x.mutable_data()[i] = fixed::Logistic::get().stretch(p.data()[i]);
    }
    return x;
}

py::array_t<std::int32_t> bit_histories() {
    const model::BitHistory& table = model::BitHistory::get();
    const int states = table.states();
    py::array_t<std::int32_t> rows({states, 4});
    auto cells = rows.mutable_unchecked<2>();
    for (int i = 0; i < states; ++i) {
        const auto state = static_cast<std::uint8_t>(i);
        cells(i, 0) = table.zeros(state);
        cells(i, 1) = table.ones(state);
        cells(i, 2) = table.next(state, 0);
        cells(i, 3) = table.next(state, 1);
    }
    return rows;
}

py::array_t<std::int16_t> centre_inputs(const I16& x, const U16& states, std::int32_t common) {
    if (x.size() != 2 * states.size() || common < -fixed::kStretchLimit ||
        common > fixed::kStretchLimit) {
        throw py::value_error(
            "x must have two inputs for each state, and common must be within +-12");
    }
    py::array_t<std::int16_t> result(x.size(), x.data());
    model::centring::centre(result.mutable_data(), states.data(), static_cast<int>(states.size()),
                            common);
    return result;
}

py::tuple centre_mean(const I16& x) {
    if (x.size() == 0) {
        throw py::value_error("x must not be empty");
    }
    py::array_t<std::int16_t> result(x.size(), x.data());
    const std::int16_t mean =
        model::centring::centre({result.mutable_data(), static_cast<std::size_t>(result.size())});
    return py::make_tuple(mean, result);
}

std::int32_t step_size(const I16& x) {
    if (x.size() == 0 || x.size() >= 512) {
        throw py::value_error("x must have 1 to 511 inputs");
    }
    return model::step_size::of(x.data(), static_cast<int>(x.size()));
}

} // namespace

void register_mixing(py::module_& module) {
    using model::HistoryTable;

    module.def("squash", squash, py::arg("x"));
    module.def("stretch", stretch, py::arg("p"));
    module.def("bit_histories", bit_histories);

    module.def("centre_inputs", centre_inputs, py::arg("x"), py::arg("states"), py::arg("common"));
    module.def("centre_mean", centre_mean, py::arg("x"));

    module.def("step_size", step_size, py::arg("x"));

    class_of<Mixer>(module, "FinalMixer",
                    "The final mixer, which combines the predictions of the APM stages.")
        .def(py::init([](const std::vector<int>& sizes, std::int32_t first, std::int32_t last,
                         std::int32_t half_time) {
                 if (sizes.empty() || sizes.size() > AnyFinalMixer::kMaxMixers ||
                     *std::min_element(sizes.begin(), sizes.end()) < 1) {
                     throw py::value_error("sizes must have 1 to 10 entries, each at least 1");
                 }
                 if (std::min({first, last, half_time - 1}) < 0 ||
                     std::max({first, last, half_time}) > 1 << 15) {
                     throw py::value_error("first and last must be in 0..2^15, and half_time in "
                                           "1..2^15");
                 }
                 return make<Mixer>(sizes, model::MixingRate{first, last, half_time});
             }),
             py::arg("sizes"), py::arg("first"), py::arg("last"), py::arg("half_time"))
        .def(
            "mix",
            [](Made<Mixer>& self, std::uint32_t mean, const std::vector<std::int32_t>& others,
               const std::vector<int>& contexts) {
                if (mean < 1 || mean >= 1u << 22 || others.size() > AnyFinalMixer::kInputs - 2 ||
                    std::any_of(others.begin(), others.end(), [](std::int32_t x) {
                        return x < -fixed::kStretchLimit || x > fixed::kStretchLimit;
                    })) {
                    throw py::value_error("mean must be in 1..2^22 - 1, and others must be at most "
                                          "30 values within +-12");
                }
                if (!std::equal(contexts.begin(), contexts.end(), self.sizes.begin(),
                                self.sizes.end(),
                                [](int at, int size) { return at >= 0 && at < size; })) {
                    throw py::value_error(
                        "contexts must have one entry in range for each weight set");
                }
                self.mixed = true;
                return self.mixer->mix(mean, others, contexts);
            },
            py::arg("mean"), py::arg("others"), py::arg("contexts"))
        .def(
            "update",
            [](Made<Mixer>& self, unsigned bit) {
                if (!self.mixed || bit > 1) {
                    throw py::value_error("bit must be 0 or 1, and mix must be called before");
                }
                self.mixer->update(bit);
            },
            py::arg("bit"));

    class_of<HistoryTable>(module, "HistoryTable", "The hash table of bit histories.")
        .def(py::init([](int bits) {
                 if (bits < 16 || bits > 30) {
                     throw py::value_error("bits must be in 16..30");
                 }
                 return make<HistoryTable>(bits);
             }),
             py::arg("bits"))
        .def(
            "find",
            [](Made<HistoryTable>& self, std::uint32_t hash) {
                // begin() is called after find(), which may create a slot.
                const std::uint8_t* slot = self.find(hash);
                return static_cast<std::size_t>(slot - self.begin());
            },
            py::arg("hash"))
        .def(
            "grow", [](Made<HistoryTable>& self, std::uint64_t position) { self.grow(position); },
            py::arg("position"))
        .def_property_readonly("bytes", [](const py::object& self) {
            auto& table = self.cast<Made<HistoryTable>&>();
            return py::array_t<std::uint8_t>(static_cast<py::ssize_t>(table.memory()),
                                             table.begin(), self);
        });
}

} // namespace weightless::bindings
