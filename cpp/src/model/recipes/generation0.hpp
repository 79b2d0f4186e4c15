// The recipes of format version 1. Experts1 to Experts4 are what the parameter `experts`
// (parameters.hpp) selects; the levels of the command use them as follows:
//
//     levels 1, 2  Experts1<false>
//     level 3      Experts2<false>
//     levels 4, 5  Experts2<true>, with a network of width 16
//     level 6      Experts2<true>, with a network of width 32
//     level 7      Experts3<true>, with a network of width 128
//     levels 8, 9  Experts4<true>, with a network of width 128 and 176
//
// A recipe reads from the inputs to the result. `Contexts` lists the contexts of bit histories, in
// the order of their indices; `FirstSelectors` has a selector for each mixer of the first layer,
// `SecondSelectors` one for each mixer of the second; `ApmStages` has the context of each APM
// stage, and the results of these are averaged, or combined by final mixers (`FinalSelectors`).
// recipe.hpp explains the other members and gives the values of those that are left out. What each
// part saves is recorded in docs/experiments.md.
#pragma once

#include "model/experts/aligned_words.hpp"
#include "model/experts/arm64_code.hpp"
#include "model/experts/arrays.hpp"
#include "model/experts/bilevel_image.hpp"
#include "model/experts/clauses.hpp"
#include "model/experts/direct_orders.hpp"
#include "model/experts/expectations.hpp"
#include "model/experts/image.hpp"
#include "model/experts/indirect.hpp"
#include "model/experts/java_classes.hpp"
#include "model/experts/layout.hpp"
#include "model/experts/lines.hpp"
#include "model/experts/m68k_code.hpp"
#include "model/experts/markup.hpp"
#include "model/experts/matches.hpp"
#include "model/experts/nucleotides.hpp"
#include "model/experts/orders.hpp"
#include "model/experts/parquet_pages.hpp"
#include "model/experts/phrases.hpp"
#include "model/experts/reads.hpp"
#include "model/experts/records.hpp"
#include "model/experts/riscv_code.hpp"
#include "model/experts/samples.hpp"
#include "model/experts/shapes.hpp"
#include "model/experts/similarity.hpp"
#include "model/experts/sparse.hpp"
#include "model/experts/spreadsheet.hpp"
#include "model/experts/tables.hpp"
#include "model/experts/text_share.hpp"
#include "model/experts/wasm_code.hpp"
#include "model/experts/words.hpp"
#include "model/experts/x86_code.hpp"
#include "model/recipes/recipe.hpp"
#include "model/recipes/structure_numbers.hpp"

#include <type_traits>

