// The functions that the WebAssembly module exports: one archive is made or opened at a time, in
// pieces (docs/webassembly.md). A host that wants to cancel ends the call from `progress`, and then
// drops the instance.
#include "container/decoder.hpp"
#include "container/encoder.hpp"
#include "container/parameter_sets.hpp"
#include "fixed/failure.hpp"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#define EXPORT(name) extern "C" __attribute__((export_name(#name), visibility("default")))

// Called with the number of bytes of input that have been coded.
extern "C" __attribute__((import_module("weightless"), import_name("progress"))) void
report_progress(double position);

namespace {

using namespace weightless;
using container::Error;

// Not destroyed: the memory of an instance ends with it.
struct State {
    container::Bytes input;
    container::Bytes prior; // until input follows
    std::uint64_t memory_limit = 0;
    std::unique_ptr<container::Decoder> decoder;
    std::unique_ptr<container::Encoder> encoder;
    Error error;
    const char* failure = nullptr; // the message of one that has ended all
};

State& state() {
    static State* const only = new State;
    return *only;
}

void tick(std::size_t done) {
    const State& now = state();
    const std::uint64_t position =
        now.decoder ? now.decoder->position(done) : now.encoder->position(done);
    report_progress(static_cast<double>(position));
}

[[noreturn]] void out_of_memory() {
    fixed::failed(fixed::Failure::memory, "there is not enough memory");
}

} // namespace

// Leaves the error for the host, and traps.
void weightless::fixed::failed(Failure failure, const char* message) {
    static constexpr const char* kOutOfMemory = "MemoryError";
    state().error.kind = failure == Failure::memory ? kOutOfMemory : container::kParameter;
    // The message is not copied to memory, which may not be there.
    state().failure = message;
    __builtin_trap();
}

/// Where the host puts the next piece of input, `size` bytes at most.
EXPORT(wl_input) std::uint8_t* wl_input(std::size_t size) {
    std::set_new_handler(out_of_memory);
    state().input.resize(size);
    return state().input.data();
}

/// Starts to make an archive at a level from 1 to 9, of about `size` bytes of content. Returns
/// false if that takes more memory than `memory_limit`.
EXPORT(wl_compress) bool wl_compress(int level, double size, double memory_limit) {
    std::set_new_handler(out_of_memory);
    State& now = state();
    if (level < 1 || level > container::kLevels) {
        now.error = {container::kParameter,
                     "level is " + std::to_string(level) + ", not in [1, 9]"};
        return false;
    }
    const auto needed =
        container::model_memory(container::parameter_set(level), static_cast<std::uint64_t>(size));
    now.error =
        container::check_memory("compressing", needed, static_cast<std::uint64_t>(memory_limit));
    if (now.error) {
        return false;
    }
    now.encoder = std::make_unique<container::Encoder>(level, tick);
    return true;
}

/// Starts to open an archive.
EXPORT(wl_decompress) void wl_decompress(double memory_limit) {
    std::set_new_handler(out_of_memory);
    State& now = state();
    now.memory_limit = static_cast<std::uint64_t>(memory_limit);
    now.decoder = std::make_unique<container::Decoder>(now.memory_limit, tick);
}

/// Where the host puts a prior of that size, after wl_decompress and before it feeds anything;
/// null: there is an error.
EXPORT(wl_prior) std::uint8_t* wl_prior(double size) {
    std::set_new_handler(out_of_memory);
    State& now = state();
    const auto bytes = static_cast<std::uint64_t>(size);
    if (bytes == 0) {
        now.error = {container::kParameter, "the prior is empty"};
    } else if (bytes > container::kMostPrior) {
        now.error = {container::kParameter, "the prior has " + std::to_string(bytes) +
                                                " bytes, more than the limit of " +
                                                std::to_string(container::kMostPrior)};
    } else {
        now.error = container::check_memory("reading the prior", bytes, now.memory_limit);
    }
    if (now.error) {
        return nullptr;
    }
    now.prior.resize(static_cast<std::size_t>(bytes));
    return now.prior.data();
}

/// Takes the first `size` bytes from wl_input; 0: nothing follows.
EXPORT(wl_feed) void wl_feed(std::size_t size) {
    State& now = state();
    const auto piece = std::span(std::as_const(now.input)).first(size);
    if (now.decoder) {
        if (!now.prior.empty()) {
            now.decoder->give_prior(std::move(now.prior));
            now.prior.clear();
        }
        size != 0 ? now.decoder->feed(piece) : now.decoder->finish();
    } else if (now.encoder) {
        size != 0 ? now.encoder->feed(piece) : now.encoder->finish();
    }
}

/// Codes a block. Returns false if there is none before more is fed, at the end, and after an
/// error.
EXPORT(wl_next) bool wl_next() {
    State& now = state();
    if (now.decoder) {
        const bool found = now.decoder->next();
        if (now.decoder->error()) {
            now.error = now.decoder->error();
        }
        return found;
    }
    return now.encoder && now.encoder->next();
}

/// What the last call of wl_next that returned true has made.
EXPORT(wl_output) const std::uint8_t* wl_output() {
    const State& now = state();
    return now.decoder ? now.decoder->block().data() : now.encoder->output().data();
}
EXPORT(wl_output_size) std::size_t wl_output_size() {
    const State& now = state();
    return now.decoder ? now.decoder->block().size() : now.encoder->output().size();
}

/// The name of the Python package's exception for the error, and its message, in UTF-8 and ended by
/// a zero byte; null: there is none. Valid after a trap, too.
EXPORT(wl_error_kind) const char* wl_error_kind() { return state().error.kind; }
EXPORT(wl_error_message) const char* wl_error_message() {
    return state().failure != nullptr ? state().failure : state().error.message.c_str();
}
