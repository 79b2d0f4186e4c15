// The names of the inputs of a recipe's first layer of mixers, in the order in which
// mixing/bit_mixer.hpp loads them.
#pragma once

#include "model/experts/list.hpp"
#include "model/mixing/history_inputs.hpp"
#include "model/observer.hpp"
#include "model/predictor/context_indices.hpp"
#include "model/predictor/shape_of.hpp"
#include "model/predictor/type_names.hpp"

#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace weightless::model {

template <class R> class InputNames {
public:
    /// kind: 0 without a structure, otherwise 1 + the index of the active one.
    static InputLayout of(int kind, bool text) {
        InputLayout layout{text ? "Text" : "Other", {}};
        std::vector<std::string>& names = layout.inputs;
        for (const int length : R::Matching::kMinLengths) {
            repeat(names, "Matches::AtLeast" + std::to_string(length), MatchModel::kInputs);
        }
        add_contexts(names, Indices(), text, HistoryInputs<1, 1>::kInputs);
        repeat(names, "Orders::MapOfZero", Shape::kOrderZero ? 1 : 0);
        repeat(names, InputLayout::kOrderOne, Shape::kOrderOne ? 1 : 0);
        repeat(names, InputLayout::kConstant, 1);
        add_each(names, typename Shape::Inputs(), 1);
        repeat(names, "Chains", Shape::kOutputs);
        repeat(names, InputLayout::kNetwork, Shape::kNetwork ? 2 : 0);
        if constexpr (Shape::kLinearInputs) {
            add_contexts(names, Indices(), text, 1);
        }
        if constexpr (Shape::kCentred) {
            names.resize(padded(names.size() + 1) - 1);
            names.emplace_back("Chains");
        }
        names.resize(padded(names.size()));
        add_structure(layout, typename R::Structures(), kind);
        return layout;
    }

private:
    using Shape = ShapeOf<R>;
    using Indices = typename Shape::AllIndices::All;

    static std::size_t padded(std::size_t n) { return (n + 15) / 16 * 16; }
    static void repeat(std::vector<std::string>& names, const std::string& name, int times) {
        names.insert(names.end(), static_cast<std::size_t>(times), name);
    }
    template <class... C>
    static void add_each(std::vector<std::string>& names, List<C...>, int inputs) {
        static_cast<void>(inputs); // the list may be empty
        (repeat(names, type_name<C>(), C::kCount * inputs), ...);
    }
    template <class... I>
    static void add_contexts(std::vector<std::string>& names, List<I...>, bool text, int inputs) {
        (repeat(names, text ? name_or_none<typename I::Text>() : name_or_none<typename I::Rest>(),
                I::kCount * inputs),
         ...);
    }
    template <class C> static std::string name_or_none() {
        if constexpr (std::is_void_v<C>) {
            return "Inactive"; // with byte runs, even these may have inputs other than 0
        } else {
            return type_name<C>();
        }
    }
    template <class... S> static void add_structure(InputLayout& layout, List<S...>, int kind) {
        int at = 0;
        static_cast<void>(((++at == kind && (add_structure<S>(layout), true)) || ...));
    }
    template <class S> static void add_structure(InputLayout& layout) {
        layout.kind = type_name<typename S::Expert>();
        add_each(layout.inputs, typename S::OwnContexts(), HistoryInputs<1, 1>::kInputs);
        add_each(layout.inputs, typename S::OwnInputs(), 1);
    }
};

} // namespace weightless::model