namespace weightless::model::generation0 {

// Structures: the kinds of data that have a detector and an expert of their own. Each has contexts
// or inputs that are used only while its expert is active, and two selectors.

template <class E, class... Own> struct CodeData : Structure {
    using Expert = E;
    using OwnContexts = List<typename E::Instructions>;
    using OwnInputs = List<Own...>;
    using FineSelector = typename E::Part;
    using CoarseSelector = typename E::CoarsePart;
    static constexpr bool kCode = true;
    static constexpr bool kParsed = true;
    static constexpr bool kSure = true;
};
using X86Data = CodeData<X86Code>;
using M68kData = CodeData<M68kCode>;
using Arm64Data = CodeData<Arm64Code, Arm64Code::Predictions>;
using RiscvData = CodeData<RiscvCode, RiscvCode::Predictions>;
using WasmData = CodeData<WasmCode, WasmCode::Predictions>;
struct JavaData : Structure {
    using Expert = JavaClasses;
    using OwnContexts = List<JavaClasses::Fields>;
    using OwnInputs = List<JavaClasses::Predictions>;
    using FineSelector = JavaClasses::Part;
    using CoarseSelector = JavaClasses::CoarsePart;
    static constexpr bool kParsed = true;
    static constexpr bool kSure = true;
};
struct SpreadsheetData : Structure {
    using Expert = Spreadsheet;
    using OwnContexts = List<Spreadsheet::Cells>;
    using FineSelector = Spreadsheet::PlaceAndType;
    using CoarseSelector = Spreadsheet::Place;
    static constexpr bool kParsed = true;
    static constexpr bool kSure = true;
};
struct TableData : Structure {
    using Expert = Tables;
    using OwnContexts = List<Tables::Cells>;
    using OwnInputs = List<Tables::Numbers>;
    using FineSelector = Tables::State;
    using CoarseSelector = Tables::Place;
    static constexpr bool kSure = true;
};
template <class Image, class Last> struct BilevelData : Structure {
    using Expert = Image;
    using OwnInputs = List<typename Expert::Pixels>;
    using FineSelector = typename Expert::Near10;
    using CoarseSelector = Orders::Constant;
    using LastContext = Last; // contexts of bytes add little to those of pixels
    static constexpr bool kText = false;
    static constexpr bool kHasRateScale = true;
    static constexpr RateScale kRateScale{16, 8};
};
template <class Last> struct ReadData : Structure {
    using Expert = Reads;
    using OwnContexts = List<Reads::Qualities>;
    using OwnInputs = List<Reads::Predictions>;
    using FineSelector = Reads::LatestQuality;
    using CoarseSelector = Reads::Place;
    using LastContext = Last;
    static constexpr bool kText = false;
    static constexpr bool kHasRateScale = true;
    static constexpr RateScale kRateScale{8, 8}; // qualities are noise of a constant kind
};
struct NucleotideData : Structure {
    using Expert = Nucleotides;
    using OwnInputs = List<Nucleotides::Predictions>;
    using FineSelector = Nucleotides::Confidence;
    using CoarseSelector = Orders::Constant;
    using LastContext = Orders::Four;
    static constexpr bool kSure = true;
    static constexpr bool kApmStages = false; // nucleotides are nearly random; APM stages add noise
    static constexpr bool kHasRateScale = true;
};
struct ParquetData : Structure {
    using Expert = ParquetPages;
    using OwnContexts = List<ParquetPages::Indices>;
    using OwnInputs = List<ParquetPages::Predictions>;
    using FineSelector = ParquetPages::PlaceAndShare;
    using CoarseSelector = ParquetPages::Share;
    using LastContext = Orders::Four;
    static constexpr bool kText = false;
};
template <class Own> struct ArrayData : Structure {
    using Expert = Arrays;
    using OwnContexts = List<Own>;
    using OwnInputs = List<Arrays::Predictions>;
    using FineSelector = Arrays::PlaceAndScale;
    using CoarseSelector = Arrays::Scale;
};
struct SimilarData : Structure {
    using Expert = Similarity;
    using OwnContexts = List<Similarity::Above>;
    using OwnInputs = List<Similarity::Predictions>;
    using FineSelector = Similarity::LevelAndBest;
    using CoarseSelector = Similarity::Level;
};
template <int detail> struct ImageData : Structure {
    using Expert = Image<detail>;
    using OwnContexts = std::conditional_t<detail == 0, List<>, List<typename Expert::Neighbours>>;
    using OwnInputs = List<typename Expert::Predictions>;
    using FineSelector = typename Expert::ChannelAndLevel;
    using CoarseSelector = typename Expert::Channel;
    static constexpr bool kText = false;
    static constexpr bool kSure = true;
};
template <int detail> struct SampleData : Structure {
    using Expert = Samples<detail>;
    using OwnContexts = List<typename Expert::Errors>;
    using OwnInputs = List<typename Expert::Predictions>;
    using FineSelector = typename Expert::PlaceAndScale;
    using CoarseSelector = typename Expert::Place;
    static constexpr bool kSure = true;
};

/// The parts that all recipes share. Image: the expert for bilevel images; Last: the last of the
/// recipe's contexts that stays active while the data are a bilevel image. detail: of other images.
template <class Bilevel, class Last, class ArrayContexts, int detail> struct Common : Recipe {
    using Qualities = ReadData<std::conditional_t<detail == 0, Orders::Four, void>>;
    /// The first structure whose expert is active determines the contexts and weight sets, but of
    /// those in kSure (recipe.hpp) one that is certain, or the one that was detected last.
    using Structures =
        List<ParquetData, ImageData<detail>, SampleData<detail>, JavaData, WasmData, X86Data,
             M68kData, Arm64Data, RiscvData, SpreadsheetData, BilevelData<Bilevel, Last>, Qualities,
             NucleotideData, TableData, ArrayData<ArrayContexts>, SimilarData>;
    /// Each group has a range of weight sets of its own. All kinds of code share a range, as hardly
    /// any file contains two; so do arrays and similar rows.
    using Numbers =
        StructureNumbers<List<X86Data, M68kData, Arm64Data, RiscvData, JavaData, WasmData>,
                         List<BilevelData<Bilevel, Last>>, List<SpreadsheetData, TableData>,
                         List<Qualities>, List<ParquetData>, List<NucleotideData>,
                         List<SampleData<detail>>, List<ArrayData<ArrayContexts>, SimilarData>,
                         List<ImageData<detail>>>;

    // Selectors.
    using FineStructure = typename Numbers::Fine;
    using StructureAndBits = typename Numbers::CoarseAndBits;
    using Latest = InStructure<Orders::LatestAndPosition, typename Bilevel::First16>;
    using StructureOrBits =
        InStructure<typename Numbers::CoarseOrBits, For<Bilevel, typename Numbers::FineAlone>>;

    // Contexts of APM stages.
    using ApmLatest =
        InStructure<Orders::ApmLatest, typename Bilevel::ApmFirst16,
                    typename Image<detail>::ApmPrediction, X86Code::ApmClasses,
                    M68kCode::ApmClasses, Arm64Code::ApmClasses, RiscvCode::ApmClasses>;
    using ApmStructure =
        InStructure<typename Numbers::ApmFineOrThree, For<Bilevel, typename Numbers::ApmFineAlone>,
                    typename Image<detail>::ApmLevel>;
};
using FewPixels = BilevelImage<PixelTemplates::kFew>;
using AllPixels = BilevelImage<PixelTemplates::kCount>;

/// For speed: orders 1 to 4 and 6, the current word, and a match model. Without a network one layer
/// of two mixers, with one two layers; then two APM stages.
template <bool network> struct Experts1 : Common<FewPixels, Orders::Four, Arrays::Few, 0> {
    static constexpr bool kNetwork = network;
    using Pixels = FewPixels;
    using Base = Common<FewPixels, Orders::Four, Arrays::Few, 0>;
    using Experts = List<Words>;
    using Matching = MatchLengths<6>;

    using Contexts =
        List<Always<Orders::One, Orders::Two, Orders::Three, Orders::Four, Orders::Six>,
             NotInCode<Words::CurrentAndLatest>>;

    using FirstSelectors = std::conditional_t<
        network,
        List<Base::StructureAndBits, Base::Latest, Matches::LengthAndPosition, Base::FineStructure,
             NetworkPrediction::Confidence>,
        List<Matches::LongOr<typename Base::Numbers::template CoarseOr<Orders::SeenAndBits>>,
             InStructure<Base::Numbers::FineOr<Orders::LatestAndPosition>, Pixels::First16>>>;
    using SecondSelectors = If<network, List<Base::StructureOrBits, Matches::Length>>;
    using ApmStages = List<Base::ApmLatest, Matches::ApmLength>;
    static constexpr bool kOrderZero = true;
    static constexpr bool kOrderOne = network;
    static constexpr bool kNormalised = true;
    static constexpr bool kScaledRates = true;
    static constexpr std::int32_t kFirstWeight = 5 << 21; // there are few inputs
};

/// Orders 1 to 6 and 8, words, sparse and indirect contexts, records and lines (17 contexts),
/// direct probabilities of orders 1 to 3, and match models of two lengths. Two layers of mixers,
/// and three APM stages, whose results are averaged.
template <bool network> struct Experts2 : Common<FewPixels, Orders::Four, Arrays::Many, 1> {
    static constexpr bool kNetwork = network;
    using Pixels = FewPixels;
    using Base = Common<FewPixels, Orders::Four, Arrays::Many, 1>;
    using Experts = List<Words, Shapes, Indirect, Records, Lines, DirectOrders>;
    using Inputs = List<DirectOrders::Predictions>;
    using Matching = MatchLengths<6, 12>;

    using Contexts = List<Always<Orders::One, Orders::Two, Orders::Three, Orders::Four, Orders::Six,
                                 Orders::Five, Orders::Eight>,
                          NotInCode<Words::CurrentAndLatest, Words::Bigram>,
                          Always<Sparse::SecondThird, Sparse::SecondFourth>,
                          Always<Indirect::One, Indirect::Two, Indirect::Followers>,
                          NotInCode<Records::Above, Records::TwoAbove>, NotInCode<Lines::Above>>;
    static constexpr bool kOrderZero = true;
    static constexpr bool kNormalised = true;
    static constexpr bool kScaledRates = true;

    using FirstSelectors = Joined<
        List<Base::StructureAndBits, Base::Latest, Matches::LengthAndPosition, Base::FineStructure,
             Orders::Second, Orders::SeenCount, Words::LengthAndBits, Shapes::Three>,
        If<network, List<NetworkPrediction::Confidence>>>;
    using SecondSelectors = List<Base::StructureOrBits, Matches::Length>;
    using ApmStages = List<Base::ApmLatest, Base::ApmStructure, Matches::ApmLength>;
};

/// Experts2 with more than twice as many contexts: more of words, sparse bytes, records and lines,
/// and those of byte classes. Four more mixers in the first layer.
template <bool network> struct Experts3 : Common<FewPixels, Orders::Four, Arrays::Many, 2> {
    static constexpr bool kNetwork = network;
    using Pixels = FewPixels;
    using Base = Common<FewPixels, Orders::Four, Arrays::Many, 2>;
    using Experts = List<Words, Shapes, Indirect, Records, Lines>;
    using Matching = MatchLengths<6, 12>;

    using Contexts =
        List<Always<Orders::One, Orders::Two, Orders::Three, Orders::Four, Orders::Six,
                    Orders::Five, Orders::Eight>,
             NotInCode<Words::CurrentAndLatest, Words::Bigram, Words::SkipBigram, Words::Trigram>,
             Always<Sparse::SecondThird, Sparse::SecondFourth, Sparse::FirstThird,
                    Sparse::ThirdFourth, Sparse::UpperDigitsOfThree, Sparse::UpperDigitsOfSix,
                    Sparse::FirstFifth, Sparse::FourthFifth>,
             Always<Indirect::One, Indirect::Two, Indirect::Followers>,
             NotInCode<Records::Above, Records::TwoAbove, Records::Column, Records::ThreeAbove,
                       Records::Plane, Records::Extrapolated, Records::Neighbours,
                       Records::AboveAndColumn>,
             NotInCode<Lines::Above, Lines::ColumnAndAbove, Lines::Field>,
             NotInCode<Shapes::CollapsedClasses, Shapes::Classes, Shapes::CollapsedClassesAndWord,
                       Shapes::ClassesAndWord>>;
    static constexpr bool kOrderZero = true;
    static constexpr bool kNormalised = true;
    static constexpr bool kScaledRates = true;
    static constexpr MixingRate kFirstRate{140, 15, 400};

    using FirstSelectors = Joined<
        List<Base::StructureAndBits, Base::Latest, Matches::LengthAndPosition, Base::FineStructure,
             Orders::Second, Orders::SeenCount, Matches::Expected,
             InStructure<Records::ShortColumn, X86Code::PreviousClasses, M68kCode::PreviousClasses,
                         Arm64Code::PreviousClasses, RiscvCode::PreviousClasses,
                         JavaClasses::Agreement, WasmCode::Opcodes, Samples<2>::LatestError,
                         Pixels::Column9, Image<2>::Texture>,
             InStructure<Words::LengthAndBits, X86Code::Opcode, M68kCode::Opcode, Arm64Code::Opcode,
                         RiscvCode::Opcode, Samples<2>::Texture, Pixels::Columns20,
                         Image<2>::TwoLevels>,
             InStructure<Shapes::Three, X86Code::PartialInstruction, M68kCode::PartialInstruction,
                         Arm64Code::PartialInstruction, RiscvCode::PartialInstruction,
                         Samples<2>::ScaleAndSymbol, Pixels::Row11, Image<2>::Place>>,
        If<network, List<NetworkPrediction::Confidence>>>;
    using SecondSelectors = List<Base::StructureOrBits, Matches::Length>;
    using ApmStages = List<Base::ApmLatest, Base::ApmStructure, Matches::ApmLength>;
};

/// Experts3 with contexts for phrases, layout and markup in place of records while the data are
/// text; and for all data two ISSE chains, more mixers, eleven APM stages and a final mixer.
template <bool network>
struct Experts4 : Common<AllPixels, Records::AboveAndColumn, Arrays::Many, 2> {
    static constexpr bool kNetwork = network;
    using Pixels = AllPixels;
    using Base = Common<AllPixels, Records::AboveAndColumn, Arrays::Many, 2>;
    using Experts = List<Words, Shapes, Phrases, Clauses, Expectations, Layout, Markup, TextShare,
                         Indirect, IndirectThree, Records, Lines>;
    using Text = TextShare;
    using Matching = MatchLengths<4, 7, 12>;

