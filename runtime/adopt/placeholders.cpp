#include "runtime/adopt/placeholders.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/adopt/lexical.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

bool in_variable(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Values {
public:
    Values(const sql::MappedSql& script, const PlaceholderForm& form,
           const std::map<std::string, std::string>& values, Diagnostics& diagnostics)
        : script_(script),
          text_(script.text),
          parts_(parts_of(text_)),
          form_(form),
          values_(values),
          diagnostics_(diagnostics) {}

    sql::MappedSql put() {
        for (std::size_t at = 0; at < text_.size();) {
            const std::size_t end = end_of_placeholder(at);
            if (end == 0) {
                ++at;
                continue;
            }
            take(at);
            replace(at, end);
            done_ = at = end;
        }
        take(text_.size());
        return std::move(out_);
    }

private:
    [[nodiscard]] std::size_t end_of_placeholder(std::size_t at) {
        name_ = {};
        fallback_.reset();
        if (text_.compare(at, form_.prefix.size(), form_.prefix) == 0) {
            const std::size_t begin = at + form_.prefix.size();
            const std::size_t close = text_.find(form_.suffix, begin);
            const std::size_t line = text_.find('\n', begin);
            if (close == std::string::npos || line < close) return 0;
            read_name(trim(std::string_view(text_).substr(begin, close - begin)));
            return close + form_.suffix.size();
        }
        const bool bare = form_.defaults && text_[at] == '$' && at + 1 < text_.size() &&
                          in_variable(text_[at + 1]) &&
                          (text_[at + 1] < '0' || text_[at + 1] > '9');
        if (!bare) return 0;
        std::size_t end = at + 1;
        while (end < text_.size() && in_variable(text_[end])) ++end;
        if (end < text_.size() && text_[end] == '$') return 0;  // a dollar quote's tag
        name_ = std::string_view(text_).substr(at + 1, end - at - 1);
        return end;
    }

    void read_name(std::string_view written) {
        name_ = written;
        const std::size_t dash = written.find('-');
        if (!form_.defaults || dash == std::string_view::npos) return;
        fallback_ = std::string(written.substr(dash + 1));
        name_ = written.substr(0, dash);
        if (name_.ends_with(':')) name_.remove_suffix(1);
    }

    void take(std::size_t end) {
        if (end > done_) {
            out_.append(
                script_.slice(static_cast<std::uint32_t>(done_), static_cast<std::uint32_t>(end)));
        }
    }

    void replace(std::size_t begin, std::size_t end) {
        const auto from = static_cast<std::uint32_t>(begin), to = static_cast<std::uint32_t>(end);
        const Location where = script_.locate(from, to);
        auto value = values_.find(std::string(name_));
        if (value == values_.end()) {
            value = std::find_if(values_.begin(), values_.end(),
                                 [&](const auto& one) { return same_word(one.first, name_); });
        }
        if (value != values_.end()) {
            out_.append(value->second, where);
        } else if (fallback_) {
            out_.append(*fallback_, where);
        } else {
            out_.append(script_.slice(from, to));
            if (in_comment(from)) return;
            diagnostics_.add({.code = 913,
                              .where = where,
                              .message = fmt::format("nothing says what {} `{}` stands for",
                                                     form_.what, text_.substr(begin, end - begin)),
                              .help = fmt::format("--param {}=VALUE", name_)});
        }
    }

    [[nodiscard]] bool in_comment(std::uint32_t at) const {
        return std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
            return part.region == Region::comment && part.begin <= at && at < part.end;
        });
    }

    const sql::MappedSql& script_;
    const std::string& text_;
    const std::vector<Part> parts_;
    const PlaceholderForm& form_;
    const std::map<std::string, std::string>& values_;
    Diagnostics& diagnostics_;
    std::string_view name_;
    std::optional<std::string> fallback_;
    std::size_t done_ = 0;
    sql::MappedSql out_;
};

}  // namespace

sql::MappedSql put_values(const sql::MappedSql& script, const PlaceholderForm& form,
                          const std::map<std::string, std::string>& values,
                          Diagnostics& diagnostics) {
    return Values(script, form, values, diagnostics).put();
}

}  // namespace cairn::adopt
