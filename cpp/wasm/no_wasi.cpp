// What the C++ library would need WASI for, so that the module does not import it: there is no
// environment, no file is open, and there is nowhere to print why a program ends.
#include <cstdint>
#include <vector> // declares __libcpp_verbose_abort

void std::__libcpp_verbose_abort(const char*, ...) noexcept { __builtin_trap(); }

extern "C" {

[[noreturn]] void abort_message(const char*, ...) { __builtin_trap(); }

std::int32_t __imported_wasi_snapshot_preview1_environ_sizes_get(std::int32_t count,
                                                                 std::int32_t size) {
    *reinterpret_cast<std::uint32_t*>(count) = 0;
    *reinterpret_cast<std::uint32_t*>(size) = 0;
    return 0;
}
std::int32_t __imported_wasi_snapshot_preview1_environ_get(std::int32_t, std::int32_t) { return 0; }
[[noreturn]] void __imported_wasi_snapshot_preview1_proc_exit(std::int32_t) { __builtin_trap(); }
}
