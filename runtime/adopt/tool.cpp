#include "runtime/adopt/tool.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

struct Found {
    const Tool* tool;
    const File* file;  // the first of its files
};

std::vector<Found> claims(const Folder& folder) {
    std::vector<Found> out;
    for (const Tool* tool : tools) {
        if (tool == &plain) continue;
        for (const File& file : folder.files()) {
            if (!tool->owns(folder, file)) continue;
            out.push_back({tool, &file});
            break;
        }
    }
    // Sqitch's plan says what is its own, whatever the scripts are called.
    if (!out.empty() && out.front().tool == &sqitch) out.resize(1);
    return out;
}

bool has_sql(const Folder& folder) {
    return std::any_of(folder.files().begin(), folder.files().end(),
                       [](const File& file) { return file.is_sql(); });
}

}  // namespace

const Tool* find_tool(const Folder& folder, const Options& options, Diagnostics& diagnostics) {
    if (options.from) {
        for (const Tool* tool : tools) {
            if (tool->name == *options.from) return tool;
        }
    }
    const std::vector<Found> found = claims(folder);
    if (found.size() > 1) {
        Diagnostic mixed{
            .code = 902,
            .where = Folder::whole(*found[0].file),
            .message = fmt::format("`{}` holds migrations of {} and of {}", folder.shown(),
                                   found[0].tool->shown, found[1].tool->shown),
            .help = fmt::format("cairn adopt {} --from {}", folder.shown(), found[0].tool->name)};
        for (std::size_t i = 1; i < found.size(); ++i) {
            mixed.labels.push_back({.where = Folder::whole(*found[i].file),
                                    .text = fmt::format("this is {}'s", found[i].tool->shown)});
        }
        diagnostics.add(std::move(mixed));
        return nullptr;
    }
    if (!found.empty()) return found.front().tool;
    if (has_sql(folder)) return &plain;
    diagnostics.add(
        {.code = 901,
         .message =
             folder.files().empty()
                 ? fmt::format("`{}` is empty: there are no migrations to adopt", folder.shown())
                 : fmt::format("`{}` holds no SQL: there are no migrations to adopt",
                               folder.shown())});
    return nullptr;
}

sql::MappedSql part_of(const Folder& folder, const File& file, std::uint32_t begin,
                       std::uint32_t end) {
    sql::MappedSql out;
    if (begin < end) {
        out.append(std::string_view(folder.text(file)).substr(begin, end - begin),
                   Location{file.source, {begin, end}});
    }
    return out;
}

Script script_of(const Folder& folder, const File& file) {
    const std::string& text = folder.text(file);
    return {.path = file.path,
            .where = Folder::whole(file),
            .sql = part_of(folder, file, Folder::begin_of(text),
                           static_cast<std::uint32_t>(text.size())),
            .sending = Sending::one_transaction,
            .whole_file = true,
            .marked = std::nullopt};
}

}  // namespace cairn::adopt
