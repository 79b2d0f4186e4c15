#include "fixed/failure.hpp"
#include "kernels/targets/targets.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

#if defined(WEIGHTLESS_HAS_X86)
#if defined(_MSC_VER) && !defined(__clang__)
#include <immintrin.h>
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#endif

namespace weightless::kernels {
namespace {

#if defined(WEIGHTLESS_HAS_X86)
enum class Feature { sse4, avx2, avx512 };

struct Registers {
    unsigned eax, ebx, ecx, edx;
};

Registers cpuid(unsigned leaf) {
#if defined(_MSC_VER) && !defined(__clang__)
    int out[4];
    __cpuidex(out, static_cast<int>(leaf), 0);
    return {static_cast<unsigned>(out[0]), static_cast<unsigned>(out[1]),
            static_cast<unsigned>(out[2]), static_cast<unsigned>(out[3])};
#else
    Registers out{};
    __cpuid_count(leaf, 0, out.eax, out.ebx, out.ecx, out.edx);
    return out;
#endif
}

// XCR0: a bit for each kind of registers that the operating system saves.
unsigned saved_registers() {
#if defined(_MSC_VER) && !defined(__clang__)
    return static_cast<unsigned>(_xgetbv(0));
#else
    unsigned low = 0;
    unsigned high = 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
#endif
}

// The CPU is asked itself: __builtin_cpu_supports says no to everything in the runtime library of
// some compilers (Zig's).
bool has(Feature feature) {
    const unsigned ecx = cpuid(1).ecx;
    if (feature == Feature::sse4) {
        return (ecx & (1u << 19)) != 0;
    }
    const bool osxsave = (ecx & (1u << 27)) != 0;
    const unsigned saved = osxsave ? saved_registers() : 0;
    const unsigned ebx = cpuid(0).eax >= 7 ? cpuid(7).ebx : 0;
    const unsigned avx2_bmi2 = (1u << 5) | (1u << 8);
    if ((saved & 6u) != 6 || (ebx & avx2_bmi2) != avx2_bmi2) {
        return false;
    }
    if (feature == Feature::avx2) {
        return true;
    }
#if !defined(__APPLE__) // macOS saves the registers from their first use on, and only then says so
    if ((saved & 0xe6u) != 0xe6) {
        return false;
    }
#endif
    const unsigned f_dq_cd_bw_vl = (1u << 16) | (1u << 17) | (1u << 28) | (1u << 30) | (1u << 31);
    return (ebx & f_dq_cd_bw_vl) == f_dq_cd_bw_vl;
}
#endif

const Kernels& choose() {
    const char* wanted = std::getenv("WEIGHTLESS_TARGET");
    if (wanted == nullptr || *wanted == '\0') {
        return *available().back();
    }
    const Kernels* found = find(wanted);
    if (found == nullptr) {
        std::string names;
        for (const Kernels* kernels : available()) {
            names += std::string(names.empty() ? "" : ", ") + kernels->name;
        }
        fixed::fail<std::invalid_argument>("WEIGHTLESS_TARGET=" + std::string(wanted) +
                                           " is not available here; there are: " + names);
    }
    return *found;
}

const Kernels*& in_use() {
    static const Kernels* chosen = &choose();
    return chosen;
}

} // namespace

std::vector<const Kernels*> available() {
    std::vector<const Kernels*> all;
#if !defined(WEIGHTLESS_NO_SCALAR)
    all.push_back(&k_scalar);
#endif
#if defined(WEIGHTLESS_HAS_GENERIC)
    all.push_back(&k_generic);
#endif
#if defined(WEIGHTLESS_HAS_X86)
    if (has(Feature::sse4)) {
        all.push_back(&k_sse4);
    }
    if (has(Feature::avx2)) {
        all.push_back(&k_avx2);
    }
    if (has(Feature::avx512)) {
        all.push_back(&k_avx512);
    }
#endif
#if defined(WEIGHTLESS_HAS_WASM)
    all.push_back(&k_wasm);
#endif
#if defined(WEIGHTLESS_HAS_NEON)
    all.push_back(&k_neon);
#endif
    return all;
}

std::vector<std::string_view> compiled() {
    return {
#if !defined(WEIGHTLESS_NO_SCALAR)
        k_scalar.name,
#endif
#if defined(WEIGHTLESS_HAS_GENERIC)
        k_generic.name,
#endif
#if defined(WEIGHTLESS_HAS_X86)
        k_sse4.name,    k_avx2.name, k_avx512.name,
#endif
#if defined(WEIGHTLESS_HAS_WASM)
        k_wasm.name,
#endif
#if defined(WEIGHTLESS_HAS_NEON)
        k_neon.name,
#endif
    };
}

const Kernels* find(std::string_view name) {
    for (const Kernels* kernels : available()) {
        if (name == kernels->name) {
            return kernels;
        }
    }
    return nullptr;
}

const Kernels& active() { return *in_use(); }

void use(const Kernels& kernels) { in_use() = &kernels; }

} // namespace weightless::kernels
