// The kernels of each target on numpy arrays, for tests and benchmarks.
#include "register.hpp"

#include "fixed/logistic.hpp"
#include "kernels/kernels.hpp"
#include "made.hpp"
#include "model/history/adaptive_map.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <string>
#include <vector>

namespace py = pybind11;

namespace weightless::bindings {
namespace {

using kernels::Kernels;
using U8 = py::array_t<std::uint8_t, py::array::c_style>;
using I16 = py::array_t<std::int16_t, py::array::c_style>;
using U16 = py::array_t<std::uint16_t, py::array::c_style>;
using I32 = py::array_t<std::int32_t, py::array::c_style>;
using U32 = py::array_t<std::uint32_t, py::array::c_style>;

struct Choice {
    Choice(const Kernels* kernels, int times) : k(kernels), repeat(times) {}

    const Kernels* k;
    int repeat; // executions of a kernel per call from Python, for benchmarks

    template <typename F> void each(F&& f) const {
        for (int i = 0; i < repeat; ++i) {
            f();
        }
    }
};
using Target = Made<Choice>;

void require(bool ok, const char* what) {
    if (!ok) {
        throw py::value_error(what);
    }
}

int size(const py::array& a) { return static_cast<int>(a.size()); }

template <typename T> py::array_t<T> copy(const py::array_t<T, py::array::c_style>& a) {
    return py::array_t<T>(std::vector<py::ssize_t>(a.shape(), a.shape() + a.ndim()), a.data());
}

py::array_t<std::int32_t> zeros(py::ssize_t n) {
    py::array_t<std::int32_t> out(n);
    std::fill_n(out.mutable_data(), n, 0);
    return out;
}

py::array_t<std::int32_t> matvec(const Target& t, const I16& weights, const I16& x, const I32& y) {
    const int inputs = size(x);
    const int outputs = size(y);
    require(inputs % 2 == 0 && outputs % kernels::kPanel == 0 && size(weights) == inputs * outputs,
            "matvec: shapes");
    auto out = copy(y);
    t.each([&] { t.k->matvec(weights.data(), x.data(), inputs, outputs, out.mutable_data()); });
    return out;
}

py::array_t<std::int32_t> matmul(const Target& t, const I16& weights, const I16& x, const I32& y) {
    require(x.ndim() == 2 && y.ndim() == 2 && x.shape(0) == y.shape(0), "matmul: shapes");
    const int count = static_cast<int>(x.shape(0));
    const int inputs = static_cast<int>(x.shape(1));
    const int outputs = static_cast<int>(y.shape(1));
    require(inputs % 2 == 0 && outputs % kernels::kPanel == 0 && size(weights) == inputs * outputs,
            "matmul: shapes");
    auto out = copy(y);
    t.each([&] {
        t.k->matmul(weights.data(), x.data(), inputs, inputs, outputs, count, out.mutable_data(),
                    outputs);
    });
    return out;
}

py::array_t<std::int32_t> outer(const Target& t, const I16& d, const I16& x) {
    require(d.ndim() == 3 && d.shape(2) == 2 && x.ndim() == 2 && x.shape(0) == 4 &&
                x.shape(1) == 2 * d.shape(0) && d.shape(1) % kernels::kPanel == 0,
            "outer: shapes");
    const int outputs = static_cast<int>(d.shape(1));
    const int steps = static_cast<int>(x.shape(1));
    py::array_t<std::int32_t> out(std::vector<py::ssize_t>{4, outputs});
    t.each([&] { t.k->outer(d.data(), x.data(), steps, steps, outputs, out.mutable_data()); });
    return out;
}

py::tuple update(const Target& t, const std::vector<std::int32_t>& rule, const I32& gradient,
                 const I32& exponents, const I32& master, const U32& moment) {
    const int n = size(moment);
    require(gradient.ndim() == 2 && master.ndim() == 2, "update: shapes");
    const int rows = static_cast<int>(gradient.shape(0));
    require((rows == 1 || rows == kernels::kShared) && n % kernels::kPanel == 0 &&
                gradient.shape(1) == n && size(exponents) == n && master.shape(0) == rows &&
                master.shape(1) == n && rule.size() == 8,
            "update: shapes");
    auto weights = copy(master);
    auto moments = copy(moment);
    t.each([&] {
        t.k->update({rule[0], rule[1], rule[2], rule[3], rule[4], rule[5], rule[6], rule[7]}, rows,
                    n, gradient.data(), exponents.data(), weights.mutable_data(),
                    moments.mutable_data());
    });
    return py::make_tuple(weights, moments);
}

py::tuple pack(const Target& t, const I32& master, int forward_shift, int backward_shift) {
    require(master.ndim() == 2 && master.shape(0) % 16 == 0 &&
                master.shape(1) % kernels::kPanel == 0,
            "pack: shapes");
    require(forward_shift >= 1 && forward_shift <= 30 && backward_shift >= 1 &&
                backward_shift <= 30,
            "pack: shifts");
    const int inputs = static_cast<int>(master.shape(0));
    const int outputs = static_cast<int>(master.shape(1));
    I16 forward(static_cast<py::ssize_t>(inputs) * outputs);
    I16 backward(static_cast<py::ssize_t>(kernels::padded(inputs)) * outputs);
    std::fill_n(backward.mutable_data(), backward.size(), std::int16_t{0});
    t.each([&] {
        for (int row = 0; row < inputs; row += 4) {
            t.k->pack(master.data(row, 0), row, inputs, outputs, forward_shift, backward_shift,
                      forward.mutable_data(), backward.mutable_data());
        }
    });
    return py::make_tuple(forward, backward);
}

py::tuple softmax(const Target& t, const I32& logits) {
    require(size(logits) == 256, "softmax: shape");
    py::array_t<std::uint32_t> p(256);
    int best = 0;
    t.each([&] { best = t.k->softmax(logits.data(), p.mutable_data()); });
    return py::make_tuple(p, best);
}

std::int32_t max_abs(const Target& t, const I32& v) {
    std::int32_t most = 0;
    t.each([&] { most = t.k->max_abs(v.data(), size(v)); });
    return most;
}

py::array_t<std::int16_t> narrow(const Target& t, const I32& v, int shift, std::int32_t limit) {
    require(shift >= 0 && shift <= 30, "narrow: shift");
    I16 out(size(v));
    t.each([&] { t.k->narrow(v.data(), size(v), shift, limit, out.mutable_data()); });
    return out;
}

py::tuple narrow_columns(const Target& t, const I32& v, int bits) {
    require(v.ndim() == 2 && v.shape(0) % 2 == 0, "narrow_columns: shape");
    require(bits >= 1 && bits <= 15, "narrow_columns: bits");
    const auto steps = v.shape(0);
    const auto n = v.shape(1);
    py::array_t<std::int32_t> exponents(n);
    py::array_t<std::int16_t> d(std::vector<py::ssize_t>{steps / 2, n, 2});
    t.each([&] {
        t.k->narrow_columns(v.data(), static_cast<int>(n), static_cast<int>(steps), bits,
                            exponents.mutable_data(), d.mutable_data());
    });
    return py::make_tuple(exponents, d);
}

py::array_t<std::int32_t> widen_add(const Target& t, const I32& y, int shift, const I32& v) {
    require(size(y) == size(v), "widen_add: shapes");
    require(shift >= 0 && shift <= 20, "widen_add: shift");
    auto out = copy(v);
    t.each([&] { t.k->widen_add(y.data(), size(y), shift, out.mutable_data()); });
    return out;
}

py::tuple cell_forward(const Target& t, bool full, const I32& z, const I32& c) {
    const int width = size(c);
    require(size(z) == (full ? 4 : 3) * width, "cell_forward: shapes");
    auto cells = copy(c);
    auto gates = zeros(z.size());
    auto slopes = zeros(z.size());
    auto squashed = zeros(2 * width);
    I16 h(width);
    t.each([&] {
        t.k->cell_forward(full ? 1 : 0, width, z.data(), cells.mutable_data(), gates.mutable_data(),
                          slopes.mutable_data(), squashed.mutable_data(), h.mutable_data());
    });
    return py::make_tuple(cells, gates, slopes, squashed, h);
}

py::tuple cell_backward(const Target& t, bool full, const I32& dh, const I32& before,
                        const I32& after, const I32& gates, const I32& slopes, const I32& squashed,
                        const I32& dc) {
    const int width = size(dh);
    require(size(before) == width && size(after) == width && size(dc) == width &&
                size(gates) == (full ? 4 : 3) * width && size(slopes) == size(gates) &&
                size(squashed) == 2 * width,
            "cell_backward: shapes");
    auto dc_out = copy(dc);
    auto dz = zeros(gates.size());
    t.each([&] {
        t.k->cell_backward(full ? 1 : 0, width, dh.data(), before.data(), after.data(),
                           gates.data(), slopes.data(), squashed.data(), dc_out.mutable_data(),
                           dz.mutable_data());
    });
    return py::make_tuple(dc_out, dz);
}

// Pointers to the rows of a matrix, as the kernels for mixing expect them.
template <typename T, typename A> std::vector<T*> rows_of(T* first, const A& matrix) {
    std::vector<T*> rows;
    for (py::ssize_t r = 0; r < matrix.shape(0); ++r) {
        rows.push_back(first + r * matrix.shape(1));
    }
    return rows;
}

// The size of an array whose size a kernel requires to be rounded up to a multiple of 8.
std::size_t room(py::ssize_t n) { return static_cast<std::size_t>((n + 7) / 8 * 8); }

py::tuple mix_predict(const Target& t, const I32& weights, const I16& x) {
    require(weights.ndim() == 2 && size(x) % 16 == 0 && weights.shape(1) == size(x),
            "mix_predict: shapes");
    const auto rows = rows_of(weights.data(), weights);
    const py::ssize_t n = weights.shape(0);
    std::vector<std::uint32_t> p(room(n), 0);
    I16 out(static_cast<py::ssize_t>(room(n)));
    t.each([&] {
        t.k->mix_predict(rows.data(), static_cast<int>(n), x.data(), size(x),
                         fixed::Logistic::get().squash_table(), p.data(), out.mutable_data());
    });
    return py::make_tuple(U32(n, p.data()), out);
}

py::array_t<std::int32_t> mix_train(const Target& t, const I32& weights, const I16& x,
                                    const I32& errors) {
    require(weights.ndim() == 2 && size(x) % 16 == 0 && weights.shape(1) == size(x) &&
                size(errors) == weights.shape(0),
            "mix_train: shapes");
    auto out = copy(weights);
    const auto rows = rows_of(out.mutable_data(), out);
    t.each([&] {
        t.k->mix_train(rows.data(), static_cast<int>(rows.size()), x.data(), size(x),
                       errors.data());
    });
    return out;
}

py::tuple mix_errors(const Target& t, const U32& p, unsigned bit, const U16& counts, const U32& at,
                     const I32& rates, int rate_scale) {
    const py::ssize_t n = size(p);
    require(size(at) == n && size(rates) == 1024 + (65536 - 1024) / 64, "mix_errors: shapes");
    std::vector<std::uint16_t> after(counts.data(), counts.data() + counts.size());
    after.push_back(0);
    std::vector<std::uint32_t> places(at.data(), at.data() + n);
    for (const std::uint32_t place : places) {
        require(place < counts.size(), "mix_errors: at is out of range");
    }
    std::vector<std::uint32_t> ps(p.data(), p.data() + n);
    std::vector<std::int32_t> errors(room(n), 0);
    places.resize(room(n), 0);
    ps.resize(room(n), 0);
    t.each([&] {
        t.k->mix_errors(ps.data(), static_cast<int>(n), bit, after.data(), places.data(),
                        rates.data(), rate_scale, errors.data());
    });
    return py::make_tuple(py::array_t<std::int32_t>(n, errors.data()),
                          U16(counts.size(), after.data()));
}

U32 history_update(const Target& t, const U32& cells, const U32& at, unsigned bit, unsigned limit,
                   const U32& runs) {
    require(cells.ndim() == 2 && cells.shape(1) == 2 && size(runs) == 8, "history_update: shapes");
    auto out = copy(cells);
    std::vector<std::uint32_t> places(at.data(), at.data() + at.size());
    for (const std::uint32_t place : places) {
        require(place < cells.shape(0), "history_update: at is out of range");
    }
    places.resize(room(size(at)), 0);
    auto* first = reinterpret_cast<kernels::HistoryCell*>(out.mutable_data());
    t.each([&] {
        t.k->history_update(first, places.data(), size(at), bit, limit,
                            model::adaptive::reciprocals().data(),
                            fixed::Logistic::get().stretch_table(), runs.data());
    });
    return out;
}

U16 similarity(const Target& t, const U8& x, int n, const U16& means) {
    const int distances = size(means);
    require(n >= 0 && n <= 2 * kernels::kSimilarityBlock && n % kernels::kSimilarityBlock == 0 &&
                size(x) == distances + n,
            "similarity: shapes");
    auto out = copy(means);
    t.each([&] { t.k->similarity(x.data() + distances, n, distances, out.mutable_data()); });
    return out;
}

} // namespace

void register_kernels(py::module_& module) {
    class_of<Choice>(module, "Kernels", "The kernels of one target.")
        .def(py::init([](const std::string& name, int repeat) {
                 const Kernels* k = kernels::find(name);
                 if (k == nullptr) {
                     throw py::value_error("target " + name + " is not available here");
                 }
                 return make<Choice>(k, repeat);
             }),
             py::arg("target"), py::arg("repeat") = 1)
        .def("matvec", matvec, py::arg("weights"), py::arg("x"), py::arg("y"))
        .def("matmul", matmul, py::arg("weights"), py::arg("x"), py::arg("y"))
        .def("outer", outer, py::arg("d"), py::arg("x"))
        .def("update", update, py::arg("rule"), py::arg("gradient"), py::arg("exponents"),
             py::arg("master"), py::arg("moment"))
        .def("pack", pack, py::arg("master"), py::arg("forward_shift"), py::arg("backward_shift"))
        .def("softmax", softmax, py::arg("logits"))
        .def("max_abs", max_abs, py::arg("v"))
        .def("narrow", narrow, py::arg("v"), py::arg("shift"), py::arg("limit"))
        .def("narrow_columns", narrow_columns, py::arg("v"), py::arg("bits"))
        .def("widen_add", widen_add, py::arg("y"), py::arg("shift"), py::arg("v"))
        .def("cell_forward", cell_forward, py::arg("full"), py::arg("z"), py::arg("c"))
        .def("cell_backward", cell_backward, py::arg("full"), py::arg("dh"), py::arg("before"),
             py::arg("after"), py::arg("gates"), py::arg("slopes"), py::arg("squashed"),
             py::arg("dc"))
        .def("mix_predict", mix_predict, py::arg("weights"), py::arg("x"))
        .def("mix_train", mix_train, py::arg("weights"), py::arg("x"), py::arg("errors"))
        .def("mix_errors", mix_errors, py::arg("p"), py::arg("bit"), py::arg("counts"),
             py::arg("at"), py::arg("rates"), py::arg("rate_scale"))
        .def("history_update", history_update, py::arg("cells"), py::arg("at"), py::arg("bit"),
             py::arg("limit"), py::arg("runs"))
        .def("similarity", similarity, py::arg("x"), py::arg("n"), py::arg("means"));
}

} // namespace weightless::bindings
