// PostgreSQL array literals of text, for parameters of unnest().
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace cairn::journal {

// https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO
class TextArray {
public:
    void add(const std::optional<std::string>& value) {
        text_ += text_.size() > 1 ? "," : "";
        if (!value) {
            text_ += "NULL";
            return;
        }
        text_ += '"';
        for (const char c : *value) {
            if (c == '"' || c == '\\') text_ += '\\';
            text_ += c;
        }
        text_ += '"';
    }
    [[nodiscard]] bool empty() const { return text_.size() == 1; }
    [[nodiscard]] std::string literal() const { return text_ + "}"; }

private:
    std::string text_ = "{";
};

}  // namespace cairn::journal
