// The recipes of format version 0: what the levels of `experts` (parameters.hpp) are made of.
// Levels 1 and 2 of the command are Experts1 without a network, 4 with one; 3 is Experts2 without,
// 5 and 6 with a network; 7 is Experts3, 8 and 9 are Experts4, with a network.
// docs/experiments.md says what each part saves.
#pragma once

#include "model/experts/aligned_words.hpp"
#include "model/experts/bilevel_image.hpp"
#include "model/experts/clauses.hpp"
#include "model/experts/expectations.hpp"
#include "model/experts/indirect.hpp"
#include "model/experts/layout.hpp"
#include "model/experts/lines.hpp"
#include "model/experts/m68k_code.hpp"
#include "model/experts/markup.hpp"
#include "model/experts/matches.hpp"
#include "model/experts/nucleotides.hpp"
#include "model/experts/orders.hpp"
#include "model/experts/phrases.hpp"
#include "model/experts/records.hpp"
#include "model/experts/samples.hpp"
#include "model/experts/shapes.hpp"
#include "model/experts/sparse.hpp"
#include "model/experts/spreadsheet.hpp"
#include "model/experts/text_share.hpp"
#include "model/experts/words.hpp"
#include "model/experts/x86_code.hpp"
#include "model/recipes/recipe.hpp"
#include "model/recipes/structure_numbers.hpp"

#include <type_traits>

