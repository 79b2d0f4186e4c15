// Runs the floating-point network over a file and prints the file's code length.
//
//     float_lstm FILE [--NAME VALUE]...
//
// NAME is a field of model::Parameters or of reference::Extras, or one of
//     limit N    stop after N bytes
//     every N    print the cumulative code length every N bytes
//     floor N    count probabilities below 2^-N as 2^-N (default: 22)
// Prints the number of bytes, the code length in bytes, bits per byte and KB/s.
//
//     float_lstm --check [--NAME VALUE]...
//
// compares the gradient of every tensor with finite differences instead.
#include "float_lstm.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace {

using weightless::model::Parameters;
using weightless::reference::Extras;
using weightless::reference::FloatLstm;
using weightless::reference::Real;
using weightless::reference::Tensor;

struct Options {
    std::string path;
    bool check = false;
    double limit = 1e18;
    double every = 0;
    double floor = 22;
    Parameters parameters;
    Extras extras;
};

bool set(Options& options, const std::string& name, double value) {
    if (name == "limit") {
        options.limit = value;
    } else if (name == "every") {
        options.every = value;
    } else if (name == "floor") {
        options.floor = value;
    } else {
        for (const auto& field : weightless::model::kFields) {
            if (name == field.name) {
                options.parameters.*field.member = static_cast<std::int32_t>(value);
                return true;
            }
        }
        for (const auto& field : weightless::reference::kExtraFields) {
            if (name == field.name) {
                options.extras.*field.member = value;
                return true;
            }
        }
        return false;
    }
    return true;
}

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--check") {
            options.check = true;
        } else if (word.rfind("--", 0) == 0) {
            if (i + 1 == argc || !set(options, word.substr(2), std::atof(argv[i + 1]))) {
                throw std::runtime_error(word + ": unknown option, or no value");
            }
            ++i;
        } else {
            options.path = word;
        }
    }
    weightless::model::validate(options.parameters);
    return options;
}

std::vector<std::uint8_t> read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error("cannot read " + path);
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

int run(const Options& options) {
    std::vector<std::uint8_t> bytes = read(options.path);
    if (static_cast<double>(bytes.size()) > options.limit) {
        bytes.resize(static_cast<std::size_t>(options.limit));
    }
    FloatLstm network(options.parameters, options.extras);
    const double floor = std::exp2(-options.floor);
    const auto every = static_cast<std::size_t>(options.every);
    double bits = 0;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bits -= std::log2(std::max(static_cast<double>(network.predict()[bytes[i]]), floor));
        network.update(bytes[i]);
        if (every != 0 && (i + 1) % every == 0) {
            std::printf("%zu %.6f\n", i + 1, bits / 8);
        }
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const auto count = static_cast<double>(bytes.size());
    std::printf("%zu bytes: %.3f coded, %.5f bpb, %.1f KB/s\n", bytes.size(), bits / 8,
                bits / std::max(count, 1.0), count / 1000 / seconds.count());
    return 0;
}

/// Compares each tensor's gradient with finite differences at some of its entries.
int check(const Options& options) {
    FloatLstm network(options.parameters, options.extras);
    weightless::fixed::SplitMix64 random(7);
    const auto uniform = [&] { return random.symmetric(1 << 20) / double(1 << 20); };
    for (Tensor* tensor : network.tensors()) {
        const double size = tensor->name == "output.weight" ? 1.0 : 0.4;
        for (Real& w : tensor->weights) {
            w += static_cast<Real>(size * uniform());
        }
    }
    std::vector<std::uint8_t> text(static_cast<std::size_t>(options.parameters.horizon));
    for (auto& byte : text) {
        byte = static_cast<std::uint8_t>("etaoin shrdlu"[random.next() % 13]);
    }
    network.trial(text.data(), text.size());
    std::vector<Tensor> saved;
    for (Tensor* tensor : network.tensors()) {
        saved.push_back(*tensor);
    }
    int wrong = 0;
    for (std::size_t i = 0; i < saved.size(); ++i) {
        Tensor& tensor = *network.tensors()[i];
        double error = 0;
        double norm = 0;
        for (int trial = 0; trial < 200; ++trial) {
            std::size_t at = random.next() % tensor.weights.size();
            if (!saved[i].touched.empty()) { // a row of `input` whose byte occurs
                at = saved[i].touched[random.next() % saved[i].touched.size()] * tensor.columns +
                     at % tensor.columns;
            }
            const Real w = tensor.weights[at];
            const double h = sizeof(Real) == 8 ? 1e-5 : 1e-2;
            tensor.weights[at] = static_cast<Real>(w + h);
            const double above = network.trial(text.data(), text.size());
            tensor.weights[at] = static_cast<Real>(w - h);
            const double below = network.trial(text.data(), text.size());
            tensor.weights[at] = w;
            const double expected = (above - below) / (2 * h);
            error += std::pow(saved[i].gradient[at] - expected, 2);
            norm += std::pow(expected, 2);
        }
        const double relative = std::sqrt(error / norm);
        std::printf("%-18s relative error %.2e (norm %.3g)\n", tensor.name.c_str(), relative,
                    std::sqrt(norm));
        wrong += !(relative < (sizeof(Real) == 8 ? 1e-4 : 0.1));
    }
    return wrong == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    try {
        const Options options = parse(argc, argv);
        if (!options.check && options.path.empty()) {
            std::fputs("usage: float_lstm FILE [--NAME VALUE]...\n", stderr);
            return 2;
        }
        return options.check ? check(options) : run(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "float_lstm: %s\n", error.what());
        return 2;
    }
}
