// A recipe with an expert that reads what is not known yet. Compiled with one of the macros below
// it must fail with a message that says so, and without them it must compile.
#include "model/predictor/context_mixing_of.hpp"
#include "model/recipes/generation0.hpp"

#include <cstdint>

namespace weightless::model {

using FirstState = StatesOf<Orders::One>;

class Impossible {
public:
#if defined(UPDATE_STRUCTURE)
    void update(const StructureNow& /*structure*/) noexcept {}
#elif defined(UPDATE_NETWORK)
    void update(const NetworkOutput& /*network*/) noexcept {}
#else
    void update(const ByteHistory& /*bytes*/) noexcept {}
#endif

    struct Context : Contexts<1> {
#if defined(CONTEXT_STATES)
        static std::uint32_t of(const FirstState& first) noexcept { return first.states[0]; }
#elif defined(CONTEXT_MATCH)
        static std::uint32_t of(const MatchModel& match) noexcept { return match.state(); }
#else
        static std::uint32_t of(const Impossible& /*expert*/) noexcept { return 1; }
#endif
    };
    struct State : Selector<256> {
        static int of(const FirstState& first) noexcept { return first.states[0]; }
    };
    struct ApmState : ApmContext<256> {
#if defined(APM_STATES)
        static std::uint32_t of(const FirstState& first) noexcept { return first.states[0]; }
#else
        static std::uint32_t of(const PartialByte& partial) noexcept { return partial.node & 255u; }
#endif
    };
    struct ApmOfStates : ApmContext<256> {
        static std::uint32_t of(const FirstState& first) noexcept { return first.states[0]; }
    };

    struct Offers : NoOffers {
        using Contexts = List<Context>;
        using FirstSelectors = List<State>;
#if defined(APM_COMBINATION)
        using ApmStages = List<InText<ApmState, InStructure<ApmState, For<X86Code, ApmOfStates>>>>;
#else
        using ApmStages = List<ApmState>;
#endif
    };
};

struct With : generation0::Experts1<false> {
    using Added = List<Impossible>;
};
template class ContextMixingOf<With>;

} // namespace weightless::model
