// What each program of this folder consists of, but for its main function (main.cpp).
#pragma once

namespace weightless::selftest {

/// Does the work, and returns the exit status. `--targets` alone never gets here.
int program(int argc, char** argv);

} // namespace weightless::selftest
