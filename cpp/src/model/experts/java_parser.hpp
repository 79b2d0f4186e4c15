// Reads Java classes field by field, for any bytes: it gives up at the first one that no class has.
//
// Source: chapters 4 and 6 of the Java Virtual Machine Specification.
#pragma once

#include "model/experts/java_pool.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class JavaParser {
public:
    enum class Field : std::uint8_t {
        outside,
        magic,
        version,
        pool_count,
        tag,
        length,
        text,
        number,
        index_a,
        index_b,
        access,
        this_class,
        interface_count,
        interface,
        field_count,
        method_count,
        member_access,
        member_name,
        member_type,
        attribute_count,
        attribute_name,
        attribute_length,
        stack,
        locals,
        code_length,
        opcode,
        operand,
        constant_index,
        branch,
        switch_value,
        exception_count,
        exception_range,
        exception_type,
        line_count,
        line_start,
        line_number,
        local_count,
        local_start,
        local_length,
        local_name,
        local_type,
        local_slot,
        frame_count,
        frame_type,
        frame_offset,
        frame_items,
        item,
        item_class,
        item_offset,
        inner_count,
        inner_class,
        outer_class,
        inner_name,
        inner_access,
        single_index,
        other,
    };
    static constexpr std::size_t kFields = static_cast<std::size_t>(Field::other) + 1;

    /// What an attribute is, by its name.
    enum class Attribute : std::uint8_t {
        none,
        code,
        lines,
        local_variables,
        frames,
        inner_classes,
        index, // SourceFile, ConstantValue, Signature
        other,
    };

    /// Takes the next byte, after which these are the last four. Returns whether it ended a field.
    bool update(std::uint8_t byte, std::uint32_t last4);

    /// Whether a class begins with these last bytes, or one has begun; otherwise update() may be
    /// left out.
    bool may_begin(std::uint32_t last4) const noexcept {
        return field_ != Field::outside || last4 == 0xcafebabeu;
    }
    bool inside() const noexcept { return field_ != Field::outside; }
    /// The field of the next byte, which byte of it that is, and what is known of it.
    Field field() const noexcept { return field_; }
    std::uint32_t done() const noexcept { return width_ - left_; }
    std::uint32_t width() const noexcept { return width_; }
    std::uint32_t left() const noexcept { return left_; }
    std::uint32_t value() const noexcept { return value_; }
    /// The field before it, and its value.
    std::uint32_t ended_value() const noexcept { return ended_value_; }
    Field ended() const noexcept { return ended_; }
    Attribute attribute() const noexcept { return attribute_; }
    /// 0: of the class, 1: of a field, 2: of a method, 3: of code.
    std::uint32_t scope() const noexcept { return in_code_ ? 3 : scope_; }
    std::uint32_t opcode() const noexcept { return opcode_; }
    std::uint32_t pc() const noexcept { return position_ - code_begin_; }
    std::uint32_t code_length() const noexcept { return code_length_; }
    std::uint32_t index() const noexcept { return index_; } // of the pool's entry
    std::uint32_t tag() const noexcept { return tag_; }
    std::uint32_t attribute_length() const noexcept { return attribute_length_; }
    std::uint32_t attribute_left() const noexcept { return attribute_end_ - position_; }
    const JavaPool& pool() const noexcept { return pool_; }
    JavaPool& pool() noexcept { return pool_; }
    /// The opcode's operand in bytes; 255: a switch, 254: WIDE.
    static std::uint32_t operand(std::uint32_t opcode) noexcept;

private:
    void next(Field field, std::uint32_t width) noexcept {
        field_ = field;
        width_ = left_ = width;
        value_ = 0;
    }
    void leave() noexcept { next(Field::outside, 1); }

    void end_field();
    bool is_whole_table(std::uint32_t rows, std::uint32_t bytes) const noexcept;
    void begin_entry() noexcept;
    void end_pool() noexcept;
    void end_interfaces() noexcept;
    void begin_member() noexcept;
    void begin_attribute() noexcept;
    void begin_content() noexcept;
    void end_content() noexcept;
    void end_code_field() noexcept;
    void begin_instruction() noexcept;
    void end_opcode() noexcept;
    void end_frame_field() noexcept;
    void begin_item() noexcept;
    Attribute kind_of(std::uint32_t name) const noexcept;

    JavaPool pool_;
    Field field_ = Field::outside;
    Field ended_ = Field::outside;
    std::uint32_t ended_value_ = 0;
    std::uint32_t width_ = 1;
    std::uint32_t left_ = 1; // bytes of the field still to come
    std::uint32_t value_ = 0;
    std::uint32_t position_ = 0;

    std::uint32_t entries_ = 0; // the pool's size
    std::uint32_t index_ = 0;
    std::uint32_t tag_ = 0;
    std::uint32_t text_hash_ = 0;
    std::uint32_t descriptor_ = 0; // the state of reading one
    std::uint32_t count_ = 0;      // of interfaces, members or the like still to come
    std::uint32_t scope_ = 0;
    bool in_code_ = false;
    std::array<std::uint32_t, 2> attributes_{}; // still to come: in the scope, and in code
    Attribute attribute_ = Attribute::none;
    std::uint32_t name_ = 0; // of the attribute
    std::uint32_t attribute_length_ = 0;
    std::uint32_t attribute_end_ = 0;
    std::uint32_t code_length_ = 0;
    std::uint32_t code_begin_ = 0;
    std::uint32_t opcode_ = 0;
    std::uint32_t switch_step_ = 0;
    std::uint32_t low_ = 0;
    std::uint32_t items_ = 0;
    std::uint32_t stack_items_ = 0; // 1: their number follows the locals
};

} // namespace weightless::model