    using Contexts = List<
        Always<Orders::One, Orders::Two, Orders::Three, Orders::Four, Orders::Six, Orders::Five,
               Orders::Eight>,
        NotInCode<Words::CurrentAndLatest, Words::Bigram, Words::SkipBigram, Words::Trigram>,
        Always<Sparse::SecondThird, Sparse::SecondFourth, Sparse::FirstThird, Sparse::ThirdFourth,
               Sparse::UpperDigitsOfThree, Sparse::UpperDigitsOfSix>,
        Always<Indirect::One, Indirect::Two, Indirect::Followers, IndirectThree::Three>,
        Always<TextOr<List<Expectations::UnigramAndVowels, Expectations::UnigramAndColumn>,
                      List<Sparse::FirstFifth, Sparse::FourthFifth>>>,
        NotInCode<
            TextOr<List<Phrases::Follower, Phrases::LastLetters, Phrases::Length, Layout::Column,
                        Layout::Indentation, Layout::FirstWord, Markup::Bracket, Clauses::Chain>,
                   List<Records::Above, Records::TwoAbove, Records::Column, Records::ThreeAbove,
                        Records::Plane, Records::Extrapolated, Records::Neighbours,
                        Records::AboveAndColumn>>>,
        NotInCode<Lines::Above, Lines::ColumnAndAbove, Lines::Field>,
        NotInCode<Shapes::CollapsedClasses, Shapes::Classes, Shapes::CollapsedClassesAndWord,
                  Shapes::DigitsMasked>,
        Always<Orders::Zero>,
        NotInCode<
            TextOr<List<Phrases::ThirdPrevious, Phrases::Fourgram, Phrases::Gap, Phrases::Sentence,
                        Phrases::Punctuation, Markup::Element, Markup::Elements,
                        Expectations::AllThree, Expectations::BigramAndColumn,
                        Expectations::UnigramLastTwo, Expectations::BigramAndLength,
                        Expectations::UnigramAndPunctuation, Expectations::BigramAndPunctuation,
                        Expectations::UnigramAndBracket, Expectations::BigramAndBracket>,
                   List<AlignedWords::UpperDigits, AlignedWords::Extrapolated,
                        AlignedWords::PartialWord, AlignedWords::Classes>>>,
        Always<TextOr<List<Expectations::UnigramAndField, Expectations::UnigramAndGaps>,
                      List<Matches::ExpectedAndLength, Matches::ExpectedAndLatest>>>>;
    static constexpr bool kOrderZero = true;
    static constexpr bool kByteRuns = true;
    static constexpr bool kLinearInputs = true;
    static constexpr bool kCentred = true;
    static constexpr bool kNormalised = true;

