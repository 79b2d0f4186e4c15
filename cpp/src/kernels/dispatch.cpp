#include "fixed/failure.hpp"
#include "kernels/targets/targets.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

#if defined(WEIGHTLESS_HAS_X86) && defined(_MSC_VER) && !defined(__clang__)
#include <immintrin.h>
#include <intrin.h>
#endif

namespace weightless::kernels {
namespace {

#if defined(WEIGHTLESS_HAS_X86)
enum class Feature { sse4, avx2, avx512 };

#if defined(_MSC_VER) && !defined(__clang__)
// Reads CPUID leaves 1 and 7, and XCR0 for the registers that the operating system saves.
bool has(Feature feature) {
    int info[4];
    __cpuid(info, 1);
    const bool sse41 = (info[2] & (1 << 19)) != 0;
    const bool osxsave = (info[2] & (1 << 27)) != 0;
    const unsigned long long saved = osxsave ? _xgetbv(0) : 0;
    __cpuidex(info, 7, 0);
    const auto ebx = static_cast<unsigned>(info[1]);
    const bool avx2 = (saved & 6) == 6 && (ebx & (1u << 5)) != 0;
    const unsigned needed = (1u << 16) | (1u << 17) | (1u << 28) | (1u << 30) | (1u << 31);
    const bool avx512 = avx2 && (saved & 0xe6) == 0xe6 && (ebx & needed) == needed;
    return feature == Feature::sse4 ? sse41 : (feature == Feature::avx2 ? avx2 : avx512);
}
#else
bool has(Feature feature) {
    __builtin_cpu_init();
    switch (feature) {
    case Feature::sse4:
        return __builtin_cpu_supports("sse4.1") != 0;
    case Feature::avx2:
        return __builtin_cpu_supports("avx2") != 0;
    default:
        return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("avx512f") != 0 &&
               __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
               __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512cd") != 0;
    }
}
#endif
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
    std::vector<const Kernels*> all{&k_scalar};
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
        k_scalar.name,
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
