// The arithmetic coder on numpy arrays of bits and probabilities, for tests and research.
#include "register.hpp"

#include "coder/binary_coder.hpp"
#include "made.hpp"
#include "to_bytes.hpp"

#include <pybind11/numpy.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace py = pybind11;

namespace weightless::bindings {
namespace {

using Bits = py::array_t<std::uint8_t, py::array::c_style>;
using Probabilities = py::array_t<std::uint32_t, py::array::c_style>;

// An encoder with the bytes that it has written.
class BitEncoder {
public:
    void encode(const Bits& bits, const Probabilities& p) {
        if (finished_) {
            throw py::value_error("the stream has been finished");
        }
        if (bits.size() != p.size()) {
            throw py::value_error("bits and p must have the same size");
        }
        for (py::ssize_t i = 0; i < p.size(); ++i) {
            check(p.data()[i]);
            if (bits.data()[i] > 1) {
                throw py::value_error("bits must be 0 or 1");
            }
        }
        for (py::ssize_t i = 0; i < p.size(); ++i) {
            encoder_.encode(bits.data()[i], p.data()[i]);
        }
    }

    py::bytes finish() {
        if (!finished_) {
            encoder_.finish();
            finished_ = true;
        }
        return to_bytes(out_);
    }

    static void check(std::uint32_t p) {
        if (p < 1 || p >= fixed::kProbabilityOne) {
            throw py::value_error("probabilities must be in 1.." +
                                  std::to_string(fixed::kProbabilityOne - 1));
        }
    }

private:
    std::vector<std::uint8_t> out_;
    coder::Encoder encoder_{out_};
    bool finished_ = false;
};

// A decoder with the bytes that it reads.
class BitDecoder {
public:
    explicit BitDecoder(const py::bytes& data)
        : data_(data), decoder_(reinterpret_cast<const std::uint8_t*>(data_.data()), data_.size()) {
    }

    Bits decode(const Probabilities& p) {
        for (py::ssize_t i = 0; i < p.size(); ++i) {
            BitEncoder::check(p.data()[i]);
        }
        Bits bits(p.size());
        for (py::ssize_t i = 0; i < p.size(); ++i) {
            bits.mutable_data()[i] = static_cast<std::uint8_t>(decoder_.decode(p.data()[i]));
        }
        return bits;
    }

    bool overrun() const { return decoder_.overrun(); }
    bool at_end() const { return decoder_.at_end(); }

private:
    std::string data_;
    coder::Decoder decoder_;
};

} // namespace

void register_coder(py::module_& module) {
    module.attr("PROBABILITY_BITS") = fixed::kProbabilityBits;

    class_of<BitEncoder>(module, "BitEncoder",
                         "The arithmetic encoder on its own: from bits to bytes.")
        .def(py::init([] { return make<BitEncoder>(); }))
        .def("encode", &BitEncoder::encode, py::arg("bits"), py::arg("p"))
        .def("finish", &BitEncoder::finish);

    class_of<BitDecoder>(module, "BitDecoder",
                         "The arithmetic decoder on its own: from bytes to bits.")
        .def(py::init([](const py::bytes& data) { return make<BitDecoder>(data); }),
             py::arg("data"))
        .def("decode", &BitDecoder::decode, py::arg("p"))
        .def_property_readonly("overrun", &BitDecoder::overrun)
        .def_property_readonly("at_end", &BitDecoder::at_end);
}

} // namespace weightless::bindings
