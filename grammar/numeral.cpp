#include "grammar/numeral.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "grammar/codes.hpp"
#include "grammar/literal.hpp"
#include "grammar/words.hpp"

namespace cairn::grammar {
namespace {

struct Slip {
    std::string_view written, meant;
};

constexpr std::array unit_slips{Slip{"ms", "ms"},    Slip{"msec", "ms"},    Slip{"millis", "ms"},
                                Slip{"s", "s"},      Slip{"sec", "s"},      Slip{"secs", "s"},
                                Slip{"second", "s"}, Slip{"seconds", "s"},  Slip{"m", "min"},
                                Slip{"mins", "min"}, Slip{"minute", "min"}, Slip{"minutes", "min"},
                                Slip{"min", "min"},  Slip{"hr", "h"},       Slip{"hrs", "h"},
                                Slip{"hour", "h"},   Slip{"hours", "h"},    Slip{"h", "h"},
                                Slip{"day", "d"},    Slip{"days", "d"},     Slip{"d", "d"}};
constexpr std::array size_slips{Slip{"k", "kB"}, Slip{"kb", "kB"}, Slip{"kib", "kB"},
                                Slip{"m", "MB"}, Slip{"mb", "MB"}, Slip{"mib", "MB"},
                                Slip{"g", "GB"}, Slip{"gb", "GB"}, Slip{"gib", "GB"},
                                Slip{"t", "TB"}, Slip{"tb", "TB"}, Slip{"tib", "TB"}};

std::optional<ValueKind> kind_of(std::string_view written) {
    if (parse_number(written)) return ValueKind::number;
    if (parse_percent(written)) return ValueKind::percent;
    if (parse_duration(written)) return ValueKind::duration;
    if (parse_size(written)) return ValueKind::size;
    if (parse_instant(written)) return ValueKind::instant;
    return std::nullopt;
}

std::size_t digits(std::string_view written) {
    const std::size_t end = written.find_first_not_of("0123456789.");
    return end == std::string_view::npos ? written.size() : end;
}

template <std::size_t N>
std::string mended(std::string_view written, const std::array<Slip, N>& slips) {
    const std::size_t split = digits(written);
    std::string unit{written.substr(split)};
    for (char& c : unit) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    for (const Slip& slip : slips) {
        if (slip.written == unit) {
            return std::string{written.substr(0, split)} + std::string{slip.meant};
        }
    }
    return {};
}

bool looks_like_instant(std::string_view written) {
    return written.size() >= 5 && written.find_first_not_of("0123456789") == 4 && written[4] == '-';
}

Numeral no_duration(std::string_view written, std::optional<ValueKind> seen) {
    Numeral out{ValueKind::duration, code::bad_duration, {}, {}};
    if (seen == ValueKind::number && written[0] != '-') {
        out.message = "a duration needs a unit: ms, s, min, h or d";
        out.help = std::string{written} + "s";
    } else {
        out.message = "expected a duration, found " + quoted(written);
        out.help = mended(written, unit_slips);
        if (!parse_duration(out.help)) out.help.clear();
    }
    return out;
}

Numeral no_size(std::string_view written, std::optional<ValueKind> seen) {
    Numeral out{ValueKind::size, code::bad_size, {}, {}};
    if (seen == ValueKind::number && written[0] != '-') {
        out.message = "a size needs a unit: kB, MB, GB or TB";
        out.help = std::string{written} + "GB";
    } else {
        out.message = "expected a size, found " + quoted(written);
        out.help = mended(written, size_slips);
        if (!parse_size(out.help)) out.help.clear();
    }
    return out;
}

Numeral no_instant(std::string_view written) {
    Numeral out{ValueKind::instant, code::bad_instant, {}, {}};
    for (const std::string_view rest : {"Z", ":00Z", "T00:00Z"}) {
        std::string whole = std::string{written} + std::string{rest};
        if (!parse_instant(whole)) continue;
        out.message = "an instant needs its time and its offset, as in `2026-01-15T22:00+04:00`";
        out.help = std::move(whole);
        return out;
    }
    out.message = "expected an instant, found " + quoted(written);
    if (looks_like_instant(written)) out.message += ", which no clock shows";
    return out;
}

Numeral no_number(std::string_view written) {
    return {ValueKind::number, code::bad_number, "expected a number, found " + quoted(written), {}};
}

Numeral no_value(std::string_view written) {
    if (looks_like_instant(written)) return no_instant(written);
    Numeral out = no_number(written);
    out.message = quoted(written) + " is no number, percentage, duration, size or instant";
    out.help = mended(written, unit_slips);
    if (out.help.empty()) out.help = mended(written, size_slips);
    if (!kind_of(out.help)) out.help.clear();
    return out;
}

}  // namespace

bool is_unit(std::string_view word) {
    std::string lower{word};
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const auto is_written = [&lower](const Slip& slip) { return slip.written == lower; };
    return std::any_of(unit_slips.begin(), unit_slips.end(), is_written) ||
           std::any_of(size_slips.begin(), size_slips.end(), is_written);
}

Numeral read_numeral(std::string_view written, ValueKind wanted) {
    const auto seen = kind_of(written);
    if (seen && (*seen == wanted || wanted == ValueKind::word)) return {*seen, 0, {}, {}};
    switch (wanted) {
        case ValueKind::duration:
            return no_duration(written, seen);
        case ValueKind::size:
            return no_size(written, seen);
        case ValueKind::instant:
            return no_instant(written);
        case ValueKind::number:
            return no_number(written);
        default:
            return no_value(written);
    }
}

}  // namespace cairn::grammar