    using Chains =
        List<Chain<List<Orders::One, Orders::Two, Orders::Three, Orders::Four, Orders::Five,
                        Orders::Six, Orders::Eight>,
                   List<Orders::Four, Orders::Eight>>,
             // While the data are not text, three of its stages get the states of whatever has
             // their index then (`TextOr`): those of UnigramAndVowels and Clauses::Chain those of
             // other contexts, that of AllThree state 0.
             Chain<List<Orders::One, Expectations::UnigramAndVowels, Expectations::AllThree,
                        Words::CurrentAndLatest, Words::Bigram, Words::Trigram, Clauses::Chain>,
                   List<Clauses::Chain>>>;

    using FirstSelectors = Joined<
        List<
            Base::StructureAndBits, Base::Latest, Matches::LengthAndPosition, Base::FineStructure,
            Orders::Second, Orders::SeenCount, Matches::Expected,
            InStructure<Records::ShortColumn, X86Code::PreviousClasses, M68kCode::PreviousClasses,
                        Arm64Code::PreviousClasses, RiscvCode::PreviousClasses,
                        JavaClasses::Agreement, WasmCode::Opcodes, Samples<2>::LatestError,
                        Pixels::Column9, Image<2>::Texture>,
            InStructure<Words::LengthAndBits, X86Code::Opcode, M68kCode::Opcode, Arm64Code::Opcode,
                        RiscvCode::Opcode, Samples<2>::Texture, Pixels::Columns20,
                        Image<2>::TwoLevels>,
            InStructure<Shapes::Three, X86Code::PartialInstruction, M68kCode::PartialInstruction,
                        Arm64Code::PartialInstruction, RiscvCode::PartialInstruction,
                        Samples<2>::ScaleAndSymbol, Pixels::Row11, Image<2>::Place>,
            Orders::Constant,
            InStructure<InText<Words::Current, AlignedWords::FourthLatest>, Pixels::Near11>,
            InStructure<Orders::Third, Pixels::Column8>,
            InStructure<InText<Lines::Column, AlignedWords::Place>, Pixels::Above11>,
            InStructure<InText<Markup::Enclosing, AlignedWords::ClassesOfThree>, Pixels::Slanted10>,
            InStructure<InText<Phrases::SentenceLength, AlignedWords::EighthLatest>,
                        Pixels::Place11>,
            InStructure<InText<Phrases::LastPunctuation, AlignedWords::PreviousWords>,
                        Pixels::Columns11>,
            InStructure<InText<Expectations::VowelPattern, AlignedWords::LatestAndFourth>,
                        Pixels::Edges16>,
            InStructure<InText<Words::Previous, AlignedWords::LatestTwo>, Pixels::Column16>,
            InStructure<Shapes::ThreeAndBits, Pixels::Near16>>,
        If<network, List<NetworkPrediction::Confidence>>>;
    using SlowSelectors = List<InStructure<Orders::Bits, Pixels::Near8>,
                               InStructure<Orders::LatestAndPosition, Pixels::Near11>,
                               InStructure<Orders::LatestThree, Pixels::Above11>>;
    using SecondSelectors =
        List<Base::StructureOrBits, Matches::Length, InStructure<Orders::Latest, Pixels::Near8>,
             InStructure<Shapes::Two, Pixels::Columns11>,
             InStructure<Words::LengthAndMatch, Pixels::Column8>>;
    using FinalSelectors =
        List<Base::StructureOrBits, Matches::Length, InStructure<Orders::Latest, Pixels::Near8>,
             InStructure<Words::Current, Pixels::Columns11>,
             InStructure<Orders::LatestTwo, Pixels::Column8>,
             std::conditional_t<network, Both<Orders::SeenCount, NetworkPrediction::Bit>,
                                Orders::SeenCount>,
             InStructure<Orders::HistoryOfFour, Pixels::Edges8>, Expectations::VowelPattern,
             Shapes::ThreeAndBits, Words::Previous>;
    using ApmStages =
        List<Base::ApmLatest, Base::ApmStructure, Matches::ApmLength,
             InStructure<Words::ApmCurrent, Pixels::ApmNear>,
             InStructure<Orders::ApmLatestTwo, Pixels::ApmEdges>,
             InStructure<Lines::ApmColumn, Pixels::ApmColumn>, Expectations::ApmUnigramAndBigram,
             Shapes::ApmThree, Matches::ApmExpected, Words::ApmPrevious, Phrases::ApmPunctuation>;

    static constexpr bool kScaledRates = true;
    static constexpr RateScale kRateScale{24, 16}; // data other than text change more abruptly
    // There are more inputs and weight sets, so learning rates are lower.
    static constexpr MixingRate kFirstRate{100, 12, 400};
};

} // namespace weightless::model::generation0
