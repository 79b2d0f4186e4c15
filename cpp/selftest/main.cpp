// The main function of the programs of this folder. With --targets alone it prints the targets that
// this machine can execute, the one in use last. Errors, in builds without exceptions, too, end the
// program with status 2.
#include "fixed/failure.hpp"
#include "kernels/kernels.hpp"
#include "program.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

namespace {

int run(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--targets") == 0) {
        for (const weightless::kernels::Kernels* target : weightless::kernels::available()) {
            std::printf("%s\n", target->name);
        }
        return 0;
    }
    return weightless::selftest::program(argc, argv);
}

} // namespace

#if defined(__cpp_exceptions)
int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
#else
void weightless::fixed::failed(Failure, const char* message) {
    std::fprintf(stderr, "%s\n", message);
    std::exit(2);
}

int main(int argc, char** argv) { return run(argc, argv); }
#endif
