#include "runtime/adopt/lexical.hpp"

#include <algorithm>

namespace cairn::adopt {

namespace {

bool in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

class Cutter {
public:
    explicit Cutter(std::string_view sql) : sql_(sql) {}

    std::vector<Part> cut() {
        while (at_ < sql_.size()) {
            const std::size_t end = quoted();
            if (end == 0) {
                ++at_;
                continue;
            }
            put(Region::code, at_);
            at_ = std::min(end, sql_.size());
            put(region_, at_);
        }
        put(Region::code, at_);
        return std::move(out_);
    }

private:
    [[nodiscard]] char look(std::size_t ahead = 0) const {
        return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0';
    }
    [[nodiscard]] bool after_name() const { return at_ > done_ && in_name(sql_[at_ - 1]); }

    // The end of what opens here, 0 if nothing does.
    std::size_t quoted() {
        const char c = look();
        if (c == '\'') {
            region_ = Region::string;
            return end_of_string(at_ + 1, '\'', is_escaped());
        }
        if (c == '"') {
            region_ = Region::identifier;
            return end_of_string(at_ + 1, '"', false);
        }
        if (c == '-' && look(1) == '-') {
            region_ = Region::comment;
            return std::min(sql_.find('\n', at_), sql_.size());
        }
        if (c == '/' && look(1) == '*') {
            region_ = Region::comment;
            return end_of_comment();
        }
        if (c == '$' && !after_name()) return end_of_dollars();
        return 0;
    }

    // E'…' knows backslashes; the E stands alone.
    [[nodiscard]] bool is_escaped() const {
        if (at_ == done_ || (sql_[at_ - 1] != 'e' && sql_[at_ - 1] != 'E')) return false;
        return at_ - 1 == done_ || !in_name(sql_[at_ - 2]);
    }

    [[nodiscard]] std::size_t end_of_string(std::size_t at, char quote, bool escapes) const {
        for (; at < sql_.size(); ++at) {
            if (escapes && sql_[at] == '\\')
                ++at;
            else if (sql_[at] == quote) {
                if (at + 1 >= sql_.size() || sql_[at + 1] != quote) return at + 1;
                ++at;
            }
        }
        return sql_.size();
    }

    [[nodiscard]] std::size_t end_of_comment() const {
        int depth = 0;
        for (std::size_t at = at_; at + 1 < sql_.size(); ++at) {
            if (sql_[at] == '/' && sql_[at + 1] == '*') {
                ++depth;
                ++at;
            } else if (sql_[at] == '*' && sql_[at + 1] == '/') {
                ++at;
                if (--depth == 0) return at + 1;
            }
        }
        return sql_.size();
    }

    std::size_t end_of_dollars() {
        std::size_t tag = at_ + 1;
        while (tag < sql_.size() && in_name(sql_[tag]) && sql_[tag] != '$') ++tag;
        if (tag >= sql_.size() || sql_[tag] != '$') return 0;
        if (tag > at_ + 1 && sql_[at_ + 1] >= '0' && sql_[at_ + 1] <= '9') return 0;
        region_ = Region::dollar;
        const std::string_view delimiter = sql_.substr(at_, tag - at_ + 1);
        const std::size_t close = sql_.find(delimiter, tag + 1);
        return close == std::string_view::npos ? sql_.size() : close + delimiter.size();
    }

    void put(Region region, std::size_t end) {
        if (end > done_) {
            out_.push_back({.region = region,
                            .begin = static_cast<std::uint32_t>(done_),
                            .end = static_cast<std::uint32_t>(end)});
        }
        done_ = end;
    }

    std::string_view sql_;
    std::size_t at_ = 0, done_ = 0;
    Region region_ = Region::code;
    std::vector<Part> out_;
};

}  // namespace

std::vector<Part> parts_of(std::string_view sql) {
    return Cutter(sql).cut();
}

}  // namespace cairn::adopt
