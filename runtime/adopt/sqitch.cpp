// Sqitch: `sqitch.plan` says which changes there are and in which order; their scripts stand in
// `deploy/`, `revert/` and `verify/`, those of a change that was reworked under `name@tag.sql`.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/adopt/sqitch_plan.hpp"
#include "runtime/adopt/tool.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

using sqitch_plan::Change;
using sqitch_plan::Plan;

// `sqitch.conf`: sections, and `key = value` below them.
struct Configuration {
    std::string top, plan, extension = "sql", deploy, revert, verify;
};

std::string below(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : folder + "/" + name;
}

std::string as_path(std::string_view written) {
    while (written.starts_with("./")) written.remove_prefix(2);
    if (written == ".") return {};
    while (written.ends_with('/')) written.remove_suffix(1);
    return std::string(written);
}

Configuration configuration_of(const Folder& folder) {
    Configuration out;
    if (const File* file = folder.find("sqitch.conf")) {
        bool core = false;
        for (const Line& line : lines_of(folder.text(*file))) {
            const std::string_view text = trim(line.text);
            if (text.empty() || text.front() == '#' || text.front() == ';') continue;
            if (text.front() == '[') {
                core = text.starts_with("[core]") || text == "[engine \"pg\"]";
                continue;
            }
            const std::size_t equals = text.find('=');
            if (!core || equals == std::string_view::npos) continue;
            const std::string_view key = trim(text.substr(0, equals));
            const std::string value = as_path(trim(text.substr(equals + 1)));
            if (key == "top_dir") out.top = value;
            if (key == "plan_file") out.plan = value;
            if (key == "extension") out.extension = value;
            if (key == "deploy_dir") out.deploy = value;
            if (key == "revert_dir") out.revert = value;
            if (key == "verify_dir") out.verify = value;
        }
    }
    if (out.plan.empty()) out.plan = below(out.top, "sqitch.plan");
    if (out.deploy.empty()) out.deploy = below(out.top, "deploy");
    if (out.revert.empty()) out.revert = below(out.top, "revert");
    if (out.verify.empty()) out.verify = below(out.top, "verify");
    return out;
}

bool owns(const Folder& folder, const File& file) {
    return file.path == configuration_of(folder).plan;
}

class Reader {
public:
    Reader(const Folder& folder, Diagnostics& diagnostics)
        : folder_(folder), diagnostics_(diagnostics), where_(configuration_of(folder)) {}

    Reading read() {
        const File* file = folder_.find(where_.plan);
        if (file == nullptr) {
            diagnostics_.add(
                {.code = 901,
                 .message = fmt::format("`{}` holds no `{}`", folder_.shown(), where_.plan)});
            return std::move(out_);
        }
        out_.used.insert({file->path, "sqitch.conf"});
        plan_ = sqitch_plan::read(folder_, *file, diagnostics_);
        for (std::size_t i = 0; i < plan_.changes.size(); ++i) change(i);
        return std::move(out_);
    }

private:
    void change(std::size_t index) {
        const Change& change = plan_.changes[index];
        const File* deploy = find(where_.deploy, index);
        if (deploy == nullptr) {
            diagnostics_.add({.code = 921,
                              .where = change.where,
                              .message = fmt::format(
                                  "change `{}` has no script `{}`", change.name,
                                  where_.deploy + "/" + change.name + "." + where_.extension)});
            return;
        }
        Migration migration{.version = {},
                            .title = change.name,
                            .where = Folder::whole(*deploy),
                            .up = script(*deploy),
                            .down = std::nullopt,
                            .verify = std::nullopt,
                            .tags = change.tags};
        if (const File* revert = find(where_.revert, index)) migration.down = script(*revert);
        if (const File* verify = find(where_.verify, index)) migration.verify = script(*verify);
        out_.migrations.push_back(std::move(migration));
    }

    Script script(const File& file) {
        Script out = script_of(folder_, file);
        out.sending = Sending::as_written;
        return out;
    }

    // A change that was reworked has its scripts under one of the tags between the two.
    const File* find(const std::string& folder, std::size_t index) {
        const Change& change = plan_.changes[index];
        const auto take = [&](const std::string& name) {
            const File* file = folder_.find(folder + "/" + name + "." + where_.extension);
            if (file != nullptr) out_.used.insert(file->path);
            return file;
        };
        if (!change.reworked_by) return take(change.name);
        for (std::size_t i = *change.reworked_by; i > index; --i) {
            for (const std::string& tag : plan_.changes[i - 1].tags) {
                if (const File* file = take(change.name + "@" + tag)) return file;
            }
        }
        return nullptr;
    }

    const Folder& folder_;
    Diagnostics& diagnostics_;
    const Configuration where_;
    Plan plan_;
    Reading out_;
};

Reading read(const Folder& folder, const Options&, Diagnostics& diagnostics) {
    return Reader(folder, diagnostics).read();
}

}  // namespace

const Tool sqitch{.name = "sqitch", .shown = "Sqitch", .owns = owns, .read = read};

}  // namespace cairn::adopt
