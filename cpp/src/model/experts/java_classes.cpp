#include "model/experts/java_classes.hpp"

namespace weightless::model {

namespace {

// How many words each opcode adds to the stack, plus 4; those of fields and calls are in their
// descriptors. 9: the stack is empty afterwards.
constexpr char kEffects[] =
    "45555555566555665555656565555566665555666655553434333332323333322223333222233331"
    "01011113255566643232323232323232323244443333333232324545334455343444133113333332"
    "222222295499999999444444444544494433443395";

int effect_of(std::uint32_t opcode) noexcept {
    return opcode < sizeof kEffects - 1 ? kEffects[opcode] - '0' : 4;
}

} // namespace

void JavaClasses::update(const RawByte& latest, const ByteHistory& symbols) {
    if (!active_ && !parser_.may_begin(symbols.last4())) {
        return;
    }
    position_ = symbols.position();
    const bool before = active_;
    const std::uint32_t byte = latest.value;
    latest4_ = symbols.last4();
    if (field_ == Field::text) {
        text_ = fixed::combine(text_, byte);
        word_ =
            byte == '/' || byte == ';' || byte == '(' || byte == ')' || byte == '$' || byte == 'L'
                ? byte
                : fixed::combine(word_, byte);
    }
    for (std::uint32_t& copy : copies_) {
        if (copy != 0 && active_ && symbols.at(copy + (position_ - 1 - begin_)) != byte) {
            copy = 0;
        }
    }
    const bool ended = parser_.update(latest.value, latest4_);
    active_ = parser_.inside() && parser_.field() != Field::version;
    if (!active_) {
        field_ = Field::outside;
        return;
    }
    if (tables_.empty()) {
        tables_.resize(kTables * kTable);
        guessed_.start();
    }
    if (ended) {
        if (before) {
            end_field();
        }
        begin_field();
    }
    guess();
    // Copies of texts.
    for (std::size_t i = 0; i < copies_.size(); ++i) {
        if (copies_[i] != 0 && (field_ == Field::text || field_ == Field::length)) {
            guessed_.set(i, symbols.at(copies_[i] + (position_ - begin_)),
                         std::min(position_ - begin_, 15u) +
                             16 * (field_ == Field::text ? 1u : 2u) + 64 * (role_ & 3u));
        }
    }
}

// Whether the field is an index of the pool, outside of it.
bool JavaClasses::is_index() const noexcept {
    switch (field_) {
    case Field::this_class:
    case Field::interface:
    case Field::member_name:
    case Field::member_type:
    case Field::attribute_name:
    case Field::constant_index:
    case Field::exception_type:
    case Field::local_name:
    case Field::local_type:
    case Field::item_class:
    case Field::inner_class:
    case Field::outer_class:
    case Field::inner_name:
    case Field::single_index:
        return true;
    default:
        return false;
    }
}

// The tag of the entry that the field should refer to.
std::uint32_t JavaClasses::wanted() const noexcept {
    switch (field_) {
    case Field::constant_index: {
        const std::uint32_t op = parser_.opcode();
        if (op >= 0xb2 && op <= 0xb5) {
            return JavaPool::kField;
        }
        if (op >= 0xb6 && op <= 0xb8) {
            return JavaPool::kMethod;
        }
        if (op == 0xb9) {
            return JavaPool::kInterfaceMethod;
        }
        if (op == 0xba) {
            return JavaPool::kInvokeDynamic;
        }
        if (op == 0x14) {
            return 5;
        }
        return op == 0x12 || op == 0x13 ? JavaPool::kString : JavaPool::kClass;
    }
    case Field::this_class:
    case Field::interface:
    case Field::exception_type:
    case Field::item_class:
    case Field::inner_class:
    case Field::outer_class:
        return JavaPool::kClass;
    default:
        return JavaPool::kText;
    }
}

void JavaClasses::end_field() noexcept {
    const std::uint32_t value = values_[0] = parser_.ended_value();
    const auto f = static_cast<std::size_t>(field_);
    const bool index = is_index();
    const std::uint32_t meaning = index                   ? parser_.pool().meaning(value)
                                  : field_ == Field::text ? text_
                                                          : value;
    for (std::size_t i = 0; i < kGuesses; ++i) {
        std::uint8_t& hits = hits_[i * JavaParser::kFields + f];
        if (guesses_[i].valid) {
            hits = static_cast<std::uint8_t>(guesses_[i].value == value ? std::min(hits + 1, 15)
                                                                        : hits / 2);
        }
    }
    if (field_ != Field::text && field_ != Field::length) {
        for (std::size_t i = 0; i < 3; ++i) {
            table(i, keys_[i]) = meaning;
        }
    }
    if (index) {
        parser_.pool().use(value);
    }
    before_[f] = latest_[f];
    latest_[f] = value;
    latest_meaning_[f] = meaning;
    for (std::size_t i = meanings_.size() - 1; i > 0; --i) {
        meanings_[i] = meanings_[i - 1];
    }
    meanings_[0] = hash(meaning, field_number());

    switch (field_) {
    case Field::text:
        texts2_ = hash(texts_, text_);
        texts_ = text_;
        break;
    case Field::code_length:
        opcodes_ = opcodes8_ = sense_ = sense3_ = 0;
        senses_.fill(0);
        depth_ = 0;
        end_count_ = 1;
        ends_[0] = 0;
        end_next_ = 0;
        break;
    case Field::opcode:
        end_opcode();
        break;
    case Field::constant_index:
        end_instruction_operand(value);
        break;
    case Field::operand:
    case Field::branch:
        senses_[0] = hash(senses_[0], field_ == Field::operand ? value : 0);
        break;
    case Field::line_start:
        while (end_next_ < end_count_ && ends_[end_next_] <= value) {
            ++end_next_;
        }
        break;
    case Field::line_count:
        end_next_ = 0;
        break;
    default:
        break;
    }
    sense_ = hash(senses_[0], senses_[1]);
    sense3_ = hash(sense_, senses_[2]);
}

void JavaClasses::end_opcode() noexcept {
    const std::uint32_t op = values_[0];
    opcodes8_ = opcodes8_ << 8 | opcodes_ >> 24;
    opcodes_ = opcodes_ << 8 | op;
    senses_[2] = senses_[1];
    senses_[1] = senses_[0];
    senses_[0] = op;
    const int effect = effect_of(op);
    depth_ = effect == 9 ? 0 : std::clamp(depth_ + effect - 4, 0, 255);
    // Where the next instruction begins, if no reference follows.
    const std::uint32_t size = JavaParser::operand(op);
    if (depth_ == 0 && size < 254 && end_count_ < ends_.size()) {
        ends_[end_count_++] = static_cast<std::uint16_t>(parser_.pc() + size);
    }
}

void JavaClasses::end_instruction_operand(std::uint32_t index) noexcept {
    const JavaPool& pool = parser_.pool();
    senses_[0] = hash(senses_[0], pool.meaning(index));
    const std::uint32_t op = opcodes_ & 255u;
    if (op < 0xb2 || op > 0xba) {
        return;
    }
    const JavaPool::Entry& type = pool.at(pool.at(pool.at(index).b).b);
    const int words = type.words;
    const bool removed = depth_ == 0 && end_count_ > 1;
    if (removed && ends_[end_count_ - 1] >= parser_.pc()) {
        --end_count_; // it was too early to tell
    }
    switch (op) {
    case 0xb2:
        depth_ += words;
        break;
    case 0xb3:
        drop(words);
        break;
    case 0xb4:
        drop(1);
        depth_ += words;
        break;
    case 0xb5:
        drop(1 + words);
        break;
    default:
        drop(type.arguments + (op == 0xb8 || op == 0xba ? 0 : 1));
        depth_ += words;
        break;
    }
    depth_ = std::min(depth_, 255);
    if (depth_ == 0 && end_count_ < ends_.size()) {
        ends_[end_count_++] =
            static_cast<std::uint16_t>(parser_.pc() + (op == 0xb9 || op == 0xba ? 2 : 0));
    }
}

// The class that an entry of the pool belongs to, as far as it is known.
std::uint32_t JavaClasses::owner(std::uint32_t index) const noexcept {
    const JavaPool& pool = parser_.pool();
    std::uint32_t from = pool.at(index).referrer;
    for (int i = 0; i < 3 && from != 0; ++i) {
        const JavaPool::Entry& entry = pool.at(from);
        if (entry.tag >= JavaPool::kField && entry.tag <= JavaPool::kInterfaceMethod) {
            return pool.meaning(entry.a);
        }
        from = entry.referrer;
    }
    return 0;
}

void JavaClasses::begin_text() noexcept {
    const JavaPool& pool = parser_.pool();
    const std::uint32_t index = parser_.index();
    const JavaPool::Entry& referrer = pool.at(pool.at(index).referrer);
    const bool second = referrer.b == index && referrer.tag == JavaPool::kNameAndType;
    // 0: nothing refers to it; class, string, name, descriptor
    role_ = pool.at(index).referrer == 0             ? 0
            : referrer.tag == JavaPool::kClass       ? 1
            : referrer.tag == JavaPool::kString      ? 2
            : second                                 ? 3
            : referrer.tag == JavaPool::kNameAndType ? 4
                                                     : 5;
    owner_ = owner(index);
    if (second) {
        owner_ = hash(owner_, pool.meaning(referrer.a));
    }
    text_ = word_ = 0;
    begin_ = position_;
    const std::array<std::uint32_t, 3> keys{hash(texts_, role_), hash(texts2_, role_),
                                            hash(owner_, latest_meaning_[0], role_)};
    for (std::size_t i = 0; i < 3; ++i) {
        std::uint32_t& place = table(i + 2, hash(keys[i], static_cast<std::uint32_t>(i) + 77));
        copies_[i] = place;
        place = begin_;
    }
    latest_meaning_[0] = owner_;
}

void JavaClasses::begin_field() noexcept {
    for (std::size_t i = values_.size() - 1; i > 0; --i) {
        values_[i] = values_[i - 1];
    }
    values_[0] = 0;
    const Field previous = field_;
    field_ = parser_.field();
    if (field_ == Field::length) {
        begin_text();
    } else if (field_ != Field::text) {
        copies_.fill(0);
    }
    std::uint32_t detail = 0;
    switch (field_) {
    case Field::tag: {
        const JavaPool::Entry& entry = parser_.pool().at(parser_.index());
        detail = entry.expected + 32u * parser_.pool().at(entry.referrer).tag;
        break;
    }
    case Field::constant_index:
    case Field::operand:
    case Field::branch:
        detail = parser_.opcode();
        break;
    case Field::index_a:
    case Field::index_b:
        detail = parser_.tag();
        break;
    case Field::text:
    case Field::length:
        detail = role_;
        break;
    case Field::item:
    case Field::frame_offset:
        detail = parser_.opcode();
        break;
    default:
        detail = static_cast<std::uint32_t>(parser_.attribute()) + 16 * parser_.scope();
        break;
    }
    form_ = hash(field_number(), detail, static_cast<std::uint32_t>(previous));
    guess_field();
}

// Guesses of the field's value.
void JavaClasses::guess_field() noexcept {
    for (Guess& guess : guesses_) {
        guess.valid = false;
    }
    if (field_ == Field::text || field_ == Field::length || field_ == Field::number) {
        return;
    }
    const JavaPool& pool = parser_.pool();
    const auto f = static_cast<std::size_t>(field_);
    const auto set = [&](std::size_t i, std::uint32_t value) { guesses_[i] = {value, true}; };
    keys_[0] = hash(form_, meanings_[0]);
    keys_[1] = hash(keys_[0], meanings_[1]);
    keys_[2] = hash(keys_[1], meanings_[2], meanings_[3]);
    if (field_ == Field::opcode || field_ == Field::constant_index || field_ == Field::operand) {
        keys_[0] = hash(form_, senses_[0]);
        keys_[1] = hash(form_, sense_);
        keys_[2] = hash(form_, sense3_);
    }
    const bool index = is_index();
    for (std::size_t i = 0; i < 3; ++i) {
        const std::uint32_t meaning = table(i, keys_[i]);
        if (!index) {
            set(i, meaning);
        } else if (const std::uint32_t found = pool.find(meaning); found != 0) {
            set(i, found);
        }
    }
    if (index) {
        if (const std::uint32_t next = pool.next(wanted()); next != 0) {
            set(3, next);
        }
        set(4, latest_[f]);
        set(5, latest_[f] + 1);
        return;
    }
    switch (field_) {
    case Field::index_a:
    case Field::index_b:
        set(3, std::max(pool.greatest(), parser_.index()) + 1);
        set(4, latest_[f]);
        set(5, pool.greatest());
        break;
    case Field::tag:
        if (pool.at(parser_.index()).expected != 0) {
            set(3, pool.at(parser_.index()).expected);
        }
        break;
    case Field::line_start:
        for (std::uint32_t i = 0; i < 3 && end_next_ + i < end_count_; ++i) {
            set(3 + i, ends_[end_next_ + i]);
        }
        break;
    case Field::line_number:
        set(3, latest_[f] + 1);
        set(4, latest_[f] + 2);
        set(5, latest_[f] + 3);
        break;
    case Field::local_start:
        set(3, latest_[f]);
        set(4, 0);
        break;
    case Field::local_length:
        set(3, parser_.code_length() - latest_[static_cast<std::size_t>(Field::local_start)]);
        set(4, latest_[f]);
        set(5, latest_[static_cast<std::size_t>(Field::local_start)] + latest_[f]);
        break;
    case Field::local_slot:
        set(3, latest_[f] + 1);
        set(4, latest_[f] + 2);
        break;
    case Field::line_count:
        set(3, (parser_.attribute_length() - 2) / 4);
        break;
    case Field::local_count:
        set(3, (parser_.attribute_length() - 2) / 10);
        break;
    case Field::inner_count:
        set(3, (parser_.attribute_length() - 2) / 8);
        break;
    case Field::code_length:
        set(3, parser_.attribute_length() - 12);
        break;
    default:
        set(3, latest_[f]);
        set(4, latest_[f] + (latest_[f] - before_[f]));
        break;
    }
}

// Guesses of the byte.
void JavaClasses::guess() noexcept {
    const std::uint32_t done = parser_.done();
    const std::uint32_t left = parser_.left();
    const std::uint32_t value = parser_.value();
    const auto f = static_cast<std::size_t>(field_);
    fine_ = 0;
    values_[0] = value;
    for (std::size_t i = 0; i < kGuesses; ++i) {
        const Guess& guess = guesses_[i];
        const std::uint32_t shift = 8 * (left - 1);
        if (!guess.valid || left > 4 || (done != 0 && guess.value >> shift >> 8 != value)) {
            guessed_.clear(i);
            continue;
        }
        const std::uint32_t byte = guess.value >> shift & 255u;
        const std::size_t context = hits_[i * JavaParser::kFields + f] / 4u + 4 * (f & 63u);
        guessed_.set(i, byte, context);
        fine_ |= 1u << i;
        for (std::size_t k = 0; k < i; ++k) {
            if ((fine_ >> k & 1u) != 0 && guesses_[k].value == guess.value) {
                fine_ |= 1u << (8 + i);
            }
        }
    }
    fine_ |= field_number() << 16 | std::min(done, 3u) << 24;
}

std::array<std::uint32_t, JavaClasses::Fields::kCount> JavaClasses::text_contexts() const noexcept {
    std::array<std::uint32_t, Fields::kCount> hashes;
    const std::uint32_t left = std::min(field_ == Field::text ? parser_.left() : 255u, 255u);
    const std::uint32_t last3 = latest4_ & 0xffffffu;
    const std::uint32_t now =
        hash(field_number() << 8 | role_, field_ == Field::text ? text_ : parser_.done());
    const std::uint32_t here = hash(now, field_ == Field::length ? parser_.value() : 0);
    auto next = hashes.begin();
    *next++ = here;
    *next++ = hash(here, texts_);
    *next++ = hash(here, texts2_);
    *next++ = hash(here, owner_);
    *next++ = hash(here, owner_, texts_);
    *next++ = hash(left, last3);
    *next++ = hash(left, latest4_, role_);
    *next++ = hash(left, latest4_ & 0xffffu, role_);
    *next++ = hash(word_, role_);
    *next++ = hash(word_, left);
    *next++ = hash(word_, latest4_ & 255u, owner_);
    *next++ = hash(role_, left);
    *next++ = hash(role_, last3);
    *next++ = hash(role_, latest4_);
    *next++ = hash(here, meanings_[1]);
    *next++ = hash(here, meanings_[1], meanings_[2]);
    *next++ = hash(word_, texts_);
    *next++ = hash(text_, field_number());
    return hashes;
}

std::array<std::uint32_t, JavaClasses::Fields::kCount> JavaClasses::code_contexts() const noexcept {
    std::array<std::uint32_t, Fields::kCount> hashes;
    const std::uint32_t known = parser_.done() << 16 | (parser_.value() & 0xffffu);
    const std::uint32_t now =
        hash(field_number(), known, field_ == Field::opcode ? 0 : parser_.opcode());
    const auto depth = static_cast<std::uint32_t>(std::min(depth_, 15));
    const std::uint32_t pc = parser_.pc();
    auto next = hashes.begin();
    *next++ = now;
    *next++ = hash(now, opcodes_ & 255u);
    *next++ = hash(now, opcodes_ & 0xffffu);
    *next++ = hash(now, opcodes_ & 0xffffffu);
    *next++ = hash(now, opcodes_);
    *next++ = hash(now, opcodes_, opcodes8_ & 0xffffu);
    *next++ = hash(now, senses_[0]);
    *next++ = hash(now, sense_);
    *next++ = hash(now, sense3_);
    *next++ = hash(now, depth, opcodes_ & 255u);
    *next++ = hash(now, depth, opcodes_ & 0xffffu);
    *next++ = hash(now, depth, std::min(parser_.code_length() - pc, 31u));
    *next++ = hash(now, latest_[static_cast<std::size_t>(Field::constant_index)]);
    *next++ = hash(now, pc, parser_.code_length());
    *next++ = hash(now, latest4_ & 0xffffffu);
    *next++ = hash(now, fine_, guesses_[3].value);
    *next++ = hash(now, latest_[static_cast<std::size_t>(Field::branch)]);
    *next++ = hash(now, guesses_[1].value, guesses_[3].value);
    return hashes;
}

std::array<std::uint32_t, JavaClasses::Fields::kCount> JavaClasses::contexts() const noexcept {
    if (field_ == Field::text || field_ == Field::length) {
        return text_contexts();
    }
    if (field_ == Field::opcode || field_ == Field::constant_index || field_ == Field::operand ||
        field_ == Field::branch) {
        return code_contexts();
    }
    std::array<std::uint32_t, Fields::kCount> hashes;
    const auto f = static_cast<std::size_t>(field_);
    const std::uint32_t known = parser_.done() << 16 | (parser_.value() & 0xffffu);
    const std::uint32_t now = hash(form_, known);
    const std::uint32_t coarse = hash(field_number(), known);
    auto next = hashes.begin();
    *next++ = now;
    *next++ = hash(now, values_[1]);
    *next++ = hash(now, values_[1], values_[2]);
    *next++ = hash(now, values_[1], values_[2], values_[3]);
    *next++ = hash(now, latest_[f]);
    *next++ = hash(now, latest_[f], before_[f]);
    *next++ = hash(now, latest_[f], values_[1]);
    *next++ = hash(now, meanings_[0]);
    *next++ = hash(now, meanings_[0], meanings_[1]);
    *next++ = hash(now, meanings_[0], meanings_[1], meanings_[2]);
    *next++ = hash(now, meanings_[1]);
    *next++ = hash(now, latest_[f] - before_[f]);
    *next++ = hash(coarse, guesses_[3].value, guesses_[4].value);
    *next++ = hash(now, guesses_[0].value, guesses_[3].value);
    *next++ = hash(now, fine_);
    *next++ = hash(coarse, latest4_ & 0xffffu);
    *next++ = hash(now, parser_.attribute_length());
    *next++ = hash(now, texts_);
    return hashes;
}

} // namespace weightless::model
