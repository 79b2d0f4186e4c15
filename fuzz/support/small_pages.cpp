// Models of a fuzzer touch little of their tables, so that clearing huge pages takes longer than
// all else.
#if defined(__linux__)
#include <sys/prctl.h>

namespace {

[[maybe_unused]] const int small_pages = prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);

} // namespace
#endif
