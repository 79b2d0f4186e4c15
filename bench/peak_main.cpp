// Prints the peak number of multiply-adds per second of each target named: peak TARGET...
#include "peak.hpp"

#include <cstdio>

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        std::printf("%s %.0f\n", argv[i], weightless::bench::peak(argv[i]));
    }
}