namespace weightless::model::generation0 {

// The kinds of data that have an expert to themselves.

struct X86 : Structure {
    using Expert = X86Code;
    using OwnContexts = List<X86Code::Instructions>;
    using Fine = X86Code::Part;
    using Coarse = X86Code::CoarsePart;
    static constexpr bool kCode = true;
};
struct M68k : Structure {
    using Expert = M68kCode;
    using OwnContexts = List<M68kCode::Instructions>;
    using Fine = M68kCode::Part;
    using Coarse = M68kCode::CoarsePart;
    static constexpr bool kCode = true;
};
struct Sheet : Structure {
    using Expert = Spreadsheet;
    using OwnContexts = List<Spreadsheet::Cells>;
    using Fine = Spreadsheet::PlaceAndType;
    using Coarse = Spreadsheet::Place;
};
template <class Image, class Last> struct Bitmap : Structure {
    using Expert = Image;
    using OwnInputs = List<typename Expert::Pixels>;
    using Fine = typename Expert::Coarse;
    using Coarse = Orders::Nothing;
    using LastContext = Last; // pixels leave little to contexts of bytes
    static constexpr bool kText = false;
    static constexpr bool kHasPace = true;
    static constexpr Pace kPace{16, 8};
};
struct Genes : Structure {
    using Expert = Nucleotides;
    using OwnInputs = List<Nucleotides::Letters>;
    using Fine = Nucleotides::Sureness;
    using Coarse = Orders::Nothing;
    using LastContext = Orders::Four;
    static constexpr bool kRefined = false; // letters, all but random, are blurred by APM stages
    static constexpr bool kHasPace = true;
};
struct Sound : Structure {
    using Expert = Samples;
    using OwnContexts = List<Samples::Errors>;
    using Fine = Samples::PlaceAndScale;
    using Coarse = Samples::Place;
};

/// What the recipes have in common. Image: the bilevel image's expert; Last: the last context that
/// is active beside it.
template <class Image, class Last> struct Common : Recipe {
    /// The first that is active has its part of the weight sets. Both machine codes have the same,
    /// as hardly any file has both.
    using Structures = List<X86, M68k, Sheet, Bitmap<Image, Last>, Genes, Sound>;
    using Numbers = StructureNumbers<List<X86, M68k>, List<Bitmap<Image, Last>>, List<Sheet>,
                                     List<Genes>, List<Sound>>;

    using FineStructure = typename Numbers::Fine;
    using Bits = typename Numbers::CoarseAndBits;
    using Latest = InStructure<Orders::LatestAndPlace, typename Image::Fine>;
    using StructureOrBits =
        InStructure<typename Numbers::CoarseOrBits, For<Image, typename Numbers::FineAlone>>;

    using AfterLatest = InStructure<Orders::AfterLatest, typename Image::AfterFine,
                                    X86Code::AfterKinds, M68kCode::AfterKinds>;
    using AfterStructure = InStructure<typename Numbers::AfterFineOrThree,
                                       For<Image, typename Numbers::AfterFineAlone>>;
};
using FewPixels = BilevelImage<PixelTemplates::kFew>;
using AllPixels = BilevelImage<PixelTemplates::kCount>;

/// Few experts, for speed; without a network, two weight sets and no second layer.
template <bool network> struct Experts1 : Common<FewPixels, Orders::Four> {
    static constexpr bool kNetwork = network;
    using Pixels = FewPixels;
    using Base = Common<FewPixels, Orders::Four>;
    using Experts = List<Words>;
    using Matching = MatchLengths<6>;

    using Contexts =
        List<Always<Orders::One, Orders::Two, Orders::Three, Orders::Four, Orders::Six>,
             NotInCode<Words::SoFar>>;

    using WeightSets = std::conditional_t<
        network,
        List<Base::Bits, Base::Latest, Matches::LengthAndPlace, Base::FineStructure,
             NetworkPrediction::Sureness>,
        List<Base::Bits, InStructure<Base::Numbers::FineOr<Orders::LatestAndPlace>, Pixels::Fine>>>;
    using SecondWeightSets = If<network, List<Base::StructureOrBits, Matches::Length>>;
    using ApmStages = List<Base::AfterLatest>;
    static constexpr bool kOrderOne = network;
};

/// Orders up to 8, and some of words, of distant bytes, of what followed, of records, of lines.
template <bool network> struct Experts2 : Common<FewPixels, Orders::Four> {
    static constexpr bool kNetwork = network;
    using Pixels = FewPixels;
    using Base = Common<FewPixels, Orders::Four>;
    using Experts = List<Words, Indirect, Records, Lines>;
    using Matching = MatchLengths<6, 12>;

    using Contexts = List<Always<Orders::One, Orders::Two, Orders::Three, Orders::Four, Orders::Six,
                                 Orders::Five, Orders::Eight>,
                          NotInCode<Words::SoFar, Words::Pair>,
                          Always<Sparse::SecondThird, Sparse::SecondFourth>,
                          Always<Indirect::One, Indirect::Two, Indirect::Followers>,
                          NotInCode<Records::Above, Records::TwoAbove>, NotInCode<Lines::Above>>;
    static constexpr bool kOrderZero = true;

    using WeightSets = Joined<List<Base::Bits, Base::Latest, Matches::LengthAndPlace,
                                   Base::FineStructure, Orders::Second, Orders::Seen>,
                              If<network, List<NetworkPrediction::Sureness>>>;
    using SecondWeightSets = List<Base::StructureOrBits, Matches::Length>;
    using ApmStages = List<Base::AfterLatest, Base::AfterStructure, Matches::AtLength>;
};

/// Twice as many contexts: more of each kind, and of shapes.
template <bool network> struct Experts3 : Common<FewPixels, Orders::Four> {
    static constexpr bool kNetwork = network;
    using Pixels = FewPixels;
    using Base = Common<FewPixels, Orders::Four>;
    using Experts = List<Words, Shapes, Indirect, Records, Lines>;
    using Matching = MatchLengths<6, 12>;

    using Contexts = List<
        Always<Orders::One, Orders::Two, Orders::Three, Orders::Four, Orders::Six, Orders::Five,
               Orders::Eight>,
        NotInCode<Words::SoFar, Words::Pair, Words::SkippingPair, Words::Triple>,
        Always<Sparse::SecondThird, Sparse::SecondFourth, Sparse::FirstThird, Sparse::ThirdFourth,
               Sparse::UpperDigitsOfThree, Sparse::UpperDigitsOfSix, Sparse::FirstFifth,
               Sparse::FourthFifth>,
        Always<Indirect::One, Indirect::Two, Indirect::Followers>,
        NotInCode<Records::Above, Records::TwoAbove, Records::Column, Records::ThreeAbove,
                  Records::Plane, Records::Straight, Records::Corner, Records::AboveAndColumn>,
        NotInCode<Lines::Above, Lines::ColumnAndAbove, Lines::Field>,
        NotInCode<Shapes::Outline, Shapes::Kinds, Shapes::OutlineAndWord, Shapes::KindsAndWord>>;
    static constexpr bool kOrderZero = true;

    using WeightSets =
        Joined<List<Base::Bits, Base::Latest, Matches::LengthAndPlace, Base::FineStructure,
                    Orders::Second, Orders::Seen, Matches::Expected,
                    InStructure<Records::ShortColumn, X86Code::KindsBefore, M68kCode::KindsBefore,
                                Samples::LatestError, Pixels::Column9>,
                    InStructure<Words::LengthAndBits, X86Code::Opcode, M68kCode::Opcode,
                                Samples::Texture, Pixels::Columns20>,
                    InStructure<Shapes::Three, X86Code::SoFar, M68kCode::SoFar,
                                Samples::ScaleAndSoFar, Pixels::Row11>>,
               If<network, List<NetworkPrediction::Sureness>>>;
    using SecondWeightSets = List<Base::StructureOrBits, Matches::Length>;
    using ApmStages = List<Base::AfterLatest, Base::AfterStructure, Matches::AtLength>;
};

/// While the data are text, many contexts of words in place of those of records; chains, more
/// weight sets and APM stages, and a final mixer, for all data.
template <bool network> struct Experts4 : Common<AllPixels, Records::AboveAndColumn> {
    static constexpr bool kNetwork = network;
    using Pixels = AllPixels;
    using Base = Common<AllPixels, Records::AboveAndColumn>;
    using Experts = List<Words, Shapes, Phrases, Clauses, Expectations, Layout, Markup, TextShare,
                         Indirect, IndirectThree, Records, Lines>;
    using Text = TextShare;
    using Matching = MatchLengths<6, 12>;

    using Contexts = List<
        Always<Orders::One, Orders::Two, Orders::Three, Orders::Four, Orders::Six, Orders::Five,
               Orders::Eight>,
        NotInCode<Words::SoFar, Words::Pair, Words::SkippingPair, Words::Triple>,
        Always<Sparse::SecondThird, Sparse::SecondFourth, Sparse::FirstThird, Sparse::ThirdFourth,
               Sparse::UpperDigitsOfThree, Sparse::UpperDigitsOfSix>,
        Always<Indirect::One, Indirect::Two, Indirect::Followers, IndirectThree::Three>,
        Always<TextOr<List<Expectations::WordAndSounds, Expectations::WordAndColumn>,
                      List<Sparse::FirstFifth, Sparse::FourthFifth>>>,
        NotInCode<TextOr<
            List<Phrases::Follower, Phrases::Letters, Phrases::Length, Layout::Column,
                 Layout::Indentation, Layout::FirstWord, Markup::Nest, Clauses::Chain>,
            List<Records::Above, Records::TwoAbove, Records::Column, Records::ThreeAbove,
                 Records::Plane, Records::Straight, Records::Corner, Records::AboveAndColumn>>>,
        NotInCode<Lines::Above, Lines::ColumnAndAbove, Lines::Field>,
        NotInCode<Shapes::Outline, Shapes::Kinds, Shapes::OutlineAndWord, Shapes::AnyDigits>,
        Always<Orders::Zero>,
        NotInCode<TextOr<
            List<Phrases::Third, Phrases::ThreeBefore, Phrases::Gap, Phrases::Sentence,
                 Phrases::Marks, Markup::Element, Markup::Elements, Expectations::WordTwoThree,
                 Expectations::TwoAndColumn, Expectations::WordTwice, Expectations::TwoAndLength,
                 Expectations::WordAndMarks, Expectations::TwoAndMarks, Expectations::WordAndNest,
                 Expectations::TwoAndNest, Expectations::WordAndField, Expectations::WordAndGaps>,
            List<AlignedWords::UpperDigits, AlignedWords::Straight, AlignedWords::SoFar,
                 AlignedWords::Kinds>>>>;
    static constexpr bool kOrderZero = true;
    static constexpr bool kRuns = true;
    static constexpr bool kOdds = true;
    static constexpr bool kCentred = true;
    static constexpr bool kNormalised = true;

    using Chains =
        List<Chain<List<Orders::One, Orders::Two, Orders::Three, Orders::Four, Orders::Five,
                        Orders::Six, Orders::Eight>,
                   List<Orders::Four, Orders::Eight>>,
             // In places that other contexts take where the data are no text.
             Chain<List<Orders::One, Expectations::WordAndSounds, Expectations::WordTwoThree,
                        Words::SoFar, Words::Pair, Words::Triple, Clauses::Chain>,
                   List<Clauses::Chain>>>;

    using WeightSets = Joined<
        List<Base::Bits, Base::Latest, Matches::LengthAndPlace, Base::FineStructure, Orders::Second,
             Orders::Seen, Matches::Expected,
             InStructure<Records::ShortColumn, X86Code::KindsBefore, M68kCode::KindsBefore,
                         Samples::LatestError, Pixels::Column9>,
             InStructure<Words::LengthAndBits, X86Code::Opcode, M68kCode::Opcode, Samples::Texture,
                         Pixels::Columns20>,
             InStructure<Shapes::Three, X86Code::SoFar, M68kCode::SoFar, Samples::ScaleAndSoFar,
                         Pixels::Row11>,
             Orders::Nothing,
             InStructure<InText<Words::Here, AlignedWords::FourthLatest>, Pixels::Near11>,
             InStructure<Orders::Third, Pixels::Column8>,
             InStructure<InText<Lines::Column, AlignedWords::Place>, Pixels::Above11>,
             InStructure<InText<Markup::Enclosing, AlignedWords::KindsOfThree>, Pixels::Slanted10>,
             InStructure<InText<Phrases::WordsOfSentence, AlignedWords::EighthLatest>,
                         Pixels::Place11>,
             InStructure<InText<Phrases::LastMark, AlignedWords::WordsBefore>, Pixels::Columns11>,
             InStructure<InText<Expectations::Sounds, AlignedWords::LatestAndFourth>,
                         Pixels::Edges16>,
             InStructure<InText<Words::Before, AlignedWords::LatestTwo>, Pixels::Column16>,
             InStructure<Shapes::ThreeAndBits, Pixels::Near16>>,
        If<network, List<NetworkPrediction::Sureness>>>;
    using SlowWeightSets = List<InStructure<Orders::Bits, Pixels::Near8>,
                                InStructure<Orders::LatestAndPlace, Pixels::Near11>,
                                InStructure<Orders::LatestThree, Pixels::Above11>>;
    using SecondWeightSets =
        List<Base::StructureOrBits, Matches::Length, InStructure<Orders::Latest, Pixels::Near8>,
             InStructure<Shapes::Two, Pixels::Columns11>,
             InStructure<Words::LengthAndMatch, Pixels::Column8>>;
    using FinalWeightSets =
        List<Base::StructureOrBits, Matches::Length, InStructure<Orders::Latest, Pixels::Near8>,
             InStructure<Words::Here, Pixels::Columns11>,
             InStructure<Orders::LatestTwo, Pixels::Column8>,
             std::conditional_t<network, Both<Orders::Seen, NetworkPrediction::Bit>, Orders::Seen>,
             InStructure<Orders::HistoryOfFour, Pixels::Edges8>, Expectations::Sounds,
             Shapes::ThreeAndBits, Words::Before>;
    using ApmStages =
        List<Base::AfterLatest, Base::AfterStructure, Matches::AtLength,
             InStructure<Words::AfterHere, Pixels::AfterNear>,
             InStructure<Orders::AfterLatestTwo, Pixels::AfterEdges>,
             InStructure<Lines::AtColumn, Pixels::AfterColumn>, Expectations::AfterWordAndTwo,
             Shapes::AfterThree, Matches::AtExpected, Words::AfterBefore, Phrases::AfterMarks>;

    static constexpr bool kPaced = true;
    static constexpr Pace kPace{24, 16}; // other data change more abruptly than text
    // With more inputs and weight sets, smaller weights and slower.
    static constexpr std::int32_t kFirstWeight = 3 << 21;
    static constexpr MixingRate kFirstRate{100, 12, 400};
};

} // namespace weightless::model::generation0
