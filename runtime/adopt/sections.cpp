#include "runtime/adopt/sections.hpp"

#include <algorithm>

#include "runtime/adopt/lexical.hpp"

namespace cairn::adopt {

sql::MappedSql section(const Folder& folder, const File& file,
                       const std::vector<Directive>& directives, std::size_t index) {
    const auto size = static_cast<std::uint32_t>(folder.text(file).size());
    const std::uint32_t end =
        index + 1 < directives.size() ? directives[index + 1].line.begin : size;
    return part_of(folder, file, directives[index].line.next, end);
}

std::optional<Location> statement_before(const Folder& folder, const File& file,
                                         std::uint32_t end) {
    const std::string& text = folder.text(file);
    const std::uint32_t mark = Folder::begin_of(text);
    const std::string_view head = std::string_view(text).substr(mark, std::max(end, mark) - mark);
    for (const Part& part : parts_of(head)) {
        if (part.region == Region::comment) continue;
        const std::string_view written = head.substr(part.begin, part.end - part.begin);
        const std::string_view seen = trim(written);
        if (seen.empty()) continue;
        const auto at =
            mark + part.begin + static_cast<std::uint32_t>(seen.data() - written.data());
        const auto length = static_cast<std::uint32_t>(seen.substr(0, seen.find('\n')).size());
        return Location{file.source, {at, at + length}};
    }
    return std::nullopt;
}

Stem stem_of(const File& file) {
    std::string_view name = file.name();
    if (file.is_sql()) name.remove_suffix(4);
    const std::string_view digits = leading_digits(name);
    name.remove_prefix(digits.size());
    while (!digits.empty() && !name.empty() && (name.front() == '_' || name.front() == '-'))
        name.remove_prefix(1);
    return {std::string(digits), std::string(name)};
}

}  // namespace cairn::adopt
