#include "model/experts/java_parser.hpp"

#include <algorithm>

namespace weightless::model {

namespace {

constexpr std::uint32_t hash_of(const char* text) noexcept {
    std::uint32_t h = 0;
    for (; *text != 0; ++text) {
        h = fixed::combine(h, static_cast<std::uint8_t>(*text));
    }
    return h;
}
constexpr std::uint32_t kCode = hash_of("Code");
constexpr std::uint32_t kLines = hash_of("LineNumberTable");
constexpr std::uint32_t kVariables = hash_of("LocalVariableTable");
constexpr std::uint32_t kVariableTypes = hash_of("LocalVariableTypeTable");
constexpr std::uint32_t kFrames = hash_of("StackMapTable");
constexpr std::uint32_t kInner = hash_of("InnerClasses");
constexpr std::uint32_t kSource = hash_of("SourceFile");
constexpr std::uint32_t kConstant = hash_of("ConstantValue");
constexpr std::uint32_t kSignature = hash_of("Signature");

} // namespace

JavaParser::Attribute JavaParser::kind_of(std::uint32_t name) const noexcept {
    switch (pool_.at(name).hash) {
    case kCode:
        return scope_ == 2 && !in_code_ ? Attribute::code : Attribute::other;
    case kLines:
        return Attribute::lines;
    case kVariables:
    case kVariableTypes:
        return Attribute::local_variables;
    case kFrames:
        return Attribute::frames;
    case kInner:
        return Attribute::inner_classes;
    case kSource:
    case kConstant:
    case kSignature:
        return Attribute::index;
    default:
        return Attribute::other;
    }
}

std::uint32_t JavaParser::operand(std::uint32_t op) noexcept {
    if (op == 0xaa || op == 0xab) {
        return 255;
    }
    if (op == 0xc4) {
        return 254;
    }
    if (op == 0x10 || op == 0x12 || (op >= 0x15 && op <= 0x19) || (op >= 0x36 && op <= 0x3a) ||
        op == 0xa9 || op == 0xbc) {
        return 1;
    }
    if (op == 0x11 || op == 0x13 || op == 0x14 || op == 0x84 || (op >= 0x99 && op <= 0xa8) ||
        (op >= 0xb2 && op <= 0xb8) || op == 0xbb || op == 0xbd || op == 0xc0 || op == 0xc1 ||
        op == 0xc6 || op == 0xc7) {
        return 2;
    }
    return op == 0xc5 ? 3 : op == 0xb9 || op == 0xba || op == 0xc8 || op == 0xc9 ? 4 : 0;
}

bool JavaParser::update(std::uint8_t byte, std::uint32_t last4) {
    ++position_;
    if (field_ == Field::outside) {
        if (last4 == 0xcafebabeu) {
            next(Field::version, 4);
        }
        return false;
    }
    if (field_ == Field::text) {
        text_hash_ = fixed::combine(text_hash_, byte);
        // The first entry of a descriptor's automaton: what it takes in words of the stack.
        JavaPool::Entry& entry = pool_.at(index_);
        const bool array = descriptor_ == '[';
        if (descriptor_ == 'L') {
            descriptor_ = byte == ';' ? 0 : 'L';
        } else if (byte == '(') {
            entry.arguments = entry.words = 0;
        } else if (byte == ')') {
            entry.arguments = entry.words;
            entry.words = 0;
        } else {
            const unsigned size = byte == '[' || byte == 'V'               ? 0
                                  : (byte == 'J' || byte == 'D') && !array ? 2
                                                                           : 1;
            entry.words = static_cast<std::uint8_t>(std::min(entry.words + size, 200u));
            descriptor_ = byte;
        }
    }
    value_ = value_ << 8 | byte;
    if (--left_ != 0) {
        return false;
    }
    ended_ = field_;
    ended_value_ = value_;
    end_field();
    if (attribute_ != Attribute::none && attribute_ != Attribute::code &&
        field_ != Field::outside && field_ != Field::attribute_name) {
        const std::uint32_t rest = attribute_end_ - position_;
        if (rest == 0) {
            end_content();
        } else if (rest > attribute_length_ || (left_ > rest && field_ != Field::other)) {
            leave();
        }
    }
    return true;
}

void JavaParser::end_field() {
    const std::uint32_t value = value_;
    switch (field_) {
    case Field::magic:
        value == 0xcafebabeu ? next(Field::version, 4) : leave();
        break;
    case Field::version: {
        const std::uint32_t major = value & 0xffffu;
        major >= 45 && major < 90 ? next(Field::pool_count, 2) : leave();
        break;
    }
    case Field::pool_count:
        pool_.clear();
        attribute_ = Attribute::none;
        in_code_ = false;
        scope_ = 0;
        entries_ = value;
        index_ = 1;
        begin_entry();
        break;
    case Field::tag:
        tag_ = value;
        pool_.at(index_) = JavaPool::Entry{static_cast<std::uint8_t>(value),
                                           pool_.at(index_).expected,
                                           0,
                                           0,
                                           0,
                                           0,
                                           pool_.at(index_).referrer,
                                           0};
        switch (value) {
        case JavaPool::kText:
            next(Field::length, 2);
            break;
        case 3:
        case 4:
            next(Field::number, 4);
            break;
        case 5:
        case 6:
            next(Field::number, 8);
            break;
        case JavaPool::kClass:
        case JavaPool::kString:
        case JavaPool::kMethodType:
        case JavaPool::kModule:
        case JavaPool::kPackage:
        case JavaPool::kField:
        case JavaPool::kMethod:
        case JavaPool::kInterfaceMethod:
        case JavaPool::kNameAndType:
        case JavaPool::kDynamic:
        case JavaPool::kInvokeDynamic:
            next(Field::index_a, 2);
            break;
        case JavaPool::kHandle:
            next(Field::number, 1);
            break;
        default:
            leave();
        }
        break;
    case Field::length:
        text_hash_ = 0;
        descriptor_ = 0;
        if (value == 0) {
            ++index_;
            begin_entry();
        } else {
            next(Field::text, value);
        }
        break;
    case Field::text:
        pool_.at(index_).hash = text_hash_;
        ++index_;
        begin_entry();
        break;
    case Field::number:
        pool_.at(index_).hash = value;
        if (tag_ == JavaPool::kHandle) {
            next(Field::index_b, 2);
        } else {
            index_ += width_ == 8 ? 2 : 1;
            begin_entry();
        }
        break;
    case Field::index_a: {
        const bool both = tag_ >= JavaPool::kField && tag_ != JavaPool::kMethodType &&
                          tag_ != JavaPool::kModule && tag_ != JavaPool::kPackage;
        const bool dynamic = tag_ == JavaPool::kDynamic || tag_ == JavaPool::kInvokeDynamic;
        if (dynamic) {
            pool_.at(index_).hash = value;
        } else {
            pool_.at(index_).a = static_cast<std::uint16_t>(value);
            pool_.refer(index_, value,
                        both && tag_ != JavaPool::kNameAndType ? JavaPool::kClass
                                                               : JavaPool::kText);
        }
        if (both) {
            next(Field::index_b, 2);
        } else {
            ++index_;
            begin_entry();
        }
        break;
    }
    case Field::index_b: {
        JavaPool::Entry& entry = pool_.at(index_);
        (entry.a == 0 ? entry.a : entry.b) = static_cast<std::uint16_t>(value);
        pool_.refer(index_, value,
                    tag_ == JavaPool::kNameAndType ? JavaPool::kText
                    : tag_ == JavaPool::kHandle    ? JavaPool::kMethod
                                                   : JavaPool::kNameAndType);
        ++index_;
        begin_entry();
        break;
    }
    case Field::access:
        next(Field::this_class, 2);
        count_ = 2;
        break;
    case Field::this_class: // and the one that it extends
        --count_ != 0 ? next(Field::this_class, 2) : next(Field::interface_count, 2);
        break;
    case Field::interface_count:
        count_ = value;
        value != 0 ? next(Field::interface, 2) : next(Field::field_count, 2);
        break;
    case Field::interface:
        --count_ != 0 ? next(Field::interface, 2) : next(Field::field_count, 2);
        break;
    case Field::field_count:
    case Field::method_count:
        scope_ = field_ == Field::field_count ? 1 : 2;
        count_ = value;
        begin_member();
        break;
    case Field::member_access:
        next(Field::member_name, 2);
        break;
    case Field::member_name:
        next(Field::member_type, 2);
        break;
    case Field::member_type:
        next(Field::attribute_count, 2);
        break;
    case Field::attribute_count:
        attributes_[in_code_ ? 1 : 0] = value;
        begin_attribute();
        break;
    case Field::attribute_name:
        name_ = value;
        next(Field::attribute_length, 4);
        break;
    case Field::attribute_length:
        attribute_length_ = value;
        attribute_end_ = position_ + value;
        value > (1u << 19) ? leave() : begin_content();
        break;
    case Field::single_index:
    case Field::other:
        next(Field::other, std::min(2u, attribute_end_ - position_));
        break;
    case Field::line_count:
        in_code_&& is_whole_table(value, 4) ? next(Field::line_start, 2) : leave();
        break;
    case Field::line_start:
        value < code_length_ ? next(Field::line_number, 2) : leave();
        break;
    case Field::line_number:
        next(Field::line_start, 2);
        break;
    case Field::local_count:
        in_code_&& is_whole_table(value, 10) ? next(Field::local_start, 2) : leave();
        break;
    case Field::local_slot:
        next(Field::local_start, 2);
        break;
    case Field::local_start:
        value <= code_length_ ? next(Field::local_length, 2) : leave();
        break;
    case Field::local_length:
        next(Field::local_name, 2);
        break;
    case Field::local_name:
        next(Field::local_type, 2);
        break;
    case Field::local_type:
        next(Field::local_slot, 2);
        break;
    case Field::inner_count:
        is_whole_table(value, 8) ? next(Field::inner_class, 2) : leave();
        break;
    case Field::inner_access:
        next(Field::inner_class, 2);
        break;
    case Field::inner_class:
        value < entries_ ? next(Field::outer_class, 2) : leave();
        break;
    case Field::outer_class:
        next(Field::inner_name, 2);
        break;
    case Field::inner_name:
        next(Field::inner_access, 2);
        break;
    case Field::frame_count:
    case Field::frame_type:
    case Field::frame_offset:
    case Field::frame_items:
    case Field::item:
    case Field::item_class:
    case Field::item_offset:
        end_frame_field();
        break;
    default:
        end_code_field();
        break;
    }
}

// Whether an attribute with this number of rows, after the number itself, has the length it should.
bool JavaParser::is_whole_table(std::uint32_t rows, std::uint32_t bytes) const noexcept {
    return attribute_length_ == 2 + rows * bytes;
}

void JavaParser::begin_entry() noexcept {
    if (index_ < entries_) {
        next(Field::tag, 1);
    } else {
        pool_.finish(entries_);
        next(Field::access, 2);
    }
}

void JavaParser::begin_member() noexcept {
    attribute_ = Attribute::none;
    if (count_ != 0) {
        --count_;
        next(Field::member_access, 2);
    } else if (scope_ == 1) {
        next(Field::method_count, 2);
    } else {
        scope_ = 0;
        next(Field::attribute_count, 2);
    }
}

void JavaParser::begin_attribute() noexcept {
    attribute_ = Attribute::none;
    if (in_code_) {
        if (attributes_[1] != 0) {
            --attributes_[1];
            next(Field::attribute_name, 2);
            return;
        }
        in_code_ = false;
    }
    if (attributes_[0] != 0) {
        --attributes_[0];
        next(Field::attribute_name, 2);
    } else if (scope_ != 0) {
        begin_member();
    } else {
        next(Field::magic, 4);
    }
}

void JavaParser::begin_content() noexcept {
    attribute_ = kind_of(name_);
    if (attribute_length_ == 0) {
        end_content();
        return;
    }
    switch (attribute_) {
    case Attribute::code:
        next(Field::stack, 2);
        break;
    case Attribute::lines:
        next(Field::line_count, 2);
        break;
    case Attribute::local_variables:
        next(Field::local_count, 2);
        break;
    case Attribute::frames:
        next(Field::frame_count, 2);
        break;
    case Attribute::inner_classes:
        next(Field::inner_count, 2);
        break;
    case Attribute::index:
        next(Field::single_index, 2);
        break;
    default:
        next(Field::other, std::min(2u, attribute_length_));
        break;
    }
}

void JavaParser::end_content() noexcept { begin_attribute(); }

void JavaParser::begin_instruction() noexcept {
    if (pc() < code_length_) {
        next(Field::opcode, 1);
    } else if (pc() == code_length_) {
        next(Field::exception_count, 2);
    } else {
        leave();
    }
}

void JavaParser::end_opcode() noexcept {
    opcode_ = value_;
    const std::uint32_t op = opcode_;
    const std::uint32_t size = operand(op);
    if (size == 255) {
        switch_step_ = 0;
        next(Field::switch_value, 4 + (0u - pc()) % 4);
    } else if (size == 254) {
        next(Field::operand, 1);
    } else if (size == 0) {
        op < 0xca ? begin_instruction() : leave();
    } else if (size == 1) {
        next(op == 0x12 ? Field::constant_index : Field::operand, 1);
    } else if (op == 0x11 || op == 0x84) {
        next(Field::operand, size);
    } else if ((op >= 0x99 && op <= 0xa8) || op == 0xc6 || op == 0xc7 || op >= 0xc8) {
        next(Field::branch, size);
    } else {
        next(Field::constant_index, 2);
    }
}

void JavaParser::end_code_field() noexcept {
    const std::uint32_t value = value_;
    switch (field_) {
    case Field::stack:
        next(Field::locals, 2);
        break;
    case Field::locals:
        next(Field::code_length, 4);
        break;
    case Field::code_length:
        code_length_ = value;
        code_begin_ = position_;
        value < 65536 ? begin_instruction() : leave();
        break;
    case Field::opcode:
        end_opcode();
        break;
    case Field::constant_index:
        if (opcode_ == 0xb9 || opcode_ == 0xba) {
            next(Field::operand, 2);
        } else if (opcode_ == 0xc5) {
            next(Field::operand, 1);
        } else {
            begin_instruction();
        }
        break;
    case Field::operand:
        if (opcode_ == 0xc4) {
            opcode_ = value;
            next(Field::operand, value == 0x84 ? 4 : 2);
        } else {
            begin_instruction();
        }
        break;
    case Field::branch:
        begin_instruction();
        break;
    case Field::switch_value:
        // The default; then the lowest and highest value and as many targets, or a number of pairs.
        if (switch_step_ == 0) {
            switch_step_ = 1;
            next(Field::switch_value, 4);
        } else if (switch_step_ == 1 && opcode_ == 0xaa) {
            low_ = value;
            switch_step_ = 2;
            next(Field::switch_value, 4);
        } else {
            if (switch_step_ <= 2) {
                items_ = std::min(opcode_ == 0xaa ? value - low_ + 1 : 2 * value, 1u << 16);
                switch_step_ = 3;
            } else {
                --items_;
            }
            if (pc() > code_length_) {
                leave();
            } else if (items_ != 0) {
                next(Field::switch_value, 4);
            } else {
                begin_instruction();
            }
        }
        break;
    case Field::exception_count:
        items_ = value;
        if (value != 0) {
            stack_items_ = 3;
            next(Field::exception_range, 2);
            break;
        }
        in_code_ = true;
        next(Field::attribute_count, 2);
        break;
    case Field::exception_range:
        --stack_items_ != 0 ? next(Field::exception_range, 2) : next(Field::exception_type, 2);
        break;
    case Field::exception_type:
        if (--items_ != 0) {
            stack_items_ = 3;
            next(Field::exception_range, 2);
        } else {
            in_code_ = true;
            next(Field::attribute_count, 2);
        }
        break;
    default:
        leave();
        break;
    }
}

void JavaParser::begin_item() noexcept {
    if (items_ != 0) {
        --items_;
        next(Field::item, 1);
    } else if (stack_items_ != 0) {
        next(Field::frame_items, 2);
    } else {
        next(Field::frame_type, 1);
    }
}

void JavaParser::end_frame_field() noexcept {
    const std::uint32_t value = value_;
    switch (field_) {
    case Field::frame_count:
        next(Field::frame_type, 1);
        break;
    case Field::frame_type:
        opcode_ = value;
        items_ = stack_items_ = 0;
        if (value < 64) {
            next(Field::frame_type, 1);
        } else if (value < 128) {
            items_ = 1;
            begin_item();
        } else if (value < 247) {
            leave();
        } else {
            next(Field::frame_offset, 2);
        }
        break;
    case Field::frame_offset:
        items_ = opcode_ == 247 ? 1 : opcode_ > 251 && opcode_ < 255 ? opcode_ - 251 : 0;
        stack_items_ = opcode_ == 255 ? 2 : 0;
        begin_item();
        break;
    case Field::frame_items:
        --stack_items_;
        items_ = value;
        begin_item();
        break;
    case Field::item:
        if (value == 7) {
            next(Field::item_class, 2);
        } else if (value == 8) {
            next(Field::item_offset, 2);
        } else {
            begin_item();
        }
        break;
    default:
        begin_item();
        break;
    }
}

} // namespace weightless::model
